"""How fast a summary is made, and in how much memory: what `make bench` puts behind the rest of docs/performance.md.

Each measurement is a process of its own, so that its peak memory and its CPU time are its own.
"""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Final

from benchmarks.fleet import vehicle
from tests.integration.emulator import aws_settings, emulating, make_table
from vehicles.adapters.dynamodb_items import item_of
from vehicles.adapters.sqlite import SQLiteVehicleRepository

SIZES: Final = (10_000, 100_000, 1_000_000)
ON_EMULATOR: Final = (10_000, 30_000)
"""It is slow itself, and slower the more it holds: a million would take hours to fill."""

type Row = Mapping[str, float]


def measure(kind: str, place: str) -> Row:
    """Return what a process took that counted the fleet at a place: seconds, CPU seconds, bytes at its peak."""
    command = [sys.executable, "-m", "benchmarks.summary_run", kind, place]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ)  # noqa: S603 — our own
    found: dict[str, float] = json.loads(done.stdout)
    return found


@contextmanager
def stub(size: int) -> Iterator[str]:
    """Run the table that answers at once, and yield its address."""
    command = [sys.executable, "-m", "benchmarks.scan_stub", str(size)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 — our own
        assert process.stdout is not None  # noqa: S101 — for the type checker
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate()


def on_sqlite(size: int) -> Row:
    """Measure on a file of so many vehicles."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "registry.sqlite3"
        with SQLiteVehicleRepository(path) as repository:
            for some in batched(map(vehicle, range(size)), 10_000, strict=False):
                repository.add_many(some)
        return checked(measure("sqlite", str(path)), size)


def on_stub(size: int, kind: str) -> Row:
    """Measure on the table that answers at once."""
    with stub(size) as address, aws_settings(address):
        return checked(measure(kind, "table"), size)


def on_emulator(size: int) -> tuple[Row, Row]:
    """Measure the fold and the plain scan on an emulator of its own."""
    with emulating() as emulator, aws_settings(emulator.address):
        client = emulator.dynamodb()
        table = make_table(client)
        for some in batched(map(vehicle, range(size)), 25, strict=False):
            client.batch_write_item(RequestItems={table: [{"PutRequest": {"Item": item_of(each)}} for each in some]})
        return checked(measure("dynamodb", table), size), checked(measure("resource", table), size)


def checked(row: Row, size: int) -> Row:
    """Return the row, of which all vehicles were counted."""
    if row["total"] != size:
        message = f"{row['total']} vehicles were counted, of {size}"
        raise AssertionError(message)
    return row


def line(name: str, size: int, row: Row, plain: Row | None = None) -> str:
    """Return a line of the table."""
    ratio = "" if plain is None else f"{row['cpu'] / plain['cpu']:.3f}"
    return (
        f"| {name} | {size:,} | {row['seconds']:.2f} | {size / row['seconds']:,.0f} | {row['cpu'] / size * 1e6:.2f} "
        f"| {ratio} | {row['peak'] / 1e6:.0f} |"
    )


def main() -> None:
    """Measure everything, and print the page."""
    lines: list[str] = []
    growth: list[str] = []
    for size in SIZES:
        row = on_sqlite(size)
        lines.append(line("SQLite", size, row))
        growth.append(f"SQLite {size:,}: {row['seconds'] / size * 1e6:.2f}")
    for size in SIZES:
        plain, row = on_stub(size, "resource"), on_stub(size, "dynamodb")
        lines += [line("DynamoDB, answered at once", size, row, plain)]
        lines += [line("the same, plain `resource` scan", size, plain)]
        growth.append(f"DynamoDB {size:,}: {row['seconds'] / size * 1e6:.2f}")
    for size in ON_EMULATOR:
        row, plain = on_emulator(size)
        lines += [line("DynamoDB, emulator", size, row, plain), line("the same, plain `resource` scan", size, plain)]
    print(page(lines, growth))  # noqa: T201 — it is the output


def page(lines: list[str], growth: list[str]) -> str:
    """Return the page."""
    machine = f"{os.cpu_count()} cores, {platform.machine()}, {platform.system()}, CPython {platform.python_version()}"
    return f"""## How fast a summary is made

Written by `make bench` on {datetime.now(UTC):%Y-%m-%d}, on a shared machine: {machine}.
Seconds depend on the machine and on what else it does; the ratios and the memory hardly do.

| fleet | vehicles | seconds | vehicles a second | CPU µs per vehicle | CPU / plain scan's | peak memory, MB |
|---|---:|---:|---:|---:|---:|---:|
{chr(10).join(lines)}

- Each line is a process of its own; its seconds begin after its imports, and CPU is that of the process alone.
- "Answered at once" is a table on the same machine that has its pages ready, so that what is left is our side.
- The plain scan is what one writes first: `boto3.resource`, page after page, and a count by fuel type.
- The emulator is slow itself, and the slower the more it holds, so that it holds no million.

Microseconds per vehicle, as the fleet grows: {"; ".join(growth)}.
"""


if __name__ == "__main__":
    main()
