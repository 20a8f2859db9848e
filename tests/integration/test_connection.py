"""What a connection may do to the server: how much it may send, how long it may take, and what is no HTTP."""

import json
import re
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest

from tests.support.server_process import (
    CROWDED,
    HURRIED,
    UNMEASURED,
    Client,
    ServerProcess,
    connected,
    exchange,
    raw_registration,
    read_to_end,
    registration,
    serving,
    statuses,
    vin_of,
)
from vehicles.settings import DATABASE

KIB: Final = 1024
MIB: Final = 1024 * KIB
END: Final = b"Host: localhost\r\nConnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("hurried"), arguments=("-c", HURRIED)) as process:
        yield process


def problem(received: bytes) -> tuple[int, str]:
    """Return the status and the type of the problem details that were received."""
    head, _, body = received.partition(b"\r\n\r\n")
    assert b"content-type: application/problem+json" in head.lower()
    document = json.loads(body)
    assert statuses(received) == [document["status"]]
    return document["status"], document["type"].removeprefix("/problems/")


def read_answer(connection: socket.socket, received: bytes = b"") -> bytes:
    """Return the next answer, of which something may have been received, on a connection that goes on."""
    while (head := received.partition(b"\r\n\r\n"))[1] == b"":
        received += connection.recv(64 * KIB)
    length = re.search(rb"content-length: (\d+)", head[0])
    assert length is not None
    while len(received) < len(head[0]) + 4 + int(length[1]):
        received += connection.recv(64 * KIB)
    return received


def send_repeatedly(connection: socket.socket, piece: bytes, times: int) -> None:
    """Send something again and again, as long as anybody takes it."""
    try:
        for _ in range(times):
            connection.sendall(piece)
    except OSError:
        pass


# --- how much


def test_endless_head_fills_no_memory(tmp_path: Path) -> None:
    with serving(tmp_path) as server, connected(server) as connection:
        before = server.peak_memory()
        connection.sendall(b"GET /health HTTP/1.1\r\nX: ")
        send_repeatedly(connection, b"x" * MIB, 100)
        assert server.peak_memory() - before < 16 * MIB


def test_tiny_headers_fill_no_memory(tmp_path: Path) -> None:
    head = b"GET /health HTTP/1.1\r\nHost: localhost\r\n" + b"a:b\r\n" * 48_000 + b"\r\n"
    with serving(tmp_path, environment=UNMEASURED) as server:
        before = server.peak_memory()
        for _ in range(1000):
            with connected(server) as connection:
                send_repeatedly(connection, head, 1)
        assert server.peak_memory() - before < 20 * MIB


@pytest.mark.slow
def test_many_requests_leave_nothing(tmp_path: Path) -> None:
    with serving(tmp_path, environment=UNMEASURED) as server:
        send_many(server, 2_000)
        memory, descriptors = server.memory(), server.descriptors()
        send_many(server, 10_000)
        assert (server.memory() - memory < 4 * MIB, server.descriptors() - descriptors) == (True, 0)


def send_many(server: ServerProcess, times: int) -> None:
    """Send requests, every tenth on a connection of its own, and wait until the last of these is gone."""
    with Client(server.port) as client:
        client.send("POST", "/vehicle", registration(vin_of(1)))
        for number in range(times):
            if number % 10 == 0:
                assert statuses(exchange(server, b"GET /health HTTP/1.1\r\n" + END)) == [200]
            elif number % 10 == 1:
                changed = client.send("PUT", f"/vehicle?vin={vin_of(1)}", {"noOfAxles": 3, "fuelType": "hybrid"})
                assert changed.status == 200
            else:
                assert client.send("GET", f"/vehicle?vin={vin_of(1)}").status == 200
    time.sleep(0.5)


def test_endless_trailer_is_refused(server: ServerProcess) -> None:
    head = b"POST /vehicle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    received = exchange(server, head + b"\r\n\r\n2\r\n{}\r\n0\r\nX: " + b"x" * 100 * KIB)
    assert statuses(received) in ([400], [431])


def test_large_head_is_refused(client: Client) -> None:
    answer = client.send("GET", "/health", headers={"X-Long": "x" * 33 * KIB})
    assert (answer.status, answer.json()["type"]) == (431, "/problems/headers-too-large")
    assert client.send("GET", "/health").status == 200


# --- how long


