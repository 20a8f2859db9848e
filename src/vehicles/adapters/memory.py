"""Both ports in the memory of one process: the fakes of the tests, and a backend to try things out with.

Nothing outlives the process. Safe with any number of threads.
"""

import hashlib
from bisect import bisect_right, insort
from collections.abc import Iterator, Sequence
from itertools import islice
from threading import RLock
from typing import final

from vehicles.domain.errors import (
    ReportChanged,
    ReportNotFound,
    VehicleAlreadyRegistered,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.domain.vehicle import EVERY_VEHICLE, Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.ports.checks import Check
from vehicles.ports.report_store import Report, ReportStore, Tag, check_key
from vehicles.ports.vehicle_repository import Page, StoredVehicle, VehicleRepository, Version


@final
class InMemoryVehicleRepository(VehicleRepository):
    """Vehicles in a dictionary, and their VINs in a sorted list to walk along."""

    def __init__(self, partitions: int = 1) -> None:
        """Begin with no vehicle, to be read in so many partitions."""
        self._partitions = partitions
        self._lock = RLock()
        # By the texts of the VINs, which hash and compare faster than what wraps them.
        self._stored: dict[str, StoredVehicle] = {}
        self._vins: list[str] = []

    def add(self, stored: StoredVehicle) -> None:
        """See the port."""
        if self.add_many([stored]) == (False,):
            raise VehicleAlreadyRegistered(stored.vehicle.vin.masked)

    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        """See the port."""
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
        """See the port."""
        with self._lock:
            return self._found(vin, None)

    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        """See the port."""
        with self._lock:
            self._found(stored.vehicle.vin, expected)
            self._stored[str(stored.vehicle.vin)] = stored

    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        """See the port."""
        with self._lock:
            self._found(vin, expected)
            del self._stored[str(vin)]
            del self._vins[bisect_right(self._vins, str(vin)) - 1]

    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        """See the port. The order is that of the VINs."""
        with self._lock:
            start = bisect_right(self._vins, str(after or ""))
            if wanted == EVERY_VEHICLE:
                found = [self._stored[vin].vehicle for vin in self._vins[start : start + limit + 1]]
            else:
                fleet = (self._stored[self._vins[place]].vehicle for place in range(start, len(self._vins)))
                found = list(islice(filter(wanted.matches, fleet), limit + 1))
        return Page(tuple(found[:limit]), found[limit - 1].vin if len(found) > limit else None)

    def partition(self, index: int, count: int) -> Iterator[Vehicle]:
        """See the port. A VIN's partition is its last three characters, always digits, modulo `count`."""
        if not 0 <= index < count:
            message = f"there is no partition {index} of {count}"
            raise ValueError(message)
        return self._walk(index, count)

    def partitions(self) -> int:
        """See the port."""
        return self._partitions

    def check(self) -> Iterator[Check]:
        """Yield what `vehicles doctor` says of this storage."""
        yield Check("storage", ok=True, detail="memory; all is forgotten when the process ends")

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
class InMemoryReportStore(ReportStore):
    """Reports in a dictionary."""

    def __init__(self) -> None:
        """Begin with no report."""
        self._lock = RLock()
        self._contents: dict[str, bytes] = {}

    def read(self, key: str) -> Report:
        """See the port."""
        check_key(key)
        content = self._contents.get(key)
        if content is None:
            raise ReportNotFound(key)
        return Report(content, _tag(content))

    def write(self, key: str, content: bytes, *, media_type: str) -> Tag:  # noqa: ARG002 — memory has no use for the type
        """See the port."""
        check_key(key)
        with self._lock:
            self._contents[key] = content
        return _tag(content)

    def write_if(self, key: str, content: bytes, *, media_type: str, expected: Tag | None) -> Tag:
        """See the port."""
        check_key(key)
        with self._lock:
            there = self._contents.get(key)
            if (None if there is None else _tag(there)) != expected:
                raise ReportChanged(key)
            return self.write(key, content, media_type=media_type)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See the port."""
        with self._lock:
            return iter(sorted(key for key in self._contents if key.startswith(prefix)))


def _tag(content: bytes) -> Tag:
    return Tag(hashlib.sha256(content).hexdigest())
