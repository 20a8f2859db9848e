"""Pages of a scan, read fast.

botocore makes Python objects of DynamoDB's JSON one attribute at a time, by the model of the service: most of the time
of a walk along the table. So its client hands out pages unread, and they are read here: by the JSON parser of the
standard library, which leaves them in the form that botocore gives them; or, where they are only counted, by one
regular expression that takes the columns out of a whole page. docs/decisions/2026-11-scale.md has the figures.
"""

import json
import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

from vehicles.adapters.aws.dynamodb_items import Item
from vehicles.domain.errors import StorageCorrupted, StorageUnavailable
from vehicles.domain.summary.counts import Traits
from vehicles.domain.vehicle import AXLES, FUEL_TYPES
from vehicles.domain.vin.number import ALPHABET, LENGTH, WMI_LENGTH

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Answer = Mapping[str, Any]
"""What a client returns for a scan: a page as botocore gives it, or under `_UNREAD` one as it came."""

_UNREAD: Final = "UnreadPage"
_FUEL_TYPES_OF_BYTES: Final = {name.encode(): fuel_type for name, fuel_type in FUEL_TYPES.items()}
_AXLES_OF_BYTES: Final = {text.encode(): number for text, number in AXLES.items()}

_VIN: Final = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")
_DAY: Final = timedelta(days=1)

_ATTRIBUTES: Final = {
    "vin": r'"vin":~\{"S":~"(?P<wmi>[0-9A-HJ-NPR-Z]{3})[0-9A-HJ-NPR-Z]{14}"\}',
    "noOfAxles": r'"noOfAxles":~\{"N":~"(?P<axles>[0-9]{1,2})"\}',
    "fuelType": r'"fuelType":~\{"S":~"(?P<fuel>[a-z]+)"\}',
    "timestamp": r'"timestamp":~\{"S":~"(?P<day>[0-9]{4}-[0-9]{2}-[0-9]{2})'
    r'(?P<time>T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]\.[0-9]{6}Z)"\}',
}
"""An attribute as it is written if nothing is wrong with it; ~ stands for the space that a table may write there."""

_HEAD: Final = re.compile(rb'[^{]*\{[^{]*"Items":( ?)\[')
"""The beginning of a page up to its first item: the items are those of the page, not of anything within."""

_NAME: Final = re.compile(rb'"(\w+)": ?\{')


def leave_pages_unread(client: "DynamoDBClient") -> None:
    """Have the client hand out the pages of its scans as they come.

    The event is botocore's own, and not on its public list: a test pins it. Without it pages are read as ever, slower.
    """
    client.meta.events.register("before-parse.dynamodb.Scan", _take_page)


def _take_page(response_dict: dict[str, Any], customized_response_dict: dict[str, Any], **_: object) -> None:
    """Move a page past botocore's parser; what has no items, a refusal or a mere count, is left to that.

    Each attempt has a response of its own, so that a page that is asked for again is there once.
    """
    if response_dict["status_code"] == HTTPStatus.OK and b'"Items"' in response_dict["body"]:
        customized_response_dict[_UNREAD] = response_dict["body"]
        response_dict["body"] = b""


def page_of(answer: Answer) -> tuple[Sequence[Item], Item | None]:
    """Return the items of a page, as botocore gives them, and the key that it ends with; None at the end of the walk.

    Binary attributes stay text in base64. Raises StorageUnavailable.
    """
    try:
        page = json.loads(answer[_UNREAD]) if _UNREAD in answer else answer
        if isinstance(page["Items"], list):
            return page["Items"], page.get("LastEvaluatedKey")
    except (KeyError, TypeError, ValueError):
        pass
    reason = "DynamoDB answered with something else than a page"
    raise StorageUnavailable(reason)


def counted_page_of(answer: Answer, bounds: Sequence[datetime]) -> tuple[Traits, Item | None]:
    """Return what a summary with these bounds counts of a page, and the key that it ends with.

    Raises StorageUnavailable, and StorageCorrupted where an item is no vehicle.
    """
    if _UNREAD in answer and (counted := _counted_at_once(answer[_UNREAD], bounds)):
        return counted
    items, key = page_of(answer)
    return _counted(items, bounds), key


