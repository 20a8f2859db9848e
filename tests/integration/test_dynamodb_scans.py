"""Pages of a scan that are read past botocore, compared with what it makes of them, and a summary out of time."""

import json
from collections.abc import Callable
from functools import cache
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from tests.support.emulator import aws_settings
from vehicles.adapters.aws import responses
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.domain.errors import StorageCorrupted, StorageError, StorageUnavailable
from vehicles.domain.vehicle import Vehicle
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.strategies import vehicles
from vehicles.testing.vehicle_repository import stored

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


texts = st.text(max_size=8)
numbers = (st.integers() | st.decimals(allow_nan=False, allow_infinity=False)).map(str)
values = st.recursive(
    st.fixed_dictionaries({"S": texts})
    | st.fixed_dictionaries({"N": numbers})
    | st.fixed_dictionaries({"BOOL": st.booleans()})
    | st.just({"NULL": True})
    | st.fixed_dictionaries({"SS": st.lists(texts, min_size=1, max_size=3)}),
    lambda inner: (
        st.fixed_dictionaries({"L": st.lists(inner, max_size=3)})
        | st.fixed_dictionaries({"M": st.dictionaries(texts, inner, max_size=3)})
    ),
    max_leaves=5,
)
items = st.dictionaries(texts, values, max_size=5) | vehicles().map(
    lambda vehicle: dict(item_of(StoredVehicle(vehicle, Version("1"))))
)
pages = st.builds(
    lambda found, others: {"Items": found, "Count": len(found), **others},
    st.lists(items, max_size=4),
    st.fixed_dictionaries(
        {"ScannedCount": st.integers(0, 9)},
        optional={"LastEvaluatedKey": items, "ConsumedCapacity": st.just({"TableName": "table", "CapacityUnits": 1.5})},
    ),
)


def answering(left: list[tuple[int, bytes]]) -> "DynamoDBClient":
    """Return a client whose requests are answered so, one after the other, with what is left at the time."""
    with aws_settings("http://127.0.0.1:1"):
        client = make_dynamodb_client()

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        status, content = left.pop(0)
        headers: Any = {"Content-Length": str(len(content))}
        return AWSResponse(request.url, status, headers, HTTPResponse(BytesIO(content), preload_content=False))

    client.meta.events.register("before-send.dynamodb", answer)  # type: ignore[arg-type]  # answers
    return client


@cache
def reader(*, event: bool) -> tuple["DynamoDBClient", list[tuple[int, bytes]]]:
    """Return a client, and the list of what it is answered; without the event botocore parses that itself."""
    left: list[tuple[int, bytes]] = []
    client = answering(left)
    if not event:
        client.meta.events.unregister("before-parse.dynamodb", responses.check_response)
    return client, left


def both_ways[Outcome](read: Callable[["DynamoDBClient"], Outcome], page: bytes) -> list[Outcome]:
    """Return what is read of a page with the event and without."""
    outcomes = []
    for event in (True, False):
        client, left = reader(event=event)
        left[:] = [(200, page)]
        outcomes.append(read(client))
    return outcomes


def read(client: "DynamoDBClient") -> tuple[Any, Any]:
    answer = client.scan(TableName="table")
    return answer["Items"], answer.get("LastEvaluatedKey")


def page_of_vehicles(*numbers: int) -> bytes:
    return json.dumps({"Items": [item_of(stored(number)) for number in numbers], "Count": len(numbers)}).encode()


def walked(client: "DynamoDBClient") -> list[Vehicle] | type[StorageError]:
    """Return the vehicles of a table, or the type of the error that says why they cannot be read."""
    try:
        return list(DynamoDBVehicleRepository(client, "table").partition(0, 1))
    except StorageError as error:
        return type(error)


def vehicles_of(*numbers: int) -> list[Vehicle]:
    return [stored(number).vehicle for number in numbers]


@st.composite
def written_pages(draw: st.DrawFn) -> bytes:
    """A page as DynamoDB may write it: its attributes in any order, with spaces or without."""
    fleet = draw(st.lists(vehicles(), max_size=5))
    order = draw(st.permutations(("vin", "noOfAxles", "fuelType", "timestamp")))
    kept = [item_of(StoredVehicle(vehicle, Version("1"))) for vehicle in fleet]
    page = {"Count": len(fleet), "Items": [{name: item[name] for name in order} for item in kept]}
    return json.dumps(page, separators=draw(st.sampled_from(((",", ":"), (", ", ": "))))).encode()


# --- beside botocore's parser


@given(page=pages)
def test_page_is_as_botocore_reads_it(page: dict[str, Any]) -> None:
    with_event, without = both_ways(read, json.dumps(page).encode())
    assert without == with_event


