"""The API behind sockets: which thread answers a request, what the server itself refuses, and the log.

Requests that change nothing are answered in the event loop, for they take microseconds; those that change something
wait for the disk, in a few threads of their own, whose changes SQLite's adapter commits together.
The choice was measured: docs/decisions/2026-11-http-server.md.
"""

import asyncio
import os
import re
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.messages import MOST_HEAD_BYTES, Request, Response
from vehicles.entrypoints.http.problems import RETRY_AFTER_SECONDS
from vehicles.settings import is_loopback

_PORT: Final = re.compile(r":[0-9]*$")
_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_IDS_AT_ONCE: Final = 256
_CLOSE: Final = {"Connection": "close"}
_HEADERS_OF: Final = {
    "request-timeout": _CLOSE,  # what still comes of a body must not be read as the next request
    "too-many-connections": {**_CLOSE, "Retry-After": str(RETRY_AFTER_SECONDS)},
}

type Fields = Sequence[tuple[bytes, bytes]]
"""The headers of a request as they came, each with its name in lower case."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a head and a body may take to arrive, in seconds, and how many connections there may be at once.

    Who stops the server waits `stop_seconds` at most for the requests that have begun.
    """

    head_seconds: float = 10
    body_seconds: float = 30
    connections: int = 512
    stop_seconds: int = 8  # less than the ten after which Docker kills


class Application:
    """The API behind sockets. A request is logged by its route, never by what the client sent in it.

    Its methods are for the thread of the event loop.
    """

    def __init__(
        self, api: Api, writers: Executor, note: Callable[[str], None], *, any_host: bool, limits: Limits
    ) -> None:
        """Take the API, where requests that change something are answered, and what writes a line to the log.

        Unless `any_host`, only those are that were sent to a loopback address or localhost.
        """
        self._api = api
        self._writers = writers
        self._note = note
        self._any_host = any_host
        self._ids = _new_ids()
        self.limits = limits

    def read(self, method: str, path: bytes, query: bytes, fields: Fields) -> Request:
        """Return a head as a request, which has no body yet."""
        headers: dict[str, str] = {}
        for name, value in fields:
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        return Request(
            method,
            path.decode("latin-1"),
            query.decode("utf-8", "surrogateescape"),
            headers,
            id=next(self._ids),
        )

    def fault(self, request: Request, fields: Fields, version: str) -> str | None:
        """Return the name of the problem that the server itself has with a head, if any."""
        size = sum([len(name) + len(value) for name, value in fields])
        if len(request.path) + len(request.query) + size > MOST_HEAD_BYTES:
            return "headers-too-large"
        hosts = sum([name == b"host" for name, _ in fields])
        if hosts > 1 or (hosts == 0 and version == "1.1"):  # RFC 9112, 3.2
            return "malformed-request"
        if not self._any_host and not _is_local(request.headers.get("host", "localhost")):
            return "misdirected-request"
        return None

    def answer(self, request: Request) -> Response | None:
        """Answer what needs no body and no disk; None where a request must be changing something, and may."""
        if request.method in _READING_METHODS:
            return self._api.respond(request)
        return self._api.refuse_head(request)

    def change(self, request: Request, then: Callable[[Response], None]) -> None:
        """Answer a request that changes something, and hand the answer on in the event loop."""
        loop = asyncio.get_running_loop()
        self._writers.submit(lambda: loop.call_soon_threadsafe(then, self._api.respond(request)))

    def refuse(self, request: Request, name: str) -> Response:
        """Return the problem of a request that was not read to its end; some of them end the connection."""
        return self._api.refuse(request, name, _HEADERS_OF.get(name))

    def refuse_unread(self, name: str) -> Response:
        """Return the problem for what never became a request; it ends the connection."""
        request = Request("-", "-", id=next(self._ids))
        response = self._api.refuse(request, name, _CLOSE)
        self.log(response, request, time.perf_counter())
        return response

    def log(self, response: Response, request: Request, start: float) -> None:
        """Write a line on a request that began at a moment of the performance counter."""
        milliseconds = (time.perf_counter() - start) * 1000
        self._note(f"{response.status} {response.operation} {milliseconds:.1f} ms {request.id}")


@lru_cache(maxsize=64)
def _is_local(host: str) -> bool:
    return is_loopback(_PORT.sub("", host))


def _new_ids() -> Iterator[str]:
    """Make UUIDs of version 4 (RFC 9562), for one thread: the module uuid asks the system for each, and is slow."""
    while True:
        digits = os.urandom(16 * _IDS_AT_ONCE).hex()
        for place in range(0, len(digits), 32):
            text = digits[place : place + 32]
            variant = "89ab"[int(text[16], 16) % 4]
            yield f"{text[:8]}-{text[8:12]}-4{text[13:16]}-{variant}{text[17:20]}-{text[20:]}"
