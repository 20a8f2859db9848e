"""The local HTTP server: uvicorn around the API, from the socket that it listens on to its clean end."""

import asyncio
import contextlib
import errno
import logging
import signal
import socket
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final, TextIO, cast

import uvicorn

from vehicles.container import Container
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.handlers import registry_version
from vehicles.entrypoints.server.app import Application, Limits
from vehicles.entrypoints.server.connection import Connection
from vehicles.settings import Settings

USUAL_LIMITS: Final = Limits()
_WRITERS: Final = 8
_BACKLOG: Final = 1024
_TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%S%z"


class CannotListen(Exception):
    """An address that the server cannot have."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        """Take the address, and what the system said."""
        in_use = cause.errno == errno.EADDRINUSE
        reason = "is in use; choose another with --port" if in_use else f"({cause.strerror})"
        super().__init__(f"cannot listen: {host} port {port} {reason}")


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

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        await super().shutdown(sockets)
        for connection in list(self.server_state.connections):  # of those that have not ended in time
            cast("Connection", connection).give_up()
        await asyncio.sleep(0)  # in which what they say is sent


class _Log:
    """Lines as logging would write them, for one thread, without what a record of logging costs for each request."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._second = 0
        self._written = ""

    def note(self, text: str) -> None:
        """Write a line with the time before it."""
        second = int(time.time())
        if second != self._second:
            self._second, self._written = second, time.strftime(_TIME_FORMAT, time.localtime(second))
        with contextlib.suppress(OSError):  # nobody goes without an answer because the log cannot be written
            self._stream.write(f"{self._written} {text}\n")
            self._stream.flush()


def serve(container: Container, settings: Settings, *, limits: Limits = USUAL_LIMITS) -> None:
    """Serve the API until SIGTERM or SIGINT, then finish what was begun.

    Raises CannotListen.
    """
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(message)s", datefmt=_TIME_FORMAT
    )
    token = settings.token.get_secret_value() if settings.token else None
    api = Api(container.registry, container.summaries, container.render_report(), token)
    container.registry()  # now, so that a storage that cannot be opened is known before the first request
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        raise CannotListen(settings.host, settings.port, error) from error
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    with listener, ThreadPoolExecutor(_WRITERS, thread_name_prefix="writer") as writers:
        config = uvicorn.Config(
            cast("Any", Application(api, writers, _Log(sys.stderr).note, any_host=token is not None, limits=limits)),
            http=cast("Any", Connection),
            ws="none",
            lifespan="off",
            proxy_headers=False,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=limits.stop_seconds,
        )
        with contextlib.suppress(OSError):  # nor does it end because a line of its log cannot be written
            sys.stderr.write(
                f"Vehicle registry {registry_version()} on http://{shown}:{port}"
                f" (to read and try: http://{shown}:{port}/docs) - Ctrl-C stops it\n"
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
