"""The example in docs: made by the code that there is, and a picture that a page can afford."""

import runpy
from pathlib import Path

from vehicles.domain.summary.report import ReportFormat

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "example"
PNG = b"\x89PNG\r\n\x1a\n"


def test_example_is_current() -> None:
    example = runpy.run_path(str(ROOT / "scripts" / "summary_example.py"))["example"]()
    assert {each: (FOLDER / f"summary.{each}").read_bytes() for each in ReportFormat} == example


def test_picture_is_small() -> None:
    picture = (FOLDER / "summary.png").read_bytes()
    assert (picture[: len(PNG)], len(picture) < 300_000) == (PNG, True)
