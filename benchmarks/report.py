"""Tables of figures, for people in docs/performance.md and for programs in benchmarks/results.json."""

import json
import os
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

_HUNDRED: Final = 100


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured of one thing: its name for programs, its label for people, its figures by their columns."""

    name: str
    label: str
    figures: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with the same columns, under a title. What the reader must know stands before it, as Markdown."""

    name: str
    title: str
    rows: Sequence[Row]
    about: str = ""

    def as_markdown(self) -> str:
        """Return the table as a section of a page."""
        columns = list(self.rows[0].figures)
        lines = [f"| | {' | '.join(columns)} |", f"|---|{'---:|' * len(columns)}"]
        lines += [f"| {row.label} | {' | '.join(map(shown, row.figures.values()))} |" for row in self.rows]
        about = f"{self.about}\n\n" if self.about else ""
        return f"## {self.title}\n\n{about}" + "\n".join(lines) + "\n"


def shown(figure: float) -> str:
    """Return a figure with as many digits as it deserves."""
    return f"{figure:,.0f}" if figure >= _HUNDRED else f"{figure:#.3g}".rstrip(".")


def machine() -> str:
    """Return what the figures depend on, without a word on whose machine it was."""
    return (
        f"CPython {platform.python_version()} on {platform.system()}, {platform.machine()}, {os.cpu_count()} processors"
    )


def write(tables: Sequence[Table], page: Path, results: Path, introduction: str) -> None:
    """Replace these tables in the page and in the results, add those that are missing, and keep all others."""
    today = datetime.now(UTC).date().isoformat()
    kept = json.loads(results.read_text())["tables"] if results.exists() else {}
    figures = kept | {table.name: {row.name: dict(row.figures) for row in table.rows} for table in tables}
    results.write_text(json.dumps({"date": today, "machine": machine(), "tables": figures}, indent=1) + "\n")
    sections = page.read_text().split("\n## ")[1:] if page.exists() else []
    by_title = {section.partition("\n")[0]: f"## {section.strip()}\n" for section in sections}
    by_title |= {table.title: table.as_markdown() for table in tables}
    text = "\n".join(by_title.values())
    page.write_text(f"{introduction}\nMeasured on {today}, with {machine()}.\n\n{text}", encoding="utf-8")
