"""Weekly summaries, on the adapters in memory, with a clock that stands still."""

import itertools
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.summaries_contract import SummariesContract
from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.domain.errors import InvalidWeek, ReportChanged, ReportNotFound, StorageUnavailable
from vehicles.domain.registry import Registry
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import Change, ReportFormat, WeeklyReport
from vehicles.domain.summary.service import FleetOverview, Outcome, WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.ports.report_store import key_of
from vehicles.ports.vehicle_repository import Count, VehicleRepository
from vehicles.testing.contended_reports import ContendedReports, files_in, overwrite
from vehicles.testing.strategies import fleets, timestamps

ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEEK = IsoWeek(2026, 48)
LAST_WEEK = WEEK.shifted(-1)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
VIN = Vin.parse("WMAH05ZZ04M012345")
OTHER_VIN = Vin.parse("YS2R4X20005398765")
ABSENT_VIN = Vin.parse("XLRTE47MS0E912345")
ATTEMPTS = 10


def registry_on(repository: VehicleRepository) -> Registry:
    versions = map(str, itertools.count(1))
    return Registry(repository, lambda: NOW, lambda: next(versions), VinPolicy.STRICT)


def summaries_on(repository: VehicleRepository, reports: ReportFiles, now: datetime = NOW) -> WeeklySummaries:
    return WeeklySummaries(repository, reports, lambda: now, ZONE)


class TestInMemorySummaries(SummariesContract):
    @pytest.fixture
    def store(self) -> ReportFiles:
        return InMemoryReportStore()


@pytest.fixture
def repository() -> InMemoryVehicleRepository:
    """A fleet of one vehicle that has always been there."""
    repository = InMemoryVehicleRepository()
    registry_on(repository).register_many([Vehicle(VIN, 2, FuelType.DIESEL, LONG_AGO)])
    return repository


@pytest.fixture
def registry(repository: InMemoryVehicleRepository) -> Registry:
    return registry_on(repository)


@pytest.fixture
def reports() -> InMemoryReportStore:
    return InMemoryReportStore()


@pytest.fixture
def summaries(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> WeeklySummaries:
    return summaries_on(repository, reports)


def history_of(report: WeeklyReport) -> list[IsoWeek]:
    return [past.week for past in report.history]


# --- summarize


@given(
    fleets(registered_at=timestamps(datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)), max_size=8),
    st.sampled_from((WEEK, LAST_WEEK, WEEK.shifted(-5))),
    st.integers(1, 5),
)
def test_report_is_that_of_the_fleet(fleet: list[Vehicle], week: IsoWeek, partitions: int) -> None:
    repository = InMemoryVehicleRepository(partitions)
    registry_on(repository).register_many(fleet)
    made = summaries_on(repository, InMemoryReportStore()).summarize(week)
    summary = Summary.of(week, ZONE, fleet)

    assert made.report == WeeklyReport.of(summary, complete=week < WEEK and summary.total > 0, earlier=None)


def test_present_week_is_the_default(summaries: WeeklySummaries) -> None:
    assert summaries.summarize().report == summaries.get(WEEK)


@pytest.mark.parametrize(
    ("now", "complete"),
    (
        (WEEK.start(UTC), False),
        (WEEK.end(UTC) - timedelta(microseconds=1), False),
        (WEEK.end(UTC), True),
    ),
)
def test_week_is_complete_at_its_end(
    repository: InMemoryVehicleRepository,
    reports: InMemoryReportStore,
    now: datetime,
    complete: bool,  # noqa: FBT001 — a column of the table above
) -> None:
    assert complete is summaries_on(repository, reports, now).summarize(WEEK).report.complete


