"""A table that answers `Scan` at once: `scan_stub.py VEHICLES`, on loopback, until its standard input ends.

What a client then takes is its own work. Every page holds the same 10,000 vehicles; the key that it ends with says
which page it is. The port is the first line of the output.
"""

import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Final

from benchmarks.fleet import vehicle
from vehicles.adapters.dynamodb_items import item_of

PER_PAGE: Final = 10_000
_PAGES: Final = int(sys.argv[1]) // PER_PAGE
_ITEMS: Final = json.dumps([item_of(vehicle(number)) for number in range(PER_PAGE)], separators=(",", ":")).encode()
_PREFIX: Final = b'{"Items":%b,"Count":%d,"ScannedCount":%d' % (_ITEMS, PER_PAGE, PER_PAGE)


def answer(asked: dict[str, object]) -> bytes:
    """Return the page that is asked for, or how many vehicles a sample of the table has."""
    segment, segments = int(str(asked.get("Segment", 0))), int(str(asked.get("TotalSegments", 1)))
    if asked.get("Select") == "COUNT":
        return json.dumps({"Count": _PAGES * PER_PAGE // segments}).encode()
    match asked:
        case {"ExclusiveStartKey": {"vin": {"S": str(vin)}}}:
            page = int(vin[-6:])
        case _:
            page = segment * _PAGES // segments
    end = (segment + 1) * _PAGES // segments
    if page >= end:
        return b'{"Items":[],"Count":0,"ScannedCount":0}'
    if page + 1 == end:
        return _PREFIX + b"}"
    key = json.dumps({"vin": {"S": f"WMAH05ZZ94M{page + 1:06d}"}}).encode()
    return _PREFIX + b',"LastEvaluatedKey":' + key + b"}"


class Table(BaseHTTPRequestHandler):
    """Answers one client."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Answer a scan."""
        content = answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Table)
    Thread(target=server.serve_forever, daemon=True).start()
    print(server.server_port, flush=True)  # noqa: T201 — for who started it
    sys.stdin.read()
