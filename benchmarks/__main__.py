"""Measure everything: `python -m benchmarks`, or with `quick` as its argument the registry and the floor only.

The whole writes docs/performance.md and benchmarks/results.json. The quick one compares with these results, and fails
where a ratio to the floor is worse by more than WORSE_AT_MOST: machines differ and are disturbed, so it is generous.
"""

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Final

from benchmarks import cold, warm
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
WORSE_AT_MOST: Final = 1.3

type Results = Mapping[str, Mapping[str, Mapping[str, float]]]
"""Figures by the names of tables, rows and columns."""


def main() -> None:
    """Run the benchmarks, and write or compare what they measured."""
    is_quick = sys.argv[1:] == ["quick"]
    packages = {name: build(name) for name in (("floor", OURS) if is_quick else HANDLERS)}
    with Stub.running() as stub:
        tables = cold.contestants(stub, packages, QUICK_ROUNDS if is_quick else COLD_ROUNDS)
        tables += warm.measure(stub, packages, QUICK_ROUNDS if is_quick else WARM_ROUNDS)
        if not is_quick:
            tables += cold.economies(stub, packages, COLD_ROUNDS)
    if not is_quick:
        write(tables, PAGE, RESULTS, INTRODUCTION)
        return
    for table in tables:
        sys.stdout.write(f"{table.as_markdown()}\n")
    if worse := worsened(tables, json.loads(RESULTS.read_text())["tables"]):
        sys.exit("\n".join(worse))


def worsened(tables: Sequence[Table], kept: Results) -> list[str]:
    """Return a line for each ratio of the registry's that is worse than the one that is kept allows."""
    return [
        f"{table.title}: {row.label}: {column} is {figure:.2f}, and was {there:.2f}"
        for table in tables
        for row in table.rows
        if row.name != "floor"
        for column, figure in row.figures.items()
        if "×" in column and figure > (there := kept[table.name][row.name][column]) * WORSE_AT_MOST
    ]


if __name__ == "__main__":
    main()
