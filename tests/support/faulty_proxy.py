"""A proxy before an emulator of AWS that does harm to what it hands on."""

import json
import socket
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPResponse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final, override

from tests.support.emulator import HOST, Emulator


@dataclass(frozen=True, slots=True)
class Fault:
    """What happens to a request: whether the emulator gets it, and what the client gets instead of the answer."""

    name: str
    reply: tuple[int, bytes] | None = None
    is_carried_out: bool = True


GARBAGE: Final = {
    "empty": b"",
    "HTML": b"<html><body>Log in</body></html>",
    "broken JSON": b'{"Item": {"vin"',
    "JSON list": b"[]",
    "JSON null": b"null",
    "other object": b'{"message": "hello"}',
}
SLOW: Final = Fault("slow")
THROTTLED: Final = Fault("throttled", is_carried_out=False)
FAULTS: Final = (
    Fault("hangs up before", is_carried_out=False),
    Fault("hangs up after"),
    Fault("resets before", is_carried_out=False),
    Fault("resets after"),
    SLOW,
    Fault("500 before", (500, b""), is_carried_out=False),
    Fault("500 after", (500, b"")),
    THROTTLED,
    Fault("cut body"),
    Fault("wrong checksum"),
    *(Fault(name, (200, body)) for name, body in GARBAGE.items()),
)


class FaultyProxy(ThreadingHTTPServer):
    """Hands requests on, and asks for each which fault, if any, it meets."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, emulator: Emulator, next_fault: Callable[[], Fault | None]) -> None:
        super().__init__((HOST, 0), _Handler)
        self.emulator = emulator
        self.next_fault = next_fault

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_port}"

    @override
    def handle_error(self, *_: object) -> None:
        """Say nothing: clients go away when they have waited long enough."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: FaultyProxy

    def handle_any(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        fault = self.server.next_fault()
        content, response = b"", None
        if fault is None or fault.is_carried_out:
            connection = HTTPConnection(HOST, self.server.emulator.port, timeout=60)
            connection.request(self.command, self.path, body, dict(self.headers))
            response = connection.getresponse()
            content = response.read()
            connection.close()
        if fault is None:
            assert response is not None
            self.answer(response.status, content, response)
        else:
            self.harm(fault, content, response)

    def harm(self, fault: Fault, content: bytes, response: HTTPResponse | None) -> None:
        kind = fault.name.partition(" ")[0]
        if fault.reply is not None:
            self.answer(*fault.reply)
        elif kind == "throttled" and "X-Amz-Target" in self.headers:
            self.answer(400, json.dumps({"__type": "x#ProvisionedThroughputExceededException"}).encode())
        elif kind == "throttled":
            self.answer(503, b"<Error><Code>SlowDown</Code></Error>")
        elif kind == "wrong":
            assert response is not None
            checksums = {"x-amz-crc32": "1"}
            if response.status == HTTPStatus.OK and self.command == "GET":
                checksums["x-amz-checksum-sha256"] = "A" * 43 + "="
            self.answer(response.status, content, response, **checksums)
        elif kind == "cut":
            assert response is not None
            self.answer(response.status, content[:-1], response, **{"Content-Length": str(len(content) or 1)})
            self.close_connection = True
        else:
            if kind == "slow":
                with suppress(OSError):
                    self.connection.recv(1)  # until the client no longer waits
            if kind == "resets":
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                self.connection.close()
            self.close_connection = True

    def answer(self, status: int, content: bytes, response: HTTPResponse | None = None, **others: str) -> None:
        received = {} if response is None else {name.lower(): value for name, value in response.getheaders()}
        length = received.get("content-length", "0") if self.command == "HEAD" else str(len(content))
        headers = received | {"content-length": length} | {name.lower(): value for name, value in others.items()}
        self.send_response_only(status)
        for name, value in headers.items():
            if name not in {"transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_HEAD = do_POST = do_PUT = handle_any  # noqa: N815 — the names that http.server looks for

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def harming(emulator: Emulator, next_fault: Callable[[], Fault | None]) -> Iterator[str]:
    """Run a proxy until the end of the block, and yield its address."""
    with FaultyProxy(emulator, next_fault) as proxy:
        thread = Thread(target=proxy.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield proxy.address
        finally:
            proxy.shutdown()
            thread.join(60)
