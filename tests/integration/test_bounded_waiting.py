"""A change that cannot be made in time, or whose client has left, is answered and never made later."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.server_process import (
    COMMAND,
    LIMITED,
    Client,
    ServerProcess,
    connected,
    raw_registration,
    registration,
    serving,
    vin_of,
)
from vehicles.testing.racing import racing

CHANGES = 24
LEAVING = 200
NOTICED = 6
PRESENT = vin_of(10**6)


@contextmanager
def somebody_writing(data: Path) -> Iterator[None]:
    """Let another process hold the lock for writing."""
    with closing(sqlite3.connect(data / "registry.sqlite3", autocommit=True)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield


def change(port: int, number: int) -> int:
    """Register, change or delete; return the status."""
    with Client(port) as client:
        match number % 3:
            case 0:
                return client.send("PATCH", f"/vehicle?vin={PRESENT}", {"noOfAxles": 9}).status
            case 1:
                return client.send("DELETE", f"/vehicle?vin={PRESENT}").status
            case _:
                return client.send("POST", "/vehicle", registration(vin_of(number))).status


def register_and_leave(server: ServerProcess, number: int, seconds: float) -> None:
    head, body = raw_registration(vin_of(number))
    with connected(server) as connection:
        connection.sendall(head + body)
        time.sleep(seconds)


def require_noticed(server: ServerProcess) -> None:
    """Wait until the server has given up on all clients that left, sooner than its own limit of ten seconds."""
    end = time.monotonic() + NOTICED
    while (given_up := server.log().count(" 503 ")) < LEAVING:
        assert time.monotonic() < end, f"{given_up} of {LEAVING}"
        time.sleep(0.05)


@contextmanager
def serving_one_vehicle(data: Path, arguments: tuple[str, ...]) -> Iterator[ServerProcess]:
    with serving(data, arguments=arguments) as server:
        with Client(server.port) as client:
            assert client.send("POST", "/vehicle", registration(PRESENT)).status == 201
        yield server


def vehicles_left(data: Path) -> list[tuple[str, int]]:
    return [(str(vehicle.vin), vehicle.no_of_axles) for vehicle in CommandLine(data).fleet()]


@pytest.mark.parametrize(
    "arguments",
    (("-c", LIMITED.format("wait_seconds=0.5")), pytest.param(COMMAND, marks=pytest.mark.slow)),
    ids=("hurried", "as it is"),
)
def test_blocked_changes_are_answered_and_not_made(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    with serving_one_vehicle(tmp_path, arguments) as server:
        with somebody_writing(tmp_path):
            statuses = racing([partial(change, server.port, number) for number in range(CHANGES)], seconds=30)
        assert set(statuses) == {503}
        time.sleep(0.5)
        assert vehicles_left(tmp_path) == [(PRESENT, 2)]


@pytest.mark.parametrize("seconds", (0.3, pytest.param(3, marks=pytest.mark.slow)))
def test_clients_that_leave_change_nothing_later(tmp_path: Path, seconds: float) -> None:
    with serving_one_vehicle(tmp_path, COMMAND) as server:
        with somebody_writing(tmp_path):
            racing([partial(register_and_leave, server, number, seconds) for number in range(LEAVING)])
            require_noticed(server)
        with Client(server.port) as client:
            assert client.send("POST", "/vehicle", registration(vin_of(10**7))).status == 201
    assert vehicles_left(tmp_path) == [(PRESENT, 2), (vin_of(10**7), 2)]


@pytest.mark.slow
def test_blocked_command_gives_up(tmp_path: Path) -> None:
    command_line = CommandLine(tmp_path)
    command_line.run("register", PRESENT, "--axles", "2", "--fuel", "diesel")
    with somebody_writing(tmp_path):
        ran = command_line.run("change", PRESENT, "--axles", "9")
    assert (ran.exit_code, vehicles_left(tmp_path)) == (5, [(PRESENT, 2)])
