"""SQLite and memory do the same, whatever is asked of them in whatever order."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.unit import strategies
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.adapters.sqlite import SQLiteVehicleRepository
from vehicles.domain.errors import RegistryError
from vehicles.domain.vehicle import EVERY_VEHICLE, Vehicle, VehicleFilter
from vehicles.domain.vin import Vin
from vehicles.ports.vehicle_repository import StoredVehicle, VehicleRepository, Version

# Few, so that they meet again: two makers, some with the same end, one of few vehicles.
VINS = tuple(
    Vin.of(text)
    for text in (
        "WMAH05ZZ94M012345",
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
    st.builds(Vehicle, vins, st.integers(1, 3), strategies.fuel_types(), strategies.moments()),
    versions,
)
filters = st.builds(
    VehicleFilter,
    st.none() | strategies.fuel_types(),
    st.none() | st.integers(1, 3),
    st.none() | st.sampled_from(["WMA", "YV2", "YA9", "1M8"]),
    st.none() | st.sampled_from(["012345", "A12346", "999999", "000000"]),
)


class RepositoryMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.sqlite = SQLiteVehicleRepository(self.folder / "vehicles.db")
        self.memory = InMemoryVehicleRepository()

    def teardown(self) -> None:
        self.sqlite.close()
        shutil.rmtree(self.folder)

    def both(self, call: Callable[[VehicleRepository], object]) -> None:
        """Do the same with both, and see the same: an answer, or an error with a sentence."""

        def seen(repository: VehicleRepository) -> object:
            try:
                return call(repository)
            except RegistryError as error:
                return type(error), str(error)

        assert seen(self.sqlite) == seen(self.memory)

    @rule(stored=states)
    def add(self, stored: StoredVehicle) -> None:
        self.both(lambda repository: repository.add(stored))

    @rule(batch=st.lists(states, max_size=6))
    def add_many(self, batch: list[StoredVehicle]) -> None:
        self.both(lambda repository: repository.add_many(batch))

    @rule(vin=vins)
    def get(self, vin: Vin) -> None:
        self.both(lambda repository: repository.get(vin))

    @rule(stored=states, expected=versions)
    def replace(self, stored: StoredVehicle, expected: Version) -> None:
        self.both(lambda repository: repository.replace(stored, expected=expected))

    @rule(vin=vins, expected=st.none() | versions)
    def remove(self, vin: Vin, expected: Version | None) -> None:
        self.both(lambda repository: repository.remove(vin, expected=expected))

    @rule(wanted=filters, limit=st.integers(1, 4), after=st.none() | vins)
    def page(self, wanted: VehicleFilter, limit: int, after: Vin | None) -> None:
        self.both(lambda repository: repository.page(wanted, limit=limit, after=after))

    @rule(index=st.integers(-1, 4), count=st.integers(-1, 4), after=st.none() | vins)
    def part(self, index: int, count: int, after: Vin | None) -> None:
        def read(repository: VehicleRepository) -> object:
            try:
                return list(repository.part(index, count, after=after))
            except ValueError as error:
                return str(error)

        self.both(read)

    @precondition(lambda self: self.memory.page(EVERY_VEHICLE, limit=1).vehicles)
    @rule()
    def reopen(self) -> None:
        self.sqlite.close()
        self.sqlite = SQLiteVehicleRepository(self.folder / "vehicles.db")

    @invariant()
    def same_fleet(self) -> None:
        self.both(lambda repository: repository.page(EVERY_VEHICLE, limit=len(VINS)))


TestRepositoryMachine = RepositoryMachine.TestCase
TestRepositoryMachine.settings = settings(max_examples=60, stateful_step_count=30)
