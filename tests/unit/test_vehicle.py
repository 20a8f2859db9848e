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
    parse_with_offset,
    vehicle_record,
)
from vehicles.domain.vin.number import Vin
from vehicles.testing.strategies import filters, fleets, timestamps, vehicles

VIN = Vin.of("WMAH05ZZ04M012345")
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
EAST = timezone(timedelta(hours=1))


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
    alone = [VehicleFilter(**{field.name: getattr(wanted, field.name)}) for field in fields(VehicleFilter)]

    assert [all(each.matches(v) for each in alone) for v in fleet] == [wanted.matches(v) for v in fleet]


@pytest.mark.parametrize(
    "wanted",
    (
        VehicleFilter(frozenset({FuelType.PETROL, FuelType.NONE})),
        VehicleFilter(no_of_axles=3),
        VehicleFilter(wmi="WMB"),
        VehicleFilter(wmi="MAH"),
        VehicleFilter(vin_ends_with="012346"),
        VehicleFilter(vin_ends_with="M01234"),
        VehicleFilter(vin_contains="M0124"),
        VehicleFilter(registered_since=NOW + timedelta(microseconds=1)),
        VehicleFilter(registered_before=NOW),
    ),
)
def test_one_other_field_is_enough(wanted: VehicleFilter) -> None:
    assert not wanted.matches(Vehicle(VIN, 2, FuelType.DIESEL, NOW))


@pytest.mark.parametrize(
    "wanted",
    (
        VehicleFilter(),
        VehicleFilter(frozenset({FuelType.PETROL, FuelType.DIESEL})),
        VehicleFilter(no_of_axles=2),
        VehicleFilter(wmi="WMA"),
        VehicleFilter(vin_ends_with="012345"),
        VehicleFilter(vin_contains="H05"),
        VehicleFilter(vin_contains=str(VIN)),
        VehicleFilter(registered_since=NOW),
        VehicleFilter(registered_before=NOW + timedelta(microseconds=1)),
    ),
)
def test_own_field_matches(wanted: VehicleFilter) -> None:
    assert wanted.matches(Vehicle(VIN, 2, FuelType.DIESEL, NOW))


def test_bounds_are_kept_in_utc() -> None:
    wanted = VehicleFilter(registered_since=datetime(2026, 11, 23, 9, tzinfo=EAST))
    assert (wanted.registered_since, wanted.registered_since and wanted.registered_since.tzinfo) == (
        datetime(2026, 11, 23, 8, tzinfo=UTC),
        UTC,
    )


@pytest.mark.parametrize(
    ("field", "code", "values"),
    (
        ("fuel_types", "filter.fuel_types", (frozenset(),)),
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
        ("vin_contains", "filter.vin_contains", ("", "12", "1" * 18, "abc", "12O", "12 ", "%12", "_12")),
        *(
            (field, f"filter.{field}", (datetime(2026, 11, 23), datetime.min.replace(tzinfo=EAST)))  # noqa: DTZ001 — wrong on purpose
            for field in ("registered_since", "registered_before")
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


@given(timestamps(), st.timedeltas(timedelta(hours=-23), timedelta(hours=23)))
def test_any_offset_is_read(timestamp: datetime, offset: timedelta) -> None:
    zone = timezone(timedelta(minutes=offset // timedelta(minutes=1)))
    found = parse_with_offset(timestamp.astimezone(zone).isoformat())
    assert (found, found.tzinfo) == (timestamp, UTC)


def test_lower_case_and_nanoseconds_are_read() -> None:
    assert parse_with_offset("2026-11-23t12:00:00.123456789z") == NOW.replace(microsecond=123456)


@pytest.mark.parametrize(
    "text",
    (
        *("", "2026-11-18", "2026-11-18T08:15:30", "2026-11-18 08:15:30Z", "20261118T081530Z", "2026-W47-1T08:15:30Z"),
        *("2026-02-30T08:15:30Z", "2026-11-18T08:15:30+24:00", "2026-11-18T08:15Z", "2026-11-18T08:15:30+0100"),
        *("0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "0000-01-01T00:00:00Z"),
    ),
)
def test_times_without_offset_are_rejected(text: str) -> None:
    with pytest.raises(ValueError, match="must exist and have an offset"):
        parse_with_offset(text)
