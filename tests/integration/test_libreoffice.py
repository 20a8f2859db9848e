"""A fleet that goes out as a workbook or as CSV, through LibreOffice, and back in, is the same fleet."""

import os
import shutil
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

import pytest

from tests.support.command_line import CommandLine
from tests.support.processes import run
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.cli.sample import sample_vehicles
from vehicles.entrypoints.fleet_files.writing import FleetFileFormat, write_fleet

pytestmark = pytest.mark.thorough

UNTIL = datetime(2026, 1, 1, tzinfo=UTC)
NUMBERS = ("00000000000000001", "12345678901234567", "1E900000000000001", "45678E90123456789")


@pytest.fixture
def registry(tmp_path: Path) -> CommandLine:
    """A registry with VINs of all kinds, also such as a spreadsheet would take for numbers."""
    odd = (Vehicle(Vin.of(vin), 3, FuelType.NONE, UNTIL) for vin in NUMBERS)
    path = tmp_path / "all.jsonl"
    with path.open("wb") as stream:
        write_fleet([*odd, *islice(sample_vehicles(300, 3, UNTIL), 300)], stream, FleetFileFormat.JSONL)
    command_line = CommandLine(tmp_path / "registry")
    command_line.run("import", "--keep-timestamps", "--vin-policy", "advisory", path)
    assert len(command_line.fleet()) == 300 + len(NUMBERS)
    return command_line


@pytest.mark.parametrize("written", ("fleet.xlsx", "fleet.csv"))
@pytest.mark.parametrize("kept", ("xlsx", "csv", "ods"))
def test_fleet_survives_libreoffice(written: str, kept: str, registry: CommandLine, tmp_path: Path) -> None:
    office = shutil.which("soffice")
    assert office, "`make libreoffice` installs what this test needs"
    out, back = tmp_path / written, tmp_path / "back"
    registry.run("export", out)
    environment = os.environ | {"HOME": str(tmp_path)}
    run(office, "--headless", "--convert-to", kept, "--outdir", back, out, env=environment)
    again = CommandLine(tmp_path / "again")
    again.run("import", "--keep-timestamps", "--vin-policy", "advisory", back / f"fleet.{kept}")
    assert again.fleet() == registry.fleet()
