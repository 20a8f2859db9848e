"""Pages of a scan, read fast.

botocore makes Python objects of DynamoDB's JSON one attribute at a time, by the model of the service: most of
the time of a walk along the table. The answer is JSON already in the form that botocore hands out, so the parser of the
standard library reads it in one go. docs/performance.md has the figures.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from vehicles.adapters.dynamodb_items import Item
from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.summary import Traits
from vehicles.domain.vehicle import FEWEST_AXLES, MOST_AXLES, FuelType
from vehicles.domain.vin import LENGTH, WMI_LENGTH

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

_FUEL_TYPES: Final = {str(fuel_type): fuel_type for fuel_type in FuelType}
_AXLES: Final = {str(number): number for number in range(FEWEST_AXLES, MOST_AXLES + 1)}
_READ: Final = ("Items", "LastEvaluatedKey", "Count", "ScannedCount")


def read_pages_fast(client: "DynamoDBClient") -> None:
    """Have the client read the pages of its scans by `json`, binary attributes excepted: those stay text in base64.

    The event is botocore's own, and not on its public list: a test pins it. Without it pages are read as ever, slower.
    """
    client.meta.events.register("before-parse.dynamodb.Scan", _read_page)


def _read_page(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Take the page out of an answer, and leave the rest of it to botocore.

    Each attempt has a response of its own, so that a page that is asked for again is there once.
    """
    if response_dict["status_code"] != HTTPStatus.OK:
        return
    try:
        page = json.loads(response_dict["body"])
    except ValueError:
        return  # botocore says what is wrong with it
    if not isinstance(page, dict) or not isinstance(page.get("Items", []), list):
        return
    for name in _READ:
        if page.get(name) is not None:
            customized_response_dict[name] = page.pop(name)
        page.pop(name, None)
    response_dict["body"] = json.dumps(page).encode()


def traits_of_items(items: Sequence[Item]) -> list[Traits]:
    """Return what a summary counts of the vehicles of a page. Raises StorageCorrupted."""
    try:
        vins = [item["vin"]["S"] for item in items]
        numbers_of_axles = [_AXLES[item["noOfAxles"]["N"]] for item in items]
        fuel_types = [_FUEL_TYPES[item["fuelType"]["S"]] for item in items]
        moments = [datetime.fromisoformat(item["timestamp"]["S"]) for item in items]
    except (KeyError, TypeError, ValueError) as error:
        raise _corrupted() from error
    if {*map(len, vins)} - {LENGTH} or any(moment.tzinfo is not UTC for moment in moments):
        raise _corrupted()
    return list(zip([vin[:WMI_LENGTH] for vin in vins], numbers_of_axles, fuel_types, moments, strict=True))


def _corrupted() -> StorageCorrupted:
    return StorageCorrupted("The table holds an item that is no vehicle")
