"""The import of a fleet beside others who work on the same registry."""

from collections import Counter
from datetime import UTC, datetime
from itertools import count
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.fleet_import import FleetImport, OnConflict, RefusedRow, Row, Tally
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.explanation import warnings_of
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.strategies import (
    CHINESE_HEADS,
    NORTH_AMERICAN_HEADS,
    check_character,
    fleets,
    letters_without_meaning,
    vehicles,
    vins,
    vins_with_wrong_check_digit,
)

NOW: Final = datetime(2026, 11, 18, tzinfo=UTC)
THERE: Final = Vehicle(Vin.parse("WMAH05ZZ04M012345"), 2, FuelType.DIESEL, NOW)
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


def test_update_changes_what_others_bring_back() -> None:
    repository = InMemoryVehicleRepository()
    there = StoredVehicle(THERE, Version("old"))
    repository.add(there)
    times = count()

    def new_version() -> str:
        match next(times):
            case 1:  # between the look at the vehicle and its change
                repository.remove(THERE.vin)
            case 2:  # before it is added instead
                repository.add(there)
        return "new"

    job = FleetImport(Registry(repository, lambda: NOW, new_version), OnConflict.UPDATE)
    job.run([Row(1, WANTED)])
    assert (job.tally, repository.get(THERE.vin).vehicle) == (Tally(changed=1, up_to=1), WANTED)


@given(
    st.lists(vehicles(vins() | vins_with_wrong_check_digit()), max_size=6),
    st.sampled_from((OnConflict.SKIP, OnConflict.UPDATE)),
    st.booleans(),
)
def test_strict_imports_no_wrong_check_digit(some: list[Vehicle], on_conflict: OnConflict, dry_run: bool) -> None:  # noqa: FBT001 — drawn
    repository = InMemoryVehicleRepository()
    refused: list[RefusedRow] = []
    job = FleetImport(
        Registry(repository, lambda: NOW, lambda: "new"), on_conflict, dry_run=dry_run, on_refused=refused.append
    )
    job.run(Row(line, vehicle) for line, vehicle in enumerate(some, start=2))

    assert all(map(has_right_check_digit, repository.partition(0, 1)))
    assert [(row.line, [(fault.field, fault.code) for fault in row.faults]) for row in refused] == [
        (line, [("vin", "vin.check_digit")])
        for line, vehicle in enumerate(some, start=2)
        if not has_right_check_digit(vehicle)
    ]


@given(fleets(vins() | vins_with_wrong_check_digit(), max_size=6), st.sampled_from(OnConflict), st.booleans())
def test_warnings_of_added_rows_are_counted(
    fleet: list[Vehicle],
    on_conflict: OnConflict,
    dry_run: bool,  # noqa: FBT001 — drawn
) -> None:
    registry = Registry(InMemoryVehicleRepository(), lambda: NOW, lambda: "new", VinPolicy.ADVISORY)
    rows = [
        Row(line, vehicle, warnings_of(str(vehicle.vin), vehicle.vin)) for line, vehicle in enumerate(fleet, start=2)
    ]
    doubtful: list[Row] = []
    job = FleetImport(registry, on_conflict, dry_run=dry_run, on_doubtful=doubtful.append)
    job.run([*rows, *rows[:1]] if on_conflict is OnConflict.SKIP else rows)

    assert job.tally.added == len(fleet)
    assert job.tally.warnings == Counter(warning.code for row in rows for warning in row.warnings)
    assert doubtful == [row for row in rows if row.warnings]


def test_refused_vin_is_no_conflict() -> None:
    repository = InMemoryVehicleRepository()
    wrong = Vehicle(Vin.of("1M8GDM9A1KP042788"), 2, FuelType.DIESEL, NOW)
    repository.add(StoredVehicle(wrong, Version("old")))
    job = FleetImport(Registry(repository, lambda: NOW, lambda: "new"), OnConflict.FAIL)
    job.run([Row(2, wrong), Row(3, WANTED)])

    assert job.tally == Tally(added=1, refused=1, up_to=3)


def has_right_check_digit(vehicle: Vehicle) -> bool:
    text = str(vehicle.vin)
    if text[:2] in CHINESE_HEADS and text[8] in letters_without_meaning(text):
        return True
    return text[:2] not in NORTH_AMERICAN_HEADS + CHINESE_HEADS or text[8] == check_character(text)
