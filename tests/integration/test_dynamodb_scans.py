"""Pages of a scan that `json` reads, beside what botocore makes of them, and a summary that runs out of time."""

import json
import time
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("boto3")  # an extra, without which all but these tests runs

from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from tests.integration.emulator import Emulator, aws_settings, make_bucket, make_table
from tests.unit.functions_anew import functions_anew
from tests.unit.http_client import Invocation
from tests.unit.strategies import vehicles
from tests.unit.vehicle_repository_contract import stored
from vehicles.adapters import dynamodb, dynamodb_scans
from vehicles.adapters.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.dynamodb_items import item_of
from vehicles.domain.errors import StorageCorrupted, StorageUnavailable, SummaryUnfinished
from vehicles.domain.vehicle import Vehicle
from vehicles.entrypoints import lambdas
from vehicles.ports.vehicle_repository import StoredVehicle, Version

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

MANY = 400
PER_PART = 20
SECONDS = 4.0

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
pages = st.fixed_dictionaries(
    {"Items": st.lists(items, max_size=4), "Count": st.integers(0, 9), "ScannedCount": st.integers(0, 9)},
    optional={"LastEvaluatedKey": items, "ConsumedCapacity": st.just({"TableName": "table", "CapacityUnits": 1.5})},
)


def answering(*answers: tuple[int, bytes]) -> "DynamoDBClient":
    """Return a client whose requests are answered so, one after the other."""
    with aws_settings("http://127.0.0.1:1"):
        client = make_dynamodb_client()
    left = iter(answers)

    def answer(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        status, content = next(left)
        headers: Any = {"Content-Length": str(len(content))}
        return AWSResponse(request.url, status, headers, HTTPResponse(BytesIO(content), preload_content=False))

    client.meta.events.register("before-send.dynamodb", answer)  # type: ignore[arg-type]  # answers
    return client


def without_event(client: "DynamoDBClient") -> "DynamoDBClient":
    """Return the client as it would be if botocore no longer sent the event."""
    client.meta.events.unregister("before-parse.dynamodb.Scan", dynamodb_scans._read_page)
    return client


def scan(client: "DynamoDBClient") -> dict[str, Any]:
    answer: Any = client.scan(TableName="table")
    del answer["ResponseMetadata"]
    return dict(answer)


def page_of(*numbers: int) -> bytes:
    return json.dumps({"Items": [item_of(stored(number)) for number in numbers], "Count": len(numbers)}).encode()


# --- beside botocore's parser


@settings(max_examples=40, deadline=None)
@given(page=pages)
def test_page_is_as_botocore_reads_it(page: dict[str, Any]) -> None:
    content = json.dumps(page).encode()
    assert scan(without_event(answering((200, content)))) == scan(answering((200, content)))


@settings(max_examples=25, deadline=None)
@given(fleet=st.lists(vehicles(), max_size=5))
def test_vehicles_are_as_botocore_reads_them(fleet: list[Vehicle]) -> None:
    kept = [item_of(StoredVehicle(vehicle, Version("1"))) for vehicle in fleet]
    content = json.dumps({"Items": kept, "Count": len(kept)}).encode()
    fast, slow = answering((200, content)), without_event(answering((200, content)))
    read = [list(DynamoDBVehicleRepository(client, "table").traits(0, 1)) for client in (fast, slow)]
    assert read[0] == read[1]


def test_event_is_still_sent() -> None:
    """Without it all stays right, and the tests above still hold, but a summary takes much longer."""
    seen: list[str] = []
    client = answering((200, page_of(1)))
    client.meta.events.register("before-parse.dynamodb.Scan", lambda event_name, **_: seen.append(event_name))
    scan(client)
    assert seen == ["before-parse.dynamodb.Scan"]


def test_refusal_is_left_to_botocore() -> None:
    refusal = json.dumps({"__type": "x#ThrottlingException"}).encode()
    with pytest.raises(StorageUnavailable, match="throttles"):
        list(DynamoDBVehicleRepository(answering(*[(400, refusal)] * 9), "table").traits(0, 1))


@pytest.mark.parametrize("body", (b'{"Items": [', b"<html>", b"{}"))
def test_damaged_page_is_told(body: bytes) -> None:
    with pytest.raises(StorageUnavailable):
        list(DynamoDBVehicleRepository(answering(*[(200, body)] * 9), "table").traits(0, 1))


@pytest.mark.parametrize(
    "damage",
    (
        {"vin": {"S": "WMA"}},
        {"noOfAxles": {"N": "0"}},
        {"noOfAxles": {"N": "2.5"}},
        {"fuelType": {"S": "steam"}},
        {"timestamp": {"S": "2026-11-18T08:15:30"}},
        {"timestamp": {"N": "1"}},
        {"timestamp": None},
    ),
)
def test_item_that_is_no_vehicle_is_told(damage: dict[str, Any]) -> None:
    page = json.dumps({"Items": [item_of(stored(1)), {**item_of(stored(2)), **damage}]}).encode()
    with pytest.raises(StorageCorrupted):
        list(DynamoDBVehicleRepository(answering((200, page)), "table").traits(0, 1))


def test_page_after_a_failure_counts_once() -> None:
    client = answering((500, b"{}"), (200, page_of(1, 2, 3)))
    [page] = DynamoDBVehicleRepository(client, "table").traits(0, 1)
    assert len(page) == 3


def test_page_repeated_for_its_checksum_counts_once() -> None:
    """The SDK may throw away a reply that was read already."""
    client = answering((200, page_of(1, 2, 3)), (200, page_of(1, 2, 3)))
    again = iter((0,))
    client.meta.events.register_first("needs-retry.dynamodb.Scan", lambda **_: next(again, None))  # type: ignore[arg-type]  # answers
    [page] = DynamoDBVehicleRepository(client, "table").traits(0, 1)
    assert len(page) == 3


# --- out of time


class Hurried(Invocation):
    """An invocation that has little time; each look at the clock takes some of it, as on a slow day."""

    def __init__(self) -> None:
        self.end = time.monotonic() + SECONDS
        self.looks = 0

    def get_remaining_time_in_millis(self) -> int:
        self.looks += 1
        return round((self.end - time.monotonic()) * 1000) - 400 * self.looks


def test_function_goes_on_until_all_are_counted(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynamodb, "VEHICLES_PER_PART", PER_PART)
    client = emulator.dynamodb()
    table, bucket = make_table(client), make_bucket(emulator.s3())
    DynamoDBVehicleRepository(client, table).add_many([stored(number) for number in range(MANY)])
    monkeypatch.setattr(dynamodb, "SAMPLED_SEGMENTS", 8)
    unfinished: list[int] = []
    written: Any = None
    names = {"VEHICLES_BACKEND": "aws", "VEHICLES_TABLE": table, "VEHICLES_BUCKET": bucket}
    with aws_settings(emulator.address), functions_anew(**names):
        while written is None:
            invocation = Hurried()
            try:
                written = lambdas.summary({"week": "current"}, invocation)
            except SummaryUnfinished as stopped:
                assert invocation.end > time.monotonic(), "it ended too late"
                unfinished.append(stopped.done)
    assert (written["total"], sorted(set(unfinished))) == (MANY, unfinished)
    assert len(unfinished) >= 2
