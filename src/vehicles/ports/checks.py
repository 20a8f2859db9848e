"""What an adapter says of the state of its storage."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Self

from vehicles.domain.errors import StorageError

MAX_NAMED: Final = 20
"""Items that are no vehicle are named up to this number."""


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

    @classmethod
    def of_vehicles(cls, count: int, unreadable: Sequence[object]) -> Self:
        """Return what came of reading so many items, some of which are no vehicles; these are given by their keys."""
        if not unreadable:
            return cls("vehicles", ok=True, detail=str(count))
        named = ", ".join(map(mask, unreadable[:MAX_NAMED]))
        others = f" and {len(unreadable) - MAX_NAMED} more" if len(unreadable) > MAX_NAMED else ""
        return cls("vehicles", ok=False, detail=f"{count}, of which {len(unreadable)} cannot be read: {named}{others}")


def mask(key: object) -> str:
    """Return a key that may be no VIN as a VIN is masked: its first three and at most four last characters."""
    text = "".join(letter if letter.isprintable() else "?" for letter in str(key))
    return f"{text[:3]}..........{text[3:][-4:]}"
