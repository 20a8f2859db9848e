"""An import over HTTP: read the file, import it until time is up, and say what became of it."""

import re
from collections.abc import Iterable, Iterator
from contextlib import nullcontext
from datetime import timedelta
from io import BytesIO
from typing import Any, Final

from pydantic_core import to_json

from vehicles.domain.deadline import Deadline, require_awaited
from vehicles.domain.errors import RegistryError
from vehicles.domain.fleet_import import ChangeRow, ConflictFound, FleetImport, OnConflict, RefusedRow, Row, Tally
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import FuelType
from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.fleet_files.excel import MissingExtra
from vehicles.entrypoints.fleet_files.outcome import (
    FIRST_ROWS,
    fault_bodies,
    report_of,
    tally_body,
    understanding_body,
)
from vehicles.entrypoints.fleet_files.reader import CLOCK_ERROR, FleetFile, ReadOptions, read_fleet
from vehicles.entrypoints.fleet_files.records import Columns, Understanding
from vehicles.entrypoints.fleet_files.writing import EXCEL_CSV, RefusedRows
from vehicles.entrypoints.http.fleets.uploads import file_of
from vehicles.entrypoints.http.handlers import JSON, Call
from vehicles.entrypoints.http.messages import Response
from vehicles.entrypoints.http.problems import ProblemError, problem_of

TIME_LIMIT: Final = timedelta(seconds=20)
"""After this time no further batch begins. A function on AWS has 29 seconds, and a batch has the rest."""

BATCH_SIZE: Final = 250
"""So few that a batch ends in time, even in a function with a third of a processor."""

MAX_ROWS: Final = 1000
MAX_REFUSED_BYTES: Final = 2**20
_MAX_NOTES: Final = 100
_MAX_WARNED: Final = 100  # rows with a warning of one kind: more would leave no room for refused rows
_MAX_CELL: Final = 100

_MAX_SHOWN_BYTES: Final = 2 * 2**20  # of the rows in an answer; Lambda returns at most 6 MB

# What the messages about files call the options of the command line.
_OPTIONS: Final = {"sheet": "sheet", "strict": "strict", "keep-timestamps": "keepTimestamps"}


def import_file(registry: Registry, call: Call) -> Response:
    """Import the file of a request. Raises ProblemError, with the progress in its members."""
    outcome = _Outcome(registry, call.query)
    try:
        outcome.run(call)
    except (MissingExtra, UnreadableFile, ConflictFound, RegistryError) as error:
        outcome.understood = outcome.understood or getattr(error, "understood", None)
        raise _problem(error, outcome) from error
    return Response(200, {"Content-Type": JSON}, to_json(outcome.body()))


class _TimeIsUp(UnreadableFile):
    """The time is up while the file is read."""


