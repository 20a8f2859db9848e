"""The vehicle repository in one DynamoDB table, for any number of machines.

Every write is one transaction of one conditional write. It carries a token that stays the same however often the SDK
or this adapter sends it, so that DynamoDB answers a write whose first reply was lost as it answered it the first time;
a bare conditional write would then meet its own work, and say that the VIN is taken or gone.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, final
from uuid import uuid4

from botocore.exceptions import ClientError

from vehicles.adapters.aws.client import (
    GO_ON_WITHIN,
    THROTTLED,
    code_of,
    keep_to_budget,
    make_client,
    translating,
    translating_setup,
)
from vehicles.adapters.aws.dynamodb_items import (
    INDEX,
    NAMES,
    VEHICLE,
    Item,
    conditions_of,
    item_of,
    vehicle_of,
    version_of,
    vin_of,
)
from vehicles.adapters.aws.dynamodb_scans import Answer, counted_page_of, leave_pages_unread, page_of
from vehicles.adapters.aws.pace import Pace, jittered
from vehicles.domain.errors import (
    StorageUnavailable,
    VehicleAlreadyRegistered,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.domain.summary.counts import Traits
from vehicles.domain.vehicle import Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import Page, StoredVehicle, VehicleRepository, Version

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type _Write = dict[str, dict[str, Any]]

MOST_REQUESTS: Final = 4
MOST_READ: Final = 2000
"""A page costs at most so many requests, each of which reads at most so many items where a filter drops some."""

CONFLICT_PAUSES: Final = (0.02, 0.05, 0.1, 0.2, 0.4)
"""The longest pauses, in seconds, before a write that met another one of the same vehicle is sent again."""

WRITERS: Final = 16

VEHICLES_PER_PART: Final = 25_000
"""Some five pages, so that a part takes a second at most, and at the end of its time a reader loses little."""

MOST_COUNTED: Final = 5000
"""About half of what a page of a scan could hold: those that come while one is counted are in memory with it."""

SAMPLED_SEGMENTS: Final = 4096

_SERVICE: Final = "DynamoDB"
_MOST_KEYS: Final = 100  # of one BatchGetItem
_PASSING: Final = THROTTLED | {"TransactionConflict"}


def make_dynamodb_client(*, patient: bool = False) -> "DynamoDBClient":
    """Return a client as AWS's own settings say, with our time-outs. Raises StorageMisconfigured."""
    with translating_setup(_SERVICE):
        client: DynamoDBClient = make_client("dynamodb", patient=patient)
    keep_to_budget(client)
    leave_pages_unread(client)
    return client


