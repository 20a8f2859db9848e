"""The port for storing vehicles."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from vehicles.domain.vehicle import Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin

Version = NewType("Version", str)
"""Identifies one state of one vehicle or report. Opaque; every write of a vehicle has a new, unique version."""


@dataclass(frozen=True, slots=True)
class StoredVehicle:
    """A vehicle and its version.

    `request` identifies the request that registered it, if that had an idempotency key. It is opaque, of ASCII without
    blanks, and stored with each state of the vehicle as given.
    """

    vehicle: Vehicle
    version: Version
    request: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """A page of vehicles.

    `next` is the argument `after` for the next page, or None on the last page. The vehicle with that VIN may no longer
    exist. A page before the last may have fewer vehicles than the limit, or none.
    """

    vehicles: tuple[Vehicle, ...]
    next: Vin | None


@dataclass(frozen=True, slots=True)
class Count:
    """A number of vehicles. If it is not exact, it is an estimate, which may be hours old."""

    vehicles: int
    is_exact: bool = True


class VehicleRepository(Protocol):
    """Stores vehicles by VIN, each VIN at most once.

    Every write is atomic, and durable when the call returns. If any number of callers, in any number of threads,
    processes and machines, contend for one VIN, exactly one wins.
    A call that fails with StorageUnavailable may have been carried out; after any other error it was not.
    If the adapter repeats a request because the reply was lost, the result is that of the first request.
    Every method raises StorageUnavailable if the storage is unreachable, slow, busy or full, StorageMisconfigured if
    someone has to fix it first, and StorageCorrupted if the stored data is not what the registry writes.
    """

    @abstractmethod
    def add(self, stored: StoredVehicle) -> None:
        """Store a new vehicle.

        Raises VehicleAlreadyRegistered if the VIN is stored already; that vehicle stays unchanged.
        """

    @abstractmethod
    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        """Add each vehicle of a batch whose VIN is not stored yet. Return, for each in order, whether it was added.

        If a VIN is repeated in the batch, the first vehicle wins. The batch is not atomic: if the call raises, any of
        the vehicles may have been added, and a call with the same batch adds the rest.
        """

    @abstractmethod
    def get(self, vin: Vin) -> StoredVehicle:
        """Return the latest state of the vehicle: reads are strongly consistent. Raises VehicleNotFound."""

    @abstractmethod
    def get_many(self, vins: Sequence[Vin]) -> tuple[StoredVehicle | None, ...]:
        """Return, for each VIN in order, the latest state of its vehicle as `get` does, or None if it is not stored.

        The vehicles may be read one after another, while others change them.
        """

    @abstractmethod
    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        """Replace the state with the expected version by a new state, in one conditional write.

        Raises VehicleNotFound if the VIN is not stored, and VersionMismatch if it has another version.
        """

    @abstractmethod
    def replace_many(self, batch: Sequence[tuple[StoredVehicle, Version]]) -> tuple[bool, ...]:
        """Replace each vehicle of a batch if it has the expected version, in one conditional write each.

        Return, for each in order, whether it was replaced: False if it has another version or is not stored.
        The writes may be made in any order. The batch is not atomic: if the call raises, any of the vehicles may have
        been replaced.
        """

    @abstractmethod
    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        """Remove a vehicle, in one conditional write. With `expected`, remove only the state with that version.

        Raises VehicleNotFound if the VIN is not stored, and VersionMismatch if it has another version.
        """

    @abstractmethod
    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        """Return at most `limit` (1 or more) of the matching vehicles, those after `after` in the adapter's order.

        The order is stable while vehicles are added and removed. So pagination from the first to the last page returns
        every vehicle that was stored during all of it exactly once, and no vehicle twice.
        `after` may be any VIN, but only the `next` of a page with the same filter is meaningful.
        """

    @abstractmethod
    def count(self) -> Count:
        """Return the number of vehicles.

        It is exact up to 5,000 vehicles at least. Beyond that the adapter may estimate, if counting so many would take
        longer than an HTTP request may.
        """

    @abstractmethod
    def partition(self, index: int, count: int) -> Iterator[Vehicle]:
        """Yield the vehicles of one of `count` disjoint partitions of the fleet (`index` from 0), in constant memory.

        All partitions with the same `count` together contain every vehicle that was stored during all reads exactly
        once, even if different processes read them at different times.
        Raises ValueError if `index` is not below `count`, before the first vehicle is read.
        """

    def partitions(self) -> int:
        """Return the number of partitions to read in parallel: 1, unless reading means waiting for a network."""
        return 1
