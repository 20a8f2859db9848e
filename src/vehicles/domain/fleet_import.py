"""Import the rows of a fleet file into the registry, in batches, and count the outcomes."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from itertools import batched, compress
from operator import attrgetter
from typing import Final

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import MAX_AXLES, WIRE_NAMES, Change, FuelType, Vehicle, changeable_fields
from vehicles.domain.vin.suggestions import Suggestion

BATCH: Final = 1000

_FUELS: Final = (None, *FuelType)
_CONTENTS: Final = (MAX_AXLES + 1) * len(_FUELS)


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
    cells: Sequence[object] = ()
    """The row as it came."""

    @property
    def change(self) -> Change:
        """What the line changes if the vehicle is already registered."""
        return Change(self.vehicle.vin, **changeable_fields(self.vehicle))


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """A line of a file that lacks the column `noOfAxles` or `fuelType`, and what it changes.

    Only `OnConflict.UPDATE` takes such a file, and only for registered vehicles: any other row is refused
    (`row.not_registered`). For other imports the reader must reject the file before it yields the first row.
    All rows of a file lack the same column.
    """

    line: int
    change: Change
    place: str = ""
    cells: Sequence[object] = ()


@dataclass(frozen=True, slots=True)
class _RepeatedRow:
    """A line that repeats an earlier one."""

    line: int


type _CheckedRow = Row | ChangeRow | RefusedRow | _RepeatedRow


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

    `repeated` counts the rows that only repeat an earlier row of the file.
    `up_to` is the number of the last line such that every row up to it is in the registry, or refused.
    `warnings` counts the warnings about the VINs of added vehicles, by code.
    """

    added: int = 0
    already_there: int = 0
    changed: int = 0
    repeated: int = 0
    refused: int = 0
    up_to: int = 0
    warnings: Counter[str] = field(default_factory=Counter)


