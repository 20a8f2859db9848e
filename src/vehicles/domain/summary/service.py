"""What the registry does with the fleet as a whole, in terms of its ports: summarize a week, and show what was kept."""

import logging
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from vehicles.domain.deadline import TIME_LIMIT, Deadline
from vehicles.domain.errors import (
    Fault,
    InvalidWeek,
    ReportChanged,
    ReportNotFound,
    StorageCorrupted,
    StorageUnavailable,
)
from vehicles.domain.summary.counts import HISTORY_WEEKS
from vehicles.domain.summary.fleet_fold import FleetFold, ForEach, always
from vehicles.domain.summary.report import EarlierReport, WeeklyReport, WeekTotal
from vehicles.domain.summary.report_forms import csv_form, json_form, read_json_form
from vehicles.domain.summary.report_manifest import (
    LATEST_KEY,
    WEEKS_PREFIX,
    Manifest,
    ReportForm,
    manifest_key,
    read_pointer,
    weeks_of,
    write_pointer,
)
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.report_store import Report, ReportStore, Tag
from vehicles.ports.vehicle_repository import VehicleRepository

_LOG: Final = logging.getLogger(__name__)

# Few write the pointer or a manifest, once a week; and a function that summarizes has to end in time.
_MOST_POINTINGS: Final = 10


def _no_hurry() -> None:
    """Leave time without end, to who makes a summary or looks at all of them; each step is bounded by the storage."""


def _while_in_time(keys: Iterable[str], demand_time: Callable[[], None]) -> Iterator[str]:
    for key in keys:
        yield key
        demand_time()  # behind any key there may be a further step


def read_form(
    reports: ReportStore, week: IsoWeek, form: ReportForm, demand_time: Callable[[], None] = _no_hurry
) -> Report:
    """Return a form of the kept summary of a week, with its SHA-256 as the tag; `demand_time` may end it in between.

    Raises ReportNotFound, and StorageCorrupted where it is not what the manifest says.
    """
    kept = Manifest.read(reports.read(manifest_key(week)).content).forms[form]
    demand_time()
    try:
        content = reports.read(kept.key).content
    except ReportNotFound as error:
        reason = f"The summary of {week} has lost its {form.upper()}"
        raise StorageCorrupted(reason) from error
    kept.demand(content)
    return Report(content, Tag(kept.checksum))


