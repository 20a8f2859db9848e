"""The contract tests of the port `VehicleRepository`.

The test file of an adapter inherits the suite and overrides `make`.
The adapter chooses the order of the vehicles, and a page before the last may be short or empty. So no test relies on
either.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import product
from pathlib import Path
from typing import ClassVar
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vehicles.domain.errors import RegistryError, VehicleAlreadyRegistered, VehicleNotFound, VersionMismatch
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import EVERY_VEHICLE, FuelType, Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import Count, Page, StoredVehicle, VehicleRepository, Version
from vehicles.testing import strategies
from vehicles.testing.racing import racing

THREADS = 16
ROUNDS = 5
TIMESTAMP = datetime(2026, 11, 23, 10, 15, 30, 123456, tzinfo=UTC)
DIESEL = VehicleFilter(frozenset({FuelType.DIESEL}))

# The suite is inherited on purpose: each adapter runs the same examples.
example_by_example = settings(
    max_examples=min(25, settings().max_examples), suppress_health_check=[HealthCheck.differing_executors]
)


def numbered_vin(number: int) -> Vin:
    """A VIN for each number: three manufacturers, and the number as the last digits."""
    return Vin.of(f"{('WMA', 'YV2', 'XLR')[number % 3]}H05ZZ94M{number:06d}")


def stored(number: int = 0, version: str = "1", **changes: object) -> StoredVehicle:
    """A vehicle by number; `changes` overrides some fields."""
    vehicle = Vehicle(numbered_vin(number), 1 + number % 4, tuple(FuelType)[number % 5], TIMESTAMP)
    return StoredVehicle(replace(vehicle, **changes), Version(version))  # type: ignore[arg-type]  # fields by name


def kept(vehicles: list[Vehicle]) -> list[StoredVehicle]:
    """The vehicles, each with a version."""
    return [StoredVehicle(vehicle, Version("1")) for vehicle in vehicles]


def pages(repository: VehicleRepository, wanted: VehicleFilter = EVERY_VEHICLE, *, limit: int = 100) -> Iterator[Page]:
    """Every page of the list."""
    after: Vin | None = None
    while True:
        page = repository.page(wanted, limit=limit, after=after)
        yield page
        if page.next is None:
            return
        after = page.next


def walk(repository: VehicleRepository, wanted: VehicleFilter = EVERY_VEHICLE, *, limit: int = 100) -> list[Vehicle]:
    """Every vehicle of the list, in the adapter's order."""
    return [vehicle for page in pages(repository, wanted, limit=limit) for vehicle in page.vehicles]


def in_order(vehicles: list[Vehicle]) -> list[Vehicle]:
    """The vehicles in an order that is the same for all adapters."""
    return sorted(vehicles, key=lambda vehicle: vehicle.vin)


def outcomes(count: int, call: Callable[[int], object]) -> list[type[RegistryError] | None]:
    """The results of concurrent calls: the class of the error, or None."""

    def attempt(number: int) -> type[RegistryError] | None:
        try:
            call(number)
        except RegistryError as error:
            return type(error)
        return None

    return racing(partial(attempt, number) for number in range(count))


