"""The HTTP contract as an ASGI application, and what the server itself refuses.

Who answers where was measured: docs/decisions/2026-11-http-server.md.
"""

import asyncio
import contextlib
import logging
import re
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, replace
from functools import lru_cache
from threading import Event
from typing import Any, Final
from uuid import uuid4

from vehicles.container import Container
from vehicles.domain.deadline import abandonable
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.handlers import Services
from vehicles.entrypoints.http.messages import MAX_BODY_BYTES, Request, Response
from vehicles.entrypoints.logs import scrubbed
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
    """What clients may ask of a server; times in seconds.

    A head must arrive within `head_seconds`, a body within `body_seconds`. A change that no thread has begun after
    `wait_seconds` is not carried out. Of more than `requests` at a time the last ones are answered with 503; of more
    than `connections` the last ones wait. A server that is stopped waits `stop_seconds` for requests that have begun.
    """

    head_seconds: float = 10
    body_seconds: float = 30
    wait_seconds: float = 10
    requests: int = 256
    connections: int = 512
    stop_seconds: float = 8  # less than the ten after which Docker kills
    threads: int = 8


DEFAULT_LIMITS: Final = Limits()


class Application:
    """An ASGI application. A request is logged by its route, never by what the client sent."""

    def __init__(
        self, open_container: Callable[[], AbstractContextManager[Container]], limits: Limits = DEFAULT_LIMITS
    ) -> None:
        self._open_container = open_container
        self._limits = limits
        self._open_things = ExitStack()
        self._api: Api | None = None
        self._requests = 0

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request, or follow the lifespan of the server. Raises NotImplementedError for WebSockets."""
        if scope["type"] == "lifespan":
            await self._follow_lifespan(receive, send)
        elif scope["type"] == "http":
            self._requests += 1
            try:
                has_more = await self._serve(self.open(), scope, receive, send)
            except Exception:
                # What a foreign exception says may hold a VIN, and no VIN may stand in a log.
                _LOG.error("a request failed\n%s", scrubbed(traceback.format_exc()))
                raise
            finally:
                self._requests -= 1
            if has_more:
                # A connection closed while the client still sends would tear the answer out of its hands.
                with contextlib.suppress(TimeoutError):
                    await self._read_body(receive)
        else:
            raise NotImplementedError(scope["type"])

    def open(self) -> Api:
        """Return what answers requests, opened if it was not. Raises ConfigurationError and RegistryError."""
        if self._api is None:
            container = self._open_things.enter_context(self._open_container())
            container.registry()  # now, so that a storage that cannot be opened is known before the first request
            settings = container.settings()
            self._any_host = settings.token is not None
            self._answers_in_loop = settings.backend is not Backend.AWS  # which a slow network would stop for all
            self._threads = self._open_things.enter_context(ThreadPoolExecutor(self._limits.threads, "request"))
            self._api = Api(
                Services(container.registry, container.summaries, container.render_report()), settings.token
            )
        return self._api

    def close(self) -> None:
        """Finish what threads have begun, and close what was opened."""
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
        """Answer a request, and return whether it was answered before its body was read."""
        start = time.perf_counter()
        request = _read_head(scope)
        early = self._answer_head(api, scope, request)
        response = early or await self._answer_in_thread(api, request, receive)
        if not _is_sendable(response):
            response = api.refuse(request, "internal-error")
        milliseconds = (time.perf_counter() - start) * 1000
        _LOG.info("%d %s %.1f ms %s", response.status, response.operation, milliseconds, request.id)
        headers = [(name.lower().encode(), value.encode()) for name, value in response.headers.items()]
        headers.append((b"server", b"vehicles"))  # or the server library would add its own name
        await send({"type": "http.response.start", "status": response.status, "headers": headers})
        await send({"type": "http.response.body", "body": response.body})
        return bool(early and request.headers.keys() & {"content-length", "transfer-encoding"})

    def _answer_head(self, api: Api, scope: Message, request: Request) -> Response | None:
        """Answer what needs neither the body nor a thread; None for all else."""
        fault = self._fault(scope, request)
        if fault is not None:
            return api.refuse(request, fault)
        if request.method in _READING_METHODS and self._answers_in_loop:
            return api.respond(request)
        return api.refuse_head(request)

    def _fault(self, scope: Message, request: Request) -> str | None:
        """Return the name of the problem that the server itself has with a head, if any."""
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
        """Answer once the body is here. Nothing is done where it is late, no thread free in time, or nobody waits."""
        if request.method in _METHODS_WITH_BODY:
            try:
                body = await self._read_body(receive)
            except TimeoutError:
                return api.refuse(request, "request-timeout")
            if body is None:
                return api.refuse(request, "malformed-request")
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
            # What has begun cannot be cancelled; where it still waits for the storage, it changes nothing any more.
            abandoned.set()
            return api.refuse(request, "too-many-connections") if job.cancel() else await answer
        finally:
            abandoned.set()
            job.cancel()
            gone.cancel()

    async def _read_body(self, receive: Receive) -> bytes | None:
        """Return a body, of too long a one just more than is allowed; None where it is torn. Raises TimeoutError."""
        body: bytes = b""
        async with asyncio.timeout(self._limits.body_seconds):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    return None
                body = (body + message.get("body", b""))[: MAX_BODY_BYTES + 1]
                if not message.get("more_body", False):
                    return body


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
    """Tell whether no header holds the end of a line, or what else may stand in none (RFC 9110, 5.5)."""
    values = "".join(response.headers.values())
    return values.isascii() and values.isprintable()
