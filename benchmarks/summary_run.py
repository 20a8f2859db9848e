"""One measurement: `summary_run.py sqlite|dynamodb|one-by-one|resource PLACE`; its findings are JSON on the output."""

import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import boto3

from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.memory import InMemoryReportStore
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.container import map_concurrently
from vehicles.domain.summary.service import MapPartitions, WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.vehicle_repository import VehicleRepository

NOW: Final = datetime(2026, 11, 24, tzinfo=UTC)
KIBIBYTE: Final = 1024


def summarize(repository: VehicleRepository, map_concurrently: MapPartitions) -> int:
    """Make the summary, all formats of it, and return its total."""
    summaries = WeeklySummaries(repository, InMemoryReportStore(), lambda: NOW, ZoneInfo("UTC"), map_concurrently)
    return summaries.summarize(IsoWeek(2026, 47)).report.summary.total


def scan_plainly(table: Any) -> int:  # noqa: ANN401 — boto3 makes its class when it runs
    """Count the items of a table by fuel type, as one writes it first."""
    counts: Counter[object] = Counter()
    answer = table.scan()
    while True:
        counts.update(item["fuelType"] for item in answer["Items"])
        if "LastEvaluatedKey" not in answer:
            return counts.total()
        answer = table.scan(ExclusiveStartKey=answer["LastEvaluatedKey"])


def peak() -> int:
    """Return the most bytes that the process has held so far; what its parent held is in getrusage(2) as well."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * KIBIBYTE


def main() -> None:
    """Measure."""
    kind, place = sys.argv[1:]
    match kind:
        case "sqlite":
            run = partial(summarize, SQLiteVehicleRepository(place), map)
        case "dynamodb" | "one-by-one":
            repository = DynamoDBVehicleRepository(make_dynamodb_client(batch=True), place)
            run = partial(summarize, repository, map_concurrently if kind == "dynamodb" else map)
        case _:
            run = partial(scan_plainly, boto3.resource("dynamodb").Table(place))
    before = peak()
    cpu, seconds = time.process_time(), time.perf_counter()
    total = run()
    found = {"seconds": time.perf_counter() - seconds, "cpu": time.process_time() - cpu, "total": total}
    found |= {"peak": peak(), "more": peak() - before}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
