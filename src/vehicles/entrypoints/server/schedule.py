"""The schedule by which a running server makes summaries."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Final

from vehicles.domain.errors import RegistryError
from vehicles.domain.summary.service import SETTLE_TIME, Outcome, WeeklySummaries
from vehicles.domain.summary.week import IsoWeek

_LOG: Final = logging.getLogger(__name__)
_POLL_SECONDS: Final = 30.0  # between two checks for due summaries: the clock may jump, and the machine may sleep
_RETRY_SECONDS: Final = 300.0
_STOP_SECONDS: Final = 5.0


class SummarySchedule:
    """Makes the summary of each week once the week is over; with `daily`, also one of the current week every day."""

    def __init__(self, summaries: Callable[[], WeeklySummaries], *, daily: bool = False) -> None:
        self._summaries = summaries
        self._is_daily = daily
        self._done: object = None  # the last day or week for which everything is made

    def make_due(self) -> list[IsoWeek]:
        """Make the reports that are due, and return their weeks. Raises the errors of `WeeklySummaries.summarize`."""
        summaries = self._summaries()
        day = (summaries.clock() - SETTLE_TIME).astimezone(summaries.zone).date()
        due: object = day if self._is_daily else IsoWeek.of_day(day)
        if due == self._done:
            return []
        made = summaries.summarize_due(provisional=self._is_daily)
        self._done = due
        return [each.report.week for each in made if each.outcome is Outcome.SAVED]

    def run(self, stop: Event) -> None:
        """Make the due reports until `stop` is set. A failure is logged, and retried after five minutes."""
        wait = 0.0
        while not stop.wait(wait):
            wait = _POLL_SECONDS
            try:
                for week in self.make_due():
                    _LOG.info("made the summary of %s", week)
            except Exception as error:  # noqa: BLE001 — the server must keep running
                # The message of a third-party exception may contain a VIN, and logs must not.
                reason = error if isinstance(error, RegistryError) else type(error).__name__
                _LOG.error("the summary failed, next try in five minutes: %s", reason)
                wait = _RETRY_SECONDS


@contextmanager
def summarizing(schedule: SummarySchedule) -> Iterator[None]:
    """Run a schedule in a thread during the block. At the end it has a few seconds to finish a write."""
    _LOG.setLevel(logging.INFO)
    stop = Event()
    thread = Thread(target=schedule.run, args=(stop,), name="summaries", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_STOP_SECONDS)
