"""For tests of adapters of one's own: the contract suites of both ports, and fakes that keep them in memory.

It needs pytest and hypothesis. A test class inherits a suite and makes the adapter for it; see docs/library.md.
"""
# ruff: noqa: E402 — pytest has to be told before it sees the suites, or their failures would say little

import pytest

pytest.register_assert_rewrite("vehicles.testing.report_store", "vehicles.testing.vehicle_repository")

from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.testing.report_store import ReportStoreContract
from vehicles.testing.vehicle_repository import VehicleRepositoryContract

__all__ = ["InMemoryReportStore", "InMemoryVehicleRepository", "ReportStoreContract", "VehicleRepositoryContract"]
