"""Weekly summaries, on the adapters in memory, with a clock that stands still."""

import hashlib
import itertools
import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.contended_reports import ContendedReports
from tests.support.strategies import fleets, moments
from tests.support.summaries_contract import SummariesContract
from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.domain.errors import InvalidWeek, ReportChanged, ReportNotFound, StorageCorrupted, StorageUnavailable
from vehicles.domain.registry import Registry
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.summary.report_forms import csv_form, json_form
from vehicles.domain.summary.report_manifest import (
    LATEST_KEY,
    Manifest,
    ReportForm,
    manifest_key,
    read_pointer,
    write_pointer,
)
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.ports.report_store import Report, ReportStore
from vehicles.ports.vehicle_repository import VehicleRepository

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
WEEK = IsoWeek(2026, 48)
LAST_WEEK = WEEK.shifted(-1)
NEXT_WEEK = WEEK.shifted(1)
VIN = Vin.parse("WMAH05ZZ94M012345")
OTHER_VIN = Vin.parse("YS2R4X20005398765")
ABSENT_VIN = Vin.parse("XLRTE47MS0E912345")
# The attempts that a service makes before it gives up.
ATTEMPTS = 10
WRITES = 5  # three forms, the manifest, the pointer
MEDIA_TYPE = "application/json"


def registry_on(repository: VehicleRepository) -> Registry:
    versions = map(str, itertools.count(1))
    return Registry(repository, lambda: NOW, lambda: next(versions), VinPolicy.STRICT)


def page_of(report: WeeklyReport) -> bytes:
    return f"<p>{report.summary.total} vehicles in {report.summary.week}".encode()


def summaries_on(repository: VehicleRepository, reports: ReportStore, now: datetime = NOW) -> WeeklySummaries:
    return WeeklySummaries(repository, reports, lambda: now, UTC, page_of)


def damage(reports: ReportStore, week: IsoWeek, form: ReportForm = ReportForm.JSON) -> None:
    """Put other bytes in the place of a form that was kept."""
    key = Manifest.read(reports.read(manifest_key(week)).content).forms[form].key
    reports.write(key, b"{}", media_type=MEDIA_TYPE)


class TestInMemorySummaries(SummariesContract):
    @pytest.fixture
    def store(self) -> ReportStore:
        return InMemoryReportStore()


@pytest.fixture
def repository() -> InMemoryVehicleRepository:
    return InMemoryVehicleRepository()


@pytest.fixture
def registry(repository: InMemoryVehicleRepository) -> Registry:
    return registry_on(repository)


@pytest.fixture
def reports() -> InMemoryReportStore:
    return InMemoryReportStore()


@pytest.fixture
def summaries(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> WeeklySummaries:
    return summaries_on(repository, reports)


def figures(report: Report) -> dict[str, object]:
    found = json.loads(report.content)
    assert isinstance(found, dict)
    return found


def contents(reports: ReportStore) -> dict[str, bytes]:
    return {key: reports.read(key).content for key in reports.keys()}  # noqa: SIM118 — a port is no dictionary


# --- summarize


@given(
    fleets(registered_at=moments(datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)), max_size=8),
    st.sampled_from((WEEK, LAST_WEEK, WEEK.shifted(-5))),
)
def test_summary_is_that_of_the_fleet(fleet: list[Vehicle], week: IsoWeek) -> None:
    repository = InMemoryVehicleRepository()
    registry_on(repository).register_many(fleet)
    report = summaries_on(repository, InMemoryReportStore()).summarize(week)

    assert (
        json_form(WeeklyReport.of(Summary.of(week, UTC, fleet), complete=week < WEEK, earlier=None)) == report.content
    )


def test_present_week_is_the_default(summaries: WeeklySummaries) -> None:
    assert figures(summaries.summarize())["week"] == str(WEEK)


def test_summary_is_returned_as_kept(summaries: WeeklySummaries) -> None:
    assert summaries.summarize() == summaries.get(WEEK)


def test_forms_are_those_of_the_report(registry: Registry, summaries: WeeklySummaries) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    summaries.summarize()
    report = WeeklyReport.of(Summary.of(WEEK, UTC, registry.repository.partition(0, 1)), complete=False, earlier=None)

    assert [summaries.get(WEEK, form).content for form in ReportForm] == [
        json_form(report),
        csv_form(report),
        page_of(report),
    ]


