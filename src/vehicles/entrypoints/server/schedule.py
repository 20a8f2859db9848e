"""Summaries that a running server makes by itself."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from enum import StrEnum
from threading import Event, Thread
from typing import TYPE_CHECKING, Final

from vehicles.domain.errors import RegistryError
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek

if TYPE_CHECKING:
    from datetime import date

_LOG: Final = logging.getLogger(__name__)
_LOOK_SECONDS: Final = 30.0  # so often it is looked whether something is due: a clock may jump, and a machine sleep
_RETRY_SECONDS: Final = 300.0
_STOP_SECONDS: Final = 5.0
_SETTLED: Final = timedelta(minutes=1)  # after the end of a week all that was registered in it is on the disk by then


class Cadence(StrEnum):
    """How often summaries are made."""

    WEEKLY = "weekly"
    """Of each week once it is over."""

    DAILY = "daily"
    """Also of the present week, every day."""


class SummarySchedule:
    """Knows what is due. A week that was over before the server started is made up for, if it is the last."""

    def __init__(self, summaries: Callable[[], WeeklySummaries], cadence: Cadence) -> None:
        """Take the service as a callable, which is called when something is looked at first."""
        self._summaries = summaries
        self._cadence = cadence
        self._week: IsoWeek | None = None
        self._day: date | None = None

    def make_due(self) -> list[IsoWeek]:
        """Make the summaries that are due, and return their weeks. Raises what `WeeklySummaries.summarize` does."""
        summaries = self._summaries()
        made: list[IsoWeek] = []
        now = summaries.clock()
        last = IsoWeek.containing(now - _SETTLED, summaries.zone).shifted(-1)
        today = now.astimezone(summaries.zone).date()
        if last != self._week:
            if not summaries.is_complete(last):
                summaries.summarize(last)
                made.append(last)
            self._week = last
        if self._cadence is Cadence.DAILY and today != self._day:
            current = summaries.week("current")
            summaries.summarize(current)
            made.append(current)
            self._day = today
        return made

    def run(self, stop: Event) -> None:
        """Make what is due until told to stop; what fails is logged and tried again in five minutes."""
        wait = 0.0
        while not stop.wait(wait):
            wait = _LOOK_SECONDS
            try:
                for week in self.make_due():
                    _LOG.info("made the summary of %s", week)
            except RegistryError as error:
                _LOG.error("the summary failed, next try in five minutes: %s", error)
                wait = _RETRY_SECONDS
            except Exception as error:  # noqa: BLE001 — the server lives on
                # What a foreign exception says may hold a VIN, and no VIN may stand in a log.
                _LOG.error("the summary failed, next try in five minutes: %s", type(error).__name__)
                wait = _RETRY_SECONDS


@contextmanager
def summarizing(schedule: SummarySchedule) -> Iterator[None]:
    """Run a schedule beside what is within; at the end it is given a few seconds, since any write may be its last."""
    _LOG.setLevel(logging.INFO)
    stop = Event()
    thread = Thread(target=schedule.run, args=(stop,), name="summaries", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(_STOP_SECONDS)
