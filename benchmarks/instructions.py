"""Instructions instead of seconds, by Valgrind: the same on a busy machine as on an idle one, so a small loss shows.

An instruction is no measure of time: waiting for memory, for the kernel and for the disk counts for nothing.
"""

import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from benchmarks import cold, warm
from benchmarks.packages import OURS
from benchmarks.report import Row, Table
from benchmarks.runs import Job, Stub, registrations
from benchmarks.warm import RESPOND, job_of, tasks

CALLS: Final = {"register-in-memory": 400, "list-in-memory": 100, "register": 60, "list": 40}
"""How many more calls than one are counted of each task; what one takes is the difference by their number."""

QUICK: Final = {"register-in-memory": (RESPOND,), "list-in-memory": (RESPOND,), "list": (OURS,)}
"""What is counted beside the floor, of each task, where it has to be quick."""

MILLION: Final = 1_000_000
ABOUT: Final = (
    "By `valgrind --tool=callgrind`, in millions. They are counted and not timed, so that they are the same each time; "
    "`make bench-quick` compares them with those of the page."
)


def can_count() -> bool:
    """Tell whether Valgrind is installed."""
    return shutil.which("valgrind") is not None


def measure(stub: Stub, packages: Mapping[str, Path], *, quick: bool = False) -> list[Table]:
    """Return the instructions of a cold start of each contestant, and of the calls of the registry and of the floor."""
    starts = {name: Job(name, package, registrations(1)) for name, package in packages.items()}
    tables = [Table("instructions-cold", "Instructions: cold start", _rows(cold.NAMES, stub.count(starts)), ABOUT)]
    for name, task in tasks().items():
        if quick and name not in QUICK:
            continue
        counted = ("floor", *(QUICK[name] if quick else (OURS, RESPOND)))
        first = {each: replace(job_of(each, packages, task), calls=1) for each in counted}
        more = {each: replace(job, calls=1 + CALLS[name]) for each, job in first.items()}
        once, often = stub.count(first), stub.count(more)
        calls = {each: (often[each] - once[each]) / CALLS[name] for each in first}
        tables.append(Table(f"instructions-{name}", f"Instructions: {task.title}", _rows(warm.NAMES, calls)))
    return tables


def _rows(labels: Mapping[str, str], counts: Mapping[str, float]) -> list[Row]:
    return [
        Row(name, labels[name], {"instructions": count / MILLION, "× floor": count / counts["floor"]})
        for name, count in counts.items()
    ]
