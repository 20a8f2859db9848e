"""What is no response of AWS is a failed call, never an answer: every operation that the adapters use."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from types import SimpleNamespace
from typing import Any, Final
from zlib import crc32

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from urllib3 import HTTPResponse

from tests.support.emulator import Emulator, aws_settings, make_table
from vehicles.adapters.aws.client import make_client, translating
from vehicles.adapters.aws.cloudformation import make_cloudformation_client, read_deployment
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.aws.responses import check_responses
from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client
from vehicles.domain.errors import StorageUnavailable, VehicleNotFound
from vehicles.domain.vehicle import EVERY_VEHICLE, VehicleFilter
from vehicles.ports.vehicle_repository import Version
from vehicles.testing.report_store import REPORT, WEEK
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


@contextmanager
def replying(*replies: tuple[int, bytes], **headers: str) -> Iterator[Callable[[Any], Any]]:
    """Yield what makes a client be answered so; the last reply over and over."""
    left = list(replies)

    def reply(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        status, content = left.pop(0) if len(left) > 1 else left[0]
        named: Any = {"Content-Length": str(len(content)), **headers}
        return AWSResponse(request.url, status, named, HTTPResponse(BytesIO(content), preload_content=False))

    def attach[Client](client: Client) -> Client:
        client.meta.events.register("before-send", reply)  # type: ignore[attr-defined]  # of every client
        return client

    with aws_settings("http://127.0.0.1:1"):
        yield attach


def on_table(call: Callable[[DynamoDBVehicleRepository], object]) -> Callable[[Callable[[Any], Any]], object]:
    return lambda attach: call(DynamoDBVehicleRepository(attach(make_dynamodb_client()), "table"))


def on_bucket(call: Callable[[S3ReportStore], object]) -> Callable[[Callable[[Any], Any]], object]:
    return lambda attach: call(S3ReportStore(attach(make_s3_client()), "bucket"))


def publish(attach: Callable[[Any], Any]) -> None:
    with translating("SNS"):
        attach(make_client("SNS")).publish(TopicArn="arn:aws:sns:eu-central-1:1:topic", Subject="s", Message="m")


CALLS: Final[dict[str, Callable[[Callable[[Any], Any]], object]]] = {
    "GetItem": on_table(lambda vehicles: vehicles.get(numbered_vin(0))),
    "add": on_table(lambda vehicles: vehicles.add(stored())),
    "replace": on_table(lambda vehicles: vehicles.replace(stored(), expected=Version("1"))),
    "remove": on_table(lambda vehicles: vehicles.remove(numbered_vin(0))),
    "add_many": on_table(lambda vehicles: vehicles.add_many([stored(0), stored(1)])),
    "get_many": on_table(lambda vehicles: vehicles.get_many([numbered_vin(0)])),
    "replace_many": on_table(lambda vehicles: vehicles.replace_many([(stored(0), Version("1"))])),
    "Scan": on_table(lambda vehicles: vehicles.page(EVERY_VEHICLE, limit=5)),
    "Query": on_table(lambda vehicles: vehicles.page(VehicleFilter(vin_ends_with="000000"), limit=5)),
    "GetObject": on_bucket(lambda reports: reports.load(WEEK)),
    "PutObject": on_bucket(lambda reports: reports.save(REPORT, expected=None)),
    "ListObjectsV2": on_bucket(lambda reports: reports.weeks()),
    "HeadObject": on_bucket(lambda reports: reports._version_by("key", "writer")),  # noqa: SLF001 — only a lost reply leads there
    "DescribeStacks": lambda attach: read_deployment(attach(make_cloudformation_client()), "stack"),
    "Publish": publish,
}
NO_BODY: Final = {("HeadObject", name) for name, (status, _) in GARBAGE.items() if status >= 300}
"""The answer to HEAD has no body by which garbage would be known."""


@pytest.fixture(autouse=True)
def no_backoff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))


@pytest.mark.parametrize(
    ("call", "garbage"), [(call, garbage) for call in CALLS for garbage in GARBAGE if (call, garbage) not in NO_BODY]
)
def test_garbage_is_no_answer(call: str, garbage: str) -> None:
    # What a private method leaves to its caller, the test translates.
    with replying(GARBAGE[garbage]) as attach, pytest.raises(StorageUnavailable), translating("AWS"):
        CALLS[call](attach)


QUERIED: Final = json.dumps({"Items": [{"vin": {"S": str(numbered_vin(0))}}], "Count": 1}).encode()


@pytest.mark.parametrize("garbage", GARBAGE)
def test_garbage_behind_the_index_is_no_answer(garbage: str) -> None:
    with replying((200, QUERIED), GARBAGE[garbage]) as attach, pytest.raises(StorageUnavailable):
        CALLS["Query"](attach)


@pytest.mark.parametrize(
    "document",
    (
        {"Items": []},
        {"Count": 0},
        {"Items": [], "Count": 1},
        {"Items": [1], "Count": 1},
        {"Items": {}, "Count": 0},
        {"Item": {}},
        {},
    ),
    ids=json.dumps,
)
@pytest.mark.parametrize("call", ("Scan", "Query"))
def test_wrong_page_is_no_answer(call: str, document: object) -> None:
    with replying((200, json.dumps(document).encode())) as attach, pytest.raises(StorageUnavailable):
        CALLS[call](attach)


@pytest.mark.parametrize("call", ("GetItem", "add", "replace", "remove", "add_many", "get_many", "replace_many"))
def test_answer_to_another_call_is_none(call: str) -> None:
    with replying((200, b'{"Items":[],"Count":0}')) as attach, pytest.raises(StorageUnavailable):
        CALLS[call](attach)


@pytest.mark.parametrize("checksum", (str(crc32(b"{} ")), "0", "-1", "none", ""))
@pytest.mark.parametrize("call", ("GetItem", "add"))
def test_wrong_checksum_is_no_answer(call: str, checksum: str) -> None:
    with replying((200, b"{}"), **{"x-amz-crc32": checksum}) as attach, pytest.raises(StorageUnavailable):
        CALLS[call](attach)


def test_right_checksum_is_an_answer() -> None:
    with replying((200, b"{}"), **{"x-amz-crc32": str(crc32(b"{}"))}) as attach, pytest.raises(VehicleNotFound):
        CALLS["GetItem"](attach)


def test_garbage_is_asked_again() -> None:
    with replying((200, HTML), (200, b"{}")) as attach, pytest.raises(VehicleNotFound):
        CALLS["GetItem"](attach)


def test_page_with_etag_is_no_write() -> None:
    with replying((200, HTML), ETag='"1"') as attach, pytest.raises(StorageUnavailable):
        CALLS["PutObject"](attach)


def test_other_operations_are_left_alone(emulator: Emulator) -> None:
    client = emulator.dynamodb()
    check_responses(client)
    assert client.describe_table(TableName=make_table(client))["Table"]["ItemCount"] == 0
