"""How the command import shows what it understood of a file."""

from collections.abc import Sequence
from typing import Final

import click

from vehicles.domain.fleet_import import ChangeRow, Row
from vehicles.entrypoints.fleet_files.records import Understanding, quoted, shortened

_FORMATS: Final = {"csv": "CSV", "jsonl": "JSON Lines", "json": "JSON", "xlsx": "Excel workbook", "xls": "Excel 97"}
_DELIMITERS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}


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
