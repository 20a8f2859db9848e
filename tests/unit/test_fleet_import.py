"""The import of a fleet beside others who work on the same registry."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from operator import ne
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.errors import Fault, StorageUnavailable
from vehicles.domain.fleet_import import (
    BATCH,
    ChangeRow,
    ConflictFound,
    FleetImport,
    OnConflict,
    RefusedRow,
    Row,
    Tally,
)
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import Change, FuelType, Vehicle
from vehicles.domain.vin.explanation import warnings_of
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.strategies import (
    CHINESE_HEADS,
    NORTH_AMERICAN_HEADS,
    check_character,
    fleets,
    fuel_types,
    letters_without_meaning,
    vins,
    vins_with_wrong_check_digit,
)

NOW: Final = datetime(2026, 11, 18, tzinfo=UTC)
THERE: Final = Vehicle(Vin.parse("WMAH05ZZ04M012345"), 2, FuelType.DIESEL, NOW)
WANTED: Final = Vehicle(THERE.vin, 3, FuelType.DIESEL, NOW)


@pytest.mark.parametrize(
    ("deleted_at", "expected"),
    (
        (0, Tally(added=1, up_to=1)),  # between the look at the vehicle and its change
        (1, Tally(changed=1, up_to=1)),  # never
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
            case 0:  # between the look at the vehicle and its change
                repository.remove(THERE.vin)
            case 1:  # before it is added instead
                repository.add(there)
        return "new"

    job = FleetImport(Registry(repository, lambda: NOW, new_version), OnConflict.UPDATE)
    job.run([Row(1, WANTED)])
    assert (job.tally, repository.get(THERE.vin).vehicle) == (Tally(changed=1, up_to=1), WANTED)


@given(
    fleets(vins() | vins_with_wrong_check_digit(), max_size=6),
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


def test_fail_stops_where_others_came_first() -> None:
    repository = InMemoryVehicleRepository()

    def new_version() -> str:
        repository.add_many([StoredVehicle(THERE, Version("old"))])  # after the look at the vehicles
        return "new"

    job = FleetImport(Registry(repository, lambda: NOW, new_version), OnConflict.FAIL)
    with pytest.raises(ConflictFound, match="line 3: the VIN is already registered"):
        job.run([Row(2, replace(THERE, vin=FEW_VINS[1])), Row(3, WANTED)])

    assert (job.tally, repository.get(THERE.vin).vehicle) == (Tally(added=1, up_to=2), THERE)


def test_refused_rows_are_reported_by_line() -> None:
    """Whether a row with some of the fields is refused is known later than whether it can be read."""
    unknown, known = (ChangeRow(line, Change(vin, 3)) for line, vin in ((2, FEW_VINS[1]), (4, THERE.vin)))
    wrong = RefusedRow(3, (Fault("vin.length", "…"),))
    tally, refused, _ = run_import([unknown, wrong, known], [THERE], OnConflict.UPDATE)

    assert (tally, [row.line for row in refused]) == (Tally(changed=1, refused=2, up_to=4), [2, 3])


@pytest.mark.parametrize("on_conflict", OnConflict)
def test_batch_that_fails_reports_nothing(on_conflict: OnConflict) -> None:
    """Its rows are imported again."""

    def new_version() -> str:
        raise StorageUnavailable("busy")

    refused: list[RefusedRow] = []
    registry = Registry(InMemoryVehicleRepository(), lambda: NOW, new_version)
    job = FleetImport(registry, on_conflict, on_refused=refused.append)
    with pytest.raises(StorageUnavailable):
        job.run([RefusedRow(2, (Fault("vin.length", "…"),)), *(replace(row, line=row.line + 1) for row in THREE)])

    assert (job.tally, refused) == (Tally(), [])


# --- several rows of one VIN


def run_import(
    rows: Iterable[Row | ChangeRow | RefusedRow],
    registered: Iterable[Vehicle] = (),
    on_conflict: OnConflict = OnConflict.SKIP,
    *,
    dry_run: bool = False,
) -> tuple[Tally, list[RefusedRow], list[Vehicle]]:
    """Return the tally, the refused rows, and the vehicles that are registered then."""
    repository = InMemoryVehicleRepository()
    repository.add_many([StoredVehicle(vehicle, Version("old")) for vehicle in registered])
    refused: list[RefusedRow] = []
    versions = map(str, count())
    registry = Registry(repository, lambda: NOW, lambda: next(versions))
    job = FleetImport(registry, on_conflict, dry_run=dry_run, on_refused=refused.append)
    job.run(rows)
    return job.tally, refused, list(repository.partition(0, 1))


THREE: Final = (Row(2, THERE), Row(3, replace(THERE, no_of_axles=9, fuel_type=FuelType.HYBRID)), Row(4, THERE))


@pytest.mark.parametrize("dry_run", (False, True))
@pytest.mark.parametrize("on_conflict", OnConflict)
def test_repeat_is_no_contradiction(on_conflict: OnConflict, dry_run: bool) -> None:  # noqa: FBT001 — one of two
    tally, refused, fleet = run_import(THREE, on_conflict=on_conflict, dry_run=dry_run)

    detail = "contradicts line 2, which has another number of axles: 2 and another fuel type: diesel"
    assert tally == Tally(added=1, repeated=1, refused=1, up_to=4)
    assert [(row.line, row.faults) for row in refused] == [(3, (Fault("row.contradiction", detail),))]
    assert fleet == ([] if dry_run else [THERE])


@pytest.mark.parametrize(
    ("change", "differing"),
    (
        ({"no_of_axles": 99}, "number of axles: 2"),
        ({"fuel_type": FuelType.NONE}, "fuel type: diesel"),
    ),
)
def test_contradiction_names_what_differs(change: dict[str, Any], differing: str) -> None:
    _, refused, _ = run_import([Row(1_000_000, THERE), Row(1_000_001, replace(THERE, **change))])

    assert [fault.detail for fault in refused[0].faults] == [f"contradicts line 1000000, which has another {differing}"]


def test_repeat_is_found_in_later_batch() -> None:
    fleet = [Vehicle(Vin.of(f"WMAH05ZZ94M{n:06d}"), 2, FuelType.DIESEL, NOW) for n in range(BATCH + 1)]
    tally, _, _ = run_import([Row(line, vehicle) for line, vehicle in enumerate([*fleet, *fleet], start=2)])

    assert tally == Tally(added=BATCH + 1, repeated=BATCH + 1, up_to=2 * BATCH + 3)


def test_refused_row_contradicts_nothing() -> None:
    wrong = Vehicle(Vin.of("1M8GDM9A1KP042788"), 2, FuelType.DIESEL, NOW)
    _, refused, _ = run_import([Row(2, wrong), Row(3, replace(wrong, no_of_axles=3))])

    assert [row.faults[0].code for row in refused] == ["vin.check_digit"] * 2


# --- rows with only some of the fields


@given(fleets(max_size=6), fleets(max_size=6), st.booleans(), st.booleans())
def test_missing_column_is_left(
    registered: list[Vehicle],
    new: list[Vehicle],
    lacks_axles: bool,  # noqa: FBT001 — drawn
    dry_run: bool,  # noqa: FBT001 — drawn
) -> None:
    new = [vehicle for vehicle in new if vehicle.vin not in {each.vin for each in registered}]
    changes = [
        Change(vehicle.vin, fuel_type=FuelType.NONE) if lacks_axles else Change(vehicle.vin, 99)
        for vehicle in (*registered, *new)
    ]
    tally, refused, fleet = run_import(
        [ChangeRow(line, change) for line, change in enumerate(changes, start=2)],
        registered,
        OnConflict.UPDATE,
        dry_run=dry_run,
    )

    wanted = [change.applied_to(vehicle) for change, vehicle in zip(changes, registered, strict=False)]
    changed = sum(map(ne, wanted, registered))
    assert tally == Tally(
        changed=changed,
        already_there=len(registered) - changed,
        refused=len(new),
        up_to=len(changes) + 1 if changes else 0,
    )
    assert sorted(fleet, key=str) == sorted(registered if dry_run else wanted, key=str)
    column = "noOfAxles" if lacks_axles else "fuelType"
    detail = f"the file has no column {column}, so it can only change registered vehicles"
    assert [row.faults for row in refused] == [(Fault("row.not_registered", detail),)] * len(new)


def test_changes_may_contradict() -> None:
    rows = [ChangeRow(2, Change(THERE.vin, 3)), ChangeRow(3, Change(THERE.vin, 4)), ChangeRow(4, Change(THERE.vin, 3))]
    tally, _, fleet = run_import(rows, [THERE], OnConflict.UPDATE)

    assert (tally, fleet) == (Tally(changed=1, repeated=1, refused=1, up_to=4), [WANTED])


# --- any rows

FEW_VINS: Final = (THERE.vin, Vin.parse("YS2R4X20005399401"), Vin.parse("YV2RT40A94M012345"))
few_vehicles: Final = st.builds(Vehicle, st.sampled_from(FEW_VINS), st.integers(1, 2), fuel_types(), st.just(NOW))


@given(
    st.lists(few_vehicles, max_size=8),
    st.lists(few_vehicles, max_size=3, unique_by=lambda vehicle: vehicle.vin),
    st.sampled_from((OnConflict.SKIP, OnConflict.UPDATE)),
)
def test_import_agrees_with_model(some: list[Vehicle], registered: list[Vehicle], on_conflict: OnConflict) -> None:
    fleet = {vehicle.vin: vehicle for vehicle in registered}
    firsts: dict[Vin, Vehicle] = {}
    expected = Tally(up_to=len(some))
    for vehicle in some:
        there = fleet.get(vehicle.vin)
        if vehicle.vin in firsts:
            expected.repeated += firsts[vehicle.vin] == vehicle
            expected.refused += firsts[vehicle.vin] != vehicle
        elif there is None:
            expected.added += 1
        elif on_conflict is OnConflict.SKIP or there == vehicle:
            expected.already_there += 1
        else:
            expected.changed += 1
        first = firsts.setdefault(vehicle.vin, vehicle)
        if there is None or on_conflict is OnConflict.UPDATE:
            fleet[vehicle.vin] = first

    rows = [Row(line, vehicle) for line, vehicle in enumerate(some, start=1)]
    tally, refused, stored = run_import(rows, registered, on_conflict)
    assert (tally, {vehicle.vin: vehicle for vehicle in stored}) == (expected, fleet)
    assert run_import(rows, registered, on_conflict, dry_run=True)[:2] == (tally, refused)


def has_right_check_digit(vehicle: Vehicle) -> bool:
    text = str(vehicle.vin)
    if text[:2] in CHINESE_HEADS and text[8] in letters_without_meaning(text):
        return True
    return text[:2] not in NORTH_AMERICAN_HEADS + CHINESE_HEADS or text[8] == check_character(text)
