"""What a page, a registration and a vehicle that is summarized cost as the fleet grows: `python -m benchmarks.growth`.

On SQLite in a real file, from a thousand vehicles to a million, which docs/growth.svg shows; and on a table that
answers in DynamoDB's place at once, where what may not grow is the number of requests and of units.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import batched, count, cycle
from pathlib import Path
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from benchmarks.fleet import vehicle
from benchmarks.packages import ROOT
from benchmarks.report import Row, Table, shown
from benchmarks.summary import stub
from tests.support.emulator import aws_settings
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository, make_dynamodb_client
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.adapters.memory import InMemoryReportStore
from vehicles.adapters.report_formats.charts import short
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.container import map_concurrently, new_version, utc_now
from vehicles.domain.registry import DEFAULT_PAGE_SIZE, Registry
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, VehicleRepository, Version

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
NOW: Final = datetime(2026, 11, 24, tzinfo=UTC)
WEEK: Final = IsoWeek(2026, 47)
ROUNDS: Final = 7
CALLS: Final = 100
"""Of a round: so many registrations that each round brings the log into the file at least once."""
READ_UNIT: Final = 4096
MAKERS: Final = ("WMA", "YV2", "VF6", "YS2")
DICE: Final = random.Random(47)  # noqa: S311 — the same places each time
DRAWING: Final = ROOT / "docs" / "growth.svg"
ABOUT: Final = """![Three flat lines: a page, a registration and a summarized vehicle](growth.svg)

A page begins anywhere in the fleet; a VIN that is registered belongs anywhere in it, and is on the disk then.
A summarized vehicle is read and counted.
From 100,000 on the file is larger than SQLite's own cache, which a page may notice a little.
The sizes took turns; the processor's times are those of the best of the rounds, the others those of the median one.
Times that are not the processor's wait for the disk, and for what else the machine does."""
ABOUT_DYNAMODB: Final = """Each request costs the same on a table of any size, so what has to be flat is their number.
It was counted at a table that answers at once, and holds no fewer than 10,000 vehicles."""
_AT_ONCE: Final = 10_000


@dataclass(frozen=True, slots=True)
class Cost:
    """Microseconds: of the processor, and in all."""

    cpu: float
    wall: float


def measure() -> list[Table]:
    """Return what the three cost at each size, and draw it; in a few minutes, most of which a million rows take."""
    rows = _on_sqlite()
    DRAWING.write_text(drawing(rows), encoding="utf-8")
    return [
        Table("growth", "As the fleet grows, on SQLite", rows, ABOUT),
        Table(
            "growth-dynamodb",
            "As the fleet grows, on DynamoDB",
            [_on_dynamodb(size) for size in SIZES[1:]],
            ABOUT_DYNAMODB,
        ),
    ]


def _on_sqlite() -> list[Row]:
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        opened = [stack.enter_context(SQLiteVehicleRepository(Path(folder) / f"{size}.sqlite3")) for size in SIZES]
        for size, repository in zip(SIZES, opened, strict=True):
            for some in batched(map(vehicle, range(size)), _AT_ONCE, strict=False):
                repository.add_many(some)
        pages = _cheapest([_paging(repository, size) for size, repository in zip(SIZES, opened, strict=True)], 25, 40)
        registrations = _cheapest([_registering(repository) for repository in opened], CALLS, ROUNDS)
        summaries = _cheapest([partial(_count, repository) for repository in opened], 1, 3)
    return [_row(*each) for each in zip(SIZES, pages, registrations, summaries, strict=True)]


def _row(size: int, page: Cost, registration: Cost, summary: Cost) -> Row:
    figures = {
        f"page of {DEFAULT_PAGE_SIZE}, CPU µs": page.cpu,
        "registration, CPU µs": registration.cpu,
        "summarized vehicle, CPU µs": summary.cpu / size,
        f"page of {DEFAULT_PAGE_SIZE}, µs": page.wall,
        "registration, µs": registration.wall,
        "summarized vehicle, µs": summary.wall / size,
    }
    return Row(str(size), f"{size:,} vehicles", figures)


def _paging(repository: VehicleRepository, size: int) -> Callable[[], object]:
    registry = Registry(repository, utc_now, new_version)
    places = cycle([vehicle(DICE.randrange(size)).vehicle.vin for _ in range(1000)])
    return lambda: registry.list(limit=DEFAULT_PAGE_SIZE, after=next(places))


def _registering(repository: VehicleRepository) -> Callable[[], object]:
    registry = Registry(repository, utc_now, new_version)
    vins = iter(_unseen())
    return lambda: registry.register(next(vins), 3, FuelType.DIESEL)


def _unseen() -> list[Vin]:
    """Return VINs that no vehicle of the fleet has, in no order and at any place of it."""
    return [Vin.of(f"{DICE.choice(MAKERS)}H0{DICE.randrange(10**12):012d}") for _ in range(ROUNDS * CALLS)]


def _count(repository: VehicleRepository) -> None:
    """Count a fleet and save its report."""
    WeeklySummaries(repository, InMemoryReportStore(), lambda: NOW, ZoneInfo("UTC"), map_concurrently).summarize(WEEK)


