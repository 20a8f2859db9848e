"""The adapters in memory keep both contracts."""

from collections.abc import MutableMapping
from contextlib import ExitStack
from pathlib import Path

import pytest

from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.ports.vehicle_repository import VehicleRepository
from vehicles.testing.report_store import ReportStoreContract
from vehicles.testing.vehicle_repository import VehicleRepositoryContract


class TestInMemoryVehicleRepository(VehicleRepositoryContract):
    @classmethod
    def make(cls, folder: Path, cleanup: ExitStack) -> VehicleRepository:  # noqa: ARG003 — memory needs neither
        return InMemoryVehicleRepository()


class TestInMemoryReportStore(ReportStoreContract):
    @pytest.fixture
    def store(self) -> InMemoryReportStore:
        return InMemoryReportStore()

    @pytest.fixture
    def files(self, store: ReportFiles) -> MutableMapping[str, bytes]:
        assert isinstance(store, InMemoryReportStore)
        return store._files
