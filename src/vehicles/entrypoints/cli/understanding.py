"""How the command import shows what it understood of a file."""

from collections.abc import Sequence
from typing import Final

import click

from vehicles.domain.fleet_import import ChangeRow, Row
from vehicles.domain.vehicle import WIRE_NAMES, changeable_fields, vehicle_record
from vehicles.entrypoints.fleet_files.records import Understanding, quoted, shortened

_FORMATS: Final = {"csv": "CSV", "jsonl": "JSON Lines", "json": "JSON", "xlsx": "Excel workbook", "xls": "Excel 97"}
_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


def understanding_body(understood: Understanding, first: Sequence[Row | ChangeRow]) -> dict[str, object]:
    """Return how a file was understood, as JSON."""
    return {
        "format": understood.format,
        "encoding": understood.encoding or None,
        "delimiter": understood.delimiter or None,
        "sheet": understood.sheet or None,
        "packed": understood.packed,
        "headingLine": understood.heading_line or None,
        "columns": understood.columns,
        "ignored": list(understood.ignored),
        "first": [_shown_row(row) for row in first],
    }


def _shown_row(row: Row | ChangeRow) -> dict[str, object]:
    if isinstance(row, Row):
        return vehicle_record(row.vehicle)
    fields = {WIRE_NAMES[name]: value for name, value in changeable_fields(row.change).items() if value is not None}
    return {"vin": str(row.change.vin), **fields}


def show_understanding(understood: Understanding, first: Sequence[Row | ChangeRow]) -> None:
    """Print how a file was understood, and its first vehicles."""
    details = (
        _FORMATS.get(understood.format, understood.format),
        "packed by gzip" if understood.packed else "",
        understood.encoding.upper(),
        f"separated by {_DELIMITERS.get(understood.delimiter, understood.delimiter)}" if understood.delimiter else "",
        f'sheet "{understood.sheet}"' if understood.sheet else "",
        f"headings in {understood.unit} {understood.heading_line}" if understood.heading_line else "",
    )
    click.echo(f"understood as {', '.join(filter(None, details))}")
    for name, heading in understood.columns.items():
        click.echo(f'  {name:<10} from "{shortened(heading)}"')
    if understood.ignored:
        click.echo(f"  ignored    {quoted(understood.ignored)}")
    for row in first:
        change = row.change
        axles = f"{change.no_of_axles} axles" if change.no_of_axles else ""
        click.echo(f"  {row.place}: {', '.join(filter(None, (str(change.vin), axles, change.fuel_type)))}")
