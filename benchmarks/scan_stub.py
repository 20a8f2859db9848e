"""A table that answers at once, or late: `scan_stub.py VEHICLES [MILLISECONDS]`, on loopback.

What a client then takes is its own work. Each page holds the same vehicles, 10,000 unless fewer are asked for, with the
attributes that are asked for, and has a checksum as DynamoDB sends it. The key that it ends with says how many vehicles
come before the next one. A write is done, and forgotten.
The port is the first line of the output. The table is there until the standard input ends.
"""

import json
import sys
import time
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final
from zlib import crc32

from benchmarks.fleet import vehicle
from vehicles.adapters.aws.dynamodb_items import VEHICLE, item_of

PER_PAGE: Final = 10_000
_SIZE: Final = int(sys.argv[1])
_SECONDS: Final = float(sys.argv[2]) / 1000 if len(sys.argv) > 2 else 0.0  # noqa: PLR2004 — the name and two words
_WHOLE: Final = "vin, noOfAxles, fuelType, timestamp, version, vinEnd"


def shown(projection: str) -> list[bytes]:
    """Return the vehicles of a page with these attributes, as they are sent."""
    names = [name.strip(" #") for name in projection.split(",")]
    items = ({name: item_of(vehicle(number))[name] for name in names} for number in range(PER_PAGE))
    return [json.dumps(item, separators=(",", ":")).encode() for item in items]


_ITEMS: Final = {projection: shown(projection) for projection in (_WHOLE, VEHICLE)}


@cache
def beginning(projection: str, count: int) -> bytes:
    """Return a page of so many vehicles, up to its key."""
    return b'{"Count":%d,"ScannedCount":%d,"Items":[%b]' % (count, count, b",".join(_ITEMS[projection][:count]))


def answer(asked: dict[str, object]) -> bytes:
    """Return the page that is asked for, or that all is written."""
    if "TransactItems" in asked:
        return b"{}"
    segment, segments = int(str(asked.get("Segment", 0))), int(str(asked.get("TotalSegments", 1)))
    match asked:
        case {"ExclusiveStartKey": {"vin": {"S": str(vin)}}}:
            start = int(vin[-7:])
        case _:
            start = segment * _SIZE // segments
    end = (segment + 1) * _SIZE // segments
    count = min(end - start, int(str(asked.get("Limit", PER_PAGE))), PER_PAGE)
    page = beginning(str(asked.get("ProjectionExpression", _WHOLE)), count)
    if start + count == end:
        return page + b"}"
    key = json.dumps({"vin": {"S": f"WMAH05ZZ94{start + count:07d}"}}).encode()
    return page + b',"LastEvaluatedKey":' + key + b"}"


class Table(BaseHTTPRequestHandler):
    """Answers one client."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a scan or a write."""
        content = answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        time.sleep(_SECONDS)
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.send_header("x-amz-crc32", str(crc32(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Table)
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)  # noqa: T201 — for who started it
    sys.stdin.read()
