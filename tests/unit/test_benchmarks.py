"""What the benchmarks make of what they measure."""

import json
from pathlib import Path
from typing import Final

import pytest

from benchmarks.__main__ import RESULTS, TOLERANCE, shown, worsened, write
from benchmarks.calls import COUNTED, HANDLERS, TASKS, ratio

KEPT: Final = {"the floor": {"× floor": 1.0}, "ours": {"× floor": 2.0, "CPU, ms": 200.0}}


def test_reports_ratio_that_became_worse() -> None:
    worse = 2.0 * TOLERANCE + 0.1
    rows = {"the floor": {"× floor": 1.0}, "ours": {"CPU, ms": 200.0, "× floor": worse}}
    assert worsened(rows, KEPT) == [f"ours: × floor is {worse:.2f}, and was 2.00"]


def test_allows_slower_machine() -> None:
    """There every time is longer, and the ratios are about the same."""
    rows = {"the floor": {"× floor": 1.0}, "ours": {"CPU, ms": 900.0, "× floor": 2.0 * TOLERANCE - 0.1}}
    assert worsened(rows, KEPT) == []


def test_ratio_is_taken_within_a_round() -> None:
    ours, floor = [{"cold": 30.0}, {"cold": 300.0}, {"cold": 31.0}], [{"cold": 10.0}, {"cold": 100.0}, {"cold": 10.0}]
    assert ratio(ours, floor, "cold") == 3.0


@pytest.mark.parametrize(
    ("figure", "text"),
    ((0.0321, "0.0321"), (1.0, "1.00"), (24.04, "24.0"), (100.4, "100"), (1205.6, "1,206")),
)
def test_figure_has_three_digits(figure: float, text: str) -> None:
    assert shown(figure) == text


def test_keeps_tables_that_were_not_measured_again(tmp_path: Path) -> None:
    page, results = tmp_path / "page.md", tmp_path / "results.json"
    write({"Cold start": KEPT, "A VIN": KEPT}, page, results)
    write({"A VIN": {"ours": {"ns": 7.0}}}, page, results)
    assert "| ours | 2.00 | 200 |" in page.read_text()
    assert "| ours | 7.00 |" in page.read_text()
    assert list(json.loads(results.read_text())) == ["Cold start", "A VIN"]


def test_kept_results_are_of_all_baselines() -> None:
    kept = json.loads(RESULTS.read_text())
    assert set(HANDLERS) == set(kept["Cold start"]["rows"])
    assert set(HANDLERS) == set(kept["Warm requests, through the SDK"]["rows"])


def test_quick_counts_have_kept_ones() -> None:
    kept = json.loads(RESULTS.read_text())["Instructions"]["rows"]
    for name in COUNTED:
        assert {f"{task}, × floor" for task in ("cold start", *TASKS)} <= set(kept[name])
