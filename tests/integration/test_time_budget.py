"""How long a request may take at worst: every operation of the API on AWS, with a clock and a network of our own.

The real clients, with their real configuration, send to a network that answers late, falsely or not at all; only
the seconds do not pass. What they wait for is counted.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from io import BytesIO
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

import botocore.endpoint
import pytest
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from botocore.exceptions import ReadTimeoutError
from botocore.retries.quota import RetryQuota
from botocore.retries.standard import ExponentialBackoff
from hypothesis import example, given
from hypothesis import strategies as st

from tests.support.emulator import aws_settings
from tests.support.http_client import JSON, NOW, REQUEST_ID, TRUCK, truck
from vehicles.adapters.aws.client import FUNCTION_TIMEOUT, REQUEST_TIMEOUT
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client
from vehicles.adapters.report_formats.render import render_report
from vehicles.container import make_import_registry
from vehicles.domain.deadline import TIME_LIMIT
from vehicles.domain.registry import Registry
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.fleets.imports import TIME_LIMIT as IMPORT_LIMIT
from vehicles.entrypoints.http.handlers import Services
from vehicles.entrypoints.http.messages import Request
from vehicles.entrypoints.http.routes import ROUTES
from vehicles.entrypoints.lambdas import FILE_LIMITS
from vehicles.ports.report_store import key_of
from vehicles.settings import Backend

GATEWAY_TIMEOUT: Final = 30.0
"""Seconds that an HTTP API waits for a function; no setting makes it longer."""


def request(method: str, target: str, body: object = None, headers: Mapping[str, str] | None = None) -> Request:
    path, _, query = target.partition("?")
    content = b"" if body is None else json.dumps(body).encode()
    return Request(method, path, query, {**(JSON if content else {}), **(headers or {})}, content, REQUEST_ID)


CURRENT: Final = {"if-match": '"1"'}
REQUESTS: Final = (
    request("POST", "/vehicle", truck()),
    request("GET", f"/vehicle?vin={TRUCK}"),
    request("PATCH", f"/vehicle?vin={TRUCK}", {"noOfAxles": 2}),
    request("PATCH", f"/vehicle?vin={TRUCK}", {"noOfAxles": 2}, CURRENT),
    request("PUT", f"/vehicle?vin={TRUCK}", {"noOfAxles": 2, "fuelType": "diesel"}),
    request("DELETE", f"/vehicle?vin={TRUCK}"),
    request("DELETE", f"/vehicle?vin={TRUCK}", None, CURRENT),
    request("GET", "/vehicles"),
    request("GET", "/vehicles?fuelType=diesel"),
    request("GET", "/vehicles?vinEndsWith=012345"),
    request("GET", "/vehicles?vinContains=0123"),
    request("GET", "/fleet"),
    request("GET", "/summary"),
    request("GET", "/summary?week=2026-W47"),
    request("GET", "/summaries"),
)

CSV: Final = f"vin,noOfAxles,fuelType\n{TRUCK},3,diesel\n".encode()
FILE_REQUESTS: Final = (
    Request("POST", "/vehicles/import", "", {"content-type": "application/octet-stream"}, CSV, REQUEST_ID),
    Request("POST", "/vehicles/import", "dryRun=true", {"content-type": "application/octet-stream"}, CSV, REQUEST_ID),
    request("GET", "/vehicles/export"),
    request("GET", "/vehicles/export?format=xlsx"),
)

ITEM: Final = {
    "vin": {"S": TRUCK},
    "noOfAxles": {"N": "3"},
    "fuelType": {"S": "diesel"},
    "timestamp": {"S": "2026-11-18T08:15:30.123456Z"},
    "version": {"S": "1"},
    "vinEnd": {"S": "012345"},
}
THROTTLING: Final = (400, {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"})
KEYS: Final = {"Keys": [{"vin": {"S": TRUCK}}], "ConsistentRead": True}

type Reply = tuple[float, int] | None
"""After how many seconds which answer of those that the operation knows; None where there never is one."""


def cancelled(code: str, **more: object) -> tuple[int, dict[str, object]]:
    return 400, {"__type": "x#TransactionCanceledException", "CancellationReasons": [{"Code": code, **more}]}


ANSWERS: Final[Mapping[str, tuple[tuple[int, Mapping[str, object]], ...]]] = {
    "GetItem": ((200, {"Item": ITEM}), THROTTLING),
    "TransactWriteItems": (
        (200, {}),
        cancelled("TransactionConflict"),
        cancelled("ConditionalCheckFailed", Item={**ITEM, "version": {"S": "other"}}),
        cancelled("ThrottlingError"),
        THROTTLING,
    ),
    "Scan": (
        (200, {"Items": [], "Count": 0, "LastEvaluatedKey": {"vin": {"S": TRUCK}}}),
        THROTTLING,
        (200, {"Items": [ITEM], "Count": 1}),
    ),
    "Query": (
        (200, {"Items": [{"vin": {"S": TRUCK}}], "Count": 1, "LastEvaluatedKey": {"vin": {"S": TRUCK}}}),
        THROTTLING,
        (200, {"Items": [{"vin": {"S": TRUCK}}], "Count": 1}),
    ),
    "BatchGetItem": (
        (200, {"Responses": {"table": [ITEM]}, "UnprocessedKeys": {}}),
        (200, {"Responses": {}, "UnprocessedKeys": {"table": KEYS}}),
        THROTTLING,
    ),
    "DescribeTable": ((200, {"Table": {"ItemCount": 5}}), THROTTLING),
    "GetObject": ((200, {}), (503, {}), (404, {}), (503, {})),
    "ListObjectsV2": ((200, {}), (503, {}), (200, {})),
}


WEEK: Final = IsoWeek.containing(NOW, UTC)
REPORT: Final = WeeklyReport.of(Summary(WEEK, ZoneInfo("UTC")), complete=False, earlier=None)
OBJECTS: Final = {key_of(WEEK): render_report(REPORT, ReportFormat.JSON)}
"""Of all other weeks that are listed the reports are damaged."""

MOST_PAGES: Final = 20
LISTED: Final = "".join(
    f"<Contents><Key>{key_of(WEEK.shifted(-back))}</Key><ETag>1</ETag></Contents>" for back in range(52)
)
LAST_LISTING: Final = f"<ListBucketResult><IsTruncated>false</IsTruncated>{LISTED}</ListBucketResult>".encode()


def listing(token: int) -> bytes:
    """Return a page of keys behind which there is another one."""
    more = f"<IsTruncated>true</IsTruncated><NextContinuationToken>{token}</NextContinuationToken>"
    return f"<ListBucketResult>{more}{LISTED}</ListBucketResult>".encode()


class Body(BytesIO):
    """A body that arrives late."""

    def __init__(self, content: bytes, arrive: Callable[[], None]) -> None:
        super().__init__(content)
        self.arrive = arrive

    def read(self, size: int | None = -1, /) -> bytes:
        self.arrive()
        return super().read(size)

    def stream(self, *_: object, **__: object) -> Iterator[bytes]:
        yield super().read()


class World:
    """Counts the seconds, and plays the network, which replies as it is told, over and over."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.attempts = 0
        self.replies: list[Reply] = [None]
        with aws_settings("http://127.0.0.1:1"):
            self.dynamodb, s3 = make_dynamodb_client(), make_s3_client()
        for client, service in ((self.dynamodb, "dynamodb"), (s3, "s3")):
            client.meta.events.register(f"before-send.{service}", self.reply)  # type: ignore[arg-type]  # may answer
        config = self.dynamodb.meta.config
        assert s3.meta.config.read_timeout == config.read_timeout  # type: ignore[attr-defined]  # set from its options
        self.read_timeout = float(config.read_timeout)  # type: ignore[attr-defined]  # as above
        self.connect_timeout = float(config.connect_timeout)  # type: ignore[attr-defined]  # as above
        repository = DynamoDBVehicleRepository(self.dynamodb, "table", sleep=self.wait, clock=self.clock)
        registry = Registry(repository, self.clock, lambda: "new")
        summaries = WeeklySummaries(repository, S3ReportStore(s3, "bucket", clock=self.clock), self.clock, UTC)
        importing = make_import_registry(registry, Backend.AWS)
        services = Services(lambda: registry, lambda: summaries, render_report, lambda: importing)
        self.api = Api(services, files=FILE_LIMITS)

    def clock(self) -> datetime:
        return NOW + timedelta(seconds=self.seconds)

    def wait(self, seconds: float) -> None:
        self.seconds += seconds

    def reply(self, request: AWSPreparedRequest, event_name: str, **_: object) -> AWSResponse:
        reply = self.replies[self.attempts % len(self.replies)]
        self.attempts += 1
        if reply is None:
            self.wait(self.connect_timeout + self.read_timeout)
            raise ReadTimeoutError(endpoint_url=request.url)
        delay, number = reply
        self.wait(min(delay, self.connect_timeout + self.read_timeout))
        operation = event_name.rpartition(".")[2]
        answers = ANSWERS[operation]
        status, document = answers[number % len(answers)]
        content = json.dumps(document).encode()
        match operation, status:
            case "GetObject", 200:
                content = OBJECTS.get(unquote(urlsplit(request.url).path).removeprefix("/bucket/"), b"{}")
            case "GetObject", 404:
                content = b"<Error><Code>NoSuchKey</Code></Error>"
            case "ListObjectsV2", 200:
                # However quick, an endless list would never end.
                is_last = number % len(answers) or self.attempts >= MOST_PAGES
                content = LAST_LISTING if is_last else listing(self.attempts)
            case "GetObject" | "ListObjectsV2", _:
                content = b""
        body = Body(content, lambda: self.wait(self.read_timeout))
        headers: Any = {"ETag": '"1"', "Content-Length": str(len(content))}
        return AWSResponse(request.url, status, headers, body)

    def time(self, sent: Request, replies: list[Reply]) -> float:
        """Return the seconds until the request is answered."""
        self.seconds, self.attempts, self.replies = 0.0, 0, replies
        answer = self.api.respond(sent)
        assert answer.status in {200, 201, 204, 404, 409, 412, 413, 503}, answer.body
        return self.seconds


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Yield a world in which everybody who draws lots for a pause draws the longest one, and may always try again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ExponentialBackoff.__init__, "__defaults__", (20, lambda: 1.0, None, None))
        patch.setattr(RetryQuota.__init__, "__defaults__", (10**9, None))
        patch.setattr("random.uniform", lambda _, most: most)
        made = World()
        patch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=made.wait))
        yield made


