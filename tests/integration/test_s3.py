"""The report store in a bucket: what lies there, and what is sent. Its contract is in test_aws_contracts.py."""

import base64
import hashlib
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest
from botocore.model import OperationModel

from tests.support.bucket_files import BucketFiles
from tests.support.emulator import Emulator, aws_settings, free_port, make_bucket
from tests.support.network import Network
from vehicles.adapters.aws.s3 import S3ReportStore, make_s3_client
from vehicles.adapters.report_formats.files import copies_of
from vehicles.domain.errors import ReportChanged, StorageMisconfigured, StorageUnavailable
from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.report_store import StoredReport, key_of
from vehicles.ports.vehicle_repository import Version
from vehicles.testing.racing import racing
from vehicles.testing.report_store import (
    DOCUMENT,
    KEY,
    NOW,
    REPORT,
    WEEK,
    put,
    report_of,
    summaries_on,
)

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> "S3Client":
    return emulator.s3()


@pytest.fixture
def bucket(client: "S3Client") -> str:
    return make_bucket(client)


@pytest.mark.parametrize(
    ("report_format", "media_type"),
    ((ReportFormat.JSON, "application/json"), (ReportFormat.CSV, "text/csv"), (ReportFormat.HTML, "text/html")),
)
def test_object_has_its_media_type(
    client: "S3Client", bucket: str, report_format: ReportFormat, media_type: str
) -> None:
    put(S3ReportStore(client, bucket), REPORT)
    head = client.head_object(Bucket=bucket, Key=key_of(WEEK, report_format))
    assert head["ContentType"] == media_type


def test_object_has_its_checksum(client: "S3Client", bucket: str) -> None:
    put(S3ReportStore(client, bucket), REPORT)
    checksum = client.head_object(Bucket=bucket, Key=KEY, ChecksumMode="ENABLED")["ChecksumSHA256"]
    assert checksum == base64.b64encode(hashlib.sha256(DOCUMENT).digest()).decode()


def test_version_is_the_etag(client: "S3Client", bucket: str) -> None:
    version = put(S3ReportStore(client, bucket), REPORT).version
    assert version == client.head_object(Bucket=bucket, Key=KEY)["ETag"]


@pytest.mark.slow
def test_weeks_of_many_pages_are_listed(client: "S3Client", bucket: str) -> None:
    weeks = [IsoWeek(2026, 1).shifted(-back) for back in range(1_001)]  # a page has a thousand keys
    files = BucketFiles(client, bucket)
    racing(partial(files.update, {key_of(week): b"" for week in weeks[first::8]}) for first in range(8))
    # The clock stands still: on a busy machine the time that a call may take is over before it is done.
    assert weeks == S3ReportStore(client, bucket, clock=lambda: NOW).weeks()


@pytest.fixture
def small_pages(emulator: Emulator) -> "S3Client":
    """Return a client that lists one key a page."""
    own = emulator.s3()
    own.meta.events.register("provide-client-params.s3.ListObjectsV2", lambda params, **_: params.update(MaxKeys=1))
    return own


def test_slow_listing_is_given_up(small_pages: "S3Client", client: "S3Client", bucket: str) -> None:
    BucketFiles(client, bucket).update({key_of(WEEK): b"", key_of(WEEK.shifted(1)): b""})
    times = iter((NOW, NOW + timedelta(seconds=2)))
    store = S3ReportStore(small_pages, bucket, clock=lambda: next(times), time_limit=timedelta(seconds=2))
    with pytest.raises(StorageUnavailable):
        store.weeks()


def test_last_page_may_be_late(small_pages: "S3Client", client: "S3Client", bucket: str) -> None:
    BucketFiles(client, bucket).update({key_of(WEEK): b"", key_of(WEEK.shifted(1)): b""})
    times = iter((NOW, NOW + timedelta(seconds=1), NOW + timedelta(seconds=9)))
    store = S3ReportStore(small_pages, bucket, clock=lambda: next(times), time_limit=timedelta(seconds=2))
    assert store.weeks() == [WEEK.shifted(1), WEEK]


# --- what is sent ---

type Sent = tuple[S3ReportStore, list[tuple[str, dict[str, Any]]]]


@pytest.fixture
def sent(emulator: Emulator) -> Sent:
    """Return a store, and the operations and parameters of what it sends."""
    own = emulator.s3()
    requests: list[tuple[str, dict[str, Any]]] = []
    store = S3ReportStore(own, make_bucket(own))

    def note(params: dict[str, Any], model: OperationModel, **_: object) -> None:
        requests.append((model.name, dict(params)))

    own.meta.events.register("before-parameter-build.s3", note)
    return store, requests


