"""The published schema of summary.json."""

import json
import runpy
from datetime import UTC
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given

from tests.unit.report_formats.test_page import reports
from vehicles.adapters.report_formats.summary_json import render_json
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import Vehicle

ROOT = Path(__file__).parents[3]
PUBLISHED = (ROOT / "docs" / "summary.schema.json").read_text(encoding="utf-8")
SCHEMA = jsonschema_rs.Draft202012Validator(json.loads(PUBLISHED))
WEEK = IsoWeek(2026, 47)


def document(fleet: list[Vehicle]) -> Any:  # noqa: ANN401 — JSON
    report = WeeklyReport.of(Summary.of(WEEK, UTC, fleet), complete=True, earlier=None)
    return json.loads(render_json(report))


def test_published_schema_is_current() -> None:
    assert runpy.run_path(str(ROOT / "scripts" / "summary_schema.py"))["schema"]() == PUBLISHED


@given(reports())
def test_any_report_fits_schema(report: WeeklyReport) -> None:
    assert [error.message for error in SCHEMA.iter_errors(json.loads(render_json(report)))] == []


@pytest.mark.parametrize(
    ("field", "value"),
    (
        ("total", -1),
        ("total", "5"),
        ("week", "47/2026"),
        ("complete", None),
        ("byFuelType", []),
        ("registeredByWeek", []),
        ("history", []),
        ("byNoOfAxles", [{"noOfAxles": 0, "vehicles": 1}]),
        ("byManufacturer", [{"wmi": "WMAH05ZZ04M012345", "name": None, "country": None, "vehicles": 1}]),
        ("vin", "WMAH05ZZ04M012345"),
    ),
)
def test_other_documents_do_not_fit(field: str, value: object) -> None:
    assert not SCHEMA.is_valid({**document([]), field: value})


@pytest.mark.parametrize("field", sorted(document([])))
def test_every_field_is_required(field: str) -> None:
    assert not SCHEMA.is_valid({name: value for name, value in document([]).items() if name != field})
