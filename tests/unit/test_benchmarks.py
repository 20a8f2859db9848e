"""What the benchmarks make of what they measure."""

import json
from pathlib import Path
from typing import Final
from xml.etree import ElementTree as ET

import pytest

from benchmarks.__main__ import RESULTS, WORSE_AT_MOST, worsened
from benchmarks.cold import ECONOMIES, NAMES
from benchmarks.growth import drawing
from benchmarks.instructions import QUICK
from benchmarks.packages import OURS
from benchmarks.report import Row, Table, shown, write
from benchmarks.runs import middle, ratio
from benchmarks.undone import REPACKED, UNDOING

KEPT: Final = {"cold": {"floor": {"× floor": 1.0}, "vehicles": {"CPU, ms": 200.0, "× floor": 2.0}}}


def tables(floor: float, ours: float) -> list[Table]:
    rows = [
        Row("floor", "the floor", {"× floor": floor}),
        Row("vehicles", "ours", {"CPU, ms": 900.0, "× floor": ours}),
    ]
    return [Table("cold", "Cold start", rows)]


def test_much_worse_ratio_is_told() -> None:
    worse = 2.0 * WORSE_AT_MOST + 0.1
    assert worsened(tables(1.0, worse), KEPT, WORSE_AT_MOST) == [
        f"Cold start: ours: × floor is {worse:.2f}, and was 2.00"
    ]


def test_noise_is_no_fault() -> None:
    """Nor is a slower machine, on which every time is longer."""
    assert worsened(tables(1.0, 2.0 * WORSE_AT_MOST - 0.1), KEPT, WORSE_AT_MOST) == []


def test_ratio_is_taken_within_a_round() -> None:
    ours, floor = [{"cold": 30.0}, {"cold": 300.0}, {"cold": 31.0}], [{"cold": 10.0}, {"cold": 100.0}, {"cold": 10.0}]
    assert (middle(ours, "cold"), ratio(ours, floor, "cold")) == (31.0, 3.0)


@pytest.mark.parametrize(
    ("figure", "text"), ((0.0321, "0.0321"), (1.0, "1.00"), (24.04, "24.0"), (100.4, "100"), (1205.6, "1,206"))
)
def test_figure_has_three_digits(figure: float, text: str) -> None:
    assert shown(figure) == text


def test_page_holds_what_was_measured(tmp_path: Path) -> None:
    write(tables(1.0, 2.5), tmp_path / "page.md", tmp_path / "results.json", "# Performance\n")
    page = (tmp_path / "page.md").read_text()
    results = json.loads((tmp_path / "results.json").read_text())
    assert "| ours | 900 | 2.50 |" in page
    assert results["tables"]["cold"]["vehicles"] == {"CPU, ms": 900.0, "× floor": 2.5}


def test_drawing_tells_every_figure() -> None:
    figures = {"page, µs": 310.0, "registration, µs": 42.0, "vehicle, µs": 1.9}
    drawn = drawing([Row("1000", "1,000", figures), Row("1000000", "1,000,000", {**figures, "page, µs": 333.0})])
    told = ET.fromstring(drawn).findtext("{http://www.w3.org/2000/svg}desc")  # noqa: S314 — our own
    assert told == (
        "page, µs: 310 at 1k, 333 at 1M; registration, µs: 42.0 at 1k, 42.0 at 1M; vehicle, µs: 1.90 at 1k, 1.90 at 1M."
    )


def test_every_economy_can_be_undone() -> None:
    assert set(ECONOMIES) == set(UNDOING) | set(REPACKED)


def test_kept_results_are_of_all_contestants() -> None:
    kept = json.loads(RESULTS.read_text())["tables"]
    assert set(NAMES) <= set(kept["cold"])
    assert set(ECONOMIES) == set(kept["economies"])


def test_quick_counts_have_kept_ones() -> None:
    kept = json.loads(RESULTS.read_text())["tables"]
    for task, contestants in QUICK.items():
        assert {"floor", *contestants} <= set(kept[f"instructions-{task}"])
    assert {"floor", OURS} <= set(kept["instructions-cold"])