def test_every_write_is_conditional(sent: Sent) -> None:
    store, requests = sent
    first = put(store, report_of(5))
    put(store, report_of(7))
    writes = [params for name, params in requests if name == "PutObject"]
    assert [("IfNoneMatch" in write) != ("IfMatch" in write) for write in writes] == [True] * 6
    reports = [(write.get("IfNoneMatch"), write.get("IfMatch")) for write in writes if write["Key"] == KEY]
    assert reports == [("*", None), (None, first.version)]


def test_finished_week_costs_two_requests(sent: Sent) -> None:
    store, requests = sent
    summaries_on(store).summarize(WEEK)
    requests.clear()
    summaries_on(store).summarize(WEEK)
    assert [name for name, _ in requests] == ["GetObject", "ListObjectsV2"]


@pytest.mark.parametrize(
    ("status", "code"), ((412, "PreconditionFailed"), (409, "ConditionalRequestConflict"), (404, "NoSuchKey"))
)
def test_refused_condition_is_a_change(status: int, code: str) -> None:
    document = f"<Error><Code>{code}</Code></Error>".encode()
    other = {"ETag": '"2"', "x-amz-meta-writer": "somebody else"}
    network = Network((status, document), (200, b""), headers=other)
    with pytest.raises(ReportChanged):
        S3ReportStore(network.client(make_s3_client), "bucket").save(report_of(7), expected=Version('"1"'))


@pytest.mark.parametrize("there", (report_of(7), None))
@pytest.mark.parametrize("answers", ((0,), (None, 0)), ids=("report", "copy"))
def test_save_that_lost_a_reply_has_won(
    emulator: Emulator, there: WeeklyReport | None, answers: tuple[int | None, ...]
) -> None:
    own = emulator.s3()
    bucket = make_bucket(own)
    store = S3ReportStore(own, bucket)
    version = None if there is None else put(store, there).version
    again = iter(answers)
    own.meta.events.register_first("needs-retry.s3.PutObject", lambda **_: next(again, None))  # type: ignore[arg-type]  # answers
    store.save(REPORT, expected=version)
    assert dict(BucketFiles(own, bucket)) == {KEY: DOCUMENT, **copies_of(REPORT)}


# --- races ---


def test_racing_summarizers_leave_one_report_a_week(emulator: Emulator) -> None:
    """Each has a client of its own, and they begin together."""
    bucket = make_bucket(emulator.s3())
    weeks = [WEEK.shifted(-ago) for ago in (1, 0, 1, 0, 0, 1)]
    summarizers = [summaries_on(S3ReportStore(emulator.s3(), bucket)) for _ in weeks]
    racing(partial(each.summarize, week) for each, week in zip(summarizers, weeks, strict=True))
    summaries = summarizers[0]
    assert summaries.get() == summaries.get(WEEK)
    assert summaries.weeks() == [WEEK, WEEK.shifted(-1)]
    assert [summaries.get(week).summary.total for week in summaries.weeks()] == [1, 1]


# --- damaged on the way ---


@pytest.mark.parametrize("arriving", (b"damaged", b"as"))
def test_damaged_content_is_not_read(arriving: bytes) -> None:
    checksum = base64.b64encode(hashlib.sha256(b"as made").digest()).decode()
    headers = {"x-amz-checksum-sha256": checksum, "Content-Length": "7", "ETag": '"1"'}
    network = Network((200, arriving), headers=headers)
    with pytest.raises(StorageUnavailable):
        S3ReportStore(network.client(make_s3_client), "bucket").load(WEEK)


# --- failures ---


@pytest.mark.parametrize(
    "ask",
    (
        lambda store: store.load(WEEK),
        lambda store: store.save(REPORT, expected=None),
        lambda store: store.save(REPORT, expected=Version('"1"')),
        lambda store: store.restore_copies(StoredReport(REPORT, Version('"1"'))),
        lambda store: store.weeks(),
    ),
    ids=("load", "first save", "save", "restore_copies", "weeks"),
)
def test_missing_bucket_is_reported(client: "S3Client", ask: Callable[[S3ReportStore], object]) -> None:
    with pytest.raises(StorageMisconfigured, match="the bucket does not exist"):
        ask(S3ReportStore(client, "no-such-bucket"))


def test_silent_service_is_unavailable() -> None:
    with aws_settings(f"http://127.0.0.1:{free_port()}"):
        store = S3ReportStore(make_s3_client(), "summaries")
        with pytest.raises(StorageUnavailable, match="S3 did not answer"):
            store.load(WEEK)
