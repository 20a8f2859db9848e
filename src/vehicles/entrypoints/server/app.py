"""The HTTP contract as an ASGI application, and the errors that the server itself detects.

docs/decisions/2026-11-http-server.md has the measurements behind the choice of event loop or thread.
"""

import asyncio
import contextlib
import logging
import math
import re
import time
import traceback
from collections.abc import Awaitable, Callable, Generator, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from io import BytesIO
from threading import Event
from typing import Any, Final
from uuid import uuid4

from vehicles.container import Container
from vehicles.domain.deadline import abandonable
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.handlers import Services
from vehicles.entrypoints.http.messages import MAX_BODY_BYTES, Request, Response
from vehicles.entrypoints.logs import redact
from vehicles.settings import Backend, is_loopback

_LOG: Final = logging.getLogger(__name__)
_PORT: Final = re.compile(r":[0-9]*$")
_READING_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_METHODS_WITH_BODY: Final = frozenset({"POST", "PUT", "PATCH"})
_is_loopback: Final = lru_cache(maxsize=64)(is_loopback)

type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a server; times in seconds.

    A head must arrive within `head_seconds`, a body, or each `file_part` bytes of a file, within `body_seconds`.
    A request that no thread has started after `wait_seconds` is not carried out. More than `requests` concurrent
    requests, or `imports` imports, which hold their files in memory, get 503, and more than `connections` connections
    wait. On shutdown, the server waits `stop_seconds` for the requests in progress.
    """

    head_seconds: float = 10
    body_seconds: float = 30
    file_part: int = 256 * 1024
    wait_seconds: float = 10
    requests: int = 256
    imports: int = 2
    connections: int = 512
    stop_seconds: float = 8  # less than the ten after which Docker kills
    threads: int = 8


DEFAULT_LIMITS: Final = Limits()


class Application:
    """An ASGI application. It logs the route of a request, never the input of the client."""

    def __init__(
        self, open_container: Callable[[], AbstractContextManager[Container]], limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._open_container = open_container
        self._limits = limits
        self._open_things = ExitStack()
        self._api: Api | None = None
        self._requests = self._imports = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Handle one request, or the lifespan of the server. Raises NotImplementedError for WebSockets."""
        if scope["type"] == "lifespan":
            await self._follow_lifespan(receive, send)
        elif scope["type"] == "http":
            self._requests += 1
            try:
                has_more = await self._serve(self.open(), scope, receive, send)
            except Exception:
                # The message of a third-party exception may contain a VIN, and logs must not.
                _LOG.error("a request failed\n%s", redact(traceback.format_exc()))
                raise
            finally:
                self._requests -= 1
            if has_more:
                # If the connection were closed while the client still sends, the client could lose the response.
                with contextlib.suppress(TimeoutError):
                    await self._read_body(receive, 0)
        else:
            raise NotImplementedError(scope["type"])

    def open(self) -> Api:
        """Return the API; open the storage if this is the first call. Raises ConfigurationError and RegistryError."""
        if self._api is None:
            container = self._open_things.enter_context(self._open_container())
            container.registry()  # so that a storage that cannot be opened is reported before the first request
            settings = container.settings()
            self._any_host = settings.token is not None
            is_local = settings.backend is not Backend.AWS
            self._answers_in_loop = is_local  # a slow network would block the event loop
            self._threads = self._open_things.enter_context(ThreadPoolExecutor(self._limits.threads, "request"))
            services = Services(
                container.registry,
                container.summaries,
                container.render_report(),
                container.import_registry,
                makes_summaries=is_local,
            )
            self._api = Api(services, settings.token, settings.allowed_origins)
        return self._api

    def close(self) -> None:
        """Wait for the requests that threads have started, then close the storage."""
        self._open_things.close()
        self._api = None

    async def _follow_lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            self.open()
        except Exception as error:
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            raise
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _serve(self, api: Api, scope: Message, receive: Receive, send: Send) -> bool:
        """Handle a request, and return whether a body is left unread."""
        start = time.perf_counter()
        request = _read_head(scope)
        is_import = api.carries_file(request) and request.method in _METHODS_WITH_BODY
        early = self._answer_head(api, scope, request, is_import=is_import)
        self._imports += is_import
        try:
            response = early or await self._answer_in_thread(api, request, receive)
        finally:
            self._imports -= is_import
        if not _is_sendable(response):
            response = api.error_response(request, "internal-error")
        milliseconds = (time.perf_counter() - start) * 1000
        _LOG.info("%d %s %.1f ms %s", response.status, response.operation, milliseconds, request.id)
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
        headers.append((b"server", b"vehicles"))  # otherwise the server library adds its own name
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body, "more_body": response.chunks is not None})
        if response.chunks is not None:
            await self._send_chunks(response.chunks, receive, send)
        return bool(early and request.headers.keys() & {"content-length", "transfer-encoding"})

    async def _send_chunks(self, chunks: Generator[bytes], receive: Receive, send: Send) -> None:
        """Send the chunks, each of which a thread makes, until the client disconnects."""
        gone = asyncio.ensure_future(_wait_for_disconnect(receive))
        try:
            while not gone.done():
                chunk = await asyncio.get_running_loop().run_in_executor(self._threads, next, chunks, None)
                if chunk is None:
                    break
                if chunk:
                    await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()
            self._threads.submit(chunks.close)

    def _answer_head(self, api: Api, scope: Message, request: Request, *, is_import: bool) -> Response | None:
        """Return the response if it needs neither the body nor a thread, else None."""
        fault = self._fault(scope, request)
        if fault is not None:
            return api.error_response(request, fault)
        if request.method in _READING_METHODS and self._answers_in_loop and not api.carries_file(request):
            return api.respond(request)
        early = api.check_head(request)
        if early is None and is_import and self._imports >= self._limits.imports:
            return api.error_response(request, "too-many-connections")
        return early

    def _fault(self, scope: Message, request: Request) -> str | None:
        """Return the name of the problem that the server itself detects in a head, or None."""
        if self._requests > self._limits.requests:
            return "too-many-connections"
        host = request.headers.get("host", "")
        hosts = sum([name == b"host" for name, _ in scope["headers"]])
        if hosts > 1 or (not host and scope["http_version"] == "1.1"):  # RFC 9112, 3.2
            return "malformed-request"
        if request.headers.get("transfer-encoding", "chunked").lower() != "chunked":  # RFC 9112, 6.1
            return "malformed-request"
        client, _ = scope.get("client") or ("localhost", 0)
        is_local = (not host or _is_loopback(_PORT.sub("", host))) and _is_loopback(client)
        if not is_local and not self._any_host:
            return "misdirected-request"
        return None

    async def _answer_in_thread(self, api: Api, request: Request, receive: Receive) -> Response:
        """Return the response. Carry out nothing if the body is late, no thread is free in time, or the client left."""
        if request.method in _METHODS_WITH_BODY:
            try:
                body = await self._read_body(receive, api.max_body(request))
            except TimeoutError:
                return api.error_response(request, "request-timeout")
            if body is None:
                return api.error_response(request, "malformed-request")
            request = replace(request, body=body)
        abandoned = Event()

        def respond() -> Response:
            with abandonable(abandoned.is_set):
                return api.respond(request)

        job = self._threads.submit(respond)
        answer = asyncio.wrap_future(job)
        gone = asyncio.ensure_future(_wait_for_disconnect(receive))
        try:
            await asyncio.wait((answer, gone), timeout=self._limits.wait_seconds, return_when=asyncio.FIRST_COMPLETED)
            if api.carries_file(request) and not job.cancel():  # it ends by itself
                await asyncio.wait((answer, gone), return_when=asyncio.FIRST_COMPLETED)
            # A job that has started cannot be cancelled; if it still waits for the storage, it changes nothing.
            abandoned.set()
            return api.error_response(request, "too-many-connections") if job.cancel() else await answer
        finally:
            abandoned.set()
            job.cancel()
            gone.cancel()

    async def _read_body(self, receive: Receive, most: int) -> bytes | None:
        """Return the body, cut one byte after `most`, or None if the client disconnects. Raises TimeoutError."""
        body = BytesIO()
        part = self._limits.file_part if most > MAX_BODY_BYTES else math.inf  # any other body is small
        due = part
        async with asyncio.timeout(self._limits.body_seconds) as timeout:
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body.write(message.get("body", b"")[: most + 1 - body.tell()])
                if not message.get("more_body", False):
                    return body.getvalue()
                if due <= body.tell() <= most:
                    due = body.tell() + part
                    timeout.reschedule(asyncio.get_running_loop().time() + self._limits.body_seconds)


async def _wait_for_disconnect(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _read_head(scope: Message) -> Request:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        key, text = name.decode("latin-1"), value.decode("latin-1")
        headers[key] = f"{headers[key]}, {text}" if key in headers else text
    path = scope["path"].removeprefix(scope.get("root_path", ""))
    query = scope["query_string"].decode("utf-8", "surrogateescape")
    return Request(scope["method"], path, query, headers, id=str(uuid4()))


def _is_sendable(response: Response) -> bool:
    """Return whether the headers contain only allowed characters: no line ends, for example (RFC 9110, 5.5)."""
    values = "".join(response.headers.values())
    return values.isascii() and values.isprintable()
