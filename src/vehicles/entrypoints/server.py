"""The local HTTP server: a bare ASGI application on uvicorn, around the same `respond` as everywhere.

Requests that change nothing are answered in the event loop, for they take microseconds; those that change something
wait for the disk, in a few threads of their own, whose changes SQLite's adapter commits together.
The choice was measured: docs/decisions/2026-11-http-server.md.
"""

import asyncio
import contextlib
import dataclasses
import logging
import re
import signal
import socket
import sys
import time
import uuid
from collections.abc import Awaitable, Callable, Iterator, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from vehicles.container import Container
from vehicles.entrypoints.handlers import registry_version
from vehicles.entrypoints.http import Api
from vehicles.entrypoints.messages import MOST_BODY_BYTES, MOST_HEAD_BYTES, Request, Response
from vehicles.settings import Settings, is_loopback

_LOG: Final = logging.getLogger(__name__)
BODY_SECONDS: Final = 30
_PORT: Final = re.compile(r":[0-9]*$")
_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")
_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_WRITERS: Final = 8
_SHUTDOWN_SECONDS: Final = 8  # less than the ten after which Docker kills
_MOST_CONNECTIONS: Final = 512
_BACKLOG: Final = 1024

type Message = Mapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]


class _ClientGoneError(Exception):
    """The client left before its request was complete."""


class Application:
    """The API as an ASGI application. A request is logged by its route, never by what the client sent in it."""

    def __init__(self, api: Api, writers: Executor, *, any_host: bool, body_seconds: float) -> None:
        """Take the API, and where requests that change something are answered.

        Unless `any_host`, only those are that were sent to a loopback address or localhost.
        A body may take `body_seconds` to arrive.
        """
        self._api = api
        self._writers = writers
        self._any_host = any_host
        self._body_seconds = body_seconds

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request."""
        start = time.perf_counter()
        try:
            response, request_id = await self._answer(scope, receive)
        except _ClientGoneError:
            return
        _LOG.info(
            "%d %s %.1f ms %s", response.status, response.operation, (time.perf_counter() - start) * 1000, request_id
        )
        headers = [
            (name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in response.headers.items()
        ]
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})

    async def _answer(self, scope: Message, receive: Receive) -> tuple[Response, str]:
        headers: dict[str, str] = {}
        size = len(scope["raw_path"]) + len(scope["query_string"])
        for name, value in scope["headers"]:
            size += len(name) + len(value)
            key, text = name.decode("latin-1"), value.decode("latin-1")
            headers[key] = f"{headers[key]}, {text}" if key in headers else text
        request = Request(
            scope["method"],
            scope["raw_path"].decode("latin-1"),
            scope["query_string"].decode("utf-8", "surrogateescape"),
            headers,
            id=str(uuid.uuid4()),
        )
        if size > MOST_HEAD_BYTES:
            return self._api.refuse(request, "headers-too-large"), request.id
        if not self._any_host and not is_loopback(_PORT.sub("", headers.get("host", "localhost"))):
            return self._api.refuse(request, "misdirected-request"), request.id
        if request.method in _READING_METHODS:
            return self._api.respond(request), request.id
        try:
            async with asyncio.timeout(self._body_seconds):
                body = await _read_body(receive)
        except (TimeoutError, asyncio.CancelledError):  # the latter when the server stops, and has waited long enough
            late = self._api.refuse(request, "request-timeout")
            # What still comes of the body must not be read as the next request.
            return dataclasses.replace(late, headers={**late.headers, "Connection": "close"}), request.id
        request = dataclasses.replace(request, body=body)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writers, self._api.respond, request), request.id


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


class _Protocol(HttpToolsProtocol):
    """HTTP, which takes an address as people type it: a letter outside ASCII counts as its percent-encoding.

    The strict parser would refuse it, while a Cyrillic letter in a VIN deserves a better answer than a bad request.
    """

    _request_follows = True

    def data_received(self, data: bytes) -> None:
        if self._request_follows and not data.isascii():
            line, newline, rest = data.partition(b"\n")
            data = _NOT_ASCII.sub(lambda found: b"%%%02X" % ord(found[0]), line) + newline + rest
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._request_follows = False
        super().on_message_begin()

    def on_message_complete(self) -> None:
        self._request_follows = True
        super().on_message_complete()


class _Server(uvicorn.Server):
    """A server that ends with exit code 0 when it was asked to stop, where uvicorn would raise the signal again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def serve(container: Container, settings: Settings, *, body_seconds: float = BODY_SECONDS) -> None:
    """Serve the API until SIGTERM or SIGINT, then finish what was begun.

    A body that takes longer than `body_seconds` to arrive is refused.
    Raises OSError where the address cannot be listened on.
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s", datefmt="%Y-%m-%dT%H:%M:%S%z"
    )
    _LOG.setLevel(logging.INFO)
    token = settings.token.get_secret_value() if settings.token else None
    api = Api(container.registry, container.summaries, token)
    container.registry()  # now, so that a storage that cannot be opened is known before the first request
    listener = _listen(settings.host, settings.port)
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    with listener, ThreadPoolExecutor(_WRITERS, thread_name_prefix="writer") as writers:
        config = uvicorn.Config(
            Application(api, writers, any_host=token is not None, body_seconds=body_seconds),
            http=_Protocol,
            ws="none",
            lifespan="off",
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        )
        sys.stderr.write(
            f"Vehicle registry {registry_version()} on http://{shown}:{port} (to read and try: http://{shown}:{port}/docs)"
            " - Ctrl-C stops it\n"
        )
        _Server(config).run(sockets=[listener])


def _listen(host: str, port: int) -> socket.socket:
    family, *_, address = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[
        0
    ]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
