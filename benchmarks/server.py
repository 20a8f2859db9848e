"""The local server under load, beside FastAPI on uvicorn with sqlite3: `python -m benchmarks.server`.

Both run at once, each on a file of its own on the same disk; wrk loads one of them at a time, in turns.
Both are durable: what they acknowledge is on the disk. Both write a line for each request to a log.
"""

import json
import os
import re
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count, repeat
from pathlib import Path
from statistics import median
from typing import Final

from benchmarks.fleet import vehicle
from benchmarks.packages import OURS, ROOT
from benchmarks.report import Row, Table
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.ports.vehicle_repository import StoredVehicle
from vehicles.settings import DATABASE

RIVAL: Final = "fastapi"
NAMES: Final = {RIVAL: "FastAPI, uvicorn and sqlite3", OURS: "**the registry**"}
VEHICLES: Final = 10_000
ROUNDS: Final = 5
SECONDS: Final = 3
MOST_SECONDS: Final = 600
"""After which a server ends by itself, should the benchmark not have come to that."""
_BIN: Final = ROOT / ".venv-bench-uvicorn" / "bin"
_RIVALS: Final = ROOT / "benchmarks" / "contestants"
_SCRIPT: Final = ROOT / "benchmarks" / "server.lua"
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked for again and again, by how many clients at once: targets, or without them registrations."""

    name: str
    title: str
    clients: int
    targets: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs: its address, and its process."""

    address: str
    process: int

    @property
    def cpu(self) -> float:
        """Return the seconds that the processor has worked for it; Linux only."""
        fields = Path(f"/proc/{self.process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Figures:
    """What was seen: requests a second, milliseconds within which half and 99 % were answered, CPU µs for each."""

    rate: float
    p50: float
    p99: float
    cpu: float


def loads() -> Sequence[Load]:
    """Return what is measured."""
    vins = [str(each.vehicle.vin) for each in fleet()]
    mixed = [vins[number * 7919 % VEHICLES] for number in range(VEHICLES)]
    return (
        Load("server-read", "read one vehicle", 16, [f"/vehicle?vin={vin}" for vin in mixed]),
        Load("server-list", "list 100", 16, ["/vehicles?limit=100"]),
        Load("server-register", "register, durably", 64),
    )


def fleet() -> Sequence[StoredVehicle]:
    """Return the vehicles that are there."""
    return [vehicle(number) for number in range(VEHICLES)]


def measure(rounds: int = ROUNDS, seconds: int = SECONDS) -> list[Table]:
    """Return a table for each load, in about two minutes.

    Raises RuntimeError where wrk is missing, a server does not start, or one answers anything but a success.
    """
    if shutil.which("wrk") is None:
        message = "wrk, which loads the servers, is missing: on Debian, apt-get install wrk"
        raise RuntimeError(message)
    durations = (1, *repeat(seconds, rounds))  # the first one warms up
    with tempfile.TemporaryDirectory() as scratch, _rival(Path(scratch)) as rival, _ours(Path(scratch)) as ours:
        servers = {RIVAL: rival, OURS: ours}
        return [_table(load, _interleaved(load, servers, Path(scratch), durations)) for load in loads()]


def _interleaved(
    load: Load, servers: Mapping[str, Server], scratch: Path, durations: Sequence[int]
) -> Mapping[str, list[Figures]]:
    targets = scratch / "targets"
    targets.write_text("\n".join(load.targets))
    # Each run of registrations begins so many numbers behind the one before that no VIN comes twice.
    arguments = map(str, repeat(targets) if load.targets else count(0, 1_000_000))
    measured: dict[str, list[Figures]] = {name: [] for name in servers}
    for place, seconds in enumerate(durations):
        for name, server in servers.items():
            figures = _run(load, server, next(arguments), seconds)
            if place:
                measured[name].append(figures)
    return measured


def _run(load: Load, server: Server, argument: str, seconds: int) -> Figures:
    options = ("-t1", f"-c{load.clients}", f"-d{seconds}s", "-s", str(_SCRIPT))
    command = ("wrk", *options, server.address, argument)
    before = server.cpu
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603 — our own
    found = json.loads(done.stderr.splitlines()[-1])
    if found["wrong"]:
        message = f"{server.address} answered {found['wrong']} of {found['requests']} with no success ({load.title})"
        raise RuntimeError(message)
    cpu = (server.cpu - before) / found["requests"] * 1e6
    return Figures(found["requests"] / found["seconds"], found["p50"], found["p99"], cpu)


def _table(load: Load, measured: Mapping[str, list[Figures]]) -> Table:
    return Table(load.name, f"Server: {load.title}, {load.clients} clients", [_row(each, measured) for each in NAMES])


def _row(name: str, measured: Mapping[str, list[Figures]]) -> Row:
    ours, rivals = measured[name], measured[RIVAL]
    figures = {
        "requests a second": median(each.rate for each in ours),
        "× FastAPI": median(each.rate / rival.rate for each, rival in zip(ours, rivals, strict=True)),
        "CPU, µs": median(each.cpu for each in ours),
        "CPU, FastAPI's ×": median(rival.cpu / each.cpu for each, rival in zip(ours, rivals, strict=True)),
        "half within, ms": median(each.p50 for each in ours),
        "99 % within, ms": median(each.p99 for each in ours),
    }
    return Row(name, NAMES[name], figures)


@contextmanager
def _ours(scratch: Path) -> Iterator[Server]:
    folder = scratch / OURS
    with SQLiteVehicleRepository(folder / DATABASE) as repository:
        repository.add_many(fleet())
    command = (sys.executable, "-m", "vehicles.entrypoints.cli.main", "serve")
    with _serving(command, folder / "log", {"VEHICLES_DATA": str(folder), "VEHICLES_PORT": "0"}) as server:
        yield server


@contextmanager
def _rival(scratch: Path) -> Iterator[Server]:
    path = scratch / "rival.sqlite3"
    vehicles = [each.vehicle for each in fleet()]
    rows = [(str(it.vin), it.no_of_axles, it.fuel_type, it.registered_at.isoformat()) for it in vehicles]
    with closing(sqlite3.connect(path)) as database, database:
        columns = "vin TEXT PRIMARY KEY, noOfAxles INTEGER, fuelType TEXT, timestamp TEXT"
        database.execute(f"CREATE TABLE vehicle ({columns}) WITHOUT ROWID")
        database.executemany("INSERT INTO vehicle VALUES (?, ?, ?, ?)", rows)
    command = (str(_BIN / "uvicorn"), "--app-dir", str(_RIVALS), "--port", "0", "fastapi_sqlite:app")
    with _serving(command, scratch / "rival.log", {"DATABASE": str(path)}) as server:
        yield server


@contextmanager
def _serving(command: Sequence[str], log: Path, environment: Mapping[str, str]) -> Iterator[Server]:
    """Run a server, whose log goes to a file, and yield the address that it says it has."""
    limited = ("timeout", str(MOST_SECONDS), *command)
    with log.open("wb") as written:
        process = subprocess.Popen(limited, stdout=written, stderr=written, env=os.environ | environment)  # noqa: S603 — our own
        try:
            address = _address(process, log)
            (child,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            yield Server(address, int(child))
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _address(process: "subprocess.Popen[bytes]", log: Path) -> str:
    deadline = time.monotonic() + _PATIENCE
    while (found := re.search(r" on (http://[^ ]+:\d+) ", log.read_text())) is None:
        if process.poll() is not None or time.monotonic() > deadline:
            message = f"a server does not start:\n{log.read_text()}"
            raise RuntimeError(message)
        time.sleep(0.01)
    return found[1]


def main() -> None:
    """Measure, and print the tables."""
    for table in measure():
        sys.stdout.write(f"{table.as_markdown()}\n")


if __name__ == "__main__":
    main()
