"""What the registry does, in terms of its ports: register, get, list, change, delete; summarize a week."""

import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from vehicles.domain.errors import (
    Fault,
    InvalidWeek,
    ReportChanged,
    ReportNotFound,
    StorageCorrupted,
    StorageUnavailable,
    VehicleNotFound,
    VersionMismatch,
)
from vehicles.domain.fleet_fold import FleetFold, ForEach, always
from vehicles.domain.report_forms import csv_form, json_form, read_json_form
from vehicles.domain.report_manifest import (
    LATEST_KEY,
    WEEKS_PREFIX,
    Manifest,
    ReportForm,
    manifest_key,
    read_pointer,
    weeks_of,
    write_pointer,
)
from vehicles.domain.vehicle import EVERY_VEHICLE, FuelType, Vehicle, VehicleFilter
from vehicles.domain.vin import Vin, VinPolicy
from vehicles.domain.week import IsoWeek
from vehicles.domain.weekly_report import HISTORY_WEEKS, EarlierReport, WeeklyReport
from vehicles.ports.report_store import Report, ReportStore, Tag
from vehicles.ports.vehicle_repository import Page, StoredVehicle, VehicleRepository, Version

_LOG: Final = logging.getLogger(__name__)
MOST_PER_PAGE: Final = 1000
USUAL_PER_PAGE: Final = 100
GO_ON_WITHIN: Final = timedelta(seconds=1)
"""From the start of a call within which it asks the storage for a further step. Each step is bounded by the storage, so
that a call of several steps takes at most as much longer than one."""

# Each failed attempt means that another writer of the same vehicle succeeded.
_MOST_ATTEMPTS: Final = 100
# Few write the pointer or a manifest, once a week; and a function that summarizes has to end in time.
_MOST_POINTINGS: Final = 10


def _deadline(clock: Callable[[], datetime]) -> Callable[[], None]:
    """Return what raises StorageUnavailable once it is too late for a further step of the call that begins now."""
    end = clock() + GO_ON_WITHIN

    def demand_time() -> None:
        if clock() >= end:
            reason = "The storage took too long to answer"
            raise StorageUnavailable(reason)

    return demand_time


def _no_hurry() -> None:
    """Leave time without end, to who makes a summary or looks at all of them; each step is bounded by the storage."""


def _while_in_time(keys: Iterable[str], demand_time: Callable[[], None]) -> Iterator[str]:
    for key in keys:
        yield key
        demand_time()  # behind any key there may be a further step


