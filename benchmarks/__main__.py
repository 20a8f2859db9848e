"""`python -m benchmarks [PART …]`: measure all or some parts; write docs/performance.md and benchmarks/results.json.

With `quick` instead of parts: count the instructions of the registry and of the floor, and fail if a ratio is worse
than in these results by more than TOLERANCE. Another build of Python may change it by less, and noise does not.
"""

import json
import os
import platform
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from benchmarks import browser, calls, local
from benchmarks.calls import ROOT, Rows

INTRODUCTION: Final = """# Performance

What the registry costs compared with what people would use instead, measured by `make bench`.
Runs take turns, each in a process of its own. Figures are medians; times are CPU times unless said otherwise.
A stub on loopback answers in place of DynamoDB without delay, so the figures are the cost of our side alone.
Ratios are taken within a round and hold on any machine; times hold only on one like this.
The baselines are in `benchmarks/baselines`: the same API, in the smallest version that is still honest.
They write without the transaction by which the registry tells a lost reply from a conflict, and without its log.
`floor` is `json` and botocore's client, `boto3` the same with boto3's resource.
`powertools` is Powertools' resolver with validation, logger and metrics; `fastapi` is FastAPI behind Mangum.
`vehicles` is the registry, as it is deployed.
Instructions are counted by Callgrind, in millions; `make bench-quick` compares them with those here.
The summary is compared with a plain scan: `boto3.resource`, page after page, and a count by fuel type.
The memory of a summary is the peak of the process less its peak before the first vehicle was read.
On SQLite a page begins anywhere in the fleet, and a registration is on the disk when it returns.
The figures of SQLite are those of the best round.
A view in a browser lasts until the list, the text or the first operation is shown; its times are not CPU times.
Why the registry starts as it does: [the cold start](decisions/2026-11-lambda.md#cold-start).
"""
PAGE: Final = ROOT / "docs" / "performance.md"
RESULTS: Final = ROOT / "benchmarks" / "results.json"
TOLERANCE: Final = 1.15
PARTS: Final[Mapping[str, Callable[[], Mapping[str, Rows]]]] = {
    "calls": calls.measure,
    "instructions": calls.count,
    "summary": local.summaries,
    "server": local.servers,
    "vin": local.vins,
    "growth": local.growth,
    "console": browser.console,
}


def write(tables: Mapping[str, Rows], page: Path, results: Path) -> None:
    """Put the tables into the results, in place of those with the same titles, and write the page from all of them."""
    kept: dict[str, Any] = json.loads(results.read_text()) if results.exists() else {}
    on = f"{datetime.now(UTC):%Y-%m-%d}, with CPython {platform.python_version()} on {platform.system()}"
    on += f", {platform.machine()}, {os.cpu_count()} processors"
    kept |= {title: {"measured": on, "rows": rows} for title, rows in tables.items()}
    results.write_text(json.dumps(kept, indent=1) + "\n")
    page.write_text("\n".join([INTRODUCTION, *(as_markdown(title, **each) for title, each in kept.items())]))


def as_markdown(title: str, measured: str, rows: Rows) -> str:
    """Return a table as a section of the page."""
    columns = next(iter(rows.values()))
    lines = [f"## {title}\n\nMeasured on {measured}.\n\n| | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
    lines += [f"| {label} | {' | '.join(map(shown, figures.values()))} |" for label, figures in rows.items()]
    return "\n".join(lines) + "\n"


def shown(figure: float) -> str:
    """Return a figure with three digits, or as an integer if it has more."""
    return f"{figure:,.0f}" if round(figure) >= 100 else f"{figure:#.3g}".rstrip(".")  # noqa: PLR2004 — three digits


def worsened(rows: Rows, kept: Rows) -> list[str]:
    """Return a line for each ratio that is worse than the kept one by more than TOLERANCE."""
    return [
        f"{label}: {column} is {figure:.2f}, and was {kept[label][column]:.2f}"
        for label, figures in rows.items()
        for column, figure in figures.items()
        if "×" in column and figure > kept[label][column] * TOLERANCE
    ]


def compare() -> None:
    """Print the counts of this machine, and fail if a ratio is worse than the kept one."""
    ((title, rows),) = PARTS["instructions"]().items()
    sys.stdout.write(as_markdown(title, "this machine", rows))
    if worse := worsened(rows, json.loads(RESULTS.read_text())[title]["rows"]):
        sys.exit("\n".join(worse))


if __name__ == "__main__":
    if sys.argv[1:] == ["quick"]:
        compare()
        sys.exit()
    if not sys.argv[1:]:
        RESULTS.unlink(missing_ok=True)  # drops tables that are no longer measured
    for part in sys.argv[1:] or PARTS:
        write(PARTS[part](), PAGE, RESULTS)
