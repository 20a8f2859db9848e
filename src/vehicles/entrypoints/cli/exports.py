"""The commands that write fleet files: export, template, sample."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO, Final

import click

from vehicles.domain.vehicle import EVERY_VEHICLE, VehicleFilter
from vehicles.entrypoints.cli.sample import sample_vehicles
from vehicles.entrypoints.cli.terminal import Exit, Failure, Session, command, echo_err
from vehicles.entrypoints.cli.vehicles import filter_options, walk
from vehicles.entrypoints.fleet_files.template import write_template
from vehicles.entrypoints.fleet_files.writing import (
    EXCEL_CSV,
    PLAIN_CSV,
    CSVDialect,
    FleetFileFormat,
    replacing,
    write_fleet,
)

_STDIO: Final = "-"
_FORMAT: Final = click.Choice([each.value for each in FleetFileFormat])
_LINES: Final = click.Choice([FleetFileFormat.CSV.value, FleetFileFormat.JSONL.value])
_DELIMITERS: Final = {",": ",", ";": ";", "|": "|", "tab": "\t"}
_NOT_WRITTEN: Final = frozenset({".json", ".ods", ".xls", ".xlsb", ".xlsm"})  # other kinds of files


@command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default=_STDIO)
@click.option("--format", "file_format", type=_FORMAT, help="By default taken from the name of the file, else csv.")
@click.option(
    "--delimiter",
    type=click.Choice([*_DELIMITERS]),
    metavar="[, ; | tab]",
    help="What separates the cells of CSV; by default a comma.",
)
@click.option("--excel", type=click.Choice([*EXCEL_CSV]), help="CSV that a German (;) or an American (,) Excel opens.")
@filter_options
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def export(  # noqa: PLR0913 — one for each option
    session: Session,
    *,
    file: str,
    file_format: str | None,
    delimiter: str | None,
    excel: str | None,
    wanted: VehicleFilter,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write all vehicles, or those that match the filters, to a file.

    FILE is CSV (.csv), JSON Lines (.jsonl, .ndjson) or an Excel workbook (.xlsx); it defaults to -, standard output.
    `vehicles import --keep-timestamps` reads the file.
    """
    chosen = _chosen_format(file, file_format, as_json=as_json)
    dialect = _chosen_dialect(file, chosen, delimiter, excel)
    if file == _STDIO and chosen is FleetFileFormat.XLSX and sys.stdout.isatty():
        raise click.UsageError("A terminal cannot show a workbook; give the name of a file.")
    with session.container() as container:
        fleet = (
            container.repository().partition(0, 1) if wanted == EVERY_VEHICLE else walk(container.registry(), wanted)
        )
        if file == _STDIO:
            write_fleet(fleet, sys.stdout.buffer, chosen, dialect)
            return
        with _file(file, overwrite=overwrite) as stream:
            count = write_fleet(fleet, stream, chosen, dialect)
    echo_err(f"{count} {'vehicle' if count == 1 else 'vehicles'} written to {file}")


@command("template")
@click.argument("file", type=click.Path(dir_okay=False))
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def template(_session: Session, *, file: str, overwrite: bool, as_json: bool) -> None:  # noqa: ARG001 — it shows no data
    """Write an Excel workbook to fill in and import: headings, an example, and lists to choose from.

    The name of FILE ends with .xlsx.
    """
    if FleetFileFormat.of_name(file) is not FleetFileFormat.XLSX:
        raise click.UsageError("The template is an Excel workbook: its name must end with .xlsx.")
    with _file(file, overwrite=overwrite) as stream:
        write_template(stream)
    echo_err(f"template written to {file}")


@command("sample")
@click.argument("count", type=click.IntRange(min=0))
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed always gives the same fleet.")
@click.option("--format", "file_format", type=_LINES, show_default="csv")
@click.option("--timestamps", is_flag=True, help="Also write times of registration, spread over a year up to now.")
@click.option(
    "--until",
    type=click.DateTime(("%Y-%m-%d",)),
    help="The day that ends this year (UTC), for the same times in every run.",
)
def sample(  # noqa: PLR0913 — one for each option
    _session: Session,
    *,
    count: int,
    seed: int,
    file_format: str | None,
    timestamps: bool,
    until: datetime | None,
    as_json: bool,
) -> None:
    """Write a plausible fleet, to try things out."""
    if until and not timestamps:
        raise click.UsageError("--until needs --timestamps")
    end = until.replace(tzinfo=UTC) if until else datetime.now(UTC)
    chosen = _chosen_format(_STDIO, file_format, as_json=as_json)
    write_fleet(sample_vehicles(count, seed, end), sys.stdout.buffer, chosen, timestamps=timestamps)


def _chosen_format(file: str, given: str | None, *, as_json: bool) -> FleetFileFormat:
    if as_json and given not in {None, FleetFileFormat.JSONL}:
        raise click.UsageError(f"--json and --format {given} contradict each other.")
    asked = FleetFileFormat.JSONL if as_json else FleetFileFormat(given) if given else None
    named = FleetFileFormat.of_name(file)
    suffix = Path(file).suffix.lower()
    if asked and named and asked is not named:
        raise click.UsageError(f"The name {file} and the format {asked} contradict each other.")
    if not asked and suffix in _NOT_WRITTEN:
        raise click.UsageError(f"The export cannot write {suffix}: name the file .csv, .jsonl or .xlsx.")
    return asked or named or FleetFileFormat.CSV


def _chosen_dialect(file: str, chosen: FleetFileFormat, delimiter: str | None, excel: str | None) -> CSVDialect:
    if (delimiter or excel) and chosen is not FleetFileFormat.CSV:
        raise click.UsageError(f"--delimiter and --excel are for CSV, not for {chosen}.")
    if delimiter and excel:
        raise click.UsageError("--excel includes the delimiter: give one of --delimiter and --excel.")
    usual = "tab" if file.lower().endswith(".tsv") else ","
    return EXCEL_CSV[excel] if excel else PLAIN_CSV._replace(delimiter=_DELIMITERS[delimiter or usual])


@contextmanager
def _file(name: str, *, overwrite: bool) -> Iterator[BinaryIO]:
    try:
        with replacing(Path(name), overwrite=overwrite) as stream:
            yield stream
    except OSError as error:  # its own message would name the temporary file
        raise Failure(f"{name}: {error.strerror or error}", Exit.STORAGE) from error
