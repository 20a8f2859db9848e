"""The command line `vehicles`: it reads what people type, calls the services, and writes what came of it.

Data goes to standard output, talk to standard error.
"""
# ruff: noqa: PLC0415 — imports stand in the commands, so that `vehicles --help` answers at once

from __future__ import annotations

import os
import sys
from io import TextIOWrapper
from typing import TYPE_CHECKING, Final

import click

from vehicles.entrypoints import fleet_commands, vehicle_commands
from vehicles.entrypoints.terminal import (
    EXIT_MEANINGS,
    Exit,
    Failure,
    Session,
    VehiclesGroup,
    command,
    global_options,
    remember_flag,
    talk,
    write_json,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EPILOG: Final = "\b\nExit codes:\n" + "\n".join(f"{code:>5}  {meaning}" for code, meaning in EXIT_MEANINGS.items())


@click.group("vehicles", cls=VehiclesGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vehicles")
@click.pass_context
def vehicles(ctx: click.Context) -> None:
    """Keep a registry of vehicles, each known by its VIN."""
    ctx.ensure_object(Session)


vehicles.params[:0] = global_options(hidden=False)


def main() -> None:
    """Run the command line."""
    # Closed by whoever started us: there is nothing to read, data must not get lost in silence, talk may.
    for name, mode, flag in (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, flag), mode))  # noqa: PTH123, SIM115 — as long as it lives
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(
            errors="backslashreplace"
        )  # for terminals that do not speak UTF-8; as JSON it stays true
    vehicles(prog_name="vehicles")


@command("serve")
@click.option("--host", expose_value=False, callback=remember_flag, help="Address to listen on. [VEHICLES_HOST]")
@click.option(
    "--port", expose_value=False, callback=remember_flag, help="Port to listen on, 0 for any. [VEHICLES_PORT]"
)
def serve(session: Session, *, as_json: bool) -> None:  # noqa: ARG001 — it writes nothing but its log
    """Serve the HTTP API until it is told to stop."""
    from vehicles.settings import ConfigurationError

    settings = session.settings
    try:
        settings.demand_token_where_public()
    except ConfigurationError as error:
        raise Failure(str(error), Exit.USAGE) from error
    from vehicles.entrypoints.server import CannotListen
    from vehicles.entrypoints.server import serve as serve_until_stopped

    with session.container(patient=False) as container:
        try:
            serve_until_stopped(container, settings)
        except CannotListen as error:
            raise Failure(str(error), Exit.REFUSED) from error


@command("summarize")
@click.option("--week", default="current", metavar="WEEK", help="current, last, or a week such as 2026-W47.")
def summarize(session: Session, *, week: str, as_json: bool) -> None:
    """Count the fleet of a week and keep the summary."""
    import json

    from vehicles.domain.errors import InvalidWeek
    from vehicles.domain.week import IsoWeek

    with session.container() as container:
        try:
            chosen = IsoWeek.named(week, container.clock()())
        except InvalidWeek as error:
            raise click.BadParameter(str(error), param_hint="--week") from error
        summary = json.loads(container.summaries().summarize(chosen).content)
    if as_json:
        write_json(summary, indent=2)
    else:
        _show_summary(summary)


def _show_summary(summary: Mapping[str, object]) -> None:
    click.echo(f"Week {summary['week']}{'' if summary['complete'] else ', not over yet'}")
    click.echo(f"{summary['total']:>9}  vehicles, of which {summary['registered']} were registered in the week")
    match summary["change"]:
        case {"since": since, "total": int(total), "deleted": deleted}:
            click.echo(f"{total:>+9}  since {since}{'' if deleted is None else f', with {deleted} deleted'}")
    for title, table, name in (
        ("By fuel type", "byFuelType", "fuelType"),
        ("By number of axles", "byNoOfAxles", "noOfAxles"),
        ("By maker", "byManufacturer", "wmi"),
        ("By country of the maker", "byCountry", "country"),
    ):
        click.echo(click.style(title, bold=True))
        rows: Sequence[Mapping[str, object]] = summary[table]  # type: ignore[assignment]  # as the summary writes it
        for row in rows:
            click.echo(f"{row['vehicles']:>9}  {row[name] or 'unknown'}  {row.get('name') or ''}".rstrip())


@command("openapi")
def openapi(_session: Session, *, as_json: bool) -> None:  # noqa: ARG001 — it is JSON either way
    """Write the OpenAPI document of the HTTP API."""
    from vehicles.entrypoints.openapi import openapi_document

    write_json(openapi_document(), indent=2)


@command("doctor")
def doctor(session: Session, *, as_json: bool) -> None:
    """Show the settings, and examine the storage."""
    from vehicles.entrypoints.doctor import examine, setting_rows
    from vehicles.settings import unknown_variables

    settings = session.settings
    rows = setting_rows(settings)
    checks = examine(settings)
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


for _command in (
    serve,
    *vehicle_commands.COMMANDS,
    *fleet_commands.COMMANDS,
    summarize,
    openapi,
    doctor,
):
    vehicles.add_command(_command)

if __name__ == "__main__":
    main()
