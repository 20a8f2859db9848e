"""What an adapter says of the state of its storage."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from vehicles.domain.errors import StorageError


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was examined, whether it is in order, and what was found."""

    name: str
    ok: bool
    detail: str

    @classmethod
    def of(cls, name: str, look: Callable[[], str]) -> Self:
        """Return what `look` finds, or why it raises a StorageError."""
        try:
            return cls(name, ok=True, detail=look())
        except StorageError as error:
            return cls(name, ok=False, detail=error.reason)