JUST_IN_TIME: Final = TIME_LIMIT.total_seconds() - 0.001
LATE: Final = 60.0
"""As late as a reply can be that is still taken."""
THROTTLED: Final = 9
"""The number of an answer by which each operation of one vehicle, and S3, asks to be repeated."""

delays = st.sampled_from((0.0, 0.1, 0.3, JUST_IN_TIME / 2, JUST_IN_TIME, LATE))
replies = st.lists(st.none() | st.tuples(delays, st.integers(0, 9)), min_size=1, max_size=12)
# A table without end is read until time is up, so time has to pass.
passing = st.lists(st.tuples(delays.filter(bool), st.integers(0, 9)), min_size=1, max_size=12)


def test_every_operation_is_timed() -> None:
    stored = {(route.method, route.path) for route in ROUTES if "storage-unavailable" in route.problems}
    assert stored == {(sent.method, sent.path) for sent in (*REQUESTS, *FILE_REQUESTS)}


@pytest.mark.parametrize("sent", REQUESTS, ids=lambda sent: f"{sent.method} {sent.path}?{sent.query}")
@given(replies=replies)
@example(replies=[None])
@example(replies=[(LATE, 1), (LATE, 0)])
@example(replies=[(LATE, THROTTLED), (LATE, 0)])
@example(replies=[(JUST_IN_TIME, 0), (JUST_IN_TIME, 1), (LATE, THROTTLED), (LATE, THROTTLED)])
@example(replies=[(JUST_IN_TIME, 0), (JUST_IN_TIME, 1), (LATE, 4), (LATE, 1)])
@example(replies=[(JUST_IN_TIME, 0), (LATE, 1), (LATE, 0)])
@example(replies=[(JUST_IN_TIME, 0), (JUST_IN_TIME, 1), None])
@example(replies=[(0.0, 0), (0.0, 2)])
@example(replies=[(0.0, 2)])
@example(replies=[(JUST_IN_TIME / 2, 2), (JUST_IN_TIME / 2, 2), (LATE, 1), (LATE, 0)])
@example(replies=[(0.0, 2), (0.0, 2), (JUST_IN_TIME, 2), (LATE, 1), (LATE, 0)])
def test_request_ends_in_time(world: World, sent: Request, replies: list[Reply]) -> None:
    assert world.time(sent, replies) < REQUEST_TIMEOUT - 1


@pytest.mark.parametrize("sent", FILE_REQUESTS, ids=lambda sent: f"{sent.method} {sent.path}?{sent.query}")
@given(replies=passing)
@example(replies=[None])
@example(replies=[(JUST_IN_TIME, 0)])
@example(replies=[(JUST_IN_TIME, THROTTLED), None])
@example(replies=[(0.0, THROTTLED)] * 4 + [None])
def test_file_ends_in_time(world: World, sent: Request, replies: list[Reply]) -> None:
    # An export reads until its time is up; an import begins its last batch just before.
    elapsed = 0 if sent.method == "GET" else IMPORT_LIMIT.total_seconds()
    assert elapsed + world.time(sent, replies) < FUNCTION_TIMEOUT


def test_function_ends_before_gateway() -> None:
    assert FUNCTION_TIMEOUT < GATEWAY_TIMEOUT


def test_attempt_takes_both_time_outs(world: World) -> None:
    attempts = world.dynamodb.meta.config.retries["total_max_attempts"]  # type: ignore[attr-defined]  # as above
    assert world.time(request("GET", f"/vehicle?vin={TRUCK}"), [None]) >= attempts * (
        world.connect_timeout + world.read_timeout
    )
