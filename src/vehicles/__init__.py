"""A registry of vehicles identified by their VIN: what `import vehicles` gives, with examples in docs/library.md.

Each name is imported when it is first used, so that a command or a function on AWS loads only what it needs.
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
        StorageUnavailable,
        VehicleAlreadyRegistered,
        VehicleNotFound,
        VersionMismatch,
    )
    from vehicles.domain.fleet_import import ConflictFound, OnConflict, RefusedRow, Tally
    from vehicles.domain.registry import Registry
    from vehicles.domain.summary.report import ReportFormat, WeeklyReport
    from vehicles.domain.summary.service import Outcome, Summarized, WeeklySummaries
    from vehicles.domain.summary.week import IsoWeek
    from vehicles.domain.vehicle import FuelType, Vehicle, VehicleFilter
    from vehicles.domain.vin.explanation import VinExplanation, explain
    from vehicles.domain.vin.number import Vin, VinPolicy
    from vehicles.entrypoints.fleet_files.rows import UnreadableFile
    from vehicles.library import OpenRegistry, open_registry
    from vehicles.ports.vehicle_repository import Page, StoredVehicle, Version
    from vehicles.settings import ConfigurationError

    __version__: str

__all__ = [
    "ConfigurationError",
    "ConflictFound",
    "Fault",
    "FuelType",
    "InvalidFilter",
    "InvalidInput",
    "InvalidVehicle",
    "InvalidVin",
    "InvalidWeek",
    "IsoWeek",
    "OnConflict",
    "OpenRegistry",
    "Outcome",
    "Page",
    "RefusedRow",
    "Registry",
    "RegistryError",
    "ReportChanged",
    "ReportFormat",
    "ReportNotFound",
    "StorageCorrupted",
    "StorageError",
    "StorageMisconfigured",
    "StorageUnavailable",
    "StoredVehicle",
    "Summarized",
    "Tally",
    "UnreadableFile",
    "Vehicle",
    "VehicleAlreadyRegistered",
    "VehicleFilter",
    "VehicleNotFound",
    "Version",
    "VersionMismatch",
    "Vin",
    "VinExplanation",
    "VinPolicy",
    "WeeklyReport",
    "WeeklySummaries",
    "__version__",
    "explain",
    "open_registry",
]

# In the order in which they are looked through.
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
    "entrypoints.fleet_files.rows",
    "settings",
)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


if not TYPE_CHECKING:  # or a type checker would take any name for one of these

    def __getattr__(name: str) -> object:
        if name == "__version__":
            return import_module("importlib.metadata").version("vehicle-registry")
        if name in __all__:
            for home in _HOMES:
                if hasattr(module := import_module(f"vehicles.{home}"), name):
                    return getattr(module, name)
        message = f"module 'vehicles' has no attribute {name!r}"
        raise AttributeError(message)
