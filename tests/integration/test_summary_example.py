"""The example in docs: made by the code that there is, and a picture that a page can afford."""

import runpy
from pathlib import Path

import pytest

from vehicles.domain.summary.report_manifest import ReportForm

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "example"
PNG = b"\x89PNG\r\n\x1a\n"


@pytest.fixture(scope="module")
def forms() -> dict[ReportForm, bytes]:
    made = runpy.run_path(str(ROOT / "scripts" / "summary_example.py"))["forms"]()
    assert isinstance(made, dict)
    return made


@pytest.mark.parametrize("form", ReportForm)
def test_example_is_current(forms: dict[ReportForm, bytes], form: ReportForm) -> None:
    assert (FOLDER / f"summary.{form}").read_bytes() == forms[form]


def test_picture_is_small() -> None:
    picture = (FOLDER / "summary.png").read_bytes()
    assert (picture[: len(PNG)], len(picture) < 300_000) == (PNG, True)
