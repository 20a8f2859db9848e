"""A connection of the local server: HTTP as uvicorn speaks it, within limits of size and time that uvicorn has not."""

import asyncio
import re
from typing import Any, Final, cast, override

import uvicorn
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol
from uvicorn.server import ServerState

from vehicles.entrypoints.application import Application, header_lines
from vehicles.entrypoints.messages import MOST_HEAD_BYTES

_NOT_ASCII: Final = re.compile(rb"[\x80-\xff]")


class Connection(HttpToolsProtocol):
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
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        """Take what uvicorn gives; the application of the configuration has the limits."""
        super().__init__(config, server_state, app_state, _loop)
        self._application = cast("Application", config.app)
        self._timer: asyncio.TimerHandle | None = None
        self._unparsed = 0  # bytes since the last part that was complete: a head, a piece of a body, a message
        self._in_request_line = True
        self._in_head = False
        self._in_body = False
        self._refused = False
        self._unsent = 0

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._wait(self._application.limits.head_seconds)

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    @override
    def eof_received(self) -> bool:  # type: ignore[override]  # uvicorn's always hangs up, and returns nothing
        """Tell whether to keep the other half open, for the answer to a request that is complete."""
        if not self._is_answering or self._in_body:
            return False
        self.cycle.keep_alive = False
        return True

    @override
    def data_received(self, data: bytes) -> None:
        if self._refused:
            return
        self._unparsed += len(data)
        if self._in_request_line:
            line, newline, rest = data.partition(b"\n")
            data = _NOT_ASCII.sub(lambda found: b"%%%02X" % ord(found[0]), line) + newline + rest
            self._in_request_line = not newline or line in {b"", b"\r"}  # RFC 9112, 2.2: empty lines may stand before
        super().data_received(data)
        if self._unparsed > MOST_HEAD_BYTES:
            self._refuse("headers-too-large")

    @override
    def send_400_response(self, msg: str) -> None:
        self._refuse("malformed-request")

    @override
    def on_message_begin(self) -> None:
        self._in_head = True
        super().on_message_begin()

    @override
    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: an upgrade is an offer, which a server may ignore (RFC 9110, 7.8)."""

    @override
    def on_url(self, url: bytes) -> None:
        # More is refused anyway; of still more the parser of addresses makes a bad request.
        super().on_url(url[: MOST_HEAD_BYTES + 1 - len(self.url)])

    @override
    def on_headers_complete(self) -> None:
        limits = self._application.limits
        self._unparsed = 0
        self._in_request_line = False
        if len(self.connections) > limits.connections:
            self.app = cast("Any", self._application.refuse_connection)
        super().on_headers_complete()
        self._in_head = False
        self._in_body = True
        self._wait(limits.body_seconds)

    @override
    def on_body(self, body: bytes) -> None:
        self._unparsed = 0
        super().on_body(body)

    @override
    def on_message_complete(self) -> None:
        self._unparsed = 0
        self._in_request_line = True
        self._in_body = False
        self._wait(self._application.limits.head_seconds)
        super().on_message_complete()

    @override
    def on_response_complete(self) -> None:
        super().on_response_complete()
        if not self._in_body:
            self._wait(self._application.limits.head_seconds)

    @property
    def _is_answering(self) -> bool:
        begun = self.cycle is not None  # at first, whatever uvicorn declares
        return begun and not self.cycle.response_complete

    def _wait(self, seconds: float) -> None:
        """Look after so many seconds whether the client has gone on, instead of when that was meant before."""
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self.loop.call_later(seconds, self._look)

    def _look(self) -> None:
        unsent = self.transport.get_write_buffer_size()
        if (unsent and unsent == self._unsent) or (self._refused and not self._is_answering):
            self.transport.abort()
            return
        self._unsent = unsent
        self._wait(self._application.limits.head_seconds)
        if self._is_answering or self.transport.is_closing():
            return
        if self._in_head:
            self._refuse("request-timeout")
        else:
            self.transport.close()

    def _refuse(self, name: str) -> None:
        """Answer with a problem, where an answer is due and would not be taken for another one; then end it."""
        if self.transport.is_closing() or self._refused:
            return
        if self._is_answering and (not self._in_body or self.pipeline or self.cycle.response_started):
            # Those that came before get their answers first, and are the last.
            self.cycle.keep_alive = False
            self._refused = True
            return
        if self._in_body:
            if self.cycle.response_complete:
                self.transport.close()
                return
            # Whoever waits for the rest of the body is told that there is none.
            self.cycle.disconnected = self.cycle.response_complete = True
            self.cycle.message_event.set()
        response = self._application.refusal(name)
        lines = [*self.server_state.default_headers, *header_lines(response)]
        head = b"".join(b"%b: %b\r\n" % line for line in lines)
        self.transport.write(STATUS_LINE[response.status] + head + b"\r\n" + response.body)
        # Not closed at once: where bytes still come, that would tear the answer out of the client's hands
        # (RFC 9112, 9.6).
        self.transport.write_eof()
        self._refused = True
        self._wait(self._application.limits.head_seconds)