@pytest.mark.parametrize(
    ("sent", "answers"),
    (
        (b"", []),
        (b"GET /health HTTP/1.1\r\nHost: loc", []),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\nGET /hea", [200]),
    ),
    ids=("silent", "half", "second"),
)
def test_missing_head_is_not_awaited(hurried: ServerProcess, sent: bytes, answers: list[int]) -> None:
    assert statuses(exchange(hurried, sent)) == answers


def test_dripping_head_is_dropped(hurried: ServerProcess) -> None:
    with connected(hurried) as connection:
        connection.sendall(b"GET /health HTTP/1.1\r\nX: ")
        begin = time.monotonic()
        while time.monotonic() - begin < 30:
            time.sleep(0.1)
            try:
                connection.sendall(b"x")
            except OSError:
                break
        assert time.monotonic() - begin < 10


def test_crowd_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, arguments=("-c", CROWDED)) as server:
        crowd = [connected(server) for _ in range(3)]
        for number, each in enumerate(crowd):
            head, _ = raw_registration(vin_of(number), "Expect: 100-continue")
            each.sendall(head)
            assert statuses(each.recv(KIB)) == [100]  # so it is being answered
        received = exchange(server, b"GET /health HTTP/1.1\r\n" + END)
        for each in crowd:
            each.close()
    assert (problem(received), b"retry-after: " in received) == ((503, "too-many-connections"), True)


def test_silent_crowd_locks_nobody_out(hurried: ServerProcess) -> None:
    crowd = [connected(hurried) for _ in range(10)]  # more than it accepts
    received = exchange(hurried, b"GET /health HTTP/1.1\r\n" + END)
    for each in crowd:
        each.close()
    assert statuses(received) == [200]


def test_slow_body_times_out(hurried: ServerProcess) -> None:
    head, body = raw_registration(vin_of(1))
    received = exchange(hurried, head + body[:-1])
    assert (problem(received), b"\r\nconnection: close\r\n" in received) == ((408, "request-timeout"), True)


def test_body_that_nobody_awaits_ends(hurried: ServerProcess) -> None:
    for _ in range(5):  # what keeps such a connection open does not always do so
        received = exchange(hurried, b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n")
        assert problem(received) == (404, "unknown-path")


@pytest.mark.parametrize(
    ("request_line", "headers", "expected"),
    (
        (b"POST /nowhere", b"Content-Length: 9", (404, "unknown-path")),
        (b"PATCH /vehicles", b"Content-Length: 9", (405, "method-not-allowed")),
        (b"POST /vehicle", b"Content-Length: 17000", (413, "body-too-large")),
        (b"POST /vehicle", b"Content-Length: 9\r\nContent-Type: text/csv", (415, "unsupported-media-type")),
        (b"POST /vehicle", b"Transfer-Encoding: chunked", (415, "unsupported-media-type")),
        (b"DELETE /vehicle?vin=WMAH05ZZ04M012345", b"Content-Length: 9", (404, "vehicle-not-found")),
    ),
)
def test_answer_waits_for_no_body(
    server: ServerProcess, request_line: bytes, headers: bytes, expected: tuple[int, str]
) -> None:
    with connected(server) as connection:
        connection.sendall(request_line + b" HTTP/1.1\r\nHost: localhost\r\n" + headers + b"\r\n\r\n")
        assert problem(read_answer(connection)) == expected


# --- what is no HTTP


@pytest.mark.parametrize(
    ("sent", "status"),
    (
        (b"GET /health HTTP/1.1\r\nX: " + b"x" * 80 * KIB, 431),
        (b"GET /vin?vin=%b HTTP/1.1\r\n%b" % (b"x" * 33 * KIB, END), 431),
        (b"GET /vin?vin=%b HTTP/1.1\r\n%b" % (b"x" * 70 * KIB, END), 414),
        (b"NONSENSE\r\n\r\n", 400),
        (b"GET /health HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n", 400),
        (b"GET /vehicle?vin=\xff HTTP/1.1\r\nHost: localhost\r\n\r\n", 400),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),  # somebody speaks TLS
        (b"BREW /health HTTP/1.1\r\n" + END, 405),
        (b"CONNECT example:443 HTTP/1.1\r\n" + END, 404),
        ("GET /Überblick HTTP/1.1\r\n".encode() + END, 404),
        (b"GET http://localhost/health HTTP/1.1\r\n" + END, 200),
        (b"GET /health HTTP/1.0\r\n\r\n", 200),
    ),
    ids=range(12),
)
def test_unusual_request_has_its_status(server: ServerProcess, sent: bytes, status: int) -> None:
    assert statuses(exchange(server, sent)) == [status]


