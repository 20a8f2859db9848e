"""The server as people run it: a process, its socket, its log, its end."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from email.utils import parsedate_to_datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest

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
CLIENTS: Final = 32
ROUNDS: Final = 10


# --- the beginning and the end


def test_idle_connection_delays_no_end(tmp_path: Path) -> None:
    with serving(tmp_path, environment=UNMEASURED) as server, connected(server) as connection:
        while server.is_running:  # further signals change nothing
            server.signal(signal.SIGTERM)
            time.sleep(0.002)
        assert (read_to_end(connection), server.exit_code()) == (b"", 0), server.log()


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGINT))
def test_request_in_flight_is_answered(tmp_path: Path, number: signal.Signals) -> None:
    head, body = raw_registration(vin_of(1), "Expect: 100-continue")
    with serving(tmp_path, environment=UNMEASURED) as server, connected(server) as connection:
        connection.sendall(head)
        assert statuses(connection.recv(KIB)) == [100]  # so it is being answered
        server.signal(number)
        connection.sendall(body)
        assert (statuses(read_to_end(connection)), server.exit_code()) == ([201], 0)


# --- who may come in


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    settings = {"VEHICLES_HOST": "0.0.0.0", "VEHICLES_TOKEN": TOKEN}  # noqa: S104 — with a token
    with serving(tmp_path_factory.mktemp("guarded"), environment=settings) as process:
        yield process


@pytest.mark.parametrize("headers", ({}, {"Authorization": f"Bearer {TOKEN}x"}), ids=("missing", "wrong"))
def test_token_is_required(guarded: ServerProcess, headers: dict[str, str]) -> None:
    with Client(guarded.port) as client:
        answer = client.send("GET", "/vehicles", headers=headers)
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="vehicles"')


@pytest.mark.parametrize("host", (HOST, "fleet.example"))
def test_token_allows_any_host(guarded: ServerProcess, host: str) -> None:
    with Client(guarded.port) as client:
        headers = {"Host": host, "Authorization": f"Bearer {TOKEN}"}
        assert client.send("GET", "/vehicles", headers=headers).status == 200
    assert TOKEN not in guarded.log()


# --- requests out of the ordinary; after each of them the server goes on


@pytest.mark.parametrize("host", ("rebound.example", "rebound.example:8000", "127.0.0.1.example", "[::2]:8000", ":1"))
def test_foreign_host_is_refused(client: Client, host: str) -> None:
    answer = client.send("GET", "/vehicles", headers={"Host": host})
    assert (answer.status, answer.json()["type"]) == (421, "/problems/misdirected-request")


@pytest.mark.parametrize("host", ("localhost", "LOCALHOST.:8000", "127.0.0.1", "127.9.9.9:1", "[::1]", "[::1]:8000"))
def test_local_host_is_answered(client: Client, host: str) -> None:
    assert client.send("GET", "/vehicles", headers={"Host": host}).status == 200


@pytest.mark.parametrize("size", (17 * KIB, 10_000_000))
def test_large_body_is_refused(client: Client, size: int) -> None:
    answer = client.send("POST", "/vehicle", b" " * size)
    assert (answer.status, answer.json()["type"]) == (413, "/problems/body-too-large")
    assert client.send("GET", "/health").status == 200


def test_largest_body_is_read(client: Client) -> None:
    assert client.send("POST", "/vehicle", b"{}".ljust(16 * KIB)).status == 422


def test_torn_body_changes_nothing(server: ServerProcess, client: Client) -> None:
    head, body = raw_registration(vin_of(21))
    with connected(server) as connection:
        connection.sendall(head + body[:-1])
    assert client.send("GET", f"/vehicle?vin={vin_of(21)}").status == 404
    assert not re.search(r" 500 |Traceback|Exception", server.log())


def test_stop_waits_for_no_endless_body(tmp_path: Path) -> None:
    head, body = raw_registration(vin_of(1), "Expect: 100-continue")
    with serving(tmp_path, arguments=("-c", HASTY)) as server, connected(server) as connection:
        connection.sendall(head)
        connection.recv(KIB)
        connection.sendall(body[:-1])
        server.signal(signal.SIGTERM)
        assert (201 in statuses(read_to_end(connection)), server.exit_code()) == (False, 0)


def test_head_has_no_body(server: ServerProcess) -> None:
    head = b"HEAD /health HTTP/1.1\r\nHost: localhost\r\n"
    received = exchange(server, head + b"\r\n" + head + b"Connection: close\r\n\r\n")
    assert (statuses(received), received.count(b"{")) == ([200, 200], 0)


def test_headers_name_date_and_server(client: Client) -> None:
    earlier, later = (client.send("GET", "/health").headers for _ in range(2))
    passed = parsedate_to_datetime(later["date"]) - parsedate_to_datetime(earlier["date"])
    assert (0 <= passed.total_seconds() <= 2, later["server"]) == (True, "vehicles")


# --- the log


def test_log_names_routes_and_no_vin(tmp_path: Path) -> None:
    vin, upgrade = vin_of(1), {"Connection": "Upgrade", "Upgrade": "h2c"}
    with serving(tmp_path) as server:
        with Client(server.port) as client:
            for number in range(99):
                client.send("GET", f"/vehicle?vin={vin_of(number)}")
            client.send("GET", f"/{vin}?{vin}={vin}", headers={"X-Request-Id": vin, "User-Agent": vin, "Referer": vin})
            client.send("POST", "/vehicle", {"vin": [vin], vin: vin}, {"Authorization": f"Bearer {vin}"})
            client.send("PUT", f"/vehicle?vin={vin.lower()}", f'{{"vin": "{vin}'.encode(), {"If-Match": f'"{vin}"'})
            exchange(server, f"{vin} /{vin} HTTP/1.1\r\n{vin}: {vin}\r\n\r\n".encode())
            request_id = client.send("GET", f"/vehicle?vin={vin}").headers["x-request-id"]
            client.send("GET", "/vin?vin=x", headers=upgrade)
        log = server.stop()
    *_, line, offered = log.splitlines()
    assert re.fullmatch(rf"[-0-9T:]+\+0000 404 GET /vehicle \d+\.\d ms {request_id}", line)
    assert re.fullmatch(r"\S+ 200 GET /vin .*", offered)
    assert Counter(re.findall(r" (\d{3}) GET /vehicle ", log)) == {"404": 100}
    assert [number for number in range(99) if vin_of(number) in log.upper()] == []


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


# An unread one is given more lines than a pipe takes.
@pytest.mark.parametrize(("log", "requests"), (("unread", 1000), ("reader gone", 1), ("full disk", 1), ("closed", 1)))
def test_lost_log_stops_nothing(tmp_path: Path, log: str, requests: int) -> None:
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
                for number in range(requests):
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


# --- two servers on one data directory


def compete(clients: list[Client], method: str, target: str, *sent: Any) -> Counter[int]:  # noqa: ANN401 — handed on
    """Have all clients send the same at the same time, and count the statuses."""
    return Counter(answer.status for answer in racing(partial(each.send, method, target, *sent) for each in clients))


def test_one_of_many_clients_wins(tmp_path: Path) -> None:
    with ExitStack() as stack:
        # They begin at the same time, so that both find no database yet.
        twins = racing([partial(stack.enter_context, serving(tmp_path)) for _ in range(2)])
        clients = [stack.enter_context(Client(each.port)) for each in twins for _ in range(CLIENTS // 2)]
        for vin in map(vin_of, range(ROUNDS)):
            assert compete(clients, "POST", "/vehicle", registration(vin)) == {201: 1, 409: CLIENTS - 1}
            seen = [client.send("GET", f"/vehicle?vin={vin}").headers["etag"] for client in (clients[0], clients[-1])]
            assert seen[0] == seen[1]
            changes = [
                partial(each.send, "PATCH", f"/vehicle?vin={vin}", {"noOfAxles": axles}, {"If-Match": seen[0]})
                for axles, each in enumerate(clients, 10)
            ]
            assert Counter(answer.status for answer in racing(changes)) == {200: 1, 412: CLIENTS - 1}
            assert compete(clients, "DELETE", f"/vehicle?vin={vin}") == {204: 1, 404: CLIENTS - 1}
