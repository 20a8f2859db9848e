"""The commands about whole fleets: import, export, sample."""
# ruff: noqa: PLC0415 — imports stand in the commands, so that `vehicles --help` answers at once

from __future__ import annotations

import os
import signal
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vehicles.domain.errors import RegistryError
from vehicles.entrypoints.terminal import Exit, Failure, Session, command, exit_of, talk, write_json

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from io import BufferedReader

    from _typeshed import SupportsWrite

    from vehicles.entrypoints.fleet_files import RefusedRow, Row
    from vehicles.entrypoints.fleet_import import FleetImport, Tally
    from vehicles.settings import Settings

_STDIO: Final = "-"
_FORMAT: Final = click.Choice(["csv", "jsonl"])
_CLEAR_LINE: Final = "\r\x1b[K"
POLICY_RECORD: Final = "vin-policy.jsonl"


@command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True))
@click.option("--format", "file_format", type=_FORMAT, help="Told by the name or the beginning of the file by default.")
@click.option(
    "--on-conflict",
    type=click.Choice(["skip", "update", "fail"]),
    default="skip",
    show_default=True,
    help="What to do with a VIN that is registered already.",
)
@click.option("--keep-timestamps", is_flag=True, help="Take the moment of registration from the file.")
@click.option("--reason", metavar="TEXT", help="Why --vin-policy advisory is right for this file; goes on record.")
@click.option("--dry-run", is_flag=True, help="Say what would come of it, and write nothing.")
def import_fleet(  # noqa: PLR0913 — one for each option
    session: Session,
    *,
    file: str,
    file_format: str | None,
    on_conflict: str,
    keep_timestamps: bool,
    reason: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Register the vehicles of a file.

    FILE is CSV or JSON Lines, - for standard input. CSV has the columns vin, noOfAxles and fuelType in any order,
    JSON Lines an object with these names on each line.
    Doing it again adds nothing.
    """
    from vehicles.domain.vin import VinPolicy
    from vehicles.entrypoints.fleet_files import FleetFormat, RowReader, format_of
    from vehicles.entrypoints.fleet_import import FleetImport, OnConflict

    settings = session.settings
    if settings.vin_policy is VinPolicy.ADVISORY and not (reason and reason.strip()):
        message = "The advisory policy lets VINs in that a law refuses: say why with --reason."
        raise click.UsageError(message)
    with ExitStack() as stack:
        container = stack.enter_context(session.container())
        stream = stack.enter_context(_opened(file))
        say, advance = stack.enter_context(_progress(stream))
        job = FleetImport(
            container.registry(),
            OnConflict(on_conflict),
            dry_run=dry_run,
            on_refused=lambda row: write_json(_refused_body(row)) if as_json else say(_refused_line(row)),
            on_batch=advance,
        )
        reader = RowReader(
            settings.vin_policy,
            None if keep_timestamps else container.clock()(),
            lambda: say("note: the timestamps of the file are ignored; --keep-timestamps takes them"),
        )
        chosen = FleetFormat(file_format) if file_format else format_of(file, stream)
        try:
            code, ending = _run(job, reader.rows(stream, chosen), file)
        finally:
            if job.tally.let_in and not dry_run and reason:
                _record_policy(settings, reason, file, job.tally.let_in)
    if as_json:
        write_json(_tally_body(job.tally, dry_run=dry_run, complete=not ending))
    else:
        click.echo(_tally_line(job.tally, dry_run=dry_run))
    if ending:
        message = f"{ending}. {_where(job)}"
        raise Failure(message, code)
    raise click.exceptions.Exit(code)


@command("export")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default=_STDIO)
@click.option("--format", "file_format", type=_FORMAT, help="Told by the name of the file by default, else csv.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def export(session: Session, *, file: str, file_format: str | None, force: bool, as_json: bool) -> None:
    """Write all vehicles to a file.

    FILE is standard output where it is - or left out. `vehicles import --keep-timestamps` reads it.
    """
    from vehicles.entrypoints.fleet_files import FleetFormat, write_fleet

    by_name = "jsonl" if as_json or file.lower().endswith((".jsonl", ".ndjson")) else "csv"
    chosen = FleetFormat(file_format or by_name)
    with session.container() as container:
        fleet = container.repository().part(0, 1)
        if file == _STDIO:
            write_fleet(fleet, sys.stdout, chosen)
            return
        with _replacing(Path(file), force=force) as stream:
            count = write_fleet(fleet, stream, chosen)
    talk(f"{count} {'vehicle' if count == 1 else 'vehicles'} written to {file}")


@command("sample")
@click.argument("count", type=click.IntRange(min=0))
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same fleet everywhere.")
@click.option("--format", "file_format", type=_FORMAT, default="csv", show_default=True)
@click.option("--timestamps", is_flag=True, help="Write moments of registration too, spread over a year.")
def sample(_session: Session, *, count: int, seed: int, file_format: str, timestamps: bool, as_json: bool) -> None:
    """Write a plausible fleet, to try things out."""
    from vehicles.domain.sample import sample_vehicles
    from vehicles.entrypoints.fleet_files import FleetFormat, write_fleet

    chosen = FleetFormat.JSONL if as_json else FleetFormat(file_format)
    write_fleet(sample_vehicles(count, seed), sys.stdout, chosen, timestamps=timestamps)


COMMANDS: Final = (import_fleet, export, sample)


def _run(job: FleetImport, rows: Iterator[Row | RefusedRow], file: str) -> tuple[Exit, str]:
    """Run an import, and return its exit code and, where it ended early, why."""
    from vehicles.entrypoints.fleet_files import UnreadableFile
    from vehicles.entrypoints.fleet_import import ConflictFound

    # Whoever ends it is told how far it came.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        job.run(rows)
    except UnreadableFile as error:
        message = f"{file}: {error}"
        raise Failure(message, Exit.REFUSED) from error
    except ConflictFound as error:
        return Exit.CONFLICT, str(error)
    except KeyboardInterrupt:
        return Exit.INTERRUPTED, "interrupted"
    except RegistryError as error:
        return exit_of(error), str(error)
    except OSError:
        talk(_where(job))
        raise
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
    return Exit.REFUSED if job.tally.refused else Exit.DONE, ""


def _opened(file: str) -> BufferedReader:
    if file == _STDIO:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    return Path(file).open("rb")


@contextmanager
def _progress(stream: BufferedReader) -> Iterator[tuple[Callable[[str], None], Callable[[], None]]]:
    """Yield what says a line, and what shows how far the file was read: a bar, on a terminal, if the size is known."""
    size = os.fstat(stream.fileno()).st_size if stream.seekable() else 0
    if not size or not sys.stderr.isatty():
        yield talk, lambda: None
        return
    with click.progressbar(length=size, label="Importing", file=sys.stderr) as bar:

        def say(line: str) -> None:
            talk(f"{_CLEAR_LINE}{line}")
            bar.render_progress()

        yield say, lambda: bar.update(stream.tell() - bar.pos)


@contextmanager
def _replacing(target: Path, *, force: bool) -> Iterator[SupportsWrite[str]]:
    """Yield a stream whose content takes the place of the target once all of it is written."""
    from tempfile import NamedTemporaryFile

    target = target.resolve()
    if target.exists() and not (force and target.is_file()):
        remedy = "give --force to write over it" if target.is_file() else "it is no regular file"
        message = f"{target} is there already; {remedy}"
        raise Failure(message, Exit.REFUSED)
    with NamedTemporaryFile("w", encoding="utf-8", newline="", dir=target.parent, prefix=f".{target.name}.") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())
        os.link(stream.name, target) if not force else Path(stream.name).replace(target)


def _record_policy(settings: Settings, reason: str, file: str, count: int) -> None:
    """Put on record who let VINs in that the strict policy refuses, why and how many; the record names none of them."""
    import getpass
    import json
    from datetime import UTC, datetime

    from vehicles.entrypoints.wire import format_timestamp
    from vehicles.settings import Backend

    if settings.backend is Backend.MEMORY:  # nothing outlives the process, so there is nothing to answer for
        return
    try:
        actor = getpass.getuser()
    except OSError:
        actor = f"user {os.getuid()}"
    record = {
        "timestamp": format_timestamp(datetime.now(UTC)),
        "actor": actor,
        "reason": reason.strip(),
        "file": Path(file).name,
        "vins": count,
    }
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)  # on AWS the vehicles are elsewhere
    with (settings.data / POLICY_RECORD).open("a", encoding="utf-8") as stream:
        stream.write(json.dumps(record, ensure_ascii=True) + "\n")


def _refused_body(row: RefusedRow) -> dict[str, object]:
    return {
        "line": row.line,
        "errors": [
            {"field": fault.field, "code": fault.code, "detail": fault.detail, "positions": list(fault.positions)}
            for fault in row.faults
        ],
        "suggestions": [str(suggestion.vin) for suggestion in row.suggestions],
    }


def _refused_line(row: RefusedRow) -> str:
    faults = "; ".join(
        f"{fault.field}: {fault.code}: {fault.detail}" if fault.field else f"{fault.code}: {fault.detail}"
        for fault in row.faults
    )
    meant = " or ".join(str(suggestion.vin) for suggestion in row.suggestions)
    return f"line {row.line}: {faults}{meant and f'; probably meant {meant}'}"


def _tally_body(tally: Tally, *, dry_run: bool, complete: bool) -> dict[str, object]:
    return {
        "added": tally.added,
        "alreadyThere": tally.already_there,
        "changed": tally.changed,
        "refused": tally.refused,
        "dryRun": dry_run,
        "complete": complete,
        "upToLine": tally.up_to,
    }


def _tally_line(tally: Tally, *, dry_run: bool) -> str:
    counts = (
        f"{tally.added} added, {tally.already_there} already there, {tally.changed} changed, {tally.refused} refused"
    )
    return f"{counts} (dry run, nothing was written)" if dry_run else counts


def _where(job: FleetImport) -> str:
    if job.dry_run:
        return "Nothing was written"
    how = "with --on-conflict skip" if job.on_conflict == "fail" else "again"
    return f"Up to line {job.tally.up_to} everything is in the registry; run it {how} to go on"
