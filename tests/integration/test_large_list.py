"""A walk through a large fleet while vehicles come and go."""

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import batched
from pathlib import Path
from threading import Event
from typing import Final

import pytest

from tests.support.server_process import UNMEASURED, Client, listed, registration, serving, vin_of
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.settings import DATABASE
from vehicles.testing.racing import SECONDS, racing, started

FLEET: Final = 200_000
WRITERS: Final = 4


def load(data: Path, numbers: range) -> None:
    """Put vehicles into the database without the server, which would take its time."""
    now = datetime.now(UTC)
    with SQLiteVehicleRepository(data / DATABASE) as repository:
        for batch in batched(numbers, 10_000, strict=False):
            repository.add_many(
                [
                    StoredVehicle(Vehicle(Vin.of(vin_of(number)), 2, FuelType.DIESEL, now), Version(f"v{number}"))
                    for number in batch
                ]
            )


@contextmanager
def coming_and_going(port: int) -> Iterator[Counter[int]]:
    """Register and delete vehicles with odd numbers all over the fleet, and yield a count of what was answered."""
    done, answered = Event(), Counter[int]()

    def write(seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311 — to be foreseen
        with Client(port) as client:
            while not done.is_set():
                vin = vin_of(2 * dice.randrange(FLEET) + 1)
                answered[client.send("POST", "/vehicle", registration(vin)).status] += 1
                if dice.random() < 0.8:
                    answered[client.send("DELETE", f"/vehicle?vin={vin}").status] += 1

    writers = started(lambda: racing(partial(write, seed) for seed in range(WRITERS)))
    try:
        yield answered
    finally:
        done.set()
    writers.result(SECONDS)


@pytest.mark.slow
def test_walk_meets_each_once(tmp_path: Path) -> None:
    staying = range(0, 2 * FLEET, 2)
    load(tmp_path, staying)
    with (
        serving(tmp_path, environment=UNMEASURED) as server,
        coming_and_going(server.port) as answered,
        Client(server.port) as client,
    ):
        met = Counter(vehicle["vin"] for vehicle in listed(client))
    missed = [vin for vin in map(vin_of, staying) if vin not in met]
    doubled = [vin for vin, times in met.items() if times > 1]
    assert (missed, doubled, answered[201] > 20, answered[204] > 20) == ([], [], True, True)
