"""The outcome of an import as JSON, the same on the command line and over HTTP."""

from collections.abc import Iterable, Sequence

from vehicles.domain.errors import Fault
from vehicles.domain.fleet_import import ChangeRow, RefusedRow, Row, Tally
from vehicles.domain.vehicle import WIRE_NAMES, changeable_fields, vehicle_record
from vehicles.entrypoints.fleet_files.records import Understanding

FIRST_ROWS = 3
"""The number of vehicles that show how a file was understood."""


def understanding_body(understood: Understanding, first: Sequence[Row | ChangeRow]) -> dict[str, object]:
    """Return how a file was understood, and its first vehicles."""
    return {
        "format": understood.format,
        "encoding": understood.encoding or None,
        "delimiter": understood.delimiter or None,
        "sheet": understood.sheet or None,
        "packed": understood.packed,
        "headingLine": understood.heading_line or None,
        "headings": list(understood.headings),
        "columns": understood.columns,
        "ignored": list(understood.ignored),
        "first": [_shown_row(row) for row in first],
    }


def _shown_row(row: Row | ChangeRow) -> dict[str, object]:
    if isinstance(row, Row):
        return vehicle_record(row.vehicle)
    fields = {WIRE_NAMES[name]: value for name, value in changeable_fields(row.change).items() if value is not None}
    return {"vin": str(row.change.vin), **fields}


def tally_body(tally: Tally) -> dict[str, object]:
    """Return the number of rows per outcome."""
    return {
        "added": tally.added,
        "alreadyThere": tally.already_there,
        "changed": tally.changed,
        "repeated": tally.repeated,
        "refused": tally.refused,
        "warnings": dict(tally.warnings),
    }


def fault_bodies(faults: Iterable[Fault]) -> list[dict[str, object]]:
    return [
        {"field": fault.field, "code": fault.code, "detail": fault.detail, "positions": list(fault.positions)}
        for fault in faults
    ]


def report_of(row: RefusedRow) -> tuple[str, str]:
    """Return the cells `error` and `suggestion` of a refused row."""
    faults = "; ".join(": ".join(filter(None, (each.field, each.code, each.detail))) for each in row.faults)
    return faults, " or ".join(str(suggestion.vin) for suggestion in row.suggestions)
