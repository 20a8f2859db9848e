"""Warm requests: what one call of a function costs once it has started, with the storage in memory and on DynamoDB."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.packages import OURS
from benchmarks.report import Row, Table
from benchmarks.runs import Event, Job, Measured, Stub, listing, middle, ratio, registrations

RESPOND: Final = "respond"
LISTED: Final = 100
NAMES: Final = {
    "floor": "floor",
    "boto3": "floor with boto3's resource",
    "powertools": "Powertools",
    "fastapi": "FastAPI and Mangum",
    OURS: "**the registry's function**, with its log",
    RESPOND: "**the registry**, from request to response",
}


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked for again and again, of which backend."""

    title: str
    backend: str
    events: list[Event]
    before: list[Event]
    calls: int
    status: int


def tasks() -> Mapping[str, Task]:
    """Return what is measured."""
    there = registrations(LISTED)
    return {
        "register-in-memory": Task("register, in memory", "memory", registrations(3000), [], 3000, 201),
        "list-in-memory": Task(f"list {LISTED}, in memory", "memory", listing(), there, 500, 200),
        "register": Task("register, through the SDK", "aws", registrations(1), [], 300, 201),
        "list": Task(f"list {LISTED}, through the SDK", "aws", listing(), [], 150, 200),
    }


def measure(stub: Stub, packages: Mapping[str, Path], rounds: int) -> list[Table]:
    """Return what a call costs each of the contestants that have a package."""
    return [_measured(stub, packages, name, task, rounds) for name, task in tasks().items()]


def job_of(contestant: str, packages: Mapping[str, Path], task: Task) -> Job:
    """Return the job of a contestant, or of a part of ours, at a task."""
    ours = contestant == RESPOND
    return Job(
        OURS if ours else contestant,
        packages[OURS if ours else contestant],
        task.events,
        before=task.before,
        calls=task.calls,
        status=task.status,
        backend=task.backend,
        handler="benchmarks.respond.handler" if ours else "",
    )


def _measured(stub: Stub, packages: Mapping[str, Path], name: str, task: Task, rounds: int) -> Table:
    there = [each for each in NAMES if (OURS if each == RESPOND else each) in packages]
    if task.backend == "memory":
        there = [each for each in there if each != "boto3"]  # its storage is the resource
    measured = stub.interleaved({each: job_of(each, packages, task) for each in there}, rounds)
    return Table(name, f"Warm: {task.title}", [_row(each, measured) for each in there])


def _row(name: str, measured: Mapping[str, list[Measured]]) -> Row:
    figures = {
        "CPU, µs": middle(measured[name], "call") * 1000,
        "× floor": ratio(measured[name], measured["floor"], "call"),
    }
    return Row(name, NAMES[name], figures)
