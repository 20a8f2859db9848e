"""The health checks of the adapters."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from vehicles.domain.errors import StorageError

MAX_NAMED: Final = 20
"""The maximum number of invalid items that are named."""


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

    @classmethod
    def of_vehicles(cls, count: int, unreadable: Sequence[object]) -> Self:
        """Return the result of reading `count` items. `unreadable` are the keys of the items that are not vehicles."""
        if not unreadable:
            return cls("vehicles", ok=True, detail=str(count))
        named = ", ".join(map(mask, unreadable[:MAX_NAMED]))
        others = f" and {len(unreadable) - MAX_NAMED} more" if len(unreadable) > MAX_NAMED else ""
        return cls("vehicles", ok=False, detail=f"{count}, of which {len(unreadable)} cannot be read: {named}{others}")


def mask(key: object) -> str:
    """Mask a key like a VIN: keep its first three and at most four last characters. It need not be a VIN."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(key))
    return f"{text[:3]}..........{text[3:][-4:]}"
