"""A vehicle, always valid; its record of plain values under the wire names; and the filter of a list."""

import re
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from vehicles.domain.errors import Fault, InvalidFilter, InvalidVehicle
from vehicles.domain.vin.number import ALPHABET, LENGTH, Vin

MIN_AXLES: Final = 1
MAX_AXLES: Final = 99
WMI_LENGTH: Final = 3
VIN_END_LENGTH: Final = 6
MIN_PART_LENGTH: Final = 3
"""The minimum length of a part of a VIN to search for: fewer characters match most of a fleet."""
WIRE_NAMES: Final = {"vin": "vin", "no_of_axles": "noOfAxles", "fuel_type": "fuelType", "registered_at": "timestamp"}
"""The names of the attributes in the API, in files and in storage, in the order of a record."""
EXAMPLE_TIMESTAMP: Final = "2026-11-23T08:15:30.123456Z"
_DATE_AND_TIME: Final = "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}"
_TIMESTAMP: Final = re.compile(rf"{_DATE_AND_TIME}(?:\.[0-9]{{1,6}})?Z")
_NEEDS_OFFSET: Final = "a time must exist and have an offset, such as 2026-11-23T08:15:30+01:00"
_WITH_OFFSET: Final = re.compile(rf"{_DATE_AND_TIME}(?:\.[0-9]+)?(?:Z|[+-][0-9]{{2}}:[0-9]{{2}})")


class FuelType(StrEnum):
    """The fuel type of a vehicle. This is the only declaration of the list."""

    ELECTRIC = "electric"
    GASEOUS = "gaseous"
    DIESEL = "diesel"
    PETROL = "petrol"
    HYDROGEN = "hydrogen"
    HYBRID = "hybrid"
    NONE = "none"
    """A trailer: it has no engine."""

    @property
    def label(self) -> str:
        """The name for people."""
        return "None (trailers)" if self is FuelType.NONE else self.capitalize()


# Lookup tables, because calling the enum or `int` accepts more texts and is slower.
FUEL_TYPES: Final = {fuel_type.value: fuel_type for fuel_type in FuelType}
AXLES: Final = {str(number): number for number in range(MIN_AXLES, MAX_AXLES + 1)}


@dataclass(frozen=True, slots=True)
class Vehicle:
    """A registered vehicle.

    `no_of_axles` is 1 to 99; `registered_at` is in UTC, to the microsecond.
    Raises InvalidVehicle with every fault: `vehicle.vin`, `vehicle.axles`, `vehicle.fuel_type`, `vehicle.timestamp`.
    """

    vin: Vin
    no_of_axles: int
    fuel_type: FuelType
    registered_at: datetime

    def __post_init__(self) -> None:
        found: list[Fault] = []
        if type(self.vin) is not Vin:
            found.append(Fault("vehicle.vin", "the VIN must be a Vin", "vin"))
        # A bool is an int, but not a number of axles.
        if type(self.no_of_axles) is not int or not MIN_AXLES <= self.no_of_axles <= MAX_AXLES:
            detail = f"the number of axles must be a whole number from {MIN_AXLES} to {MAX_AXLES}"
            found.append(Fault("vehicle.axles", detail, "no_of_axles"))
        if type(self.fuel_type) is not FuelType:
            found.append(Fault("vehicle.fuel_type", f"the fuel type must be one of {', '.join(FuelType)}", "fuel_type"))
        if type(self.registered_at) is not datetime or self.registered_at.tzinfo is not UTC:
            detail = "the time of registration must be a datetime in UTC"
            found.append(Fault("vehicle.timestamp", detail, "registered_at"))
        if found:
            raise InvalidVehicle(*found)


@dataclass(frozen=True, slots=True)
class Change:
    """New values for the fields of a vehicle that can change. A field that is None stays as it is."""

    vin: Vin
    no_of_axles: int | None = None
    fuel_type: FuelType | None = None

    def applied_to(self, vehicle: Vehicle) -> Vehicle:
        """Return the vehicle with the new values. Raises InvalidVehicle."""
        return replace(
            vehicle,
            no_of_axles=vehicle.no_of_axles if self.no_of_axles is None else self.no_of_axles,
            fuel_type=vehicle.fuel_type if self.fuel_type is None else self.fuel_type,
        )


def vehicle_record(vehicle: Vehicle) -> dict[str, Any]:
    """Return the vehicle as strings and numbers, by wire name.

    >>> vehicle_record(Vehicle(Vin.of("WMAH05ZZ04M012345"), 3, FuelType.DIESEL, datetime(2026, 11, 23, 8, tzinfo=UTC)))
    {'vin': 'WMAH05ZZ04M012345', 'noOfAxles': 3, 'fuelType': 'diesel', 'timestamp': '2026-11-23T08:00:00.000000Z'}
    """
    return {
        "vin": str(vehicle.vin),
        "noOfAxles": vehicle.no_of_axles,
        "fuelType": vehicle.fuel_type.value,
        "timestamp": format_timestamp(vehicle.registered_at),
    }


