"""The command `doctor`: shows the settings and examines the storage. It changes nothing."""
# ruff: noqa: PLC0415 — commands import what they need, so that `vehicles --help` is fast

import os
from contextlib import suppress

import click

from vehicles.domain.errors import StorageError
from vehicles.entrypoints.cli.terminal import Exit, Session, command, echo_err, write_json


@command("doctor")
def doctor(session: Session, *, as_json: bool) -> None:
    """Show the settings, and examine the storage."""
    from vehicles.container import check_storage, complete
    from vehicles.settings import NAMES, ConfigurationError, unknown_variables

    settings = shown = session.settings
    with suppress(StorageError, ConfigurationError):  # the checks report it
        shown = complete(settings)
    rows = [  # a secret is not shown
        {"name": name, "value": shown.shown(name), "origin": str(shown.origin(name))} for name in NAMES
    ]
    checks = list(check_storage(settings))
    unknown = sorted(unknown_variables(os.environ))
    if as_json:
        bodies = [{"name": check.name, "ok": check.ok, "detail": check.detail} for check in checks]
        write_json({"settings": rows, "checks": bodies, "unknownVariables": unknown}, indent=2)
    else:
        for row in rows:
            click.echo(f"{row['name']:<12} {row['value']:<40} {row['origin']}")
        for check in checks:
            mark = click.style("ok    ", fg="green") if check.ok else click.style("failed", fg="red")
            click.echo(f"{mark}  {check.name}: {check.detail}")
    for variable in unknown:
        echo_err(f"warning: {variable} is not a setting of this version")
    if not all(check.ok for check in checks):
        raise click.exceptions.Exit(Exit.REFUSED)
