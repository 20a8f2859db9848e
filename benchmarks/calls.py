"""Cold starts and warm requests of functions, each in a process of its own, on a stub of DynamoDB."""

import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import batched, product
from pathlib import Path
from py_compile import PycInvalidationMode
from statistics import median
from typing import Final

from benchmarks.stub import CREDENTIALS, PER_PAGE, stub, vehicle

ROOT: Final = Path(__file__).parents[1]
BASELINES: Final = ROOT / "benchmarks" / "baselines"
CACHE: Final = ROOT / ".cache" / "benchmarks"
OURS: Final = "vehicles"
HANDLERS: Final = {  # what Lambda would call
    "floor": "floor.handler",
    "boto3": "resource.handler",
    "powertools": "powertools.handler",
    "fastapi": "fastapi_mangum.handler",
    OURS: "vehicles.entrypoints.lambdas.api",
}
PACKAGES: Final = {
    "floor": ["botocore"],
    "boto3": ["boto3"],
    "powertools": ["aws-lambda-powertools", "boto3", "pydantic"],
    "fastapi": ["boto3", "fastapi", "mangum"],
}
COUNTED: Final = ("floor", OURS)
CALLS: Final = 50  # of each task, in each process
ROUNDS: Final = 15

type Rows = Mapping[str, Mapping[str, float]]  # rows of a table, each with its figures by column
type Measured = Mapping[str, float]
type Event = Mapping[str, object]
type Run = Callable[[str, Mapping[str, int], Sequence[str]], subprocess.CompletedProcess[str]]


def event(method: str, path: str, query: str = "", body: str | None = None) -> Event:
    """Return an event of an HTTP API (payload format 2.0)."""
    route, host = f"{method} {path}", "a1b2c3.execute-api.eu-central-1.amazonaws.com"
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": "curl/8.14"}
    about = {"apiId": "a1b2c3", "domainName": host, "requestId": "JKJaXmPLvHcESHA=", "routeKey": route}
    about |= {"stage": "$default", "time": "24/Nov/2026:03:00:00 +0000"}
    headers = {"accept": "*/*", "host": host} | ({"content-type": "application/json"} if body else {})
    parameters = dict(part.split("=") for part in query.split("&") if part)
    found: Event = {"version": "2.0", "routeKey": route, "rawPath": path, "rawQueryString": query, "headers": headers}
    return {**found, "queryStringParameters": parameters, "requestContext": {**about, "http": http}, "body": body}


_VIN: Final = vehicle(1).vehicle.vin
REGISTER: Final = event("POST", "/vehicle", body=f'{{"vin": "{_VIN}", "noOfAxles": 3, "fuelType": "diesel"}}')
TASKS: Final[Mapping[str, tuple[Event, int]]] = {
    "register": (REGISTER, 201),
    "list of 100": (event("GET", "/vehicles", "limit=100"), 200),
    "delete": (event("DELETE", "/vehicle", f"vin={_VIN}"), 204),
}


def build(name: str) -> Path:
    """Build the package of a function, with the bytecode of all its modules, and return its folder."""
    folder = CACHE / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if name == OURS:
        architecture = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
        program = ROOT / "scripts" / "lambda_package.py"
        subprocess.run([sys.executable, program, "VehicleLambda", folder, architecture], check=True)  # noqa: S603 — our own
        return folder
    # Only its own packages: those of the other baselines would count in its size.
    options = "--quiet --no-config --system-certs --constraint requirements/bench.txt --target"
    command = [".venv/bin/uv", "pip", "install", *options.split(), str(folder), *PACKAGES[name]]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 — our own
    shutil.copytree(BASELINES, folder, dirs_exist_ok=True)
    compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return folder


