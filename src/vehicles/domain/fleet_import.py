"""Import the rows of a fleet file into the registry, in batches of a thousand, and count the outcomes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import batched
from typing import Final

from vehicles.domain.errors import Fault, InvalidVin, VehicleNotFound
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import Vehicle, changeable_fields
from vehicles.domain.vin.number import Vin
from vehicles.domain.vin.suggestions import Suggestion

BATCH: Final = 1000


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A line that cannot be imported: all its faults, and the VINs that were probably meant.

    `place` names the line for people, `vin` is the text in the place of the VIN, and `cells` is the row as it came.
    """

    line: int
    faults: tuple[Fault, ...]
    suggestions: tuple[Suggestion, ...] = ()
    place: str = ""
    vin: str = ""
    cells: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Row:
    """A line, and the vehicle in it."""

    line: int
    vehicle: Vehicle
    warnings: tuple[Fault, ...] = ()
    """What is doubtful about the VIN; see `warnings_of`."""
    place: str = ""
    """The line for people, such as "row 7"."""


class OnConflict(StrEnum):
    """What to do with a row whose VIN is already registered."""

    SKIP = "skip"
    UPDATE = "update"
    FAIL = "fail"


class ConflictFound(Exception):
    """The VIN of a row is already registered, and the import stops there (`OnConflict.FAIL`)."""


@dataclass(slots=True)
class Tally:
    """The number of rows per outcome so far.

    `up_to` is the number of the last line such that every row up to it is in the registry, or refused.
    `warnings` counts the warnings about the VINs of added vehicles, by code.
    """

    added: int = 0
    already_there: int = 0
    repeated: int = 0
    changed: int = 0
    refused: int = 0
    up_to: int = 0
    warnings: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class FleetImport:
    """One import. A row is refused if the registry does not accept its VIN.

    If several rows have the same VIN, the first one wins and the others count as already there. The registry detects
    them, except in a dry run, which writes nothing, and in an update, which would overwrite the first row. Only in
    these two cases does the import remember the VINs of the file.
    `on_refused` is called with each refused row, `on_doubtful` with each added row that has warnings, `on_batch` after
    each batch.
    """

    registry: Registry
    on_conflict: OnConflict = OnConflict.SKIP
    dry_run: bool = False
    on_refused: Callable[[RefusedRow], None] = lambda _row: None
    on_doubtful: Callable[[Row], None] = lambda _row: None
    on_batch: Callable[[], None] = lambda: None
    tally: Tally = field(default_factory=Tally)
    _seen: set[Vin] = field(default_factory=set)

    def run(self, rows: Iterable[Row | RefusedRow]) -> None:
        """Import all rows. Raises ConflictFound, and the errors of the registry; the tally then has the progress."""
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
        # The map is lazy: a dry run must count each row before it checks the next.
        added = map(self._is_new, vehicles) if self.dry_run else self.registry.register_many(vehicles)
        for row, is_added in zip(good, added, strict=True):
            self._count(row, is_added=is_added)

    def _count(self, row: Row, *, is_added: bool) -> None:
        vin = row.vehicle.vin
        if is_added:
            self._count_added(row)
        elif self.on_conflict is OnConflict.FAIL:
            self.tally.up_to = row.line - 1
            raise ConflictFound(f"line {row.line}: the VIN is already registered")
        elif self.on_conflict is OnConflict.UPDATE and vin not in self._seen:
            self._update(row)
        else:
            self.tally.already_there += 1
        if self.dry_run or self.on_conflict is OnConflict.UPDATE:
            self._seen.add(vin)

    def _count_added(self, row: Row) -> None:
        self.tally.added += 1
        if row.warnings:
            self.tally.warnings.update(warning.code for warning in row.warnings)
            self.on_doubtful(row)

    def _up_to_conflict(self, batch: Sequence[Row | RefusedRow]) -> Sequence[Row | RefusedRow]:
        """Return the rows up to and including the first whose VIN is registered or repeated in the batch."""
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

    def _update(self, row: Row) -> None:
        """Give the vehicle the fields of the file, even if other callers delete or add it at the same time."""
        vehicle = row.vehicle
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
                    self._count_added(row)
                    return
            else:
                self.tally.changed += 1
                return
