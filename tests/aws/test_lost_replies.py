"""Writes whose reply is lost on the way: carried out, never answered, and sent again by the SDK."""

import random
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.support.emulator import HOST, Emulator, make_table
from tests.support.linearizability import Call, Outcome, Verb, is_linearizable
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.domain.errors import VehicleAlreadyRegistered, VehicleError, VehicleNotFound, VersionMismatch
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.vehicle_repository import TIMESTAMP, numbered_vin, stored

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

LOST: Final = 0.05
CLIENTS: Final = 3
CALLS: Final = 250  # of each client
FOUGHT_OVER: Final = numbered_vin(0)


class _LossyProxy(ThreadingHTTPServer):
    """Hands requests on to the emulator, and now and then keeps the reply to itself and hangs up."""

    daemon_threads = True

    def __init__(self, emulator: Emulator) -> None:
        super().__init__((HOST, 0), _Handler)
        self.emulator = emulator
        self.random = random.Random(7)  # noqa: S311 — the same losses each time, and no secret
        self.lost = 0
        self.lock = Lock()

    def loses(self) -> bool:
        """Tell whether the next reply is lost; of equally many replies always equally many are."""
        with self.lock:
            lost = self.random.random() < LOST
            self.lost += lost
            return lost


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _LossyProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        connection = HTTPConnection(HOST, self.server.emulator.port, timeout=30)
        connection.request("POST", self.path, body, dict(self.headers))
        response = connection.getresponse()
        content = response.read()
        connection.close()
        if self.server.loses():
            self.close_connection = True
            with suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            return
        self.send_response_only(response.status)
        for name, value in response.getheaders():
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[_LossyProxy]:
    with _LossyProxy(emulator) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def table(emulator: Emulator) -> str:
    return make_table(emulator.dynamodb())


class NaiveRepository:
    """Writes as people do who trust the network: one bare conditional write, which the SDK repeats."""

    def __init__(self, client: "DynamoDBClient", table: str) -> None:
        self.client = client
        self.table = table
        self.get = DynamoDBVehicleRepository(client, table).get

    def add(self, stored: StoredVehicle) -> None:
        condition: Any = {"ConditionExpression": "attribute_not_exists(vin)"}
        with self.refusing(VehicleAlreadyRegistered, VehicleAlreadyRegistered):
            self.client.put_item(TableName=self.table, Item=item_of(stored), **condition)

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        with self.refusing(VehicleNotFound, VersionMismatch):
            self.client.put_item(TableName=self.table, Item=item_of(stored), **self.condition(expected))

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

    def call(verb: Verb, vin: Vin, expected: Version | None, new: Version) -> Outcome:
        state = StoredVehicle(replace(stored().vehicle, vin=vin), new)
        try:
            match verb:
                case "get":
                    return repository.get(vin).version
                case "add":
                    repository.add(state)
                    return new
                case "replace":
                    assert expected is not None
                    repository.replace(state, expected=expected)
                    return new
                case "remove":
                    repository.remove(vin, expected=expected)
                    return None
        except VehicleError as refusal:
            return type(refusal)

    for number in range(CALLS):
        vin = lots.choice([*history])
        verb: Verb = lots.choice(("get", "replace", "remove") if known[vin] else ("get", "add"))
        expected = None if verb == "remove" and lots.random() < 0.5 else known[vin]
        new = Version(f"{who} {number}")
        begin = monotonic()
        outcome = call(verb, vin, expected, new)
        history[vin].append(Call(verb, begin, monotonic(), outcome, expected, new))
        known[vin] = outcome if isinstance(outcome, str) else None  # a refused one has to look first
    return history


def fight(proxy: _LossyProxy, make: Callable[["DynamoDBClient"], Repository]) -> dict[Vin, list[list[Call]]]:
    """Have clients with connections of their own work at once; return for each vehicle what each client saw of it."""
    repositories = [make(Emulator(proxy.server_address[1]).dynamodb()) for _ in range(CLIENTS)]
    with ThreadPoolExecutor(CLIENTS) as threads:
        histories = list(threads.map(use, repositories, range(CLIENTS)))
    assert proxy.lost > CLIENTS * CALLS * LOST / 2, "too few replies were lost to say anything"
    return {vin: [history.get(vin, []) for history in histories] for history in histories for vin in history}


def test_lost_replies_are_made_good(proxy: _LossyProxy, table: str) -> None:
    histories = fight(proxy, lambda client: DynamoDBVehicleRepository(client, table, clock=lambda: TIMESTAMP))
    assert [vin.masked for vin, clients in histories.items() if not is_linearizable(clients)] == []


def test_bare_writes_are_answered_falsely(proxy: _LossyProxy, table: str) -> None:
    histories = fight(proxy, lambda client: NaiveRepository(client, table))
    assert not all(is_linearizable(histories[numbered_vin(1 + who)]) for who in range(CLIENTS))
    assert not is_linearizable(histories[FOUGHT_OVER])
