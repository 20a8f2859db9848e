"""Every metric filter of the template finds what it counts in lines that the functions really log."""

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from tests.support.functions_anew import container_of, functions_anew
from tests.support.http_client import REQUEST_ID, FailingRepository, Invocation, event_of, truck
from tests.support.stack_template import Stack, translation
from vehicles.domain.errors import StorageUnavailable
from vehicles.entrypoints import lambdas
from vehicles.entrypoints.http.messages import Request
from vehicles.testing.vehicle_repository import stored

FILTER: Final = "AWS::Logs::MetricFilter"
FILTERS: Final = {
    "VehiclesFilter",
    "SummaryDurationFilter",
    "SummaryAgeFilter",
    "RegistrationsFilter",
    "UnavailableFilter",
}
TERM: Final = re.compile(r"\$\.(\w+) (?:= (\"[^\"]*\"|\d+|\*)|IS TRUE)")
"""Of the filter patterns of CloudWatch Logs, what the template uses: fields that equal, exist or are true, and &&."""

type Line = Mapping[str, Any]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> list[Line]:
    """Return what the functions log of a registration, a failure, a summary and its age."""
    registration = Request(
        "POST", "/vehicle", "", {"content-type": "application/json"}, json.dumps(truck()).encode(), REQUEST_ID
    )
    with functions_anew(VEHICLES_BACKEND="memory"):
        lambdas.api(event_of(registration), Invocation())
        container_of(batch=True).repository().add(stored(registered_at=datetime(2020, 1, 6, tzinfo=UTC)))
        lambdas.summary({"week": "last"}, Invocation())
        lambdas.summary({"check": "age"}, Invocation())
    with functions_anew(VEHICLES_BACKEND="memory"):
        container_of(batch=False).repository.override(FailingRepository(StorageUnavailable("away")))
        lambdas.api(event_of(Request("GET", "/vehicles")), Invocation())
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def matches(pattern: str, line: Line) -> bool:
    """Tell whether a filter pattern fits a line."""
    return all(_fits(line.get(field), value) for field, value in TERM.findall(pattern))


def _fits(found: object, value: str) -> bool:
    match value:
        case "":
            return found is True
        case "*":
            return found is not None
        case _:
            return bool(found == json.loads(value))


def filters() -> dict[str, dict[str, Any]]:
    """Return the metric filters of the template by their names."""
    found = Stack(translation()).of_type(FILTER)
    assert found.keys() == FILTERS
    return found


def test_patterns_are_all_understood() -> None:
    for each in filters().values():
        assert re.sub(r"[{}()\s]|&&", "", TERM.sub("", each["FilterPattern"])) == ""


def test_patterns_name_the_field_they_tell() -> None:
    """CloudWatch Logs reads only fields that the pattern names, and gives no value for others."""
    for each in filters().values():
        (metric,) = each["MetricTransformations"]
        if metric["MetricValue"].startswith("$."):
            assert f"({metric['MetricValue']} = *)" in each["FilterPattern"]


def test_every_filter_finds_one_line(lines: list[Line]) -> None:
    found = {name: sum(matches(each["FilterPattern"], line) for line in lines) for name, each in filters().items()}
    assert found == dict.fromkeys(filters(), 1)


def test_every_filter_finds_a_number(lines: list[Line]) -> None:
    for each in filters().values():
        (line,) = (line for line in lines if matches(each["FilterPattern"], line))
        (metric,) = each["MetricTransformations"]
        name = metric["MetricValue"].removeprefix("$.")
        assert isinstance(line[name] if metric["MetricValue"].startswith("$.") else float(name), int | float)
