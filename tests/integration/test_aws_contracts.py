"""The contracts of the AWS adapters on moto, which is installed wherever the tests run.

What moto cannot show is tested in tests/aws: client tokens, checksums, and the requests that AWS refuses.
"""

from collections.abc import Callable, MutableMapping
from typing import TYPE_CHECKING

import pytest

from tests.support.bucket_files import BucketFiles
from tests.support.emulator import Emulator, make_bucket, make_table
from tests.support.summaries_contract import SummariesContract
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.aws.responses import check_responses
from vehicles.adapters.aws.s3 import S3ReportStore
from vehicles.ports.vehicle_repository import VehicleRepository
from vehicles.testing.report_store import ReportStoreContract
from vehicles.testing.vehicle_repository import TIMESTAMP, VehicleRepositoryContract

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client


class TestDynamoDBVehicleRepository(VehicleRepositoryContract):
    large = 150  # moto copies the whole table for each transaction

    @pytest.fixture(scope="class")
    @classmethod
    def fresh(cls, emulator: Emulator) -> Callable[[], VehicleRepository]:
        client = emulator.dynamodb()
        check_responses(client)  # as every client of ours
        # The clock stands still: on a busy machine the time that a call may take is over before it is done.
        return lambda: DynamoDBVehicleRepository(
            client, make_table(client), clock=lambda: TIMESTAMP, partition_page_size=cls.large // 3
        )


@pytest.fixture(scope="module")
def s3(emulator: Emulator) -> "S3Client":
    return emulator.s3()


@pytest.fixture
def bucket(s3: "S3Client") -> str:
    return make_bucket(s3)


class TestS3ReportStore(ReportStoreContract):
    @pytest.fixture
    def store(self, s3: "S3Client", bucket: str) -> S3ReportStore:
        return S3ReportStore(s3, bucket)

    @pytest.fixture
    def files(self, s3: "S3Client", bucket: str) -> MutableMapping[str, bytes]:
        return BucketFiles(s3, bucket)


class TestS3Summaries(SummariesContract):
    @pytest.fixture
    def store(self, s3: "S3Client", bucket: str) -> S3ReportStore:
        return S3ReportStore(s3, bucket)
