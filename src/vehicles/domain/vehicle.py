"""A vehicle, always valid; its record of plain values under the wire names; and the filter of a list."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Final

from vehicles.domain.errors import Fault, InvalidFilter, InvalidVehicle
from vehicles.domain.vin.number import ALPHABET, Vin

MIN_AXLES: Final = 1
MAX_AXLES: Final = 99
WMI_LENGTH: Final = 3
VIN_END_LENGTH: Final = 6
WIRE_NAMES: Final = {"vin": "vin", "no_of_axles": "noOfAxles", "fuel_type": "fuelType", "registered_at": "timestamp"}
"""The names of the attributes in the API, in files and in storage, in the order of a record."""
EXAMPLE_TIMESTAMP: Final = "2026-11-23T08:15:30.123456Z"
_TIMESTAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")


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


@dataclass(frozen=True, slots=True)
class VehicleFilter:
    """A filter for vehicles. A vehicle matches if it matches every field that is not None.

    `wmi` is compared with positions 1-3 of the VIN, `vin_ends_with` with its last six characters, both in upper case.
    Raises InvalidFilter with every fault: `filter.axles`, `filter.wmi`, `filter.vin_ends_with`.
    """

    fuel_type: FuelType | None = None
    no_of_axles: int | None = None
    wmi: str | None = None
    vin_ends_with: str | None = None

    def __post_init__(self) -> None:
        found: list[Fault] = []
        if self.no_of_axles is not None and not MIN_AXLES <= self.no_of_axles <= MAX_AXLES:
            detail = f"a number of axles must be from {MIN_AXLES} to {MAX_AXLES}"
            found.append(Fault("filter.axles", detail, "no_of_axles"))
        if self.wmi is not None and not _is_part_of_vin(self.wmi, WMI_LENGTH):
            detail = f"a WMI has {WMI_LENGTH} characters: digits and capital letters except I, O and Q"
            found.append(Fault("filter.wmi", detail, "wmi"))
        if self.vin_ends_with is not None and not _is_part_of_vin(self.vin_ends_with, VIN_END_LENGTH):
            detail = f"the end of a VIN has {VIN_END_LENGTH} characters: digits and capital letters except I, O and Q"
            found.append(Fault("filter.vin_ends_with", detail, "vin_ends_with"))
        if found:
            raise InvalidFilter(*found)

    def matches(self, vehicle: Vehicle) -> bool:
        vin = str(vehicle.vin)
        return (
            (self.fuel_type is None or vehicle.fuel_type is self.fuel_type)
            and (self.no_of_axles is None or vehicle.no_of_axles == self.no_of_axles)
            and (self.wmi is None or vin.startswith(self.wmi))
            and (self.vin_ends_with is None or vin.endswith(self.vin_ends_with))
        )


EVERY_VEHICLE: Final = VehicleFilter()


def _is_part_of_vin(text: str, length: int) -> bool:
    return len(text) == length and all(character in ALPHABET for character in text)
