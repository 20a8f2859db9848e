"""The way back that docs/deployment.md describes, rehearsed on the emulator: by a file, into one table or another."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.command_line import HEADER, OTHER_VIN, VIN, CommandLine
from tests.support.emulator import Emulator, aws_settings, make_table


@pytest.fixture
def lost(emulator: Emulator, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data", on(emulator))


@pytest.fixture
def restored(emulator: Emulator, tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path / "data", on(emulator))


@pytest.fixture(autouse=True)
def _aws(emulator: Emulator) -> Iterator[None]:
    with aws_settings(emulator.address):
        yield


def on(emulator: Emulator) -> dict[str, str]:
    return {"VEHICLES_BACKEND": "aws", "VEHICLES_TABLE": make_table(emulator.dynamodb()), "VEHICLES_BUCKET": "none"}


def vehicles_in(registry: CommandLine) -> dict[str, dict[str, object]]:
    lines = registry.run("export", "--format", "jsonl").stdout.splitlines()
    return {line["vin"]: line for line in map(json.loads, lines)}


def back_up(registry: CommandLine, folder: Path) -> Path:
    backup = folder / "backup.csv"
    backup.write_text(registry.run("export").stdout)
    return backup


def fleet(folder: Path, vins: tuple[str, ...]) -> Path:
    file = folder / "fleet.csv"
    file.write_text(HEADER + "".join(f"{vin},3,diesel\n" for vin in vins))
    return file


def test_backup_brings_all_back(lost: CommandLine, restored: CommandLine, tmp_path: Path) -> None:
    lost.run("import", fleet(tmp_path, (VIN, OTHER_VIN)))
    backup = back_up(lost, tmp_path)
    restored.run("import", "--keep-timestamps", backup)
    assert vehicles_in(restored) == vehicles_in(lost)  # with the moments of their registration
    assert len(vehicles_in(restored)) == 2


def test_backup_adds_only_what_is_missing(lost: CommandLine, tmp_path: Path) -> None:
    lost.run("import", fleet(tmp_path, (VIN, OTHER_VIN)))
    backup = back_up(lost, tmp_path)
    lost.run("delete", VIN)
    lost.run("change", OTHER_VIN, "--axles", "5")
    lost.run("import", "--keep-timestamps", backup)
    found = vehicles_in(lost)
    assert found.keys() == {VIN, OTHER_VIN}
    assert found[OTHER_VIN]["noOfAxles"] == 5
