"""The report store in a bucket: its contract, and what lies in the bucket."""

import base64
import hashlib
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from io import BytesIO
from threading import Barrier
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("boto3")  # an extra, without which all but such tests runs

import botocore.endpoint
from botocore.awsrequest import AWSPreparedRequest, AWSResponse
from urllib3 import HTTPResponse

from tests.support.emulator import Emulator, aws_settings, free_port, make_bucket
from tests.support.report_store_contract import JSON, KEY, ReportStoreContract
from tests.support.summaries_contract import SummariesContract, page_of
from tests.support.vehicle_repository_contract import MOMENT
from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.errors import (
    ReportChanged,
    StorageCorrupted,
    StorageError,
    StorageMisconfigured,
    StorageUnavailable,
)
from vehicles.domain.summary.report_manifest import LATEST_KEY, manifest_key, read_pointer
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.report_store import ReportStore

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

WEEK = IsoWeek.containing(MOMENT, UTC)


def summaries_on(store: ReportStore) -> WeeklySummaries:
    return WeeklySummaries(InMemoryVehicleRepository(), store, lambda: MOMENT, UTC, page_of)


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> "S3Client":
    return emulator.s3()


@pytest.fixture
def bucket(client: "S3Client") -> str:
    return make_bucket(client)


class TestS3ReportStore(ReportStoreContract):
    @pytest.fixture
    def store(self, client: "S3Client", bucket: str) -> ReportStore:
        return S3ReportStore(client, bucket)


class TestS3Summaries(SummariesContract):
    @pytest.fixture
    def store(self, client: "S3Client", bucket: str) -> ReportStore:
        return S3ReportStore(client, bucket)


def test_object_has_its_media_type(client: "S3Client", bucket: str) -> None:
    S3ReportStore(client, bucket).write(KEY, b"{}", media_type=JSON)
    assert client.head_object(Bucket=bucket, Key=KEY)["ContentType"] == JSON


def test_object_has_its_checksum(client: "S3Client", bucket: str) -> None:
    S3ReportStore(client, bucket).write(KEY, b"{}", media_type=JSON)
    checksum = client.head_object(Bucket=bucket, Key=KEY, ChecksumMode="ENABLED")["ChecksumSHA256"]
    assert checksum == base64.b64encode(hashlib.sha256(b"{}").digest()).decode()


# --- what is sent ---


@pytest.fixture
def sent(emulator: Emulator) -> tuple[S3ReportStore, list[dict[str, Any]]]:
    """Yield a store, and the parameters of what it writes."""
    own = emulator.s3()
    writes: list[dict[str, Any]] = []
    own.meta.events.register("before-parameter-build.s3.PutObject", lambda params, **_: writes.append(dict(params)))
    return S3ReportStore(own, make_bucket(own)), writes


def test_writes_are_conditional(sent: tuple[S3ReportStore, list[dict[str, Any]]]) -> None:
    store, writes = sent
    tag = store.write_if(KEY, b"1", media_type=JSON, expected=None)
    store.write_if(KEY, b"2", media_type=JSON, expected=tag)
    store.write(KEY, b"3", media_type=JSON)
    expected = [("*", None), (None, tag), (None, None)]
    assert expected == [(write.get("IfNoneMatch"), write.get("IfMatch")) for write in writes]


def test_latest_is_written_last(sent: tuple[S3ReportStore, list[dict[str, Any]]]) -> None:
    store, writes = sent
    summaries_on(store).summarize()
    keys = [write["Key"] for write in writes]
    assert keys[-2:] == [manifest_key(WEEK), LATEST_KEY]


@pytest.mark.parametrize(
    ("status", "code"), ((412, "PreconditionFailed"), (409, "ConditionalRequestConflict"), (404, "NoSuchKey"))
)
def test_refused_condition_is_a_change(emulator: Emulator, status: int, code: str) -> None:
    own = emulator.s3()
    store = S3ReportStore(own, make_bucket(own))
    tag = store.write(KEY, b"another's", media_type=JSON)
    document = f"<Error><Code>{code}</Code></Error>".encode()
    own.meta.events.register("before-send.s3.PutObject", lambda request, **_: reply(request.url, status, document))  # type: ignore[arg-type]  # answers
    with pytest.raises(ReportChanged):
        store.write_if(KEY, b"mine", media_type=JSON, expected=tag)


