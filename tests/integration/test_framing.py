"""Where a request ends: nothing in a body is ever a request, whatever upgrade of the protocol a client offers."""

import json
import socket
import time
from collections.abc import Sequence
from functools import partial
from itertools import batched, count
from typing import Final

import pytest

from tests.support.processes import run
from tests.support.server_process import (
    HOST,
    Client,
    ServerProcess,
    connected,
    exchange,
    read_to_end,
    registration,
    statuses,
    vin_of,
)
from vehicles.testing.racing import racing

NUMBERS: Final = count(1)
OFFERS: Final = {
    "none": (),
    "h2c": ("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"),
    "websocket": (
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
    ),
    "TLS/1.0": ("Connection: Upgrade", "Upgrade: TLS/1.0"),
    "unknown": ("Connection: Upgrade", "Upgrade: carrier-pigeon/2"),
}
REPLACEMENT: Final = b'{"noOfAxles": 3, "fuelType": "electric"}'
LAST: Final = b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"

each_offer = pytest.mark.parametrize("offer", OFFERS.values(), ids=OFFERS)
each_framing = pytest.mark.parametrize("chunked", (False, True), ids=("length", "chunked"))


@pytest.fixture
def vin() -> str:
    return vin_of(next(NUMBERS))


def content_of(vin: str) -> bytes:
    return json.dumps(registration(vin)).encode()


def head_and_body(request_line: str, content: bytes, offer: Sequence[str], *, chunked: bool) -> tuple[bytes, bytes]:
    """Return a request in two parts."""
    framing = "Transfer-Encoding: chunked" if chunked else f"Content-Length: {len(content)}"
    lines = (f"{request_line} HTTP/1.1", f"Host: {HOST}", "Content-Type: application/json", framing, *offer, "\r\n")
    body = b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content) if chunked else content
    return "\r\n".join(lines).encode(), body


def register(server: ServerProcess, vin: str) -> None:
    with Client(server.port) as client:
        assert client.send("POST", "/vehicle", registration(vin)).status == 201


def exchange_split(server: ServerProcess, first: bytes, second: bytes) -> bytes:
    """Send something in two packets, and return all that comes until the server hangs up."""
    with connected(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.sendall(first)
        time.sleep(0.003)
        connection.sendall(second)
        return read_to_end(connection)


@each_offer
@each_framing
@pytest.mark.parametrize("is_split", (False, True), ids=("one packet", "two packets"))
def test_body_is_read(server: ServerProcess, vin: str, offer: Sequence[str], *, chunked: bool, is_split: bool) -> None:
    registered = head_and_body("POST /vehicle", content_of(vin), offer, chunked=chunked)
    replaced = head_and_body(f"PUT /vehicle?vin={vin}", REPLACEMENT, offer, chunked=chunked)
    for (head, body), status in ((registered, 201), (replaced, 200)):
        received = exchange_split(server, head, body + LAST) if is_split else exchange(server, head + body + LAST)
        assert statuses(received) == [status, 200]


@each_framing
def test_request_may_be_split_anywhere(server: ServerProcess, vin: str, *, chunked: bool) -> None:
    whole = b"".join(head_and_body(f"PUT /vehicle?vin={vin}", REPLACEMENT, OFFERS["h2c"], chunked=chunked)) + LAST
    register(server, vin)
    exchanges = [partial(exchange_split, server, whole[:place], whole[place:]) for place in range(1, len(whole))]
    received = [each for some in batched(exchanges, 16, strict=False) for each in racing(some)]
    assert [statuses(each) for each in received] == [[200, 200]] * (len(whole) - 1)


@each_offer
@each_framing
@pytest.mark.parametrize("method", ("POST", "PUT", "DELETE", "GET"))
def test_request_in_body_is_not_carried_out(
    server: ServerProcess, vin: str, method: str, offer: Sequence[str], *, chunked: bool
) -> None:
    attack = f"DELETE /vehicle?vin={vin} HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode()
    head, body = head_and_body(f"{method} /vehicle?vin={vin_of(0)}", attack, offer, chunked=chunked)
    register(server, vin)
    with Client(server.port) as client:
        answers = (statuses(exchange(server, head + body + LAST)), statuses(exchange_split(server, head, body + LAST)))
        assert client.send("GET", f"/vehicle?vin={vin}").status == 200
    # Where nobody reads the body, the connection may end instead of going on.
    assert all(len(each) == 1 or each[1:] == [200] for each in answers)


@each_offer
def test_request_without_body_is_answered(server: ServerProcess, offer: Sequence[str]) -> None:
    head = "\r\n".join(("GET /vehicles HTTP/1.1", f"Host: {HOST}", *offer, "\r\n")).encode()
    assert statuses(exchange(server, head + LAST)) == [200, 200]


@pytest.mark.parametrize("coding", ("gzip, chunked", "chunked, gzip", "identity", "chunked, chunked"))
def test_foreign_transfer_encoding_is_refused(server: ServerProcess, vin: str, coding: str) -> None:
    head, body = head_and_body("POST /vehicle", content_of(vin), (), chunked=True)
    received = exchange(server, head.replace(b": chunked", f": {coding}".encode()) + body)
    with Client(server.port) as client:
        assert client.send("GET", f"/vehicle?vin={vin}").status == 404
    assert statuses(received) == [400]
    if coding == "gzip, chunked":  # the one that is no malformed HTTP
        assert json.loads(received.partition(b"\r\n\r\n")[2])["type"] == "/problems/malformed-request"


def test_two_lengths_are_refused(server: ServerProcess, vin: str) -> None:
    head, body = head_and_body("POST /vehicle", content_of(vin), ("Content-Length: 5",), chunked=False)
    assert statuses(exchange(server, head + body)) == [400]


def test_no_interim_answer_in_http_1_0(server: ServerProcess, vin: str) -> None:
    head, body = head_and_body("POST /vehicle", content_of(vin), ("Expect: 100-continue",), chunked=False)
    assert statuses(exchange_split(server, head.replace(b"HTTP/1.1", b"HTTP/1.0"), body)) == [201]


def test_curl_with_http2_registers(server: ServerProcess, vin: str) -> None:
    address = f"http://{HOST}:{server.port}/vehicle"
    command = ("curl", "--silent", "--http2", "--json", json.dumps(registration(vin)), "-w", "%{http_code}", address)
    assert run(*command).stdout.endswith("201")