@final
class DynamoDBVehicleRepository(VehicleRepository):
    """Vehicles in the items of a table. Safe with any number of threads.

    A call other than `add_many` and a walk along a `part` ends within GO_ON_WITHIN and the time of one request.

    All reads are consistent, also those of walks, since only so a vehicle that was there all the time is shown for
    sure. The one exception is the index: with `vin_ends_with` a vehicle may be missing in the moments, most often less
    than a second, after it was registered. What such a page does show was read from the table itself.
    """

    def __init__(
        self,
        client: "DynamoDBClient",
        table: str,
        *,
        sleep: Callable[[float], None] = time.sleep,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take a client, the name of the table, what waits for some seconds, and what counts the seconds gone."""
        self._client = client
        self._table = table
        self._sleep = sleep
        self._seconds = seconds
        # Threads that take pages apart get in each other's way, and hold a page each as objects: they take turns.
        self._counting = Lock()

    def add(self, stored: StoredVehicle) -> None:
        """See the port."""
        if self._write(self._addition(stored)) is not None:
            raise VehicleAlreadyRegistered(stored.vehicle.vin.masked)

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        """See the port. Many writes are under way at once; where DynamoDB throttles, all of them slow down."""
        firsts: dict[Vin, int] = {}
        for place, stored in enumerate(batch):
            firsts.setdefault(stored.vehicle.vin, place)
        pace = Pace(self._sleep)

        def is_added(place: int) -> bool:
            addition, token = self._addition(batch[place]), str(uuid4())
            return pace.keep(lambda: self._write(addition, token)) is None

        added = [False] * len(batch)
        writers = ThreadPoolExecutor(min(WRITERS, len(firsts)) or 1)
        try:
            for place, outcome in zip(firsts.values(), writers.map(is_added, firsts.values()), strict=True):
                added[place] = outcome
        finally:
            writers.shutdown(cancel_futures=True)
        return tuple(added)

    def get(self, vin: Vin) -> StoredVehicle:
        """See the port."""
        with translating(_SERVICE):
            answer = self._client.get_item(TableName=self._table, Key={"vin": {"S": str(vin)}}, ConsistentRead=True)
        if "Item" not in answer:
            raise VehicleNotFound(vin.masked)
        return StoredVehicle(vehicle_of(answer["Item"]), version_of(answer["Item"]))

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        """See the port."""
        self._change(stored.vehicle.vin, {"Put": {**self._condition(expected), "Item": item_of(stored)}})

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        """See the port."""
        self._change(vin, {"Delete": {**self._condition(expected), "Key": {"vin": {"S": str(vin)}}}})

    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        """See the port. The order is that of the hashes of the VINs; with `vin_ends_with`, that of the VINs."""
        in_time = self._in_time()
        read = self._scan_on if wanted.vin_ends_with is None else self._query_on
        found: list[Vehicle] = []
        for _ in range(MOST_REQUESTS):
            some, after = read(wanted, limit - len(found), after, in_time)
            found += some
            if after is None or len(found) >= limit or not in_time():
                break
        if len(found) > limit:
            return Page(tuple(found[:limit]), found[limit - 1].vin)
        return Page(tuple(found), after)

    def part(self, index: int, count: int, *, after: Vin | None = None) -> Iterator[Vehicle]:
        """See the port. A part is a segment of a parallel scan, chosen by the hash of the VIN."""
        pages = self._pages(index, count, after)
        return (vehicle_of(item) for items in pages for item in items)

    def parts(self) -> int:
        """See the port. The size of the table is estimated from one in 4096 parts of it: one request, or few."""
        sampled, parameters = 0, dict[str, Any]()
        while True:
            with translating(_SERVICE):
                answer = self._client.scan(
                    TableName=self._table,
                    Select="COUNT",
                    Segment=0,
                    TotalSegments=SAMPLED_SEGMENTS,
                    **parameters,
                )
            sampled += answer["Count"]
            if "LastEvaluatedKey" not in answer:
                return 1 + sampled * SAMPLED_SEGMENTS // VEHICLES_PER_PART
            parameters = {"ExclusiveStartKey": answer["LastEvaluatedKey"]}

    def traits(self, index: int, count: int, bounds: Sequence[datetime]) -> Iterator[Traits]:
        """See the port."""
        return self._counted_pages({**_segment(index, count), "Limit": MOST_COUNTED}, bounds)

    def _pages(self, index: int, count: int, after: Vin | None) -> Iterator[Sequence[Item]]:
        return self._walk_pages(after, _segment(index, count))

    def _walk_pages(self, after: Vin | None, segment: dict[str, Any]) -> Iterator[Sequence[Item]]:
        while True:
            items, key = page_of(self._scan_on_from(after, segment))
            yield items
            after = vin_of(key)
            if after is None:
                return

    def _counted_pages(self, parameters: dict[str, Any], bounds: Sequence[datetime]) -> Iterator[Traits]:
        after: Vin | None = None
        while True:
            answer = self._scan_on_from(after, parameters)
            with self._counting:
                traits, key = counted_page_of(answer, bounds)
            del answer  # as long as its page
            yield traits
            after = vin_of(key)
            if after is None:
                return

    def _scan_on(
        self, wanted: VehicleFilter, limit: int, after: Vin | None, _: Callable[[], bool]
    ) -> tuple[list[Vehicle], Vin | None]:
        """Read some more along the table; where a filter drops some, more than `limit` may come."""
        conditions, values = conditions_of(wanted)
        if not conditions:
            return self._scan(after, {"Limit": limit})
        narrowed = {"FilterExpression": " AND ".join(conditions), "ExpressionAttributeValues": values}
        return self._scan(after, {"Limit": MOST_READ, **narrowed})

    def _scan(self, after: Vin | None, parameters: dict[str, Any]) -> tuple[list[Vehicle], Vin | None]:
        """Read on to the next bound, and tell what to go on behind; None where it was the end."""
        items, key = page_of(self._scan_on_from(after, parameters))
        return [vehicle_of(item) for item in items], vin_of(key)

    def _scan_on_from(self, after: Vin | None, parameters: dict[str, Any]) -> Answer:
        if after is not None:  # DynamoDB takes any key to begin behind, also one that is not there
            parameters = {**parameters, "ExclusiveStartKey": {"vin": {"S": str(after)}}}
        with translating(_SERVICE):
            answer: Answer = self._client.scan(
                TableName=self._table,
                ConsistentRead=True,
                ProjectionExpression=VEHICLE,
                ExpressionAttributeNames=NAMES,
                **parameters,
            )
        return answer

    def _query_on(
        self, wanted: VehicleFilter, limit: int, after: Vin | None, in_time: Callable[[], bool]
    ) -> tuple[list[Vehicle], Vin | None]:
        """Find some more VINs by the index, which may be behind, and read their vehicles from the table."""
        end = {"S": str(wanted.vin_ends_with)}
        start = {} if after is None else {"ExclusiveStartKey": {"vinEnd": end, "vin": {"S": str(after)}}}
        with translating(_SERVICE):
            answer = self._client.query(
                TableName=self._table,
                IndexName=INDEX,
                KeyConditionExpression="vinEnd = :end",
                ExpressionAttributeValues={":end": end},
                ProjectionExpression="vin",
                Limit=min(limit, _MOST_KEYS),
                **start,  # type: ignore[arg-type]  # the one parameter left
            )
        items = self._read([{"vin": item["vin"]} for item in answer["Items"]], in_time)
        vehicles = sorted(map(vehicle_of, items), key=lambda vehicle: vehicle.vin)
        return [vehicle for vehicle in vehicles if wanted.matches(vehicle)], vin_of(answer.get("LastEvaluatedKey"))

    def _read(self, keys: list[Item], in_time: Callable[[], bool]) -> list[Item]:
        """Return the items of at most `_MOST_KEYS` keys, as the latest writes have left them, in any order."""
        items: list[Item] = []
        while keys:
            if not in_time():
                reason = f"{_SERVICE} took too long to answer"
                raise StorageUnavailable(reason)
            with translating(_SERVICE):
                answer = self._client.batch_get_item(
                    RequestItems={
                        self._table: {
                            "Keys": keys,
                            "ConsistentRead": True,
                            "ProjectionExpression": VEHICLE,
                            "ExpressionAttributeNames": NAMES,
                        }
                    }
                )
            items += answer["Responses"].get(self._table, [])
            keys = list(answer["UnprocessedKeys"].get(self._table, {"Keys": []})["Keys"])
        return items

    def _in_time(self) -> Callable[[], bool]:
        """Return what tells whether the call that begins now may still send a further request."""
        end = self._seconds() + GO_ON_WITHIN
        return lambda: self._seconds() < end

    def _addition(self, stored: StoredVehicle) -> _Write:
        condition = {"ConditionExpression": "attribute_not_exists(vin)"}
        return {"Put": {"TableName": self._table, "Item": item_of(stored), **condition}}

    def _condition(self, expected: Version | None) -> dict[str, Any]:
        """Return what makes a write depend on the item's version, or only on its being there."""
        condition: dict[str, Any] = {
            "TableName": self._table,
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

    def _write(self, write: _Write, token: str | None = None) -> Item | None:
        """Carry out a conditional write and return None; where its condition fails, what is there, if the write asks.

        Sent again with the same token a write is carried out once.
        """
        token = token or str(uuid4())
        in_time = self._in_time()
        with translating(_SERVICE):
            for pause in (*CONFLICT_PAUSES, None):
                try:
                    self._client.transact_write_items(TransactItems=[write], ClientRequestToken=token)  # type: ignore[list-item]  # made here
                except ClientError as error:
                    if code_of(error) == "ConditionalCheckFailed":
                        return dict(error.response["CancellationReasons"][0].get("Item", {}))
                    if code_of(error) not in _PASSING or pause is None or not in_time():
                        raise
                    self._sleep(jittered(pause))
                else:
                    break
        return None


def _segment(index: int, count: int) -> dict[str, Any]:
    if not 0 <= index < count:
        message = f"there is no part {index} of {count}"
        raise ValueError(message)
    return {"Segment": index, "TotalSegments": count}