@dataclass(frozen=True, slots=True)
class WeeklySummaries:
    """The weekly summaries of a fleet, kept in a report store. Its weeks are those of a time zone.

    `render_page` makes the HTML form: the same bytes for the same report. `for_each` calls what folds the parts of the
    fleet: one after the other, or at once.
    """

    repository: VehicleRepository
    reports: ReportStore
    clock: Callable[[], datetime]
    zone: tzinfo
    render_page: Callable[[WeeklyReport], bytes]
    for_each: ForEach = map

    def week(self, name: str) -> IsoWeek:
        """Return the week that is meant: `current`, `last` (the newest that is over), `due`, or such as 2026-W47.

        Due is the last week until it has a complete summary, then that of the day before: so a schedule of any kind
        makes each week's once it is over, and a daily one also that of the present week.
        Raises InvalidWeek.
        """
        match name:
            case "due":
                last = self.week("last")
                yesterday = IsoWeek.containing(self.clock() - timedelta(days=1), self.zone)
                return yesterday if self.is_complete(last) else last
            case "current":
                return IsoWeek.containing(self.clock(), self.zone)
            case "last":
                return IsoWeek.containing(self.clock(), self.zone).shifted(-1)
            case _:
                return IsoWeek.parse(name)

    def summarize(
        self, week: IsoWeek | None = None, *, again: bool = False, in_time: Callable[[], bool] = always
    ) -> Report:
        """Fold the fleet into the summary of a week, the present one by default, keep it, and return its JSON as kept.

        The summary counts what was registered before the end of the week and is there now. So one that was made after
        the week was over is final: what is deleted later would be missing from it, and counted in a week in which it
        was not deleted. It is returned as it is, unless it is damaged, or is to be counted `again`.
        All forms are written first, then the manifest that makes them count, then `latest`, which goes forward in time
        only: a reader meets one complete summary, whenever a run is cut off and whatever others run.
        A damaged summary of an earlier week counts as missing; the log names it.
        Raises InvalidWeek for a week that has not begun; and SummaryUnfinished, with nothing lost, when `in_time` says
        that there is no time left: the same call goes on from there, for as long as VALID_FOR.
        """
        now = self.clock()
        week = week or IsoWeek.containing(now, self.zone)
        if week.start(self.zone) > now:
            raise InvalidWeek(Fault("week.future", f"the week {week} has not begun"))
        if not again and self._is_final(week):
            self._point_to(week)
            return read_form(self.reports, week, ReportForm.JSON)
        fleet = FleetFold(self.repository, self.reports, self.for_each)
        fold = fleet.fold(week, self.zone, now, in_time)
        summary = fold.summary
        report = WeeklyReport.of(summary, complete=summary.end <= fold.begun, earlier=self._earlier(week))
        self._keep(report, again=again)
        self._point_to(week)
        fleet.forget(week)
        return read_form(self.reports, week, ReportForm.JSON)

    def get(self, week: IsoWeek | None = None, form: ReportForm = ReportForm.JSON) -> Report:
        """Return a form of the kept summary of a week, by default of the latest that has one.

        Its tag is its SHA-256. Raises ReportNotFound, StorageCorrupted where it is not what the manifest says, and
        StorageUnavailable where the steps take too long together.
        """
        demand_time = Deadline.after(TIME_LIMIT, self.clock).check
        if week is None:
            week = read_pointer(self.reports.read(LATEST_KEY).content)
            demand_time()
        return read_form(self.reports, week, form, demand_time)

    def is_complete(self, week: IsoWeek) -> bool:
        """Tell whether a summary of the week is kept that was made after its end, and whether the latest reaches it."""
        try:
            latest = read_pointer(self.reports.read(LATEST_KEY).content)
            return latest >= week and Manifest.read(self.reports.read(manifest_key(week)).content).complete
        except (ReportNotFound, StorageCorrupted):
            return False

    def weeks(self) -> list[IsoWeek]:
        """Return the weeks that have a summary, newest first: at most 53 for each year.

        Raises StorageUnavailable where it takes too long to find them.
        """
        return weeks_of(_while_in_time(self.reports.keys(WEEKS_PREFIX), Deadline.after(TIME_LIMIT, self.clock).check))

    def _is_final(self, week: IsoWeek) -> bool:
        """Tell whether a summary of the week is kept, in all its forms, that was made after its end."""
        try:
            for form in ReportForm:
                read_form(self.reports, week, form)
            return Manifest.read(self.reports.read(manifest_key(week)).content).complete
        except (ReportNotFound, StorageCorrupted):
            return False

    def _earlier(self, week: IsoWeek) -> EarlierReport | None:
        """Return the newest readable report of an earlier week that a history reaches back to.

        Its history holds nearly all that is needed; only what it does not know of is read, a week that was made up for
        after it.
        """
        oldest = week.shifted(1 - HISTORY_WEEKS)
        newest: EarlierReport | None = None
        totals: dict[IsoWeek, WeekTotal] = {}
        for past in (each for each in weeks_of(self.reports.keys(WEEKS_PREFIX)) if oldest <= each < week):
            if past in totals:
                continue
            try:
                report = read_json_form(read_form(self.reports, past, ReportForm.JSON).content)
            except StorageCorrupted as error:
                _LOG.warning("the summary of %s counts as missing: %s", past, error)
                continue
            if newest is None:
                newest = report
                totals = {total.week: total for total in report.history}
            elif report.complete:
                totals[past] = report.history[-1]
        if newest is None:
            return None
        return replace(newest, history=tuple(totals[each] for each in sorted(totals)))

    def _point_to(self, week: IsoWeek) -> None:
        """Have `latest` name this week, or a later one that has a summary."""
        try:
            read_pointer(self.reports.read(LATEST_KEY).content)
        except ReportNotFound:
            pass
        except StorageCorrupted as error:
            _LOG.warning("the latest summary is looked for anew: %s", error)
            week = max(week, *weeks_of(self.reports.keys(WEEKS_PREFIX)))
        self._write_unless(LATEST_KEY, write_pointer(week), lambda there: _reaches(there, week))

    def _keep(self, report: WeeklyReport, *, again: bool) -> None:
        contents = {
            ReportForm.JSON: json_form(report),
            ReportForm.CSV: csv_form(report),
            ReportForm.HTML: self.render_page(report),
        }
        manifest = Manifest.of(report.summary.week, contents, complete=report.complete)
        for form, kept in manifest.forms.items():
            self.reports.write(kept.key, contents[form], media_type=form.media_type)

        def is_as_good(document: bytes) -> bool:
            """Tell whether a manifest that is there need not be replaced; one that is damaged has to be."""
            try:
                there = Manifest.read(document)
            except StorageCorrupted:
                return False
            if there == manifest or (there.complete and not manifest.complete):
                return True
            return not again and self._is_final(there.week)

        self._write_unless(manifest_key(manifest.week), manifest.document, is_as_good)

    def _write_unless(self, key: str, content: bytes, is_better: Callable[[bytes], bool]) -> None:
        """Write a report, unless the one that is there is as good or better."""
        for _ in range(_MOST_POINTINGS):
            try:
                there = self.reports.read(key)
            except ReportNotFound:
                expected = None
            else:
                if is_better(there.content):
                    return
                expected = there.tag
            try:
                self.reports.write_if(key, content, media_type=ReportForm.JSON.media_type, expected=expected)
            except ReportChanged:
                continue
            return
        reason = f"The report {key} is being written by too many at once"
        raise StorageUnavailable(reason)


def _reaches(document: bytes, week: IsoWeek) -> bool:
    try:
        return read_pointer(document) >= week
    except StorageCorrupted:
        return False
