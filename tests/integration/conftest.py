"""What several modules share: AWS as moto emulates it, which is installed wherever the tests run, and command lines."""

from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, override

import pytest
from moto.core.models import botocore_stubber

from tests.support.command_line import OTHER_VIN, VIN, CommandLine
from tests.support.emulator import Emulator
from tests.support.sdk import sdk_reads_once
from tests.support.server_process import Client, ServerProcess, serving

if TYPE_CHECKING:
    from botocore.awsrequest import AWSPreparedRequest

__all__ = ["sdk_reads_once"]


class Moto(Emulator):
    """Answers the clients of this process in the place of AWS: nothing is sent."""

    @property
    @override
    def address(self) -> str:
        return ""  # the clients keep the addresses of AWS, by which moto knows the service


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    """Let moto answer one request at a time: it has no locks of its own."""
    answer, lock = botocore_stubber.process_request, Lock()

    def one_by_one(request: "AWSPreparedRequest") -> object:
        with lock:
            return answer(request)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore_stubber, "process_request", one_by_one)
        patch.setattr(botocore_stubber, "enabled", True)
        yield Moto(0)


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
