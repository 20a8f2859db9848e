"""What a place that remembers vehicles promises."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NewType, Protocol

from vehicles.domain.vehicle import Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin

Version = NewType("Version", str)
"""Names one state of one vehicle or report. Opaque; each write of a vehicle brings one that was never used before."""


@dataclass(frozen=True, slots=True)
class StoredVehicle:
    """A vehicle and the version it is kept under."""

    vehicle: Vehicle
    version: Version


@dataclass(frozen=True, slots=True)
class Page:
    """Some vehicles of a walk through the fleet, and where to go on.

    `next` is handed to the following call as `after`; None ends the walk.
    It names a place, not a vehicle that is still there. A page may be short, or empty, with the walk not at its end.
    """

    vehicles: tuple[Vehicle, ...]
    next: Vin | None


class VehicleRepository(Protocol):
    """Remembers vehicles by their VIN, each at most once.

    Every write is atomic and durable when the call returns, and of any number of callers, in any number of threads,
    processes and machines, that contend for one VIN exactly one wins.
    A call that fails with StorageUnavailable may have been carried out; no other failure leaves that open.
    A reply that is lost on the way and asked for again by the adapter is answered as if it had not been lost.
    Each method raises StorageUnavailable where the storage is away, slow, busy or full, StorageMisconfigured where
    someone has to set it right first, and StorageCorrupted where it holds what the registry did not write.
    """

    @abstractmethod
    def add(self, stored: StoredVehicle) -> None:
        """Remember a vehicle whose VIN is not there yet.

        Raises VehicleAlreadyRegistered where it is, and leaves the one that is there untouched.
        """

    @abstractmethod
    def add_many(self, batch: Sequence[StoredVehicle]) -> tuple[bool, ...]:
        """Add each vehicle of a batch whose VIN is not there yet, and say for each, in order, whether it was added.

        Within the batch the first of one VIN wins. Each vehicle is added by itself: where the call raises, any of them
        may be there, and calling again with the same batch brings in the rest.
        """

    @abstractmethod
    def get(self, vin: Vin) -> StoredVehicle:
        """Return the vehicle, as the latest write that returned has left it. Raises VehicleNotFound."""

    @abstractmethod
    def replace(self, stored: StoredVehicle, *, expected: Version) -> None:
        """Put a new state in the place of the state with the expected version, in one conditional write.

        Raises VehicleNotFound where the VIN is not there and VersionMismatch where it has another version.
        """

    @abstractmethod
    def remove(self, vin: Vin, *, expected: Version | None = None) -> None:
        """Forget a vehicle, in one conditional write; with `expected` only the state with that version.

        Raises VehicleNotFound where the VIN is not there and VersionMismatch where it has another version.
        """

    @abstractmethod
    def page(self, wanted: VehicleFilter, *, limit: int, after: Vin | None = None) -> Page:
        """Return at most `limit` (1 or more) of the vehicles that fit, going on behind `after`.

        The order is the adapter's own. It does not change while vehicles come and go, so that a walk from None to None
        shows every vehicle that was there all the time exactly once, and no vehicle twice.
        `after` may be any VIN, also one never seen; only one named by a page of the same filter has a meaning.
        """

    @abstractmethod
    def partition(self, index: int, count: int) -> Iterator[Vehicle]:
        """Read one of `count` disjoint partitions of the whole fleet (`index` from 0), in constant memory.

        The partitions with equal `count` hold together every vehicle that was there all the time exactly once, whoever
        reads them, whenever and wherever.
        Raises ValueError for `index` outside of `count`, before the first vehicle is asked for.
        """

    def partitions(self) -> int:
        """Return how many partitions are worth reading in parallel: one, unless reading is waiting for a network."""
        return 1
