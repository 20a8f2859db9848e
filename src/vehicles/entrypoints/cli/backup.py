"""The commands `backup` and `restore`, for the registry on one machine."""
# ruff: noqa: PLC0415 — imports stand in the commands, so that `vehicles --help` answers at once

from dataclasses import asdict
from pathlib import Path

import click

from vehicles.entrypoints.cli.terminal import Session, command, configuration_errors, echo_err, write_json

_FILE = click.Path(dir_okay=False, path_type=Path)


@command("backup")
@click.argument("file", type=_FILE)
@click.option("--overwrite", is_flag=True, help="Replace the file, once the new backup is complete.")
def backup(session: Session, *, file: Path, overwrite: bool, as_json: bool) -> None:
    """Write a backup of all vehicles and summaries to FILE, also while the server runs."""
    settings = session.settings
    from vehicles.container import back_up

    with configuration_errors():
        content = back_up(settings, file, overwrite=overwrite)
    for fault in content.faults:
        echo_err(f"warning: the registry has a fault, and so has its backup: {fault}")
    if as_json:
        write_json({"file": str(file), **asdict(content)})
    else:
        click.echo(f"{file} holds {content.vehicles} vehicles and {content.summaries} summaries, and was read back")


@command("restore")
@click.argument("file", type=_FILE)
def restore(session: Session, *, file: Path, as_json: bool) -> None:
    """Put the backup in FILE in the place of the registry, and keep what was there. Stop the server first."""
    settings = session.settings
    from vehicles.container import restore as restore_registry

    with configuration_errors():
        content, kept = restore_registry(settings, file)
    for fault in content.faults:
        echo_err(f"warning: the backup has a fault, as the registry had: {fault}")
    if as_json:
        write_json({"file": str(file), **asdict(content), "replaced": str(kept) if kept else None})
        return
    click.echo(f"restored {content.vehicles} vehicles and {content.summaries} summaries")
    if kept:
        click.echo(f"what was there before is in {kept}")