@dataclass(slots=True)
class FleetImport:
    """One import. A row is refused if the registry does not accept its VIN.

    If several rows have the same VIN, the first one wins. Another one with the same number of axles and fuel type
    counts as repeated; one with others is refused (`row.contradiction`). So the import remembers every VIN of the file,
    in about 120 bytes each.
    `on_refused` is called with each refused row, `on_doubtful` with each added row that has warnings, `on_batch` after
    each batch of `batch_size` rows.
    """

    registry: Registry
    on_conflict: OnConflict = OnConflict.SKIP
    dry_run: bool = False
    on_refused: Callable[[RefusedRow], None] = lambda _row: None
    on_doubtful: Callable[[Row], None] = lambda _row: None
    on_batch: Callable[[], None] = lambda: None
    batch_size: int = BATCH
    tally: Tally = field(default_factory=Tally)
    _first_rows: dict[int, int] = field(default_factory=dict)  # by VIN; as numbers, which take the least memory

    def run(self, rows: Iterable[Row | ChangeRow | RefusedRow]) -> None:
        """Import all rows. Raises ConflictFound, and the errors of the registry; the tally then has the progress."""
        for batch in batched(map(self._checked, rows), self.batch_size, strict=False):
            self._take(self._up_to_conflict(batch) if self.on_conflict is OnConflict.FAIL else batch)
            self.tally.up_to = batch[-1].line
            self.on_batch()

    def _checked(self, row: Row | ChangeRow | RefusedRow) -> _CheckedRow:
        """Refuse the row if the registry does not accept its VIN, and compare it with the first one of this VIN."""
        if isinstance(row, RefusedRow):
            return row
        change = row.change
        try:
            self.registry.check_vin(change.vin)
        except InvalidVin as error:
            return _refused(row, *(replace(fault, field="vin") for fault in error.faults))
        vin, packed = int(str(change.vin), 36), _pack(row.line, change)
        first = self._first_rows.get(vin)
        if first is None:
            self._first_rows[vin] = packed
            return row
        fault = _contradiction(first, packed, (row.place or "line").partition(" ")[0])
        return _refused(row, fault) if fault else _RepeatedRow(row.line)

    def _take(self, batch: Sequence[_CheckedRow]) -> None:
        """Store a batch, then report its other rows by line: if storing fails, it is taken again from its beginning."""
        rows = [row for row in batch if isinstance(row, Row | ChangeRow)]
        refused = [row for row in batch if isinstance(row, RefusedRow)]
        store = self._update if self.on_conflict is OnConflict.UPDATE else self._add
        there = store(rows, refused)
        for row in sorted(refused, key=attrgetter("line")):
            self.tally.refused += 1
            self.on_refused(row)
        self.tally.repeated += sum(isinstance(row, _RepeatedRow) for row in batch)
        if there and self.on_conflict is OnConflict.FAIL:
            self.tally.up_to = there[0].line - 1
            raise ConflictFound(f"{there[0].place or f'line {there[0].line}'}: the VIN is already registered")
        self.tally.already_there += len(there)

    def _add(self, rows: Sequence[Row | ChangeRow], refused: list[RefusedRow]) -> list[Row]:
        """Add the vehicles of the rows, and return the rows whose VINs were already registered."""
        refused += [_refused(row, _not_registered(row.change)) for row in rows if isinstance(row, ChangeRow)]
        complete = [row for row in rows if isinstance(row, Row)]
        added = self._added([row.vehicle for row in complete]) if complete else ()
        for row in compress(complete, added):
            self._count_added(row)
        return [row for row, is_added in zip(complete, added, strict=True) if not is_added]

    def _added(self, vehicles: Sequence[Vehicle]) -> Sequence[bool]:
        if self.dry_run:
            return [there is None for there in self.registry.get_many([vehicle.vin for vehicle in vehicles])]
        return self.registry.register_many(vehicles)

    def _count_added(self, row: Row) -> None:
        self.tally.added += 1
        if row.warnings:
            self.tally.warnings.update(warning.code for warning in row.warnings)
            self.on_doubtful(row)

    def _up_to_conflict(self, batch: Sequence[_CheckedRow]) -> Sequence[_CheckedRow]:
        """Return the rows up to and including the first whose VIN is registered."""
        good = [(place, row) for place, row in enumerate(batch, start=1) if isinstance(row, Row | ChangeRow)]
        found = self.registry.get_many([row.change.vin for _, row in good])
        return next((batch[:place] for (place, _), there in zip(good, found, strict=True) if there), batch)

    def _update(self, rows: Sequence[Row | ChangeRow], refused: list[RefusedRow]) -> list[Row]:
        """Give the vehicles the fields of the file, even if other callers delete or add them at the same time."""
        while rows:
            changed = self._changed([row.change for row in rows])
            self.tally.changed += changed.count(True)
            self.tally.already_there += changed.count(False)
            # Those that others have added in the meantime are changed in the next round.
            rows = self._add(
                [row for row, is_changed in zip(rows, changed, strict=True) if is_changed is None], refused
            )
        return []

    def _changed(self, changes: Sequence[Change]) -> Sequence[bool | None]:
        """Make the changes, or in a dry run only compare; return what `Registry.change_many` does."""
        if not self.dry_run:
            return self.registry.change_many(changes)
        found = zip(changes, self.registry.get_many([change.vin for change in changes]), strict=True)
        return [None if now is None else change.applied_to(now.vehicle) != now.vehicle for change, now in found]


def _refused(row: Row | ChangeRow, *faults: Fault) -> RefusedRow:
    cells = tuple("" if cell is None else str(cell) for cell in row.cells)
    return RefusedRow(row.line, faults, (), row.place, str(row.change.vin), cells)


def _pack(line: int, change: Change) -> int:
    """Return a row as one number. A field that the file lacks is 0."""
    return line * _CONTENTS + (change.no_of_axles or 0) * len(_FUELS) + _FUELS.index(change.fuel_type)


def _unpack(packed: int) -> tuple[int, int, FuelType | None]:
    line, content = divmod(packed, _CONTENTS)
    axles, fuel = divmod(content, len(_FUELS))
    return line, axles, _FUELS[fuel]


def _contradiction(first: int, other: int, unit: str) -> Fault | None:
    """Return what is wrong with another row of the same VIN, or None if its fields are those of the first."""
    (line, *there), (_, *here) = _unpack(first), _unpack(other)
    fields = zip(("number of axles", "fuel type"), there, here, strict=True)
    found = " and ".join(f"another {name}: {value}" for name, value, other_value in fields if value != other_value)
    return Fault("row.contradiction", f"contradicts {unit} {line}, which has {found}") if found else None


def _not_registered(change: Change) -> Fault:
    missing = " and ".join(WIRE_NAMES[name] for name, value in changeable_fields(change).items() if value is None)
    return Fault("row.not_registered", f"the file has no column {missing}, so it can only change registered vehicles")
