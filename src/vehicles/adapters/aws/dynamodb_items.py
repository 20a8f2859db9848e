"""A vehicle as an item of the DynamoDB table, and back.

An item has `vin` (partition key), `noOfAxles`, `fuelType`, `timestamp`, `version`, `request` if the request that
registered it had an idempotency key, and `vinEnd`, the last six characters of the VIN. The index `byVinEnd` has the
partition key `vinEnd`, the sort key `vin`, and all attributes.
"""

from collections.abc import Mapping
from typing import Any, Final

from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.vehicle import (
    AXLES,
    FUEL_TYPES,
    VIN_END_LENGTH,
    Vehicle,
    VehicleFilter,
    format_timestamp,
    parse_timestamp,
    vehicle_record,
)
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version

type Item = Mapping[str, Any]
"""The attributes by name, each as `{type: value}`."""

INDEX: Final = "byVinEnd"
NAMES: Final = {"#timestamp": "timestamp"}  # a reserved word
VEHICLE: Final = "vin, noOfAxles, fuelType, #timestamp"
"""The projection of a read that does not need the version."""
ABSENT: Final = {"ConditionExpression": "attribute_not_exists(vin)"}
"""The condition of a write that adds an item."""


def conditions_of(wanted: VehicleFilter) -> tuple[list[str], dict[str, Any]]:
    """Return the filter conditions for a scan with the NAMES, and their values."""
    conditions: list[str] = []
    values: dict[str, Any] = {}
    if wanted.fuel_types is not None:
        fuels = {f":{fuel}": {"S": str(fuel)} for fuel in sorted(wanted.fuel_types)}
        conditions.append(f"fuelType IN ({', '.join(fuels)})")
        values |= fuels
    if wanted.no_of_axles is not None:
        conditions.append("noOfAxles = :noOfAxles")
        values[":noOfAxles"] = {"N": str(wanted.no_of_axles)}
    if wanted.wmi is not None:
        conditions.append("begins_with(vin, :wmi)")
        values[":wmi"] = {"S": wanted.wmi}
    if wanted.vin_contains is not None:
        conditions.append("contains(vin, :part)")
        values[":part"] = {"S": wanted.vin_contains}
    if wanted.registered_since is not None:
        conditions.append("#timestamp >= :since")
        values[":since"] = {"S": format_timestamp(wanted.registered_since)}
    if wanted.registered_before is not None:
        conditions.append("#timestamp < :before")
        values[":before"] = {"S": format_timestamp(wanted.registered_before)}
    return conditions, values


def condition_of(expected: Version | None) -> dict[str, Any]:
    """Return the parameters that make a write conditional on the version, or on the existence, of the item."""
    condition: dict[str, Any] = {
        "ConditionExpression": "attribute_exists(vin)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if expected is not None:
        condition["ConditionExpression"] = "#version = :expected"
        condition["ExpressionAttributeNames"] = {"#version": "version"}
        condition["ExpressionAttributeValues"] = {":expected": {"S": expected}}
    return condition


def item_of(stored: StoredVehicle) -> Item:
    """Return the item of a vehicle."""
    record = vehicle_record(stored.vehicle)
    return {
        "vin": {"S": record["vin"]},
        "noOfAxles": {"N": str(record["noOfAxles"])},
        "fuelType": {"S": record["fuelType"]},
        "timestamp": {"S": record["timestamp"]},
        "version": {"S": stored.version},
        "vinEnd": {"S": record["vin"][-VIN_END_LENGTH:]},
        **({"request": {"S": stored.request}} if stored.request else {}),
    }


def vehicle_of(item: Item) -> Vehicle:
    """Return the vehicle of an item. Raises StorageCorrupted."""
    try:
        return Vehicle(
            Vin.of(item["vin"]["S"]),
            AXLES[item["noOfAxles"]["N"]],
            FUEL_TYPES[item["fuelType"]["S"]],
            parse_timestamp(item["timestamp"]["S"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise _corrupted() from error


def stored_of(item: Item) -> StoredVehicle:
    """Return the vehicle of an item, and its version. Raises StorageCorrupted."""
    try:
        request = item["request"]["S"] if "request" in item else None
        return StoredVehicle(vehicle_of(item), Version(item["version"]["S"]), request)
    except (KeyError, TypeError) as error:
        raise _corrupted() from error


def is_whole(item: Item) -> bool:
    """Tell whether an item is a vehicle, with its version, and at its place in the index."""
    try:
        vin = stored_of(item).vehicle.vin
    except StorageCorrupted:
        return False
    return bool(item.get("vinEnd") == {"S": str(vin)[-VIN_END_LENGTH:]})


def key_of(vin: Vin) -> dict[str, Any]:
    """Return the key of a vehicle's item."""
    return {"vin": {"S": str(vin)}}


def vin_of(item: Item) -> Vin:
    """Return the VIN in an item or a key. Raises StorageCorrupted."""
    try:
        return Vin.of(item["vin"]["S"])
    except (KeyError, TypeError, ValueError) as error:
        raise _corrupted() from error


def end_of(page: Mapping[str, Any]) -> Vin | None:
    """Return the VIN after which the next page begins, or None if there is none. Raises StorageCorrupted."""
    return vin_of(page["LastEvaluatedKey"]) if "LastEvaluatedKey" in page else None


def _corrupted() -> StorageCorrupted:
    return StorageCorrupted("The table contains an item that is not a vehicle")
