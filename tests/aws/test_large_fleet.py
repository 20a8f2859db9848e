"""A fleet that takes several scans of 1 MB, on DynamoDB."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest

from tests.support.emulator import Emulator, make_bucket, make_table
from tests.support.http_client import Client, content
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.adapters.aws.s3 import S3ReportStore
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.vehicle import FuelType, Vehicle, VehicleFilter
from vehicles.testing.vehicle_repository import TIMESTAMP, in_order, stored, walk

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

MANY = 20_000


def stand() -> datetime:
    """Stand still: on a busy machine the time that a call may take is over before it is done."""
    return TIMESTAMP


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> "DynamoDBClient":
    return emulator.dynamodb()


@pytest.fixture(scope="module")
def many(client: "DynamoDBClient") -> tuple[DynamoDBVehicleRepository, list[Vehicle]]:
    """A fleet that is several scans of 1 MB large, brought in past the adapter, which would take minutes."""
    table = make_table(client)
    fleet = [stored(number) for number in range(MANY)]
    for first in range(0, MANY, 25):
        requests: Any = [{"PutRequest": {"Item": item_of(each)}} for each in fleet[first : first + 25]]
        assert not client.batch_write_item(RequestItems={table: requests})["UnprocessedItems"]
    return DynamoDBVehicleRepository(client, table, clock=stand), in_order([each.vehicle for each in fleet])


def test_cursor_lists_many(many: tuple[DynamoDBVehicleRepository, list[Vehicle]]) -> None:
    repository, _ = many
    client = Client(repository)
    seen: set[str] = set()
    target = "/vehicles?limit=1000"
    while target:
        page = content(client.send("GET", target))
        vins = [vehicle["vin"] for vehicle in page["items"]]
        assert seen.isdisjoint(vins)
        seen.update(vins)
        target = f"/vehicles?{urlencode({'limit': 1000, 'cursor': page['nextCursor']})}" if page["nextCursor"] else ""
    assert len(seen) == MANY


def test_summary_counts_many(emulator: Emulator, many: tuple[DynamoDBVehicleRepository, list[Vehicle]]) -> None:
    repository, _ = many
    s3 = emulator.s3()
    store = S3ReportStore(s3, make_bucket(s3))
    summaries = WeeklySummaries(repository, store, lambda: TIMESTAMP + timedelta(days=1), ZoneInfo("UTC"))
    summaries.summarize()
    assert summaries.get().summary.total == MANY


def test_walk_shows_many(many: tuple[DynamoDBVehicleRepository, list[Vehicle]]) -> None:
    repository, fleet = many
    assert fleet == in_order(walk(repository, limit=1000))


@pytest.mark.parametrize("count", (1, 4))
def test_partitions_hold_many(many: tuple[DynamoDBVehicleRepository, list[Vehicle]], count: int) -> None:
    repository, fleet = many
    assert fleet == in_order([vehicle for index in range(count) for vehicle in repository.partition(index, count)])


def test_filtered_walk_finds_all_of_many(many: tuple[DynamoDBVehicleRepository, list[Vehicle]]) -> None:
    repository, fleet = many
    wanted = VehicleFilter(fuel_type=FuelType.DIESEL, no_of_axles=3, wmi="YV2")
    assert [vehicle for vehicle in fleet if wanted.matches(vehicle)] == in_order(walk(repository, wanted, limit=500))
