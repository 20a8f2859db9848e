"""Measure everything: `python -m benchmarks`, or a part of it: `instructions`, or `quick`.

The whole writes docs/performance.md and benchmarks/results.json; `instructions` replaces only the tables of
instructions in them. `quick` measures the registry and the floor only, compares them with these results, and fails
where a ratio to the floor has become worse: of instructions by more than MORE_AT_MOST, which another build of Python
may explain, but no noise. Where nothing counts them it is the processor's time, by more than WORSE_AT_MOST and each
time of several, for a machine that others disturb slows Python down more than it slows the floor, which is mostly C.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks import cold, growth, instructions, server, vin, warm
from benchmarks.packages import HANDLERS, OURS, ROOT, build
from benchmarks.report import Table, write
from benchmarks.runs import Stub

INTRODUCTION: Final = """# Performance

What the registry costs, beside what people would use instead, measured by `make bench`.
Each figure is the median of interleaved runs, each in a process of its own.
A stub on loopback answers in DynamoDB's place, over TLS and at once, so what is left is our side.
Times are the processor's.
The ratios, which are taken within a round, mean something on any machine; the times only on one like this.
The contestants are in `benchmarks/contestants`: the same API, as small as an honest version gets.
They register without the transaction by which the registry tells a lost reply from a taken VIN, and without its log.
Why the registry starts as it does: [the cold start](decisions/2026-11-cold-start.md).
"""
PAGE: Final = ROOT / "docs" / "performance.md"
RESULTS: Final = ROOT / "benchmarks" / "results.json"
COLD_ROUNDS: Final = 15
WARM_ROUNDS: Final = 7
QUICK_ROUNDS: Final = 5
MORE_AT_MOST: Final = 1.15
WORSE_AT_MOST: Final = 1.5
MOST_TRIES: Final = 3

type Results = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Figures by the names of tables, rows and columns."""


def main() -> None:
    """Run the benchmarks, and write or compare what they measured."""
    if sys.argv[1:] == ["quick"]:
        compare()
        return
    packages = {name: build(name) for name in HANDLERS}
    if sys.argv[1:] == ["instructions"]:
        with Stub.running() as stub:
            write(instructions.measure(stub, packages), PAGE, RESULTS, INTRODUCTION)
        return
    PAGE.unlink(missing_ok=True)
    RESULTS.unlink(missing_ok=True)
    with Stub.running() as stub:
        tables = cold.contestants(stub, packages, COLD_ROUNDS)
        tables += warm.measure(stub, packages, WARM_ROUNDS)
        tables += instructions.measure(stub, packages)
        tables += cold.economies(stub, packages, COLD_ROUNDS)
    tables += server.measure() + growth.measure() + vin.measure()
    write(tables, PAGE, RESULTS, INTRODUCTION)


def compare() -> None:
    """Measure the registry and the floor, and exit with what is worse than it was, if anything is."""
    kept = json.loads(RESULTS.read_text())["tables"]
    packages = {name: build(name) for name in ("floor", OURS)}
    worse: list[str] = []
    with Stub.running() as stub:
        if instructions.can_count():
            worse = worsened(_told(instructions.measure(stub, packages, quick=True)), kept, MORE_AT_MOST)
        else:
            sys.stderr.write("Valgrind is not installed, so that times are compared; `make counter` installs it\n")
            for _ in range(MOST_TRIES):
                tables = cold.contestants(stub, packages, QUICK_ROUNDS) + warm.measure(stub, packages, QUICK_ROUNDS)
                worse = worsened(_told(tables), kept, WORSE_AT_MOST)
                if not worse:
                    break
    if worse:
        sys.exit("\n".join(worse))


def _told(tables: list[Table]) -> list[Table]:
    for table in tables:
        sys.stdout.write(f"{table.as_markdown()}\n")
    return tables


def worsened(tables: Sequence[Table], kept: Results, at_most: float) -> list[str]:
    """Return a line for each ratio of the registry's that is worse than the one that is kept allows."""
    return [
        f"{table.title}: {row.label}: {column} is {figure:.2f}, and was {there:.2f}"
        for table in tables
        for row in table.rows
        if row.name != "floor"
        for column, figure in row.figures.items()
        if "×" in column and figure > (there := kept[table.name][row.name][column]) * at_most
    ]


if __name__ == "__main__":
    main()
