"""The sample fleet: valid, plausible, the same for the same seed."""

import hashlib
import os
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.processes import run
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.check_digit import CheckDigitRegime
from vehicles.domain.vin.countries import Region
from vehicles.domain.vin.manufacturers import find_manufacturer
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.cli.sample import sample_vehicles

UNTIL: Final = datetime(2026, 1, 1, tzinfo=UTC)
FINGERPRINT: Final = "68edb457d23c91666f0a2a1249665a3daf9711f53768fc100503005074a3e93d"


@pytest.fixture(scope="module")
def fleet() -> list[Vehicle]:
    return list(sample_vehicles(20_000, seed=7, until=UNTIL))


@given(st.integers())
def test_every_vin_passes_the_strict_policy(seed: int) -> None:
    assert all(Vin.parse(str(vehicle.vin)) == vehicle.vin for vehicle in sample_vehicles(50, seed, until=UNTIL))


@given(st.integers(), st.integers(0, 30), st.integers(0, 30))
def test_shorter_sample_begins_longer_one(seed: int, shorter: int, more: int) -> None:
    assert list(islice(sample_vehicles(shorter + more, seed, until=UNTIL), shorter)) == list(
        sample_vehicles(shorter, seed, until=UNTIL)
    )


def test_same_seed_gives_same_fleet_everywhere() -> None:
    text = "".join(map(_line, sample_vehicles(1000, seed=1, until=UNTIL)))
    assert hashlib.sha256(text.encode()).hexdigest() == FINGERPRINT


def test_vins_are_different_and_usual(fleet: list[Vehicle]) -> None:
    assert len({vehicle.vin for vehicle in fleet}) == len(fleet) == 20_000
    assert not any(vehicle.vin.warnings for vehicle in fleet)
    assert all(find_manufacturer(vehicle.vin.manufacturer_id) for vehicle in fleet)


def test_every_kind_occurs(fleet: list[Vehicle]) -> None:
    vins = [vehicle.vin for vehicle in fleet]
    assert {Region.EUROPE, Region.NORTH_AMERICA, Region.ASIA, Region.SOUTH_AMERICA} <= {vin.region for vin in vins}
    assert {vin.check_digit_regime for vin in vins} == set(CheckDigitRegime)
    assert {vehicle.fuel_type for vehicle in fleet} == set(FuelType)
    assert {vehicle.no_of_axles for vehicle in fleet} == {1, 2, 3, 4, 5}
    assert len({vin.wmi for vin in vins}) >= 100


def test_registrations_are_spread_over_the_year_before(fleet: list[Vehicle]) -> None:
    times = [vehicle.registered_at for vehicle in fleet]
    assert UNTIL - timedelta(days=365) <= min(times) <= max(times) <= UNTIL
    assert len({time.isocalendar().week for time in times}) >= 52


def test_diesel_is_the_most_frequent_fuel(fleet: list[Vehicle]) -> None:
    assert Counter(vehicle.fuel_type for vehicle in fleet).most_common(1)[0][0] is FuelType.DIESEL


def test_electric_manufacturer_builds_nothing_else(fleet: list[Vehicle]) -> None:
    assert {vehicle.fuel_type for vehicle in fleet if vehicle.vin.wmi == "XP7"} == {FuelType.ELECTRIC}


PEAK = """
import sys, tracemalloc
from collections import deque
from datetime import UTC, datetime
from vehicles.entrypoints.cli.sample import sample_vehicles
deque(sample_vehicles(100, seed=1, until=datetime.now(UTC)), maxlen=0)
tracemalloc.start()
deque(sample_vehicles(int(sys.argv[1]), seed=1, until=datetime.now(UTC)), maxlen=0)
print(tracemalloc.get_traced_memory()[1])
"""


def test_memory_does_not_grow() -> None:
    def peak(count: int) -> int:
        # A process of its own, which is not measured for coverage: that would keep what is measured here.
        environment = os.environ | {"COVERAGE_PROCESS_CONFIG": ""}
        return int(run(sys.executable, "-c", PEAK, str(count), env=environment).stdout)

    assert peak(20_000) < 1.2 * peak(2_000)


def _line(vehicle: Vehicle) -> str:
    return f"{vehicle.vin} {vehicle.no_of_axles} {vehicle.fuel_type} {vehicle.registered_at.isoformat()}\n"
