"""The vehicle repository in one DynamoDB table, for any number of machines.

Every write is one transaction of one conditional write. It carries a token that stays the same however often the SDK
or this adapter sends it, so that DynamoDB answers a write whose first reply was lost as it answered it the first time;
a bare conditional write would then meet its own work, and say that the VIN is taken or gone.
"""

import random
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, final
from uuid import uuid4

from botocore.exceptions import ClientError

from vehicles.adapters.aws.client import THROTTLED, UTC_CLOCK, code_of, make_client, translating
from vehicles.adapters.aws.dynamodb_items import (
    INDEX,
    NAMES,
    VEHICLE,
    Item,
    conditions_of,
    is_whole,
    item_of,
    vehicle_of,
    version_of,
    vin_of,
)
from vehicles.domain.deadline import TIME_LIMIT, Deadline
from vehicles.domain.errors import StorageError, VehicleAlreadyRegistered, VehicleNotFound, VersionMismatch
from vehicles.domain.vehicle import Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.ports.checks import Check
from vehicles.ports.vehicle_repository import Page, StoredVehicle, VehicleRepository, Version

if TYPE_CHECKING:
    from botocore.config import Config
    from types_boto3_dynamodb import DynamoDBClient

type _Write = dict[str, dict[str, Any]]

MAX_REQUESTS: Final = 4
MAX_ITEMS_READ: Final = 2000
"""A page costs at most so many requests, each of which reads at most so many items where a filter drops some."""

PARTITIONS: Final = 4
PARTITION_PAGE_SIZE: Final = 2000
"""Items that a partition is read by. Four readers hold a page each: see docs/decisions/2026-11-scale.md."""

PAUSES: Final = (0.02, 0.05, 0.1, 0.2, 0.4)
"""The longest pauses, in seconds, before a write is sent again that met another one of its vehicle or was throttled."""

BATCH_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0)
"""As `PAUSES`, for the batch client."""

WRITERS: Final = 16
"""Writes of a batch that are under way in parallel."""

_SERVICE: Final = "DynamoDB"
_MAX_KEYS: Final = 100  # of one BatchGetItem
# What to read of an item: all that makes a vehicle, as the latest write has left it.
_LATEST: Final[Any] = {"ConsistentRead": True, "ProjectionExpression": VEHICLE, "ExpressionAttributeNames": NAMES}
_PASSING: Final = THROTTLED | {"TransactionConflict"}


def make_dynamodb_client(*, batch: bool = False, config: "Config | None" = None) -> "DynamoDBClient":
    client: DynamoDBClient = make_client(_SERVICE, batch=batch, config=config)
    return client


