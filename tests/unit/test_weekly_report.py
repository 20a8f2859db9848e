"""The weekly report: its figures, its bytes, and what is read back from it."""

import json
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.strategies import fleets, moments, vehicles, weeks
from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.summary import Summary
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin import Vin
from vehicles.domain.week import IsoWeek
from vehicles.domain.weekly_report import Headline, read_pointer, summary_key, write_pointer, write_report

WEEK = IsoWeek(2026, 47)
BEFORE = WEEK.shifted(-1)
NEAR = moments(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
IN_WEEK = datetime(2026, 11, 18, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

# A MAN, a Scania, another Scania, a Solaris by six characters, a maker and a country that nobody knows.
FLEET = (
    Vehicle(Vin.of("WMAH05ZZ94M012345"), 2, FuelType.DIESEL, LONG_AGO),
    Vehicle(Vin.of("YS2R4X20005398765"), 3, FuelType.ELECTRIC, IN_WEEK),
    Vehicle(Vin.of("YS2R4X20005398766"), 3, FuelType.DIESEL, datetime(2026, 11, 11, tzinfo=UTC)),
    Vehicle(Vin.of("SU9H05ZZ94MPN1345"), 12, FuelType.HYDROGEN, LONG_AGO),
    Vehicle(Vin.of("DAAH05ZZ94M012345"), 2, FuelType.DIESEL, LONG_AGO),
)

NOT_JSON = (
    b"",
    b"\n",
    b"{",
    b"null",
    b"17",
    b'"text"',
    b"[]",
    b"{}",
    b"\xff\xfe",
    b"<html></html>",
    b'{"week": null}',
    b'{"week": "2026-W99"}',
    b'{"week": "2025-W53"}',
    b'{"week": 202647}',
    b'{"week": ["2026-W47"]}',
    b"[" * 100_000,
)
NO_HEADLINE = (
    b'{"week": "2026-W47"}',
    b'{"week": "2026-W47", "total": 4}',
    b'{"week": "2026-W47", "complete": true}',
    b'{"week": "2026-W47", "total": null, "complete": true}',
    b'{"week": "2026-W47", "total": "many", "complete": true}',
    b'{"week": "2026-W47", "total": "4", "complete": true}',
    b'{"week": "2026-W47", "total": 4.5, "complete": true}',
    b'{"week": "2026-W47", "total": Infinity, "complete": true}',
    b'{"week": "2026-W47", "total": NaN, "complete": true}',
    b'{"week": "2026-W47", "total": 1e999, "complete": true}',
    b'{"week": "2026-W47", "total": 4, "complete": "false"}',
    b'{"week": "2026-W47", "total": 4, "complete": null}',
)


def figures(
    fleet: list[Vehicle] | tuple[Vehicle, ...],
    week: IsoWeek = WEEK,
    *,
    complete: bool = True,
    before: Headline | None = None,
) -> dict[str, object]:
    found = json.loads(write_report(Summary.of(week, fleet), complete=complete, before=before))
    assert isinstance(found, dict)
    return found


def sum_of(rows: object) -> int:
    assert isinstance(rows, list)
    return sum(row["vehicles"] for row in rows)


# --- figures


def test_whole_report() -> None:
    assert figures(FLEET, before=Headline(BEFORE, 6, complete=True)) == {
        "week": "2026-W47",
        "from": "2026-11-16T00:00:00Z",
        "to": "2026-11-23T00:00:00Z",
        "complete": True,
        "total": 5,
        "registered": 1,
        "change": {"since": "2026-W46", "total": -1, "registered": 1, "deleted": 2},
        "byFuelType": [
            {"fuelType": "electric", "vehicles": 1},
            {"fuelType": "gaseous", "vehicles": 0},
            {"fuelType": "diesel", "vehicles": 3},
            {"fuelType": "petrol", "vehicles": 0},
            {"fuelType": "hydrogen", "vehicles": 1},
            {"fuelType": "hybrid", "vehicles": 0},
        ],
        "byNoOfAxles": [
            {"noOfAxles": 2, "vehicles": 2},
            {"noOfAxles": 3, "vehicles": 2},
            {"noOfAxles": 12, "vehicles": 1},
        ],
        "byManufacturer": [
            {"wmi": "YS2", "name": "Scania", "country": "SE", "vehicles": 2},
            {"wmi": "DAA", "name": None, "country": None, "vehicles": 1},
            {"wmi": "SU9", "name": None, "country": "PL", "vehicles": 1},
            {"wmi": "WMA", "name": "MAN Truck & Bus", "country": "DE", "vehicles": 1},
        ],
        "byCountry": [
            {"country": "SE", "vehicles": 2},
            {"country": "DE", "vehicles": 1},
            {"country": "PL", "vehicles": 1},
            {"country": None, "vehicles": 1},
        ],
        "registeredByWeek": [
            *({"week": f"2026-W{number}", "vehicles": 0} for number in range(36, 46)),
            {"week": "2026-W46", "vehicles": 1},
            {"week": "2026-W47", "vehicles": 1},
        ],
    }


@given(fleets(registered_at=NEAR), st.sampled_from(("byFuelType", "byNoOfAxles", "byManufacturer", "byCountry")))
def test_breakdowns_add_up(fleet: list[Vehicle], breakdown: str) -> None:
    report = figures(fleet)

    assert report["total"] == sum_of(report[breakdown])


@given(fleets(registered_at=NEAR))
def test_last_week_shown_is_registered(fleet: list[Vehicle]) -> None:
    report = figures(fleet)

    assert report["registered"] == sum_of(report["registeredByWeek"][-1:])  # type: ignore[index]  # a list


def test_empty_fleet_has_no_rows() -> None:
    report = figures([])

    assert (report["byNoOfAxles"], report["byManufacturer"], report["byCountry"]) == ([], [], [])


@pytest.mark.parametrize("complete", (True, False))
def test_completeness_is_told(*, complete: bool) -> None:
    assert complete is figures([], complete=complete)["complete"]


@pytest.mark.parametrize(
    ("week", "start", "end"),
    (
        (IsoWeek(2020, 53), "2020-12-28T00:00:00Z", "2021-01-04T00:00:00Z"),
        (IsoWeek(2026, 53), "2026-12-28T00:00:00Z", "2027-01-04T00:00:00Z"),
        (IsoWeek(2026, 1), "2025-12-29T00:00:00Z", "2026-01-05T00:00:00Z"),
    ),
)
def test_bounds_are_told(week: IsoWeek, start: str, end: str) -> None:
    report = figures([], week)

    assert (start, end) == (report["from"], report["to"])


# --- change against the week before


@given(fleets(registered_at=NEAR), st.integers(0, 100))
def test_change_adds_up(fleet: list[Vehicle], total_before: int) -> None:
    report = figures(fleet, before=Headline(BEFORE, total_before, complete=True))
    change = report["change"]
    assert isinstance(change, dict)

    net = total_before + change["registered"] - report["total"]
    assert change["deleted"] == (net if net >= 0 else None)


def test_backdated_arrivals_hide_deleted() -> None:
    report = figures(list(FLEET[:1]), before=Headline(BEFORE, 0, complete=True))
    assert report["change"] == {"since": str(BEFORE), "total": 1, "registered": 0, "deleted": None}


@given(fleets(registered_at=NEAR), st.data())
def test_deleted_are_those_missing(fleet: list[Vehicle], data: st.DataObject) -> None:
    # All that were there a week ago, some of which are gone.
    old = [vehicle for vehicle in fleet if vehicle.registered_at < BEFORE.end]
    gone = data.draw(st.sets(st.sampled_from(old))) if old else set()
    left = [vehicle for vehicle in fleet if vehicle not in gone]
    before = Headline.of(write_report(Summary.of(BEFORE, fleet), complete=True, before=None))
    change = figures(left, before=before)["change"]
    assert isinstance(change, dict)

    assert len(gone) == change["deleted"]


@given(fleets(registered_at=NEAR))
def test_no_week_before_no_change(fleet: list[Vehicle]) -> None:
    assert None is figures(fleet, before=None)["change"]


@given(fleets(registered_at=NEAR), st.integers(0, 100))
def test_incomplete_week_before_no_change(fleet: list[Vehicle], total: int) -> None:
    assert None is figures(fleet, before=Headline(BEFORE, total, complete=False))["change"]


def test_change_is_across_new_year() -> None:
    change = figures([], IsoWeek(2027, 1), before=Headline(IsoWeek(2026, 53), 3, complete=True))["change"]

    assert change == {"since": "2026-W53", "total": -3, "registered": 0, "deleted": 3}


# --- bytes


@given(fleets(registered_at=NEAR), st.booleans(), st.data())
def test_same_summary_gives_same_bytes(fleet: list[Vehicle], complete: bool, data: st.DataObject) -> None:  # noqa: FBT001 — drawn
    shuffled = data.draw(st.permutations(fleet))

    assert write_report(Summary.of(WEEK, fleet), complete=complete, before=None) == write_report(
        Summary.of(WEEK, shuffled), complete=complete, before=None
    )


@given(fleets(registered_at=NEAR, min_size=1))
def test_report_hides_all_vins(fleet: list[Vehicle]) -> None:
    document = write_report(Summary.of(WEEK, fleet), complete=True, before=None).decode()

    assert [str(vehicle.vin) for vehicle in fleet if str(vehicle.vin) in document] == []


@given(vehicles(registered_at=NEAR))
def test_report_hides_ends_of_vins(vehicle: Vehicle) -> None:
    document = write_report(Summary.of(WEEK, [vehicle]), complete=True, before=None).decode()

    assert vehicle.vin.vis not in document


def test_report_ends_with_a_line() -> None:
    assert re.fullmatch(rb"\{\n.*\n\}\n", write_report(Summary(WEEK), complete=True, before=None), re.DOTALL)


# --- headline, pointer, key


@given(fleets(registered_at=NEAR), weeks(), st.booleans())
def test_headline_reads_what_was_written(fleet: list[Vehicle], week: IsoWeek, complete: bool) -> None:  # noqa: FBT001 — drawn
    summary = Summary.of(week, fleet)

    assert Headline(week, summary.total, complete) == Headline.of(write_report(summary, complete=complete, before=None))


@given(weeks())
def test_pointer_reads_what_was_written(week: IsoWeek) -> None:
    assert week == read_pointer(write_pointer(week))


@given(weeks())
def test_pointer_names_the_key(week: IsoWeek) -> None:
    assert {"week": str(week), "summary": summary_key(week)} == json.loads(write_pointer(week))


@pytest.mark.parametrize(
    ("week", "key"),
    (
        (IsoWeek(2026, 7), "summaries/year=2026/week=07/summary.json"),
        (IsoWeek(2026, 53), "summaries/year=2026/week=53/summary.json"),
    ),
)
def test_key_names_year_and_week(week: IsoWeek, key: str) -> None:
    assert key == summary_key(week)


@given(weeks(), weeks())
def test_keys_are_in_order_of_time(one: IsoWeek, other: IsoWeek) -> None:
    assert (one < other) is (summary_key(one) < summary_key(other))


@pytest.mark.parametrize("document", NOT_JSON, ids=lambda document: repr(document[:30]))
def test_damaged_pointer_is_told(document: bytes) -> None:
    with pytest.raises(StorageCorrupted, match="pointer to the latest summary"):
        read_pointer(document)


@pytest.mark.parametrize("document", NOT_JSON + NO_HEADLINE, ids=lambda document: repr(document[:60]))
def test_damaged_report_is_told(document: bytes) -> None:
    with pytest.raises(StorageCorrupted, match="kept summary"):
        Headline.of(document)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_answered(document: bytes) -> None:
    with pytest.raises(StorageCorrupted):
        Headline.of(document)


@given(fleets(registered_at=NEAR, max_size=2), st.data())
def test_cut_report_is_told(fleet: list[Vehicle], data: st.DataObject) -> None:
    document = write_report(Summary.of(WEEK, fleet), complete=True, before=None)
    length = data.draw(st.integers(0, len(document) - 3))

    with pytest.raises(StorageCorrupted):
        Headline.of(document[:length])
