"""What the registry does, on the adapters in memory, with a clock that stands still and versions that are counted."""

import itertools
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.errors import (
    InvalidVehicle,
    InvalidVin,
    StorageUnavailable,
    VehicleAlreadyRegistered,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import EVERY_VEHICLE, Change, FuelType, Vehicle
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.ports.vehicle_repository import StoredVehicle, VehicleRepository, Version
from vehicles.testing.strategies import axle_numbers, fleets, fuel_types, vehicles, vins, vins_with_wrong_check_digit

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
VIN = Vin.parse("WMAH05ZZ04M012345")
OTHER_VIN = Vin.parse("YS2R4X20005399401")
WRONG_VIN = Vin.of("1M8GDM9A1KP042788")
FIRST = Version("1")
SECOND = Version("2")
UNKNOWN = Version("999")
# The attempts that a service makes before it gives up.
ATTEMPTS = 100


def registry_on(
    repository: VehicleRepository, policy: VinPolicy = VinPolicy.STRICT, first_version: int = 1
) -> Registry:
    versions = map(str, itertools.count(first_version))
    return Registry(repository, lambda: NOW, lambda: next(versions), policy)


class ContendedVehicles:
    """A repository in which somebody else comes first: `interfere` runs after each read."""

    def __init__(self, inner: VehicleRepository, interfere: Callable[[], object]) -> None:
        self._inner = inner
        self._interfere = interfere

    def get(self, vin: Vin) -> StoredVehicle:
        try:
            return self._inner.get(vin)
        finally:
            self._interfere()

    def get_many(self, vins: Sequence[Vin]) -> tuple[StoredVehicle | None, ...]:
        found = self._inner.get_many(vins)
        self._interfere()
        return found

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 — all else is the other repository's
        return getattr(self._inner, name)


@pytest.fixture
def repository() -> InMemoryVehicleRepository:
    return InMemoryVehicleRepository()


@pytest.fixture
def registry(repository: InMemoryVehicleRepository) -> Registry:
    return registry_on(repository)


# --- register


@given(vins(), axle_numbers(), fuel_types())
def test_register_stamps_the_time(vin: Vin, axles: int, fuel: FuelType) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    expected = StoredVehicle(Vehicle(vin, axles, fuel, NOW), FIRST)

    assert (registry.register(vin, axles, fuel), registry.get(vin)) == (expected, expected)


def test_rejects_duplicate_vin(registry: Registry) -> None:
    first = registry.register(VIN, 2, FuelType.DIESEL)
    with pytest.raises(VehicleAlreadyRegistered) as error:
        registry.register(VIN, 3, FuelType.ELECTRIC)

    assert (error.value.masked_vin, registry.get(VIN)) == (VIN.masked, first)


@given(fleets(max_size=5))
def test_many_twice_adds_nothing(fleet: list[Vehicle]) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    registry.register_many(fleet)
    stored = [registry.get(vehicle.vin) for vehicle in fleet]

    assert (fleet, len(fleet)) == ([each.vehicle for each in stored], len({each.version for each in stored}))
    assert registry.register_many(fleet) == (False,) * len(fleet)


@given(vins_with_wrong_check_digit(), axle_numbers(), fuel_types())
def test_strict_registers_no_wrong_check_digit(vin: Vin, axles: int, fuel: FuelType) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    with pytest.raises(InvalidVin) as error:
        registry.register(vin, axles, fuel)

    assert (error.value.code, registry.list().vehicles) == ("vin.check_digit", ())


@given(st.lists(vehicles(), max_size=5), vehicles(vins_with_wrong_check_digit()), st.integers(0, 5))
def test_strict_rejects_the_whole_call(some: list[Vehicle], wrong: Vehicle, place: int) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    with pytest.raises(InvalidVin) as error:
        registry.register_many([*some[:place], wrong, *some[place:]])

    assert (error.value.code, registry.list().vehicles) == ("vin.check_digit", ())


@given(vehicles(vins_with_wrong_check_digit()))
def test_advisory_registers_wrong_check_digit(vehicle: Vehicle) -> None:
    registry = registry_on(InMemoryVehicleRepository(), VinPolicy.ADVISORY)
    registry.register_many([vehicle])

    assert (vehicle,) == registry.list().vehicles


# --- get and list


@given(vins_with_wrong_check_digit())
def test_vin_accepted_earlier_is_found(vin: Vin) -> None:
    repository = InMemoryVehicleRepository()
    stored = registry_on(repository, VinPolicy.ADVISORY).register(vin, 2, FuelType.DIESEL)
    strict = registry_on(repository)

    assert stored == strict.get(vin)
    assert strict.change(vin, no_of_axles=3).vehicle.no_of_axles == 3
    assert strict.replace(vin, 4, FuelType.HYBRID)[1] is False
    strict.delete(vin)
    assert repository.page(EVERY_VEHICLE, limit=1).vehicles == ()


@pytest.mark.parametrize(
    "call",
    (
        lambda registry: registry.get(WRONG_VIN),
        lambda registry: registry.change(WRONG_VIN, no_of_axles=3),
        lambda registry: registry.change(WRONG_VIN, no_of_axles=3, expected=[FIRST]),
        lambda registry: registry.delete(WRONG_VIN),
        lambda registry: registry.delete(WRONG_VIN, expected=[FIRST]),
        lambda registry: registry.replace(WRONG_VIN, 2, FuelType.DIESEL, expected=[FIRST]),
    ),
)
@pytest.mark.parametrize(("policy", "error"), ((VinPolicy.STRICT, InvalidVin), (VinPolicy.ADVISORY, VehicleNotFound)))
def test_policy_decides_what_is_absent(
    call: Callable[[Registry], object],
    policy: VinPolicy,
    error: type[Exception],
    repository: InMemoryVehicleRepository,
) -> None:
    with pytest.raises(error):
        call(registry_on(repository, policy))


@pytest.mark.parametrize("limit", (0, -1))
def test_page_holds_one_vehicle(registry: Registry, limit: int) -> None:
    with pytest.raises(ValueError, match=f"limit is {limit}, but must be at least 1"):
        registry.list(limit=limit)


def test_list_stops_at_100(repository: InMemoryVehicleRepository) -> None:
    registry = registry_on(repository)
    registry.register_many([Vehicle(Vin.of(f"WMAH05ZZ94M{n:06d}"), 2, FuelType.DIESEL, NOW) for n in range(101)])

    assert len(registry.list().vehicles) == 100


# --- change


@given(vehicles(), st.none() | axle_numbers(), st.none() | fuel_types())
def test_change_touches_what_is_given(vehicle: Vehicle, axles: int | None, fuel: FuelType | None) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    registry.register_many([vehicle])
    changed = registry.change(vehicle.vin, no_of_axles=axles, fuel_type=fuel)
    expected = replace(vehicle, no_of_axles=axles or vehicle.no_of_axles, fuel_type=fuel or vehicle.fuel_type)

    assert (changed, registry.get(vehicle.vin)) == (StoredVehicle(expected, SECOND), changed)


def test_one_of_the_versions_is_enough(registry: Registry) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    changed = registry.change(VIN, no_of_axles=3, expected=[UNKNOWN, stored.version])
    assert registry.get(VIN) == changed
    registry.delete(VIN, expected={UNKNOWN, changed.version})

    assert registry.list().vehicles == ()


@pytest.mark.parametrize("expected", ((), (UNKNOWN,), (UNKNOWN, SECOND)))
@pytest.mark.parametrize(
    "call",
    (
        lambda registry, expected: registry.change(VIN, no_of_axles=3, expected=expected),
        lambda registry, expected: registry.replace(VIN, 3, FuelType.DIESEL, expected=expected),
        lambda registry, expected: registry.delete(VIN, expected=expected),
    ),
    ids=("change", "replace", "delete"),
)
def test_other_versions_change_nothing(
    registry: Registry, call: Callable[[Registry, tuple[Version, ...]], object], expected: tuple[Version, ...]
) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    with pytest.raises(VersionMismatch) as error:
        call(registry, expected)

    assert (error.value.masked_vin, registry.get(VIN)) == (VIN.masked, stored)


def test_change_keeps_the_other_writers_field(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    once = iter([FuelType.ELECTRIC])
    others = ContendedVehicles(repository, lambda: [registry.change(VIN, fuel_type=fuel) for fuel in once])
    contended = registry_on(others, first_version=1001)
    changed = contended.change(VIN, no_of_axles=3)

    assert (changed.vehicle.no_of_axles, changed.vehicle.fuel_type) == (3, FuelType.ELECTRIC)


def test_delete_in_between_ends_the_change(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    others = ContendedVehicles(repository, lambda: registry.delete(VIN))
    contended = registry_on(others, first_version=1001)
    with pytest.raises(VehicleNotFound):
        contended.change(VIN, no_of_axles=3)

    assert registry.list().vehicles == ()


def test_endless_contention_is_given_up(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    others: list[StoredVehicle] = []
    contended = ContendedVehicles(repository, lambda: others.append(registry.change(VIN, fuel_type=FuelType.HYBRID)))
    with pytest.raises(StorageUnavailable, match=rf"concurrent changes of the vehicle with the VIN {VIN.masked}"):
        registry_on(contended, first_version=1001).change(VIN, no_of_axles=3)

    assert (ATTEMPTS, others[-1]) == (len(others), registry.get(VIN))


@pytest.mark.parametrize("registered_at", (None, NOW))
def test_repeat_after_lost_reply_succeeds(registry: Registry, registered_at: datetime | None) -> None:
    first = registry.register(VIN, 2, FuelType.DIESEL)
    changes = [
        registry.change(VIN, no_of_axles=3, registered_at=registered_at, expected=[first.version]) for _ in range(2)
    ]
    assert [changed.version for changed in changes] == [SECOND, SECOND]


def test_time_of_registration_never_changes(registry: Registry) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    with pytest.raises(InvalidVehicle, match="never changes"):
        registry.change(VIN, no_of_axles=3, registered_at=NOW - timedelta(days=1))

    assert registry.get(VIN) == stored


# --- replace


@given(vehicles(), axle_numbers(), fuel_types())
def test_replace_keeps_time_of_registration(vehicle: Vehicle, axles: int, fuel: FuelType) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    registry.register_many([vehicle])
    replaced, is_registered = registry.replace(vehicle.vin, axles, fuel)

    assert (replaced, is_registered) == (registry.get(vehicle.vin), False)
    assert replaced.vehicle == Vehicle(vehicle.vin, axles, fuel, vehicle.registered_at)


def test_replace_registers_absent_vehicle(registry: Registry) -> None:
    expected = StoredVehicle(Vehicle(VIN, 2, FuelType.DIESEL, NOW), FIRST)
    assert registry.replace(VIN, 2, FuelType.DIESEL, expected=[None]) == (expected, True)
    assert registry.replace(VIN, 2, FuelType.DIESEL, expected=[None]) == (expected, False)


def test_expected_vehicle_must_be_there(registry: Registry) -> None:
    with pytest.raises(VehicleNotFound):
        registry.replace(VIN, 2, FuelType.DIESEL, expected=[FIRST])

    assert registry.list().vehicles == ()


@pytest.mark.parametrize("is_registered", (True, False))
def test_replace_wins_in_the_end(
    registry: Registry,
    repository: InMemoryVehicleRepository,
    is_registered: bool,  # noqa: FBT001 — a column of the table
) -> None:
    if is_registered:
        registry.register(VIN, 2, FuelType.DIESEL)
    once = iter([FuelType.ELECTRIC])
    others = ContendedVehicles(repository, lambda: [registry.replace(VIN, 9, fuel) for fuel in once])
    replaced, _ = registry_on(others, first_version=1001).replace(VIN, 3, FuelType.HYBRID)

    assert (replaced, replaced.vehicle.no_of_axles) == (registry.get(VIN), 3)


def test_any_version_outlasts_contention(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    once = iter([FuelType.ELECTRIC])
    others = ContendedVehicles(repository, lambda: [registry.change(VIN, fuel_type=fuel) for fuel in once])
    registry_on(others, first_version=1001).delete(VIN, expected=[FIRST, SECOND])

    assert registry.list().vehicles == ()


def test_endless_contention_ends_deletion(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    others = ContendedVehicles(repository, lambda: registry.change(VIN, fuel_type=FuelType.HYBRID))
    with pytest.raises(StorageUnavailable):
        registry_on(others, first_version=1001).delete(VIN, expected=[Version(str(number)) for number in range(1_000)])


# --- change_many


@given(fleets(min_size=1, max_size=6), st.data())
def test_many_change_as_one(fleet: list[Vehicle], data: st.DataObject) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    registry.register_many(fleet[1:])
    changes = [
        Change(vehicle.vin, data.draw(st.none() | axle_numbers()), data.draw(st.none() | fuel_types()))
        for vehicle in fleet
    ]
    before = registry.get_many([vehicle.vin for vehicle in fleet])
    outcomes = registry.change_many(changes)

    for change, there, outcome in zip(changes, before, outcomes, strict=True):
        wanted = there and change.applied_to(there.vehicle)
        assert outcome == (None if there is None else wanted != there.vehicle)
        if there is not None:
            now = registry.get(change.vin)
            assert (now.vehicle, now.version != there.version) == (wanted, outcome)


def test_many_keep_the_other_writers_field(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    once = iter([FuelType.ELECTRIC])
    others = ContendedVehicles(repository, lambda: [registry.change(VIN, fuel_type=fuel) for fuel in once])
    outcomes = registry_on(others, first_version=1001).change_many([Change(VIN, no_of_axles=3)])

    assert (outcomes, registry.get(VIN).vehicle) == ((True,), Vehicle(VIN, 3, FuelType.ELECTRIC, NOW))


def test_only_losers_are_repeated(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register_many([Vehicle(vin, 2, FuelType.DIESEL, NOW) for vin in (VIN, OTHER_VIN)])
    once = iter([FuelType.ELECTRIC])
    others = ContendedVehicles(repository, lambda: [registry.change(VIN, fuel_type=fuel) for fuel in once])
    contended = registry_on(others, first_version=1001)
    contended.change_many([Change(VIN, 3), Change(OTHER_VIN, 3)])

    assert [stored and stored.version for stored in registry.get_many([VIN, OTHER_VIN])] == ["1003", "1002"]


def test_deleted_in_between_is_absent(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    once = iter([VIN])

    def interfere() -> None:
        for vin in once:
            registry.delete(vin)

    others = ContendedVehicles(repository, interfere)
    assert registry_on(others, first_version=1001).change_many([Change(VIN, 3)]) == (None,)


def test_repeated_vin_gets_every_change(registry: Registry) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    outcomes = registry.change_many([Change(VIN, 3), Change(VIN, fuel_type=FuelType.HYBRID)])

    assert (outcomes, registry.get(VIN).vehicle) == ((True, True), Vehicle(VIN, 3, FuelType.HYBRID, NOW))


def test_invalid_change_changes_none(registry: Registry) -> None:
    stored = [registry.register(vin, 2, FuelType.DIESEL) for vin in (VIN, OTHER_VIN)]
    with pytest.raises(InvalidVehicle):
        registry.change_many([Change(VIN, 3), Change(OTHER_VIN, 0)])

    assert list(registry.get_many([VIN, OTHER_VIN])) == stored


def test_endless_contention_of_many_is_given_up(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    others = ContendedVehicles(repository, lambda: registry.change(VIN, fuel_type=FuelType.HYBRID))
    with pytest.raises(StorageUnavailable, match=rf"concurrent changes of the vehicle with the VIN {VIN.masked}"):
        registry_on(others, first_version=1001).change_many([Change(VIN, 3)])

    assert registry.get(VIN).vehicle.no_of_axles == 2


# --- time


@pytest.mark.parametrize(
    "call",
    (
        lambda registry: registry.change(VIN, no_of_axles=3),
        lambda registry: registry.change_many([Change(VIN, 3)]),
        lambda registry: registry.delete(VIN, expected=[FIRST]),
    ),
)
@pytest.mark.parametrize(("seconds", "fails"), ((0.99, False), (1.0, True)))
def test_slow_read_forbids_the_write(
    call: Callable[[Registry], object],
    seconds: float,
    fails: bool,  # noqa: FBT001 — a row of a table
    registry: Registry,
    repository: InMemoryVehicleRepository,
) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    times = [NOW]
    slow_reads = ContendedVehicles(repository, lambda: times.append(NOW + timedelta(seconds=seconds)))
    slow = Registry(slow_reads, lambda: times[-1], lambda: "new")
    with pytest.raises(StorageUnavailable, match="too long") if fails else nullcontext():
        call(slow)

    assert fails == (registry.list().vehicles == (stored.vehicle,))


def test_slow_contention_is_given_up(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    times = [NOW]

    def interfere() -> None:
        times.append(times[-1] + timedelta(seconds=0.3))
        registry.change(VIN, fuel_type=FuelType.HYBRID)

    slow = Registry(ContendedVehicles(repository, interfere), lambda: times[-1], lambda: "new")
    with pytest.raises(StorageUnavailable, match="too long"):
        slow.change(VIN, no_of_axles=3)

    assert len(times) == 1 + 4


# --- delete


@pytest.mark.parametrize("expected", (None, [FIRST]))
def test_delete_twice_is_rejected(registry: Registry, expected: list[Version] | None) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    registry.delete(VIN, expected=expected)

    with pytest.raises(VehicleNotFound) as error:
        registry.delete(VIN, expected=expected)

    assert error.value.masked_vin == VIN.masked


@pytest.mark.parametrize(
    "call",
    (
        lambda registry: registry.change(VIN, no_of_axles=3, expected=[FIRST]),
        lambda registry: registry.delete(VIN, expected=[FIRST]),
    ),
    ids=("change", "delete"),
)
def test_change_in_between_fails_an_expectation(
    call: Callable[[Registry], object], registry: Registry, repository: InMemoryVehicleRepository
) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    others = ContendedVehicles(repository, lambda: registry.change(VIN, fuel_type=FuelType.ELECTRIC))
    with pytest.raises(VersionMismatch):
        call(registry_on(others, first_version=1001))

    assert registry.get(VIN).vehicle == Vehicle(VIN, 2, FuelType.ELECTRIC, NOW)


# --- privacy


@given(vins() | vins_with_wrong_check_digit(), st.sampled_from(VinPolicy))
def test_no_error_names_the_vin(vin: Vin, policy: VinPolicy) -> None:
    repository = InMemoryVehicleRepository()
    registry = registry_on(repository, policy)
    with pytest.raises((VehicleNotFound, InvalidVin)) as absent:
        registry.get(vin)
    registry_on(repository, VinPolicy.ADVISORY).register(vin, 2, FuelType.DIESEL)
    with pytest.raises((VehicleAlreadyRegistered, InvalidVin)) as present:
        registry.register(vin, 2, FuelType.DIESEL)
    with pytest.raises(VersionMismatch) as stale:
        registry.change(vin, no_of_axles=3, expected=[])
    said = [str(caught.value) + repr(caught.value) for caught in (absent, present, stale)]

    assert [sentence for sentence in said if str(vin) in sentence] == []
