"""The API as an ASGI application: a request of a socket becomes plain values, and what `respond` says an answer.

Requests that change nothing are answered in the event loop, for they take microseconds; those that change something
wait for the disk, in a few threads of their own, whose changes SQLite's adapter commits together.
The choice was measured: docs/decisions/2026-11-http-server.md.
"""

import asyncio
import dataclasses
import logging
import re
import time
import uuid
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Any, Final

from vehicles.entrypoints.http import Api
from vehicles.entrypoints.messages import MOST_BODY_BYTES, MOST_HEAD_BYTES, Request, Response
from vehicles.entrypoints.problems import RETRY_AFTER_SECONDS
from vehicles.settings import is_loopback

LOG: Final = logging.getLogger(__name__)
_PORT: Final = re.compile(r":[0-9]*$")
_BODIED_METHODS: Final = frozenset({"POST", "PUT"})
_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_CLOSE: Final = {"Connection": "close"}

type Message = Mapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long a head and a body may take to arrive, in seconds, and how many connections there may be at once."""

    head_seconds: float = 10
    body_seconds: float = 30
    connections: int = 512


class _ClientGoneError(Exception):
    """The client left before its request was complete."""


class Application:
    """The API as an ASGI application. A request is logged by its route, never by what the client sent in it."""

    def __init__(self, api: Api, writers: Executor, *, any_host: bool, limits: Limits) -> None:
        """Take the API, and where requests that change something are answered.

        Unless `any_host`, only those are that were sent to a loopback address or localhost.
        """
        self._api = api
        self._writers = writers
        self._any_host = any_host
        self.limits = limits

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        start = time.perf_counter()
        try:
            response, request_id = await self._answer(scope, receive)
        except _ClientGoneError:
            return
        _log(response, request_id, time.perf_counter() - start)
        await _send(response, send)

    async def refuse_connection(self, _scope: Message, _receive: Receive, send: Send) -> None:
        """Answer a request on a connection too many, and end it."""
        await _send(self.refusal("too-many-connections", {"Retry-After": str(RETRY_AFTER_SECONDS)}), send)

    def refusal(self, name: str, headers: Mapping[str, str] | None = None) -> Response:
        """Return the problem for what never became a request; it ends the connection."""
        request = Request("-", "-", id=str(uuid.uuid4()))
        response = self._api.refuse(request, name, {**_CLOSE, **(headers or {})})
        _log(response, request.id, 0)
        return response

    async def _answer(self, scope: Message, receive: Receive) -> tuple[Response, str]:
        request = _request_of(scope)
        wrong = self._wrong(scope, request)
        if wrong is not None:
            return self._api.refuse(request, wrong), request.id
        if request.method in _READING_METHODS:
            return self._api.respond(request), request.id
        # What the head alone decides is answered now: the body may take long, or never come.
        refused = self._api.refuse_head(request)
        if refused is not None:
            return refused, request.id
        if request.method in _BODIED_METHODS:
            try:
                async with asyncio.timeout(self.limits.body_seconds):
                    body = await _read_body(receive)
            except (TimeoutError, asyncio.CancelledError):  # the latter when the server stops, and has waited enough
                # What still comes of the body must not be read as the next request.
                return self._api.refuse(request, "request-timeout", _CLOSE), request.id
            request = dataclasses.replace(request, body=body)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, self._api.respond, request), request.id

    def _wrong(self, scope: Message, request: Request) -> str | None:
        """Return the name of the problem that the server itself has with a head, if any."""
        lines = scope["headers"]
        size = sum(len(name) + len(value) for name, value in lines)
        if len(scope["raw_path"]) + len(scope["query_string"]) + size > MOST_HEAD_BYTES:
            return "headers-too-large"
        hosts = sum(name == b"host" for name, _ in lines)
        if hosts > 1 or (hosts == 0 and scope["http_version"] == "1.1"):  # RFC 9112, 3.2
            return "malformed-request"
        if not self._any_host and not is_loopback(_PORT.sub("", request.headers.get("host", "localhost"))):
            return "misdirected-request"
        return None


def _request_of(scope: Message) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    return Request(
        scope["method"],
        scope["raw_path"].decode("latin-1"),
        scope["query_string"].decode("utf-8", "surrogateescape"),
        headers,
        id=str(uuid.uuid4()),
    )


def header_lines(response: Response) -> list[tuple[bytes, bytes]]:
    """Return the headers of a response as they are sent."""
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()]


def _log(response: Response, request_id: str, seconds: float) -> None:
    LOG.info("%d %s %.1f ms %s", response.status, response.operation, seconds * 1000, request_id)


async def _send(response: Response, send: Send) -> None:
    await send({"type": "http.response.start", "status": response.status, "headers": header_lines(response)})
    await send({"type": "http.response.body", "body": response.body})


async def _read_body(receive: Receive) -> bytes:
    """Return the body, or just more of it than is allowed."""
    chunks: list[bytes] = []
    size = 0
    while size <= MOST_BODY_BYTES:
        message = await receive()
        if message["type"] != "http.request":
            raise _ClientGoneError
        chunks.append(message.get("body", b""))
        size += len(chunks[-1])
        if not message.get("more_body", False):
            break
    return b"".join(chunks)
