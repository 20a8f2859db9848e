"""Deadlines for calls that consist of several steps."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from vehicles.domain.errors import StorageUnavailable

TIME_LIMIT: Final = timedelta(seconds=1)
"""After this time, a call begins no further step. The storage limits the duration of each step, so that a call takes at
most this time plus one step."""

IMPORT_TIME_LIMIT: Final = timedelta(seconds=3)
"""The same for a batch of an import that an HTTP request waits for."""

BATCH_TIME_LIMIT: Final = timedelta(minutes=1)
"""The same for work that no HTTP request waits for: a summary, an import."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """The time after which a call begins no further step; `clock` returns the current time."""

    clock: Callable[[], datetime]
    end: datetime

    @classmethod
    def after(cls, limit: timedelta, clock: Callable[[], datetime]) -> Self:
        """Return the deadline of a call that begins now and may take `limit`."""
        return cls(clock, clock() + limit)

    @property
    def has_passed(self) -> bool:
        """Whether the deadline has passed."""
        return self.clock() >= self.end

    def check(self) -> None:
        """Raise StorageUnavailable if the deadline has passed."""
        if self.has_passed:
            raise StorageUnavailable("The storage took too long to answer")


_is_abandoned: ContextVar[Callable[[], bool]] = ContextVar("is_abandoned", default=lambda: False)


@contextmanager
def abandonable(is_abandoned: Callable[[], bool]) -> Iterator[None]:
    """Make the calls in the block change nothing after `is_abandoned` returns True: nobody waits for their result."""
    token = _is_abandoned.set(is_abandoned)
    try:
        yield
    finally:
        _is_abandoned.reset(token)


def require_awaited() -> None:
    """Raise StorageUnavailable if the call was abandoned. A write that waited checks this before it takes effect."""
    if _is_abandoned.get()():
        raise StorageUnavailable("Nobody waits for this change any longer; nothing was changed")
