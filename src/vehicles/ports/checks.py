"""The health checks of the adapters."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from vehicles.domain.errors import StorageError


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one health check."""

    name: str
    ok: bool
    detail: str

    @classmethod
    def of(cls, name: str, look: Callable[[], str]) -> Self:
        """Return the result of `look`, or its StorageError as a failed check."""
        try:
            return cls(name, ok=True, detail=look())
        except StorageError as error:
            return cls(name, ok=False, detail=error.reason)