def read_form(
    reports: ReportStore, week: IsoWeek, form: ReportForm, demand_time: Callable[[], None] = _no_hurry
) -> Report:
    """Return a form of the kept summary of a week, with its SHA-256 as the tag; `demand_time` may end it in between.

    Raises ReportNotFound, and StorageCorrupted where it is not what the manifest says.
    """
    kept = Manifest.read(reports.read(manifest_key(week)).content).forms[form]
    demand_time()
    try:
        content = reports.read(kept.key).content
    except ReportNotFound as error:
        reason = f"The summary of {week} has lost its {form.upper()}"
        raise StorageCorrupted(reason) from error
    kept.demand(content)
    return Report(content, Tag(kept.checksum))


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
    """The weekly summaries of a fleet, kept in a report store. Its weeks are those of a time zone.

    `render_page` makes the HTML form: the same bytes for the same report. `for_each` calls what folds the parts of the
    fleet: one after the other, or at once.
    """

    repository: VehicleRepository
    reports: ReportStore
    clock: Callable[[], datetime]
    zone: tzinfo
    render_page: Callable[[WeeklyReport], bytes]
    for_each: ForEach = map

    def week(self, name: str) -> IsoWeek:
        """Return the week that is meant: `current`, `last` (the newest that is over) or such as 2026-W47.

        Raises InvalidWeek.
        """
        match name:
            case "current":
                return IsoWeek.containing(self.clock(), self.zone)
            case "last":
                return IsoWeek.containing(self.clock(), self.zone).shifted(-1)
            case _:
                return IsoWeek.parse(name)

    def summarize(self, week: IsoWeek | None = None, *, in_time: Callable[[], bool] = always) -> Report:
        """Fold the fleet into the summary of a week, the present one by default, keep it, and return its JSON as kept.

        The summary counts what was registered before the end of the week and is there now. Run again it is written
        again, but one made before the week was over never takes the place of one made after.
        All forms are written first, then the manifest that makes them count, then `latest`, which goes forward in time
        only: a reader meets one complete summary, whenever a run is cut off and whatever others run.
        A damaged summary of an earlier week counts as missing; the log names it.
        Raises InvalidWeek for a week that has not begun; and SummaryUnfinished, with nothing lost, when `in_time` says
        that there is no time left: the same call goes on from there, for as long as VALID_FOR.
        """
        now = self.clock()
        week = week or IsoWeek.containing(now, self.zone)
        if week.start(self.zone) > now:
            raise InvalidWeek(Fault("week.future", f"the week {week} has not begun"))
        fleet = FleetFold(self.repository, self.reports, self.for_each)
        fold = fleet.fold(week, self.zone, now, in_time)
        summary = fold.summary
        report = WeeklyReport.of(summary, complete=summary.end <= fold.begun, earlier=self._earlier(week))
        self._keep(report)
        self._write_unless(LATEST_KEY, write_pointer(week), lambda there: read_pointer(there) >= week)
        fleet.forget(week)
        return read_form(self.reports, week, ReportForm.JSON)

    def get(self, week: IsoWeek | None = None, form: ReportForm = ReportForm.JSON) -> Report:
        """Return a form of the kept summary of a week, by default of the latest that has one.

        Its tag is its SHA-256. Raises ReportNotFound, StorageCorrupted where it is not what the manifest says, and
        StorageUnavailable where the steps take too long together.
        """
        demand_time = _deadline(self.clock)
        if week is None:
            week = read_pointer(self.reports.read(LATEST_KEY).content)
            demand_time()
        return read_form(self.reports, week, form, demand_time)

    def is_complete(self, week: IsoWeek) -> bool:
        """Tell whether a summary of the week is kept that was made after its end, and whether the latest reaches it."""
        try:
            latest = read_pointer(self.reports.read(LATEST_KEY).content)
            return latest >= week and Manifest.read(self.reports.read(manifest_key(week)).content).complete
        except (ReportNotFound, StorageCorrupted):
            return False

    def weeks(self) -> list[IsoWeek]:
        """Return the weeks that have a summary, newest first: at most 53 for each year.

        Raises StorageUnavailable where it takes too long to find them.
        """
        return weeks_of(_while_in_time(self.reports.keys(WEEKS_PREFIX), _deadline(self.clock)))

    def _earlier(self, week: IsoWeek) -> EarlierReport | None:
        """Return the newest readable report of an earlier week that a history reaches back to."""
        oldest = week.shifted(1 - HISTORY_WEEKS)
        for past in (each for each in weeks_of(self.reports.keys(WEEKS_PREFIX)) if oldest <= each < week):
            try:
                return read_json_form(read_form(self.reports, past, ReportForm.JSON).content)
            except StorageCorrupted as error:
                _LOG.warning("the summary of %s counts as missing: %s", past, error)
        return None

    def _keep(self, report: WeeklyReport) -> None:
        contents = {
            ReportForm.JSON: json_form(report),
            ReportForm.CSV: csv_form(report),
            ReportForm.HTML: self.render_page(report),
        }
        manifest = Manifest.of(report.summary.week, contents, complete=report.complete)
        for form, kept in manifest.forms.items():
            self.reports.write(kept.key, contents[form], media_type=form.media_type)
        self._write_unless(manifest_key(manifest.week), manifest.document, lambda there: _is_as_good(there, manifest))

    def _write_unless(self, key: str, content: bytes, is_better: Callable[[bytes], bool]) -> None:
        """Write a report, unless the one that is there is as good or better."""
        for _ in range(_MOST_POINTINGS):
            try:
                there = self.reports.read(key)
            except ReportNotFound:
                expected = None
            else:
                if is_better(there.content):
                    return
                expected = there.tag
            try:
                self.reports.write_if(key, content, media_type=ReportForm.JSON.media_type, expected=expected)
            except ReportChanged:
                continue
            return
        reason = f"The report {key} is being written by too many at once"
        raise StorageUnavailable(reason)


def _is_as_good(document: bytes, manifest: Manifest) -> bool:
    """Tell whether a manifest that is there need not be replaced; one that is damaged has to be."""
    try:
        there = Manifest.read(document)
    except StorageCorrupted:
        return False
    return there == manifest or (there.complete and not manifest.complete)
