"""The vehicle repository in one DynamoDB table, for any number of machines.

Every write is a transaction of one conditional write. Its client token stays the same when the SDK or this adapter
retries, so DynamoDB executes it once, and repeats the first reply if that was lost. A plain conditional write that is
retried would fail on its own first attempt, and report the VIN as already registered or not found.
"""

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import KW_ONLY, dataclass
from datetime import datetime, timedelta
from itertools import batched, chain, repeat
from typing import TYPE_CHECKING, Any, Final, final
from uuid import uuid4

from botocore.exceptions import ClientError

from vehicles.adapters.aws.client import THROTTLED, UTC_CLOCK, code_of, make_client, translating
from vehicles.adapters.aws.dynamodb_items import (
    ABSENT,
    INDEX,
    NAMES,
    VEHICLE,
    Item,
    condition_of,
    conditions_of,
    end_of,
    item_of,
    key_of,
    stored_of,
    vehicle_of,
    vin_of,
)
from vehicles.domain.deadline import TIME_LIMIT, Deadline
from vehicles.domain.errors import StorageUnavailable, VehicleAlreadyRegistered, VehicleNotFound, VersionMismatch
from vehicles.domain.vehicle import Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import Count, Page, StoredVehicle, VehicleRepository, Version

if TYPE_CHECKING:
    from botocore.config import Config
    from types_boto3_dynamodb import DynamoDBClient

type _Write = dict[str, dict[str, Any]]

MAX_REQUESTS: Final = 4
MAX_ITEMS_READ: Final = 2000
"""The maximum number of requests per page, and of items per request if a filter drops some of them."""

MAX_PAGES_COUNTED: Final = 2
"""The maximum number of requests that count vehicles; each counts 1 MB of items, at least 8,000 vehicles."""

PARTITIONS: Final = 4
PARTITION_PAGE_SIZE: Final = 2000
"""Items per request when a partition is read. Four readers hold a page each: docs/decisions/2026-11-summary.md."""

PAUSES: Final = (0.02, 0.05, 0.1, 0.2, 0.4)
"""The maximum backoff, in seconds, before each retry of a write that conflicted with another or was throttled."""

BATCH_PAUSES: Final = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 5.0, 5.0)
"""The same for the batch client."""

IMPORT_PAUSES: Final = BATCH_PAUSES[:4]
"""The same for an import that an HTTP request waits for."""

WRITERS: Final = 16
"""The number of parallel writes of a batch."""

SERVICE: Final = "DynamoDB"
_MAX_KEYS: Final = 100  # of one BatchGetItem
# Read the attributes of a vehicle, strongly consistent.
_LATEST: Final[Any] = {"ConsistentRead": True, "ProjectionExpression": VEHICLE, "ExpressionAttributeNames": NAMES}
_RETRYABLE: Final = THROTTLED | {"TransactionConflict"}


def make_dynamodb_client(*, batch: bool = False, config: "Config | None" = None) -> "DynamoDBClient":
    client: DynamoDBClient = make_client(SERVICE, batch=batch, config=config)
    return client


def items_of(page: Mapping[str, Any]) -> list[Item]:
    """Return the items of a scan. Raises StorageUnavailable if it was answered as if it only counted them."""
    if "Items" not in page:
        raise StorageUnavailable(f"{SERVICE} gave no valid answer to Scan")
    items: list[Item] = page["Items"]
    return items


