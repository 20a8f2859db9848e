"""Runs of functions, each in a process of its own, interleaved, beside a stub of DynamoDB."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final, Self

from benchmarks.packages import HANDLERS, OURS, ROOT
from benchmarks.stub import make_certificate, vins

INTERPRETER: Final = Path(sys.executable).resolve()
"""Without the environment that the benchmark itself has."""

type Measured = Mapping[str, float | None]
type Event = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Job:
    """A function to call: of which contestant, by which package, how often, and what of our economies to undo.

    What is to be there `before` is sent first, and not measured.
    """

    contestant: str
    package: Path
    events: Sequence[Event]
    before: Sequence[Event] = ()
    calls: int = 1
    status: int = 201
    backend: str = "aws"
    undo: str = ""
    handler: str = ""
    variables: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Stub:
    """A stub that runs: its port, and the folder of its certificate."""

    port: int
    folder: Path

    @classmethod
    @contextmanager
    def running(cls) -> Iterator[Self]:
        """Yield a stub that runs until the end of the block."""
        with tempfile.TemporaryDirectory() as scratch:
            make_certificate(Path(scratch))
            command = [sys.executable, "-m", "benchmarks.stub", scratch]
            process = subprocess.Popen(  # noqa: S603 — our own
                command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
            assert process.stdin  # noqa: S101 — asked for above
            assert process.stdout  # noqa: S101 — as above
            with process, process.stdin:
                yield cls(int(process.stdout.readline()), Path(scratch))

    def run(self, job: Job) -> Measured:
        """Return what a new process measures."""
        return dict(json.loads(self._run(job).stdout.splitlines()[-1]))

    def count(self, jobs: Mapping[str, Job]) -> Mapping[str, int]:
        """Return how many instructions a process of each of the jobs takes from its begin to its end."""

        def count(job: Job) -> int:
            told = self._run(job, ("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null")).stderr
            return int(told.rpartition("Collected : ")[2].split()[0])

        with ThreadPoolExecutor(os.cpu_count()) as counters:
            return dict(zip(jobs, counters.map(count, jobs.values()), strict=True))

    def _run(self, job: Job, under: Sequence[str] = ()) -> "subprocess.CompletedProcess[str]":
        roots = self.folder / f"{job.package.name}.pem"
        if not roots.exists():
            roots.write_bytes((job.package / _bundle(job.package)).read_bytes())
            with roots.open("ab") as bundle:
                bundle.write((self.folder / "cert.pem").read_bytes())
        handler = job.handler or HANDLERS[job.contestant]
        environment = {
            "AWS_ACCESS_KEY_ID": "id",
            "AWS_CA_BUNDLE": str(roots),
            "AWS_ENDPOINT_URL": f"https://127.0.0.1:{self.port}",
            "AWS_LAMBDA_FUNCTION_NAME": "vehicles",
            "AWS_REGION": "eu-central-1",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "LANG": "C.UTF-8",
            "PATH": os.environ["PATH"],
            "VEHICLES_BACKEND": job.backend,
            "VEHICLES_BUCKET": "vehicle-summary-123456789012",
            "VEHICLES_TABLE": "vehicle-demo",
            "PYTHONHASHSEED": "0",  # for the same order in each process
            "_HANDLER": handler,
            **job.variables,
        }
        folders = [str(job.package)]
        if job.undo or job.handler:
            folders.append(str(ROOT))
        if job.contestant == OURS and job.backend == "memory":
            folders.insert(0, str(ROOT / "src"))  # the deployed package has no such backend
        orders = {"folders": folders, "handler": handler, "events": job.events, "calls": job.calls}
        orders |= {"before": job.before, "status": job.status, "undo": job.undo}
        with tempfile.NamedTemporaryFile("w", suffix=".json") as written:
            json.dump(orders, written)
            written.flush()
            # -B: a package of Lambda's cannot be written to, so neither here.
            command: list[str | Path] = [
                *under,
                INTERPRETER,
                "-P",
                "-s",
                "-S",
                "-B",
                ROOT / "benchmarks" / "function.py",
                written.name,
            ]
            answer = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 — our own
        if answer.returncode != 0:
            message = f"{job.contestant} failed:\n{answer.stderr}"
            raise RuntimeError(message)
        return answer

    def interleaved(self, jobs: Mapping[str, Job], rounds: int) -> dict[str, list[Measured]]:
        """Return what each of the jobs measured in each round; the first round only warms the disk up."""
        measured: dict[str, list[Measured]] = {name: [] for name in jobs}
        for number in range(rounds + 1):
            for name, job in jobs.items():
                figures = self.run(job)
                if number:
                    measured[name].append(figures)
        return measured


def middle(measured: Sequence[Measured], figure: str) -> float:
    """Return the median of a figure."""
    return median(_number(each, figure) for each in measured)


def ratio(measured: Sequence[Measured], floor: Sequence[Measured], figure: str) -> float:
    """Return the median of the ratios within a round, since what disturbs a machine disturbs neighbours alike."""
    return median(_number(a, figure) / _number(b, figure) for a, b in zip(measured, floor, strict=True))


def _number(measured: Measured, figure: str) -> float:
    number = measured[figure]
    assert number is not None  # noqa: S101 — asked for by who counts calls
    return number


def registrations(count: int) -> list[Event]:
    """Return events that register one vehicle after another."""
    bodies = [json.dumps({"vin": vin, "noOfAxles": 3, "fuelType": "diesel"}) for vin in vins(count)]
    return [_event("POST", "/vehicle", {"content-type": "application/json"}, "", body) for body in bodies]


def listing() -> list[Event]:
    """Return the event that lists a hundred vehicles."""
    return [_event("GET", "/vehicles", {}, "limit=100", None)]


def _event(method: str, path: str, headers: Mapping[str, str], query: str, body: str | None) -> Event:
    """Return an event of an HTTP API (payload format 2.0)."""
    agent = "curl/8.14.1"
    about = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.7", "userAgent": agent}
    return {
        "version": "2.0",
        "routeKey": f"{method} {path}",
        "rawPath": path,
        "rawQueryString": query,
        "headers": {"accept": "*/*", "host": "a1b2c3.execute-api.eu-central-1.amazonaws.com", **headers},
        "queryStringParameters": dict(part.split("=") for part in query.split("&") if part),
        "requestContext": {
            "accountId": "123456789012",
            "apiId": "a1b2c3",
            "domainName": "a1b2c3.execute-api.eu-central-1.amazonaws.com",
            "domainPrefix": "a1b2c3",
            "http": about,
            "requestId": "JKJaXmPLvHcESHA=",
            "routeKey": f"{method} {path}",
            "stage": "$default",
            "time": "24/Nov/2026:03:00:00 +0000",
            "timeEpoch": 1795489200000,
        },
        "body": body,
        "isBase64Encoded": False,
    }


def _bundle(package: Path) -> str:
    ours = "vehicles/adapters/amazon_roots.pem"
    return ours if (package / ours).exists() else "botocore/cacert.pem"
