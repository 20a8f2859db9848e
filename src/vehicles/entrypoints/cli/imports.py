"""The command import: it shows how a file was understood, imports it, and reports what needs attention."""

import os
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from io import BufferedReader
from pathlib import Path
from typing import Final

import click

from vehicles.domain.errors import RegistryError
from vehicles.domain.fleet_import import ChangeRow, ConflictFound, FleetImport, OnConflict, RefusedRow, Row, Tally
from vehicles.domain.vehicle import FuelType
from vehicles.entrypoints.cli.terminal import Exit, Failure, Session, command, echo_err, exit_of, write_json
from vehicles.entrypoints.cli.understanding import show_understanding
from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.fleet_files.outcome import (
    FIRST_ROWS,
    fault_bodies,
    report_of,
    tally_body,
    understanding_body,
)
from vehicles.entrypoints.fleet_files.reader import CLOCK_ERROR, FleetFile, ReadOptions, read_fleet
from vehicles.entrypoints.fleet_files.records import COLUMNS, TIMESTAMP, Columns, Understanding, shortened
from vehicles.entrypoints.fleet_files.writing import EXCEL_CSV, RefusedWriter

_SHOWN_WARNINGS: Final = 10  # per kind
_CLEAR_LINE: Final = "\r\x1b[K"


