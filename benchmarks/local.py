"""What runs without AWS: the local server, a VIN, summaries and an import in time and memory, and growth.

`python -m benchmarks.local KIND PLACE` is one measurement, in a process whose peak of memory and time are its own.
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
from vehicles.entrypoints.cli.main import vehicles
from vehicles.ports.vehicle_repository import VehicleRepository

OURS: Final = "**the registry**"
FASTAPI: Final = "FastAPI, uvicorn and sqlite3"
LOADS: Final = {  # by how many clients at once, and for what; without a target, registrations
    "register, durably": (64, ""),
    "read one vehicle": (16, "/vehicle?vin=YV2H05ZZ774840978"),
    "list 100": (16, "/vehicles?limit=100"),
}
LOAD_SECONDS: Final = (1, 3, 3, 3, 3, 3, 3, 3)  # of each round; the first one warms up
VINS: Final = ("1M8GDM9AXKP042788", "5YJSA1E12HF185226", "1FTEW1EP8KFB12349", "LGXCE6CB2M0123452", "4V4NC9EH2LN212345")
"""VINs of which a law demands the check digit, so that nobody is spared it."""
SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)


def servers() -> Mapping[str, Rows]:
    """Return a table for each load, which wrk puts on one server at a time, in turns.

    What both acknowledge is on the disk, and both log each request. Raises RuntimeError where one does not succeed.
    """
    uvicorn = str(ROOT / ".venv-bench" / "bin" / "uvicorn")
    theirs = [uvicorn, "--app-dir", str(BASELINES), "--port", "0", "fastapi_sqlite:app"]
    ours = [sys.executable, "-m", "vehicles.entrypoints.cli.main", "serve", "--port", "0"]
    with tempfile.TemporaryDirectory() as folder, _serving(theirs, folder) as fastapi, _serving(ours, folder) as own:
        both = {FASTAPI: fastapi, OURS: own}
        return {f"Local server: {load}, {it[0]} clients": _loaded(*it, both) for load, it in LOADS.items()}


def _loaded(clients: int, target: str, servers: Mapping[str, tuple[str, int]]) -> Rows:
    runs: dict[str, list[tuple[float, float]]] = {name: [] for name in servers}
    for number, seconds in enumerate(LOAD_SECONDS):
        begin = str(number * 1_000_000)  # of the registrations: no VIN comes twice
        for name, (address, process) in servers.items():
            script = [] if target else ["-s", str(ROOT / "benchmarks" / "server.lua")]
            command = ["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", *script, address + target, begin]
            before = _cpu_seconds(process)
            done = subprocess.run(command, capture_output=True, check=True, text=True).stdout  # noqa: S603 — our own
            if "Non-2xx" in done or "Socket errors" in done:
                raise RuntimeError(f"{name} answered with no success:\n{done}")
            cpu = (_cpu_seconds(process) - before) / int(done.partition(" requests in ")[0].split()[-1]) * 1e6
            runs[name].append((float(done.partition("Requests/sec:")[2].split()[0]), cpu))
    medians = {name: [median(each) for each in zip(*own, strict=True)] for name, (_, *own) in runs.items()}
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
def _serving(command: Sequence[str], folder: str) -> Iterator[tuple[str, int]]:
    """Run a server, whose log goes to a file, and yield the address that it says it has, and its process."""
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
    """Return what it costs to parse a VIN, check its digit and find its country, in one process and in turns."""
    sys.path.extend(map(str, (ROOT / ".venv-bench" / "lib").glob("python3*/site-packages")))
    theirs: Any = import_module("vininfo").Vin
    readers: Mapping[str, Callable[[str], object]] = {
        "vininfo": lambda text: (vin := theirs(text)).verify_checksum() and vin.country,
        OURS: lambda text: Vin.parse(text).country,
    }
    rounds = [{name: spent(read, VINS * 100) for name, read in readers.items()} for _ in range(201)]
    times = {name: median(it[name] for it in rounds) for name in readers}
    title = "A VIN, read, digit checked, country found"
    return {title: {name: {"ns": each, "× as fast": times["vininfo"] / each} for name, each in times.items()}}


def summarize(repository: VehicleRepository) -> None:
    """Make a summary, all formats of it."""
    now, reports = datetime(2026, 11, 24, tzinfo=UTC), InMemoryReportStore()
    WeeklySummaries(repository, reports, lambda: now, ZoneInfo("UTC"), map_concurrently).summarize(IsoWeek(2026, 47))


def scan_plainly(table: Any) -> None:  # noqa: ANN401 — boto3 makes its class when it runs
    """Count the items of a table by fuel type, as one writes it first."""
    answer = table.scan()
    counts = Counter(item["fuelType"] for item in answer["Items"])
    while key := answer.get("LastEvaluatedKey"):
        answer = table.scan(ExclusiveStartKey=key)
        counts.update(item["fuelType"] for item in answer["Items"])


KINDS: Final[Mapping[str, Callable[[str], Callable[[], object]]]] = {
    "dynamodb": lambda place: partial(summarize, DynamoDBVehicleRepository(make_dynamodb_client(batch=True), place)),
    "resource": lambda place: partial(scan_plainly, boto3.resource("dynamodb").Table(place)),
    "import": lambda place: partial(vehicles, ["import", place], standalone_mode=False),
}


def run(kind: str, place: str, address: str = "") -> Mapping[str, float]:
    """Return what a process took: seconds, CPU seconds, and MiB at its peak and beyond those it began with."""
    environment = os.environ | {"VEHICLES_DATA": str(Path(place).parent)}
    environment |= CREDENTIALS | {"AWS_ENDPOINT_URL": address} if address else {}
    command = [sys.executable, "-m", "benchmarks.local", kind, place]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=environment)  # noqa: S603 — our own
    return dict(json.loads(done.stdout.splitlines()[-1]))


def summaries() -> Mapping[str, Rows]:
    """Return what a summary on DynamoDB costs, beside a plain scan."""
    rows = {}
    for size in SIZES[1:]:
        with stub(size) as address:
            rounds = [{kind: run(kind, "table", address) for kind in ("resource", "dynamodb")} for _ in range(3)]
        for kind, name in (("dynamodb", OURS), ("resource", "plain scan")):
            rows[f"{size:,} vehicles, {name}"] = {
                "CPU µs per vehicle": median(each[kind]["cpu"] for each in rounds) / size * 1e6,
                "× plain scan": median(each[kind]["cpu"] / each["resource"]["cpu"] for each in rounds),
                "memory, + MiB": median(each[kind]["more"] for each in rounds),
            }
    return {"Summary on DynamoDB": rows}


def imports() -> Mapping[str, Rows]:
    """Return what the import of a file costs."""
    with tempfile.TemporaryDirectory() as folder, (Path(folder) / "fleet.csv").open("w") as file:
        sample = [sys.executable, "-m", "vehicles.entrypoints.cli.main", "sample", "100000"]
        subprocess.run(sample, stdout=file, check=True)  # noqa: S603 — our own
        found = run("import", file.name)
    row = {"seconds in all": found["seconds"], "CPU s": found["cpu"], "peak, MiB": found["peak"]}
    return {"Import of 100,000 rows into SQLite": {"CSV": row}}


def growth() -> Mapping[str, Rows]:
    """Return what a page and a registration cost at each size, in the best of some rounds."""
    rows = {}
    places = [Vin.of(f"YV2H0{number * 387_420_489 % 10**12:012d}") for number in range(700)]  # in no order
    for size in SIZES:
        with tempfile.TemporaryDirectory() as folder, SQLiteVehicleRepository(Path(folder) / "fleet") as repository:
            for some in batched(map(vehicle, range(size)), 10_000, strict=False):
                repository.add_many(some)
            registry = Registry(repository, utc_now, new_version)
            calls: Mapping[str, Callable[[Vin], object]] = {
                "page of 100": lambda vin: registry.list(limit=100, after=vin),  # noqa: B023 — called at once
                "registration": lambda vin: registry.register(vin, 3, FuelType.DIESEL),  # noqa: B023 — as above
            }
            rows[f"{size:,} vehicles"] = {
                f"{name}, CPU µs": min(spent(call, vins) for vins in batched(places, 100, strict=True)) / 1e3
                for name, call in calls.items()
            }
    return {"As the fleet grows, on SQLite": rows}


def spent[T](call: Callable[[T], object], arguments: Sequence[T]) -> float:
    """Return the nanoseconds of CPU time that a call takes."""
    start = time.process_time_ns()
    for argument in arguments:
        call(argument)
    return (time.process_time_ns() - start) / len(arguments)


def peak() -> float:
    """Return the most MiB that the process has held so far; what its parent held is in getrusage(2) as well."""
    return int(Path("/proc/self/status").read_text().partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    call = KINDS[sys.argv[1]](sys.argv[2])  # with its client, which is not measured
    before, cpu, seconds = peak(), time.process_time(), time.perf_counter()
    call()
    figures = {"seconds": time.perf_counter() - seconds, "cpu": time.process_time() - cpu, "peak": peak()}
    sys.stdout.write(json.dumps(figures | {"more": peak() - before}) + "\n")
