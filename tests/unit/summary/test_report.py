"""The weekly report: its figures, beside those of the weeks before."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import Change, WeeklyReport, WeekTotal
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.testing.strategies import fleets, timestamps, weeks

WEEK = IsoWeek(2026, 47)
BEFORE = WEEK.shifted(-1)
NEAR = timestamps(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def report_of(
    fleet: list[Vehicle], week: IsoWeek = WEEK, *, complete: bool = True, earlier: WeeklyReport | None = None
) -> WeeklyReport:
    return WeeklyReport.of(Summary.of(week, UTC, fleet), complete=complete, earlier=earlier)


def earlier_of(week: IsoWeek, total: int, *, complete: bool = True) -> WeeklyReport:
    fleet = [vehicle_of("WMA", number) for number in range(total)]
    return report_of(fleet, week, complete=complete)


def vehicle_of(wmi: str, number: int = 0) -> Vehicle:
    return Vehicle(Vin.of(f"{wmi}H05ZZ94M{number:06d}"), 2, FuelType.DIESEL, LONG_AGO)


# --- figures


@given(fleets(registered_at=NEAR))
def test_breakdowns_add_up(fleet: list[Vehicle]) -> None:
    report = report_of(fleet)

    assert {report.summary.total} == {
        sum(row.vehicles for row in report.by_manufacturer),
        sum(row.vehicles for row in report.by_country),
    }


@given(fleets(registered_at=NEAR))
def test_manufacturers_stand_in_order(fleet: list[Vehicle]) -> None:
    rows = [(-row.vehicles, row.wmi) for row in report_of(fleet).by_manufacturer]

    assert sorted(rows) == rows


def test_countries_stand_in_order() -> None:
    # Nobody knows DA; of equals it is the last.
    fleet = [vehicle_of("DAA"), vehicle_of("YS2"), vehicle_of("WMA"), vehicle_of("SU9"), vehicle_of("YV2", 1)]

    assert [row.country for row in report_of(fleet).by_country] == ["SE", "DE", "PL", None]


def test_small_manufacturer_is_counted_by_six_characters() -> None:
    vehicle = Vehicle(Vin.of("SU9H05ZZ94MPN1345"), 2, FuelType.DIESEL, vehicle_of("WMA").registered_at)
    (row,) = report_of([vehicle]).by_manufacturer

    assert (row.wmi, row.name, row.country) == ("SU9PN1", "Solaris", "PL")


def test_brand_adds_up_its_identifiers() -> None:
    fleet = [vehicle_of("WDB"), vehicle_of("YS2"), vehicle_of("W1T", 1), vehicle_of("ZZZ"), vehicle_of("ZZY")]

    assert [(brand.label, brand.identifiers, brand.vehicles) for brand in report_of(fleet).by_brand] == [
        ("Mercedes-Benz", ("W1T", "WDB"), 2),
        ("Scania", ("YS2",), 1),
        ("Not known (ZZY)", ("ZZY",), 1),
        ("Not known (ZZZ)", ("ZZZ",), 1),
    ]


# --- change against the week before


@given(fleets(registered_at=NEAR), st.integers(0, 100))
def test_change_adds_up(fleet: list[Vehicle], total_before: int) -> None:
    report = report_of(fleet, earlier=earlier_of(BEFORE, total_before))
    assert report.change is not None

    net = total_before + report.change.registered - report.summary.total
    assert report.change.deleted == (net if net >= 0 else None)


def test_backdated_arrivals_hide_deleted() -> None:
    report = report_of([vehicle_of("WMA")], earlier=earlier_of(BEFORE, 0))

    assert report.change == Change(BEFORE, total=1, registered=0, deleted=None)


@given(fleets(registered_at=NEAR), st.data())
def test_deleted_are_those_missing(fleet: list[Vehicle], data: st.DataObject) -> None:
    # All that were there a week ago, some of which are gone.
    old = [vehicle for vehicle in fleet if vehicle.registered_at < BEFORE.end(UTC)]
    gone = data.draw(st.sets(st.sampled_from(old))) if old else set()
    left = [vehicle for vehicle in fleet if vehicle not in gone]
    change = report_of(left, earlier=report_of(fleet, BEFORE)).change
    assert change is not None

    assert len(gone) == change.deleted


@pytest.mark.parametrize("earlier", (None, earlier_of(BEFORE, 3, complete=False), earlier_of(BEFORE.shifted(-1), 3)))
def test_change_needs_the_week_before(earlier: WeeklyReport | None) -> None:
    assert None is report_of([], earlier=earlier).change


def test_change_of_zone_breaks_change() -> None:
    # The week before ended in UTC, this one begins an hour earlier: what was registered in between would be lost.
    summary = Summary.of(WEEK, ZoneInfo("Europe/Berlin"), [])

    assert None is WeeklyReport.of(summary, complete=True, earlier=earlier_of(BEFORE, 3)).change


def test_change_is_across_new_year() -> None:
    report = report_of([], IsoWeek(2027, 1), earlier=earlier_of(IsoWeek(2026, 53), 3))

    assert report.change == Change(IsoWeek(2026, 53), total=-3, registered=0, deleted=3)


# --- history


def test_first_history_is_its_own() -> None:
    assert report_of([vehicle_of("WMA")]).history == (WeekTotal(WEEK, 1),)


@given(st.sets(st.integers(0, 120), min_size=1))
@example({0, 1, 52})  # the oldest of 52 weeks, and the one before it
def test_history_has_a_year(offsets: set[int]) -> None:
    # Weeks are summarized in order, some are left out, and the total of each is its own number.
    earlier: WeeklyReport | None = None
    for offset in sorted(offsets):
        fleet = [vehicle_of("WMA", number) for number in range(offset)]
        earlier = report_of(fleet, WEEK.shifted(offset), earlier=earlier)
    assert earlier is not None

    kept = [offset for offset in sorted(offsets) if offset > max(offsets) - 52]
    assert [WeekTotal(WEEK.shifted(offset), offset) for offset in kept] == list(earlier.history)


@pytest.mark.parametrize("first", ([], [BEFORE.shifted(-1)]))
def test_unfinished_week_leaves_history(first: list[IsoWeek]) -> None:
    earlier = report_of([], first[0]) if first else None
    unfinished = report_of([vehicle_of("WMA")], BEFORE, complete=False, earlier=earlier)

    assert [past.week for past in report_of([], earlier=unfinished).history] == [*first, WEEK]


def test_history_outlives_change_of_zone() -> None:
    fleet = [vehicle_of("WMA", number) for number in range(7)]
    late = WeeklyReport.of(Summary.of(BEFORE, ZoneInfo("America/New_York"), fleet), complete=True, earlier=None)

    assert report_of([], earlier=late).history[0] == WeekTotal(BEFORE, 7)


# --- as a dictionary


@given(fleets(registered_at=NEAR), weeks(), st.booleans(), st.integers(0, 3))
def test_dictionary_is_read_back(fleet: list[Vehicle], week: IsoWeek, complete: bool, before: int) -> None:  # noqa: FBT001 — drawn
    earlier = WeeklyReport.of(
        Summary.of(week.shifted(-1), BERLIN, [vehicle_of("WMA", number) for number in range(before)]),
        complete=True,
        earlier=None,
    )
    report = WeeklyReport.of(Summary.of(week, BERLIN, fleet), complete=complete, earlier=earlier)

    assert report == WeeklyReport.from_dict(json.loads(json.dumps(report.to_dict())))


@pytest.mark.parametrize("field", ("week", "timeZone", "complete", "change", "byFuelType", "byNoOfAxles", "history"))
def test_missing_field_is_rejected(field: str) -> None:
    data = report_of([]).to_dict()
    del data[field]

    with pytest.raises(KeyError):
        WeeklyReport.from_dict(data)


@pytest.mark.parametrize(
    ("field", "value"),
    (
        ("week", "2026-W54"),
        ("week", None),
        ("timeZone", "Mars/Olympus"),
        ("byFuelType", [{"fuelType": "steam", "vehicles": 1}]),
        ("byFuelType", 17),
        ("change", {"since": "soon"}),
        ("history", [None]),
    ),
)
def test_wrong_field_is_rejected(field: str, value: object) -> None:
    with pytest.raises((KeyError, TypeError, ValueError)):
        WeeklyReport.from_dict({**report_of([]).to_dict(), field: value})
