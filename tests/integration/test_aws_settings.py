"""Where and as whom the adapters ask AWS: its own settings say it, and an absent one is told."""

import os
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from tests.support.emulator import HOST, aws_settings, free_port
from tests.support.http_client import TRUCK
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