@final
@dataclass(eq=False)
class DynamoDBVehicleRepository(VehicleRepository):
    """Vehicles as items of a table. Thread-safe.

    All reads are strongly consistent, so pagination never misses a vehicle. The exception is the index: with
    `vin_ends_with`, a vehicle may be missing for a short time after its registration, usually less than a second. The
    vehicles on such a page are read from the table.

    A call sends no further request after `time_limit`; for `add_many` and `replace_many` that applies to each write,
    and reading a `partition` has no limit. A write that conflicts with another one, or is throttled, is retried after
    each of the `pauses`, in seconds, reduced by a random part of up to a half; keys that a read leaves unprocessed are
    read again after the same pauses. `max_requests` and `max_items_read` limit the cost of a page,
    `partition_page_size` limits the memory for reading a partition.
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
        if self._write(self._put(stored, ABSENT)) is not None:
            raise VehicleAlreadyRegistered(stored.vehicle.vin.masked)

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        """WRITERS writes run in parallel; `time_limit` applies to each."""
        firsts: dict[Vin, StoredVehicle] = {}
        for stored in batch:
            firsts.setdefault(stored.vehicle.vin, stored)
        writes = (self._put(stored, ABSENT) for stored in firsts.values())
        added = dict(zip(firsts, self._write_many(writes), strict=True))
        return tuple(added.pop(stored.vehicle.vin, False) for stored in batch)

    def get(self, vin: Vin) -> StoredVehicle:
        with translating(SERVICE):
            answer = self.client.get_item(TableName=self.table, Key=key_of(vin), ConsistentRead=True)
        if "Item" not in answer:
            raise VehicleNotFound(vin.masked)
        return stored_of(answer["Item"])

    def get_many(self, vins: Sequence[Vin]) -> tuple[StoredVehicle | None, ...]:
        deadline = Deadline.after(self.time_limit, self.clock)
        found: dict[Vin, StoredVehicle] = {}
        for some in batched(dict.fromkeys(vins), _MAX_KEYS, strict=False):
            items = self._read(some, deadline)
            found |= {stored.vehicle.vin: stored for stored in map(stored_of, items)}
        return tuple(map(found.get, vins))

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        self._change(stored.vehicle.vin, self._put(stored, condition_of(expected)))

    def replace_many(self, batch: Sequence[tuple[StoredVehicle, Version]]) -> tuple[bool, ...]:
        """WRITERS writes run in parallel; `time_limit` applies to each."""
        return self._write_many(self._put(stored, condition_of(expected)) for stored, expected in batch)

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        removal = {"TableName": self.table, "Key": key_of(vin), **condition_of(expected)}
        self._change(vin, {"Delete": removal})

    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        """The order is by hash of the VIN; with `vin_ends_with`, by VIN."""
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

    def count(self) -> Count:
        """It is exact for a table of at most MAX_PAGES_COUNTED pages.

        Else it is the number of items that DynamoDB states about every six hours, but at least what the pages have.
        """
        deadline = Deadline.after(self.time_limit, self.clock)
        counted = 0
        start: dict[str, Any] = {}
        for _ in range(MAX_PAGES_COUNTED):
            with translating(SERVICE):
                answer = self.client.scan(TableName=self.table, Select="COUNT", ConsistentRead=True, **start)
            counted += answer["Count"]
            if (after := end_of(answer)) is None:
                return Count(counted)
            start = {"ExclusiveStartKey": key_of(after)}
            deadline.check()
        with translating(SERVICE):
            table = self.client.describe_table(TableName=self.table)["Table"]
        return Count(max(counted, table["ItemCount"]), is_exact=False)

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
        """Read the next items of the table. With a filter, it may return more than `limit` vehicles."""
        conditions, values = conditions_of(wanted)
        if not conditions:
            return self._scan(after, {"Limit": limit})
        narrowed = {"FilterExpression": " AND ".join(conditions), "ExpressionAttributeValues": values}
        return self._scan(after, {"Limit": self.max_items_read, **narrowed})

    def _scan(self, after: Vin | None, parameters: dict[str, Any]) -> tuple[list[Vehicle], Vin | None]:
        """Return the vehicles of one request, and the VIN to continue after, or None at the end."""
        if after is not None:  # DynamoDB accepts any start key, even one that does not exist
            parameters = {**parameters, "ExclusiveStartKey": key_of(after)}
        with translating(SERVICE):
            answer = self.client.scan(TableName=self.table, **_LATEST, **parameters)
        return [vehicle_of(item) for item in items_of(answer)], end_of(answer)

    def _query(
        self, wanted: VehicleFilter, limit: int, after: Vin | None, deadline: Deadline
    ) -> tuple[list[Vehicle], Vin | None]:
        """Find the next VINs in the index, which may lag behind, and read their vehicles from the table."""
        end = {"S": str(wanted.vin_ends_with)}
        start = {} if after is None else {"ExclusiveStartKey": {"vinEnd": end, **key_of(after)}}
        with translating(SERVICE):
            answer = self.client.query(
                TableName=self.table,
                IndexName=INDEX,
                KeyConditionExpression="vinEnd = :end",
                ExpressionAttributeValues={":end": end},
                ProjectionExpression="vin",
                Limit=min(limit, _MAX_KEYS),
                **start,  # type: ignore[arg-type]  # the start key is optional
            )
        items = self._read(map(vin_of, answer["Items"]), deadline)
        vehicles = sorted(map(vehicle_of, items), key=lambda vehicle: vehicle.vin)
        return [vehicle for vehicle in vehicles if wanted.matches(vehicle)], end_of(answer)

    def _read(self, vins: Iterable[Vin], deadline: Deadline) -> list[Item]:
        """Return the items of at most `_MAX_KEYS` VINs, strongly consistent, in any order."""
        items: list[Item] = []
        pauses = chain(self.pauses, repeat(max(self.pauses, default=0.0)))
        keys = list(map(key_of, dict.fromkeys(vins)))
        while keys:
            deadline.check()
            with translating(SERVICE):
                answer = self.client.batch_get_item(RequestItems={self.table: {"ConsistentRead": True, "Keys": keys}})
            items += answer["Responses"].get(self.table, [])
            unprocessed = answer["UnprocessedKeys"].get(self.table, {"Keys": []})["Keys"]
            keys = list(map(key_of, dict.fromkeys(map(vin_of, unprocessed))))
            if keys:
                self._pause(next(pauses))
        return items

    def _put(self, stored: StoredVehicle, condition: Mapping[str, Any]) -> _Write:
        return {"Put": {"TableName": self.table, "Item": item_of(stored), **condition}}

    def _change(self, vin: Vin, change: _Write) -> None:
        if (there := self._write(change)) is not None:
            raise (VersionMismatch if there else VehicleNotFound)(vin.masked)

    def _write_many(self, writes: Iterable[_Write]) -> tuple[bool, ...]:
        """Execute conditional writes in parallel, and return for each in order whether its condition held."""
        with ThreadPoolExecutor(WRITERS) as writers:
            return tuple(there is None for there in writers.map(self._write, writes))

    def _write(self, write: _Write) -> Item | None:
        """Execute a conditional write and return None. If the condition fails, return the item if requested.

        All retries have the same client token, so the write is executed at most once.
        """
        token = str(uuid4())
        pauses = iter(self.pauses)
        deadline = Deadline.after(self.time_limit, self.clock)
        with translating(SERVICE):
            while True:
                try:
                    self.client.transact_write_items(TransactItems=[write], ClientRequestToken=token)  # type: ignore[list-item]  # built in this class
                except ClientError as error:
                    if code_of(error) == "ConditionalCheckFailed":
                        return dict(error.response["CancellationReasons"][0].get("Item", {}))
                    pause = next(pauses, None)
                    if code_of(error) not in _RETRYABLE or pause is None or deadline.has_passed:
                        raise
                    self._pause(pause)
                else:
                    return None

    def _pause(self, longest: float) -> None:
        self.sleep(longest * random.uniform(0.5, 1))  # noqa: S311 — jitter, not a secret
