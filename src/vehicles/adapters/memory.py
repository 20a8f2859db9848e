"""Both ports in the memory of one process: the fakes for tests, and a backend for experiments.

All data is lost when the process ends. Thread-safe.
"""

from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import islice
from threading import RLock
from typing import final

from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.domain.errors import ReportChanged, VehicleAlreadyRegistered, VehicleNotFound, VersionMismatch
from vehicles.domain.vehicle import Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.ports.vehicle_repository import Count, Page, StoredVehicle, VehicleRepository, Version


@final
class InMemoryVehicleRepository(VehicleRepository):
    """Vehicles in a dictionary, and their VINs in a sorted list for pagination."""

    def __init__(self, partitions: int = 1) -> None:
        self._partitions = partitions
        self._lock = RLock()
        # The keys are strings, which hash and compare faster than Vin.
        self._stored: dict[str, StoredVehicle] = {}
        self._vins: list[str] = []

    def add(self, stored: StoredVehicle) -> None:
        if self.add_many([stored]) == (False,):
            raise VehicleAlreadyRegistered(stored.vehicle.vin.masked)

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        added: list[bool] = []
        with self._lock:
            for stored in batch:
                vin = str(stored.vehicle.vin)
                added.append(vin not in self._stored)
                if added[-1]:
                    self._stored[vin] = stored
                    insort(self._vins, vin)
        return tuple(added)

    def get(self, vin: Vin) -> StoredVehicle:
        with self._lock:
            return self._found(vin, None)

    def get_many(self, vins: Sequence[Vin]) -> tuple[StoredVehicle | None, ...]:
        with self._lock:
            return tuple(self._stored.get(str(vin)) for vin in vins)

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        with self._lock:
            self._found(stored.vehicle.vin, expected)
            self._stored[str(stored.vehicle.vin)] = stored

    def replace_many(self, batch: Sequence[tuple[StoredVehicle, Version]]) -> tuple[bool, ...]:
        replaced: list[bool] = []
        with self._lock:
            for stored, expected in batch:
                there = self._stored.get(str(stored.vehicle.vin))
                replaced.append(there is not None and there.version == expected)
                if replaced[-1]:
                    self._stored[str(stored.vehicle.vin)] = stored
        return tuple(replaced)

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        with self._lock:
            self._found(vin, expected)
            del self._stored[str(vin)]
            del self._vins[bisect_right(self._vins, str(vin)) - 1]

    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        """The order is by VIN."""
        with self._lock:
            start = bisect_right(self._vins, str(after or ""))
            fleet = (self._stored[vin].vehicle for vin in islice(self._vins, start, None))
            found = list(islice(filter(wanted.matches, fleet), limit + 1))
        return Page(tuple(found[:limit]), found[limit - 1].vin if len(found) > limit else None)

    def count(self) -> Count:
        with self._lock:
            return Count(len(self._vins))

    def partition(self, index: int, count: int) -> Iterator[Vehicle]:
        """The partition of a VIN is its last three characters, always digits, modulo `count`."""
        if not 0 <= index < count:
            raise ValueError(f"there is no partition {index} of {count}")
        return self._walk(index, count)

    def partitions(self) -> int:
        return self._partitions

    def _walk(self, index: int, count: int) -> Iterator[Vehicle]:
        last = ""
        while True:
            with self._lock:
                start = bisect_right(self._vins, last)
                some = [self._stored[vin].vehicle for vin in self._vins[start : start + 1000]]
            if not some:
                return
            yield from (vehicle for vehicle in some if int(str(vehicle.vin)[-3:]) % count == index)
            last = str(some[-1].vin)

    def _found(self, vin: Vin, expected: Version | None) -> StoredVehicle:
        stored = self._stored.get(str(vin))
        if stored is None:
            raise VehicleNotFound(vin.masked)
        if expected is not None and stored.version != expected:
            raise VersionMismatch(vin.masked)
        return stored


@final
class InMemoryReportStore(ReportFiles):
    """Reports as files in a dictionary."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._files: dict[str, bytes] = {}

    def _read(self, key: str) -> tuple[bytes, Version] | None:
        content = self._files.get(key)
        return None if content is None else (content, self._version_of(content))

    def _write(self, key: str, content: bytes, media_type: str, *, expected: Version | None) -> Version:  # noqa: ARG002 — the type is not stored
        with self._lock:
            there = self._read(key)
            if (there[1] if there else None) != expected:
                raise ReportChanged(key)
            self._files[key] = content
        return self._version_of(content)

    def _versions(self, prefix: str) -> dict[str, Version]:
        with self._lock:
            return {key: self._version_of(content) for key, content in self._files.items() if key.startswith(prefix)}
