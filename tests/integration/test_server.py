"""The server as people run it: a process, its socket, its log, its end."""

import os
import random
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Final

import pytest

from tests.support.command_line import CommandLine
from tests.support.processes import running
from tests.support.server_process import (
    COMMAND,
    HASTY,
    HOST,
    UNMEASURED,
    Client,
    ServerProcess,
    clean_environment,
    connected,
    exchange,
    listed,
    raw_registration,
    read_to_end,
    registration,
    serving,
    statuses,
    vin_of,
)
from vehicles.testing.racing import racing

TOKEN: Final = "correct-horse-battery"  # noqa: S105 — for a server that lives a second
KIB: Final = 1024


# --- the beginning and the end


def test_memory_backend_serves(tmp_path: Path) -> None:
    with serving(tmp_path, environment={"VEHICLES_BACKEND": "memory"}) as server, Client(server.port) as client:
        assert client.send("POST", "/vehicle", registration(vin_of(1))).status == 201


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_signal_ends_well(tmp_path: Path, number: signal.Signals) -> None:
    with serving(tmp_path, environment=UNMEASURED) as server:
        server.signal(number)
        assert server.exit_code() == 0


def test_further_signals_change_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, environment=UNMEASURED) as server:
        while server.is_running:
            server.signal(signal.SIGTERM)
            time.sleep(0.002)
        assert server.exit_code() == 0


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_request_in_flight_is_answered(tmp_path: Path, number: signal.Signals) -> None:
    head, body = raw_registration(vin_of(1), "Expect: 100-continue")
    with serving(tmp_path, environment=UNMEASURED) as server, connected(server) as connection:
        connection.sendall(head)
        assert statuses(connection.recv(KIB)) == [100]  # so it is being answered
        server.signal(number)
        connection.sendall(body)
        assert (statuses(read_to_end(connection)), server.exit_code()) == ([201], 0)


def test_idle_connections_do_not_delay(tmp_path: Path) -> None:
    with serving(tmp_path) as server, connected(server) as connection:
        server.signal(signal.SIGTERM)
        assert read_to_end(connection) == b""


