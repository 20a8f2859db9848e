"""The cold start: a new process imports a function and answers its first request, which registers a vehicle."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from benchmarks.packages import OURS, build
from benchmarks.report import Row, Table
from benchmarks.runs import Job, Measured, Stub, middle, ratio, registrations
from benchmarks.undone import REPACKED, UNDOING

NAMES: Final = {
    "floor": "floor: `json` and botocore's client, nothing else",
    "boto3": "the same with boto3's resource",
    "powertools": "Powertools: resolver, validation, logger, metrics",
    "fastapi": "FastAPI and Mangum",
    OURS: "**the registry**, as it is deployed",
}
LATER_CALLS: Final = 150
UNCOMPILED: Final = "-uncompiled"
ECONOMIES: Final = {
    "bytecode": "no bytecode in the package",
    "data": "the SDK's data as it comes",
    "roots": "the SDK's certificates as they come",
    "reports": "a client of S3 as well",
    "collector": "garbage collected while starting",
    "agent": "a user agent made for each call",
    "validation": "parameters validated by the SDK",
}


def contestants(stub: Stub, packages: Mapping[str, Path], rounds: int) -> list[Table]:
    """Return what a cold start costs each contestant, and where all are measured, also as `sam build` leaves them."""
    events = registrations(1)
    jobs = {name: Job(name, package, events) for name, package in packages.items()}
    labels = {name: NAMES[name] for name in jobs}
    for name in ("floor", "powertools", "fastapi"):
        if len(jobs) >= len(NAMES):
            jobs[name + UNCOMPILED] = Job(name, build(name, compiled=False), events)
            labels[name + UNCOMPILED] = f"{NAMES[name]}; as `sam build` leaves it, without bytecode"
    measured = stub.interleaved(jobs, rounds)
    rows = [Row(name, label, _figures(measured[name], measured["floor"])) for name, label in labels.items()]
    return [Table("cold", "Cold start", rows)]


def economies(stub: Stub, packages: Mapping[str, Path], rounds: int) -> list[Table]:
    """Return what each of our economies is worth."""
    package, events = packages[OURS], registrations(1)
    jobs = {OURS: Job(OURS, package, events, calls=LATER_CALLS)}
    for name in ECONOMIES:
        other = REPACKED[name](package, packages["boto3"]) if name in REPACKED else package
        jobs[name] = Job(OURS, other, events, calls=LATER_CALLS, undo=name if name in UNDOING else "")
    measured = stub.interleaved(jobs, rounds)
    ours = measured[OURS]
    rows = [
        Row(
            name,
            label,
            {
                "cold start": ratio(measured[name], ours, "cold"),
                "first call": ratio(measured[name], ours, "first"),
                "a later call": ratio(measured[name], ours, "call"),
                "memory": ratio(measured[name], ours, "memory"),
            },
        )
        for name, label in ECONOMIES.items()
    ]
    about = "What the registry would cost with each of them undone, as a multiple of what it costs."
    return [Table("economies", "What each economy is worth", rows, about)]


def _figures(measured: Sequence[Measured], floor: Sequence[Measured]) -> Mapping[str, float]:
    return {
        "CPU, ms": middle(measured, "cold"),
        "× floor": ratio(measured, floor, "cold"),
        "first call, ms": middle(measured, "first"),
        "first call, × floor": ratio(measured, floor, "first"),
        "memory, MiB": middle(measured, "memory"),
        "memory, × floor": ratio(measured, floor, "memory"),
    }
