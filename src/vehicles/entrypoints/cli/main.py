"""The command line `vehicles`: it parses the arguments, calls the services, and writes the results.

Data goes to standard output, diagnostics to standard error.
"""
# ruff: noqa: PLC0415 — commands import what they need, so that `vehicles --help` is fast

import os
import sys
from contextlib import ExitStack
from io import TextIOWrapper
from typing import Final

import click

from vehicles.entrypoints.cli.backup import backup, restore
from vehicles.entrypoints.cli.doctor import doctor
from vehicles.entrypoints.cli.exports import export, sample, template
from vehicles.entrypoints.cli.imports import import_fleet
from vehicles.entrypoints.cli.summaries import fleet, summarize, summary
from vehicles.entrypoints.cli.terminal import (
    Exit,
    Failure,
    Session,
    VehiclesGroup,
    command,
    configuration_errors,
    global_options,
    remember_flag,
    write_json,
)
from vehicles.entrypoints.cli.vehicles import change, delete, explain, get, list_vehicles, register

_EPILOG: Final = "\b\nExit codes:\n" + "\n".join(f"{code:>5}  {code.meaning}" for code in Exit)


@click.group("vehicles", cls=VehiclesGroup, epilog=_EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="vehicle-registry")
@click.pass_context
def vehicles(ctx: click.Context) -> None:
    """Keep a registry of vehicles, each identified by its VIN."""
    ctx.ensure_object(Session)


vehicles.params[:0] = global_options(hidden=False)


def main() -> None:
    # The parent process may have closed a stream. Then input is empty, and writing data fails; diagnostics are dropped.
    for name, mode, flag in (("stdin", "r", os.O_RDONLY), ("stdout", "w", os.O_RDONLY), ("stderr", "w", os.O_WRONLY)):
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.open(os.devnull, flag), mode))  # noqa: PTH123, SIM115 — open until the process ends
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # for terminals without UTF-8; JSON stays valid
    vehicles(prog_name="vehicles")


@command("serve")
@click.option("--host", expose_value=False, callback=remember_flag, help="Address to listen on. [VEHICLES_HOST]")
@click.option(
    "--port", expose_value=False, callback=remember_flag, help="Port to listen on, 0 for any. [VEHICLES_PORT]"
)
@click.option(
    "--summarize",
    metavar="[off|weekly|daily]",
    expose_value=False,
    callback=remember_flag,
    help="Make the summary of each week once it is over; daily: also one of the current week. [VEHICLES_SUMMARIZE]",
)
def serve(session: Session, *, as_json: bool) -> None:  # noqa: ARG001 — its only output is the log
    """Serve the HTTP API until SIGTERM or Ctrl-C."""
    settings = session.settings
    with configuration_errors():
        settings.require_token_where_public()
    from vehicles.entrypoints.server.run import CannotListen
    from vehicles.entrypoints.server.run import serve as serve_until_stopped

    with session.container(batch=False) as container, ExitStack() as background:
        if settings.summarize != "off":
            from vehicles.entrypoints.server.schedule import SummarySchedule, summarizing

            background.enter_context(
                summarizing(SummarySchedule(container.summaries, daily=settings.summarize == "daily"))
            )
        try:
            serve_until_stopped(container, settings)
        except CannotListen as error:
            raise Failure(str(error), Exit.REFUSED) from error


@command("openapi")
def openapi(_session: Session, *, as_json: bool) -> None:  # noqa: ARG001 — the output is always JSON
    """Write the OpenAPI document of the HTTP API."""
    from vehicles.entrypoints.http.openapi import openapi_document

    write_json(openapi_document(), indent=2)


_ON_VEHICLES: Final = (register, get, list_vehicles, change, delete, explain)
_ON_FLEETS: Final = (import_fleet, export, template, sample)
for _each in (serve, *_ON_VEHICLES, *_ON_FLEETS, fleet, summarize, summary, backup, restore, openapi, doctor):
    vehicles.add_command(_each)

if __name__ == "__main__":
    main()
