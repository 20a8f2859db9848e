"""The service for weekly summaries: summarize a week, get a report. It uses both ports."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from functools import reduce
from typing import Final, Self

from vehicles.domain.deadline import TIME_LIMIT, Deadline
from vehicles.domain.errors import Fault, InvalidWeek, ReportChanged, ReportNotFound, StorageUnavailable
from vehicles.domain.summary.counts import HISTORY_WEEKS, Summary
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.report_store import ReportStore, StoredReport
from vehicles.ports.vehicle_repository import Count, VehicleRepository

SETTLE_TIME: Final = timedelta(minutes=1)
"""How long after the end of a week all its registrations are stored."""

# Few callers write the report of a week, once a week.
_MAX_ATTEMPTS: Final = 10


type MapPartitions = Callable[[Callable[[int], Summary], Iterable[int]], Iterator[Summary]]
"""Calls a function with each number, and yields the results in order: like `map`, but possibly in parallel."""


class Outcome(StrEnum):
    """The outcome of summarizing a week."""

    SAVED = "saved"
    """The report was counted and saved, by this call or by a concurrent one."""

    ALREADY_COMPLETE = "already complete"
    """The week already has its complete report, which was returned unchanged."""

    ALWAYS_EMPTY = "always empty"
    """The week is over, and no vehicle is known to have been registered by its end: nothing was saved."""


@dataclass(frozen=True, slots=True)
class Summarized:
    """The report of a week, and the outcome of making it."""

    report: WeeklyReport
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class FleetOverview:
    """The number of vehicles now, which may be an estimate, and the latest report, or None before the first one."""

    total: int
    is_estimate: bool
    latest: WeeklyReport | None

    @classmethod
    def of(cls, count: Count, latest: WeeklyReport | None) -> Self:
        """Return the overview. Of an estimate and the total of the latest report, the larger one counts."""
        reported = latest.summary.total if latest and not count.is_exact else 0
        return cls(max(count.vehicles, reported), not count.is_exact, latest)


@dataclass(frozen=True, slots=True)
class WeeklySummaries:
    """The weekly summaries of a fleet. Weeks are those of the time zone `zone`. Every method may raise StorageError.

    `clock` returns the current time in UTC. `map_concurrently` folds the partitions of the fleet.
    `on_damaged` is called with each week whose report is damaged; such a report counts as missing.
    Reading begins no further step after `time_limit`. Making a summary has no time limit.
    """

    repository: VehicleRepository
    reports: ReportStore
    clock: Callable[[], datetime]
    zone: tzinfo
    map_concurrently: MapPartitions = map
    on_damaged: Callable[[IsoWeek], None] = lambda _week: None
    time_limit: timedelta = TIME_LIMIT

    def week(self, name: str) -> IsoWeek:
        """Return the week with a name: `current`, `last` (the newest that is over), or one such as 2026-W47.

        Raises InvalidWeek.
        """
        match name:
            case "current":
                return self._current_week()
            case "last":
                return self._current_week().shifted(-1)
            case _:
                return IsoWeek.parse(name)

    def summarize(self, week: IsoWeek | None = None, *, again: bool = False) -> Summarized:
        """Count the fleet of a week, by default of the current week, and save the report.

        The report counts the vehicles that were registered before the end of the week and are still there. A recount
        would miss vehicles deleted since, so a report made after the end of the week is complete and final. It is
        returned unchanged, and its copies are restored, unless `again` is true.
        A report only changes from provisional to complete, never back.
        Raises InvalidWeek if the week has not begun.
        """
        now = self.clock()
        week = week or self._current_week()
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
        # A damaged report may have counted vehicles.
        past = (each.report is None or any(week.total for week in each.report.history) for each in kept)
        always_empty = not (summary.total or any(past))
        is_over = summary.end <= now
        report = WeeklyReport.of(summary, complete=is_over and not always_empty, earlier=earlier)
        if always_empty and is_over:
            return Summarized(report, Outcome.ALWAYS_EMPTY)
        return Summarized(self._save(report, stored), Outcome.SAVED)

    def summarize_due(self, *, provisional: bool = True) -> list[Summarized]:
        """Summarize the weeks that are due on a schedule: last week, unless it already has its complete report.

        With `provisional`, also the week of yesterday. So a daily schedule keeps the current week up to date, and one
        on Mondays makes complete reports only.
        """
        now = self.clock() - SETTLE_TIME
        last = IsoWeek.containing(now, self.zone).shifted(-1)
        yesterday = IsoWeek.containing(now - timedelta(days=1), self.zone)
        weeks = {last, yesterday} if provisional else {last}
        return [self.summarize(week) for week in sorted(weeks)]

    def get(self, week: IsoWeek | None = None) -> WeeklyReport:
        """Return the report of a week, by default the latest one that is not in the future.

        Raises ReportNotFound, and StorageUnavailable after `time_limit`.
        """
        if week is None:
            return self._latest(Deadline.after(self.time_limit, self.clock))
        report = self._readable(week) if week <= self._current_week() else None
        if report is None:
            raise ReportNotFound(str(week))
        return report

    def overview(self) -> FleetOverview:
        """Return the number of vehicles and the latest report. Raises StorageUnavailable after `time_limit`."""
        deadline = Deadline.after(self.time_limit, self.clock)
        count = self.repository.count()
        deadline.check()
        try:
            return FleetOverview.of(count, self._latest(deadline))
        except ReportNotFound:
            return FleetOverview.of(count, None)

    def weeks(self) -> list[IsoWeek]:
        """Return the weeks that have a report, newest first, without future ones: at most 53 per year."""
        current = self._current_week()
        return [week for week in self.reports.weeks() if week <= current]

    def _current_week(self) -> IsoWeek:
        return IsoWeek.containing(self.clock(), self.zone)

    def _latest(self, deadline: Deadline) -> WeeklyReport:
        """Return the newest readable report: usually that of the current week or of last week."""
        current = self._current_week()
        recent = (current, current.shifted(-1))
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
        """Yield the stored reports of earlier weeks in the history, newest first, up to the first undamaged one."""
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
        """Make a complete report of a future week provisional: a clock that was ahead wrote it.

        Otherwise the report would be final when its week is over. A clock that was ahead leaves one such report. If
        there are more, the clock of this process is behind, and the reports are not changed.
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
        """Save the report in place of the one that was read, unless a concurrent run has saved an equivalent one.

        Returns the report that is stored.
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
        raise StorageUnavailable(f"Too many concurrent writes of the report of {report.week}")
