"""The commands `backup` and `restore`, for the registry on one machine."""
# ruff: noqa: PLC0415 — imports stand in the commands, so that `vehicles --help` answers at once

import signal
from dataclasses import asdict
from pathlib import Path

import click

from vehicles.entrypoints.cli.terminal import Session, command, configuration_errors, echo_err, write_json

_FILE = click.Path(dir_okay=False, path_type=Path)


def _end_by_exception() -> None:
    """Make SIGTERM, which timers send, an exception as SIGINT is, so that nothing unfinished is left behind."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)


@command("backup")
@click.argument("file", type=_FILE)
@click.option("--overwrite", is_flag=True, help="Replace the file, once the new backup is complete.")
def backup(session: Session, *, file: Path, overwrite: bool, as_json: bool) -> None:
    """Back up all vehicles and summaries to FILE, even while the server is running."""
    settings = session.settings
    _end_by_exception()
    from vehicles.container import back_up

    with configuration_errors():
        content = back_up(settings, file, overwrite=overwrite)
    for fault in content.faults:
        echo_err(f"warning: the registry is damaged, and the backup contains the same damage: {fault}")
    if as_json:
        write_json({"file": str(file), **asdict(content)})
    else:
        click.echo(f"{file}: {_counted(content.vehicles, content.summaries)} (verified)")


@command("restore")
@click.argument("file", type=_FILE)
def restore(session: Session, *, file: Path, as_json: bool) -> None:
    """Replace the registry with the backup in FILE, and keep the previous one. Stop the server first."""
    settings = session.settings
    _end_by_exception()
    from vehicles.container import restore as restore_registry

    with configuration_errors():
        content, kept = restore_registry(settings, file)
    for fault in content.faults:
        echo_err(f"warning: the backup contains damage that was in the registry: {fault}")
    if as_json:
        write_json({"file": str(file), **asdict(content), "replaced": str(kept) if kept else None})
        return
    click.echo(f"restored {_counted(content.vehicles, content.summaries)}")
    if kept:
        click.echo(f"the previous registry was moved to {kept}")


def _counted(vehicles: int, summaries: int) -> str:
    return f"{vehicles} vehicle{'' if vehicles == 1 else 's'}, {summaries} summar{'y' if summaries == 1 else 'ies'}"
