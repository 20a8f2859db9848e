"""Deadlines for calls that consist of several steps."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

from vehicles.domain.errors import StorageUnavailable

TIME_LIMIT: Final = timedelta(seconds=1)
"""After this time, a call begins no further step. The storage limits the duration of each step, so that a call takes at
most this time plus one step."""

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