def changeable_fields(vehicle: Vehicle | Change) -> dict[str, Any]:
    """Return, by attribute name, the fields that a change may set: all but the VIN and the time of registration."""
    return {name: getattr(vehicle, name) for name in WIRE_NAMES if name not in {"vin", "registered_at"}}


def format_timestamp(timestamp: datetime) -> str:
    """Return a datetime in UTC as RFC 3339 with six fraction digits and Z."""
    return f"{timestamp.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"


def parse_timestamp(text: str) -> datetime:
    """Return the datetime of an RFC 3339 text in UTC with at most six fraction digits. Raises ValueError."""
    # fromisoformat alone accepts more than RFC 3339, and drops fraction digits after the sixth.
    if not _TIMESTAMP.fullmatch(text):
        raise ValueError(f"a timestamp must be in UTC, such as {EXAMPLE_TIMESTAMP}")
    return datetime.fromisoformat(text)


def parse_with_offset(text: str) -> datetime:
    """Return the datetime in UTC of an RFC 3339 text with any offset, to the microsecond. Raises ValueError."""
    with suppress(ValueError):
        if _WITH_OFFSET.fullmatch(text.upper()) and (found := _in_utc(datetime.fromisoformat(text.upper()))):
            return found
    raise ValueError(_NEEDS_OFFSET)


def _in_utc(timestamp: datetime) -> datetime | None:
    """Return the timestamp in UTC, or None if it has no offset, or is in no year of a datetime."""
    with suppress(OverflowError):
        return None if timestamp.utcoffset() is None else timestamp.astimezone(UTC)
    return None


@dataclass(frozen=True, slots=True)
class VehicleFilter:
    """A filter for vehicles. A vehicle matches if it matches every field that is not None.

    `wmi` is compared with positions 1-3 of the VIN, `vin_ends_with` with its last six characters, and `vin_contains`, 3
    to 17 characters, with any part of it; all in upper case.
    The time of registration is at or after `registered_since`, and before `registered_before`; both need an offset, and
    are kept in UTC.
    Raises InvalidFilter with every fault: `filter.fuel_types`, `filter.axles`, `filter.wmi`, `filter.vin_ends_with`,
    `filter.vin_contains`, `filter.registered_since`, `filter.registered_before`.
    """

    fuel_types: frozenset[FuelType] | None = None
    no_of_axles: int | None = None
    wmi: str | None = None
    vin_ends_with: str | None = None
    vin_contains: str | None = None
    registered_since: datetime | None = None
    registered_before: datetime | None = None

    def __post_init__(self) -> None:
        found: list[Fault] = []
        if self.fuel_types is not None and not self.fuel_types:
            found.append(Fault("filter.fuel_types", "the fuel types must be at least one", "fuel_types"))
        if self.no_of_axles is not None and not MIN_AXLES <= self.no_of_axles <= MAX_AXLES:
            detail = f"a number of axles must be from {MIN_AXLES} to {MAX_AXLES}"
            found.append(Fault("filter.axles", detail, "no_of_axles"))
        for name, subject, shortest, longest in (
            ("wmi", "a WMI", WMI_LENGTH, WMI_LENGTH),
            ("vin_ends_with", "the end of a VIN", VIN_END_LENGTH, VIN_END_LENGTH),
            ("vin_contains", "a part of a VIN", MIN_PART_LENGTH, LENGTH),
        ):
            text = getattr(self, name)
            if text is not None and not (shortest <= len(text) <= longest and set(ALPHABET).issuperset(text)):
                length = f"{shortest}" if shortest == longest else f"{shortest} to {longest}"
                detail = f"{subject} has {length} characters: digits and capital letters except I, O and Q"
                found.append(Fault(f"filter.{name}", detail, name))
        for name in ("registered_since", "registered_before"):
            if (timestamp := getattr(self, name)) is not None:
                object.__setattr__(self, name, _in_utc(timestamp))
                if getattr(self, name) is None:
                    found.append(Fault(f"filter.{name}", _NEEDS_OFFSET, name))
        if found:
            raise InvalidFilter(*found)

    def matches(self, vehicle: Vehicle) -> bool:
        vin, timestamp = str(vehicle.vin), vehicle.registered_at
        return (
            (self.fuel_types is None or vehicle.fuel_type in self.fuel_types)
            and (self.no_of_axles is None or vehicle.no_of_axles == self.no_of_axles)
            and (self.wmi is None or vin.startswith(self.wmi))
            and (self.vin_ends_with is None or vin.endswith(self.vin_ends_with))
            and (self.vin_contains is None or self.vin_contains in vin)
            and (self.registered_since is None or self.registered_since <= timestamp)
            and (self.registered_before is None or timestamp < self.registered_before)
        )


EVERY_VEHICLE: Final = VehicleFilter()
