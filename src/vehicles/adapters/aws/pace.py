"""How fast to write to a storage that throttles."""

import random
from collections.abc import Callable
from typing import Final

from vehicles.adapters.aws.client import is_throttled
from vehicles.domain.errors import StorageUnavailable

MOST_PAUSES: Final = 8
LONGEST_PAUSE: Final = 5.0
"""Seconds."""


class Pace:
    """The pause that the writers of a batch keep between their writes: longer when AWS throttles, else shorter."""

    def __init__(self, sleep: Callable[[float], None]) -> None:
        """Take what waits for some seconds."""
        self._sleep = sleep
        self._pause = 0.0  # read and set without a lock: one throttling more or less does not matter

    def keep[Outcome](self, write: Callable[[], Outcome]) -> Outcome:
        """Return what the write returns; while it is throttled, a bounded number of times, wait and call it again."""
        for again in reversed(range(MOST_PAUSES + 1)):
            if self._pause:
                self._sleep(jittered(self._pause))
            try:
                outcome = write()
            except StorageUnavailable as error:
                if not again or not is_throttled(error.__cause__):
                    raise
                self._pause = min(max(2 * self._pause, 0.1), LONGEST_PAUSE)
            else:
                self._pause = self._pause * 0.9 if self._pause > 0.01 else 0.0  # noqa: PLR2004 — not worth a pause
                return outcome
        raise AssertionError  # the last round returns or raises


def jittered(pause: float) -> float:
    """Return the pause or up to half of it less, so that those who met do not meet again."""
    return pause * random.uniform(0.5, 1)  # noqa: S311 — no secret
