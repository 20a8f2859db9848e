"""The command `doctor`: shows the settings and examines the storage. It changes nothing."""
# ruff: noqa: PLC0415 — imports stand in the commands, so that `vehicles --help` answers at once

from __future__ import annotations

import os
from contextlib import suppress
from typing import TYPE_CHECKING

import click

from vehicles.entrypoints.cli.terminal import Exit, Session, command, talk, write_json

if TYPE_CHECKING:
    from vehicles.settings import Settings


@command("doctor")
def doctor(session: Session, *, as_json: bool) -> None:
    """Show the settings, and examine the storage."""
    from vehicles.container import check_storage
    from vehicles.settings import unknown_variables

    settings = session.settings
    rows = _setting_rows(settings)
    checks = list(check_storage(settings))
    unknown = sorted(unknown_variables(os.environ))
    if as_json:
        shown = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
        write_json({"settings": rows, "checks": shown, "unknownVariables": unknown}, indent=2)
    else:
        for row in rows:
            click.echo(f"{row['name']:<12} {row['value']:<40} {row['origin']}")
        for check in checks:
            mark = click.style("ok   ", fg="green") if check.ok else click.style("wrong", fg="red")
            click.echo(f"{mark}  {check.name}: {check.detail}")
    for variable in unknown:
        talk(f"warning: {variable} is no setting of this version")
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(Exit.REFUSED)


def _setting_rows(settings: Settings) -> list[dict[str, str]]:
    """Return the name, value and origin of each setting. A secret is not shown."""
    from vehicles.container import complete
    from vehicles.domain.errors import StorageError
    from vehicles.settings import ConfigurationError

    with suppress(StorageError, ConfigurationError):  # the checks report it
        settings = complete(settings)
    return [
        {"name": name, "value": settings.shown(name), "origin": str(settings.origin(name))}
        for name in type(settings).model_fields
    ]
