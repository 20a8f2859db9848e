"""The local server: granian in this process, from the socket that it listens on to its clean end."""

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
_LOOK_SECONDS: Final = 0.1  # so often it is looked whether to stop
_FORMAT: Final = logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z")


class CannotListen(Exception):
    """An address that the server cannot have."""

    def __init__(self, host: str, port: int, cause: OSError) -> None:
        in_use = cause.errno == errno.EADDRINUSE
        reason = "is in use; choose another with --port" if in_use else f"({cause.strerror})"
        super().__init__(f"cannot listen: {host} port {port} {reason}")


class _Server(Server):
    """Granian on a socket that we have bound. Its own would share a busy port, and not report which port 0 became."""

    def __init__(self, application: Application, listener: socket.socket, limits: Limits) -> None:
        super().__init__(
            cast("Any", application),
            interface=Interfaces.ASGI,
            http=HTTPModes.http1,
            websockets=False,
            backlog=_BACKLOG,
            backpressure=limits.connections,
            # Twice of what is allowed, so that the application sees and explains a head that is somewhat too large.
            http1_settings=HTTP1Settings(
                header_read_timeout=round(limits.head_seconds * 1000), max_buffer_size=2 * MAX_HEAD_BYTES
            ),
            log_enabled=False,  # it would only say that it is started, stopped and experimental
        )
        self._listener = listener

    @override
    def _init_shared_socket(self) -> None:
        self._ssp = None
        self._shd = SocketHolder(  # type: ignore[assignment, call-arg]  # granian's stub declares neither
            fd=self._listener.detach(), uds=False, backlog=_BACKLOG
        )


def serve(container: Container, settings: Settings, *, limits: Limits = DEFAULT_LIMITS) -> None:
    """Serve the API until SIGTERM or SIGINT, then finish what was begun.

    Raises CannotListen, and what opening the storage does.
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
        f" (to read and try: http://{shown}:{port}/docs) - Ctrl-C stops it"
    )
    # No Event: a second signal that comes while the first one sets it would wait for a lock that its own thread holds.
    signals: list[int] = []
    _on_signals(lambda number, _: signals.append(number))
    try:
        asyncio.run(_serve(server, signals, limits.stop_seconds))
    finally:
        application.close()
        log.finish()
        _on_signals(signal.SIG_IGN)  # a further one would end the process with an error


async def _serve(server: Server, signals: Sequence[int], stop_seconds: float) -> None:
    serving = asyncio.create_task(server.serve())
    while not signals and not serving.done():  # noqa: ASYNC110 — a signal may not set asyncio's Event
        await asyncio.sleep(_LOOK_SECONDS)
    server.stop()  # type: ignore[no-untyped-call]  # granian declares no types here
    done, _ = await asyncio.wait((serving,), timeout=stop_seconds)
    for task in done:
        task.result()  # or an error of the server would go unseen


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    # Not by the event loop, whose handlers end before the process does, and which has none on Windows.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, handler)


def _listen(host: str, port: int) -> socket.socket:
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, *_, address = found[0]
    return socket.create_server(address, family=family, backlog=_BACKLOG)