@given(page=written_pages(), place=st.integers(0), byte=st.integers(1, 127))
def test_damage_is_as_botocore_reads_it(page: bytes, place: int, byte: int) -> None:
    """Whatever character of a page is another one, it is read as botocore does, or told."""
    place %= len(page)
    damaged = page[:place] + bytes([byte]) + page[place + 1 :]
    client, left = reader(event=True)
    left[:] = [(200, damaged)] * 2
    outcome = walked(client)
    if outcome not in (StorageUnavailable, StorageCorrupted):
        assert both_ways(walked, damaged) == [outcome, outcome]


def test_event_is_still_sent() -> None:
    """Without it garbage would be an answer, and a summary take much longer."""
    seen: list[str] = []
    client = answering([(200, page_of_vehicles(1))])
    client.meta.events.register("before-parse.dynamodb.Scan", lambda event_name, **_: seen.append(event_name))
    read(client)
    assert seen == ["before-parse.dynamodb.Scan"]


def test_refusal_is_left_to_botocore() -> None:
    refusal = json.dumps({"__type": "x#ThrottlingException"}).encode()
    with pytest.raises(StorageUnavailable, match="throttles"):
        list(DynamoDBVehicleRepository(answering([(400, refusal)] * 9), "table").partition(0, 1))


@pytest.mark.parametrize(
    "body",
    (
        b'{"Items": [',
        b"<html>",
        b"{}",
        b'["Items"]',
        b'"Items"',
        b'{"Items": 1}',
    ),
)
def test_damaged_page_is_told(body: bytes) -> None:
    assert walked(answering([(200, body)] * 9)) is StorageUnavailable


@pytest.mark.parametrize("end", (b" 1]", b",]", b"}]", b"", b"]]"))
def test_damage_behind_items_is_told(end: bytes) -> None:
    item = {name: item_of(stored(1))[name] for name in ("vin", "noOfAxles", "fuelType", "timestamp")}
    page = b'{"Items":[%b%b,"Count":1}' % (json.dumps(item, separators=(",", ":")).encode(), end)
    assert walked(answering([(200, page)] * 9)) is StorageUnavailable


@pytest.mark.parametrize(
    "damage",
    (
        {"vin": {"S": "WMA"}},
        {"vin": {"S": "IOQH05ZZ94M012345"}},
        {"vin": {"S": "wmah05zz94m012345"}},
        {"vin": {"S": 5}},
        {"noOfAxles": {"N": "0"}},
        {"noOfAxles": {"N": "2.5"}},
        {"fuelType": {"S": "steam"}},
        {"timestamp": {"S": "2026-11-18T08:15:30"}},
        {"timestamp": {"S": "2026-02-30T08:15:30.000000Z"}},
        {"timestamp": {"S": "2026-11-18T24:15:30.000000Z"}},
        {"timestamp": {"N": "1"}},
        {"timestamp": None},
    ),
)
@pytest.mark.parametrize("numbers", ((1, 2), (2, 1)))
def test_item_that_is_no_vehicle_is_told(damage: dict[str, Any], numbers: tuple[int, int]) -> None:
    whole = {number: item_of(stored(number)) for number in numbers}
    page = json.dumps({"Items": [*(whole | {2: {**whole[2], **damage}}).values()], "Count": 2}).encode()
    assert walked(answering([(200, page)])) is StorageCorrupted


def test_page_with_two_lists_is_as_its_last() -> None:
    """As JSON parsers read it; DynamoDB writes none."""
    page = page_of_vehicles(1).removesuffix(b"}") + b',"Items":[],"Count":0}'
    assert walked(answering([(200, page)])) == []


@pytest.mark.parametrize("key", ({"vin": {"S": "WMA"}}, {"vin": {"N": "1"}}, {}, 1))
def test_key_that_is_no_vin_is_told(key: object) -> None:
    page = json.dumps({"Items": [item_of(stored(1))], "Count": 1, "LastEvaluatedKey": key}).encode()
    assert walked(answering([(200, page)])) is StorageCorrupted


def test_walk_goes_on_behind_the_key() -> None:
    key = {"vin": item_of(stored(2))["vin"]}
    page = json.dumps({"Items": [item_of(stored(1)), item_of(stored(2))], "Count": 2, "LastEvaluatedKey": key}).encode()
    assert vehicles_of(1, 2, 3) == walked(answering([(200, page), (200, page_of_vehicles(3))]))


def test_page_after_a_failure_counts_once() -> None:
    assert vehicles_of(1, 2, 3) == walked(answering([(500, b"{}"), (200, page_of_vehicles(1, 2, 3))]))


def test_page_repeated_for_its_checksum_counts_once() -> None:
    """The SDK may throw away a reply that was read already."""
    client = answering([(200, page_of_vehicles(1, 2, 3))] * 2)
    again = iter((0,))
    client.meta.events.register_first("needs-retry.dynamodb.Scan", lambda **_: next(again, None))  # type: ignore[arg-type]  # answers
    assert vehicles_of(1, 2, 3) == walked(client)
