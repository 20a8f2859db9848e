"""A connection of the local server: HTTP/1.1 as httptools reads it, within limits of size and time.

It is uvicorn's place for a protocol without uvicorn's own, which makes an ASGI scope, a task, an event and two calls of
the system for each answer: more than most answers cost here (docs/decisions/2026-11-http-server.md).
"""

import asyncio
import math
import re
import time
from collections import deque
from functools import cache, partial
from http import HTTPStatus
from typing import Any, Final, cast, override

import httptools
import uvicorn
from uvicorn.server import ServerState

from vehicles.entrypoints.http.messages import MOST_BODY_BYTES, MOST_HEAD_BYTES, Request, Response
from vehicles.entrypoints.server.app import Application  # noqa: TC001 — its module is loaded anyway

_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")
_BODIED_METHODS: Final = frozenset({"POST", "PUT"})


class _Exchange:
    """A request, as far as it has come, and what is known of its answer."""

    __slots__ = ("body", "fault", "is_admitted", "is_in_hand", "is_whole", "keep_alive", "request", "start")

    def __init__(self, request: Request, fault: str | None, *, keep_alive: bool) -> None:
        self.request = request
        self.fault = fault
        self.keep_alive = keep_alive
        self.start = time.perf_counter()
        self.body = b""
        self.is_whole = request.method not in _BODIED_METHODS  # nobody waits for the body of another one
        self.is_admitted = False
        self.is_in_hand = False


