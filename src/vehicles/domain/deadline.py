"""How long a call of several steps goes on asking the storage."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from vehicles.domain.errors import StorageUnavailable

TIME_LIMIT: Final = timedelta(seconds=1)
"""From the start of a call within which it may ask the storage for a further step. Each step is bounded by the storage,
so that a call of several steps takes at most as much longer than one."""

BATCH_TIME_LIMIT: Final = timedelta(minutes=1)
"""For work that no HTTP request waits for: a summary, an import."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The time after which a call begins no further step."""

    clock: Callable[[], datetime]
    end: datetime

    @classmethod
    def after(cls, limit: timedelta, clock: Callable[[], datetime]) -> Self:
        """Return the deadline of a call that begins now."""
        return cls(clock, clock() + limit)

    @property
    def has_passed(self) -> bool:
        """Whether it is too late for a further step."""
        return self.clock() >= self.end

    def check(self) -> None:
        """Raise StorageUnavailable where the deadline has passed."""
        if self.has_passed:
            raise StorageUnavailable("The storage took too long to answer")


_is_abandoned: ContextVar[Callable[[], bool]] = ContextVar("is_abandoned", default=lambda: False)


@contextmanager
def abandonable(is_abandoned: Callable[[], bool]) -> Iterator[None]:
    """Let the calls within change nothing once `is_abandoned` returns True: nobody waits for them any longer."""
    token = _is_abandoned.set(is_abandoned)
    try:
        yield
    finally:
        _is_abandoned.reset(token)


def require_awaited() -> None:
    """Raise StorageUnavailable where the call was abandoned.

    A write that had to wait calls this before it takes effect.
    """
    if _is_abandoned.get()():
        raise StorageUnavailable("Nobody waits for this change any longer, and nothing was changed")
