"""AWS as moto emulates it, once for all tests of a process: it is installed wherever the tests run."""

from collections.abc import Iterator
from threading import Lock, Thread
from typing import TYPE_CHECKING

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.support.emulator import HOST, Emulator
from tests.support.sdk import sdk_reads_once

if TYPE_CHECKING:
    from collections.abc import Iterable
    from wsgiref.types import StartResponse, WSGIEnvironment

__all__ = ["sdk_reads_once"]


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """Run moto's server, one request at a time: it has no locks of its own."""
    application, lock = DomainDispatcherApplication(create_backend_app), Lock()

    def one_by_one(environ: "WSGIEnvironment", start_response: "StartResponse") -> "Iterable[bytes]":
        with lock:
            answered: Iterable[bytes] = application(environ, start_response)
            return answered

    server = make_server(HOST, 0, one_by_one, threaded=True)
    serving = Thread(target=server.serve_forever)
    serving.start()
    yield Emulator(server.server_port)
    server.shutdown()
    serving.join(60)
    server.server_close()