class Connection(asyncio.Protocol):
    """One client.

    A head counts while it arrives, so that an endless one fills no memory; trailers and the framing of chunks alike.
    It is complete `head_seconds` after the client came or got its last answer, or the connection ends.
    What is not read of an answer, or still comes of a body that nobody waits for, does not keep it open either.
    What is not HTTP is answered with a problem document.
    A letter outside ASCII in an address, which the strict parser would refuse, counts as its percent-encoding: a
    Cyrillic letter in a VIN deserves a better answer than a bad request.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        server_state: ServerState,
        app_state: dict[str, Any],  # noqa: ARG002 — uvicorn gives it
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Take what uvicorn gives; the application of the configuration has the limits."""
        self._application = cast("Application", config.app)
        self._limits = self._application.limits
        self._state = server_state
        self._loop = _loop or asyncio.get_running_loop()
        self._parser = httptools.HttpRequestParser(self)
        self._parser.set_dangerous_leniencies(lenient_data_after_close=True)  # or what is pipelined would be an error
        self._transport = cast("asyncio.Transport", None)
        self._exchanges: deque[_Exchange] = deque()  # unanswered; only of the last one more can come
        self._url = b""
        self._fields: list[tuple[bytes, bytes]] = []
        self._unparsed = 0  # bytes since the last part that was complete: a head, a piece of a body, a message
        self._in_request_line = True
        self._in_head = False
        self._in_body = False
        self._is_paused = False
        self._is_clogged = False  # by answers that the client does not read
        self._is_stopping = False
        self._is_refused = False
        self._unsent = 0
        self._deadline = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._timer_rings = math.inf

    # --- what the event loop calls

    @override
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._state.connections.add(cast("Any", self))
        self._wait(self._limits.head_seconds)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._state.connections.discard(cast("Any", self))
        self._exchanges.clear()
        if self._timer is not None:
            self._timer.cancel()

    @override
    def eof_received(self) -> bool:
        """Tell whether to keep the other half open, for the answers to requests that are complete."""
        if not self._exchanges or self._in_body:
            return False
        self._exchanges[-1].keep_alive = False
        return True

    @override
    def data_received(self, data: bytes) -> None:
        if self._is_refused:
            return
        self._unparsed += len(data)
        if self._in_request_line:
            line, newline, rest = data.partition(b"\n")
            if not line.isascii():
                data = _NOT_ASCII.sub(lambda found: b"%%%02X" % ord(found[0]), line) + newline + rest
            self._in_request_line = not newline or line in {b"", b"\r"}  # RFC 9112, 2.2: empty lines may stand before
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            pass  # an upgrade is an offer, which a server may ignore (RFC 9110, 7.8)
        except httptools.HttpParserError:
            self._refuse("malformed-request")
        if self._unparsed > MOST_HEAD_BYTES:
            self._refuse("headers-too-large")
        self._proceed()

    @override
    def pause_writing(self) -> None:
        self._is_clogged = True

    @override
    def resume_writing(self) -> None:
        self._is_clogged = False
        self._proceed()

    # --- what the parser calls

    def on_message_begin(self) -> None:
        """Begin a request."""
        self._url = b""
        self._fields = []
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        """Take a piece of the address. Too much is refused anyway; of still more its parser makes a bad request."""
        self._url += url[: MOST_HEAD_BYTES + 1 - len(self._url)]

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take a header, but no trailer."""
        if self._in_head:
            self._fields.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        """Take the head as a request."""
        version = self._parser.get_http_version()
        address = httptools.parse_url(self._url)
        request = self._application.read(
            self._parser.get_method().decode("ascii"), address.path or b"/", address.query or b"", self._fields
        )
        fault = self._application.fault(request, self._fields, version)
        if len(self._state.connections) > self._limits.connections:
            fault = "too-many-connections"
        keep_alive = version != "1.0" and self._parser.should_keep_alive()
        self._exchanges.append(_Exchange(request, fault, keep_alive=keep_alive))
        self._unparsed = 0
        self._in_request_line = self._in_head = False
        self._in_body = True
        self._wait(self._limits.body_seconds)

    def on_body(self, body: bytes) -> None:
        """Take a piece of the body, while anybody waits for it: until there is just more of it than is allowed."""
        self._unparsed = 0
        if self._exchanges and not (last := self._exchanges[-1]).is_whole:
            last.body += body
            last.is_whole = len(last.body) > MOST_BODY_BYTES

    def on_message_complete(self) -> None:
        """End a request."""
        self._unparsed = 0
        self._in_request_line = True
        if self._exchanges:
            self._exchanges[-1].is_whole = True
        self._in_body = False
        self._wait(self._limits.head_seconds)

    # --- what the server calls

    def shutdown(self) -> None:
        """Answer what has begun, and end then."""
        self._is_stopping = True
        if not self._exchanges:
            self._transport.close()

    def give_up(self) -> None:
        """Wait no longer for a body."""
        if self._exchanges and not self._exchanges[0].is_whole:
            first = self._exchanges[0]
            self._finish(first, self._application.refuse(first.request, "request-timeout"))

    # --- answers

    def _proceed(self) -> None:
        """Answer the first request, if that can be done now; the next one after the turn of other connections."""
        if self._exchanges and not self._is_clogged:
            response = self._answer(self._exchanges[0])
            if response is not None:
                self._finish(self._exchanges[0], response)
                if self._exchanges:
                    self._loop.call_soon(self._proceed)
        if self._is_paused != (len(self._exchanges) > 1) and not self._transport.is_closing():
            self._is_paused = not self._is_paused
            (self._transport.pause_reading if self._is_paused else self._transport.resume_reading)()

    def _answer(self, exchange: _Exchange) -> Response | None:
        """Return the answer, or None where it comes later: when the body is here, or from another thread."""
        request = exchange.request
        if exchange.fault is not None:
            return self._application.refuse(request, exchange.fault)
        if not exchange.is_admitted:
            # What the head alone decides is answered now: the body may take long, or never come.
            response = self._application.answer(request)
            if response is not None:
                return response
            exchange.is_admitted = True
            if not exchange.is_whole and request.headers.get("expect", "").lower() == "100-continue":
                self._transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        if exchange.is_whole and not exchange.is_in_hand:
            exchange.is_in_hand = True
            whole = Request(request.method, request.path, request.query, request.headers, exchange.body, request.id)
            self._application.change(whole, partial(self._finish_and_proceed, exchange))
        return None

    def _finish_and_proceed(self, exchange: _Exchange, response: Response) -> None:
        self._finish(exchange, response)
        self._proceed()

    def _finish(self, exchange: _Exchange, response: Response) -> None:
        """Send the answer to the first request that has none."""
        if not _is_sendable(response):
            response = self._application.refuse(exchange.request, "internal-error")
        self._application.log(response, exchange.request, exchange.start)
        if not self._exchanges or self._transport.is_closing():
            return  # the client has gone
        self._exchanges.popleft()
        is_last = self._is_stopping and not self._exchanges
        keep_alive = exchange.keep_alive and not is_last and "Connection" not in response.headers
        self._send(response, keep_alive=keep_alive)
        if not keep_alive:
            self._exchanges.clear()
            self._transport.close()
        if not (keep_alive and self._in_body):
            self._wait(self._limits.head_seconds)

    def _send(self, response: Response, *, keep_alive: bool) -> None:
        lines = [_status_line(response.status)]
        lines += [f"{_lower(name)}: {value}" for name, value in response.headers.items()]
        if not keep_alive and "Connection" not in response.headers:
            lines.append("connection: close")
        head = "\r\n".join(lines).encode("latin-1")
        for name, value in self._state.default_headers:
            head += b"\r\n%b: %b" % (name, value)
        self._transport.write(b"%b\r\n\r\n%b" % (head, response.body))

    def _refuse(self, name: str) -> None:
        """Answer with a problem, where an answer is due and would not be taken for another one; then end it."""
        if self._transport.is_closing() or self._is_refused:
            return
        self._is_refused = True
        if self._in_body and not self._exchanges:
            self._transport.close()
            return
        if self._exchanges and not self._exchanges[-1].is_whole:
            self._exchanges.pop()  # the rest of its body does not come
        if self._exchanges:
            # Those that came before get their answers first, and are the last.
            self._exchanges[-1].keep_alive = False
            return
        self._send(self._application.refuse_unread(name), keep_alive=False)
        # Not closed at once: where bytes still come, that would tear the answer out of the client's hands
        # (RFC 9112, 9.6).
        self._transport.write_eof()
        self._wait(self._limits.head_seconds)

    # --- time

    def _wait(self, seconds: float) -> None:
        """Look after so many seconds whether the client has gone on, instead of when that was meant before.

        A timer for each request would cost more than one that looks, when it rings, whether it is due by now.
        """
        self._deadline = self._loop.time() + seconds
        if self._deadline < self._timer_rings:
            self._set_timer()

    def _set_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer_rings = self._deadline
        self._timer = self._loop.call_later(max(0, self._deadline - self._loop.time()), self._look)

    def _look(self) -> None:
        if self._loop.time() < self._deadline:
            self._set_timer()
            return
        self._timer_rings = math.inf
        self._wait(self._limits.head_seconds)
        unsent = self._transport.get_write_buffer_size()
        if (unsent and unsent == self._unsent) or (self._is_refused and not self._exchanges):
            self._transport.abort()
            return
        self._unsent = unsent
        self.give_up()
        if self._exchanges or self._transport.is_closing():
            return
        if self._in_head:
            self._refuse("request-timeout")
        else:
            self._transport.close()


def _is_sendable(response: Response) -> bool:
    """Tell whether no header holds the end of a line, or what else may stand in none (RFC 9110, 5.5)."""
    values = "".join(response.headers.values())
    return values.isascii() and values.isprintable()


@cache
def _status_line(status: int) -> str:
    return f"HTTP/1.1 {status} {HTTPStatus(status).phrase}"


@cache
def _lower(name: str) -> str:
    return name.lower()
