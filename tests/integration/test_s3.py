"""The report store in a bucket: its contract, and what lies in the bucket."""

import base64
import hashlib
from typing import TYPE_CHECKING

import pytest

from tests.integration.emulator import Emulator, aws_settings, free_port, make_bucket
from tests.unit.report_store_contract import JSON, KEY, ReportStoreContract
from vehicles.adapters.s3 import S3ReportStore, make_s3_client
from vehicles.domain.errors import StorageMisconfigured, StorageUnavailable
from vehicles.ports.report_store import ReportStore

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


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


def test_object_has_its_media_type(client: "S3Client", bucket: str) -> None:
    S3ReportStore(client, bucket).write(KEY, b"{}", media_type=JSON)
    assert client.head_object(Bucket=bucket, Key=KEY)["ContentType"] == JSON


def test_object_has_its_checksum(client: "S3Client", bucket: str) -> None:
    S3ReportStore(client, bucket).write(KEY, b"{}", media_type=JSON)
    checksum = client.head_object(Bucket=bucket, Key=KEY, ChecksumMode="ENABLED")["ChecksumSHA256"]
    assert checksum == base64.b64encode(hashlib.sha256(b"{}").digest()).decode()


def test_missing_bucket_is_told(client: "S3Client") -> None:
    with pytest.raises(StorageMisconfigured, match="the bucket is not there"):
        S3ReportStore(client, "no-such-bucket").write(KEY, b"{}", media_type=JSON)


def test_silent_service_is_unavailable() -> None:
    with aws_settings(f"http://127.0.0.1:{free_port()}"):
        store = S3ReportStore(make_s3_client(), "summaries")
        with pytest.raises(StorageUnavailable, match="S3 did not answer"):
            store.read(KEY)