def _counted(items: Sequence[Item], bounds: Sequence[datetime]) -> Traits:
    """Return what is counted of items, whatever they are. Raises StorageCorrupted."""
    try:
        vins = [item["vin"]["S"] for item in items]
        numbers_of_axles = [AXLES[item["noOfAxles"]["N"]] for item in items]
        fuel_types = [FUEL_TYPES[item["fuelType"]["S"]] for item in items]
        moments = [datetime.fromisoformat(item["timestamp"]["S"]) for item in items]
        are_vehicles = all(map(_VIN.fullmatch, vins)) and all(moment.tzinfo is UTC for moment in moments)
    except (KeyError, TypeError, ValueError) as error:
        raise _corrupted() from error
    if not are_vehicles:
        raise _corrupted()
    periods = [bisect_right(bounds, moment) for moment in moments]
    return Traits([vin[:WMI_LENGTH] for vin in vins], numbers_of_axles, fuel_types, periods)


def _counted_at_once(body: bytes, bounds: Sequence[datetime]) -> tuple[Traits, Item | None] | None:
    """Return the same as the slow way, or None where a page is not exactly as one of vehicles is written.

    The items are cut out of the page. What is left has to be a comma between any two, and around them a page of none,
    so that not a character goes unseen.
    """
    try:
        head = _HEAD.match(body)
        if head is None:
            return None
        pattern = _pattern(tuple(_NAME.findall(body, head.end(), head.end() + 200)[: len(_ATTRIBUTES)]), head[1])
        parts = pattern.split(body)
        every = pattern.groups + 1
        first, *gaps, last = parts[::every]
        if first != head[0] or not {*gaps} <= {b"," + head[1]}:
            return None
        page = json.loads(first + last, object_pairs_hook=_once)
        if page["Items"] != []:
            return None
        column = {name: parts[place::every] for name, place in pattern.groupindex.items()}
        periods = _periods(column["day"], column["time"], bounds)
        wmis = {wmi: wmi.decode() for wmi in {*column["wmi"]}}
        numbers_of_axles = [_AXLES_OF_BYTES[number] for number in column["axles"]]
        fuel_types = [_FUEL_TYPES_OF_BYTES[name] for name in column["fuel"]]
        traits = Traits([wmis[wmi] for wmi in column["wmi"]], numbers_of_axles, fuel_types, periods)
        return traits, page.get("LastEvaluatedKey")
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _once(members: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object. Raises ValueError where it has a name twice, of which a parser takes the last."""
    found = dict(members)
    if len(found) != len(members):
        message = "a name is there twice"
        raise ValueError(message)
    return found


@cache
def _pattern(names: tuple[bytes, ...], space: bytes) -> re.Pattern[bytes]:
    """Return what finds items with attributes in this order. Raises ValueError where they are not those of a vehicle.

    DynamoDB promises no order, but writes the items of a page in one.
    """
    order = [name.decode() for name in names]
    if sorted(order) != sorted(_ATTRIBUTES):
        message = "a vehicle has each attribute once"
        raise ValueError(message)
    attributes = ",~".join(_ATTRIBUTES[name] for name in order)
    return re.compile(rf"\{{{attributes}\}}".encode().replace(b"~", space))


def _periods(days: Sequence[bytes], times: Sequence[bytes], bounds: Sequence[datetime]) -> list[int]:
    """Return how many bounds each moment has reached: one look for all of a day, unless a bound is within it."""
    periods: dict[bytes, int] = {}
    parted: set[bytes] = set()
    for day in {*days}:
        start = datetime.fromisoformat(f"{day.decode()}T00:00Z")
        periods[day] = bisect_right(bounds, start)
        if any(bound - start < _DAY for bound in bounds[periods[day] :][:1]):
            parted.add(day)
    if not parted:
        return [periods[day] for day in days]
    return [
        bisect_right(bounds, datetime.fromisoformat((day + time).decode())) if day in parted else periods[day]
        for day, time in zip(days, times, strict=True)
    ]


def _corrupted() -> StorageCorrupted:
    return StorageCorrupted("The table holds an item that is no vehicle")
