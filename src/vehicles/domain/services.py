"""What the registry does, in terms of its ports: register, get, list, change, delete; summarize a week."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from vehicles.domain.errors import (
    Fault,
    InvalidWeek,
    ReportChanged,
    ReportNotFound,
    StorageUnavailable,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.domain.summary import Summary
from vehicles.domain.vehicle import EVERY_VEHICLE, FuelType, Vehicle, VehicleFilter
from vehicles.domain.vin import Vin, VinPolicy
from vehicles.domain.week import IsoWeek
from vehicles.domain.weekly_report import (
    LATEST_KEY,
    MEDIA_TYPE,
    Headline,
    read_pointer,
    summary_key,
    write_pointer,
    write_report,
)
from vehicles.ports.report_store import Report, ReportStore
from vehicles.ports.vehicle_repository import Page, StoredVehicle, VehicleRepository, Version

MOST_PER_PAGE: Final = 1000
USUAL_PER_PAGE: Final = 100
GO_ON_WITHIN: Final = timedelta(seconds=1)
"""From the start of a call within which it asks the storage for a further step. Each step is bounded by the storage, so
that a call of several steps takes at most as much longer than one."""

# Each failed attempt means that another writer of the same vehicle succeeded.
_MOST_ATTEMPTS: Final = 100
# Few write the pointer, once a week; and a function that summarizes has to end in time.
_MOST_POINTINGS: Final = 10


@dataclass(frozen=True, slots=True)
class Registry:
    """The vehicles of a fleet.

    `clock` returns the present moment in UTC, `new_version` a text that no call has returned before.
    The policy is the one that VINs are let in with; it tells a VIN that is not there from one that cannot be.
    """

    repository: VehicleRepository
    clock: Callable[[], datetime]
    new_version: Callable[[], str]
    policy: VinPolicy = VinPolicy.STRICT

    def register(self, vin: Vin, no_of_axles: int, fuel_type: FuelType) -> StoredVehicle:
        """Register a vehicle as of now and return it. Raises VehicleAlreadyRegistered, InvalidVehicle."""
        stored = self._stamped(Vehicle(vin, no_of_axles, fuel_type, self.clock()))
        self.repository.add(stored)
        return stored

    def register_many(self, vehicles: Sequence[Vehicle]) -> tuple[bool, ...]:
        """Register those that are not there yet, with the moments they carry, and say for each whether it was added."""
        return self.repository.add_many([self._stamped(vehicle) for vehicle in vehicles])

    def get(self, vin: Vin) -> StoredVehicle:
        """Return a vehicle. Raises VehicleNotFound, or InvalidVin where the policy would never have let the VIN in."""
        try:
            return self.repository.get(vin)
        except VehicleNotFound:
            self._demand_possible(vin)
            raise

    def list(
        self, wanted: VehicleFilter = EVERY_VEHICLE, *, limit: int = USUAL_PER_PAGE, after: Vin | None = None
    ) -> Page:
        """Return a page of the vehicles that fit; see `VehicleRepository.page`."""
        return self.repository.page(wanted, limit=limit, after=after)

    def change(
        self,
        vin: Vin,
        *,
        no_of_axles: int | None = None,
        fuel_type: FuelType | None = None,
        expected: Collection[Version] | None = None,
    ) -> StoredVehicle:
        """Change what is given of a vehicle and return it as it is then; the moment of registration stays.

        With `expected` only where it has one of these versions.
        Raises VehicleNotFound, InvalidVin as `get` does, InvalidVehicle, and VersionMismatch; StorageUnavailable where
        the steps take too long together, or others change the vehicle all the time.
        """
        demand_time = _deadline(self.clock)
        for _ in range(_MOST_ATTEMPTS):
            demand_time()
            now = self._get_expected(vin, expected)
            vehicle = replace(
                now.vehicle,
                no_of_axles=now.vehicle.no_of_axles if no_of_axles is None else no_of_axles,
                fuel_type=now.vehicle.fuel_type if fuel_type is None else fuel_type,
            )
            changed = self._stamped(vehicle)
            demand_time()
            try:
                self.repository.replace(changed, expected=now.version)
            except VersionMismatch:
                continue
            return changed
        reason = f"The vehicle with the VIN {vin.masked} is being changed by too many at once"
        raise StorageUnavailable(reason)

    def delete(self, vin: Vin, *, expected: Collection[Version] | None = None) -> None:
        """Delete a vehicle; with `expected` only where it has one of these versions.

        Raises VehicleNotFound, InvalidVin as `get` does, and VersionMismatch; StorageUnavailable as `change` does.
        """
        if expected is not None:
            demand_time = _deadline(self.clock)
            now = self._get_expected(vin, expected)
            demand_time()
            self.repository.remove(vin, expected=now.version)
            return
        try:
            self.repository.remove(vin)
        except VehicleNotFound:
            self._demand_possible(vin)
            raise

    def _get_expected(self, vin: Vin, expected: Collection[Version] | None) -> StoredVehicle:
        now = self.get(vin)
        if expected is not None and now.version not in expected:
            raise VersionMismatch(vin.masked)
        return now

    def _stamped(self, vehicle: Vehicle) -> StoredVehicle:
        return StoredVehicle(vehicle, Version(self.new_version()))

    def _demand_possible(self, vin: Vin) -> None:
        if self.policy is VinPolicy.STRICT:
            vin.demand_check_digit()


@dataclass(frozen=True, slots=True)
class WeeklySummaries:
    """The weekly summaries of a fleet, kept in a report store."""

    repository: VehicleRepository
    reports: ReportStore
    clock: Callable[[], datetime]

    def summarize(self, week: IsoWeek | None = None) -> Report:
        """Fold the fleet into the summary of a week, the present one by default, keep it, and return it as kept.

        The summary counts what was registered before the end of the week and is there now. Run again it is written
        again; `latest` is written after it, and goes forward in time only.
        Raises InvalidWeek for a week that has not begun.
        """
        now = self.clock()
        week = week or IsoWeek.containing(now)
        if week.start > now:
            raise InvalidWeek(Fault("week.future", f"the week {week} has not begun"))
        summary = Summary.of(week, self.repository.part(0, 1))
        content = write_report(summary, complete=week.end <= now, before=self._headline(week.shifted(-1)))
        tag = self.reports.write(summary_key(week), content, media_type=MEDIA_TYPE)
        self._point_latest_to(week)
        return Report(content, tag)

    def get(self, week: IsoWeek | None = None) -> Report:
        """Return the kept summary of a week, by default of the latest that has one. Raises ReportNotFound."""
        demand_time = _deadline(self.clock)
        if week is None:
            week = read_pointer(self.reports.read(LATEST_KEY).content)
            demand_time()
        return self.reports.read(summary_key(week))

    def _headline(self, week: IsoWeek) -> Headline | None:
        try:
            return Headline.of(self.reports.read(summary_key(week)).content)
        except ReportNotFound:
            return None

    def _point_latest_to(self, week: IsoWeek) -> None:
        pointer = write_pointer(week)
        for _ in range(_MOST_POINTINGS):
            try:
                there = self.reports.read(LATEST_KEY)
            except ReportNotFound:
                expected = None
            else:
                if read_pointer(there.content) >= week:
                    return
                expected = there.tag
            try:
                self.reports.write_if(LATEST_KEY, pointer, media_type=MEDIA_TYPE, expected=expected)
            except ReportChanged:
                continue
            return
        reason = "The pointer to the latest summary is being written by too many at once"
        raise StorageUnavailable(reason)


def _deadline(clock: Callable[[], datetime]) -> Callable[[], None]:
    """Return what raises StorageUnavailable once it is too late for a further step of the call that begins now."""
    end = clock() + GO_ON_WITHIN

    def demand_time() -> None:
        if clock() >= end:
            reason = "The storage took too long to answer"
            raise StorageUnavailable(reason)

    return demand_time
