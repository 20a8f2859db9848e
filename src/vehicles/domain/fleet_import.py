"""Bring the rows of a fleet file into the registry, a thousand at a time, and count the outcomes."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import batched
from typing import Final

from vehicles.domain.errors import Fault, InvalidVin, VehicleNotFound
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import Vehicle, changeable_fields
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.domain.vin.suggestions import Suggestion

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A line that no vehicle came of: all that is wrong with it, and which VINs were probably meant."""

    line: int
    faults: tuple[Fault, ...]
    suggestions: tuple[Suggestion, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line and the vehicle that came of it."""

    line: int
    vehicle: Vehicle


class OnConflict(StrEnum):
    """What to do with a row whose VIN is registered already."""

    SKIP = "skip"
    UPDATE = "update"
    FAIL = "fail"


class ConflictFound(Exception):
    """A row whose VIN is registered already, in an import that stops there."""


@dataclass(slots=True)
class Tally:
    """The outcomes of the rows so far.

    `up_to` is the last line up to which every row is in the registry, refused ones apart.
    `accepted_with_wrong_check_digit` counts the added vehicles whose VIN only the advisory policy accepts.
    """

    added: int = 0
    already_there: int = 0
    changed: int = 0
    refused: int = 0
    accepted_with_wrong_check_digit: int = 0
    up_to: int = 0


@dataclass(slots=True)
class FleetImport:
    """One import. A row whose VIN the registry does not accept is refused, whoever read it.

    Of rows with one VIN the first wins, the others count as already there. The registry knows which these are, but not
    in a dry run, which writes nothing, and not in an update, which would take them for older ones: only then does the
    import remember the VINs of the file.
    """

    registry: Registry
    on_conflict: OnConflict = OnConflict.SKIP
    dry_run: bool = False
    on_refused: Callable[[RefusedRow], None] = lambda _row: None
    on_batch: Callable[[], None] = lambda: None
    tally: Tally = field(default_factory=Tally)
    _seen: set[Vin] = field(default_factory=set)

    def run(self, rows: Iterable[Row | RefusedRow]) -> None:
        """Take all rows. Raises ConflictFound, and what the registry raises; the tally then says how far it came."""
        for batch in batched(map(self._checked, rows), BATCH, strict=False):
            self._take(self._up_to_conflict(batch) if self.on_conflict is OnConflict.FAIL else batch)
            self.tally.up_to = batch[-1].line
            self.on_batch()

    def _checked(self, row: Row | RefusedRow) -> Row | RefusedRow:
        if isinstance(row, Row):
            try:
                self.registry.check_vin(row.vehicle.vin)
            except InvalidVin as error:
                return RefusedRow(row.line, tuple(replace(fault, field="vin") for fault in error.faults))
        return row

    def _take(self, batch: Sequence[Row | RefusedRow]) -> None:
        for row in batch:
            if isinstance(row, RefusedRow):
                self.tally.refused += 1
                self.on_refused(row)
        good = [row for row in batch if isinstance(row, Row)]
        vehicles = [row.vehicle for row in good]
        # The dry run asks for each row only when those before it are counted.
        added = map(self._is_new, vehicles) if self.dry_run else self.registry.register_many(vehicles)
        for row, is_added in zip(good, added, strict=True):
            self._count(row, is_added=is_added)

    def _count(self, row: Row, *, is_added: bool) -> None:
        vin = row.vehicle.vin
        if is_added:
            self._count_added(vin)
        elif self.on_conflict is OnConflict.FAIL:
            self.tally.up_to = row.line - 1
            raise ConflictFound(f"line {row.line}: the VIN is already registered")
        elif self.on_conflict is OnConflict.UPDATE and vin not in self._seen:
            self._update(row.vehicle)
        else:
            self.tally.already_there += 1
        if self.dry_run or self.on_conflict is OnConflict.UPDATE:
            self._seen.add(vin)

    def _count_added(self, vin: Vin) -> None:
        self.tally.added += 1
        try:
            VinPolicy.STRICT.check(vin)
        except InvalidVin:
            self.tally.accepted_with_wrong_check_digit += 1

    def _up_to_conflict(self, batch: Sequence[Row | RefusedRow]) -> Sequence[Row | RefusedRow]:
        """Return the rows up to the first whose VIN is registered or came before in the batch, that one included."""
        here: set[Vin] = set()
        for place, row in enumerate(batch, start=1):
            if isinstance(row, Row):
                if row.vehicle.vin in here or not self._is_new(row.vehicle):
                    return batch[:place]
                here.add(row.vehicle.vin)
        return batch

    def _is_new(self, vehicle: Vehicle) -> bool:
        if vehicle.vin in self._seen:
            return False
        try:
            self.registry.get(vehicle.vin)
        except VehicleNotFound:
            return True
        return False

    def _update(self, vehicle: Vehicle) -> None:
        """Make the registry hold the vehicle as the file has it, also where others delete it or bring it back."""
        wanted = changeable_fields(vehicle)
        while True:
            try:
                there = self.registry.get(vehicle.vin).vehicle
                if changeable_fields(there) == wanted:
                    self.tally.already_there += 1
                    return
                if not self.dry_run:
                    self.registry.change(vehicle.vin, **wanted)
            except VehicleNotFound:
                if self.dry_run or self.registry.register_many([vehicle]) == (True,):
                    self._count_added(vehicle.vin)
                    return
            else:
                self.tally.changed += 1
                return
