"""A proxy before the emulator that refuses some requests, or loses some replies."""

import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple, override

from tests.support.emulator import HOST, Emulator
from tests.support.processes import serving_in_thread


class Reply(NamedTuple):
    status: int
    headers: Sequence[tuple[str, str]]
    content: bytes


class EmulatorProxy(ThreadingHTTPServer):
    """Hands every request on, and every reply back."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, emulator: Emulator) -> None:
        super().__init__((HOST, 0), _Handler)
        self.emulator = emulator

    @property
    def address(self) -> str:
        return f"http://{HOST}:{self.server_address[1]}"

    def refusal(self) -> Reply | None:
        """Return what the next request is answered instead of being handed on."""
        return None

    def loses_reply(self) -> bool:
        """Tell whether the reply to a request that was handed on is lost."""
        return False


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: EmulatorProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        reply = self.server.refusal()
        if reply is None:
            reply = self._handed_on(body)
            if self.server.loses_reply():
                self.close_connection = True
                with suppress(OSError):
                    self.connection.shutdown(socket.SHUT_RDWR)
                return
        self.send_response_only(reply.status)
        for name, value in reply.headers:
            if name.lower() not in {"content-length", "transfer-encoding", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(reply.content)))
        self.end_headers()
        self.wfile.write(reply.content)

    def _handed_on(self, body: bytes) -> Reply:
        connection = HTTPConnection(HOST, self.server.emulator.port, timeout=30)
        try:
            connection.request("POST", self.path, body, dict(self.headers))
            response = connection.getresponse()
            return Reply(response.status, response.getheaders(), response.read())
        finally:
            connection.close()

    @override
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def serving[Proxy: EmulatorProxy](proxy: Proxy) -> Iterator[Proxy]:
    with serving_in_thread(proxy):
        yield proxy
