"""The page of costs is what the script says, the script's arithmetic is right, and its assumptions are the code's."""

import runpy
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from vehicles.adapters.aws.dynamodb import MAX_ITEMS_READ, MAX_REQUESTS
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.container import new_version
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def costs() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "scripts" / "costs.py"))


def test_costs_page_is_current(costs: dict[str, Any]) -> None:
    assert (ROOT / "docs" / "costs.md").read_text(encoding="utf-8") == costs["page"]()


def test_registrations_cost_their_parts(costs: dict[str, Any]) -> None:
    # A million: API 1.00, calls 0.20, 10,000 GB-seconds 0.133334, 0.6 GB of logs 0.30, three million write units 1.875.
    assert costs["request_cost"]({"write": 3}) == Fraction("3.508334")


def test_storage_costs_its_parts(costs: dict[str, Any]) -> None:
    # A million: 0.218 GB in the table and in the index at 0.25, and in the backup at 0.20.
    assert costs["storage_cost"](1_000_000) == Fraction("0.1526")


def test_summary_costs_its_parts(costs: dict[str, Any]) -> None:
    # A million: 28,809 read units, one call, 10 GB-seconds, six writes and eight reads of S3.
    expected = 28_809 * Fraction("0.125") / 1_000_000 + Fraction("0.0000002") + Fraction("0.000133334")
    assert costs["summary_cost"](1_000_000) == expected + Fraction("0.00003") + Fraction("0.0000032")


def test_heaviest_item_weighs_as_assumed(costs: dict[str, Any]) -> None:
    vehicle = Vehicle(Vin.of("WMAH05ZZ04M012345"), 99, max(FuelType, key=len), datetime(2026, 11, 24, tzinfo=UTC))
    item = item_of(StoredVehicle(vehicle, Version(new_version())))
    texts = sum(len(name) + len(value["S"]) for name, value in item.items() if "S" in value)
    # A number weighs a byte for two digits, and one more.
    assert texts + len("noOfAxles") + 2 == costs["ITEM_BYTES"]


def test_dearest_list_reads_as_assumed(costs: dict[str, Any]) -> None:
    assert costs["MAX_VEHICLES_READ"] == MAX_ITEMS_READ * MAX_REQUESTS


def test_watching_is_counted_right(costs: dict[str, Any]) -> None:
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    counted = (template.count("Type: AWS::CloudWatch::Alarm"), template.count("- MetricNamespace: "))
    assert counted == (costs["ALARMS"], costs["METRICS"])


@pytest.mark.parametrize(
    ("amount", "expected"),
    ((Fraction(3, 2), "$1.50"), (Fraction(1234), "$1,234.00"), (Fraction(1, 263), "$0.0038")),
)
def test_dollars_are_readable(costs: dict[str, Any], amount: Fraction, expected: str) -> None:
    assert costs["dollars"](amount) == expected
