"""The vehicle repository on DynamoDB: its raw items, and what is sent. Its contract is in test_aws_contracts.py."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.support.emulator import Emulator, make_table
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.aws.dynamodb_check import check_table
from vehicles.adapters.aws.dynamodb_items import is_whole, stored_of, vehicle_of, vin_of
from vehicles.domain.errors import StorageCorrupted, StorageUnavailable
from vehicles.domain.vehicle import EVERY_VEHICLE, FuelType, VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.ports.checks import Check
from vehicles.ports.vehicle_repository import Count, StoredVehicle, VehicleRepository, Version
from vehicles.testing.vehicle_repository import (
    DIESEL,
    TIMESTAMP,
    in_order,
    numbered_vin,
    pages,
    stored,
    walk,
)

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

RAW: dict[str, Any] = {
    "vin": {"S": "WMAH05ZZ94M000000"},
    "noOfAxles": {"N": "1"},
    "fuelType": {"S": "electric"},
    "timestamp": {"S": "2026-11-23T10:15:30.123456Z"},
    "version": {"S": "1"},
    "vinEnd": {"S": "000000"},
}


def stand() -> datetime:
    """Stand still: on a busy machine the time that a call may take is over before it is done."""
    return TIMESTAMP


@pytest.fixture(scope="module")
def client(emulator: Emulator) -> "DynamoDBClient":
    return emulator.dynamodb()


@pytest.fixture
def table(client: "DynamoDBClient") -> str:
    return make_table(client)


@pytest.fixture
def repository(client: "DynamoDBClient", table: str) -> DynamoDBVehicleRepository:
    return DynamoDBVehicleRepository(client, table, clock=stand)


class Counting:
    """Passes calls on to a client, and remembers the names and parameters of those that were made."""

    def __init__(self, client: "DynamoDBClient") -> None:
        self.calls: list[tuple[str, dict[str, Any]]] = []
        client.meta.events.register("before-parameter-build.dynamodb", self.remember)

    def remember(self, params: dict[str, Any], model: Any, **_: object) -> None:  # noqa: ANN401 — botocore says no more
        self.calls.append((model.name, params))

    def names(self) -> list[str]:
        return [name for name, _ in self.calls]


@pytest.fixture
def sent(emulator: Emulator) -> tuple[DynamoDBVehicleRepository, Counting]:
    own = emulator.dynamodb()
    table = make_table(own)
    return DynamoDBVehicleRepository(own, table, clock=stand), Counting(own)


# --- raw items ---


def test_item_is_as_written_down(client: "DynamoDBClient", table: str, repository: VehicleRepository) -> None:
    repository.add(stored())
    assert client.scan(TableName=table)["Items"] == [RAW]
    repository.replace(stored(version="2", no_of_axles=9), expected=Version("1"))
    assert client.scan(TableName=table)["Items"] == [RAW | {"noOfAxles": {"N": "9"}, "version": {"S": "2"}}]
    repository.remove(numbered_vin(0))
    assert client.scan(TableName=table)["Count"] == 0


def test_foreign_attributes_do_no_harm(client: "DynamoDBClient", table: str, repository: VehicleRepository) -> None:
    client.put_item(TableName=table, Item={**RAW, "note": {"S": "by hand"}})
    assert stored() == repository.get(numbered_vin(0))


def changed(**attributes: object) -> dict[str, Any]:
    """Return an item with some attributes that are others, or missing."""
    return {name: value for name, value in (RAW | attributes).items() if value is not None}


NO_VEHICLES = (
    changed(vin={"S": "WMA"}),
    changed(vin={"S": "IOQH05ZZ94M012345"}),
    changed(vin={"S": "wmah05zz94m012345"}),
    changed(vin={"S": 5}),
    changed(noOfAxles={"N": "0"}),
    changed(noOfAxles={"N": "1.5"}),
    changed(noOfAxles={"S": "1"}),
    changed(fuelType={"S": "coal"}),
    changed(fuelType=None),
    changed(timestamp={"S": "2026-11-23T10:15:30.123456"}),
    changed(timestamp={"S": "2026-02-30T08:15:30.000000Z"}),
    changed(timestamp={"S": "2026-11-18T24:15:30.000000Z"}),
    changed(timestamp={"N": "1"}),
    changed(timestamp=None),
)
NO_VERSIONS = (changed(version=None), changed(version={"N": "1"}))
CORRUPTED: tuple[tuple[Callable[[Any], object], object], ...] = (
    *((vehicle_of, item) for item in NO_VEHICLES),
    *((stored_of, item) for item in NO_VERSIONS),
    *((vin_of, key) for key in ({"vin": {"S": "WMA"}}, {"vin": {"N": "1"}}, {}, 1)),
)


@pytest.mark.parametrize(("read", "item"), CORRUPTED)
def test_broken_item_is_corrupted(read: Callable[[object], object], item: object) -> None:
    with pytest.raises(StorageCorrupted):
        read(item)


def test_broken_item_is_not_whole() -> None:
    outside_of_index = (changed(vinEnd=None), changed(vinEnd={"S": "000001"}))
    assert [item for item in (*NO_VEHICLES, *NO_VERSIONS, *outside_of_index) if is_whole(item)] == []


def test_broken_item_is_not_read(client: "DynamoDBClient", table: str, repository: VehicleRepository) -> None:
    client.put_item(TableName=table, Item=RAW | {"fuelType": {"S": "coal"}})
    with pytest.raises(StorageCorrupted):
        walk(repository)
    with pytest.raises(StorageCorrupted):
        repository.get(numbered_vin(0))


def test_check_goes_on_behind_broken_items(client: "DynamoDBClient", table: str) -> None:
    repository = DynamoDBVehicleRepository(client, table, clock=stand, partition_page_size=1)
    repository.add_many([stored(1), stored(2)])
    client.put_item(TableName=table, Item=RAW | {"fuelType": {"S": "coal"}})
    assert list(check_table(repository))[-1] == Check(
        "vehicles", ok=False, detail=f"3, of which 1 cannot be read: {numbered_vin(0).masked}"
    )


def test_check_counts_vehicles(repository: DynamoDBVehicleRepository) -> None:
    repository.add_many([stored(1), stored(2)])
    assert [(check.name, check.ok, check.detail) for check in check_table(repository)][-1] == ("vehicles", True, "2")


# --- what is sent ---


def test_write_is_one_transaction(sent: tuple[DynamoDBVehicleRepository, Counting]) -> None:
    repository, counting = sent
    repository.add(stored())
    repository.replace(stored(version="2"), expected=Version("1"))
    repository.remove(numbered_vin(0))
    repository.add_many([stored(number) for number in range(20)])
    repository.replace_many([(stored(number, version="2"), Version("1")) for number in range(20)])
    assert counting.names() == ["TransactWriteItems"] * 43
    assert len({parameters["ClientRequestToken"] for _, parameters in counting.calls}) == 43


def test_double_in_batch_costs_nothing(sent: tuple[DynamoDBVehicleRepository, Counting]) -> None:
    repository, counting = sent
    repository.add_many([stored()] * 5)
    assert len(counting.calls) == 1


def test_reads_of_table_are_consistent(sent: tuple[DynamoDBVehicleRepository, Counting]) -> None:
    repository, counting = sent
    repository.add(stored())
    counting.calls.clear()
    repository.get(numbered_vin(0))
    repository.get_many([numbered_vin(0)])
    for wanted in (EVERY_VEHICLE, VehicleFilter(frozenset({FuelType.HYBRID})), VehicleFilter(vin_ends_with="000000")):
        repository.page(wanted, limit=5)
    list(repository.partition(0, 1))
    reads = [(name, parameters) for name, parameters in counting.calls if name != "Query"]  # of the index
    consistent = [
        (name, all(each.get("ConsistentRead") for each in parameters.get("RequestItems", {"": parameters}).values()))
        for name, parameters in reads
    ]
    assert consistent == [(name, True) for name in ("GetItem", "BatchGetItem", "Scan", "Scan", "BatchGetItem", "Scan")]


def test_end_is_found_by_index(sent: tuple[DynamoDBVehicleRepository, Counting]) -> None:
    repository, counting = sent
    repository.add(stored(7))
    repository.page(VehicleFilter(vin_ends_with="000007"), limit=5)
    assert counting.names()[1:] == ["Query", "BatchGetItem"]


def test_hundred_keys_are_one_request(sent: tuple[DynamoDBVehicleRepository, Counting]) -> None:
    repository, counting = sent
    repository.get_many([numbered_vin(number) for number in range(250)] * 2)
    sizes = [len(keys["Keys"]) for _, parameters in counting.calls for keys in parameters["RequestItems"].values()]
    assert (counting.names(), sizes) == (["BatchGetItem"] * 3, [100, 100, 50])


def test_page_reads_boundedly(client: "DynamoDBClient", table: str) -> None:
    repository = DynamoDBVehicleRepository(client, table, clock=stand, max_items_read=5, max_requests=4)
    repository.add_many([stored(number) for number in range(100)])
    counting = Counting(client)
    for wanted in (
        VehicleFilter(frozenset({FuelType.HYBRID})),
        VehicleFilter(vin_contains="ABC"),
        VehicleFilter(registered_since=TIMESTAMP + timedelta(days=1)),
        VehicleFilter(registered_before=TIMESTAMP),
    ):
        counting.calls.clear()
        repository.page(wanted, limit=10)
        assert counting.names() == ["Scan"] * 4


def test_bounded_pages_find_all(client: "DynamoDBClient", table: str) -> None:
    repository = DynamoDBVehicleRepository(client, table, clock=stand, max_items_read=5)
    fleet = [stored(number) for number in range(100)]
    repository.add_many(fleet)
    wanted = DIESEL
    expected = in_order([each.vehicle for each in fleet if wanted.matches(each.vehicle)])
    assert expected == in_order(walk(repository, wanted, limit=3))


def test_page_ends_in_time(client: "DynamoDBClient", table: str) -> None:
    repository = DynamoDBVehicleRepository(client, table, time_limit=timedelta(0), max_items_read=1)
    repository.add_many([stored(number) for number in range(5)])
    wanted = DIESEL
    assert len(list(pages(repository, wanted))) >= 5  # one item each; AWS shows the end by an empty page


def test_partitions_read_what_is_summed_up(sent: tuple[DynamoDBVehicleRepository, Counting]) -> None:
    repository, counting = sent
    for index in range(3):
        list(repository.partition(index, 3))
    read = [
        (
            name,
            parameters["Segment"],
            parameters["TotalSegments"],
            parameters["ProjectionExpression"].replace(
                "#timestamp", parameters["ExpressionAttributeNames"]["#timestamp"]
            ),
        )
        for name, parameters in counting.calls
    ]
    assert read == [("Scan", index, 3, "vin, noOfAxles, fuelType, timestamp") for index in range(3)]


@pytest.fixture
def endless(emulator: Emulator) -> tuple[DynamoDBVehicleRepository, Counting, dict[str, Any]]:
    """A repository of a table of ever more pages of three vehicles, its calls, and what describes the table."""
    own = emulator.dynamodb()
    table = make_table(own)
    description: dict[str, Any] = {}

    def go_on(parsed: dict[str, Any], **_: object) -> None:
        parsed |= {"Count": 3, "LastEvaluatedKey": {"vin": {"S": str(numbered_vin(0))}}}

    own.meta.events.register("after-call.dynamodb.Scan", go_on)
    own.meta.events.register(
        "after-call.dynamodb.DescribeTable", lambda parsed, **_: parsed["Table"].update(description)
    )
    return DynamoDBVehicleRepository(own, table, clock=stand), Counting(own), description


@pytest.mark.parametrize(("stated", "expected"), ((0, 6), (6, 6), (100_000, 100_000)))
def test_large_table_is_estimated(
    endless: tuple[DynamoDBVehicleRepository, Counting, dict[str, Any]], stated: int, expected: int
) -> None:
    repository, counting, description = endless
    description["ItemCount"] = stated
    assert repository.count() == Count(expected, is_exact=False)
    assert counting.names() == ["Scan", "Scan", "DescribeTable"]
    assert [parameters["ConsistentRead"] for _, parameters in counting.calls[:2]] == [True, True]


def test_count_ends_in_time(endless: tuple[DynamoDBVehicleRepository, Counting, dict[str, Any]]) -> None:
    repository, counting, _ = endless
    late = DynamoDBVehicleRepository(repository.client, repository.table, time_limit=timedelta(0))
    with pytest.raises(StorageUnavailable):
        late.count()
    assert counting.names() == ["Scan"]


def alike() -> list[StoredVehicle]:
    """Some vehicles with the same end."""
    return [stored(number, vin=Vin.of(f"WMAH05ZZ9{number}M000007")) for number in range(1, 5)]


def test_index_is_read_to_its_end(repository: DynamoDBVehicleRepository) -> None:
    repository.add_many(alike())
    found = walk(repository, VehicleFilter(vin_ends_with="000007"), limit=1)
    assert [each.vehicle for each in alike()] == found


type Postponed = tuple[DynamoDBVehicleRepository, list[float]]


@pytest.fixture
def postponed(emulator: Emulator) -> Postponed:
    """A repository of a table that answers one key at a time, and the pauses that it makes."""
    own = emulator.dynamodb()
    table = make_table(own)
    pauses: list[float] = []
    repository = DynamoDBVehicleRepository(own, table, clock=stand, sleep=pauses.append, pauses=(0.1, 0.2))

    def put_off(parsed: dict[str, Any], **_: object) -> None:
        """Leave out all but the first, as DynamoDB may at any time."""
        left = parsed["Responses"][table][1:]
        del parsed["Responses"][table][1:]
        if left:
            parsed["UnprocessedKeys"] = {table: {"Keys": [{"vin": item["vin"]} for item in left]}}

    own.meta.events.register("after-call.dynamodb.BatchGetItem", put_off)
    return repository, pauses


def test_unprocessed_keys_are_asked_again(postponed: Postponed) -> None:
    repository, pauses = postponed
    fleet = alike()
    repository.add_many(fleet)
    assert tuple(fleet) == repository.get_many([each.vehicle.vin for each in fleet])
    assert [longest / 2 <= pause <= longest for pause, longest in zip(pauses, (0.1, 0.2, 0.2), strict=True)] == [
        True
    ] * 3


def test_unprocessed_keys_are_listed(postponed: Postponed) -> None:
    repository, _ = postponed
    fleet = alike()
    repository.add_many(fleet)
    found = walk(repository, VehicleFilter(vin_ends_with="000007"))
    assert in_order([each.vehicle for each in fleet]) == in_order(found)


# --- the index, which is behind ---


@pytest.fixture
def index_stops(client: "DynamoDBClient", table: str, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what has the index answer from now on as it does now."""

    def stop() -> None:
        answer = client.query(
            TableName=table,
            IndexName="byVinEnd",
            KeyConditionExpression="vinEnd = :end",
            ExpressionAttributeValues={":end": {"S": "000000"}},
        )
        monkeypatch.setattr(client, "query", lambda **_: answer)

    return stop


def test_index_behind_shows_no_removed(repository: DynamoDBVehicleRepository, index_stops: Callable[[], None]) -> None:
    repository.add_many([stored(0), stored(1)])
    index_stops()
    repository.remove(numbered_vin(0))
    assert walk(repository, VehicleFilter(vin_ends_with="000000")) == []


def test_index_behind_shows_present_state(
    repository: DynamoDBVehicleRepository, index_stops: Callable[[], None]
) -> None:
    repository.add(stored())
    index_stops()
    new = stored(version="2", no_of_axles=42)
    repository.replace(new, expected=Version("1"))
    assert walk(repository, VehicleFilter(vin_ends_with="000000", no_of_axles=42)) == [new.vehicle]
