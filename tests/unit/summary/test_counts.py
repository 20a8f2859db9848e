"""The summary: a fold over the fleet and a merge of two folds."""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.testing.strategies import fleets, timestamps, weeks, zones

WEEK = IsoWeek(2026, 47)
TICK = timedelta(microseconds=1)
# About half of the vehicles in the twelve weeks shown, others before and after.
NEAR = timestamps(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))


def near_fleets(max_size: int = 12) -> st.SearchStrategy[list[Vehicle]]:
    return fleets(registered_at=NEAR, max_size=max_size)


def summaries() -> st.SearchStrategy[Summary]:
    return near_fleets(max_size=5).map(lambda fleet: Summary.of(WEEK, UTC, fleet))


def vehicle_at(timestamp: datetime) -> Vehicle:
    return Vehicle(Vin.of("WMAH05ZZ04M012345"), 2, FuelType.DIESEL, timestamp)


def counted(week: IsoWeek, timestamp: datetime) -> tuple[int, int]:
    summary = Summary.of(week, UTC, [vehicle_at(timestamp)])
    return summary.total, summary.registered


# --- the fold and its merge


@given(near_fleets(), st.data())
def test_parts_merge_to_the_whole(fleet: list[Vehicle], data: st.DataObject) -> None:
    part_of = [data.draw(st.integers(0, 3)) for _ in fleet]
    merged = Summary(WEEK, UTC)
    for index in data.draw(st.permutations(range(4))):
        merged = merged.merge(
            Summary.of(WEEK, UTC, [v for v, part in zip(fleet, part_of, strict=True) if part == index])
        )

    assert Summary.of(WEEK, UTC, fleet) == merged


@given(summaries(), summaries())
def test_merge_leaves_both_alone(one: Summary, two: Summary) -> None:
    before = one.merge(Summary(WEEK, UTC)), two.merge(Summary(WEEK, UTC))
    one.merge(two)

    assert before == (one, two)


@pytest.mark.parametrize("other", (Summary(WEEK.shifted(1), UTC), Summary(WEEK, ZoneInfo("Europe/Berlin"))))
def test_other_weeks_do_not_merge(other: Summary) -> None:
    with pytest.raises(ValueError, match=re.escape(f"2026-W47 (UTC) and {other.week} ({other.zone})")):
        Summary(WEEK, UTC).merge(other)


# --- the breakdowns


def identifier_of(vin: str) -> str:
    return vin[:3] + (vin[11:14] if vin[2] == "9" else "")


@given(near_fleets())
def test_breakdowns_leave_out_late_vehicles(fleet: list[Vehicle]) -> None:
    in_time = [vehicle for vehicle in fleet if vehicle.registered_at < WEEK.end(UTC)]
    summary = Summary.of(WEEK, UTC, fleet)

    assert (
        len(in_time),
        Counter(vehicle.fuel_type for vehicle in in_time),
        Counter(vehicle.no_of_axles for vehicle in in_time),
        Counter(identifier_of(str(vehicle.vin)) for vehicle in in_time),
    ) == (summary.total, summary.by_fuel_type, summary.by_no_of_axles, summary.by_wmi)


@given(near_fleets(), zones())
def test_twelve_weeks_count_their_vehicles(fleet: list[Vehicle], zone: ZoneInfo) -> None:
    own_weeks = Counter(IsoWeek.containing(vehicle.registered_at, zone) for vehicle in fleet)
    summary = Summary.of(WEEK, zone, fleet)

    assert {week: own_weeks[week] for week in summary.weeks if week in own_weeks} == summary.by_week


@given(near_fleets())
def test_repr_hides_all_vins(fleet: list[Vehicle]) -> None:
    said = repr(Summary.of(WEEK, UTC, fleet))

    assert [str(vehicle.vin) for vehicle in fleet if str(vehicle.vin) in said] == []


# --- edges of weeks


@given(weeks())
@example(IsoWeek(2020, 53))
@example(IsoWeek(2021, 1))
@example(IsoWeek(2026, 1))
@example(IsoWeek(2026, 53))
def test_week_counts_from_start_to_end(week: IsoWeek) -> None:
    start, end = week.start(UTC), week.end(UTC)

    assert [counted(week, at) for at in (start - TICK, start, end - TICK, end)] == [(1, 0), (1, 1), (1, 1), (0, 0)]


@given(weeks())
def test_eleven_weeks_back_are_shown(week: IsoWeek) -> None:
    oldest = week.shifted(-11)
    shown, earlier = (Summary.of(week, UTC, [vehicle_at(oldest.start(UTC) - before)]) for before in (0 * TICK, TICK))

    assert (shown.by_week, earlier.total, earlier.by_week) == ({oldest: 1}, 1, {})


@given(weeks())
@example(IsoWeek(2021, 2))
@example(IsoWeek(2027, 1))
def test_weeks_follow_each_other(week: IsoWeek) -> None:
    assert [week.shifted(back) for back in range(-11, 1)] == list(Summary(week, UTC).weeks)


@pytest.mark.parametrize("hours", (-1, 0, 167, 168))
def test_short_week_ends_in_time(hours: int) -> None:
    # The clocks of Berlin lose an hour in 2026-W13; a week of 168 hours would end in the next.
    zone, week = ZoneInfo("Europe/Berlin"), IsoWeek(2026, 13)
    timestamp = week.start(zone) + timedelta(hours=hours)
    summary = Summary.of(week.shifted(1), zone, [vehicle_at(timestamp)])

    assert summary.by_week == {week.shifted((hours >= 0) - 1 + (hours >= 167)): 1}