@pytest.mark.parametrize("hosts", (b"", b"Host:\r\n", b"Host: localhost\r\nHost: localhost\r\n"))
def test_one_host_is_required(server: ServerProcess, hosts: bytes) -> None:
    received = exchange(server, b"GET /health HTTP/1.1\r\n%bConnection: close\r\n\r\n" % hosts)
    assert problem(received) == (400, "malformed-request")


def test_nonsense_waits_for_answers(server: ServerProcess) -> None:
    head, body = raw_registration(vin_of(1))
    assert statuses(exchange(server, head + body + b"NONSENSE\r\n\r\n")) == [201, 400]


def test_malformed_chunk_is_refused(server: ServerProcess) -> None:
    head = b"POST /vehicle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked"
    assert problem(exchange(server, head + b"\r\n\r\nnonsense\r\n")) == (400, "malformed-request")


def test_pipelined_requests_keep_order(server: ServerProcess) -> None:
    head, body = raw_registration(vin_of(22))
    target = f"/vehicle?vin={vin_of(22)}".encode()
    rest = (
        b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % target,
        b"DELETE %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % target,
        b"GET %b HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" % target,
    )
    assert statuses(exchange(server, head + body + b"".join(rest))) == [201, 200, 204, 404]


def test_header_is_one_line(tmp_path: Path) -> None:
    """Whatever stands in the file, where others may write too."""
    with serving(tmp_path) as server, Client(server.port) as client:
        client.send("POST", "/vehicle", registration(vin_of(1)))
        with closing(sqlite3.connect(tmp_path / DATABASE)) as database, database:
            database.execute("UPDATE vehicle SET version = char(13, 10) || 'Set-Cookie: x'")
        answer = client.send("GET", f"/vehicle?vin={vin_of(1)}")
    assert (answer.json()["type"], "set-cookie" in answer.headers) == ("/problems/internal-error", False)


def test_trailer_is_no_header(server: ServerProcess) -> None:
    head, _ = raw_registration(vin_of(3), "Transfer-Encoding: chunked", "Connection: close")
    head = re.sub(rb"Content-Length: \d+\r\n", b"", head)
    received = exchange(server, head + b"2\r\n{}\r\n0\r\nContent-Type: text/csv\r\n\r\n")
    assert statuses(received) == [422]


def test_many_pipelined_requests_are_answered(server: ServerProcess) -> None:
    head, body = raw_registration(vin_of(23))
    received = exchange(server, (head + body) * 500 + b"GET /health HTTP/1.1\r\n" + END)
    assert statuses(received) == [201, *[409] * 499, 200]


def test_pipeline_lets_others_in(tmp_path: Path) -> None:
    with serving(tmp_path) as server, Client(server.port) as client, connected(server) as connection:
        connection.sendall(
            b"HEAD /vehicles HTTP/1.1\r\nHost: localhost\r\n\r\n" * 1000 + b"GET /vin HTTP/1.1\r\n" + END
        )
        client.send("GET", "/health")
        read_to_end(connection)
        routes = re.findall(r"(?:GET|HEAD) /\w+", server.stop())
    assert (routes.count("HEAD /vehicles"), routes[-1]) == (1000, "GET /vin")


def test_raw_query_may_come_in_pieces(server: ServerProcess) -> None:
    with connected(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for byte in "\r\nGET /vin?vin=WDBВ HTTP/1.1\r\n".encode():  # noqa: RUF001 — it is
            connection.sendall(bytes([byte]))
            time.sleep(0.001)
        connection.sendall(END)
        received = read_to_end(connection)
    assert (statuses(received), b"CYRILLIC CAPITAL LETTER VE" in received) == ([200], True)


def test_raw_body_is_left_alone(server: ServerProcess) -> None:
    body = '{"vin": "Ü"}'.encode()
    head = b"POST /vehicle HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n"
    with connected(server) as connection:
        connection.sendall(head + b"Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % len(body))
        assert statuses(connection.recv(KIB)) == [100]  # so the body comes by itself
        connection.sendall(body)
        assert b"LATIN CAPITAL LETTER U WITH DIAERESIS" in read_to_end(connection)