def test_names_of_what_is_kept(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    summaries.summarize()

    assert [re.sub("run=[0-9a-f]{16}", "run=…", key) for key in reports.keys()] == [  # noqa: SIM118 — no dictionary
        "summaries/latest.json",
        "summaries/year=2026/week=48/manifest.json",
        "summaries/year=2026/week=48/run=…/summary.csv",
        "summaries/year=2026/week=48/run=…/summary.html",
        "summaries/year=2026/week=48/run=…/summary.json",
    ]


def test_tag_is_the_checksum(summaries: WeeklySummaries) -> None:
    report = summaries.summarize()

    assert report.tag == hashlib.sha256(report.content).hexdigest()


@pytest.mark.parametrize(
    ("now", "complete"),
    (
        (WEEK.start(UTC), False),
        (NOW, False),
        (WEEK.end(UTC) - timedelta(microseconds=1), False),
        (WEEK.end(UTC), True),
        (WEEK.end(UTC) + timedelta(days=100), True),
    ),
)
def test_week_is_complete_at_its_end(
    repository: InMemoryVehicleRepository,
    reports: InMemoryReportStore,
    now: datetime,
    complete: bool,  # noqa: FBT001 — a column of the table above
) -> None:
    assert complete is figures(summaries_on(repository, reports, now).summarize(WEEK))["complete"]


@pytest.mark.parametrize("week", (NEXT_WEEK, WEEK.shifted(52), IsoWeek(9998, 1)))
def test_future_week_is_refused(summaries: WeeklySummaries, week: IsoWeek) -> None:
    with pytest.raises(InvalidWeek) as refusal:
        summaries.summarize(week)

    assert refusal.value.code == "week.future"


def test_refused_week_leaves_nothing(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    with pytest.raises(InvalidWeek):
        summaries.summarize(NEXT_WEEK)

    assert contents(reports) == {}


def test_week_begins_with_its_first_moment(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> None:
    assert figures(summaries_on(repository, reports, WEEK.start(UTC)).summarize(WEEK))["week"] == str(WEEK)


def test_change_is_against_the_week_before(registry: Registry, summaries: WeeklySummaries) -> None:
    registry.register_many(
        [Vehicle(vin, 2, FuelType.DIESEL, LAST_WEEK.start(UTC)) for vin in (VIN, OTHER_VIN)],
    )
    summaries.summarize(LAST_WEEK)
    registry.delete(VIN)
    registry.register(ABSENT_VIN, 2, FuelType.DIESEL)

    assert figures(summaries.summarize())["change"] == {
        "since": str(LAST_WEEK),
        "total": 0,
        "registered": 1,
        "deleted": 1,
    }


def test_no_change_without_week_before(summaries: WeeklySummaries) -> None:
    assert None is figures(summaries.summarize())["change"]


def test_no_change_since_incomplete_week(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore, summaries: WeeklySummaries
) -> None:
    summaries_on(repository, reports, LAST_WEEK.end(UTC) - timedelta(hours=1)).summarize(LAST_WEEK)

    assert None is figures(summaries.summarize())["change"]


def test_late_run_leaves_out_later_vehicles(registry: Registry, summaries: WeeklySummaries) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)

    assert figures(summaries.summarize(LAST_WEEK))["total"] == 0


def test_same_week_twice_same_bytes(
    registry: Registry, summaries: WeeklySummaries, reports: InMemoryReportStore
) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    summaries.summarize()
    once = contents(reports)
    summaries.summarize()

    assert once == contents(reports)


def test_second_run_counts_anew(registry: Registry, summaries: WeeklySummaries) -> None:
    summaries.summarize()
    registry.register(VIN, 2, FuelType.DIESEL)
    summaries.summarize()

    assert figures(summaries.get())["total"] == 1


# --- what a schedule makes


def test_last_week_is_due_first(summaries: WeeklySummaries) -> None:
    assert summaries.week("due") == LAST_WEEK


def test_present_week_is_due_then(summaries: WeeklySummaries) -> None:
    summaries.summarize(LAST_WEEK)

    assert summaries.week("due") == WEEK


def test_monday_is_not_due_on_monday(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> None:
    monday = summaries_on(repository, reports, WEEK.start(UTC) + timedelta(hours=3))
    monday.summarize(LAST_WEEK)

    assert monday.week("due") == LAST_WEEK


@given(st.lists(st.integers(0, 3), min_size=8, max_size=22))
def test_daily_schedule_tells_each_deletion_once(deletions: list[int]) -> None:
    """One vehicle is there for each that goes, so that the fleet is known to have had it."""
    repository, reports = InMemoryVehicleRepository(), InMemoryReportStore()
    vins = [Vin.of(f"WMAH05ZZ94M{number:06d}") for number in range(100)]
    first = WEEK.start(UTC)
    registry_on(repository).register_many(
        [Vehicle(vin, 2, FuelType.DIESEL, first - timedelta(weeks=9)) for vin in vins]
    )
    by_week: Counter[IsoWeek] = Counter()
    for day, count in enumerate(deletions):
        night = summaries_on(repository, reports, first + timedelta(days=day, hours=3))
        night.summarize(night.week("due"))
        for _ in range(count):
            repository.remove(vins.pop())
        by_week[WEEK.shifted(day // 7)] += count
    summaries = summaries_on(repository, reports)
    complete: list[Any] = [figures(summaries.get(week)) for week in summaries.weeks()]
    told = {each["week"]: change["deleted"] for each in complete if each["complete"] and (change := each["change"])}
    # What is deleted on Monday before three o'clock would count in the week before; here all is deleted later.
    assert told == {str(week): by_week[week] for week in by_week if str(week) in told}
    assert len(told) == (len(deletions) - 1) // 7


# --- the latest summary


def test_no_summary_yet(summaries: WeeklySummaries) -> None:
    with pytest.raises(ReportNotFound):
        summaries.get()


def test_no_summary_of_the_week(summaries: WeeklySummaries) -> None:
    summaries.summarize(LAST_WEEK)

    with pytest.raises(ReportNotFound) as refusal:
        summaries.get(WEEK)

    assert refusal.value.key == manifest_key(WEEK)


def test_latest_is_found(summaries: WeeklySummaries) -> None:
    assert summaries.summarize() == summaries.get()


def test_earlier_week_is_found(summaries: WeeklySummaries) -> None:
    earlier = summaries.summarize(LAST_WEEK)
    summaries.summarize()

    assert earlier == summaries.get(LAST_WEEK)


@given(st.lists(st.integers(-60, 0), min_size=1, max_size=6))
def test_latest_goes_forward_only(order: list[int]) -> None:
    summaries = summaries_on(InMemoryVehicleRepository(), InMemoryReportStore())
    for shift in order:
        summaries.summarize(WEEK.shifted(shift))

    assert figures(summaries.get())["week"] == str(WEEK.shifted(max(order)))


# --- crashes, and others at the same time: see SummariesContract


def test_there_are_five_writes(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> None:
    counted = ContendedReports(reports)
    summaries_on(repository, counted).summarize()

    assert counted.writes == WRITES


def test_rerun_leaves_manifest_and_pointer(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore, summaries: WeeklySummaries
) -> None:
    summaries.summarize()
    counted = ContendedReports(reports)
    summaries_on(repository, counted).summarize()

    assert counted.writes == len(ReportForm)


@pytest.mark.parametrize("number", range(1, WRITES + 1))
@pytest.mark.parametrize("pair", ((WEEK, WEEK), (WEEK, LAST_WEEK), (LAST_WEEK, WEEK)))
def test_two_at_once_leave_the_latest(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore, number: int, pair: tuple[IsoWeek, IsoWeek]
) -> None:
    mine, theirs = pair
    undisturbed = summaries_on(repository, reports)
    contended = ContendedReports(reports, lambda write: write == number and undisturbed.summarize(theirs))
    summaries_on(repository, contended).summarize(mine)

    assert figures(undisturbed.get())["week"] == str(WEEK)


def test_slow_run_does_not_unfinish_a_week(
    registry: Registry, repository: InMemoryVehicleRepository, reports: InMemoryReportStore
) -> None:
    # Begun on Sunday night, and overtaken by the run of Monday morning.
    registry.register_many([Vehicle(VIN, 2, FuelType.DIESEL, LAST_WEEK.start(UTC))])
    monday = summaries_on(repository, reports)
    contended = ContendedReports(reports, lambda write: write == 1 and monday.summarize(LAST_WEEK))
    summaries_on(repository, contended, LAST_WEEK.end(UTC) - timedelta(seconds=1)).summarize(LAST_WEEK)

    assert figures(monday.get(LAST_WEEK))["complete"] is True


def test_finished_week_replaces_unfinished(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore, summaries: WeeklySummaries
) -> None:
    summaries_on(repository, reports, LAST_WEEK.end(UTC) - timedelta(seconds=1)).summarize(LAST_WEEK)

    assert figures(summaries.summarize(LAST_WEEK))["complete"] is True


def test_endless_contention_for_latest(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> None:
    def interfere(write: int) -> None:
        # Somebody with a clock behind ours points to one past week after the other.
        week = LAST_WEEK.shifted(write - 2 * ATTEMPTS)
        reports.write(LATEST_KEY, write_pointer(week), media_type=MEDIA_TYPE)

    contended = ContendedReports(reports, interfere)
    with pytest.raises(StorageUnavailable, match=r"summaries/latest\.json is being written by too many"):
        summaries_on(repository, contended).summarize()

    assert contended.writes == WRITES - 1 + ATTEMPTS


def test_lost_race_for_latest_is_repeated(repository: InMemoryVehicleRepository, reports: InMemoryReportStore) -> None:
    def interfere(write: int) -> None:
        if write == WRITES:
            raise ReportChanged(LATEST_KEY)

    summaries_on(repository, ContendedReports(reports, interfere)).summarize()

    assert read_pointer(reports.read(LATEST_KEY).content) == WEEK


class Watch:
    """A clock that stands until somebody takes his time."""

    def __init__(self) -> None:
        self.now = NOW

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class SlowReports(ContendedReports):
    """A store whose n-th step, a read or a key, from 1, takes its time."""

    def __init__(self, inner: ReportStore, number: int, wait: Callable[[], None]) -> None:
        super().__init__(inner)
        self.steps = 0
        self._number = number
        self._wait = wait

    def read(self, key: str) -> Report:
        self._step()
        return super().read(key)

    def keys(self, prefix: str = "") -> Iterator[str]:
        for key in super().keys(prefix):
            self._step()
            yield key

    def _step(self) -> None:
        self.steps += 1
        if self.steps == self._number:
            self._wait()


def steps_of(
    call: Callable[[WeeklySummaries], object], reports: ReportStore, number: int, seconds: float, *, fails: bool
) -> int:
    """Return how many steps a call takes, of which one takes so many seconds."""
    watch = Watch()
    slow = SlowReports(reports, number, lambda: watch.wait(seconds))
    summaries = WeeklySummaries(InMemoryVehicleRepository(), slow, lambda: watch.now, UTC, page_of)
    with pytest.raises(StorageUnavailable, match="too long") if fails else nullcontext():
        call(summaries)
    return slow.steps


# The pointer, the manifest, the form; after the form there is nothing to begin.
@pytest.mark.parametrize(("number", "seconds", "steps"), ((1, 0.99, 3), (1, 1, 1), (2, 0.99, 3), (2, 1, 2), (3, 60, 3)))
def test_slow_step_ends_the_reading(
    summaries: WeeklySummaries, reports: InMemoryReportStore, number: int, seconds: float, steps: int
) -> None:
    summaries.summarize()

    assert steps == steps_of(WeeklySummaries.get, reports, number, seconds, fails=steps < 3)


@pytest.mark.parametrize(("seconds", "steps"), ((0.99, 4), (1, 2)))
def test_slow_step_ends_the_listing(
    summaries: WeeklySummaries, reports: InMemoryReportStore, seconds: float, steps: int
) -> None:
    summaries.summarize()  # three forms and a manifest

    assert steps == steps_of(WeeklySummaries.weeks, reports, 2, seconds, fails=steps < 4)


def test_summarizing_takes_its_time(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    summaries.summarize()
    whole = steps_of(WeeklySummaries.summarize, reports, 0, 0, fails=False)
    slow = {steps_of(WeeklySummaries.summarize, reports, number, 60, fails=False) for number in range(1, whole + 1)}

    assert slow == {whole}


# --- what was damaged


def test_damaged_pointer_is_told(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    reports.write(LATEST_KEY, b"{}", media_type=MEDIA_TYPE)

    with pytest.raises(StorageCorrupted, match="pointer"):
        summaries.get()


def test_pointer_damaged_meanwhile_is_mended(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore
) -> None:
    def damage_pointer(write: int) -> None:
        if write == WRITES:
            reports.write(LATEST_KEY, b"{}", media_type=MEDIA_TYPE)

    summaries_on(repository, ContendedReports(reports, damage_pointer)).summarize()

    assert read_pointer(reports.read(LATEST_KEY).content) == WEEK


def test_damaged_week_before_counts_as_missing(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    summaries.summarize(LAST_WEEK)
    damage(reports, LAST_WEEK)

    assert None is figures(summaries.summarize())["change"]


def test_damaged_week_before_is_told(
    summaries: WeeklySummaries, reports: InMemoryReportStore, caplog: pytest.LogCaptureFixture
) -> None:
    summaries.summarize(LAST_WEEK)
    damage(reports, LAST_WEEK)
    summaries.summarize()

    assert f"the summary of {LAST_WEEK} counts as missing" in caplog.text


def test_history_has_week_made_up_for(summaries: WeeklySummaries) -> None:
    for back in (4, 3, 1, 2):
        summaries.summarize(WEEK.shifted(-back))
    history: Any = figures(summaries.summarize())["history"]

    assert [each["week"] for each in history] == [str(WEEK.shifted(-back)) for back in (4, 3, 2, 1, 0)]


def test_history_leaves_out_provisional_weeks(
    repository: InMemoryVehicleRepository, reports: InMemoryReportStore, summaries: WeeklySummaries
) -> None:
    provisional = WEEK.shifted(-3)
    summaries_on(repository, reports, provisional.end(UTC) - timedelta(hours=1)).summarize(provisional)
    summaries.summarize(LAST_WEEK)
    history: Any = figures(summaries.summarize())["history"]

    assert [each["week"] for each in history] == [str(LAST_WEEK), str(WEEK)]


def test_history_goes_behind_damage(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    summaries.summarize(LAST_WEEK.shifted(-1))
    summaries.summarize(LAST_WEEK)
    damage(reports, LAST_WEEK)
    history = [row["week"] for row in figures(summaries.summarize())["history"]]  # type: ignore[attr-defined]  # a list

    assert history == [str(LAST_WEEK.shifted(-1)), str(WEEK)]


# --- weeks


@pytest.mark.parametrize(
    ("name", "week"), (("current", WEEK), ("last", LAST_WEEK), ("2026-W47", LAST_WEEK), ("2020-W53", IsoWeek(2020, 53)))
)
def test_week_is_named(summaries: WeeklySummaries, name: str, week: IsoWeek) -> None:
    assert week == summaries.week(name)


def test_unknown_week_is_refused(summaries: WeeklySummaries) -> None:
    with pytest.raises(InvalidWeek):
        summaries.week("yesterday")


@pytest.mark.parametrize(
    ("zone", "week"), (("UTC", LAST_WEEK), ("Europe/Berlin", WEEK), ("America/New_York", LAST_WEEK))
)
def test_present_week_is_that_of_the_zone(zone: str, week: IsoWeek) -> None:
    now = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)
    there = WeeklySummaries(InMemoryVehicleRepository(), InMemoryReportStore(), lambda: now, ZoneInfo(zone), page_of)

    assert figures(there.summarize())["week"] == str(week)


def test_kept_weeks_are_listed(summaries: WeeklySummaries) -> None:
    for week in (LAST_WEEK, WEEK, WEEK.shifted(-60)):
        summaries.summarize(week)

    assert [WEEK, LAST_WEEK, WEEK.shifted(-60)] == summaries.weeks()


@pytest.mark.parametrize("form", ReportForm)
def test_damaged_form_is_told(summaries: WeeklySummaries, reports: InMemoryReportStore, form: ReportForm) -> None:
    summaries.summarize()
    damage(reports, WEEK, form)

    with pytest.raises(StorageCorrupted, match="not what its manifest says"):
        summaries.get(WEEK, form)


def test_lost_form_is_told(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    summaries.summarize()
    elsewhere = InMemoryReportStore()
    for key, content in contents(reports).items():
        if not key.endswith(".csv"):
            elsewhere.write(key, content, media_type=MEDIA_TYPE)

    with pytest.raises(StorageCorrupted, match="has lost its CSV"):
        summaries_on(summaries.repository, elsewhere).get(WEEK, ReportForm.CSV)


def test_damaged_manifest_is_told(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    reports.write(manifest_key(WEEK), b"{}", media_type=MEDIA_TYPE)

    with pytest.raises(StorageCorrupted, match="manifest"):
        summaries.get(WEEK)


def test_damaged_manifest_is_written_anew(summaries: WeeklySummaries, reports: InMemoryReportStore) -> None:
    reports.write(manifest_key(WEEK), b"{}", media_type=MEDIA_TYPE)

    assert summaries.summarize() == summaries.get()


@pytest.mark.parametrize("form", ReportForm)
def test_damaged_form_is_written_anew(
    summaries: WeeklySummaries, reports: InMemoryReportStore, form: ReportForm
) -> None:
    summaries.summarize()
    whole = contents(reports)
    damage(reports, WEEK, form)
    summaries.summarize()

    assert whole == contents(reports)
