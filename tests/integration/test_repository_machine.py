"""Each adapter and the one in memory do the same, whatever is asked of them in whatever order."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.support.emulator import Emulator, make_table
from vehicles.adapters.aws.dynamodb import DynamoDBVehicleRepository
from vehicles.adapters.aws.dynamodb_items import item_of
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.domain.errors import RegistryError
from vehicles.domain.vehicle import EVERY_VEHICLE, Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, VehicleRepository, Version
from vehicles.testing import strategies
from vehicles.testing.vehicle_repository import TIMESTAMP, in_order, walk

# Few, so that they meet again: two manufacturers, some with the same end, one of few vehicles.
VINS = tuple(
    Vin.of(text)
    for text in (
        "WMAH05ZZ04M012345",
        "WMAH05ZZ94M012346",
        "WMAH05ZZ95M012345",
        "YV2RT40A94M012345",
        "YV2RT40A94M999999",
        "YA9H05ZZ94MA12346",
    )
)
vins = st.sampled_from(VINS)
versions = st.sampled_from([Version(text) for text in ("1", "2", "it's", "")])
states = st.builds(
    StoredVehicle,
    st.builds(Vehicle, vins, st.integers(1, 3), strategies.fuel_types(), strategies.timestamps()),
    versions,
)
filters = st.builds(
    VehicleFilter,
    st.none() | st.frozensets(strategies.fuel_types(), min_size=1),
    st.none() | st.integers(1, 3),
    st.none() | st.sampled_from(["WMA", "YV2", "YA9", "1M8"]),
    st.none() | st.sampled_from(["012345", "A12346", "999999", "000000"]),
    st.none() | st.sampled_from(["H05ZZ9", "1234", "ABC"]),
    st.none() | strategies.timestamps(),
    st.none() | strategies.timestamps(),
)


class RepositoryMachine(RuleBasedStateMachine):
    """Does the same with an adapter and with the one in memory, and sees the same."""

    repository: VehicleRepository

    def __init__(self) -> None:
        super().__init__()
        self.memory = InMemoryVehicleRepository()

    def both(self, call: Callable[[VehicleRepository], object]) -> None:
        """See the same of both: an answer, or an error with a sentence."""

        def seen(repository: VehicleRepository) -> object:
            try:
                return call(repository)
            except (RegistryError, ValueError) as error:
                return type(error), str(error)

        assert seen(self.repository) == seen(self.memory)

    @rule(stored=states)
    def add(self, stored: StoredVehicle) -> None:
        self.both(lambda repository: repository.add(stored))

    @rule(batch=st.lists(states, max_size=6))
    def add_many(self, batch: list[StoredVehicle]) -> None:
        self.both(lambda repository: repository.add_many(batch))

    @rule(vin=vins)
    def get(self, vin: Vin) -> None:
        self.both(lambda repository: repository.get(vin))

    @rule(some=st.lists(vins, max_size=6))
    def get_many(self, some: list[Vin]) -> None:
        self.both(lambda repository: repository.get_many(some))

    @rule(batch=st.lists(st.tuples(states, versions), unique_by=lambda each: each[0].vehicle.vin, max_size=6))
    def replace_many(self, batch: list[tuple[StoredVehicle, Version]]) -> None:
        self.both(lambda repository: repository.replace_many(batch))

    @rule(stored=states, expected=versions)
    def replace(self, stored: StoredVehicle, expected: Version) -> None:
        self.both(lambda repository: repository.replace(stored, expected=expected))

    @rule(vin=vins, expected=st.none() | versions)
    def remove(self, vin: Vin, expected: Version | None) -> None:
        self.both(lambda repository: repository.remove(vin, expected=expected))

    @rule(wanted=filters, limit=st.integers(1, 4))
    def list(self, wanted: VehicleFilter, limit: int) -> None:
        self.both(lambda repository: in_order(walk(repository, wanted, limit=limit)))

    @rule()
    def count(self) -> None:
        self.both(lambda repository: repository.count())

    @rule(count=st.integers(1, 4))
    def partitions(self, count: int) -> None:
        self.both(
            lambda repository: in_order([each for index in range(count) for each in repository.partition(index, count)])
        )

    @rule(index=st.integers(-1, 4), count=st.integers(-1, 0))
    def partition_of_nothing(self, index: int, count: int) -> None:
        self.both(lambda repository: repository.partition(index, count))

    @invariant()
    def same_fleet(self) -> None:
        self.both(lambda repository: in_order(walk(repository)))


class SQLiteMachine(RepositoryMachine):
    """Also in the same order, and with the same vehicles on each page and in each partition."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.repository = SQLiteVehicleRepository(self.folder / "vehicles.db")

    def teardown(self) -> None:
        self.close()
        shutil.rmtree(self.folder)

    def close(self) -> None:
        assert isinstance(self.repository, SQLiteVehicleRepository)
        self.repository.close()

    @rule(wanted=filters, limit=st.integers(1, 4), after=st.none() | vins)
    def page(self, wanted: VehicleFilter, limit: int, after: Vin | None) -> None:
        self.both(lambda repository: repository.page(wanted, limit=limit, after=after))

    @rule(index=st.integers(-1, 4), count=st.integers(-1, 4))
    def partition(self, index: int, count: int) -> None:
        self.both(lambda repository: [*repository.partition(index, count)])

    @precondition(lambda self: self.memory.page(EVERY_VEHICLE, limit=1).vehicles)
    @rule()
    def reopen(self) -> None:
        self.close()
        self.repository = SQLiteVehicleRepository(self.folder / "vehicles.db")


def test_sqlite_does_as_memory() -> None:
    run_state_machine_as_test(SQLiteMachine, settings=settings(stateful_step_count=30))


@pytest.mark.slow
def test_dynamodb_does_as_memory(emulator: Emulator) -> None:
    client = emulator.dynamodb()

    class DynamoDBMachine(RepositoryMachine):
        def __init__(self) -> None:
            super().__init__()
            self.table = make_table(client)
            self.repository = DynamoDBVehicleRepository(client, self.table, clock=lambda: TIMESTAMP)

        def teardown(self) -> None:
            client.delete_table(TableName=self.table)

        @invariant()
        def items_are_whole(self) -> None:
            """Look at the table past the adapter."""
            expected = {str(each.vin): item_of(self.memory.get(each.vin)) for each in walk(self.memory)}
            assert expected == {item["vin"]["S"]: item for item in client.scan(TableName=self.table)["Items"]}

    run_state_machine_as_test(DynamoDBMachine, settings=settings(stateful_step_count=20))
