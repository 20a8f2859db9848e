"""A stub of a DynamoDB table on loopback, which answers without delay: `stub.py VEHICLES [FOLDER]`.

It stores nothing: every write succeeds, and each page of a scan holds the same vehicles, at most 10,000.
With a folder that holds cert.pem and key.pem it speaks TLS.
It prints its port, and runs until its standard input ends.
"""

import asyncio
import json
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version

PER_PAGE: Final = 10_000
CREDENTIALS: Final = {
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "secret",
    "AWS_REGION": "eu-central-1",
    "AWS_DEFAULT_REGION": "eu-central-1",
}
CERTIFICATE: Final = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -keyout key.pem -out cert.pem -nodes -batch "
    "-days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1"
)
_WMIS: Final = ("WMA", "YV2", "XLR", "WDB", "VF6", "ZCF", "TMB", "YS2")


def vehicle(number: int) -> StoredVehicle:
    """Return the vehicle of a number below a million: all of one size, spread over manufacturers and a year."""
    minutes = number * 7919 % (365 * 24 * 60)
    registered_at = datetime(2025, 11, 17, tzinfo=UTC) + timedelta(minutes=minutes, microseconds=number)
    vin = Vin.of(f"{_WMIS[number % len(_WMIS)]}H05ZZ90M{number:06d}")
    described = Vehicle(vin, 2 + number % 4, list(FuelType)[number % len(FuelType)], registered_at)
    return StoredVehicle(described, Version("1" * 16))


@contextmanager
def stub(vehicles: int, folder: Path | None = None) -> Iterator[str]:
    """Run the stub until the end of the block, and yield its address; with a folder for its certificate, use TLS."""
    command = [sys.executable, "-m", "benchmarks.stub", str(vehicles), *([] if folder is None else [str(folder)])]
    if folder is not None:
        subprocess.run(["/usr/bin/env", *CERTIFICATE.split()], check=True, capture_output=True, cwd=folder)  # noqa: S603 — our own
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=Path(__file__).parents[1], stdin=pipe, stdout=pipe, text=True) as process:  # noqa: S603 — our own
        assert process.stdout is not None  # noqa: S101 — for the type checker
        yield f"http{'s' if folder else ''}://127.0.0.1:{process.stdout.readline().strip()}"
        process.communicate()


@cache
def items(count: int, *, whole: bool) -> bytes:
    """Return a page up to its key, of whole items as the registry writes them, or of the fields of a vehicle alone."""
    all_items = (item_of(vehicle(number)) for number in range(count))
    needed = ("vin", "noOfAxles", "fuelType", "timestamp")
    found = [{name: item[name] for name in item if whole or name in needed} for item in all_items]
    page = {"Count": count, "ScannedCount": count, "Items": found}
    return json.dumps(page, separators=(",", ":")).encode()[:-1]


def page(size: int, asked: dict[str, Any]) -> bytes:
    """Return the response to a scan of a table of so many vehicles."""
    segment, segments = asked.get("Segment", 0), asked.get("TotalSegments", 1)
    end = (segment + 1) * size // segments
    key = asked.get("ExclusiveStartKey")
    start = segment * size // segments if key is None else int(key["vin"]["S"][-7:])
    count = min(end - start, asked.get("Limit", PER_PAGE), PER_PAGE)
    # The plain scan reads the registry's own table; the baselines that list store only the fields of a vehicle.
    begin = items(count, whole=not asked.keys() & {"Limit", "ProjectionExpression"})
    if start + count == end:
        return begin + b"}"
    return begin + b',"LastEvaluatedKey":{"vin":{"S":"WMAH05ZZ94%07d"}}}' % (start + count)


async def serve(size: int, folder: Path | None) -> None:
    """Answer until the standard input ends."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                headers = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:-2])
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                content = page(size, json.loads(body)) if headers["x-amz-target"].endswith(".scan") else b"{}"
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.0\r\n"
                    b"x-amzn-RequestId: 4KBNVRGD25RG1KEO9UT4V3FQDJVV4KQNSO5AEMVJF66Q9ASUAAJG\r\n"
                    b"x-amz-crc32: %d\r\nContent-Length: %d\r\n\r\n%b" % (crc32(content), len(content), content)
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone
        finally:
            writer.close()

    context = None
    if folder is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    print(server.sockets[0].getsockname()[1], flush=True)  # noqa: T201 — whoever started it waits for this
    await asyncio.to_thread(sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2:] else None))