@final
@dataclass(eq=False)
class DynamoDBVehicleRepository(VehicleRepository):
    """Vehicles in the items of a table. Safe with any number of threads.

    A call other than `add_many` and reading a `partition` ends within `time_limit` and the time of one request.

    All reads are consistent, also those of walks, since only so a vehicle that was there all the time is shown for
    sure. The one exception is the index: with `vin_ends_with` a vehicle may be missing for a moment, most often less
    than a second, after it was registered. What such a page does show was read from the table itself.

    `time_limit` is how long a call may send further requests. A write that meets another one, or is throttled, is sent
    again after each of the `pauses`, in seconds, or up to half of it less. `max_requests` and `max_items_read` bound
    what a page costs, `partition_page_size` the memory that reading a partition takes.
    """

    client: "DynamoDBClient"
    table: str
    _: KW_ONLY
    clock: Callable[[], datetime] = UTC_CLOCK
    sleep: Callable[[float], None] = time.sleep
    time_limit: timedelta = TIME_LIMIT
    pauses: Sequence[float] = PAUSES
    max_requests: int = MAX_REQUESTS
    max_items_read: int = MAX_ITEMS_READ
    partition_page_size: int = PARTITION_PAGE_SIZE

    def add(self, stored: StoredVehicle) -> None:
        if self._write(self._addition(stored)) is not None:
            raise VehicleAlreadyRegistered(stored.vehicle.vin.masked)

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        """Many writes are under way in parallel; `time_limit` is that of each."""
        firsts: dict[Vin, StoredVehicle] = {}
        for stored in batch:
            firsts.setdefault(stored.vehicle.vin, stored)
        with ThreadPoolExecutor(WRITERS) as writers:
            outcomes = writers.map(self._write, map(self._addition, firsts.values()))
            added = {vin: there is None for vin, there in zip(firsts, outcomes, strict=True)}
        return tuple(added.pop(stored.vehicle.vin, False) for stored in batch)

    def get(self, vin: Vin) -> StoredVehicle:
        with translating(_SERVICE):
            answer = self.client.get_item(TableName=self.table, Key={"vin": {"S": str(vin)}}, ConsistentRead=True)
        if "Item" not in answer:
            raise VehicleNotFound(vin.masked)
        return StoredVehicle(vehicle_of(answer["Item"]), version_of(answer["Item"]))

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        self._change(stored.vehicle.vin, {"Put": {**self._condition(expected), "Item": item_of(stored)}})

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        self._change(vin, {"Delete": {**self._condition(expected), "Key": {"vin": {"S": str(vin)}}}})

    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        """The order is that of the hashes of the VINs; with `vin_ends_with`, that of the VINs."""
        deadline = Deadline.after(self.time_limit, self.clock)
        read = self._filtered_scan if wanted.vin_ends_with is None else self._query
        found: list[Vehicle] = []
        for _ in range(self.max_requests):
            some, after = read(wanted, limit - len(found), after, deadline)
            found += some
            if after is None or len(found) >= limit or deadline.has_passed:
                break
        if len(found) > limit:
            return Page(tuple(found[:limit]), found[limit - 1].vin)
        return Page(tuple(found), after)

    def partition(self, index: int, count: int) -> Iterator[Vehicle]:
        """A partition is a segment of a parallel scan, chosen by the hash of the VIN."""
        if not 0 <= index < count:
            raise ValueError(f"there is no partition {index} of {count}")
        return self._walk({"Segment": index, "TotalSegments": count, "Limit": self.partition_page_size})

    def partitions(self) -> int:
        return PARTITIONS

    def _walk(self, parameters: dict[str, Any]) -> Iterator[Vehicle]:
        after: Vin | None = None
        while True:
            vehicles, after = self._scan(after, parameters)
            yield from vehicles
            if after is None:
                return

    def _filtered_scan(
        self, wanted: VehicleFilter, limit: int, after: Vin | None, _: Deadline
    ) -> tuple[list[Vehicle], Vin | None]:
        """Read some more along the table; where a filter drops some, more than `limit` may come."""
        conditions, values = conditions_of(wanted)
        if not conditions:
            return self._scan(after, {"Limit": limit})
        narrowed = {"FilterExpression": " AND ".join(conditions), "ExpressionAttributeValues": values}
        return self._scan(after, {"Limit": self.max_items_read, **narrowed})

    def _scan(self, after: Vin | None, parameters: dict[str, Any]) -> tuple[list[Vehicle], Vin | None]:
        """Return the vehicles of one request, and what to go on behind; None where it was the end."""
        if after is not None:  # DynamoDB takes any key to begin behind, also one that is not there
            parameters = {**parameters, "ExclusiveStartKey": {"vin": {"S": str(after)}}}
        with translating(_SERVICE):
            answer = self.client.scan(TableName=self.table, **_LATEST, **parameters)
        return [vehicle_of(item) for item in answer["Items"]], vin_of(answer.get("LastEvaluatedKey"))

    def _query(
        self, wanted: VehicleFilter, limit: int, after: Vin | None, deadline: Deadline
    ) -> tuple[list[Vehicle], Vin | None]:
        """Find some more VINs by the index, which may be behind, and read their vehicles from the table."""
        end = {"S": str(wanted.vin_ends_with)}
        start = {} if after is None else {"ExclusiveStartKey": {"vinEnd": end, "vin": {"S": str(after)}}}
        with translating(_SERVICE):
            answer = self.client.query(
                TableName=self.table,
                IndexName=INDEX,
                KeyConditionExpression="vinEnd = :end",
                ExpressionAttributeValues={":end": end},
                ProjectionExpression="vin",
                Limit=min(limit, _MAX_KEYS),
                **start,  # type: ignore[arg-type]  # the one parameter left
            )
        items = self._read([{"vin": item["vin"]} for item in answer["Items"]], deadline)
        vehicles = sorted(map(vehicle_of, items), key=lambda vehicle: vehicle.vin)
        return [vehicle for vehicle in vehicles if wanted.matches(vehicle)], vin_of(answer.get("LastEvaluatedKey"))

    def _read(self, keys: list[Item], deadline: Deadline) -> list[Item]:
        """Return the items of at most `_MAX_KEYS` keys, as the latest writes have left them, in any order."""
        items: list[Item] = []
        while keys:
            deadline.check()
            with translating(_SERVICE):
                answer = self.client.batch_get_item(RequestItems={self.table: _LATEST | {"Keys": keys}})
            items += answer["Responses"].get(self.table, [])
            keys = list(answer["UnprocessedKeys"].get(self.table, {"Keys": []})["Keys"])
        return items

    def check(self) -> Iterator[Check]:
        """Yield whether the table and its index can be read, and each item that is no vehicle. It reads the table."""

        def read_table() -> str:
            with translating(_SERVICE):
                self.client.scan(TableName=self.table, Limit=1)
            return f"{self.table} can be read"

        def read_index() -> str:
            self.page(VehicleFilter(vin_ends_with="000000"), limit=1)
            return f"{self.table} can be read"

        table = Check.of("table", read_table)
        yield table
        yield Check.of("index", read_index)
        if table.ok:
            yield self._check_items()

    def _check_items(self) -> Check:
        count = 0
        unreadable: list[object] = []
        pages = self.client.get_paginator("scan").paginate(
            TableName=self.table, ConsistentRead=True, PaginationConfig={"PageSize": self.partition_page_size}
        )
        try:
            with translating(_SERVICE):
                for page in pages:
                    count += len(page["Items"])
                    unreadable += [item["vin"]["S"] for item in page["Items"] if not is_whole(item)]
        except StorageError as error:
            return Check("vehicles", ok=False, detail=error.reason)
        return Check.of_vehicles(count, unreadable)

    def _addition(self, stored: StoredVehicle) -> _Write:
        condition = {"ConditionExpression": "attribute_not_exists(vin)"}
        return {"Put": {"TableName": self.table, "Item": item_of(stored), **condition}}

    def _condition(self, expected: Version | None) -> dict[str, Any]:
        """Return what makes a write depend on the item's version, or only on its being there."""
        condition: dict[str, Any] = {
            "TableName": self.table,
            "ConditionExpression": "attribute_exists(vin)",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        if expected is not None:
            condition["ConditionExpression"] = "#version = :expected"
            condition["ExpressionAttributeNames"] = {"#version": "version"}
            condition["ExpressionAttributeValues"] = {":expected": {"S": expected}}
        return condition

    def _change(self, vin: Vin, change: _Write) -> None:
        there = self._write(change)
        if there is not None:
            raise (VersionMismatch if there else VehicleNotFound)(vin.masked)

    def _write(self, write: _Write) -> Item | None:
        """Carry out a conditional write and return None; where its condition fails, what is there, if the write asks.

        However often it is sent, with the same token it is carried out once.
        """
        token = str(uuid4())
        pauses = iter(self.pauses)
        deadline = Deadline.after(self.time_limit, self.clock)
        with translating(_SERVICE):
            while True:
                try:
                    self.client.transact_write_items(TransactItems=[write], ClientRequestToken=token)  # type: ignore[list-item]  # made here
                except ClientError as error:
                    if code_of(error) == "ConditionalCheckFailed":
                        return dict(error.response["CancellationReasons"][0].get("Item", {}))
                    pause = next(pauses, None)
                    if code_of(error) not in _PASSING or pause is None or deadline.has_passed:
                        raise
                    self.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 — no secret; those who met shall not meet again
                else:
                    return None
