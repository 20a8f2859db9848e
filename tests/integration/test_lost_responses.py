"""Clients that lose responses and try again: with idempotency keys every registration ends with 201."""

from collections.abc import Iterator
from http.client import HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from typing import Final, override
from uuid import UUID

import pytest

from tests.support.command_line import CommandLine
from tests.support.processes import serving_in_thread
from tests.support.server_process import HOST, Client, ServerProcess, registration, serving, vin_of

REGISTRATIONS: Final = 200
LOST: Final = 0.15


@pytest.fixture
def server(tmp_path: Path) -> Iterator[ServerProcess]:
    with serving(tmp_path) as running:
        yield running


@pytest.fixture
def proxy(server: ServerProcess) -> Iterator[int]:
    """The port of a proxy that passes every request on, and loses some of the responses."""
    chance = Random(15)  # noqa: S311 — the same in each run

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            with Client(server.port) as client:
                answer = client.send("POST", self.path, body, dict(self.headers.items()))
            self.close_connection = True
            if chance.random() < LOST:
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


def register(port: int, number: int, headers: dict[str, str]) -> tuple[int, bytes]:
    """Register a vehicle; try again until there is a response."""
    while True:
        with Client(port) as client:
            try:
                answer = client.send("POST", "/vehicle", registration(vin_of(number)), headers)
            except (OSError, HTTPException):
                continue
            return answer.status, answer.body


@pytest.mark.parametrize("has_key", (True, False))
def test_lost_responses_become_no_conflicts(proxy: int, tmp_path: Path, *, has_key: bool) -> None:
    answers = [
        register(proxy, number, {"Idempotency-Key": str(UUID(int=number))} if has_key else {})
        for number in range(REGISTRATIONS)
    ]
    conflicts = [status for status, _ in answers if status == 409]
    assert len(CommandLine(tmp_path).fleet()) == REGISTRATIONS
    assert (conflicts == []) is has_key  # without keys the same losses look like conflicts
    assert {status for status, _ in answers} <= {201, 409}