def test_restart_finds_vehicles(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Client(server.port) as client:
        registered = client.send("POST", "/vehicle", registration(vin_of(1))).json()
    with serving(tmp_path) as server, Client(server.port) as client:
        assert client.send("GET", f"/vehicle?vin={vin_of(1)}").json() == registered


def test_port_of_another_server_is_busy(tmp_path: Path) -> None:
    with serving(tmp_path / "one") as server:
        ended = CommandLine(tmp_path / "other").run("serve", "--port", str(server.port))
    assert (ended.exit_code, ended.stderr.count("\n"), "cannot listen" in ended.stderr) == (1, 1, True)


# --- who may come in


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    settings = {"VEHICLES_HOST": "0.0.0.0", "VEHICLES_TOKEN": TOKEN}  # noqa: S104 — with a token
    with serving(tmp_path_factory.mktemp("guarded"), environment=settings) as process:
        yield process


def test_token_is_demanded(guarded: ServerProcess) -> None:
    with Client(guarded.port) as client:
        answer = client.send("GET", "/vehicles")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="vehicles"')


def test_wrong_token_is_refused(guarded: ServerProcess) -> None:
    with Client(guarded.port) as client:
        assert client.send("GET", "/vehicles", headers={"Authorization": f"Bearer {TOKEN}x"}).status == 401


def test_token_opens(guarded: ServerProcess) -> None:
    with Client(guarded.port) as client:
        assert client.send("GET", "/vehicles", headers={"Authorization": f"Bearer {TOKEN}"}).status == 200


def test_token_stays_unlogged(guarded: ServerProcess) -> None:
    with Client(guarded.port) as client:
        client.send("GET", "/vehicles", headers={"Authorization": f"Bearer {TOKEN}"})
    assert TOKEN not in guarded.log()


# --- requests out of the ordinary; after each of them the server goes on


@pytest.mark.parametrize("host", ("rebound.example", "rebound.example:8000", "127.0.0.1.example", "[::2]:8000", ":1"))
def test_foreign_host_is_refused(client: Client, host: str) -> None:
    answer = client.send("GET", "/vehicles", headers={"Host": host})
    assert (answer.status, answer.json()["type"]) == (421, "/problems/misdirected-request")


@pytest.mark.parametrize("host", ("localhost", "LOCALHOST.:8000", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8000"))
def test_local_host_is_answered(client: Client, host: str) -> None:
    assert client.send("GET", "/vehicles", headers={"Host": host}).status == 200


def test_token_allows_any_host(guarded: ServerProcess) -> None:
    with Client(guarded.port) as client:
        headers = {"Host": "fleet.example", "Authorization": f"Bearer {TOKEN}"}
        assert client.send("GET", "/vehicles", headers=headers).status == 200


@pytest.mark.parametrize("size", (17 * KIB, 10_000_000))
def test_large_body_is_refused(client: Client, size: int) -> None:
    answer = client.send("POST", "/vehicle", b" " * size)
    assert (answer.status, answer.json()["type"]) == (413, "/problems/body-too-large")


def test_large_body_leaves_connection(client: Client) -> None:
    client.send("POST", "/vehicle", b" " * 10_000_000)
    assert client.send("GET", "/health").status == 200


def test_largest_body_is_read(client: Client) -> None:
    assert client.send("POST", "/vehicle", b"{}".ljust(16 * KIB)).status == 422


def test_chunked_body_is_read(server: ServerProcess) -> None:
    _, body = raw_registration(vin_of(20))
    head = b"POST /vehicle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (body[:9], body[9:])) + b"0\r\n\r\n"
    assert statuses(exchange(server, head + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)) == [201]


def test_torn_body_changes_nothing(tmp_path: Path) -> None:
    head, body = raw_registration(vin_of(21))
    with serving(tmp_path) as server:
        with connected(server) as connection:
            connection.sendall(head + body[:-1])
        with Client(server.port) as client:
            assert client.send("GET", f"/vehicle?vin={vin_of(21)}").status == 404
        assert not re.search(r" 500 |Traceback|Exception", server.stop())


def test_stop_waits_for_no_endless_body(tmp_path: Path) -> None:
    head, body = raw_registration(vin_of(1), "Expect: 100-continue")
    with serving(tmp_path, arguments=("-c", HASTY)) as server, connected(server) as connection:
        connection.sendall(head)
        connection.recv(KIB)
        connection.sendall(body[:-1])
        server.signal(signal.SIGTERM)
        assert (201 in statuses(read_to_end(connection)), server.exit_code()) == (False, 0)


def test_head_has_no_body(server: ServerProcess) -> None:
    received = exchange(server, b"HEAD /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    assert received.partition(b"\r\n\r\n")[2] == b""


def test_head_leaves_connection(client: Client) -> None:
    client.send("HEAD", "/health")
    assert client.send("GET", "/health").json()["status"] == "ok"


def test_unwanted_body_leaves_connection(client: Client) -> None:
    client.send("GET", "/health", b"GET /vehicles HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert client.send("GET", "/health").json()["status"] == "ok"


def test_old_clients_are_answered(server: ServerProcess) -> None:
    assert statuses(exchange(server, b"GET /health HTTP/1.0\r\n\r\n")) == [200]


def test_date_is_now(client: Client) -> None:
    earlier, later = (parsedate_to_datetime(client.send("GET", "/health").headers["date"]) for _ in range(2))
    assert 0 <= (later - earlier).total_seconds() <= 2


def test_server_names_no_software(client: Client) -> None:
    assert client.send("GET", "/health").headers["server"] == "vehicles"


# --- the log


def test_log_names_the_routes(tmp_path: Path) -> None:
    upgrade = {"Connection": "Upgrade", "Upgrade": "h2c"}
    with serving(tmp_path) as server:
        with Client(server.port) as client:
            for number in range(99):
                client.send("GET", f"/vehicle?vin={vin_of(number)}")
            request_id = client.send("GET", f"/vehicle?vin={vin_of(1)}").headers["x-request-id"]
            client.send("GET", "/vin?vin=x", headers=upgrade)
        log = server.stop()
    *_, line, offered = log.splitlines()
    assert re.fullmatch(rf"[-0-9T:]+\+0000 404 GET /vehicle \d+\.\d ms {request_id}", line)
    assert re.fullmatch(r"\S+ 200 GET /vin .*", offered)
    assert Counter(re.findall(r" (\d{3}) GET /vehicle ", log)) == {"404": 100}


def test_log_holds_no_vin(tmp_path: Path) -> None:
    vins = [vin_of(number) for number in range(500)]
    with serving(tmp_path) as server:
        with Client(server.port) as client:
            for vin in vins:
                _do_something(server, client, vin)
        log = server.stop().upper()
    assert [vin for vin in vins if vin in log] == []


# --- a log that nobody reads, or that cannot be written; another server of ASGI


def _free_port() -> int:
    with socket.create_server((HOST, 0)) as free:
        return int(free.getsockname()[1])


def _wait_until_open(port: int) -> None:
    deadline = time.monotonic() + 60
    while True:
        with socket.socket() as connection:
            if connection.connect_ex((HOST, port)) == 0:
                return
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize("log", ("unread", "reader gone", "full disk", "closed"))
def test_lost_log_stops_nothing(tmp_path: Path, log: str) -> None:
    port, (read, write) = _free_port(), os.pipe()
    wrapper = ("/bin/sh", "-c", 'exec "$@" 2>&-', "sh") if log == "closed" else ()
    command = (*wrapper, sys.executable, *COMMAND, "--data", tmp_path, "--port", str(port))
    with os.fdopen(read, "rb") as reader, os.fdopen(write, "wb") as writer, Path("/dev/full").open("wb") as full:
        if log == "reader gone":
            reader.close()
        stderr = full if log == "full disk" else writer
        with running(subprocess.Popen(command, env=clean_environment() | UNMEASURED, stderr=stderr)) as process:
            _wait_until_open(port)
            with Client(port) as client:
                for number in range(1000):  # more lines than a pipe takes
                    assert client.send("GET", f"/vehicle?vin={vin_of(number)}").status == 404
                assert client.send("POST", "/vehicle", registration(vin_of(1))).status == 201
            process.terminate()
            assert process.wait(60) == 0


def test_any_asgi_server_runs_the_application(tmp_path: Path) -> None:
    port = _free_port()
    command = (sys.executable, "-m", "granian", "--interface", "asgi", "--port", str(port), "--no-log")
    environment = clean_environment() | UNMEASURED | {"VEHICLES_DATA": str(tmp_path), "VEHICLES_TOKEN": TOKEN}
    with running(subprocess.Popen((*command, "vehicles.entrypoints.server:app"), env=environment)) as process:
        try:
            _wait_until_open(port)
            with Client(port) as client:
                answer = client.send("GET", "/vehicles", headers={"Authorization": f"Bearer {TOKEN}"})
                unknown = client.send("GET", "/vehicles")
        finally:
            process.terminate()  # which its workers notice
            process.wait(60)
    assert (answer.status, unknown.status) == (200, 401)


def _do_something(server: ServerProcess, client: Client, vin: str) -> None:
    """Send any request, wrong ones among them, that has the VIN wherever a VIN can be."""
    dice = random.Random(vin)  # noqa: S311 — the same requests each time
    content = dice.choice(
        [
            registration(vin),
            registration(vin.lower()),
            registration(vin[:-1] + "Q"),
            registration(vin, no_of_axles=-3),
            {"vin": [vin], vin: vin},
            f'{{"vin": "{vin}'.encode(),
        ]
    )
    target = dice.choice(
        [
            f"/vehicle?vin={vin}",
            f"/vehicle?vin={vin.lower()}",
            f"/vehicle?{vin}={vin}",
            f"/vehicle/{vin}",
            f"/{vin}",
            f"/vin?vin={vin}",
            f"/vehicles?cursor={vin}",
            f"/vehicles?vinEndsWith={vin}",
            f"/summary?week={vin}",
        ]
    )
    headers = dice.choice(
        [
            {},
            {"If-Match": f'"{vin}"'},
            {"If-None-Match": vin},
            {"Accept": vin},
            {"Content-Type": vin},
            {"Authorization": f"Bearer {vin}"},
            {"X-Request-Id": vin, "User-Agent": vin, "Referer": f"/vehicle?vin={vin}"},
        ]
    )
    match dice.randrange(8):
        case 0:
            exchange(server, f"{vin} /{vin} HTTP/1.1\r\n{vin}: {vin}\r\n\r\n".encode())
        case 1:
            client.send(dice.choice(["PATCH", "OPTIONS", "HEAD", "TRACE"]), target, headers=headers)
        case 2 | 3:
            client.send("POST", "/vehicle", content, headers)
        case 4:
            client.send("PUT", target, content, headers)
        case 5:
            client.send("DELETE", target, headers=headers)
        case _:
            client.send("GET", target, headers=headers)


# --- two servers on one data directory


@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ServerProcess, ServerProcess]]:
    data = tmp_path_factory.mktemp("shared")
    servers = [serving(data) for _ in range(2)]
    try:
        # At the same time, so that both find no database yet.
        first, second = racing([each.__enter__ for each in servers])
        yield first, second
    finally:
        for each in servers:
            each.__exit__(None, None, None)


def test_twins_see_each_other(twins: tuple[ServerProcess, ServerProcess]) -> None:
    with Client(twins[0].port) as one, Client(twins[1].port) as other:
        registered = [one.send("POST", "/vehicle", registration(vin_of(n))).json()["vin"] for n in range(100)]
        there = {vehicle["vin"] for vehicle in listed(other)}
    assert there.issuperset(registered)


def test_twins_contend_correctly(twins: tuple[ServerProcess, ServerProcess]) -> None:
    vins = [vin_of(number) for number in range(1000, 1300)]

    def register_all(server: ServerProcess) -> list[int]:
        with Client(server.port) as client:
            return [client.send("POST", "/vehicle", registration(vin)).status for vin in vins]

    pairs = zip(*racing(partial(register_all, each) for each in twins), strict=True)
    assert Counter(tuple(sorted(pair)) for pair in pairs) == {(201, 409): 300}
