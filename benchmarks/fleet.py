"""The vehicles that benchmarks count: all alike in size, spread over makers, fuel types and a year."""

from datetime import UTC, datetime, timedelta
from typing import Final

from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version

_MAKERS: Final = ("WMA", "YV2", "XLR", "WDB", "VF6", "ZCF", "TMB", "YS2")
_FUEL_TYPES: Final = tuple(FuelType)
_FIRST: Final = datetime(2025, 11, 17, tzinfo=UTC)
_YEAR: Final = 365 * 24 * 60


def vehicle(number: int) -> StoredVehicle:
    """Return the vehicle of a number below 8,000,000."""
    maker, serial = divmod(number, 1_000_000)
    registered_at = _FIRST + timedelta(minutes=number * 7919 % _YEAR, microseconds=number)
    vin = Vin.of(f"{_MAKERS[(maker + number) % len(_MAKERS)]}H05ZZ9{maker}M{serial:06d}")
    return StoredVehicle(
        Vehicle(vin, 2 + number % 4, _FUEL_TYPES[number % len(_FUEL_TYPES)], registered_at), Version("1" * 16)
    )
