"""What the registry does with the fleet as a whole, in terms of its ports: summarize a week, and show what was kept."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from functools import reduce
from typing import Final

from vehicles.domain.deadline import TIME_LIMIT, Deadline
from vehicles.domain.errors import Fault, InvalidWeek, ReportChanged, ReportNotFound, StorageUnavailable
from vehicles.domain.summary.counts import HISTORY_WEEKS, Summary
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.report_store import ReportStore, StoredReport
from vehicles.ports.vehicle_repository import VehicleRepository

SETTLE_TIME: Final = timedelta(minutes=1)
"""After the end of a week, until all that was registered in it is stored."""

# Few write the report of a week, once a week.
_MAX_ATTEMPTS: Final = 10


type MapPartitions = Callable[[Callable[[int], Summary], Iterable[int]], Iterator[Summary]]
"""Calls a function with each of some numbers, and yields what it returns in order: as `map` does, or in parallel."""


class Outcome(StrEnum):
    """What came of summarizing a week."""

    SAVED = "saved"
    """The report was counted and saved, by this call or by another one at the same time."""

    ALREADY_COMPLETE = "already complete"
    """The week has its final report, which was returned as it is."""

    ALWAYS_EMPTY = "always empty"
    """The week is over, and as far as is known no vehicle was ever there by its end: nothing was saved."""


@dataclass(frozen=True, slots=True)
class Summarized:
    """The report of a week, and what came of making it."""

    report: WeeklyReport
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class WeeklySummaries:
    """The weekly summaries of a fleet, kept in a report store. Its weeks are those of a time zone.

    `clock` returns the present time in UTC. `map_concurrently` calls what folds the partitions of the fleet.
    `on_damaged` is called with each week whose report is damaged, which counts as missing.
    Reading begins no further step after `time_limit`; making a summary takes the time it takes.
    """

    repository: VehicleRepository
    reports: ReportStore
    clock: Callable[[], datetime]
    zone: tzinfo
    map_concurrently: MapPartitions = map
    on_damaged: Callable[[IsoWeek], None] = lambda _week: None
    time_limit: timedelta = TIME_LIMIT

    def week(self, name: str) -> IsoWeek:
        """Return the week that is meant: `current`, `last` (the newest that is over), or one such as 2026-W47.

        Raises InvalidWeek.
        """
        match name:
            case "current":
                return self._present()
            case "last":
                return self._present().shifted(-1)
            case _:
                return IsoWeek.parse(name)

    def summarize(self, week: IsoWeek | None = None, *, again: bool = False) -> Summarized:
        """Count the fleet of a week, the present one by default, and save the report.

        Counted is what was registered before the end of the week and is there now. So a report that was made after the
        week was over is final: what is deleted later would be missing from it. It is returned as it is, and its copies
        are restored, unless it is to be counted `again`.
        A report only moves from provisional to complete, never back.
        Raises InvalidWeek for a week that has not begun.
        """
        now = self.clock()
        week = week or self._present()
        if week.start(self.zone) > now:
            raise InvalidWeek(Fault("week.future", f"the week {week} has not begun"))
        stored = self._load(week)
        if stored and stored.report and stored.report.complete and not again:
            self.reports.restore_copies(stored)
            return Summarized(stored.report, Outcome.ALREADY_COMPLETE)
        self._withdraw_premature(now)
        summary, read = self._fold(week), list(self._back_from(week))
        earlier = read[-1].report if read else None
        kept = [*read, stored] if stored else read
        # What is damaged may have counted vehicles.
        past = (each.report is None or any(week.total for week in each.report.history) for each in kept)
        always_empty = not (summary.total or any(past))
        is_over = summary.end <= now
        report = WeeklyReport.of(summary, complete=is_over and not always_empty, earlier=earlier)
        if always_empty and is_over:
            return Summarized(report, Outcome.ALWAYS_EMPTY)
        return Summarized(self._save(report, stored), Outcome.SAVED)

    def summarize_due(self, *, provisional: bool = True) -> list[Summarized]:
        """Summarize the weeks that a schedule of any kind owes now: the last one, until it has its complete report.

        With `provisional` then also the week of yesterday, so that a daily schedule keeps the present week up to date,
        while one on Mondays makes complete reports only.
        """
        now = self.clock() - SETTLE_TIME
        last = IsoWeek.containing(now, self.zone).shifted(-1)
        yesterday = IsoWeek.containing(now - timedelta(days=1), self.zone)
        weeks = {last, yesterday} if provisional else {last}
        return [self.summarize(week) for week in sorted(weeks)]

    def get(self, week: IsoWeek | None = None) -> WeeklyReport:
        """Return the report of a week, by default of the latest that has one and is not in the future.

        Raises ReportNotFound, and StorageUnavailable where the steps take too long together.
        """
        if week is None:
            return self._latest()
        report = self._readable(week) if week <= self._present() else None
        if report is None:
            raise ReportNotFound(str(week))
        return report

    def weeks(self) -> list[IsoWeek]:
        """Return the weeks that have a report, newest first: at most 53 for each year, none of them in the future."""
        present = self._present()
        return [week for week in self.reports.weeks() if week <= present]

    def _present(self) -> IsoWeek:
        return IsoWeek.containing(self.clock(), self.zone)

    def _latest(self) -> WeeklyReport:
        """Return the newest readable report: most often that of the present week or of the last one."""
        deadline, present = Deadline.after(self.time_limit, self.clock), self._present()
        recent = (present, present.shifted(-1))
        for week in recent:
            if report := self._readable(week):
                return report
            deadline.check()
        for week in self.weeks():
            if week not in recent:
                deadline.check()
                if report := self._readable(week):
                    return report
        raise ReportNotFound("any week")

    def _load(self, week: IsoWeek) -> StoredReport | None:
        stored = self.reports.load(week)
        if stored and stored.report is None:
            self.on_damaged(week)
        return stored

    def _readable(self, week: IsoWeek) -> WeeklyReport | None:
        stored = self._load(week)
        return stored.report if stored else None

    def _fold(self, week: IsoWeek) -> Summary:
        count = self.repository.partitions()

        def fold(index: int) -> Summary:
            return Summary.of(week, self.zone, self.repository.partition(index, count))

        return reduce(Summary.merge, self.map_concurrently(fold, range(count)), Summary(week, self.zone))

    def _back_from(self, week: IsoWeek) -> Iterator[StoredReport]:
        """Yield what is kept of the weeks before that a history reaches back to, newest first, until one is whole."""
        before, oldest = week.shifted(-1), week.shifted(1 - HISTORY_WEEKS)
        stored = self._load(before)
        if stored:
            yield stored
        if not (stored and stored.report):
            for past in self.reports.weeks():
                if oldest <= past < before and (stored := self._load(past)):
                    yield stored
                    if stored.report:
                        return

    def _withdraw_premature(self, now: datetime) -> None:
        """Make provisional what a clock that was ahead has called complete, lest it count once its week is over.

        One run makes one such report of a week that has not begun. Where there are more, it is this clock that is
        behind, and they stay as they are.
        """
        future = []
        for week in self.reports.weeks():
            if week.start(self.zone) <= now:
                break
            stored = self._load(week)
            if stored and stored.report and stored.report.complete:
                future.append((stored.report, stored.version))
        if len(future) == 1:
            ((report, version),) = future
            with suppress(ReportChanged):
                self.reports.save(replace(report, complete=False), expected=version)

    def _save(self, report: WeeklyReport, stored: StoredReport | None) -> WeeklyReport:
        """Save the report in the place of what was read, unless another run has saved one that is as good.

        Returns the report that is kept.
        """
        there = stored.report if stored else None
        if there and there.complete and not report.complete:
            return there
        for _ in range(_MAX_ATTEMPTS):
            try:
                self.reports.save(report, expected=stored.version if stored else None)
            except ReportChanged:
                stored = self._load(report.week)
                there = stored.report if stored else None
                if there and (there.complete or not report.complete):
                    return there
            else:
                return report
        raise StorageUnavailable(f"The report of {report.week} is being written by too many at once")
