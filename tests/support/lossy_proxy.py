"""A proxy that loses responses, and a client that tries again until it gets one.

REGISTRATIONS says how many vehicles the client registers; `make thorough` registers 1,000.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from typing import Final, override
from uuid import UUID

from tests.support.processes import serving_in_thread
from tests.support.server_process import HOST, Client, registration, vin_of

REGISTRATIONS: Final = int(os.environ.get("REGISTRATIONS", "200"))
_LOST: Final = 0.15
_ATTEMPTS: Final = 50


def registered(port: int, *, has_key: bool) -> Counter[int]:
    """Register vehicles at a server that may lose each response, and return how often the client got which status."""
    with _losing_responses(port) as proxy:
        return Counter(_register(proxy, number, has_key=has_key) for number in range(REGISTRATIONS))


def _register(port: int, number: int, *, has_key: bool) -> int:
    headers = {"Idempotency-Key": str(UUID(int=number))} if has_key else {}
    for _ in range(_ATTEMPTS):
        with Client(port) as client:
            try:
                return client.send("POST", "/vehicle", registration(vin_of(number)), headers).status
            except (OSError, HTTPException):
                continue
    raise TimeoutError


@contextmanager
def _losing_responses(port: int) -> Iterator[int]:
    """Yield the port of a proxy that passes every request on, and loses 15 % of the responses."""
    chance = Random(15)  # noqa: S311 — the same in each run

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with Client(port) as client:
                answer = client.send("POST", self.path, body, dict(self.headers.items()))
            self.close_connection = True
            if chance.random() < _LOST:
                return
            self.send_response(answer.status)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        @override
        def log_message(self, *_: object) -> None:
            """Say nothing."""

    listening = ThreadingHTTPServer((HOST, 0), Handler)
    with serving_in_thread(listening):
        yield listening.server_port
