"""Writes whose reply is lost on the way: carried out, never answered, and sent again by the SDK."""

import random
import socket
from collections.abc import Iterator
from contextlib import suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Final

import pytest
from botocore.exceptions import ClientError

from tests.integration.emulator import HOST, Emulator, make_table
from tests.unit.vehicle_repository_contract import numbered_vin, stored
from vehicles.adapters.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.dynamodb_items import item_of
from vehicles.domain.errors import VehicleNotFound
from vehicles.ports.vehicle_repository import StoredVehicle, Version

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

ROUNDS: Final = 30
LOST: Final = 0.2


class _LossyProxy(ThreadingHTTPServer):
    """Hands requests on to the emulator, and now and then keeps the reply to itself and hangs up."""

    daemon_threads = True

    def __init__(self, emulator: Emulator) -> None:
        super().__init__((HOST, 0), _Handler)
        self.emulator = emulator
        self.random = random.Random(7)  # noqa: S311 — the same losses each time, and no secret
        self.lost = 0


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
        if self.headers["X-Amz-Target"].endswith(("Item", "Items")) and self.server.random.random() < LOST:
            self.server.lost += 1
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
def client(proxy: _LossyProxy) -> "DynamoDBClient":
    return Emulator(proxy.server_address[1]).dynamodb()


@pytest.fixture
def table(emulator: Emulator) -> str:
    return make_table(emulator.dynamodb())


def test_lost_replies_are_made_good(proxy: _LossyProxy, client: "DynamoDBClient", table: str) -> None:
    repository = DynamoDBVehicleRepository(client, table)
    first = stored()
    for number in range(ROUNDS):  # none of these may raise: nobody else writes
        there = StoredVehicle(first.vehicle, Version(f"there {number}"))
        changed = StoredVehicle(first.vehicle, Version(f"changed {number}"))
        repository.add(there)
        repository.replace(changed, expected=there.version)
        assert changed == repository.get(first.vehicle.vin)
        repository.remove(first.vehicle.vin, expected=changed.version)
        with pytest.raises(VehicleNotFound):
            repository.get(first.vehicle.vin)
    assert proxy.lost > ROUNDS // 4


def test_bare_writes_are_answered_falsely(proxy: _LossyProxy, client: "DynamoDBClient", table: str) -> None:
    def is_refused() -> bool:
        try:
            client.put_item(TableName=table, Item=item_of(stored()), ConditionExpression="attribute_not_exists(vin)")
        except ClientError:
            return True
        return False

    key = {"vin": {"S": str(numbered_vin(0))}}
    refused = 0
    for _ in range(ROUNDS):
        refused += is_refused()
        client.delete_item(TableName=table, Key=key)
    assert refused > 0
    assert proxy.lost >= refused