@command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True))
@click.option("--sheet", help="The sheet of a workbook; by default the first one.")
@click.option(
    "--column",
    "assigned",
    multiple=True,
    metavar='FIELD="HEADING"',
    help=f"Which column is {', '.join(COLUMNS)} or {TIMESTAMP}, if its heading does not say so.",
)
@click.option("--strict", is_flag=True, help="Reject a file with columns that the registry does not know.")
@click.option("--empty-fuel", type=click.Choice(["none"]), help="What an empty fuel type means, for trailers.")
@click.option(
    "--on-conflict",
    type=click.Choice([each.value for each in OnConflict]),
    default="skip",
    show_default=True,
    help="What to do with a VIN that is already registered.",
)
@click.option("--keep-timestamps", is_flag=True, help="Take the time of registration from the file.")
@click.option("--accept-suggestions", is_flag=True, help="Take the VIN that is surely meant by a mistyped one.")
@click.option(
    "--refused", type=click.Path(dir_okay=False, path_type=Path), help="Write the rejected rows to this CSV or .xlsx."
)
@click.option("--overwrite", is_flag=True, help="Replace the file of --refused.")
@click.option("--dry-run", is_flag=True, help="Show how the file is understood and what an import would do.")
def import_fleet(  # noqa: PLR0913 — one for each option
    session: Session,
    *,
    file: str,
    sheet: str | None,
    assigned: tuple[str, ...],
    strict: bool,
    empty_fuel: str | None,
    on_conflict: str,
    keep_timestamps: bool,
    accept_suggestions: bool,
    refused: Path | None,
    overwrite: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Register the vehicles of a file.

    FILE is a table as CSV or a workbook (.xlsx, .xls, .ods), or JSON; - is standard input. It needs columns for the
    VIN, the number of axles and the fuel type, under any usual name, and may have others.
    Repeating an import adds nothing.
    """
    with ExitStack() as stack:
        container = stack.enter_context(session.container())
        stream: BufferedReader = stack.enter_context(click.open_file(file, "rb"))  # type: ignore[arg-type]  # click says IO
        say, advance = stack.enter_context(_progress(stream))
        registry = container.registry()
        now = container.clock()()
        try:
            fleet = read_fleet(
                stream,
                registry.check_vin,
                ReadOptions(
                    Columns(_assigned(assigned), partial=on_conflict == OnConflict.UPDATE, strict=strict),
                    sheet,
                    None if keep_timestamps else now,
                    now + CLOCK_ERROR,
                    FuelType(empty_fuel) if empty_fuel else None,
                    accept_suggestions=accept_suggestions,
                ),
                say,
            )
        except UnreadableFile as error:
            raise Failure(f"{file}: {error}", Exit.REFUSED) from error
        for note in fleet.notes:
            say(f"note: {note}")
        report = _Report(fleet, say, as_json=as_json)
        if refused is not None:
            if file != "-" and refused.exists() and refused.samefile(file):
                raise Failure(f"{refused} is the file to import; choose another name for --refused", Exit.USAGE)
            dialect = EXCEL_CSV["de" if fleet.understood.delimiter == ";" else "us"]
            report.writer = stack.enter_context(RefusedWriter(refused, overwrite=overwrite, dialect=dialect))
        job = FleetImport(
            registry,
            OnConflict(on_conflict),
            dry_run=dry_run,
            on_refused=report.refuse,
            on_doubtful=lambda row: report.warn(row, job.tally),
            on_batch=advance,
        )
        code, ending = _run(job, report.watched(fleet.rows), file, fleet.understood.unit)
    _show_tally(job.tally, fleet.understood, report.first, dry_run=dry_run, complete=not ending, as_json=as_json)
    if ending:
        raise Failure(f"{ending}. {_progress_of(job, fleet.understood.unit)}", code)
    raise click.exceptions.Exit(code)


def _assigned(options: tuple[str, ...]) -> dict[str, str]:
    pairs = [option.partition("=")[::2] for option in options]
    named = dict(pairs)
    if repeated := [name for name, count in Counter(name for name, _ in pairs).items() if count > 1]:
        raise click.BadParameter(f'"{repeated[0]}" is given more than once', param_hint="--column")
    if wrong := [name for name, heading in named.items() if name not in (*COLUMNS, TIMESTAMP) or not heading]:
        fields = ", ".join((*COLUMNS, TIMESTAMP))
        raise click.BadParameter(f'"{wrong[0]}" is not one of {fields} with = and a heading', param_hint="--column")
    return named


class _Report:
    """What an import says about rows, and the first vehicles of the file."""

    def __init__(self, fleet: FleetFile, say: Callable[[str], None], *, as_json: bool) -> None:
        self.writer: RefusedWriter | None = None
        self.first: list[Row | ChangeRow] = []
        self._fleet = fleet
        self._say = say
        self._as_json = as_json
        self._shows_vins = sys.stderr.isatty()

    def watched(self, rows: Iterable[Row | ChangeRow | RefusedRow]) -> Iterator[Row | ChangeRow | RefusedRow]:
        """Yield the rows, and remember the first vehicles."""
        for row in rows:
            if not isinstance(row, RefusedRow) and len(self.first) < FIRST_ROWS:
                self.first.append(row)
            yield row

    def refuse(self, row: RefusedRow) -> None:
        faults, meant = report_of(row)
        if self.writer:
            self.writer.write(self._fleet.understood.headings, row.cells, faults, meant)
        if self._as_json:
            suggestions = [str(suggestion.vin) for suggestion in row.suggestions]
            write_json({"line": row.line, "errors": fault_bodies(row.faults), "suggestions": suggestions})
        else:
            vin = f' "{shortened(row.vin)}"' if self._shows_vins and row.vin else ""
            self._say(f"{row.place}{vin}: {faults}{meant and f'; probably meant {meant}'}")

    def warn(self, row: Row, tally: Tally) -> None:
        """Report the warnings of a row, but of each kind only the first: a thousand would hide the rejected rows."""
        if self._as_json:
            write_json(
                {"line": row.line, "warnings": fault_bodies(replace(each, field="vin") for each in row.warnings)}
            )
        elif shown := [each for each in row.warnings if tally.warnings[each.code] <= _SHOWN_WARNINGS]:
            self._say(f"{row.place}: warning: " + "; ".join(f"{each.code}: {each.detail}" for each in shown))


def _run(job: FleetImport, rows: Iterator[Row | ChangeRow | RefusedRow], file: str, unit: str) -> tuple[Exit, str]:
    """Run an import. Return its exit code, and why it ended early, if it did."""
    try:
        _end_like_ctrl_c()
        job.run(rows)
    except UnreadableFile as error:
        return Exit.REFUSED, f"{file}: {error}"
    except ConflictFound as error:
        return Exit.CONFLICT, str(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED, "interrupted"
    except RegistryError as error:
        return exit_of(error), str(error)
    except OSError:
        echo_err(_progress_of(job, unit))
        raise
    return Exit.REFUSED if job.tally.refused else Exit.DONE, ""


def _end_like_ctrl_c() -> None:
    """Make every terminating signal act like Ctrl-C, so that the import can report its progress."""
    # Windows has no SIGHUP. An ignored signal, as with nohup, stays ignored.
    for number in [getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.default_int_handler)


@contextmanager
def _progress(stream: BufferedReader) -> Iterator[tuple[Callable[[str], None], Callable[[], None]]]:
    """Yield functions that print a line and update the progress bar, which needs a terminal and a known file size."""
    size = os.fstat(stream.fileno()).st_size if stream.seekable() else 0
    if not size or not sys.stderr.isatty():
        yield echo_err, lambda: None
        return
    with click.progressbar(length=size, label="Importing", file=sys.stderr) as bar:

        def say(line: str) -> None:
            echo_err(f"{_CLEAR_LINE}{line}")
            bar.render_progress()

        yield say, lambda: bar.update(stream.tell() - bar.pos)


def _show_tally(  # noqa: PLR0913 — what was read and what became of it
    tally: Tally,
    understood: Understanding,
    first: list[Row | ChangeRow],
    *,
    dry_run: bool,
    complete: bool,
    as_json: bool,
) -> None:
    if as_json:
        write_json(
            {
                **tally_body(tally),
                "dryRun": dry_run,
                "complete": complete,
                "upToLine": tally.up_to,
                "understood": understanding_body(understood, first),
            }
        )
    else:
        if dry_run:
            show_understanding(understood, first)
        repeated = f"{tally.repeated} repeated, " if tally.repeated else ""
        click.echo(
            f"{tally.added} added, {tally.already_there} already there, {tally.changed} changed, "
            f"{repeated}{tally.refused} refused{' (dry run, nothing was written)' if dry_run else ''}"
        )
    for code, count in tally.warnings.most_common():
        accepted, vins = "would be accepted" if dry_run else "accepted", "1 VIN" if count == 1 else f"{count} VINs"
        echo_err(f"warning: {vins} {accepted} although doubtful: {code}")


def _progress_of(job: FleetImport, unit: str) -> str:
    if job.dry_run:
        return "Nothing was written"
    how = "with --on-conflict skip" if job.on_conflict == "fail" else "again"
    return f"Every row up to {unit} {job.tally.up_to} is in the registry; run it {how} to continue"
