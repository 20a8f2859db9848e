"""Writes whose reply is lost on the way: carried out, never answered, and sent again by the SDK."""

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from threading import Lock
from time import monotonic
from typing import TYPE_CHECKING, Any, Final, override

import pytest

from tests.support.emulator import Emulator, make_table
from tests.support.emulator_proxy import EmulatorProxy, serving
from tests.support.linearizability import Call, Verb, is_linearizable, outcome_of
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.domain.errors import VehicleAlreadyRegistered, VehicleError, VehicleNotFound, VersionMismatch
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.racing import racing
from vehicles.testing.vehicle_repository import TIMESTAMP, numbered_vin

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LOST: Final = 0.05
CLIENTS: Final = 3
CALLS: Final = 250  # of each client
KNOWN: Final[tuple[Verb, ...]] = ("get", "get_many", "replace", "replace_many", "remove")
UNKNOWN: Final[tuple[Verb, ...]] = ("get", "get_many", "add")
FOUGHT_OVER: Final = numbered_vin(0)


class _LossyProxy(EmulatorProxy):
    """Keeps a reply to itself now and then, and hangs up."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator)
        self.random = random.Random(7)  # noqa: S311 — the same losses each time, and no secret
        self.lost = 0
        self.lock = Lock()

    @override
    def loses_reply(self) -> bool:
        """Tell whether the next reply is lost; of equally many replies always equally many are."""
        with self.lock:
            lost = self.random.random() < LOST
            self.lost += lost
            return lost


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[_LossyProxy]:
    with serving(_LossyProxy(emulator)) as server:
        yield server


@pytest.fixture
def table(emulator: Emulator) -> str:
    return make_table(emulator.dynamodb())


class NaiveRepository:
    """Writes as people do who trust the network: one bare conditional write, which the SDK repeats."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table
        careful = DynamoDBVehicleRepository(client, table)
        self.get, self.get_many = careful.get, careful.get_many

    def add(self, stored: StoredVehicle) -> None:
        condition: Any = {"ConditionExpression": "attribute_not_exists(vin)"}
        with self.refusing(VehicleAlreadyRegistered, VehicleAlreadyRegistered):
            self.client.put_item(TableName=self.table, Item=item_of(stored), **condition)

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        with self.refusing(VehicleNotFound, VersionMismatch):
            self.client.put_item(TableName=self.table, Item=item_of(stored), **self.condition(expected))

    def replace_many(self, batch: Sequence[tuple[StoredVehicle, Version]]) -> tuple[bool, ...]:
        return tuple(self.is_replaced(*each) for each in batch)

    def is_replaced(self, stored: StoredVehicle, expected: Version) -> bool:
        try:
            self.replace(stored, expected=expected)
        except VehicleError:
            return False
        return True

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        condition: Any = {"ConditionExpression": "attribute_exists(vin)"}
        if expected is not None:
            condition = self.condition(expected)
        with self.refusing(VehicleNotFound, VersionMismatch):
            self.client.delete_item(TableName=self.table, Key={"vin": {"S": str(vin)}}, **condition)

    def condition(self, expected: Version) -> Any:  # noqa: ANN401 — parameters of two operations
        return {
            "ConditionExpression": "#version = :expected",
            "ExpressionAttributeNames": {"#version": "version"},
            "ExpressionAttributeValues": {":expected": {"S": expected}},
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }

    @contextmanager
    def refusing(self, absent: type[VehicleError], present: type[VehicleError]) -> Iterator[None]:
        try:
            yield
        except self.client.exceptions.ConditionalCheckFailedException as error:
            raise (present if "Item" in error.response else absent)(FOUGHT_OVER.masked) from None


type Repository = DynamoDBVehicleRepository | NaiveRepository
type History = dict[Vin, list[Call]]


def use(repository: Repository, who: int) -> History:
    """Read, add, replace and remove the vehicle that all fight over, and one of one's own, and write down each call."""
    lots = random.Random(who)  # noqa: S311 — the same wishes each time, and no secret
    history: History = {FOUGHT_OVER: [], numbered_vin(1 + who): []}
    known: dict[Vin, Version | None] = dict.fromkeys(history)

    for number in range(CALLS):
        vin = lots.choice([*history])
        verb: Verb = lots.choice(KNOWN if known[vin] else UNKNOWN)
        expected = None if verb == "remove" and lots.random() < 0.5 else known[vin]
        new = Version(f"{who} {number}")
        begin = monotonic()
        outcome = outcome_of(repository, verb, vin, expected, new)
        history[vin].append(Call(verb, begin, monotonic(), outcome, expected, new))
        known[vin] = outcome if isinstance(outcome, str) else None  # a refused one has to look first
    return history


def fight(proxy: _LossyProxy, make: Callable[["DynamoDBClient"], Repository]) -> dict[Vin, list[list[Call]]]:
    """Have clients with connections of their own work at once; return for each vehicle what each client saw of it."""
    repositories = [make(Emulator(proxy.server_address[1]).dynamodb()) for _ in range(CLIENTS)]
    histories = racing(partial(use, repository, who) for who, repository in enumerate(repositories))
    assert proxy.lost > CLIENTS * CALLS * LOST / 2, "too few replies were lost to say anything"
    return {vin: [history.get(vin, []) for history in histories] for history in histories for vin in history}


def test_lost_replies_are_made_good(proxy: _LossyProxy, table: str) -> None:
    histories = fight(proxy, lambda client: DynamoDBVehicleRepository(client, table, clock=lambda: TIMESTAMP))
    assert [vin.masked for vin, clients in histories.items() if not is_linearizable(clients)] == []


def test_bare_writes_are_answered_falsely(proxy: _LossyProxy, table: str) -> None:
    histories = fight(proxy, lambda client: NaiveRepository(client, table))
    assert not all(is_linearizable(histories[numbered_vin(1 + who)]) for who in range(CLIENTS))
    assert not is_linearizable(histories[FOUGHT_OVER])
