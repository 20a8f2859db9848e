"""An import into a table that takes fewer writes a second than the import could send."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Lock
from typing import Final, override

import pytest

from tests.support.command_line import CommandLine
from tests.support.emulator import Emulator, aws_settings, make_table
from tests.support.emulator_proxy import EmulatorProxy, Reply, serving

ROWS: Final = 300
RATE: Final = 30.0
BURST: Final = 50.0


class _ThrottlingProxy(EmulatorProxy):
    """Takes only so many requests a second beyond a first burst, as DynamoDB does."""

    def __init__(self, emulator: Emulator) -> None:
        super().__init__(emulator)
        self.throttled = 0
        self._lock = Lock()
        self._left = BURST
        self._last = time.monotonic()

    @override
    def refusal(self) -> Reply | None:
        if self._takes_one_more():
            return None
        error = {"__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"}
        return Reply(400, (("Content-Type", "application/x-amz-json-1.0"),), json.dumps(error).encode())

    def _takes_one_more(self) -> bool:
        with self._lock:
            now = time.monotonic()
            self._left = min(BURST, self._left + (now - self._last) * RATE)
            self._last = now
            if self._left < 1:
                self.throttled += 1
                return False
            self._left -= 1
            return True


@pytest.fixture
def proxy(emulator: Emulator) -> Iterator[_ThrottlingProxy]:
    with serving(_ThrottlingProxy(emulator)) as server:
        yield server


def test_throttled_import_slows_down_and_is_exact(proxy: _ThrottlingProxy, emulator: Emulator, tmp_path: Path) -> None:
    table = make_table(emulator.dynamodb())
    line = CommandLine(tmp_path / "data", {"VEHICLES_BACKEND": "aws", "VEHICLES_TABLE": table})
    fleet = tmp_path / "fleet.csv"
    fleet.write_text(line.run("sample", str(ROWS)).stdout)
    with aws_settings(proxy.address):
        imported = line.run("import", fleet)
    assert (imported.stderr, imported.stdout) == ("", f"{ROWS} added, 0 already there, 0 changed, 0 refused\n")
    assert emulator.dynamodb().scan(TableName=table, Select="COUNT")["Count"] == ROWS
    # Whoever kept on at full speed would have been refused many times for each write.
    assert 0 < proxy.throttled < ROWS
