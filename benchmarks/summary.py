"""How fast a summary is made, and in how much memory: what `make bench` puts behind the rest of docs/performance.md.

Each measurement is a process of its own, so that its peak memory and its CPU time are its own.
"""

import gzip
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import batched
from pathlib import Path
from typing import Final

from benchmarks.fleet import vehicle
from tests.support.emulator import Emulator, aws_settings, emulating, layout_of_table, make_bucket
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository

SIZES: Final = (10_000, 100_000, 1_000_000)
ON_EMULATOR: Final = (10_000, 100_000)
"""For each page of a scan it sorts and hashes all that it holds: with a million, longer than a client waits."""

TABLE: Final = "vehicle"

LATE_SIZE: Final = 300_000
MILLISECONDS: Final = 40

type Row = Mapping[str, float]


def measure(kind: str, place: str) -> Row:
    """Return what a process took that counted the fleet at a place: seconds, CPU seconds, bytes at its peak."""
    command = [sys.executable, "-m", "benchmarks.summary_run", kind, place]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, env=os.environ)  # noqa: S603 — our own
    found: dict[str, float] = json.loads(done.stdout)
    return found


@contextmanager
def stub(size: int, milliseconds: int = 0) -> Iterator[str]:
    """Run the table that answers at once, or after so long, and yield its address."""
    command = [sys.executable, "-m", "benchmarks.scan_stub", str(size), str(milliseconds)]
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


def on_stub(size: int, kind: str, milliseconds: int = 0) -> Row:
    """Measure on the table that answers at once, or after so long."""
    with stub(size, milliseconds) as address, aws_settings(address):
        return checked(measure(kind, "table"), size)


def on_emulator(size: int) -> tuple[Row, Row]:
    """Measure the fold and the plain scan on an emulator of its own."""
    with emulating() as emulator, aws_settings(emulator.address):
        fill(emulator, size)
        return checked(measure("dynamodb", TABLE), size), checked(measure("resource", TABLE), size)


def fill(emulator: Emulator, size: int) -> None:
    """Have the emulator import so many vehicles from its S3, as DynamoDB does: one request, not one for every 25."""
    s3, dynamodb = emulator.s3(), emulator.dynamodb()
    bucket = make_bucket(s3)
    lines = (json.dumps({"Item": item_of(vehicle(number))}) for number in range(size))
    s3.put_object(Bucket=bucket, Key="fleet", Body=gzip.compress("\n".join(lines).encode(), compresslevel=1))
    begun = dynamodb.import_table(
        S3BucketSource={"S3Bucket": bucket},
        InputFormat="DYNAMODB_JSON",
        InputCompressionType="GZIP",
        TableCreationParameters=layout_of_table(TABLE),
    )["ImportTableDescription"]
    while True:
        told = dynamodb.describe_import(ImportArn=begun["ImportArn"])["ImportTableDescription"]
        if told["ImportStatus"] != "IN_PROGRESS":
            break
        time.sleep(0.1)
    if told["ImportStatus"] != "COMPLETED":
        message = f"the emulator imported {told['ImportedItemCount']} of {size} vehicles"
        raise AssertionError(message)


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
        f"| {ratio} | {row['more'] / 2**20:.1f} | {row['peak'] / 2**20:.0f} |"
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
    for kind, how in (("one-by-one", "one part after the other"), ("dynamodb", "parts at once")):
        row = on_stub(LATE_SIZE, kind, MILLISECONDS)
        lines += [line(f"DynamoDB, answered after {MILLISECONDS} ms, {how}", LATE_SIZE, row)]
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

| fleet | vehicles | seconds | vehicles a second | CPU µs per vehicle | CPU / plain scan's | memory, + MiB | peak, MiB |
|---|---:|---:|---:|---:|---:|---:|---:|
{chr(10).join(lines)}

- Each line is a process of its own; its seconds begin after its imports, and CPU is that of the process alone.
- "Answered at once" is a table on the same machine that has its pages ready, so that what is left is our side.
- The plain scan is what one writes first: `boto3.resource`, page after page, and a count by fuel type.
- Memory is what the process took at its peak beyond what it had taken before it read the first vehicle, and in all.
- A table that answers late takes as long for each page, of 5,000 vehicles here, as DynamoDB may; 4 are read at once.
- The emulator is filled by one import. For each page of a scan it sorts and hashes all that it holds, so that ten times
  the fleet takes it a hundred times as long. A million would take it hundreds of pages of ten seconds and more each.

Microseconds per vehicle, as the fleet grows: {"; ".join(growth)}.
"""


if __name__ == "__main__":
    main()