@contextmanager
def built(names: Iterable[str]) -> Iterator[Run]:
    """Build packages, and yield a function that starts one in a new process and makes so many calls of each task.

    The last argument of that function is the command of a profiler for the process.
    """
    with tempfile.TemporaryDirectory() as scratch, stub(PER_PAGE, Path(scratch)) as address:
        certificate = Path(scratch, "cert.pem").read_text()
        for name in names:
            roots = (build(name) / "botocore" / "cacert.pem").read_text()
            Path(scratch, f"{name}.pem").write_text(roots + certificate)

        def run(name: str, calls: Mapping[str, int], profiler: Sequence[str]) -> subprocess.CompletedProcess[str]:
            tasks = {task: (TASKS[task][0], count, TASKS[task][1]) for task, count in calls.items()}
            job = {"folder": str(CACHE / name), "handler": HANDLERS[name], "first": REGISTER, "tasks": tasks}
            # -B writes no bytecode, as on Lambda, where a package is read-only. The others leave our environment out.
            python = [str(Path(sys.executable).resolve()), "-P", "-s", "-S", "-B"]
            command = [*profiler, *python, str(ROOT / "benchmarks" / "function.py"), json.dumps(job)]
            environment = CREDENTIALS | {
                "AWS_CA_BUNDLE": f"{scratch}/{name}.pem",
                "AWS_ENDPOINT_URL": address,
                "AWS_LAMBDA_FUNCTION_NAME": "vehicles",
                "PATH": os.environ["PATH"],
                "PYTHONHASHSEED": "0",  # for the same order in each process
                "VEHICLES_BACKEND": "aws",
                "VEHICLES_BUCKET": "vehicle-summary-123456789012",
                "VEHICLES_TABLE": "vehicle-demo",
                "_HANDLER": HANDLERS[name],
            }
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 — our own
            assert done.returncode == 0, f"{name} failed:\n{done.stderr}"  # noqa: S101 — never run with -O
            return done

        yield run


def measure() -> Mapping[str, Rows]:
    """Measure cold starts and warm requests. The packages take turns; the first round warms the disk up."""
    measured: dict[str, list[Measured]] = {name: [] for name in HANDLERS}
    with built(HANDLERS) as run:
        for _, name in product(range(ROUNDS + 1), HANDLERS):
            measured[name].append(json.loads(run(name, dict.fromkeys(TASKS, CALLS), ()).stdout.splitlines()[-1]))
    floor = measured["floor"][1:]
    cold: dict[str, Measured] = {}
    warm: dict[str, Measured] = {}
    for name, (_, *runs) in measured.items():
        archive = Path(shutil.make_archive(str(CACHE / name), "zip", CACHE / name))
        cold[name] = {
            "CPU, ms": median(each["cold"] for each in runs),
            "× floor": ratio(runs, floor, "cold"),
            "package, MiB zipped": archive.stat().st_size / 2**20,
        }
        times = {f"{task}, µs": median(each[task] for each in runs) * 1000 for task in TASKS}
        warm[name] = times | {f"{task}, × floor": ratio(runs, floor, task) for task in TASKS}
    return {"Cold start": cold, "Warm requests, through the SDK": warm}


def ratio(measured: Sequence[Measured], floor: Sequence[Measured], figure: str) -> float:
    """Return the median of the ratios within a round, since noise hits neighbouring runs alike."""
    return median(each[figure] / beside[figure] for each, beside in zip(measured, floor, strict=True))


def count() -> Mapping[str, Rows]:
    """Count the instructions of a cold start, and of a call of each task: a run with calls less one without."""
    none = dict.fromkeys(TASKS, 0)
    plans = [{}, none, *(none | {task: CALLS} for task in TASKS)]
    callgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    with built(COUNTED) as run, ThreadPoolExecutor(os.cpu_count()) as pool:
        reports = [pool.submit(run, name, plan, callgrind) for name, plan in product(COUNTED, plans)]
        counts = [int(each.result().stderr.rpartition("Collected : ")[2].split()[0]) / 1e6 for each in reports]
    rows: dict[str, Measured] = {}
    for name, (cold, base, *tasks) in zip(COUNTED, batched(counts, len(plans), strict=True), strict=True):
        row = {"cold start": cold} | {task: (each - base) / CALLS for task, each in zip(TASKS, tasks, strict=True)}
        floor = rows.get("floor", row)
        rows[name] = row | {f"{task}, × floor": figure / floor[task] for task, figure in row.items()}
    return {"Instructions": rows}
