"""The service for vehicles: register, get, list, change, delete. It uses the port `VehicleRepository`."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from vehicles.domain.deadline import TIME_LIMIT, Deadline
from vehicles.domain.errors import (
    IdempotencyKeyReused,
    StorageUnavailable,
    VehicleAlreadyRegistered,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.domain.idempotency import IdempotencyKey, KeyedRequest
from vehicles.domain.vehicle import EVERY_VEHICLE, Change, FuelType, Vehicle, VehicleFilter
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.ports.vehicle_repository import Page, StoredVehicle, VehicleRepository, Version

MAX_PAGE_SIZE: Final = 1000
DEFAULT_PAGE_SIZE: Final = 100
# Optimistic concurrency: an attempt fails only if another writer changed the same vehicle.
_MAX_ATTEMPTS: Final = 100


@dataclass(frozen=True, slots=True)
class Registry:
    """The vehicles of a fleet. Every method may also raise StorageError.

    `clock` returns the current time in UTC, `new_version` a string that no call has returned before.
    `policy` decides which VINs are accepted, and whether a missing VIN is not found or not valid.
    A call that consists of several steps begins none of them after `time_limit`.
    """

    repository: VehicleRepository
    clock: Callable[[], datetime]
    new_version: Callable[[], str]
    policy: VinPolicy = VinPolicy.STRICT
    time_limit: timedelta = TIME_LIMIT

    def check_vin(self, vin: Vin) -> None:
        """Raise InvalidVin (`vin.check_digit`) if the policy of the registry does not accept the VIN."""
        self.policy.check(vin)

    def register(
        self, vin: Vin, no_of_axles: int, fuel_type: FuelType, key: IdempotencyKey | None = None
    ) -> StoredVehicle:
        """Register a vehicle as of now and return it.

        If this key registered the vehicle before, return what that call returned, even if the vehicle was changed.
        Raises InvalidVehicle, InvalidVin as `check_vin` does, VehicleAlreadyRegistered, and IdempotencyKeyReused.
        """
        stored = self._stamped(Vehicle(vin, no_of_axles, fuel_type, self.clock()))
        self.check_vin(vin)
        if key is None:
            self.repository.add(stored)
            return stored
        request = KeyedRequest.of(key, stored.vehicle, stored.version)
        stored = replace(stored, request=str(request))
        for _ in range(_MAX_ATTEMPTS):
            try:
                self.repository.add(stored)
            except VehicleAlreadyRegistered:
                try:
                    return _repeated(stored, request, self.repository.get(vin))
                except VehicleNotFound:
                    continue  # deleted in the meantime
            return stored
        raise _too_contended(vin)

    def register_many(self, vehicles: Iterable[Vehicle]) -> tuple[bool, ...]:
        """Register the vehicles that are not registered yet, and keep their timestamps.

        Returns, for each vehicle in order, whether it was added.
        Raises InvalidVin as `check_vin` does, before any vehicle is written.
        """
        stamped = [self._stamped(vehicle) for vehicle in vehicles]
        for stored in stamped:
            self.check_vin(stored.vehicle.vin)
        return self.repository.add_many(stamped)

    def get(self, vin: Vin) -> StoredVehicle:
        """Return a vehicle. Raises VehicleNotFound, or InvalidVin if the policy does not accept the missing VIN."""
        try:
            return self.repository.get(vin)
        except VehicleNotFound:
            self.check_vin(vin)
            raise

    def get_many(self, vins: Sequence[Vin]) -> tuple[StoredVehicle | None, ...]:
        """Return the vehicle of each VIN in order, or None if it is not registered."""
        return self.repository.get_many(vins)

    def list(
        self, wanted: VehicleFilter = EVERY_VEHICLE, *, limit: int = DEFAULT_PAGE_SIZE, after: Vin | None = None
    ) -> Page:
        """Return a page of the vehicles that match; see `VehicleRepository.page`. Raises ValueError if `limit` < 1."""
        if limit < 1:
            raise ValueError(f"limit is {limit}, but must be at least 1")
        return self.repository.page(wanted, limit=limit, after=after)

    def change(
        self,
        vin: Vin,
        *,
        no_of_axles: int | None = None,
        fuel_type: FuelType | None = None,
        expected: Collection[Version] | None = None,
    ) -> StoredVehicle:
        """Change the given fields of a vehicle, and return the new state. The time of registration stays.

        With `expected`, change it only if it has one of these versions.
        Raises VehicleNotFound, InvalidVin as `get` does, InvalidVehicle, and VersionMismatch. Raises StorageUnavailable
        after `time_limit`, or if other writers keep changing the vehicle.
        """
        deadline = Deadline.after(self.time_limit, self.clock)
        for _ in range(_MAX_ATTEMPTS):
            deadline.check()
            now = self._get_expected(vin, expected)
            changed = self._stamped(Change(vin, no_of_axles, fuel_type).applied_to(now.vehicle), now.request)
            deadline.check()
            try:
                self.repository.replace(changed, expected=now.version)
            except VersionMismatch:
                continue
            return changed
        raise _too_contended(vin)

    def change_many(self, changes: Sequence[Change]) -> tuple[bool | None, ...]:
        """Make each change whose VIN is registered. The times of registration stay.

        Returns, for each in order, whether the vehicle was changed: False if it had these values already, None if the
        VIN is not registered. If a VIN is repeated, the order of its changes is not defined.
        The call is not atomic, and another call with the same changes makes the rest.
        Raises InvalidVehicle before any vehicle is written. Raises StorageUnavailable as `change` does.
        """
        deadline = Deadline.after(self.time_limit, self.clock)
        outcomes: list[bool | None] = [None] * len(changes)
        waiting = dict(enumerate(changes))
        for _ in range(_MAX_ATTEMPTS):
            deadline.check()
            batch: dict[int, tuple[StoredVehicle, Version]] = {}
            found = self.get_many([change.vin for change in waiting.values()])
            for (place, change), now in zip(waiting.items(), found, strict=True):
                outcomes[place] = None if now is None else False
                if now is not None and (vehicle := change.applied_to(now.vehicle)) != now.vehicle:
                    outcomes[place], batch[place] = True, (self._stamped(vehicle, now.request), now.version)
            if not batch:
                return tuple(outcomes)
            deadline.check()
            replaced = self.repository.replace_many([*batch.values()])
            waiting = {place: changes[place] for place, done in zip(batch, replaced, strict=True) if not done}
            if not waiting:
                return tuple(outcomes)
        raise _too_contended(next(iter(waiting.values())).vin)

    def delete(self, vin: Vin, *, expected: Collection[Version] | None = None) -> None:
        """Delete a vehicle. With `expected`, delete it only if it has one of these versions.

        Raises VehicleNotFound, InvalidVin as `get` does, and VersionMismatch; StorageUnavailable after `time_limit`.
        """
        if expected is not None:
            deadline = Deadline.after(self.time_limit, self.clock)
            now = self._get_expected(vin, expected)
            deadline.check()
            self.repository.remove(vin, expected=now.version)
            return
        try:
            self.repository.remove(vin)
        except VehicleNotFound:
            self.check_vin(vin)
            raise

    def _get_expected(self, vin: Vin, expected: Collection[Version] | None) -> StoredVehicle:
        now = self.get(vin)
        if expected is not None and now.version not in expected:
            raise VersionMismatch(vin.masked)
        return now

    def _stamped(self, vehicle: Vehicle, request: str | None = None) -> StoredVehicle:
        return StoredVehicle(vehicle, Version(self.new_version()), request)


def _repeated(stored: StoredVehicle, request: KeyedRequest, there: StoredVehicle) -> StoredVehicle:
    """Return what the first request with the key returned. Raises VehicleAlreadyRegistered, IdempotencyKeyReused."""
    first = KeyedRequest.parse(there.request) if there.request else None
    if first is None or first.key != request.key:
        raise VehicleAlreadyRegistered(there.vehicle.vin.masked)
    if first.content != request.content:
        raise IdempotencyKeyReused(there.vehicle.vin.masked)
    return StoredVehicle(
        replace(stored.vehicle, registered_at=there.vehicle.registered_at), first.version, there.request
    )


def _too_contended(vin: Vin) -> StorageUnavailable:
    return StorageUnavailable(f"Too many concurrent changes of the vehicle with the VIN {vin.masked}")
