"""The import of a fleet beside others who work on the same registry."""

from datetime import UTC, datetime
from itertools import count
from typing import Final

import pytest

from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.fleet_import import FleetImport, OnConflict, Row, Tally
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version

NOW: Final = datetime(2026, 11, 18, tzinfo=UTC)
THERE: Final = Vehicle(Vin.parse("WMAH05ZZ94M012345"), 2, FuelType.DIESEL, NOW)
WANTED: Final = Vehicle(THERE.vin, 3, FuelType.DIESEL, NOW)


@pytest.mark.parametrize(
    ("deleted_at", "expected"),
    (
        (0, Tally(added=1, up_to=1)),  # before the batch is added
        (1, Tally(added=1, up_to=1)),  # between the look at the vehicle and its change
        (2, Tally(changed=1, up_to=1)),  # never
    ),
)
def test_update_adds_what_others_delete(deleted_at: int, expected: Tally) -> None:
    repository = InMemoryVehicleRepository()
    repository.add(StoredVehicle(THERE, Version("old")))
    times = count()

    def new_version() -> str:
        if next(times) == deleted_at:  # each write asks for a version just before it is made
            repository.remove(THERE.vin)
        return "new"

    job = FleetImport(Registry(repository, lambda: NOW, new_version), OnConflict.UPDATE)
    job.run([Row(1, WANTED)])
    assert (job.tally, repository.get(THERE.vin).vehicle) == (expected, WANTED)
