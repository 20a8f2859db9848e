"""The contracts of the AWS adapters on moto, which is installed wherever the tests run.

What moto cannot show is tested on the emulator: client tokens, checksums, and the requests that AWS refuses.
"""

from collections.abc import Callable, Iterator, MutableMapping
from threading import Lock, Thread
from typing import TYPE_CHECKING

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.support.bucket_files import BucketFiles
from tests.support.emulator import HOST, Emulator, make_bucket, make_table
from tests.support.summaries_contract import SummariesContract
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.aws.dynamodb_scans import leave_pages_unread
from vehicles.adapters.aws.s3 import S3ReportStore
from vehicles.ports.vehicle_repository import VehicleRepository
from vehicles.testing.report_store import ReportStoreContract
from vehicles.testing.vehicle_repository import MOMENT, VehicleRepositoryContract

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment


@pytest.fixture(scope="session")
def moto() -> Iterator[Emulator]:
    """Run moto's server, one request at a time: it has no locks of its own."""
    application, lock = DomainDispatcherApplication(create_backend_app), Lock()

    def one_by_one(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        with lock:
            answered: Iterable[bytes] = application(environ, start_response)
            return answered

    server = make_server(HOST, 0, one_by_one, threaded=True)
    serving = Thread(target=server.serve_forever)
    serving.start()
    yield Emulator(server.server_port)
    server.shutdown()
    serving.join()
    server.server_close()


class TestDynamoDBVehicleRepository(VehicleRepositoryContract):
    large = 150  # moto copies the whole table for each transaction

    @pytest.fixture(scope="class")
    @classmethod
    def fresh(cls, moto: Emulator) -> Callable[[], VehicleRepository]:
        client = moto.dynamodb()
        leave_pages_unread(client)  # as every client of ours
        # The clock stands still: on a busy machine the time that a call may take is over before it is done.
        return lambda: DynamoDBVehicleRepository(
            client, make_table(client), clock=lambda: MOMENT, partition_page_size=cls.large // 3
        )


@pytest.fixture
def bucket(moto: Emulator) -> str:
    return make_bucket(moto.s3())


class TestS3ReportStore(ReportStoreContract):
    @pytest.fixture
    def store(self, moto: Emulator, bucket: str) -> S3ReportStore:
        return S3ReportStore(moto.s3(), bucket)

    @pytest.fixture
    def files(self, moto: Emulator, bucket: str) -> MutableMapping[str, bytes]:
        return BucketFiles(moto.s3(), bucket)


class TestS3Summaries(SummariesContract):
    @pytest.fixture
    def store(self, moto: Emulator, bucket: str) -> S3ReportStore:
        return S3ReportStore(moto.s3(), bucket)
