"""A vehicle is valid as long as it exists; a filter asks only for what may exist."""

from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.domain.errors import InvalidFilter, InvalidVehicle
from vehicles.domain.vehicle import (
    WIRE_NAMES,
    FuelType,
    Vehicle,
    VehicleFilter,
    changeable_fields,
    format_timestamp,
    parse_timestamp,
    vehicle_record,
)
from vehicles.domain.vin.number import Vin
from vehicles.testing.strategies import filters, fleets, timestamps, vehicles

VIN = Vin.of("WMAH05ZZ04M012345")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Number(int):
    """A number that is no plain int."""


class Timestamp(datetime):
    """A datetime that is no plain one."""


# --- vehicles


def test_fuel_types_are_a_closed_list() -> None:
    assert list(FuelType) == ["electric", "gaseous", "diesel", "petrol", "hydrogen", "hybrid", "none"]


@pytest.mark.parametrize("axles", (1, 99))
def test_bounds_of_axles_are_allowed(axles: int) -> None:
    assert axles == Vehicle(VIN, axles, FuelType.DIESEL, NOW).no_of_axles
    assert axles == VehicleFilter(no_of_axles=axles).no_of_axles


@pytest.mark.parametrize(
    ("field", "code", "values"),
    (
        ("vin", "vehicle.vin", (str(VIN), None, 17, b"WMAH05ZZ04M012345")),
        ("no_of_axles", "vehicle.axles", (0, 100, -1, 10**30, True, False, 4.0, "4", None, Number(4))),
        ("fuel_type", "vehicle.fuel_type", ("diesel", "coal", None, 1)),
        (
            "registered_at",
            "vehicle.timestamp",
            (
                datetime(2026, 11, 23, 12),  # noqa: DTZ001 — a time without a zone is the point
                *(NOW.astimezone(timezone(timedelta(hours=1))), NOW.astimezone(ZoneInfo("Europe/Berlin"))),
                *(date(2026, 11, 23), "2026-11-23T12:00:00Z", 1795435200, None),
                Timestamp(2026, 11, 23, 12, tzinfo=UTC),
            ),
        ),
    ),
)
def test_wrong_field_is_rejected(field: str, code: str, values: tuple[object, ...]) -> None:
    right = {"vin": VIN, "no_of_axles": 2, "fuel_type": FuelType.DIESEL, "registered_at": NOW}
    for value in values:
        with pytest.raises(InvalidVehicle) as error:
            Vehicle(**{**right, field: value})  # type: ignore[arg-type]  # what mypy rejects is tried out
        assert [(fault.code, fault.field) for fault in error.value.faults] == [(code, field)]


def test_all_faults_are_reported() -> None:
    with pytest.raises(InvalidVehicle) as error:
        Vehicle(None, 0, "coal", None)  # type: ignore[arg-type]  # what mypy rejects is tried out

    assert str(error.value) == (
        "The vehicle is not valid: the VIN must be a Vin; the number of axles must be a whole number from 1 to 99; "
        "the fuel type must be one of electric, gaseous, diesel, petrol, hydrogen, hybrid, none; "
        "the time of registration must be a datetime in UTC"
    )


@given(vehicles())
def test_repr_hides_the_vin(vehicle: Vehicle) -> None:
    assert str(vehicle.vin) not in repr(vehicle)


# --- filters


@given(fleets(min_size=1, max_size=4), st.data())
def test_fields_are_combined_with_and(fleet: list[Vehicle], data: st.DataObject) -> None:
    wanted = data.draw(filters(fleet))
    asked = (wanted.fuel_type, wanted.no_of_axles, wanted.wmi, wanted.vin_ends_with)
    held = [(v.fuel_type, v.no_of_axles, str(v.vin)[:3], str(v.vin)[11:]) for v in fleet]
    fits = [all(field in {None, own} for field, own in zip(asked, fields, strict=True)) for fields in held]

    assert fits == [wanted.matches(vehicle) for vehicle in fleet]


@pytest.mark.parametrize(
    "wanted",
    (
        VehicleFilter(fuel_type=FuelType.PETROL),
        VehicleFilter(no_of_axles=3),
        VehicleFilter(wmi="WMB"),
        VehicleFilter(wmi="MAH"),
        VehicleFilter(vin_ends_with="012346"),
        VehicleFilter(vin_ends_with="M01234"),
    ),
)
def test_one_other_field_is_enough(wanted: VehicleFilter) -> None:
    assert not wanted.matches(Vehicle(VIN, 2, FuelType.DIESEL, NOW))


@pytest.mark.parametrize(
    ("field", "code", "values"),
    (
        ("no_of_axles", "filter.axles", (0, -1, 100)),
        (
            "wmi",
            "filter.wmi",
            ("", "W", "WM", "WMAX", "wma", "WMO", "WM ", "WM\n", "WM\u0410", "WM\u0661", "\ufb01A"),
        ),
        (
            "vin_ends_with",
            "filter.vin_ends_with",
            ("", "12345", "1234567", "m12345", "O12345", "12345\n", "\u0661\u0662\u0663\u0664\u0665\u0666"),
        ),
    ),
)
def test_impossible_filter_is_rejected(field: str, code: str, values: tuple[object, ...]) -> None:
    for value in values:
        with pytest.raises(InvalidFilter) as error:
            VehicleFilter(**{field: value})  # type: ignore[arg-type]  # what mypy rejects is tried out
        assert [(fault.code, fault.field) for fault in error.value.faults] == [(code, field)]


def test_all_filter_faults_are_reported() -> None:
    with pytest.raises(InvalidFilter) as error:
        VehicleFilter(no_of_axles=0, wmi="", vin_ends_with="")

    assert str(error.value) == (
        "The filter is not valid: a number of axles must be from 1 to 99; "
        "a WMI has 3 characters: digits and capital letters except I, O and Q; "
        "the end of a VIN has 6 characters: digits and capital letters except I, O and Q"
    )


# --- records


def test_every_attribute_has_a_wire_name() -> None:
    assert [field.name for field in fields(Vehicle)] == list(WIRE_NAMES)


@given(vehicles())
def test_record_has_the_wire_names(vehicle: Vehicle) -> None:
    record = vehicle_record(vehicle)

    assert (list(record), record["vin"]) == (list(WIRE_NAMES.values()), str(vehicle.vin))


@given(vehicles(), vehicles())
def test_changeable_fields_are_all_but_two(one: Vehicle, other: Vehicle) -> None:
    assert replace(one, **changeable_fields(other)) == replace(other, vin=one.vin, registered_at=one.registered_at)


def test_timestamp_is_rfc3339() -> None:
    assert format_timestamp(NOW) == "2026-11-23T12:00:00.000000Z"


@given(timestamps())
def test_timestamp_comes_back(timestamp: datetime) -> None:
    assert parse_timestamp(format_timestamp(timestamp)) == timestamp


@pytest.mark.parametrize(
    "text",
    (
        *("", "2026-11-18", "2026-11-18T08:15:30", "2026-11-18T08:15:30+00:00", "2026-11-18t08:15:30z"),
        *("2026-11-18 08:15:30Z", "2026-11-18T08:15:30.1234567Z", "2026-02-30T08:15:30Z", "2026-11-18T24:15:30Z"),
        *("20261118T081530Z", "\u0662\u0660\u0662\u0666-11-18T08:15:30Z"),
    ),
)
def test_other_timestamps_are_rejected(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be in UTC, such as 20|day is out of range|hour must be in|24:00"):
        parse_timestamp(text)
