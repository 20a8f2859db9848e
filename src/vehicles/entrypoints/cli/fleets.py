"""The commands about whole fleets: import, export, sample."""

import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import BufferedReader
from pathlib import Path
from typing import IO, Final

import click

from vehicles.domain.errors import Fault, RegistryError
from vehicles.domain.fleet_import import ConflictFound, FleetImport, OnConflict, RefusedRow, Row, Tally
from vehicles.entrypoints.cli.sample import sample_vehicles
from vehicles.entrypoints.cli.terminal import Exit, Failure, Session, command, echo_err, exit_of, write_json
from vehicles.entrypoints.fleet_files.rows import (
    FORMAT_OF_SUFFIX,
    FleetFormat,
    RowReader,
    UnreadableFile,
    format_of,
    write_fleet,
)

_STDIO: Final = "-"
_FORMAT: Final = click.Choice([each.value for each in FleetFormat])
_CLOCK_ERROR: Final = timedelta(days=1)  # how far the clock of the exporting machine may have been ahead
_SHOWN_WARNINGS: Final = 10  # per kind
_CLEAR_LINE: Final = "\r\x1b[K"


@command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True))
@click.option("--format", "file_format", type=_FORMAT, help="By default detected by the name or the content.")
@click.option(
    "--on-conflict",
    type=click.Choice([each.value for each in OnConflict]),
    default="skip",
    show_default=True,
    help="What to do with a VIN that is already registered.",
)
@click.option("--keep-timestamps", is_flag=True, help="Take the time of registration from the file.")
@click.option("--dry-run", is_flag=True, help="Report what an import would do, and write nothing.")
def import_fleet(  # noqa: PLR0913 — one for each option
    session: Session,
    *,
    file: str,
    file_format: str | None,
    on_conflict: str,
    keep_timestamps: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Register the vehicles of a file.

    FILE is CSV or JSON Lines; - is standard input. CSV has the columns vin, noOfAxles and fuelType in any order, JSON
    Lines has an object with these names on each line.
    Repeating an import adds nothing.
    """
    with ExitStack() as stack:
        container = stack.enter_context(session.container())
        stream: BufferedReader = stack.enter_context(click.open_file(file, "rb"))  # type: ignore[arg-type]  # click says IO
        say, advance = stack.enter_context(_progress(stream))
        registry = container.registry()
        job = FleetImport(
            registry,
            OnConflict(on_conflict),
            dry_run=dry_run,
            on_refused=lambda row: write_json(_refused_body(row)) if as_json else say(_refused_line(row)),
            on_doubtful=lambda row: write_json(_doubtful_body(row)) if as_json else _say_doubtful(job.tally, row, say),
            on_batch=advance,
        )
        now = container.clock()()
        reader = RowReader(
            registry.check_vin,
            None if keep_timestamps else now,
            lambda: say("note: the timestamps of the file are ignored; --keep-timestamps keeps them"),
            latest=now + _CLOCK_ERROR,
        )
        chosen = FleetFormat(file_format) if file_format else format_of(file, stream)
        code, ending = _run(job, reader.rows(stream, chosen), file)
    _show_tally(job.tally, dry_run=dry_run, complete=not ending, as_json=as_json)
    if ending:
        raise Failure(f"{ending}. {_progress_of(job)}", code)
    raise click.exceptions.Exit(code)


@command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default=_STDIO)
@click.option("--format", "file_format", type=_FORMAT, help="By default taken from the name of the file, else csv.")
@click.option("--overwrite", is_flag=True, help="Replace an existing file.")
def export(session: Session, *, file: str, file_format: str | None, overwrite: bool, as_json: bool) -> None:
    """Write all vehicles to a file.

    FILE defaults to -, standard output. `vehicles import --keep-timestamps` reads the file.
    """
    by_name = FORMAT_OF_SUFFIX.get(Path(file).suffix.lower(), FleetFormat.CSV)
    chosen = _written_format(file_format, by_name, as_json=as_json)
    with session.container() as container:
        fleet = container.repository().partition(0, 1)
        if file == _STDIO:
            write_fleet(fleet, sys.stdout, chosen)
            return
        try:
            with _replacing(Path(file), overwrite=overwrite) as stream:
                count = write_fleet(fleet, stream, chosen)
        except OSError as error:  # its own message would name the temporary file
            raise Failure(f"{file}: {error.strerror or error}", Exit.STORAGE) from error
    echo_err(f"{count} {'vehicle' if count == 1 else 'vehicles'} written to {file}")


@command("sample")
@click.argument("count", type=click.IntRange(min=0))
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed always gives the same fleet.")
@click.option("--format", "file_format", type=_FORMAT, show_default="csv")
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
    chosen = _written_format(file_format, "csv", as_json=as_json)
    write_fleet(sample_vehicles(count, seed, end), sys.stdout, chosen, timestamps=timestamps)


def _written_format(given: str | None, default: str, *, as_json: bool) -> FleetFormat:
    if as_json and given == FleetFormat.CSV:
        raise click.UsageError("--json and --format csv contradict each other.")
    return FleetFormat(given or (FleetFormat.JSONL if as_json else default))


def _run(job: FleetImport, rows: Iterator[Row | RefusedRow], file: str) -> tuple[Exit, str]:
    """Run an import. Return its exit code, and why it ended early, if it did."""
    try:
        _end_like_ctrl_c()
        job.run(rows)
    except UnreadableFile as error:
        raise Failure(f"{file}: {error}", Exit.REFUSED) from error
    except ConflictFound as error:
        return Exit.CONFLICT, str(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED, "interrupted"
    except RegistryError as error:
        return exit_of(error), str(error)
    except OSError:
        echo_err(_progress_of(job))
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


@contextmanager
def _replacing(target: Path, *, overwrite: bool) -> Iterator[IO[str]]:
    """Yield a stream. Its content replaces the target when the block ends without an error."""
    from tempfile import NamedTemporaryFile  # noqa: PLC0415 — only a file needs it, and `--help` answers at once

    target = target.resolve()
    if target.exists() and not (overwrite and target.is_file()):
        remedy = "use --overwrite to replace it" if target.is_file() else "it is not a regular file"
        raise Failure(f"{target} already exists; {remedy}", Exit.REFUSED)
    with NamedTemporaryFile("w", encoding="utf-8", newline="", dir=target.parent, prefix=f".{target.name}.") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
        if not overwrite:  # creating the file claims the name, even on a file system without links
            target.touch(mode=0o600, exist_ok=False)
        Path(stream.name).replace(target)


def _refused_body(row: RefusedRow) -> dict[str, object]:
    return {
        "line": row.line,
        "errors": _bodies(row.faults),
        "suggestions": [str(suggestion.vin) for suggestion in row.suggestions],
    }


def _doubtful_body(row: Row) -> dict[str, object]:
    return {"line": row.line, "warnings": _bodies(replace(warning, field="vin") for warning in row.warnings)}


def _bodies(faults: Iterable[Fault]) -> list[dict[str, object]]:
    return [
        {"field": fault.field, "code": fault.code, "detail": fault.detail, "positions": list(fault.positions)}
        for fault in faults
    ]


def _say_doubtful(tally: Tally, row: Row, say: Callable[[str], None]) -> None:
    """Print the warnings of a row, but of each kind only the first ones: a thousand would hide the rows refused."""
    shown = [warning for warning in row.warnings if tally.warnings[warning.code] <= _SHOWN_WARNINGS]
    if shown:
        say(f"line {row.line}: warning: " + "; ".join(f"{each.code}: {each.detail}" for each in shown))


def _refused_line(row: RefusedRow) -> str:
    faults = "; ".join(": ".join(filter(None, (fault.field, fault.code, fault.detail))) for fault in row.faults)
    meant = " or ".join(str(suggestion.vin) for suggestion in row.suggestions)
    return f"line {row.line}: {faults}{meant and f'; probably meant {meant}'}"


def _show_tally(tally: Tally, *, dry_run: bool, complete: bool, as_json: bool) -> None:
    if as_json:
        write_json(
            {
                "added": tally.added,
                "alreadyThere": tally.already_there,
                "changed": tally.changed,
                "repeated": tally.repeated,
                "refused": tally.refused,
                "warnings": dict(tally.warnings),
                "dryRun": dry_run,
                "complete": complete,
                "upToLine": tally.up_to,
            }
        )
    else:
        repeated = f"{tally.repeated} repeated, " if tally.repeated else ""
        click.echo(
            f"{tally.added} added, {tally.already_there} already there, {tally.changed} changed, {repeated}"
            f"{tally.refused} refused{' (dry run, nothing was written)' if dry_run else ''}"
        )
    for code, count in tally.warnings.most_common():
        accepted, vins = "would be accepted" if dry_run else "accepted", "1 VIN" if count == 1 else f"{count} VINs"
        echo_err(f"warning: {vins} {accepted} although doubtful: {code}")


def _progress_of(job: FleetImport) -> str:
    if job.dry_run:
        return "Nothing was written"
    how = "with --on-conflict skip" if job.on_conflict == "fail" else "again"
    return f"Every row up to line {job.tally.up_to} is in the registry; run it {how} to continue"