def _on_dynamodb(size: int) -> Row:
    sent: list[int] = []
    with stub(size) as address, aws_settings(address):
        client = make_dynamodb_client(batch=True)
        client.meta.events.register("before-send.dynamodb", lambda **_: sent.append(1))
        repository = DynamoDBVehicleRepository(client, "table")
        registry = Registry(repository, utc_now, new_version)

        def requests(call: Callable[[], object]) -> int:
            sent.clear()
            call()
            return len(sent)

        page = registry.list()
        units = -(-sum(_weight(each) for each in page.vehicles) // READ_UNIT)
        vins = iter(_unseen())
        figures = {
            f"page of {DEFAULT_PAGE_SIZE}, requests": requests(lambda: registry.list(after=page.next)),
            f"page of {DEFAULT_PAGE_SIZE}, read units": units,
            "registration, requests": requests(lambda: registry.register(next(vins), 3, FuelType.DIESEL)),
            "10,000 summarized, requests": requests(partial(_count, repository)) / size * 10_000,
            "summarized vehicle, CPU µs": _cheapest([partial(_count, repository)], 1, 2)[0].cpu / size,
        }
    return Row(str(size), f"{size:,} vehicles", figures)


def _weight(each: Vehicle) -> int:
    """Return the bytes of an item as DynamoDB weighs them: its names and values."""
    item = item_of(StoredVehicle(each, Version(new_version())))
    return sum(len(name) + len(str(next(iter(value.values())))) for name, value in item.items())


def drawing(rows: Sequence[Row]) -> str:
    """Return three panels side by side, each a line over the sizes on a logarithmic scale, as SVG."""
    names = list(rows[0].figures)[:3]
    panels = [_panel(place, name, [(row.name, row.figures[name]) for row in rows]) for place, name in enumerate(names)]
    told = "; ".join(
        f"{name}: {', '.join(f'{shown(row.figures[name])} at {short(int(row.name))}' for row in rows)}"
        for name in names
    )
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 240" role="img" aria-labelledby="title told">
<title id="title">What a page, a registration and a summarized vehicle cost as the fleet grows</title>
<desc id="told">{told}.</desc>
<style>
text {{ font: 12px sans-serif; fill: #57606a }}
line {{ stroke: #8c959f; stroke-opacity: .4 }}
polyline {{ fill: none; stroke: #0969da; stroke-width: 2.5; stroke-linejoin: round }}
circle {{ fill: #0969da }}
@media (prefers-color-scheme: dark) {{
text {{ fill: #9198a1 }} polyline {{ stroke: #4493f8 }} circle {{ fill: #4493f8 }}
}}
</style>
{"".join(panels)}</svg>
"""


def _panel(place: int, name: str, points: Sequence[tuple[str, float]]) -> str:
    highest = max(figure for _, figure in points)
    top = next(step for step in _steps() if step >= highest * 1.2)
    left, width, low, high = 46 + place * 240, 176, 200, 40

    def y(figure: float) -> float:
        return round(low - figure / top * (low - high), 1)

    spots = [
        (left + round(width * number / (len(points) - 1), 1), y(figure), label)
        for number, (label, figure) in enumerate(points)
    ]
    scale = "".join(
        f'<line x1="{left - 6}" x2="{left + width + 6}" y1="{y(tick)}" y2="{y(tick)}"/>'
        f'<text x="{left - 10}" y="{y(tick) + 4}" text-anchor="end">{tick:g}</text>'
        for tick in (0, top / 2, top)
    )
    line = f'<polyline points="{" ".join(f"{x},{height}" for x, height, _ in spots)}"/>'
    dots = "".join(
        f'<circle cx="{x}" cy="{height}" r="3.5"/><text x="{x}" y="220" text-anchor="middle">{short(int(label))}</text>'
        for x, height, label in spots
    )
    return f'<g><text x="{left - 6}" y="20">{name}</text>{scale}{line}{dots}</g>\n'


def _steps() -> Iterator[float]:
    """Return ends of a scale, the halves of which are short numbers too."""
    return (factor * 10.0**power for power in count(-3) for factor in (1, 2, 4, 6, 8))


def _cheapest(tasks: Sequence[Callable[[], object]], calls: int, rounds: int) -> list[Cost]:
    """Return what a call of each task costs: of the processor in the best of some rounds, in all in the median one.

    The tasks take turns, so that what disturbs the machine disturbs all of them.
    """
    measured: list[list[Cost]] = [[] for _ in tasks]
    for _ in range(rounds):
        for task, costs in zip(tasks, measured, strict=True):
            cpu, wall = time.process_time(), time.perf_counter()
            for _ in range(calls):
                task()
            cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
            costs.append(Cost(cpu / calls * 1e6, wall / calls * 1e6))
    return [Cost(min(it.cpu for it in costs), median(it.wall for it in costs)) for costs in measured]


def main() -> None:
    """Measure, draw, and print the table."""
    for table in measure():
        sys.stdout.write(f"{table.as_markdown()}\n")


if __name__ == "__main__":
    main()
