"""For tests of your own adapters: the contract suites of both ports, and the in-memory fakes.

It needs pytest and hypothesis. A test class inherits a suite and creates the adapter for it; see docs/library.md.
"""
# ruff: noqa: E402 — assertion rewriting must be registered before the suites are imported

import pytest

pytest.register_assert_rewrite("vehicles.testing.report_store", "vehicles.testing.vehicle_repository")

from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.testing.report_store import ReportStoreContract
from vehicles.testing.vehicle_repository import VehicleRepositoryContract

__all__ = ["InMemoryReportStore", "InMemoryVehicleRepository", "ReportStoreContract", "VehicleRepositoryContract"]
