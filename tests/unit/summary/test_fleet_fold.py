"""The fold of a fleet in parts: at once, in as many goes as its time takes, and from a checkpoint."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import count, islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.strategies import fleets, moments
from tests.support.summaries_contract import page_of
from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.container import map_concurrently
from vehicles.domain.errors import StorageCorrupted, StorageUnavailable, SummaryUnfinished
from vehicles.domain.summary.checkpoint import NOTHING, VALID_FOR, Checkpoint, checkpoint_key
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.fleet_fold import ForEach
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.report_store import ReportStore
from vehicles.ports.vehicle_repository import StoredVehicle, VehicleRepository, Version

WEEK = IsoWeek(2026, 47)
NOW = datetime(2026, 11, 24, tzinfo=UTC)
PARTS = 7
VEHICLES = 100
KEY = checkpoint_key(WEEK)
WEEK_IS_BROKEN = "broken"


def fleet_of(numbers: range, parts: int = PARTS) -> InMemoryVehicleRepository:
    repository = InMemoryVehicleRepository(parts)
    grow(repository, numbers)
    return repository


def grow(repository: VehicleRepository, numbers: range) -> None:
    moment = WEEK.start(UTC) + timedelta(hours=1)
    vehicles = [Vehicle(Vin.of(f"WMAH05ZZ94M{number:06d}"), 2, FuelType.DIESEL, moment) for number in numbers]
    repository.add_many([StoredVehicle(vehicle, Version("1")) for vehicle in vehicles])


def on(repository: VehicleRepository, reports: ReportStore, now: datetime = NOW) -> WeeklySummaries:
    return WeeklySummaries(repository, reports, lambda: now, UTC, page_of)


def for_parts(number: int) -> Callable[[], bool]:
    """Return what says that the time is up after so many parts, each of one batch and an end."""
    asked = count(1)
    return lambda: next(asked) <= 2 * number


def total(summaries: WeeklySummaries) -> int:
    found = json.loads(summaries.get(WEEK).content)["total"]
    assert isinstance(found, int)
    return found


def stop(summaries: WeeklySummaries, parts: int) -> SummaryUnfinished:
    with pytest.raises(SummaryUnfinished) as stopped:
        summaries.summarize(WEEK, in_time=for_parts(parts))
    return stopped.value


@pytest.fixture
def reports() -> InMemoryReportStore:
    return InMemoryReportStore()


# --- in parts


@given(
    fleets(registered_at=moments(datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)), max_size=9),
    st.integers(1, 9),
    st.sampled_from((map, map_concurrently)),
)
def test_parts_make_the_summary(fleet: list[Vehicle], parts: int, for_each: ForEach) -> None:
    whole, parted = InMemoryVehicleRepository(), InMemoryVehicleRepository(parts)
    found = []
    for repository in (whole, parted):
        repository.add_many([StoredVehicle(vehicle, Version("1")) for vehicle in fleet])
        summaries = WeeklySummaries(repository, InMemoryReportStore(), lambda: NOW, UTC, page_of, for_each)
        found.append(summaries.summarize(WEEK))
    assert found[0] == found[1]


def test_failing_part_ends_the_others() -> None:
    called = []

    def fail(index: int) -> None:
        called.append(index)
        raise StorageCorrupted(WEEK_IS_BROKEN)

    with pytest.raises(StorageCorrupted):
        list(map_concurrently(fail, range(1000)))
    assert len(called) < 1000


def test_failure_keeps_what_was_counted(reports: InMemoryReportStore) -> None:
    def failing[Value, Outcome](function: Callable[[Value], Outcome], values: Iterable[Value]) -> Iterator[Outcome]:
        yield from map(function, islice(values, 3))
        raise StorageUnavailable(WEEK_IS_BROKEN)

    summaries = WeeklySummaries(fleet_of(range(VEHICLES)), reports, lambda: NOW, UTC, page_of, failing)
    with pytest.raises(StorageUnavailable):
        summaries.summarize(WEEK)
    kept = Checkpoint.read(reports.read(KEY).content, WEEK, UTC)
    assert kept is not None
    assert len(kept.done) == 3


# --- out of time


@pytest.mark.parametrize("parts", range(1, PARTS))
def test_run_goes_on_from_where_it_stood(reports: InMemoryReportStore, parts: int) -> None:
    summaries = on(fleet_of(range(VEHICLES)), reports)
    goes = 0
    while True:
        try:
            summaries.summarize(WEEK, in_time=for_parts(parts))
        except SummaryUnfinished:
            goes += 1
        else:
            break
    assert (goes, total(summaries)) == ((PARTS - 1) // parts, VEHICLES)


def test_unfinished_tells_how_far(reports: InMemoryReportStore) -> None:
    stopped = stop(on(fleet_of(range(VEHICLES)), reports), 3)
    assert (stopped.done, stopped.parts) == (3, PARTS)


def test_unfinished_writes_no_summary(reports: InMemoryReportStore) -> None:
    stop(on(fleet_of(range(VEHICLES)), reports), 3)
    assert list(reports.keys()) == [KEY]


def test_no_time_at_all_keeps_nothing(reports: InMemoryReportStore) -> None:
    stop(on(fleet_of(range(VEHICLES)), reports), 0)
    assert list(reports.keys()) == []


def test_no_part_is_read_again(reports: InMemoryReportStore) -> None:
    """Vehicles of a counted part that come later are not seen; those of other parts are."""
    repository = fleet_of(range(VEHICLES))
    stop(on(repository, reports), 3)
    grow(repository, range(VEHICLES, 2 * VEHICLES))
    summaries = on(repository, reports)
    summaries.summarize(WEEK)
    later = sum(number % 1000 % PARTS >= 3 for number in range(VEHICLES, 2 * VEHICLES))
    assert total(summaries) == VEHICLES + later


def test_checkpoint_holds_no_vin(reports: InMemoryReportStore) -> None:
    stop(on(fleet_of(range(VEHICLES)), reports), 3)
    text = reports.read(KEY).content.decode()
    assert [number for number in range(VEHICLES) if f"94M{number:06d}" in text or f"{number:06d}" in text] == []


def test_next_run_counts_anew(reports: InMemoryReportStore) -> None:
    repository = fleet_of(range(VEHICLES))
    stop(on(repository, reports), 3)
    on(repository, reports).summarize(WEEK)
    grow(repository, range(VEHICLES, 2 * VEHICLES))
    summaries = on(repository, reports)
    summaries.summarize(WEEK, again=True)
    assert (total(summaries), reports.read(KEY).content) == (2 * VEHICLES, NOTHING)


def test_number_of_parts_is_that_of_the_first_go(reports: InMemoryReportStore) -> None:
    stop(on(fleet_of(range(VEHICLES)), reports), 3)
    summaries = on(fleet_of(range(VEHICLES), PARTS + 2), reports)
    summaries.summarize(WEEK)
    assert total(summaries) == VEHICLES


def test_two_runs_at_once_are_exact(reports: InMemoryReportStore) -> None:
    """Each goes on from what the other has left, in turns."""
    repository = fleet_of(range(VEHICLES))
    first, second = on(repository, reports), on(repository, reports)
    stop(first, 2)
    stop(second, 1)
    stop(first, 2)
    second.summarize(WEEK)
    first.summarize(WEEK)
    assert total(first) == VEHICLES


def test_late_checkpoint_of_another_run_is_exact(reports: InMemoryReportStore) -> None:
    repository = fleet_of(range(VEHICLES))
    stop(on(repository, reports), 2)
    late = reports.read(KEY).content
    on(repository, reports).summarize(WEEK)
    reports.write(KEY, late, media_type="application/json")
    summaries = on(repository, reports)
    summaries.summarize(WEEK)
    assert total(summaries) == VEHICLES


# --- which checkpoint serves


def counted_after(reports: ReportStore, now: datetime, zone: ZoneInfo | None = None) -> int:
    """Return how many of a fleet of none are counted: those of the checkpoint, if it serves."""
    summaries = WeeklySummaries(fleet_of(range(0)), reports, lambda: now, zone or UTC, page_of)
    summaries.summarize(WEEK)
    return total(summaries)


@pytest.mark.parametrize(
    ("begun", "later", "serves"),
    (
        (NOW, timedelta(0), True),
        (NOW, VALID_FOR, True),
        (NOW, VALID_FOR + timedelta(microseconds=1), False),
        (NOW, -timedelta(microseconds=1), False),  # a clock went back
        (WEEK.end(UTC) - timedelta(hours=1), timedelta(minutes=59), True),
        (WEEK.end(UTC) - timedelta(hours=1), timedelta(hours=1), False),  # the week was not over, and now it is
    ),
)
def test_old_checkpoint_does_not_serve(
    reports: InMemoryReportStore,
    begun: datetime,
    later: timedelta,
    serves: bool,  # noqa: FBT001 — a column of the table
) -> None:
    stop(on(fleet_of(range(VEHICLES)), reports, begun), PARTS - 1)
    assert serves == (counted_after(reports, begun + later) > 0)


def test_checkpoint_of_other_zone_does_not_serve(reports: InMemoryReportStore) -> None:
    stop(on(fleet_of(range(VEHICLES)), reports), PARTS - 1)
    assert counted_after(reports, NOW, ZoneInfo("Asia/Tokyo")) == 0


def test_checkpoint_of_other_week_does_not_serve(reports: InMemoryReportStore) -> None:
    stop(on(fleet_of(range(VEHICLES)), reports), PARTS - 1)
    other = reports.read(KEY).content.replace(b"2026-W47", b"2026-W46", 1)
    reports.write(KEY, other, media_type="application/json")
    assert counted_after(reports, NOW) == 0


@given(st.data())
def test_damaged_checkpoint_does_not_serve(data: st.DataObject) -> None:
    reports = InMemoryReportStore()
    stop(on(fleet_of(range(VEHICLES)), reports), PARTS - 1)
    whole = reports.read(KEY).content
    place = data.draw(st.integers(0, len(whole) - 3))
    byte = data.draw(st.integers(0, 255).filter(lambda value: value != whole[place]))
    changed = whole[:place] + bytes([byte]) + whole[place + 1 :]
    damaged = data.draw(st.sampled_from((changed, whole[:place], b"", b"[]", b"null", b'{"state": 1}')))
    reports.write(KEY, damaged, media_type="application/json")
    # White space may change without harm; and whatever is believed is what was counted.
    assert counted_after(reports, NOW) in {0, json.loads(whole)["state"]["byFuelType"]["diesel"]}


@given(
    fleets(registered_at=moments(datetime(2026, 8, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC)), max_size=9),
    st.sets(st.integers(0, 20)),
)
def test_checkpoint_comes_back(fleet: list[Vehicle], done: set[int]) -> None:
    zone = ZoneInfo("Europe/Berlin")
    checkpoint = Checkpoint(Summary.of(WEEK, zone, fleet), NOW, 21, frozenset(done))
    assert checkpoint == Checkpoint.read(checkpoint.document, WEEK, zone)
