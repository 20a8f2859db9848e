"""Cold starts and warm requests of functions, each in a process of its own, beside a stub of DynamoDB."""

import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from py_compile import PycInvalidationMode
from statistics import median
from typing import Final

from benchmarks.stub import CREDENTIALS, PER_PAGE, stub, vehicle

ROOT: Final = Path(__file__).parents[1]
BASELINES: Final = ROOT / "benchmarks" / "baselines"
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
CALLS: Final = 50  # of each task, in each process
ROUNDS: Final = 15

type Rows = Mapping[str, Mapping[str, float]]  # figures by their columns, of each thing that was measured
type Measured = Mapping[str, float]
type Event = Mapping[str, object]


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
    """Build a package anew, with the bytecode of all its modules, and return its folder."""
    folder = ROOT / ".cache" / "benchmarks" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    if name == OURS:
        architecture = "arm64" if platform.machine() in {"arm64", "aarch64"} else "x86_64"
        program = ROOT / "scripts" / "lambda_package.py"
        subprocess.run([sys.executable, program, "VehicleLambda", folder, architecture], check=True)  # noqa: S603 — our own
        return folder
    # Without the packages of the other baselines, which would make it start more slowly.
    options = "--quiet --no-config --system-certs --constraint requirements/bench.txt --target"
    command = [".venv/bin/uv", "pip", "install", *options.split(), str(folder), *PACKAGES[name]]
    subprocess.run(command, check=True, cwd=ROOT)  # noqa: S603 — our own
    shutil.copytree(BASELINES, folder, dirs_exist_ok=True)
    compileall.compile_dir(folder, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    return folder


def run(  # noqa: PLR0913, PLR0917 — a process, by its parts
    name: str, package: Path, calls: Mapping[str, int], certificates: Path, address: str, under: Sequence[str] = ()
) -> "subprocess.CompletedProcess[str]":
    """Start a package in a new process, under another program if one is given, and call each task so many times."""
    tasks = {task: (TASKS[task][0], count, TASKS[task][1]) for task, count in calls.items()}
    job = {"folder": str(package), "handler": HANDLERS[name], "first": REGISTER, "tasks": tasks}
    # -B: a package of Lambda's cannot be written to, so neither here. The rest leaves our own environment out.
    python = [str(Path(sys.executable).resolve()), "-P", "-s", "-S", "-B", str(ROOT / "benchmarks" / "function.py")]
    with tempfile.NamedTemporaryFile("w", suffix=".json") as written, tempfile.NamedTemporaryFile() as roots:
        json.dump(job, written)
        written.flush()
        roots.write((package / "botocore" / "cacert.pem").read_bytes() + (certificates / "cert.pem").read_bytes())
        roots.flush()
        environment = CREDENTIALS | {
            "AWS_CA_BUNDLE": roots.name,
            "AWS_ENDPOINT_URL": address,
            "AWS_LAMBDA_FUNCTION_NAME": "vehicles",
            "PATH": os.environ["PATH"],
            "PYTHONHASHSEED": "0",  # for the same order in each process
            "VEHICLES_BACKEND": "aws",
            "VEHICLES_BUCKET": "vehicle-summary-123456789012",
            "VEHICLES_TABLE": "vehicle-demo",
            "_HANDLER": HANDLERS[name],
        }
        command = [*under, *python, written.name]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 — our own
    assert done.returncode == 0, f"{name} failed:\n{done.stderr}"  # noqa: S101 — never run with -O
    return done


def measure(packages: Mapping[str, Path]) -> Mapping[str, Rows]:
    """Return what cold starts and warm requests cost. The packages take turns; the first round warms the disk up."""
    measured: dict[str, list[Measured]] = {name: [] for name in packages}
    with tempfile.TemporaryDirectory() as scratch, stub(PER_PAGE, Path(scratch)) as address:
        for _, (name, package) in product(range(ROUNDS + 1), packages.items()):
            done = run(name, package, dict.fromkeys(TASKS, CALLS), Path(scratch), address)
            measured[name].append(json.loads(done.stdout.splitlines()[-1]))
    floor = measured["floor"][1:]
    cold: dict[str, Measured] = {}
    warm: dict[str, Measured] = {}
    for name, (_, *runs) in measured.items():
        archive = shutil.make_archive(str(packages[name]), "zip", packages[name])
        cold[name] = {
            "CPU, ms": median(each["cold"] for each in runs),
            "× floor": ratio(runs, floor, "cold"),
            "package, MiB zipped": Path(archive).stat().st_size / 2**20,
        }
        times = {f"{task}, µs": median(each[task] for each in runs) * 1000 for task in TASKS}
        warm[name] = times | {f"{task}, × floor": ratio(runs, floor, task) for task in TASKS}
    return {"Cold start": cold, "Warm requests, through the SDK": warm}


def ratio(measured: Sequence[Measured], floor: Sequence[Measured], figure: str) -> float:
    """Return the median of the ratios within a round, since what disturbs a machine disturbs neighbours alike."""
    return median(ours[figure] / theirs[figure] for ours, theirs in zip(measured, floor, strict=True))


def count(packages: Mapping[str, Path]) -> Mapping[str, Rows]:
    """Return the instructions of a cold start and of a call of each task: what its calls take beyond none."""
    none = dict.fromkeys(TASKS, 0)
    plans = [{}, none, *(none | {task: CALLS} for task in TASKS)]
    callgrind = ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as scratch, stub(PER_PAGE, Path(scratch)) as address:

        def millions(job: tuple[tuple[str, Path], Mapping[str, int]]) -> float:
            (name, package), calls = job
            told = run(name, package, calls, Path(scratch), address, callgrind).stderr
            return int(told.rpartition("Collected : ")[2].split()[0]) / 1e6

        with ThreadPoolExecutor(os.cpu_count()) as pool:
            counts = pool.map(millions, product(packages.items(), plans))
            for name in packages:
                cold, base, *tasks = (next(counts) for _ in plans)
                calls = {task: (each - base) / CALLS for task, each in zip(TASKS, tasks, strict=True)}
                found[name] = {"cold start": cold} | calls
    floor = found["floor"]
    for name, figures in found.items():
        found[name] = figures | {f"{task}, × floor": figure / floor[task] for task, figure in figures.items()}
    return {"Instructions": found}
