"""A registry of vehicles identified by their VIN: the public API of `import vehicles`. Examples: docs/library.md.

Each name is imported on first use, so that a command or a function on AWS loads only what it needs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vehicles.domain.errors import (
        Fault,
        InvalidFilter,
        InvalidInput,
        InvalidVehicle,
        InvalidVin,
        InvalidWeek,
        RegistryError,
        ReportChanged,
        ReportNotFound,
        StorageCorrupted,
        StorageError,
        StorageMisconfigured,
        StorageReadOnly,
        StorageUnavailable,
        VehicleAlreadyRegistered,
        VehicleNotFound,
        VersionMismatch,
    )
    from vehicles.domain.fleet_import import ConflictFound, OnConflict, RefusedRow, Tally
    from vehicles.domain.registry import Registry
    from vehicles.domain.summary.report import ReportFormat, WeeklyReport
    from vehicles.domain.summary.service import FleetOverview, Outcome, Summarized, WeeklySummaries
    from vehicles.domain.summary.week import IsoWeek
    from vehicles.domain.vehicle import FuelType, Vehicle, VehicleFilter
    from vehicles.domain.vin.explanation import VinExplanation, explain
    from vehicles.domain.vin.number import Vin, VinPolicy
    from vehicles.entrypoints.fleet_files.content import UnreadableFile
    from vehicles.library import OpenRegistry, open_registry
    from vehicles.ports.vehicle_repository import Page, StoredVehicle, Version
    from vehicles.settings import ConfigurationError

    __version__: str

__all__ = ["__version__"]
__all__ += ["Vin", "VinExplanation", "VinPolicy", "explain"]
__all__ += ["FuelType", "Page", "Registry", "StoredVehicle", "Vehicle", "VehicleFilter", "Version"]
__all__ += ["OnConflict", "OpenRegistry", "RefusedRow", "Tally", "open_registry"]
__all__ += ["FleetOverview", "IsoWeek", "Outcome", "ReportFormat", "Summarized", "WeeklyReport", "WeeklySummaries"]
__all__ += ["ConfigurationError", "ConflictFound", "Fault", "RegistryError", "UnreadableFile"]
__all__ += ["InvalidFilter", "InvalidInput", "InvalidVehicle", "InvalidVin", "InvalidWeek"]
__all__ += ["ReportChanged", "ReportNotFound", "VehicleAlreadyRegistered", "VehicleNotFound", "VersionMismatch"]
__all__ += ["StorageCorrupted", "StorageError", "StorageMisconfigured", "StorageReadOnly", "StorageUnavailable"]

# In search order.
_HOMES = (
    "domain.errors",
    "domain.vehicle",
    "domain.vin.number",
    "domain.registry",
    "ports.vehicle_repository",
    "domain.vin.explanation",
    "domain.fleet_import",
    "domain.summary.week",
    "domain.summary.report",
    "domain.summary.service",
    "library",
    "entrypoints.fleet_files.content",
    "settings",
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # otherwise a type checker would accept any name

    def __getattr__(name: str) -> object:
        if name == "__version__":
            return import_module("importlib.metadata").version("vehicle-registry")
        if name in __all__:
            for home in _HOMES:
                if hasattr(module := import_module(f"vehicles.{home}"), name):
                    return getattr(module, name)
        message = f"module 'vehicles' has no attribute {name!r}"
        raise AttributeError(message)
