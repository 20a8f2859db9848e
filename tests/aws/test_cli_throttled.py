"""An import into a table that takes fewer writes a second than the import could send."""

import time
from pathlib import Path
from threading import Lock
from typing import Final

from tests.support.command_line import CommandLine
from tests.support.emulator import Emulator, aws_settings, make_table
from tests.support.faulty_proxy import THROTTLED, Fault, harming

ROWS: Final = 300
RATE: Final = 30.0
BURST: Final = 50.0


class Throttle:
    """Takes only so many requests a second beyond a first burst, as DynamoDB does."""

    def __init__(self) -> None:
        self.throttled = 0
        self._lock = Lock()
        self._left = BURST
        self._last = time.monotonic()

    def draw(self) -> Fault | None:
        with self._lock:
            now = time.monotonic()
            self._left = min(BURST, self._left + (now - self._last) * RATE)
            self._last = now
            if self._left < 1:
                self.throttled += 1
                return THROTTLED
            self._left -= 1
            return None


def test_throttled_import_slows_down_and_is_exact(emulator: Emulator, tmp_path: Path) -> None:
    table, throttle = make_table(emulator.dynamodb()), Throttle()
    line = CommandLine(tmp_path / "data", {"VEHICLES_BACKEND": "aws", "VEHICLES_TABLE": table})
    fleet = tmp_path / "fleet.csv"
    fleet.write_text(line.run("sample", str(ROWS)).stdout)
    with harming(emulator, throttle.draw) as address, aws_settings(address):
        imported = line.run("import", fleet)
    assert (imported.stderr, imported.stdout) == ("", f"{ROWS} added, 0 already there, 0 changed, 0 refused\n")
    assert emulator.dynamodb().scan(TableName=table, Select="COUNT")["Count"] == ROWS
    # Whoever kept on at full speed would have been refused many times for each write.
    assert 0 < throttle.throttled < ROWS
