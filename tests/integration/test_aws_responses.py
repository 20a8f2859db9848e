"""What is no response of AWS is a failed call, never an answer; all else is read as botocore would read it."""

import json
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Final
from zlib import crc32

import botocore.endpoint
import pytest
from botocore.retries.quota import RetryQuota
from hypothesis import given
from hypothesis import strategies as st

from tests.support.emulator import Emulator, make_table
from tests.support.network import Network
from vehicles.adapters.aws import responses
from vehicles.adapters.aws.client import make_client, translating
from vehicles.adapters.aws.cloudformation import make_cloudformation_client, read_deployment
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.aws.dynamodb_check import check_table
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.adapters.aws.responses import check_responses
from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client
from vehicles.domain.errors import StorageCorrupted, StorageError, StorageUnavailable, VehicleNotFound
from vehicles.domain.idempotency import IdempotencyKey, KeyedRequest
from vehicles.domain.vehicle import EVERY_VEHICLE, Vehicle, VehicleFilter
from vehicles.ports.vehicle_repository import Count, StoredVehicle, Version
from vehicles.testing.report_store import REPORT, WEEK
from vehicles.testing.strategies import vehicles
from vehicles.testing.vehicle_repository import numbered_vin, stored

HTML: Final = b"<html><head><title>Log in</title></head><body>Wi-Fi of the hotel</body></html>"
GARBAGE: Final[dict[str, tuple[int, bytes]]] = {
    "empty": (200, b""),
    "HTML": (200, HTML),
    "broken HTML": (200, b"<html><p>Log in<br>"),
    "broken JSON": (200, b'{"Item": {"vin"'),
    "JSON list": (200, b"[]"),
    "JSON null": (200, b"null"),
    "JSON text": (200, b'"Items"'),
    "other object": (200, b'{"message": "hello"}'),
    "deep JSON": (200, b"[" * 100_000),
    "no UTF-8": (200, b"\xff\xfe"),
    "redirect": (302, b""),
    "page of a proxy": (403, HTML),
    "not found by a proxy": (404, b""),
    "error that is none": (400, b"[]"),
}


