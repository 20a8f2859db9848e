"""What reading a VIN costs, beside vininfo, in one process and in turns."""

import sys
from collections.abc import Callable, Mapping
from importlib import import_module
from statistics import median
from time import process_time
from typing import Any, Final

from benchmarks.packages import OURS, ROOT
from benchmarks.report import Row, Table
from vehicles.domain.vin.number import Vin

RIVAL: Final = "vininfo"
NAMES: Final = {RIVAL: "vininfo", OURS: "**the registry**"}
VINS: Final = ("1M8GDM9AXKP042788", "5YJSA1E12HF185226", "1FTEW1EP8KFB12349", "LGXCE6CB2M0123452", "4V4NC9EH2LN212345")
"""VINs of which a law demands the check digit, so that nobody is spared it."""
ROUNDS: Final = 15
TIMES: Final = 2000


def tasks() -> Mapping[str, Mapping[str, Callable[[], object]]]:
    """Return what is measured, by the contestants."""
    sys.path.extend(map(str, (ROOT / ".venv-bench-vininfo" / "lib").glob("python3*/site-packages")))
    theirs: Any = import_module("vininfo").Vin
    ours, others = [*map(Vin.parse, VINS)], [*map(theirs, VINS)]

    def read(text: str) -> object:
        vin = theirs(text)
        return vin.verify_checksum() and vin.country

    return {
        "read, digit checked, country found": {
            RIVAL: lambda: [read(text) for text in VINS],
            OURS: lambda: [Vin.parse(text).country for text in VINS],
        },
        "digit checked only": {
            RIVAL: lambda: [vin.verify_checksum() for vin in others],
            OURS: lambda: [vin.check_digit_matches for vin in ours],
        },
    }


def measure() -> list[Table]:
    """Return what a VIN costs."""
    spent: dict[tuple[str, str], list[float]] = {}
    for _ in range(ROUNDS):
        for task, contestants in tasks().items():
            for name, call in contestants.items():
                spent.setdefault((task, name), []).append(_nanoseconds(call))
    rows = [Row(name, NAMES[name], _figures(name, spent)) for name in NAMES]
    return [Table("vin", "A VIN", rows, "Nanoseconds of the processor's for one VIN; × is how many times vininfo's.")]


def _figures(name: str, spent: Mapping[tuple[str, str], list[float]]) -> Mapping[str, float]:
    figures: dict[str, float] = {}
    for task in dict.fromkeys(task for task, _ in spent):
        figures[f"{task}, ns"] = median(spent[task, name])
        ratios = [a / b for a, b in zip(spent[task, name], spent[task, RIVAL], strict=True)]
        figures[f"{task}, × vininfo"] = median(ratios)
    return figures


def _nanoseconds(call: Callable[[], object]) -> float:
    start = process_time()
    for _ in range(TIMES):
        call()
    return (process_time() - start) / (TIMES * len(VINS)) * 1e9


if __name__ == "__main__":
    for table in measure():
        sys.stdout.write(table.as_markdown())
