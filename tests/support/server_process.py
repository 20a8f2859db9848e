"""The real server as a process of its own, and a thin client that keeps its connection."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final, Self

from tests.support.processes import running

HOST: Final = "127.0.0.1"
COMMAND: Final = ("-m", "vehicles.entrypoints.cli.main", "serve")
# For a process whose lines others cover: it starts and runs twice as fast where coverage does not look.
# Also for each that is sent a signal: KeyboardInterrupt raised while coverage holds its lock would hang for ever.
UNMEASURED: Final = {"COVERAGE_PROCESS_CONFIG": ""}
_SECONDS: Final = 60.0
_CHUNK: Final = 65536
LIMITED: Final = """
import os
from vehicles.container import open_container
from vehicles.entrypoints.server.app import Limits
from vehicles.entrypoints.server.run import serve
from vehicles.settings import Settings
settings = Settings.read(os.environ, {{}})
with open_container(settings) as container:
    serve(container, settings, limits=Limits({}))
"""
# A server in a hurry, which few may talk to, and one that answers few at a time.
HURRIED: Final = LIMITED.format("head_seconds=0.5, body_seconds=0.3, connections=5")
CROWDED: Final = LIMITED.format("requests=3")
# A server that waits for nobody when it is stopped.
HASTY: Final = LIMITED.format("stop_seconds=0.1")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered; the names of the headers in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:  # noqa: ANN401 — whatever the document says
        return json.loads(self.body)


class Client:
    """Sends requests on one connection, which is kept; for one thread at a time."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection(HOST, port, timeout=_SECONDS)

    def send(
        self, method: str, target: str, content: object = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Send a request, content other than bytes as JSON, and return the answer."""
        body = content if content is None or isinstance(content, bytes) else json.dumps(content).encode()
        described = {} if body is None else {"Content-Type": "application/json"}
        self._connection.request(method, target, body, {**described, **(headers or {})})
        response = self._connection.getresponse()
        return Answer(response.status, {name.lower(): value for name, value in response.getheaders()}, response.read())

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class ServerProcess:
    """A server that was started and has answered."""

    def __init__(self, process: subprocess.Popen[bytes], log: int, port: int) -> None:
        self._process = process
        self._log = log
        self.port = port

    def log(self) -> str:
        """Return what the server has written to standard error so far."""
        return _read(self._log)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def exit_code(self) -> int:
        """Return the exit code, once there is one."""
        return self._process.wait(_SECONDS)

    def stop(self) -> str:
        """Stop the server, check that it ends well, and return all that it has written to standard error."""
        self.signal(signal.SIGTERM)
        code = self.exit_code()
        assert code == 0, f"{code}: {self.log()}"
        return self.log()

    def kill(self) -> None:
        """End the server as a power cut would: SIGKILL, which it cannot notice."""
        self._process.kill()
        self.exit_code()

    def peak_memory(self) -> int:
        """Return the most bytes that the process ever had in memory; Linux only."""
        return self._memory("VmHWM")

    def memory(self) -> int:
        """Return how many bytes the process has in memory; Linux only."""
        return self._memory("VmRSS")

    def descriptors(self) -> int:
        """Return how many files and sockets the process has open; Linux only."""
        return len(list(Path(f"/proc/{self._process.pid}/fd").iterdir()))

    def _memory(self, name: str) -> int:
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        return int(re.search(rf"{name}:\s*(\d+) kB", status)[1]) * 1024  # type: ignore[index]  # always there

    @property
    def is_running(self) -> bool:
        return self._process.poll() is None


@contextmanager
def serving(
    data: Path, *, arguments: tuple[str, ...] = COMMAND, environment: Mapping[str, str] | None = None
) -> Iterator[ServerProcess]:
    """Run a server on any free port; where it still runs at the end, stop it, and check that it ends well."""
    settings = {"VEHICLES_DATA": str(data), "VEHICLES_PORT": "0", **(environment or {})}
    command = [sys.executable, *arguments]
    with (
        tempfile.TemporaryFile() as log,
        running(
            subprocess.Popen(command, env=clean_environment() | settings, stdin=subprocess.DEVNULL, stderr=log)
        ) as process,
    ):
        server = ServerProcess(process, log.fileno(), _port(process, log.fileno()))
        with Client(server.port) as client:
            assert client.send("GET", "/health").status == 200
        yield server
        if server.is_running:
            server.stop()


def clean_environment() -> dict[str, str]:
    """Return this process's environment without the settings that a person may have made."""
    return {name: value for name, value in os.environ.items() if not name.startswith("VEHICLES_")}


def vin_of(number: int) -> str:
    """Return another VIN for each number."""
    return f"WDB{number:014d}"


def registration(vin: str, no_of_axles: int = 2) -> dict[str, object]:
    """Return the body that registers a vehicle."""
    return {"vin": vin, "noOfAxles": no_of_axles, "fuelType": "diesel"}


def connected(server: ServerProcess) -> socket.socket:
    """Return a connection that has said nothing yet."""
    return socket.create_connection((HOST, server.port), timeout=30)


def read_to_end(connection: socket.socket) -> bytes:
    """Return all that comes until the server hangs up."""
    return b"".join(iter(lambda: connection.recv(_CHUNK), b""))


def exchange(server: ServerProcess, sent: bytes) -> bytes:
    """Send something and return all that comes until the server hangs up."""
    with connected(server) as connection:
        connection.sendall(sent)
        return read_to_end(connection)


def statuses(received: bytes) -> list[int]:
    """Return the status of each answer."""
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", received)]


def raw_registration(vin: str, *headers: str) -> tuple[bytes, bytes]:
    """Return head and body of a request that registers a vehicle."""
    body = f'{{"vin": "{vin}", "noOfAxles": 3, "fuelType": "diesel"}}'.encode()
    lines = (
        "POST /vehicle HTTP/1.1",
        f"Host: {HOST}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *headers,
        "\r\n",
    )
    return "\r\n".join(lines).encode(), body


def listed(client: Client, limit: int = 1000) -> Iterator[dict[str, object]]:
    """Walk through the whole list."""
    page = client.send("GET", f"/vehicles?limit={limit}").json()
    yield from page["items"]
    while page["nextCursor"] is not None:
        page = client.send("GET", f"/vehicles?limit={limit}&cursor={page['nextCursor']}").json()
        yield from page["items"]


def _port(process: subprocess.Popen[bytes], log: int) -> int:
    """Return the port that the server says it listens on."""
    deadline = time.monotonic() + _SECONDS
    while (found := re.search(r" on http://[^ ]+:(\d+) ", _read(log))) is None:
        assert process.poll() is None, _read(log)
        assert time.monotonic() < deadline, "the server does not say where it listens"
        time.sleep(0.01)
    return int(found[1])


def _read(log: int) -> str:
    # At a place of its own: the place to go on writing is the server's.
    return os.pread(log, os.fstat(log).st_size, 0).decode()
