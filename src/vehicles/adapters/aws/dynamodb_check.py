"""The check of a table for `vehicles doctor`."""

from collections.abc import Iterator

from vehicles.adapters.aws.client import translating
from vehicles.adapters.aws.dynamodb import SERVICE, DynamoDBVehicleRepository, items_of
from vehicles.adapters.aws.dynamodb_items import is_whole
from vehicles.domain.errors import StorageError
from vehicles.domain.vehicle import VehicleFilter
from vehicles.ports.checks import Check


def check_table(repository: DynamoDBVehicleRepository) -> Iterator[Check]:
    """Check that the table and its index can be read, and that each item is a vehicle. It reads the whole table."""

    def read_table() -> str:
        with translating(SERVICE):
            repository.client.scan(TableName=repository.table, Limit=1)
        return f"{repository.table} can be read"

    def read_index() -> str:
        repository.page(VehicleFilter(vin_ends_with="000000"), limit=1)
        return f"{repository.table} can be read"

    table = Check.of("table", read_table)
    yield table
    yield Check.of("index", read_index)
    if table.ok:
        yield _check_items(repository)


def _check_items(repository: DynamoDBVehicleRepository) -> Check:
    count = 0
    unreadable: list[object] = []
    pages = repository.client.get_paginator("scan").paginate(
        TableName=repository.table,
        ConsistentRead=True,
        PaginationConfig={"PageSize": repository.partition_page_size},
    )
    try:
        with translating(SERVICE):
            for page in pages:
                items = items_of(page)
                count += len(items)
                unreadable += [item.get("vin", {}).get("S") for item in items if not is_whole(item)]
    except StorageError as error:
        return Check("vehicles", ok=False, detail=error.reason)
    return Check.of_vehicles(count, unreadable)
