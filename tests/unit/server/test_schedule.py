"""The summaries that a running server makes by itself: what is due when, and what happens when it fails."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.support.http_client import FailingRepository
from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.domain.errors import StorageUnavailable
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.server.schedule import SummarySchedule, summarizing
from vehicles.ports.vehicle_repository import StoredVehicle, VehicleRepository, Version

WEEK = IsoWeek(2026, 48)
LAST = WEEK.shifted(-1)
WEDNESDAY = datetime(2026, 11, 25, 12, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
TRUCK = "WMAH05ZZ04M012345"


class Clock:
    """A clock that stands until a test sets it."""

    def __init__(self) -> None:
        self.now = WEDNESDAY

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def summaries_at(clock: Clock, repository: VehicleRepository | None = None) -> WeeklySummaries:
    if repository is None:
        repository = InMemoryVehicleRepository()
        vehicle = Vehicle(Vin.of(TRUCK), 2, FuelType.DIESEL, datetime(2020, 1, 1, tzinfo=UTC))
        repository.add(StoredVehicle(vehicle, Version("1")))
    return WeeklySummaries(repository, InMemoryReportStore(), clock, ZoneInfo("UTC"))


def schedule_of(summaries: WeeklySummaries, *, daily: bool = False) -> SummarySchedule:
    return SummarySchedule(lambda: summaries, daily=daily)


def test_made_week_is_left_alone(clock: Clock) -> None:
    summaries = summaries_at(clock)
    summaries.summarize(LAST)
    assert schedule_of(summaries).make_due() == []


def test_unfinished_week_is_made_again(clock: Clock) -> None:
    summaries = summaries_at(clock)
    clock.now = LAST.end(UTC) - DAY
    summaries.summarize(LAST)
    clock.now = WEDNESDAY
    assert schedule_of(summaries).make_due() == [LAST]


def test_week_is_made_once(clock: Clock) -> None:
    schedule = schedule_of(summaries_at(clock))
    assert [schedule.make_due(), schedule.make_due()] == [[LAST], []]


@pytest.mark.parametrize(
    ("now", "made"),
    (
        (WEEK.end(UTC) + MINUTE - timedelta(microseconds=1), []),
        (WEEK.end(UTC) + MINUTE, [WEEK]),
        (WEEK.end(UTC) + 6 * DAY, [WEEK]),
    ),
)
def test_week_is_made_when_it_has_settled(clock: Clock, now: datetime, made: list[IsoWeek]) -> None:
    schedule = schedule_of(summaries_at(clock))
    schedule.make_due()
    clock.now = now
    assert made == schedule.make_due()


def test_clock_set_back_makes_nothing(clock: Clock) -> None:
    summaries = summaries_at(clock)
    summaries.summarize(LAST.shifted(-1))
    schedule = schedule_of(summaries)
    schedule.make_due()
    clock.now -= 7 * DAY
    assert schedule.make_due() == []


def test_daily_makes_the_present_week(clock: Clock) -> None:
    assert schedule_of(summaries_at(clock), daily=True).make_due() == [LAST, WEEK]


def test_daily_is_once_a_day(clock: Clock) -> None:
    schedule = schedule_of(summaries_at(clock), daily=True)
    schedule.make_due()
    clock.now += timedelta(hours=11, minutes=59)
    assert schedule.make_due() == []


def test_daily_is_every_day(clock: Clock) -> None:
    schedule = schedule_of(summaries_at(clock), daily=True)
    made = []
    for _ in range(6):  # Wednesday to Monday
        made.append(schedule.make_due())
        clock.now += DAY
    # On Monday the present week has no day that is over.
    assert made[1:] == [[WEEK]] * 4 + [[WEEK]]


def test_failure_is_due_again(clock: Clock) -> None:
    schedule = schedule_of(summaries_at(clock, FailingRepository(StorageUnavailable("the table is away"))))
    for _ in range(2):
        with pytest.raises(StorageUnavailable):
            schedule.make_due()


@pytest.mark.parametrize("error", (StorageUnavailable("the table is away"), KeyError(TRUCK)))
def test_failure_does_not_end_it(clock: Clock, error: Exception, caplog: pytest.LogCaptureFixture) -> None:
    schedule = schedule_of(summaries_at(clock, FailingRepository(error)))
    with summarizing(schedule):
        _await(lambda: "next try in five minutes" in caplog.text)
    assert TRUCK not in caplog.text


def test_thread_makes_and_stops(clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    summaries = summaries_at(clock)
    with summarizing(schedule_of(summaries)):
        _await(lambda: f"made the summary of {LAST}" in caplog.text)
    assert summaries.get(LAST).complete


def _await(condition: Callable[[], bool]) -> None:
    for _ in range(3000):
        if condition():
            return
        time.sleep(0.02)
    pytest.fail("it did not come about in a minute")
