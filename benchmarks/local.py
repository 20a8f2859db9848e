"""Summaries, the local server, a VIN, and growth.

`python -m benchmarks.local SUMMARY` measures one way to summarize a table, in a process of its own.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from itertools import batched
from pathlib import Path
from statistics import median
from typing import Any, Final
from zoneinfo import ZoneInfo

import boto3

from benchmarks.calls import BASELINES, ROOT, Rows
from benchmarks.stub import CREDENTIALS, stub, vehicle
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.memory import InMemoryReportStore
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.container import map_concurrently, new_version, utc_now
from vehicles.domain.registry import Registry
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import VehicleRepository

OURS: Final = "**the registry**"
FASTAPI: Final = "FastAPI, uvicorn and sqlite3"
LOADS: Final = {  # how many clients at a time, and what they ask for: without a path, registrations
    "register, durably": (64, ""),
    "read one vehicle": (16, "/vehicle?vin=YV2H05ZZ774840978"),
    "list 100": (16, "/vehicles?limit=100"),
}
LOAD_SECONDS: Final = (1, 3, 3, 3, 3, 3, 3, 3)  # of each round; the first one warms up
VINS: Final = ("1M8GDM9AXKP042788", "5YJSA1E12HF185226", "1FTEW1EP8KFB12349", "LGXCE6CB2M0123452", "4V4NC9EH2LN212345")
"""VINs whose check digit a law requires, so that the registry checks it too."""
SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)


def servers() -> Mapping[str, Rows]:
    """Load the servers in turns with wrk, and return a table for each load.

    Both write to the disk before they acknowledge, and both log each request. Raises RuntimeError if a request fails.
    """
    uvicorn = str(ROOT / ".venv-bench" / "bin" / "uvicorn")
    baseline = [uvicorn, "--app-dir", str(BASELINES), "--port", "0", "fastapi_sqlite:app"]
    ours = [sys.executable, "-m", "vehicles.entrypoints.cli.main", "serve", "--port", "0"]
    with tempfile.TemporaryDirectory() as folder, serving(baseline, folder) as first, serving(ours, folder) as second:
        both = {FASTAPI: first, OURS: second}
        return {f"Local server: {name}, {load[0]} clients": _loaded(*load, both) for name, load in LOADS.items()}


def _loaded(clients: int, path: str, servers: Mapping[str, tuple[str, int]]) -> Rows:
    script = [] if path else ["-s", str(ROOT / "benchmarks" / "server.lua")]
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    for number, seconds in enumerate(LOAD_SECONDS):
        first = str(number * 1_000_000)  # of the registrations: no VIN comes twice
        for name, (address, process) in servers.items():
            command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", *script, address + path, first]
            before = _cpu_seconds(process)
            output = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603 — our own
            if "Non-2xx" in output or "Socket errors" in output:
                raise RuntimeError(f"requests to {name} failed:\n{output}")
            cpu = (_cpu_seconds(process) - before) / int(output.partition(" requests in ")[0].split()[-1]) * 1e6
            runs[name].append((float(output.partition("Requests/sec:")[2].split()[0]), cpu))
    medians = {name: [median(each) for each in zip(*counted, strict=True)] for name, (_, *counted) in runs.items()}
    return {
        name: {
            "requests a second": rate,
            "× FastAPI": rate / medians[FASTAPI][0],
            "CPU µs a request": cpu,
            "FastAPI's CPU ×": medians[FASTAPI][1] / cpu,
        }
        for name, (rate, cpu) in medians.items()
    }


def _cpu_seconds(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(command: Sequence[str], folder: str) -> Iterator[tuple[str, int]]:
    """Run a server until the end of the block, and yield its address, which it logs, and the id of its process."""
    log = Path(folder) / f"{Path(command[0]).name}.log"
    environment = os.environ | {"DATABASE": f"{folder}/baseline", "VEHICLES_DATA": folder}
    with log.open("wb") as written:
        process = subprocess.Popen(command, stdout=written, stderr=written, env=environment)  # noqa: S603 — our own
    try:
        while (found := re.search(r" on (http://[^ ]+:\d+) ", log.read_text())) is None:
            if process.poll() is not None:
                raise RuntimeError(f"a server does not start:\n{log.read_text()}")
            time.sleep(0.01)
        yield found[1], process.pid
    finally:
        process.terminate()
        process.wait()


def vins() -> Mapping[str, Rows]:
    """Measure in turns how long it takes to parse a VIN, check its digit and find its country."""
    sys.path.extend(map(str, (ROOT / ".venv-bench" / "lib").glob("python3*/site-packages")))
    baseline: Any = import_module("vininfo").Vin
    readers: Mapping[str, Callable[[str], object]] = {
        "vininfo": lambda text: (vin := baseline(text)).verify_checksum() and vin.country,
        OURS: lambda text: Vin.parse(text).country,
    }
    rounds = [{name: nanoseconds(read, VINS * 100) for name, read in readers.items()} for _ in range(201)]
    times = {name: median(each[name] for each in rounds) for name in readers}
    title = "A VIN, read, digit checked, country found"
    return {title: {name: {"ns": each, "× as fast": times["vininfo"] / each} for name, each in times.items()}}


def summarize(repository: VehicleRepository) -> None:
    """Make a summary in all its formats."""
    now, reports = datetime(2026, 11, 24, tzinfo=UTC), InMemoryReportStore()
    WeeklySummaries(repository, reports, lambda: now, ZoneInfo("UTC"), map_concurrently).summarize(IsoWeek(2026, 47))


def scan_plainly(table: Any) -> None:  # noqa: ANN401 — boto3 makes its class when it runs
    """Count the items of a table by fuel type in the simplest way."""
    answer = table.scan()
    counts = Counter(item["fuelType"] for item in answer["Items"])
    while key := answer.get("LastEvaluatedKey"):
        answer = table.scan(ExclusiveStartKey=key)
        counts.update(item["fuelType"] for item in answer["Items"])


SUMMARIES: Final[Mapping[str, Callable[[], Callable[[], object]]]] = {
    OURS: lambda: partial(summarize, DynamoDBVehicleRepository(make_dynamodb_client(batch=True), "vehicles")),
    "plain scan": lambda: partial(scan_plainly, boto3.resource("dynamodb").Table("vehicles")),
}


def summaries() -> Mapping[str, Rows]:
    """Measure a summary on DynamoDB compared with a plain scan."""
    rows = {}
    for size in SIZES[1:]:
        with stub(size) as address:
            rounds = [{name: _summary(name, address) for name in SUMMARIES} for _ in range(3)]
        for name in SUMMARIES:
            rows[f"{size:,} vehicles, {name}"] = {
                "CPU µs per vehicle": median(each[name]["cpu"] for each in rounds) / size * 1e6,
                "× plain scan": median(each[name]["cpu"] / each["plain scan"]["cpu"] for each in rounds),
                "memory, + MiB": median(each[name]["memory"] for each in rounds),
            }
    return {"Summary on DynamoDB": rows}


def _summary(name: str, address: str) -> Mapping[str, float]:
    command = [sys.executable, "-m", "benchmarks.local", name]
    environment = os.environ | CREDENTIALS | {"AWS_ENDPOINT_URL": address}
    return dict(json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment).stdout))  # noqa: S603 — our own


def growth() -> Mapping[str, Rows]:
    """Measure a page and a registration at each size, in the best of seven rounds."""
    rows = {}
    new = [Vin.of(f"YV2H0{number * 387_420_489 % 10**12:012d}") for number in range(700)]  # in no order
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder, SQLiteVehicleRepository(Path(folder) / "fleet") as repository:
            for batch in batched(map(vehicle, range(size)), 10_000, strict=False):
                repository.add_many(batch)
            registry = Registry(repository, utc_now, new_version)
            calls: Mapping[str, Callable[[Vin], object]] = {
                "page of 100": lambda vin: registry.list(limit=100, after=vin),  # noqa: B023 — called at once
                "registration": lambda vin: registry.register(vin, 3, FuelType.DIESEL),  # noqa: B023 — as above
            }
            rows[f"{size:,} vehicles"] = {
                f"{name}, CPU µs": min(nanoseconds(call, vins) for vins in batched(new, 100, strict=True)) / 1e3
                for name, call in calls.items()
            }
    return {"As the fleet grows, on SQLite": rows}


def nanoseconds[T](call: Callable[[T], object], arguments: Sequence[T]) -> float:
    """Return the CPU time of a call."""
    start = time.process_time_ns()
    for argument in arguments:
        call(argument)
    return (time.process_time_ns() - start) / len(arguments)


def peak() -> float:
    """Return the peak memory of this process in MiB; getrusage(2) would count what its parent held too."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    call = SUMMARIES[sys.argv[1]]()  # makes the client, which is not measured
    memory, cpu = peak(), time.process_time()
    call()
    sys.stdout.write(json.dumps({"cpu": time.process_time() - cpu, "memory": peak() - memory}))
