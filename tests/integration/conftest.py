"""What several modules share: AWS as moto emulates it, which is installed wherever the tests run, and command lines."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import pytest
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import make_server

from tests.support.command_line import OTHER_VIN, VIN, CommandLine
from tests.support.emulator import HOST, Emulator
from tests.support.processes import serving_in_thread
from tests.support.sdk import sdk_reads_once
from tests.support.server_process import Client, ServerProcess, serving

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
    with serving_in_thread(server):
        yield Emulator(server.server_port)


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data")


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    """The command line with two vehicles."""
    cli.run("register", VIN, "--axles", "3", "--fuel", "diesel")
    cli.run("register", OTHER_VIN, "--axles", "2", "--fuel", "electric")
    return cli


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("data")) as process:
        yield process


@pytest.fixture
def client(server: ServerProcess) -> Iterator[Client]:
    with Client(server.port) as made:
        yield made