class VehicleRepositoryContract:
    """The contract of `VehicleRepository`."""

    large: ClassVar = 4500
    """A number of vehicles that needs more than one request or batch to read and write."""

    @classmethod
    def make(cls, folder: Path, cleanup: ExitStack) -> VehicleRepository:
        """Return an empty repository. `folder` is empty and not shared; `cleanup` runs after the tests."""
        raise NotImplementedError

    @pytest.fixture(scope="class")
    @classmethod
    def fresh(cls, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], VehicleRepository]]:
        """Yield a function that creates repositories; each example of a property uses a new one."""
        with ExitStack() as cleanup:
            yield lambda: cls.make(tmp_path_factory.mktemp("repository"), cleanup)

    @pytest.fixture
    def repository(self, fresh: Callable[[], VehicleRepository]) -> VehicleRepository:
        return fresh()

    # --- add and get ---

    def test_added_vehicle_comes_back(self, repository: VehicleRepository) -> None:
        repository.add(stored())
        assert stored() == repository.get(numbered_vin(0))

    @pytest.mark.parametrize("axles", (1, 99))
    def test_every_fuel_type_comes_back(self, repository: VehicleRepository, axles: int) -> None:
        fleet = [stored(number, fuel_type=fuel, no_of_axles=axles) for number, fuel in enumerate(FuelType)]
        repository.add_many(fleet)
        assert fleet == [repository.get(numbered_vin(number)) for number in range(len(fleet))]

    @pytest.mark.parametrize(
        "registered_at",
        (
            datetime.min.replace(tzinfo=UTC),
            datetime.max.replace(tzinfo=UTC),
            datetime(2026, 11, 23, tzinfo=UTC),
            datetime(2026, 11, 23, 0, 0, 0, 1, tzinfo=UTC),
            datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        ),
    )
    def test_timestamp_comes_back(self, repository: VehicleRepository, registered_at: datetime) -> None:
        repository.add(stored(registered_at=registered_at))
        assert registered_at == repository.get(numbered_vin(0)).vehicle.registered_at

    @pytest.mark.parametrize(
        "version",
        (
            'it\'s "quoted"',
            "'; DROP TABLE vehicle; --",
            "%s {0} $1 ? :name",
            "\N{ARTICULATED LORRY} \N{GREEK SMALL LETTER ALPHA}",
            "a\x00b",  # NUL is an ordinary character; a lone surrogate is not, and may be rejected
            "line\r\nbreak\t",
            " ",
            "NULL",
            "7",
            "v" * 1000,
        ),
    )
    def test_hostile_version_comes_back(self, repository: VehicleRepository, version: str) -> None:
        repository.add(stored(version=version))
        assert version == repository.get(numbered_vin(0)).version

    def test_versions_differ_behind_nul(self, repository: VehicleRepository) -> None:
        repository.add(stored(version="a\x00b"))
        with pytest.raises(VersionMismatch):
            repository.remove(numbered_vin(0), expected=Version("a\x00c"))

    def test_get_of_nothing_raises(self, repository: VehicleRepository) -> None:
        with pytest.raises(VehicleNotFound) as error:
            repository.get(numbered_vin(0))
        assert str(numbered_vin(0)) not in str(error.value)

    def test_first_add_wins(self, repository: VehicleRepository) -> None:
        repository.add(stored())
        for second in (stored(), stored(version="2", no_of_axles=99)):
            with pytest.raises(VehicleAlreadyRegistered):
                repository.add(second)
        assert stored() == repository.get(numbered_vin(0))

    # --- add_many ---

    def test_batch_is_added(self, repository: VehicleRepository) -> None:
        batch = [stored(number) for number in range(5)]
        assert (repository.add_many([]), repository.add_many(batch)) == ((), (True,) * 5)
        assert batch == [repository.get(numbered_vin(number)) for number in range(5)]

    def test_batch_reports_duplicates(self, repository: VehicleRepository) -> None:
        assert repository.add_many([stored(0), stored(1), stored(0), stored(1)]) == (True, True, False, False)

    def test_first_in_batch_wins(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(version="1", no_of_axles=1), stored(version="2", no_of_axles=2)])
        assert stored(version="1", no_of_axles=1) == repository.get(numbered_vin(0))

    def test_batch_leaves_present_untouched(self, repository: VehicleRepository) -> None:
        repository.add(stored())
        assert repository.add_many([stored(version="2", no_of_axles=99), stored(1)]) == (False, True)
        assert stored() == repository.get(numbered_vin(0))

    def test_large_batch_is_added(self, repository: VehicleRepository) -> None:
        assert repository.add_many([stored(number) for number in range(self.large // 3)]) == (True,) * (self.large // 3)

    # --- get_many ---

    def test_many_come_back_in_order(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(0), stored(1), stored(2)])
        vins = [numbered_vin(number) for number in (2, 9, 0, 2)]
        assert (repository.get_many([]), repository.get_many(vins)) == ((), (stored(2), None, stored(0), stored(2)))

    def test_many_are_the_latest(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(0), stored(1)])
        repository.replace(stored(0, version="2", no_of_axles=42), expected=Version("1"))
        repository.remove(numbered_vin(1))
        assert repository.get_many([numbered_vin(0), numbered_vin(1)]) == (stored(0, "2", no_of_axles=42), None)

    def test_few_of_many_are_found(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(0), stored(999)])
        found = repository.get_many([numbered_vin(number) for number in range(1000)])
        assert found == (stored(0), *[None] * 998, stored(999))

    # --- replace ---

    def test_replaced_vehicle_comes_back(self, repository: VehicleRepository) -> None:
        repository.add(stored())
        new = stored(version="2", no_of_axles=42, fuel_type=FuelType.HYDROGEN)
        repository.replace(new, expected=Version("1"))
        assert new == repository.get(numbered_vin(0))

    def test_request_stays_with_the_vehicle(self, repository: VehicleRepository) -> None:
        states = [replace(stored(version=version), request="key.content.1") for version in "123"]
        repository.add(states[0])
        assert states[0] == repository.get(numbered_vin(0))
        repository.replace(states[1], expected=Version("1"))
        assert (states[1],) == repository.get_many([numbered_vin(0)])
        repository.replace_many([(states[2], Version("2"))])
        assert states[2] == repository.get(numbered_vin(0))
        repository.remove(numbered_vin(0))
        repository.add(stored())
        assert repository.get(numbered_vin(0)).request is None

    def test_replace_changes_no_other(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(0), stored(1)])
        repository.replace(stored(0, version="2", no_of_axles=42), expected=Version("1"))
        assert stored(1) == repository.get(numbered_vin(1))

    def test_replace_of_nothing_adds_nothing(self, repository: VehicleRepository) -> None:
        with pytest.raises(VehicleNotFound):
            repository.replace(stored(version="2"), expected=Version("1"))
        assert walk(repository) == []

    def test_stale_replace_changes_nothing(self, repository: VehicleRepository) -> None:
        repository.add(stored())
        with pytest.raises(VersionMismatch):
            repository.replace(stored(version="3", no_of_axles=99), expected=Version("2"))
        assert stored() == repository.get(numbered_vin(0))

    def test_replace_moves_between_filters(self, repository: VehicleRepository) -> None:
        repository.add(stored(fuel_type=FuelType.DIESEL))
        repository.replace(stored(version="2", fuel_type=FuelType.ELECTRIC), expected=Version("1"))
        assert walk(repository, DIESEL) == []

    # --- replace_many ---

    def test_replaced_batch_comes_back(self, repository: VehicleRepository) -> None:
        size = self.large // 3
        repository.add_many([stored(number) for number in range(size)])
        batch = [stored(number, version="2", no_of_axles=42) for number in range(size)]
        assert repository.replace_many([(each, Version("1")) for each in batch]) == (True,) * size
        assert tuple(batch) == repository.get_many([each.vehicle.vin for each in batch])

    def test_batch_replaces_what_is_expected(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(0), stored(1, version="2"), stored(3)])
        batch = [(stored(number, version="3", no_of_axles=42), Version("1")) for number in range(4)]
        there = (stored(0, "3", no_of_axles=42), stored(1, "2"), None, stored(3, "3", no_of_axles=42))
        assert (repository.replace_many([]), repository.replace_many(batch)) == ((), (True, False, False, True))
        assert there == repository.get_many([each.vehicle.vin for each, _ in batch])

    # --- remove ---

    @pytest.mark.parametrize("expected", (None, Version("1")))
    def test_remove_leaves_others(self, repository: VehicleRepository, expected: Version | None) -> None:
        repository.add_many([stored(0), stored(1)])
        repository.remove(numbered_vin(0), expected=expected)
        with pytest.raises(VehicleNotFound):
            repository.get(numbered_vin(0))
        assert [stored(1).vehicle] == walk(repository)

    @pytest.mark.parametrize("expected", (None, Version("1")))
    def test_remove_of_nothing_raises(self, repository: VehicleRepository, expected: Version | None) -> None:
        with pytest.raises(VehicleNotFound):
            repository.remove(numbered_vin(0), expected=expected)

    @pytest.mark.parametrize("expected", ("2", "", "1 ", "01"))
    def test_stale_remove_changes_nothing(self, repository: VehicleRepository, expected: str) -> None:
        repository.add(stored())
        with pytest.raises(VersionMismatch):
            repository.remove(numbered_vin(0), expected=Version(expected))
        assert stored() == repository.get(numbered_vin(0))

    def test_removed_vehicle_returns(self, repository: VehicleRepository) -> None:
        repository.add(stored())
        repository.remove(numbered_vin(0))
        repository.add(stored(version="2", no_of_axles=9))
        assert stored(version="2", no_of_axles=9) == repository.get(numbered_vin(0))

    # --- page ---

    def test_empty_fleet_has_no_page(self, repository: VehicleRepository) -> None:
        assert walk(repository) == []

    @pytest.mark.parametrize("limit", (1, 2, 3, 6, 7, 8, 1000))
    def test_walk_shows_each_once(self, repository: VehicleRepository, limit: int) -> None:
        fleet = [stored(number) for number in range(7)]
        repository.add_many(fleet)
        assert all(len(page.vehicles) <= limit for page in pages(repository, limit=limit))
        assert in_order([each.vehicle for each in fleet]) == in_order(walk(repository, limit=limit))

    def test_order_does_not_change(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(number) for number in range(20)])
        assert walk(repository, limit=1) == walk(repository, limit=7)

    def test_filter_finds_what_fits(self, repository: VehicleRepository) -> None:
        fleet = [stored(number).vehicle for number in range(60)]
        repository.add_many(kept(fleet))
        one = fleet[31]
        values = (frozenset({one.fuel_type}), one.no_of_axles, one.vin.wmi, str(one.vin)[-6:])
        for chosen in product((False, True), repeat=4):
            wanted = VehicleFilter(*(value if use else None for value, use in zip(values, chosen, strict=True)))  # type: ignore[arg-type]  # in the order of the fields
            expected = in_order([vehicle for vehicle in fleet if wanted.matches(vehicle)])
            assert expected == in_order(walk(repository, wanted, limit=2))

    def test_filter_takes_several_fuel_types(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(number) for number in range(20)])
        for axles in (None, 2):
            found = walk(repository, VehicleFilter(frozenset({FuelType.DIESEL, FuelType.PETROL}), axles))
            assert {vehicle.fuel_type for vehicle in found} == {FuelType.DIESEL, FuelType.PETROL}

    def test_filter_finds_part_of_vin(self, repository: VehicleRepository) -> None:
        fleet = [stored(number).vehicle for number in range(1000, 1020)]
        repository.add_many(kept(fleet))
        vin = str(fleet[7].vin)
        for part in (vin, vin[:12], vin[2:-2], "001", "ABC"):
            expected = in_order([vehicle for vehicle in fleet if part in str(vehicle.vin)])
            assert expected == in_order(walk(repository, VehicleFilter(vin_contains=part)))

    def test_filter_ends_before_bound(self, repository: VehicleRepository) -> None:
        times = [TIMESTAMP + timedelta(microseconds=number) for number in range(4)]
        repository.add_many([stored(number, registered_at=time) for number, time in enumerate(times)])
        berlin = ZoneInfo("Europe/Berlin")
        since, before = times[1].astimezone(berlin), times[3].astimezone(berlin)
        found = walk(repository, VehicleFilter(registered_since=since, registered_before=before))
        assert sorted(vehicle.registered_at for vehicle in found) == times[1:3]

    @example_by_example
    @given(data=st.data())
    def test_filter_agrees_with_model(self, fresh: Callable[[], VehicleRepository], data: st.DataObject) -> None:
        fleet = data.draw(strategies.fleets())
        repository = fresh()
        repository.add_many(kept(fleet))
        wanted = data.draw(strategies.filters(fleet) | strategies.filters())
        expected = in_order([vehicle for vehicle in fleet if wanted.matches(vehicle)])
        assert expected == in_order(walk(repository, wanted, limit=data.draw(st.integers(1, 5))))

    @example_by_example
    @given(vehicle=strategies.vehicles())
    def test_any_vehicle_comes_back(self, fresh: Callable[[], VehicleRepository], vehicle: Vehicle) -> None:
        repository = fresh()
        repository.add(StoredVehicle(vehicle, Version("1")))
        assert vehicle == repository.get(vehicle.vin).vehicle

    @example_by_example
    @given(fleet=strategies.fleets(min_size=2), after=strategies.vins())
    def test_after_may_be_absent(
        self, fresh: Callable[[], VehicleRepository], fleet: list[Vehicle], after: Vin
    ) -> None:
        repository = fresh()
        repository.add_many(kept([vehicle for vehicle in fleet if vehicle.vin != after]))
        behind = repository.page(EVERY_VEHICLE, limit=100, after=after).vehicles
        assert set(behind) <= set(fleet)

    def test_walk_goes_on_behind_removed(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(number) for number in range(10)])
        whole = walk(repository)
        first = repository.page(EVERY_VEHICLE, limit=4)
        assert first.next is not None
        for vehicle in first.vehicles:
            repository.remove(vehicle.vin)
        rest = repository.page(EVERY_VEHICLE, limit=100, after=first.next).vehicles
        assert whole == [*first.vehicles, *rest]

    @example_by_example
    @given(data=st.data())
    def test_who_stays_is_shown_once(self, fresh: Callable[[], VehicleRepository], data: st.DataObject) -> None:
        fleet = data.draw(strategies.fleets(min_size=2, max_size=24))
        middle = len(fleet) // 2
        staying, passing = fleet[:middle], fleet[middle:]
        repository = fresh()
        repository.add_many(kept(staying))
        there: set[Vin] = set()
        shown: list[Vehicle] = []
        for page in pages(repository, limit=data.draw(st.integers(1, 4))):
            shown += page.vehicles
            for vehicle in data.draw(st.lists(st.sampled_from(passing), unique=True, max_size=4)):
                if vehicle.vin in there:
                    repository.remove(vehicle.vin)
                else:
                    repository.add(StoredVehicle(vehicle, Version("1")))
                there ^= {vehicle.vin}
        assert in_order(staying) == in_order([vehicle for vehicle in shown if vehicle in staying])
        assert len(shown) == len(set(shown))

    # --- count ---

    def test_count_is_that_of_the_fleet(self, repository: VehicleRepository) -> None:
        assert repository.count() == Count(0)
        repository.add_many([stored(number) for number in range(5)])
        repository.replace(stored(0, version="2", no_of_axles=9), expected=Version("1"))
        repository.remove(numbered_vin(1))
        assert repository.count() == Count(4)

    def test_large_fleet_is_counted(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(number) for number in range(self.large)])
        assert repository.count() == Count(self.large)

    # --- partition ---

    def test_partitions_are_the_fleet(self, repository: VehicleRepository) -> None:
        fleet = [stored(number).vehicle for number in range(150)]
        repository.add_many(kept(fleet))
        for count in (1, 2, 3, 7, 64):
            found = [vehicle for index in range(count) for vehicle in repository.partition(index, count)]
            assert in_order(fleet) == in_order(found)

    def test_partitions_share_the_work(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(number) for number in range(150)])
        for count in (2, 3, 7):
            assert all(0 < len(list(repository.partition(index, count))) < 150 for index in range(count))

    def test_partition_reads_the_same_again(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(number) for number in range(50)])
        assert list(repository.partition(1, 3)) == list(repository.partition(1, 3))

    def test_large_partition_is_whole(self, repository: VehicleRepository) -> None:
        fleet = [stored(number).vehicle for number in range(self.large)]
        repository.add_many(kept(fleet))
        assert in_order(fleet) == in_order(list(repository.partition(0, 1)))

    @pytest.mark.parametrize(("index", "count"), ((-1, 1), (1, 1), (2, 2), (0, 0), (0, -1)))
    def test_bad_partition_raises_early(self, repository: VehicleRepository, index: int, count: int) -> None:
        with pytest.raises(ValueError, match=str(index)):
            repository.partition(index, count)  # the iterator is not consumed

    def test_fleet_is_read_in_some_partitions(self, repository: VehicleRepository) -> None:
        assert 1 <= repository.partitions() <= 64

    @example_by_example
    @given(fleet=strategies.fleets(max_size=12), zone=strategies.zones())
    def test_summary_is_that_of_the_fleet(
        self, fresh: Callable[[], VehicleRepository], fleet: list[Vehicle], zone: ZoneInfo
    ) -> None:
        repository = fresh()
        repository.add_many(kept(fleet))
        week = IsoWeek(2026, 47)
        assert Summary.of(week, zone, fleet) == Summary.of(week, zone, repository.partition(0, 1))

    def test_writes_pass_an_open_partition(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(number) for number in range(10)])
        partition = repository.partition(0, 1)
        next(partition)
        repository.add(stored(10))
        assert len(list(partition)) >= 9

    # --- races ---

    def test_one_add_wins(self, repository: VehicleRepository) -> None:
        for number in range(ROUNDS):
            got = outcomes(THREADS, lambda thread, number=number: repository.add(stored(number, str(thread))))  # type: ignore[misc]  # a default binds the number
            assert [VehicleAlreadyRegistered] * (THREADS - 1) == [error for error in got if error]

    def test_winner_of_add_is_kept(self, repository: VehicleRepository) -> None:
        got = outcomes(THREADS, lambda thread: repository.add(stored(version=str(thread))))
        assert str(got.index(None)) == repository.get(numbered_vin(0)).version

    def test_one_batch_wins_each(self, repository: VehicleRepository) -> None:
        def add_shifted(thread: int) -> tuple[bool, ...]:
            return repository.add_many([stored((number + thread) % 12) for number in range(12)])

        batches = racing(partial(add_shifted, thread) for thread in range(THREADS))
        assert sum(batch.count(True) for batch in batches) == 12

    def test_one_remove_wins(self, repository: VehicleRepository) -> None:
        for _ in range(ROUNDS):
            repository.add(stored())
            got = outcomes(THREADS, lambda _: repository.remove(numbered_vin(0)))
            assert [VehicleNotFound] * (THREADS - 1) == [error for error in got if error]

    def test_one_expecting_remove_wins(self, repository: VehicleRepository) -> None:
        for _ in range(ROUNDS):
            repository.add(stored())
            got = outcomes(THREADS, lambda _: repository.remove(numbered_vin(0), expected=Version("1")))
            assert [VehicleNotFound] * (THREADS - 1) == [error for error in got if error]

    def test_one_replace_wins(self, repository: VehicleRepository) -> None:
        repository.add(stored())
        for _ in range(ROUNDS):
            now = repository.get(numbered_vin(0)).version
            got = outcomes(
                THREADS,
                lambda thread, now=now: repository.replace(stored(version=f"{now}.{thread}"), expected=now),  # type: ignore[misc]  # a default binds the version
            )
            assert [VersionMismatch] * (THREADS - 1) == [error for error in got if error]

    def test_one_batch_replaces_each(self, repository: VehicleRepository) -> None:
        repository.add_many([stored(number) for number in range(12)])

        def replace_shifted(thread: int) -> tuple[tuple[Vin, bool], ...]:
            states = [stored((number + thread) % 12, version=f"by {thread}") for number in range(12)]
            replaced = repository.replace_many([(each, Version("1")) for each in states])
            return tuple(zip((each.vehicle.vin for each in states), replaced, strict=True))

        batches = racing(partial(replace_shifted, thread) for thread in range(THREADS))
        winners = {vin: f"by {thread}" for thread, batch in enumerate(batches) for vin, won in batch if won}
        assert sum(won for batch in batches for _, won in batch) == len(winners) == 12
        assert winners == {vin: repository.get(vin).version for vin in winners}

    def test_different_vins_do_not_contend(self, repository: VehicleRepository) -> None:
        assert outcomes(THREADS, lambda thread: repository.add(stored(thread))) == [None] * THREADS
