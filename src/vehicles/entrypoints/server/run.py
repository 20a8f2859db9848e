"""The local server: granian in this process, from its listening socket to its clean shutdown."""

import asyncio
import errno
import logging
import signal
import socket
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from types import FrameType
from typing import Any, Final, cast, override

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined]  # granian declares it in a private module
from granian.server.embed import Server

from vehicles.container import Container
from vehicles.entrypoints.http.handlers import registry_version
from vehicles.entrypoints.http.messages import MAX_HEAD_BYTES
from vehicles.entrypoints.server.app import DEFAULT_LIMITS, Application, Limits
from vehicles.entrypoints.server.log import StandardErrorHandler
from vehicles.settings import Settings

_BACKLOG: Final = 1024
_POLL_SECONDS: Final = 0.1  # between two checks whether to stop
_FORMAT: Final = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")


class CannotListen(Exception):
    """The server cannot listen on an address."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        in_use = cause.errno == errno.EADDRINUSE
        reason = "is in use; choose another with --port" if in_use else f"({cause.strerror})"
        super().__init__(f"cannot listen: {host} port {port} {reason}")


class _Server(Server):
    """Granian on a socket that we bind. Granian would share a busy port, and not report which port it got for 0."""

    def __init__(self, application: Application, listener: socket.socket, limits: Limits) -> None:
        super().__init__(
            cast("Any", application),
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            websockets=False,
            backlog=_BACKLOG,
            backpressure=limits.connections,
            # Twice the limit, so that the application can explain a head that is slightly too large.
            http1_settings=HTTP1Settings(
                header_read_timeout=round(limits.head_seconds * 1000), max_buffer_size=2 * MAX_HEAD_BYTES
            ),
            log_enabled=False,  # it only logs start, stop, and that embedding is experimental
        )
        self._listener = listener

    @override
    def _init_shared_socket(self) -> None:
        self._ssp = None
        self._shd = SocketHolder(  # type: ignore[assignment, call-arg]  # granian's stub declares neither
            fd=self._listener.detach(), uds=False, backlog=_BACKLOG
        )


def serve(container: Container, settings: Settings, *, limits: Limits = DEFAULT_LIMITS) -> None:
    """Serve the API until SIGTERM or SIGINT, then finish the requests in progress.

    Raises CannotListen, and the errors of opening the storage.
    """
    application = Application(lambda: nullcontext(container), limits)
    application.open()
    try:
        listener = _listen(settings.host, settings.port)
    except OSError as error:
        raise CannotListen(settings.host, settings.port, error) from error
    host, port = listener.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    server = _Server(application, listener, limits)
    log = StandardErrorHandler()
    log.setFormatter(_FORMAT)
    logging.basicConfig(handlers=[log], level=logging.WARNING)
    logging.getLogger(__package__).setLevel(logging.INFO)
    log.write_line(
        f"Vehicle registry {registry_version()} on http://{shown}:{port}"
        f" (documentation: http://{shown}:{port}/docs) - stop with Ctrl-C"
    )
    # Not an Event: a second signal that arrives while the first sets it would deadlock on its lock.
    signals: list[int] = []
    _on_signals(lambda number, _: signals.append(number))
    try:
        asyncio.run(_serve(server, signals, limits.stop_seconds))
    finally:
        application.close()
        log.finish()
        _on_signals(signal.SIG_IGN)  # another signal would end the process with an error


async def _serve(server: Server, signals: Sequence[int], stop_seconds: float) -> None:
    serving = asyncio.create_task(server.serve())
    while not signals and not serving.done():  # noqa: ASYNC110 — a signal handler must not set an asyncio Event
        await asyncio.sleep(_POLL_SECONDS)
    server.stop()  # type: ignore[no-untyped-call]  # granian declares no types here
    done, _ = await asyncio.wait((serving,), timeout=stop_seconds)
    for task in done:
        task.result()  # raises the error of the server, if any


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    # Not with the event loop: its handlers end before the process does, and Windows has none.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, *_, address = found[0]
    return socket.create_server(address, family=family, backlog=_BACKLOG)