@pytest.mark.parametrize("there", (b"before", None))
def test_write_that_lost_its_reply_has_won(emulator: Emulator, there: bytes | None) -> None:
    own = emulator.s3()
    store = S3ReportStore(own, make_bucket(own))
    tag = None if there is None else store.write(KEY, there, media_type=JSON)
    again = iter((0,))
    own.meta.events.register_first("needs-retry.s3.PutObject", lambda **_: next(again, None))  # type: ignore[arg-type]  # answers
    assert store.write_if(KEY, b"mine", media_type=JSON, expected=tag) == store.read(KEY).tag


# --- races ---


def test_latest_goes_forward_only(client: "S3Client", bucket: str) -> None:
    summaries = summaries_on(S3ReportStore(client, bucket))
    for weeks in (-2, 0, -1):
        summaries.summarize(WEEK.shifted(weeks))
    assert read_pointer(S3ReportStore(client, bucket).read(LATEST_KEY).content) == WEEK


def test_racing_summarizers_leave_the_latest(emulator: Emulator) -> None:
    """Each has a client of its own, and they begin together; the latest week wins, whoever is last."""
    bucket = make_bucket(emulator.s3())
    weeks = [WEEK.shifted(-ago) for ago in (3, 0, 2, 1, 0, 5)]
    barrier = Barrier(len(weeks))

    def summarize(week: IsoWeek, store: S3ReportStore) -> None:
        summaries = summaries_on(store)
        barrier.wait()
        summaries.summarize(week)

    stores = [S3ReportStore(emulator.s3(), bucket) for _ in weeks]
    with ThreadPoolExecutor(len(weeks)) as threads:
        list(threads.map(summarize, weeks, stores))
    store = S3ReportStore(emulator.s3(), bucket)
    assert read_pointer(store.read(LATEST_KEY).content) == WEEK
    assert {manifest_key(week) for week in weeks} < set(store.keys())


# --- damaged on the way ---


def reply(url: str, status: int, content: bytes, **headers: str) -> AWSResponse:
    named: Any = {"Content-Length": str(len(content)), **headers}
    return AWSResponse(url, status, named, HTTPResponse(BytesIO(content), preload_content=False))


def test_damaged_content_is_not_written(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(botocore.endpoint, "time", SimpleNamespace(sleep=lambda _: None))
    own = emulator.s3()
    store = S3ReportStore(own, make_bucket(own))

    def damage(request: AWSPreparedRequest, **_: object) -> None:
        request.body = b"damaged"

    own.meta.events.register("before-send.s3.PutObject", damage)
    with pytest.raises(StorageUnavailable, match="S3 could not do PutObject"):
        store.write(KEY, b"as made", media_type=JSON)
    assert list(store.keys()) == []


@pytest.mark.parametrize(
    ("arriving", "length", "error"),
    ((b"damaged", 7, StorageCorrupted), (b"as", 7, StorageUnavailable)),
)
def test_damaged_content_is_not_read(
    emulator: Emulator, arriving: bytes, length: int, error: type[StorageError]
) -> None:
    own = emulator.s3()
    checksum = base64.b64encode(hashlib.sha256(b"as made").digest()).decode()
    headers = {"x-amz-checksum-sha256": checksum, "Content-Length": str(length), "ETag": '"1"'}

    def hand_out(request: AWSPreparedRequest, **_: object) -> AWSResponse:
        return reply(request.url, 200, arriving, **headers)

    own.meta.events.register("before-send.s3.GetObject", hand_out)  # type: ignore[arg-type]  # answers
    with pytest.raises(error):
        S3ReportStore(own, "bucket").read(KEY)


# --- failures ---


def test_missing_bucket_is_told(client: "S3Client") -> None:
    with pytest.raises(StorageMisconfigured, match="the bucket is not there"):
        S3ReportStore(client, "no-such-bucket").write(KEY, b"{}", media_type=JSON)


def test_silent_service_is_unavailable() -> None:
    with aws_settings(f"http://127.0.0.1:{free_port()}"):
        store = S3ReportStore(make_s3_client(), "summaries")
        with pytest.raises(StorageUnavailable, match="S3 did not answer"):
            store.read(KEY)
