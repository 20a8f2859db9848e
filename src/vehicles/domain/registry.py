"""The service for vehicles: register, get, list, change, replace, delete. It uses the port `VehicleRepository`."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from vehicles.domain.deadline import TIME_LIMIT, Deadline
from vehicles.domain.errors import (
    Fault,
    IdempotencyKeyReused,
    InvalidVehicle,
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

    def pages(self, wanted: VehicleFilter = EVERY_VEHICLE) -> Iterator[Page]:
        """Yield all pages of the vehicles that match, each with up to MAX_PAGE_SIZE."""
        page = self.list(wanted, limit=MAX_PAGE_SIZE)
        yield page
        while page.next:
            page = self.list(wanted, limit=MAX_PAGE_SIZE, after=page.next)
            yield page

    def change(
        self,
        vin: Vin,
        *,
        no_of_axles: int | None = None,
        fuel_type: FuelType | None = None,
        registered_at: datetime | None = None,
        expected: Container[Version | None] | None = None,
    ) -> StoredVehicle:
        """Change the given fields of a vehicle, and return the new state. The time of registration stays.

        With `expected`, change it only if it has one of these versions. If it has another one, but the given values
        already, return its state: a caller whose reply was lost may repeat the call.
        Raises VehicleNotFound, InvalidVin as `get` does, InvalidVehicle, also if `registered_at` is given and not the
        time of registration, and VersionMismatch. Raises StorageUnavailable after `time_limit`, or if other writers
        keep changing the vehicle.
        """

        def changed(now: StoredVehicle | None) -> Vehicle:
            if now is None:
                raise VehicleNotFound(vin.masked)
            return Change(vin, no_of_axles, fuel_type).applied_to(now.vehicle)

        return self._write(vin, changed, registered_at, expected)[0]

    def replace(
        self,
        vin: Vin,
        no_of_axles: int,
        fuel_type: FuelType,
        *,
        registered_at: datetime | None = None,
        expected: Container[Version | None] | None = None,
    ) -> tuple[StoredVehicle, bool]:
        """Replace all fields of a vehicle, or register it as of now if it is not registered.

        Returns the new state, and whether the vehicle was registered. The time of registration of a vehicle stays.
        The policy applies only to a VIN that is not registered. With `expected`, as `change`; None in `expected` means
        that the vehicle may be absent.
        Raises InvalidVin as `check_vin` does, InvalidVehicle and StorageUnavailable as `change` does, and
        VersionMismatch, or VehicleNotFound if the vehicle is absent, but must not be.
        """

        def replaced(now: StoredVehicle | None) -> Vehicle:
            return Vehicle(vin, no_of_axles, fuel_type, now.vehicle.registered_at if now else self.clock())

        return self._write(vin, replaced, registered_at, expected)

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

    def delete(self, vin: Vin, *, expected: Container[Version | None] | None = None) -> None:
        """Delete a vehicle. With `expected`, delete it only if it has one of these versions.

        Raises VehicleNotFound, InvalidVin as `get` does, and VersionMismatch; StorageUnavailable after `time_limit`.
        """
        if expected is not None:
            deadline = Deadline.after(self.time_limit, self.clock)
            for _ in range(_MAX_ATTEMPTS):
                deadline.check()
                now = self.get(vin)
                if now.version not in expected:
                    raise VersionMismatch(vin.masked)
                deadline.check()
                with suppress(VersionMismatch):
                    return self.repository.remove(vin, expected=now.version)
            raise _too_contended(vin)
        try:
            self.repository.remove(vin)
        except VehicleNotFound:
            self.check_vin(vin)
            raise

    def _write(
        self,
        vin: Vin,
        make: Callable[[StoredVehicle | None], Vehicle],
        registered_at: datetime | None,
        expected: Container[Version | None] | None,
    ) -> tuple[StoredVehicle, bool]:
        """Add or replace a vehicle under the version that was read; read again if another writer comes first."""
        deadline = Deadline.after(self.time_limit, self.clock)
        for _ in range(_MAX_ATTEMPTS):
            deadline.check()
            try:
                now = self.repository.get(vin)
            except VehicleNotFound:
                self.check_vin(vin)
                now = None
            vehicle = make(now)
            is_same_time = registered_at in {None, now and now.vehicle.registered_at}
            if expected is not None and (now and now.version) not in expected:
                if now is None:
                    raise VehicleNotFound(vin.masked)
                if now.vehicle == vehicle and is_same_time:
                    return now, False
                raise VersionMismatch(vin.masked)
            if not is_same_time:
                detail = "the registry sets the time of registration, and it never changes; leave it out"
                raise InvalidVehicle(Fault("field.read_only", detail, "registered_at"))
            stored = self._stamped(vehicle, now.request if now else None)
            deadline.check()
            try:
                if now is None:
                    self.repository.add(stored)
                else:
                    self.repository.replace(stored, expected=now.version)
            except (VehicleAlreadyRegistered, VehicleNotFound, VersionMismatch):
                continue
            return stored, now is None
        raise _too_contended(vin)

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