class _Outcome:
    """What became of an import so far, within the bounds of an answer."""

    def __init__(self, registry: Registry, query: Any) -> None:  # noqa: ANN401 — values by name
        self._registry = registry
        self._query = query
        self._deadline = Deadline.after(TIME_LIMIT, registry.clock)
        self._tally = Tally(up_to=query.get("fromLine", 1) - 1)
        self._is_time_up = False
        self._last_line: int | None = None
        self._next_line: int | None = None
        self._notes: list[str] = []
        self._first: list[Row | ChangeRow] = []
        self._rows: list[dict[str, object]] = []
        self._rows_omitted = self._refused_omitted = self._shown_bytes = 0
        self._refused_file = BytesIO()
        self.understood: Understanding | None = None

    def run(self, call: Call) -> None:
        """Import the rows until the end of the file or of the time. Raises as `read_fleet` and `FleetImport.run` do."""
        query, now = self._query, self._registry.clock()
        on_conflict = OnConflict(query.get("onConflict", OnConflict.SKIP))
        options = ReadOptions(
            Columns(query.get("column", {}), on_conflict is OnConflict.UPDATE, query.get("strict", False)),
            query.get("sheet"),
            None if query.get("keepTimestamps") else now,
            now + CLOCK_ERROR,
            FuelType(query["emptyFuel"]) if "emptyFuel" in query else None,
            accept_suggestions=query.get("acceptSuggestions", False),
            from_line=query.get("fromLine", 1),
        )
        fleet = read_fleet(file_of(call.request), self._registry.check_vin, options, self._note, self._require_time)
        self.understood = fleet.understood
        for note in fleet.notes:
            self._note(note)
        dialect = EXCEL_CSV["de" if fleet.understood.delimiter == ";" else "us"]
        with RefusedRows(lambda: nullcontext(self._refused_file), dialect) as refused:
            FleetImport(
                self._registry,
                on_conflict,
                dry_run=query.get("dryRun", False),
                on_refused=lambda row: self._refuse(fleet.understood, row, refused),
                on_doubtful=lambda row: self._warn(fleet.understood, row),
                on_batch=self._end_batch,
                batch_size=BATCH_SIZE,
                tally=self._tally,
            ).run(self._until_time_is_up(fleet))

    def _until_time_is_up(self, fleet: FleetFile) -> Iterator[Row | ChangeRow | RefusedRow]:
        try:
            for row in fleet.rows:
                if self._is_time_up:
                    self._next_line = row.line
                    return
                self._last_line = row.line
                if not isinstance(row, RefusedRow) and len(self._first) < FIRST_ROWS:
                    self._first.append(row)
                yield row
        except _TimeIsUp:
            if self._last_line is None:
                raise
            self._next_line = self._last_line + 1

    def _require_time(self) -> None:
        """Raise _TimeIsUp after the time limit: lines that are skipped or blank end no batch."""
        require_awaited()
        if self._deadline.has_passed:
            raise _TimeIsUp(f"no row was reached within {TIME_LIMIT.seconds} seconds; split the file")

    def _end_batch(self) -> None:
        require_awaited()
        self._is_time_up = self._deadline.has_passed

    def _note(self, text: str) -> None:
        if len(self._notes) < _MAX_NOTES:
            self._notes.append(_as_parameters(text.removeprefix("note: ")))

    def _refuse(self, understood: Understanding, row: RefusedRow, refused: RefusedRows) -> None:
        if self._refused_file.tell() < MAX_REFUSED_BYTES:
            refused.write(understood.headings, row.cells, *report_of(row))
        else:
            self._refused_omitted += 1
        suggestions = [str(suggestion.vin) for suggestion in row.suggestions]
        self._show(understood, row, errors=fault_bodies(row.faults), suggestions=suggestions, warnings=[])

    def _warn(self, understood: Understanding, row: Row) -> None:
        if min(self._tally.warnings[each.code] for each in row.warnings) > _MAX_WARNED:
            self._rows_omitted += 1
        else:
            warnings = [{**each, "field": "vin"} for each in fault_bodies(row.warnings)]
            self._show(understood, row, errors=[], suggestions=[], warnings=warnings)

    def _show(self, understood: Understanding, row: Row | RefusedRow, **reported: object) -> None:
        if len(self._rows) < MAX_ROWS and self._shown_bytes < _MAX_SHOWN_BYTES:
            self._rows.append({"line": row.line, "values": _values_of(row, understood), **reported})
            self._shown_bytes += len(to_json(self._rows[-1]))
        else:
            self._rows_omitted += 1

    def body(self) -> dict[str, object]:
        """Return the members of the answer."""
        return {
            "understood": understanding_body(self.understood, self._first) if self.understood else None,
            "notes": self._notes,
            "tally": tally_body(self._tally),
            "dryRun": self._query.get("dryRun", False),
            "upToLine": self._tally.up_to,
            "nextLine": self._next_line,
            "rows": sorted(self._rows, key=lambda row: row["line"]),  # type: ignore[arg-type, return-value]  # a number
            "rowsOmitted": self._rows_omitted,
            "refused": self._refused_file.getvalue().decode() or None,
            "refusedOmitted": self._refused_omitted,
        }


def _values_of(row: Row | RefusedRow, understood: Understanding) -> dict[str, str]:
    """Return the cells of the fields as they came; none if the row could not be split into cells."""
    if len(row.cells) < len(understood.headings):
        return {}
    cells: Iterable[tuple[str, object]] = (
        (name, row.cells[understood.headings.index(heading)]) for name, heading in understood.columns.items()
    )
    return {name: "" if cell is None else str(cell)[:_MAX_CELL] for name, cell in cells}


def _as_parameters(text: str) -> str:
    """Return a message in which the options of the command line are query parameters."""
    text = re.sub(r'--column (\w+)="?([^"]*)"?', r"column=\1:\2", text)
    return re.sub(r"--([a-z-]+)", lambda option: _OPTIONS.get(option[1], option[0]), text)


def _problem(error: Exception, outcome: _Outcome) -> ProblemError:
    if isinstance(error, RegistryError):
        problem = problem_of(error)
    elif isinstance(error, ConflictFound):
        problem = ProblemError("import-conflict", f"The import stopped at {error}.")
    else:
        problem = ProblemError("unreadable-file", f"The file cannot be imported: {_as_parameters(str(error))}.")
    problem.members = outcome.body()
    return problem