class Aws:
    """A client of each service on one network."""

    def __init__(self) -> None:
        self.network = Network((500, b""))
        self.client = self.network.client(make_dynamodb_client)
        self.vehicles = DynamoDBVehicleRepository(self.client, "table")
        self.reports = S3ReportStore(self.network.client(make_s3_client), "bucket")
        self.cloudformation = self.network.client(make_cloudformation_client)
        self.sns = self.network.client(lambda: make_client("SNS"))

    def publish(self) -> None:
        with translating("SNS"):
            self.sns.publish(TopicArn="arn:aws:sns:eu-central-1:1:topic", Subject="s", Message="m")


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    """Yield clients that wait for nothing before they try again, which they may always do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
        patch.setattr(RetryQuota.__init__, "__defaults__", (10**9, None))
        yield Aws()


CALLS: Final[dict[str, Callable[[Aws], object]]] = {
    "GetItem": lambda aws: aws.vehicles.get(numbered_vin(0)),
    "add": lambda aws: aws.vehicles.add(stored()),
    "replace": lambda aws: aws.vehicles.replace(stored(), expected=Version("1")),
    "remove": lambda aws: aws.vehicles.remove(numbered_vin(0)),
    "add_many": lambda aws: aws.vehicles.add_many([stored(0), stored(1)]),
    "get_many": lambda aws: aws.vehicles.get_many([numbered_vin(0)]),
    "replace_many": lambda aws: aws.vehicles.replace_many([(stored(0), Version("1"))]),
    "Scan": lambda aws: aws.vehicles.page(EVERY_VEHICLE, limit=5),
    "count": lambda aws: aws.vehicles.count(),
    "Query": lambda aws: aws.vehicles.page(VehicleFilter(vin_ends_with="000000"), limit=5),
    "GetObject": lambda aws: aws.reports.load(WEEK),
    "PutObject": lambda aws: aws.reports.save(REPORT, expected=None),
    "ListObjectsV2": lambda aws: aws.reports.weeks(),
    "HeadObject": lambda aws: aws.reports._version_by("key", "writer"),  # noqa: SLF001 — only a lost reply leads there
    "DescribeStacks": lambda aws: read_deployment(aws.cloudformation, "stack"),
    "Publish": Aws.publish,
}


def is_refused(aws: Aws, call: str, answer: tuple[int, bytes]) -> bool:
    aws.network.answer(answer)
    try:
        with translating("AWS"):  # what a private method leaves to its caller
            CALLS[call](aws)
    except StorageUnavailable:
        return True
    return False


@pytest.mark.parametrize("call", CALLS)
def test_garbage_is_no_answer(aws: Aws, call: str) -> None:
    # The answer to HEAD has no body by which garbage would be known.
    known = {name: answer for name, answer in GARBAGE.items() if call != "HeadObject" or answer[0] < 300}
    assert [name for name, answer in known.items() if not is_refused(aws, call, answer)] == []


QUERIED: Final = json.dumps({"Items": [{"vin": {"S": str(numbered_vin(0))}}], "Count": 1}).encode()


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_behind_the_index_is_no_answer(aws: Aws, garbage: str) -> None:
    aws.network.answer((200, QUERIED), GARBAGE[garbage])
    with pytest.raises(StorageUnavailable):
        CALLS["Query"](aws)


COUNTED: Final = json.dumps(
    {"Count": 5, "ScannedCount": 5, "LastEvaluatedKey": {"vin": {"S": str(numbered_vin(0))}}}
).encode()


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_behind_the_count_is_no_answer(aws: Aws, garbage: str) -> None:
    aws.network.answer((200, COUNTED), (200, COUNTED), GARBAGE[garbage])
    with pytest.raises(StorageUnavailable):
        aws.vehicles.count()


@pytest.mark.parametrize("counted", (-5, 6))
def test_count_beyond_what_was_read_is_none(aws: Aws, counted: int) -> None:
    assert is_refused(aws, "count", (200, json.dumps({"Count": counted, "ScannedCount": 5}).encode()))


def test_count_of_a_large_table_is_an_answer(aws: Aws) -> None:
    aws.network.answer((200, COUNTED), (200, COUNTED), (200, b'{"Table":{"ItemCount":7}}'))
    assert aws.vehicles.count() == Count(10, is_exact=False)


WRONG_PAGES: Final[tuple[dict[str, object], ...]] = (
    {"Items": []},
    {"Count": 0},
    {"Items": [], "Count": 1},
    {"Items": [1], "Count": 1},
    {"Items": {}, "Count": 0},
    {"Count": 0, "ScannedCount": 0},
    {"Items": [], "Count": 0, "LastEvaluatedKey": {"vin": {"L": "x"}}},
    {"Item": {}},
    {},
)


@pytest.mark.parametrize("call", ("Scan", "Query"))
def test_wrong_page_is_no_answer(aws: Aws, call: str) -> None:
    assert [page for page in WRONG_PAGES if not is_refused(aws, call, (200, json.dumps(page).encode()))] == []


@pytest.mark.parametrize("call", ("GetItem", "add", "replace", "remove", "add_many", "get_many", "replace_many"))
def test_answer_to_another_call_is_none(aws: Aws, call: str) -> None:
    assert is_refused(aws, call, (200, b'{"Items":[],"Count":0}'))


@pytest.mark.parametrize("checksum", (str(crc32(b"{} ")), "0", "-1", "none", ""))
@pytest.mark.parametrize("call", ("GetItem", "add"))
def test_wrong_checksum_is_no_answer(aws: Aws, call: str, checksum: str) -> None:
    aws.network.answer((200, b"{}"), headers={"x-amz-crc32": checksum})
    with pytest.raises(StorageUnavailable):
        CALLS[call](aws)


def test_right_checksum_is_an_answer(aws: Aws) -> None:
    aws.network.answer((200, b"{}"), headers={"x-amz-crc32": str(crc32(b"{}"))})
    with pytest.raises(VehicleNotFound):
        CALLS["GetItem"](aws)


def test_garbage_is_asked_again(aws: Aws) -> None:
    aws.network.answer((200, HTML), (200, b"{}"))
    with pytest.raises(VehicleNotFound):
        CALLS["GetItem"](aws)


def test_page_with_etag_is_no_write(aws: Aws) -> None:
    aws.network.answer((200, HTML), headers={"ETag": '"1"'})
    with pytest.raises(StorageUnavailable):
        CALLS["PutObject"](aws)


def test_other_operations_are_left_alone(emulator: Emulator) -> None:
    client = emulator.dynamodb()
    check_responses(client)
    assert client.describe_table(TableName=make_table(client))["Table"]["ItemCount"] == 0


# --- pages that are read past botocore's parser

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
whole_items = vehicles().map(lambda vehicle: item_of(StoredVehicle(vehicle, Version("1"))))
items = st.dictionaries(texts, values, max_size=5) | whole_items


def pages_of(kept: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    """Pages as DynamoDB may write them, with spaces or without."""
    keys = st.dictionaries(texts, st.fixed_dictionaries({"S": texts}), min_size=1, max_size=3)
    more = {"ScannedCount": st.integers(0, 9), "LastEvaluatedKey": keys, "ConsumedCapacity": st.just({})}
    others = st.fixed_dictionaries({}, optional=more)
    return st.builds(
        lambda found, others, separators: json.dumps(
            {"Items": found, "Count": len(found), **others}, separators=separators
        ).encode(),
        st.lists(kept, max_size=5),
        others,
        st.sampled_from(((",", ":"), (", ", ": "))),
    )


@pytest.fixture(scope="module")
def bare() -> Aws:
    """Return clients whose responses botocore parses itself."""
    aws = Aws()
    aws.client.meta.events.unregister("before-parse.dynamodb", responses.check_response)
    return aws


def scanned(aws: Aws, page: bytes) -> tuple[Any, Any]:
    aws.network.answer((200, page))
    answer = aws.client.scan(TableName="table")
    return answer["Items"], answer.get("LastEvaluatedKey")


@given(page=pages_of(items))
def test_page_is_as_botocore_reads_it(aws: Aws, bare: Aws, page: bytes) -> None:
    assert scanned(bare, page) == scanned(aws, page)


READS: Final[dict[str, Callable[[Aws], object]]] = {
    **{name: CALLS[name] for name in ("GetItem", "Scan", "count", "Query")},
    "get_many": lambda aws: aws.vehicles.get_many([numbered_vin(0), numbered_vin(1)]),
    "doctor": lambda aws: list(check_table(aws.vehicles)),
}


def answers_to(read: str, vehicle: Vehicle) -> list[bytes]:
    """Return what DynamoDB may answer to the requests of a read of a vehicle."""
    version = Version("abcdefgh12345n78")
    request = KeyedRequest.of(IdempotencyKey("caller", "key"), vehicle, version)
    item = item_of(StoredVehicle(vehicle, version, str(request)))
    key = {"vin": item["vin"]}
    last = {"LastEvaluatedKey": key}
    one = {"Count": 1, "ScannedCount": 1}
    pages: list[object] = [{"Items": [item], **one, **last}, {"Items": [item], **one}]
    some = {"Responses": {"table": [item]}, "UnprocessedKeys": {}}
    rest = {"Responses": {"table": [item]}, "UnprocessedKeys": {"table": {"Keys": [key], "ConsistentRead": True}}}
    answers: dict[str, list[object]] = {
        "GetItem": [{"Item": item}],
        "get_many": [rest, some],
        "Scan": pages,
        "count": [{**one, **last}, one],
        "Query": [{"Items": [key], **one}, some],
        "doctor": [pages[1], {"Items": [key], **one}, some, *pages],
    }
    return [json.dumps(answer).encode() for answer in answers[read]]


def outcome_of(aws: Aws, read: str, answers: list[bytes]) -> object:
    """Return what a read returns, or the error that says why it cannot."""
    aws.network.answer_each(*((200, answer) for answer in answers))
    try:
        return READS[read](aws)
    except StorageError as error:
        return error


@pytest.mark.parametrize("read", READS)
@given(vehicle=vehicles(), data=st.data())
def test_damage_is_no_fault_of_ours(aws: Aws, read: str, vehicle: Vehicle, data: st.DataObject) -> None:
    """Whatever character of an answer is another one, it is read as far as it still is an answer, or refused."""
    answers = answers_to(read, vehicle)
    undamaged = outcome_of(aws, read, answers)
    which = data.draw(st.integers(0, len(answers) - 1), "which")
    damaged = bytearray(answers[which])
    damaged[data.draw(st.integers(0, len(damaged) - 1), "place")] = data.draw(st.integers(1, 127), "byte")
    outcome = outcome_of(aws, read, [*answers[:which], bytes(damaged), *answers[which + 1 :]])
    assert not isinstance(undamaged, StorageError)
    assert isinstance(outcome, StorageUnavailable | StorageCorrupted | type(undamaged))


def test_event_is_still_sent(aws: Aws) -> None:
    """Without it garbage would be an answer, and a summary take much longer."""
    seen: list[str] = []
    aws.client.meta.events.register("before-parse.dynamodb.Scan", lambda event_name, **_: seen.append(event_name))
    scanned(aws, QUERIED)
    assert seen == ["before-parse.dynamodb.Scan"]
