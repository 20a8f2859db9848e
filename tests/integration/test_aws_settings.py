"""Where and as whom the adapters ask AWS: its own settings say it, and an absent one is told."""

import json
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, override

import pytest

from tests.support.emulator import HOST, aws_settings, free_port
from tests.support.http_client import TRUCK
from tests.support.network import Network
from tests.support.processes import serving_in_thread
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.aws.s3 import make_s3_client
from vehicles.domain.errors import StorageMisconfigured
from vehicles.domain.vin.number import Vin

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient


def test_missing_credentials_are_reported() -> None:
    with aws_settings(f"http://{HOST}:{free_port()}", AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY=""):
        repository = DynamoDBVehicleRepository(make_dynamodb_client(), "table")
        with pytest.raises(StorageMisconfigured, match="no valid credentials"):
            repository.get(Vin.of(TRUCK))


@pytest.mark.parametrize("make", (make_dynamodb_client, make_s3_client))
@pytest.mark.parametrize(
    ("first", "second", "expected"),
    (("eu-west-3", "", "eu-west-3"), ("", "eu-north-1", "eu-north-1"), ("eu-west-3", "eu-north-1", "eu-west-3")),
)
def test_first_region_set_counts(make: Callable[[], "DynamoDBClient"], first: str, second: str, expected: str) -> None:
    with aws_settings("http://127.0.0.1:1", AWS_REGION=first, AWS_DEFAULT_REGION=second):
        assert make().meta.region_name == expected


def test_missing_region_is_reported() -> None:
    with aws_settings("http://127.0.0.1:1"):
        del os.environ["AWS_REGION"], os.environ["AWS_DEFAULT_REGION"]
        with pytest.raises(StorageMisconfigured, match="no region is set"):
            make_dynamodb_client()


@pytest.fixture
def container() -> Iterator[str]:
    """Where a function that starts from a snapshot finds credentials: at first such as are about to expire."""
    lives = iter(((1, timedelta(minutes=1)), (2, timedelta(hours=6))))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            number, life = next(lives)
            expiration = (datetime.now(UTC) + life).isoformat()
            found = {"AccessKeyId": f"KEY{number}", "SecretAccessKey": "s", "Token": "t", "Expiration": expiration}
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(found).encode())

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer((HOST, 0), Handler)
    with serving_in_thread(server):
        yield f"http://{HOST}:{server.server_port}/credentials"


def test_credentials_in_snapshot_are_renewed(container: str) -> None:
    network = Network((200, b"{}"))
    others = {"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": container}
    with aws_settings("http://127.0.0.1:1", **others):
        client = make_dynamodb_client()
    network.attach(client)
    client.get_item(TableName="table", Key={"vin": {"S": TRUCK}})
    assert ["KEY2" in str(each.headers["Authorization"]) for each in network.requests] == [True]
