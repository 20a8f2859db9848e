"""What the registry does, on the adapters in memory, with a clock that stands still and versions that are counted."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta

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
from vehicles.domain.vehicle import EVERY_VEHICLE, FuelType, Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.ports.vehicle_repository import Page, StoredVehicle, VehicleRepository, Version
from vehicles.testing.strategies import axle_numbers, fleets, fuel_types, vehicles, vins, vins_with_wrong_check_digit

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
VIN = Vin.parse("WMAH05ZZ94M012345")
OTHER_VIN = Vin.parse("YS2R4X20005398765")
ABSENT_VIN = Vin.parse("XLRTE47MS0E912345")
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


class ContendedVehicles(VehicleRepository):
    """A repository in which somebody else comes first: `interfere` runs after each vehicle that was read."""

    def __init__(self, inner: VehicleRepository, interfere: Callable[[], object]) -> None:
        self._inner = inner
        self._interfere = interfere

    def add(self, stored: StoredVehicle) -> None:
        self._inner.add(stored)

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        return self._inner.add_many(batch)

    def get(self, vin: Vin) -> StoredVehicle:
        stored = self._inner.get(vin)
        self._interfere()
        return stored

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        self._inner.replace(stored, expected=expected)

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        self._inner.remove(vin, expected=expected)

    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        return self._inner.page(wanted, limit=limit, after=after)

    def partition(self, index: int, count: int) -> Iterator[Vehicle]:
        return self._inner.partition(index, count)


@pytest.fixture
def repository() -> InMemoryVehicleRepository:
    return InMemoryVehicleRepository()


@pytest.fixture
def registry(repository: InMemoryVehicleRepository) -> Registry:
    return registry_on(repository)


# --- register


@given(vins(), axle_numbers(), fuel_types())
def test_registered_vehicle_is_found(vin: Vin, axles: int, fuel: FuelType) -> None:
    registry = registry_on(InMemoryVehicleRepository())

    assert registry.register(vin, axles, fuel) == registry.get(vin)


def test_register_stamps_the_moment(registry: Registry) -> None:
    expected = StoredVehicle(Vehicle(VIN, 2, FuelType.DIESEL, NOW), FIRST)

    assert expected == registry.register(VIN, 2, FuelType.DIESEL)


def test_rejects_duplicate_vin(registry: Registry) -> None:
    first = registry.register(VIN, 2, FuelType.DIESEL)
    with pytest.raises(VehicleAlreadyRegistered) as refusal:
        registry.register(VIN, 3, FuelType.ELECTRIC)

    assert (refusal.value.masked_vin, registry.get(VIN)) == (VIN.masked, first)


def test_register_refuses_wrong_axles(registry: Registry) -> None:
    with pytest.raises(InvalidVehicle):
        registry.register(VIN, 0, FuelType.DIESEL)

    assert registry.list().vehicles == ()


def test_register_again_after_delete(registry: Registry) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    registry.delete(VIN)

    assert registry.register(VIN, 3, FuelType.DIESEL).version == SECOND


@given(st.lists(vehicles(), max_size=5))
def test_many_are_registered_once(some: list[Vehicle]) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    seen: set[Vin] = set()
    first = [not (vehicle.vin in seen or seen.add(vehicle.vin)) for vehicle in some]  # type: ignore[func-returns-value]  # adds, then goes on

    assert tuple(first) == registry.register_many(some)


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
    with pytest.raises(InvalidVin) as refusal:
        registry.register(vin, axles, fuel)

    assert (refusal.value.code, registry.list().vehicles) == ("vin.check_digit", ())


@given(st.lists(vehicles(), max_size=5), vehicles(vins_with_wrong_check_digit()), st.integers(0, 5))
def test_strict_refuses_the_whole_call(some: list[Vehicle], wrong: Vehicle, place: int) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    with pytest.raises(InvalidVin) as refusal:
        registry.register_many([*some[:place], wrong, *some[place:]])

    assert (refusal.value.code, registry.list().vehicles) == ("vin.check_digit", ())


@given(vehicles(vins_with_wrong_check_digit()))
def test_advisory_registers_wrong_check_digit(vehicle: Vehicle) -> None:
    registry = registry_on(InMemoryVehicleRepository(), VinPolicy.ADVISORY)
    registry.register_many([vehicle])

    assert (vehicle,) == registry.list().vehicles


# --- get and list


def test_absent_vehicle_is_not_found(registry: Registry) -> None:
    with pytest.raises(VehicleNotFound) as refusal:
        registry.get(ABSENT_VIN)

    assert refusal.value.masked_vin == ABSENT_VIN.masked


@given(vins_with_wrong_check_digit())
def test_impossible_vin_is_invalid_if_strict(vin: Vin) -> None:
    with pytest.raises(InvalidVin) as refusal:
        registry_on(InMemoryVehicleRepository()).get(vin)

    assert refusal.value.code == "vin.check_digit"


@given(vins_with_wrong_check_digit())
def test_impossible_vin_is_absent_if_advisory(vin: Vin) -> None:
    with pytest.raises(VehicleNotFound):
        registry_on(InMemoryVehicleRepository(), VinPolicy.ADVISORY).get(vin)


@given(vins_with_wrong_check_digit())
def test_vin_accepted_earlier_is_found(vin: Vin) -> None:
    repository = InMemoryVehicleRepository()
    stored = registry_on(repository, VinPolicy.ADVISORY).register(vin, 2, FuelType.DIESEL)
    strict = registry_on(repository)

    assert stored == strict.get(vin)
    assert strict.change(vin, no_of_axles=3).vehicle.no_of_axles == 3
    strict.delete(vin)
    assert repository.page(EVERY_VEHICLE, limit=1).vehicles == ()


@pytest.mark.parametrize(
    "call",
    (
        lambda registry: registry.change(WRONG_VIN, no_of_axles=3),
        lambda registry: registry.change(WRONG_VIN, no_of_axles=3, expected=[FIRST]),
        lambda registry: registry.delete(WRONG_VIN),
        lambda registry: registry.delete(WRONG_VIN, expected=[FIRST]),
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


@given(fleets(max_size=8), st.integers(1, 4))
def test_pages_show_the_whole_fleet(fleet: list[Vehicle], limit: int) -> None:
    registry = registry_on(InMemoryVehicleRepository())
    registry.register_many(fleet)
    seen: list[Vehicle] = []
    after: Vin | None = None
    for _ in range(len(fleet) + 1):
        page = registry.list(limit=limit, after=after)
        seen += page.vehicles
        after = page.next
        if after is None:
            break

    assert sorted(vehicle.vin for vehicle in fleet) == sorted(vehicle.vin for vehicle in seen)


def test_list_filters(registry: Registry) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    wanted = registry.register(OTHER_VIN, 3, FuelType.DIESEL).vehicle

    assert (wanted,) == registry.list(VehicleFilter(wmi="YS2")).vehicles


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

    assert changed.vehicle == Vehicle(
        vehicle.vin,
        vehicle.no_of_axles if axles is None else axles,
        vehicle.fuel_type if fuel is None else fuel,
        vehicle.registered_at,
    )


def test_change_is_kept_with_new_version(registry: Registry) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    changed = registry.change(VIN, no_of_axles=3)

    assert (changed, changed.version) == (registry.get(VIN), SECOND)


def test_change_with_the_version(registry: Registry) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)

    assert registry.change(VIN, no_of_axles=3, expected=[UNKNOWN, stored.version]).vehicle.no_of_axles == 3


@pytest.mark.parametrize("expected", ((), (UNKNOWN,), (UNKNOWN, SECOND)))
def test_change_with_other_versions(registry: Registry, expected: tuple[Version, ...]) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    with pytest.raises(VersionMismatch):
        registry.change(VIN, no_of_axles=3, expected=expected)

    assert stored == registry.get(VIN)


def test_second_change_with_old_version(registry: Registry) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    registry.change(VIN, no_of_axles=3, expected=[stored.version])

    with pytest.raises(VersionMismatch) as refusal:
        registry.change(VIN, no_of_axles=4, expected=[stored.version])

    assert refusal.value.masked_vin == VIN.masked


@pytest.mark.parametrize("axles", (0, 100))
def test_change_refuses_wrong_axles(registry: Registry, axles: int) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    with pytest.raises(InvalidVehicle):
        registry.change(VIN, no_of_axles=axles)

    assert stored == registry.get(VIN)


def test_change_keeps_the_other_writers_field(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    once = iter([FuelType.ELECTRIC])
    others = ContendedVehicles(repository, lambda: [registry.change(VIN, fuel_type=fuel) for fuel in once])
    contended = registry_on(others, first_version=1001)
    changed = contended.change(VIN, no_of_axles=3)

    assert (changed.vehicle.no_of_axles, changed.vehicle.fuel_type) == (3, FuelType.ELECTRIC)


def test_contention_fails_an_expectation(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    others = ContendedVehicles(repository, lambda: registry.change(VIN, fuel_type=FuelType.ELECTRIC))
    contended = registry_on(others, first_version=1001)
    with pytest.raises(VersionMismatch):
        contended.change(VIN, no_of_axles=3, expected=[stored.version])

    assert (registry.get(VIN).vehicle.no_of_axles, registry.get(VIN).vehicle.fuel_type) == (2, FuelType.ELECTRIC)


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


# --- time


class Watch:
    """A clock that stands until somebody takes his time."""

    def __init__(self) -> None:
        self.now = NOW

    def wait(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.mark.parametrize(
    "call",
    (
        lambda registry: registry.change(VIN, no_of_axles=3),
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
    watch = Watch()
    slow = Registry(ContendedVehicles(repository, lambda: watch.wait(seconds)), lambda: watch.now, lambda: "new")
    with pytest.raises(StorageUnavailable, match="too long") if fails else nullcontext():
        call(slow)

    assert fails == (registry.list().vehicles == (stored.vehicle,))


def test_slow_contention_is_given_up(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    watch = Watch()
    others: list[StoredVehicle] = []

    def interfere() -> None:
        watch.wait(0.3)
        others.append(registry.change(VIN, fuel_type=FuelType.HYBRID))

    slow = Registry(ContendedVehicles(repository, interfere), lambda: watch.now, lambda: "new")
    with pytest.raises(StorageUnavailable, match="too long"):
        slow.change(VIN, no_of_axles=3)

    assert len(others) == 4


# --- delete


def test_delete_leaves_others(registry: Registry) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    other = registry.register(OTHER_VIN, 2, FuelType.DIESEL)
    registry.delete(VIN)

    assert (other.vehicle,) == registry.list().vehicles


@pytest.mark.parametrize("expected", (None, [FIRST]))
def test_delete_twice_is_refused(registry: Registry, expected: list[Version] | None) -> None:
    registry.register(VIN, 2, FuelType.DIESEL)
    registry.delete(VIN, expected=expected)

    with pytest.raises(VehicleNotFound) as refusal:
        registry.delete(VIN, expected=expected)

    assert refusal.value.masked_vin == VIN.masked


def test_delete_with_the_version(registry: Registry) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    registry.delete(VIN, expected={UNKNOWN, stored.version})

    assert registry.list().vehicles == ()


@pytest.mark.parametrize("expected", ((), (UNKNOWN,)))
def test_delete_with_other_versions(registry: Registry, expected: tuple[Version, ...]) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    with pytest.raises(VersionMismatch):
        registry.delete(VIN, expected=expected)

    assert stored == registry.get(VIN)


def test_change_in_between_ends_the_delete(registry: Registry, repository: InMemoryVehicleRepository) -> None:
    stored = registry.register(VIN, 2, FuelType.DIESEL)
    others = ContendedVehicles(repository, lambda: registry.change(VIN, no_of_axles=3))
    contended = registry_on(others, first_version=1001)
    with pytest.raises(VersionMismatch):
        contended.delete(VIN, expected=[stored.version])

    assert registry.get(VIN).vehicle.no_of_axles == 3


# --- privacy


@given(vins() | vins_with_wrong_check_digit(), st.sampled_from(VinPolicy))
def test_no_refusal_names_the_vin(vin: Vin, policy: VinPolicy) -> None:
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


@given(vins())
def test_stored_repr_hides_the_vin(vin: Vin) -> None:
    registry = registry_on(InMemoryVehicleRepository())

    assert str(vin) not in repr(registry.register(vin, 2, FuelType.DIESEL)) + repr(registry.list())
