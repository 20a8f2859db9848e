"""A weekly report as JSON, and what is read back from it."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.adapters.report_formats.summary_json import checksum_of, read_json, render_json
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.testing.strategies import fleets, timestamps, weeks

WEEK = IsoWeek(2026, 47)
BEFORE = WEEK.shifted(-1)
NEAR = timestamps(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
IN_WEEK = datetime(2026, 11, 18, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

# A MAN, a Scania, another Scania, a Solaris by six characters, a manufacturer and a country that nobody knows.
FLEET = (
    Vehicle(Vin.of("WMAH05ZZ04M012345"), 2, FuelType.DIESEL, LONG_AGO),
    Vehicle(Vin.of("YS2R4X20005398765"), 3, FuelType.ELECTRIC, IN_WEEK),
    Vehicle(Vin.of("YS2R4X20005398766"), 3, FuelType.DIESEL, datetime(2026, 11, 11, tzinfo=UTC)),
    Vehicle(Vin.of("SU9H05ZZ94MPN1345"), 12, FuelType.HYDROGEN, LONG_AGO),
    Vehicle(Vin.of("DAAH05ZZ94M012345"), 2, FuelType.DIESEL, LONG_AGO),
)

NO_REPORTS = (b"", b"\n", b"{", b"null", b"{}", b"\xff\xfe", b"<html></html>", b"[" * 100_000)


def report_of(
    fleet: Sequence[Vehicle], week: IsoWeek = WEEK, *, complete: bool = True, earlier: WeeklyReport | None = None
) -> WeeklyReport:
    return WeeklyReport.of(Summary.of(week, ZoneInfo("UTC"), fleet), complete=complete, earlier=earlier)


def figures(report: WeeklyReport) -> Any:  # noqa: ANN401 — JSON
    return json.loads(render_json(report))


# --- JSON


def test_whole_report() -> None:
    before = [Vehicle(Vin.of(f"WMAH05ZZ94M{number:06d}"), 2, FuelType.DIESEL, LONG_AGO) for number in range(6)]
    found = figures(report_of(FLEET, earlier=report_of(before, BEFORE)))
    checksum = found.pop("sha256")
    assert (len(checksum), found) == (
        64,
        {
            "schema": 1,
            "week": "2026-W47",
            "timeZone": "UTC",
            "from": "2026-11-16T00:00:00Z",
            "to": "2026-11-23T00:00:00Z",
            "complete": True,
            "total": 5,
            "registered": 1,
            "change": {"since": "2026-W46", "total": -1, "registered": 1, "deleted": 2},
            "byFuelType": [
                {"fuelType": fuel, "vehicles": {"electric": 1, "diesel": 3, "hydrogen": 1}.get(fuel, 0)}
                for fuel in ("electric", "gaseous", "diesel", "petrol", "hydrogen", "hybrid", "none")
            ],
            "byNoOfAxles": [{"noOfAxles": axles, "vehicles": number} for axles, number in ((2, 2), (3, 2), (12, 1))],
            "byManufacturer": [
                {"wmi": "YS2", "name": "Scania", "country": "SE", "vehicles": 2},
                {"wmi": "DAA", "name": None, "country": None, "vehicles": 1},
                {"wmi": "SU9PN1", "name": "Solaris", "country": "PL", "vehicles": 1},
                {"wmi": "WMA", "name": "MAN Truck & Bus", "country": "DE", "vehicles": 1},
            ],
            "byCountry": [
                {"country": country, "vehicles": number}
                for country, number in (("SE", 2), ("DE", 1), ("PL", 1), (None, 1))
            ],
            "registeredByWeek": [
                *({"week": f"2026-W{number}", "vehicles": 0} for number in range(36, 46)),
                {"week": "2026-W46", "vehicles": 1},
                {"week": "2026-W47", "vehicles": 1},
            ],
            "history": [{"week": "2026-W46", "total": 6}, {"week": "2026-W47", "total": 5}],
        },
    )


def test_zone_is_named() -> None:
    summary = Summary(WEEK, ZoneInfo("Europe/Berlin"))
    report = figures(WeeklyReport.of(summary, complete=True, earlier=None))

    assert (report["timeZone"], report["from"]) == ("Europe/Berlin", "2026-11-15T23:00:00Z")


# --- bytes


@given(fleets(registered_at=NEAR), st.booleans(), st.data())
def test_same_summary_gives_same_bytes(fleet: list[Vehicle], complete: bool, data: st.DataObject) -> None:  # noqa: FBT001 — drawn
    shuffled = data.draw(st.permutations(fleet))

    assert render_json(report_of(fleet, complete=complete)) == render_json(report_of(shuffled, complete=complete))


@given(fleets(registered_at=NEAR, min_size=1))
def test_report_hides_ends_of_vins(fleet: list[Vehicle]) -> None:
    document = render_json(report_of(fleet)).decode()

    assert [vehicle.vin.vis for vehicle in fleet if vehicle.vin.vis in document] == []


# --- what is read back


@given(fleets(registered_at=NEAR), weeks(), st.booleans())
def test_reads_what_was_written(fleet: list[Vehicle], week: IsoWeek, complete: bool) -> None:  # noqa: FBT001 — drawn
    report = report_of(fleet, week, complete=complete)

    assert report == read_json(render_json(report))


def test_checksum_is_that_of_the_rest() -> None:
    content = render_json(report_of(FLEET))
    checksum = json.loads(content)["sha256"]

    assert checksum == sha256(content.replace(checksum.encode(), b"")).hexdigest() == checksum_of(report_of(FLEET))


@pytest.mark.parametrize("document", NO_REPORTS, ids=lambda document: repr(document[:30]))
def test_other_document_is_no_report(document: bytes) -> None:
    assert None is read_json(document)


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_are_answered(document: bytes) -> None:
    assert None is read_json(document)
