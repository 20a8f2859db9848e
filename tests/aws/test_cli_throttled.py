"""An import into a table that takes fewer writes a second than the import could send."""

import json
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Final

import pytest

from tests.support.command_line import CommandLine
from tests.support.emulator import HOST, Emulator, aws_settings, make_table

ROWS: Final = 300
RATE: Final = 30.0
BURST: Final = 50.0


class _ThrottlingProxy(ThreadingHTTPServer):
    """Hands requests on to the emulator, but only so many a second beyond a first burst, as DynamoDB does."""

    daemon_threads = True
    request_queue_size = 100

    def __init__(self, emulator: Emulator) -> None:
        super().__init__((HOST, 0), _Handler)
        self.emulator = emulator
        self.throttled = 0
        self._lock = Lock()
        self._left = BURST
        self._last = time.monotonic()

    def takes_one_more(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._left = min(BURST, self._left + (now - self._last) * RATE)
            self._last = now
            if self._left < 1:
                self.throttled += 1
                return False
            self._left -= 1
            return True


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _ThrottlingProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.takes_one_more():
            connection = HTTPConnection(HOST, self.server.emulator.port, timeout=30)
            connection.request("POST", self.path, body, dict(self.headers))
            response = connection.getresponse()
            status, content = response.status, response.read()
            connection.close()
        else:
            error = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}
            status, content = 400, json.dumps(error).encode()
        self.send_response_only(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[_ThrottlingProxy]:
    with _ThrottlingProxy(emulator) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_throttled_import_slows_down_and_is_exact(proxy: _ThrottlingProxy, emulator: Emulator, tmp_path: Path) -> None:
    table = make_table(emulator.dynamodb())
    line = CommandLine(tmp_path / "data", {"VEHICLES_BACKEND": "aws", "VEHICLES_TABLE": table})
    fleet = tmp_path / "fleet.csv"
    fleet.write_text(line.run("sample", str(ROWS)).stdout)
    with aws_settings(f"http://{HOST}:{proxy.server_address[1]}"):
        imported = line.run("import", fleet)
    assert (imported.stderr, imported.stdout) == ("", f"{ROWS} added, 0 already there, 0 changed, 0 refused\n")
    assert emulator.dynamodb().scan(TableName=table, Select="COUNT")["Count"] == ROWS
    # Whoever kept on at full speed would have been refused many times for each write.
    assert 0 < proxy.throttled < ROWS
