"""How the tests run `vehicles`: within the process where that is enough, else as people do."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from click.testing import CliRunner, Result

from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.domain.vehicle import Vehicle
from vehicles.entrypoints.cli.main import vehicles

VIN = "WMAH05ZZ04M012345"
OTHER_VIN = "YS2R4X20005399401"
MISREAD_VIN = "WMAH05ZZ94M01234O"
# A Mexican WMI, and a filler where the law of North America wants a check digit.
ADVISORY_VIN = "3VWZZZ1KZ8M012345"
HEADER = "vin,noOfAxles,fuelType\n"


@dataclass(frozen=True)
class CommandLine:
    """`vehicles` with a data directory and nothing else in its environment."""

    data: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path) -> Result:
        """Run it within this process."""
        hidden = {name: None for name in os.environ if name.startswith("VEHICLES_")}
        environment = hidden | {"VEHICLES_DATA": str(self.data), **self.environment}
        result = CliRunner().invoke(vehicles, [str(argument) for argument in arguments], env=environment)
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    def json(self, *arguments: str | Path) -> Any:  # noqa: ANN401 — whatever the command writes
        """Run it with --json and return what it wrote."""
        return json.loads(self.run(*arguments, "--json").stdout)

    def start(
        self,
        *arguments: str | Path,
        stdin: int | IO[Any] = subprocess.PIPE,
        stdout: int | IO[Any] = subprocess.PIPE,
        stderr: int | IO[Any] = subprocess.PIPE,
    ) -> subprocess.Popen[bytes]:
        """Start it as people do."""
        inherited = {
            name: value for name, value in os.environ.items() if not name.startswith(("VEHICLES_", "PYTHONUN"))
        }
        return subprocess.Popen(
            [sys.executable, "-m", "vehicles.entrypoints.cli.main", *map(str, arguments)],
            env=inherited | {"VEHICLES_DATA": str(self.data), **self.environment},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
        )

    def fleet(self) -> list[Vehicle]:
        """Return what the registry of the data directory holds."""
        with SQLiteVehicleRepository(self.data / "registry.sqlite3") as repository:
            return list(repository.partition(0, 1))