def test_future_week_is_rejected(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    with pytest.raises(InvalidWeek) as error:
        summaries.summarize(WEEK.shifted(1))

    assert (error.value.code, files_in(reports)) == ("week.future", {})


def test_change_is_against_the_week_before(registry: Registry, summaries: WeeklySummaries) -> None:
    registry.register_many([Vehicle(OTHER_VIN, 2, FuelType.DIESEL, LAST_WEEK.start(UTC))])
    summaries.summarize(LAST_WEEK)
    registry.delete(VIN)
    registry.register(ABSENT_VIN, 2, FuelType.DIESEL)

    assert summaries.summarize().report.change == Change(LAST_WEEK, total=0, registered=1, deleted=1)


def test_second_run_counts_anew(registry: Registry, summaries: WeeklySummaries) -> None:
    summaries.summarize()
    registry.register(OTHER_VIN, 2, FuelType.DIESEL)

    assert summaries.summarize().report.summary.total == 2


# --- a fleet that was always empty


def test_empty_fleet_gets_no_complete_report(reports: InMemoryReportStore) -> None:
    made = summaries_on(InMemoryVehicleRepository(), reports).summarize(LAST_WEEK)

    assert (made.outcome, made.report.complete, files_in(reports)) == (Outcome.ALWAYS_EMPTY, False, {})


def test_empty_fleet_gets_a_provisional_report(reports: InMemoryReportStore) -> None:
    made = summaries_on(InMemoryVehicleRepository(), reports).summarize()

    assert (made.outcome, made.report.complete, made.report.summary.total) == (Outcome.SAVED, False, 0)


@pytest.mark.parametrize("seen_in", (LAST_WEEK, LAST_WEEK.shifted(-1)))
def test_emptied_fleet_gets_a_complete_report(registry: Registry, summaries: WeeklySummaries, seen_in: IsoWeek) -> None:
    summaries.summarize(seen_in)
    registry.delete(VIN)
    made = summaries.summarize(LAST_WEEK, again=True)

    assert (made.outcome, made.report.complete, made.report.summary.total) == (Outcome.SAVED, True, 0)


# --- what a schedule makes


@pytest.mark.parametrize(
    ("now", "provisional", "zone", "weeks"),
    (
        (NOW, True, ZONE, [LAST_WEEK, WEEK]),
        (NOW, False, ZONE, [LAST_WEEK]),
        (WEEK.start(UTC) + timedelta(days=1), True, ZONE, [LAST_WEEK]),
        (WEEK.start(UTC) + timedelta(days=1, minutes=1), True, ZONE, [LAST_WEEK, WEEK]),
        (WEEK.start(UTC) + timedelta(seconds=59), False, ZONE, [LAST_WEEK.shifted(-1)]),
        (WEEK.start(UTC) + timedelta(seconds=60), False, ZONE, [LAST_WEEK]),
        (WEEK.start(UTC) + timedelta(hours=23), True, ZoneInfo("Pacific/Auckland"), [LAST_WEEK, WEEK]),
        (WEEK.start(UTC) - timedelta(hours=1), True, ZoneInfo("Pacific/Auckland"), [LAST_WEEK]),
    ),
)
def test_settled_weeks_are_due(
    repository: InMemoryVehicleRepository,
    now: datetime,
    provisional: bool,  # noqa: FBT001 — a column of the table above
    zone: ZoneInfo,
    weeks: list[IsoWeek],
) -> None:
    summaries = WeeklySummaries(repository, InMemoryReportStore(), lambda: now, zone)

    assert weeks == [made.report.week for made in summaries.summarize_due(provisional=provisional)]


@given(st.lists(st.integers(0, 3), min_size=8, max_size=22))
def test_daily_schedule_reports_each_deletion_once(deletions: list[int]) -> None:
    """One vehicle is there for each that goes, so that the fleet is known to have had it."""
    repository, reports = InMemoryVehicleRepository(), InMemoryReportStore()
    vins = [Vin.of(f"WMAH05ZZ94M{number:06d}") for number in range(100)]
    first = WEEK.start(UTC)
    registry_on(repository).register_many(
        [Vehicle(vin, 2, FuelType.DIESEL, first - timedelta(weeks=9)) for vin in vins]
    )
    by_week: Counter[IsoWeek] = Counter()
    for day, count in enumerate(deletions):
        summaries_on(repository, reports, first + timedelta(days=day, hours=3)).summarize_due()
        for _ in range(count):
            repository.remove(vins.pop())
        by_week[WEEK.shifted(day // 7)] += count
    summaries = summaries_on(repository, reports, first + timedelta(days=len(deletions)))
    complete = [report for week in summaries.weeks() if (report := summaries.get(week)).complete]
    deleted = {report.week: report.change.deleted for report in complete if report.change}
    # What is deleted on Monday before three o'clock would count in the week before; here all is deleted later.
    assert deleted == {week: by_week[week] for week in by_week if week in deleted}
    assert len(deleted) == (len(deletions) - 1) // 7


# --- the latest report


def test_no_report_yet(summaries: WeeklySummaries) -> None:
    with pytest.raises(ReportNotFound, match="There is no report of any week"):
        summaries.get()


def test_no_report_of_the_week(summaries: WeeklySummaries) -> None:
    summaries.summarize(LAST_WEEK)

    with pytest.raises(ReportNotFound, match="There is no report of 2026-W48"):
        summaries.get(WEEK)


@given(st.lists(st.integers(-60, 0), min_size=1, max_size=6))
@example([-3])
def test_latest_is_the_newest(order: list[int]) -> None:
    repository = InMemoryVehicleRepository()
    registry_on(repository).register_many([Vehicle(VIN, 2, FuelType.DIESEL, LONG_AGO)])
    summaries = summaries_on(repository, InMemoryReportStore())
    for shift in order:
        summaries.summarize(WEEK.shifted(shift))

    assert summaries.get().week == WEEK.shifted(max(order))


@pytest.mark.parametrize(("week", "reads"), ((WEEK, 1), (LAST_WEEK, 2), (WEEK.shifted(-3), 4)))
def test_latest_costs_few_reads(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore, week: IsoWeek, reads: int
) -> None:
    summaries_on(repository, reports).summarize(week)
    counted = ContendedReports(reports)
    summaries_on(repository, counted).get()

    assert reads == counted.reads


def test_future_report_is_not_shown(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore, summaries: WeeklySummaries
) -> None:
    summaries.summarize(LAST_WEEK)
    summaries.summarize()
    summaries_on(repository, reports, NOW + timedelta(weeks=3)).summarize()

    assert (summaries.get().week, summaries.weeks()) == (WEEK, [WEEK, LAST_WEEK])
    with pytest.raises(ReportNotFound):
        summaries.get(WEEK.shifted(3))


# --- others at the same time: see SummariesContract


def test_lost_race_is_repeated(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> None:
    def interfere(write: int) -> None:
        if write == 1:
            raise ReportChanged(str(WEEK))

    contended = ContendedReports(reports, interfere)
    summaries_on(repository, contended).summarize()

    assert (contended.writes, len(files_in(reports))) == (1 + 3, 3)


def test_endless_contention_fails(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> None:
    def interfere(write: int) -> None:
        overwrite(reports, key_of(LAST_WEEK), f"damaged again {write}".encode())

    contended = ContendedReports(reports, interfere)
    with pytest.raises(StorageUnavailable, match=r"Too many concurrent writes of the report of 2026-W47"):
        summaries_on(repository, contended).summarize(LAST_WEEK)

    assert contended.writes == ATTEMPTS


# --- time


def reads_of(
    call: Callable[[WeeklySummaries], object], reports: ReportFiles, number: int, seconds: float, *, fails: bool
) -> int:
    """Return how many reads a call takes, of which one takes so many seconds."""
    now = [NOW]

    def wait(read: int) -> None:
        if read == number:
            now.append(NOW + timedelta(seconds=seconds))

    slow = ContendedReports(reports, after=wait, at=("read", "keys", "versions"))
    summaries = WeeklySummaries(InMemoryVehicleRepository(), slow, lambda: now[-1], ZONE)
    with pytest.raises(StorageUnavailable, match="too long") if fails else nullcontext():
        call(summaries)
    return slow.reads


# The present week, the last one, the list, the report; after that there is nothing to begin.
@pytest.mark.parametrize(
    ("number", "seconds", "reads"), ((1, 0.99, 4), (1, 1, 1), (2, 0.99, 4), (2, 1, 2), (3, 1, 3), (4, 60, 4))
)
def test_slow_step_ends_the_reading(
    summaries: WeeklySummaries, reports: InMemoryReportStore, number: int, seconds: float, reads: int
) -> None:
    summaries.summarize(WEEK.shifted(-3))

    assert reads == reads_of(WeeklySummaries.get, reports, number, seconds, fails=reads < 4)


# --- overview


@pytest.mark.parametrize(
    ("count", "reported", "expected"),
    (
        (Count(5), None, (5, False)),
        (Count(5), 1, (5, False)),
        (Count(0), 1, (0, False)),
        (Count(5, is_exact=False), None, (5, True)),
        (Count(5, is_exact=False), 1, (5, True)),
        (Count(0, is_exact=False), 1, (1, True)),
    ),
)
def test_larger_estimate_counts(
    summaries: WeeklySummaries, count: Count, reported: int | None, expected: tuple[int, bool]
) -> None:
    latest = summaries.summarize().report if reported else None
    overview = FleetOverview.of(count, latest)
    assert (overview.total, overview.is_estimate, overview.latest) == (*expected, latest)


def test_overview_is_of_now(registry: Registry, summaries: WeeklySummaries) -> None:
    assert summaries.overview() == FleetOverview(1, is_estimate=False, latest=None)
    report = summaries.summarize().report
    registry.register(OTHER_VIN, 2, FuelType.HYBRID)
    assert summaries.overview() == FleetOverview(2, is_estimate=False, latest=report)


@pytest.mark.parametrize(("number", "seconds", "reads"), ((0, 0, 4), (1, 1, 1), (2, 1, 2), (4, 60, 4)))
def test_slow_step_ends_the_overview(
    summaries: WeeklySummaries, reports: InMemoryReportStore, number: int, seconds: float, reads: int
) -> None:
    summaries.summarize(WEEK.shifted(-3))

    assert reads == reads_of(WeeklySummaries.overview, reports, number, seconds, fails=reads < 4)


def test_summarizing_takes_its_time(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    summaries.summarize()
    reads_of(WeeklySummaries.summarize, reports, 0, 0, fails=False)
    whole = reads_of(WeeklySummaries.summarize, reports, 0, 0, fails=False)
    slow = {reads_of(WeeklySummaries.summarize, reports, number, 60, fails=False) for number in range(1, whole + 1)}

    assert slow == {whole}


# --- what was damaged


def damage(reports: InMemoryReportStore, week: IsoWeek) -> None:
    overwrite(reports, key_of(week), b"{}")


def test_damaged_week_before_counts_as_missing(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore
) -> None:
    damaged: list[IsoWeek] = []
    summaries = WeeklySummaries(repository, reports, lambda: NOW, ZONE, on_damaged=damaged.append)
    summaries.summarize(LAST_WEEK)
    damage(reports, LAST_WEEK)

    assert (summaries.summarize().report.change, damaged) == (None, [LAST_WEEK])


def test_damaged_report_is_not_found(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    summaries.summarize(LAST_WEEK)
    damage(reports, LAST_WEEK)

    with pytest.raises(ReportNotFound):
        summaries.get(LAST_WEEK)


@given(
    st.sampled_from((LAST_WEEK, LAST_WEEK.shifted(-1))), st.sampled_from(ReportFormat), st.data(), st.integers(1, 255)
)
def test_any_flipped_byte_stops_nothing(
    week: IsoWeek, report_format: ReportFormat, data: st.DataObject, flip: int
) -> None:
    repository, reports = InMemoryVehicleRepository(), InMemoryReportStore()
    registry_on(repository).register_many([Vehicle(VIN, 2, FuelType.DIESEL, LONG_AGO)])
    summaries = summaries_on(repository, reports)
    summaries.summarize(LAST_WEEK.shifted(-1))
    summaries.summarize(LAST_WEEK)
    content = bytearray(files_in(reports)[key_of(week, report_format)])
    content[data.draw(st.integers(0, len(content) - 1))] ^= flip
    overwrite(reports, key_of(week, report_format), bytes(content))
    is_whole = report_format is not ReportFormat.JSON or week != LAST_WEEK

    assert summaries.get().week == (LAST_WEEK if is_whole else LAST_WEEK.shifted(-1))
    assert summaries.summarize().report.complete is False
    assert (summaries.summarize().report.change is not None) is is_whole


@pytest.mark.parametrize("weeks", (1, 2, 3))
def test_damaged_weeks_are_passed_over(summaries: WeeklySummaries, reports: InMemoryReportStore, weeks: int) -> None:
    for back in range(weeks, -1, -1):
        summaries.summarize(LAST_WEEK.shifted(-back))
    for back in range(weeks):
        damage(reports, LAST_WEEK.shifted(-back))

    assert summaries.get().week == LAST_WEEK.shifted(-weeks)
    assert history_of(summaries.summarize().report) == [LAST_WEEK.shifted(-weeks), WEEK]


# --- history


def test_history_is_as_known_before(summaries: WeeklySummaries) -> None:
    for back in (4, 3, 1, 2):  # the second is made after the first, which does not know it
        summaries.summarize(WEEK.shifted(-back))

    assert history_of(summaries.summarize().report) == [WEEK.shifted(-back) for back in (4, 3, 1, 0)]


@pytest.mark.parametrize(("back", "known"), ((51, True), (52, False)))
def test_history_reaches_back_a_year(
    summaries: WeeklySummaries,
    back: int,
    known: bool,  # noqa: FBT001 — a column of the table above
) -> None:
    summaries.summarize(WEEK.shifted(-back))

    assert history_of(summaries.summarize().report) == [*([WEEK.shifted(-back)] if known else []), WEEK]


# --- weeks


@pytest.mark.parametrize(
    ("name", "week"), (("current", WEEK), ("last", LAST_WEEK), ("2026-W47", LAST_WEEK), ("2020-W53", IsoWeek(2020, 53)))
)
def test_week_is_named(summaries: WeeklySummaries, name: str, week: IsoWeek) -> None:
    assert week == summaries.week(name)


@pytest.mark.parametrize(
    ("zone", "week"), (("UTC", LAST_WEEK), ("Europe/Berlin", WEEK), ("America/New_York", LAST_WEEK))
)
def test_present_week_is_that_of_the_zone(zone: str, week: IsoWeek) -> None:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    there = WeeklySummaries(InMemoryVehicleRepository(), InMemoryReportStore(), lambda: now, ZoneInfo(zone))

    assert there.summarize().report.week == week


# --- partitions
