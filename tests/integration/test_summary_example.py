"""The example in docs: made by the code that there is, and a picture that a page can afford."""

import runpy
from pathlib import Path

import pytest

from vehicles.domain.summary.report import ReportFormat

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "example"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def example() -> dict[ReportFormat, bytes]:
    made = runpy.run_path(str(ROOT / "scripts" / "summary_example.py"))["example"]()
    assert isinstance(made, dict)
    return made


@pytest.mark.parametrize("report_format", ReportFormat)
def test_example_is_current(example: dict[ReportFormat, bytes], report_format: ReportFormat) -> None:
    assert (FOLDER / f"summary.{report_format}").read_bytes() == example[report_format]


def test_picture_is_small() -> None:
    picture = (FOLDER / "summary.png").read_bytes()
    assert (picture[: len(PNG)], len(picture) < 300_000) == (PNG, True)
