"""The commands about vehicles: register, get, list, change, delete, and what a VIN tells."""
# ruff: noqa: PLC0415 — imports stand in the commands, so that `vehicles --help` answers at once

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final

import click

from vehicles.domain.vehicle import FEWEST_AXLES, MOST_AXLES, FuelType, VehicleFilter, vehicle_record
from vehicles.entrypoints.cli.terminal import Exit, Failure, Session, command, talk, write_json

if TYPE_CHECKING:
    from collections.abc import Iterator

    from vehicles.domain.registry import Registry
    from vehicles.domain.vehicle import Vehicle
    from vehicles.domain.vin.number import Vin
    from vehicles.entrypoints.http.schemas import ExplanationBody
    from vehicles.ports.vehicle_repository import StoredVehicle, Version

_AXLES: Final = click.IntRange(FEWEST_AXLES, MOST_AXLES)
_FUEL: Final = click.Choice([fuel.value for fuel in FuelType])


@command("register")
@click.argument("vin")
@click.option("--axles", type=_AXLES, required=True, help="The number of axles.")
@click.option("--fuel", type=_FUEL, required=True, help="What drives it.")
def register(session: Session, *, vin: str, axles: int, fuel: str, as_json: bool) -> None:
    """Register a vehicle."""
    parsed = _parse(vin)
    with session.container() as container:
        _show(container.registry().register(parsed, axles, FuelType(fuel)), as_json=as_json)


@command("get")
@click.argument("vin")
def get(session: Session, *, vin: str, as_json: bool) -> None:
    """Show a vehicle."""
    with session.container() as container:
        _show(container.registry().get(_parse(vin)), as_json=as_json)


@command("list")
@click.option("--fuel", type=_FUEL, help="Only vehicles that this drives.")
@click.option("--axles", type=_AXLES, help="Only vehicles with so many axles.")
@click.option("--wmi", help="Only vehicles whose VIN begins with these three characters.")
@click.option("--vin-ends-with", metavar="SIX", help="Only vehicles whose VIN ends with these six characters.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many; all by default.")
def list_vehicles(  # noqa: PLR0913 — one for each option
    session: Session,
    *,
    fuel: str | None,
    axles: int | None,
    wmi: str | None,
    vin_ends_with: str | None,
    limit: int | None,
    as_json: bool,
) -> None:
    """List all vehicles, or those that fit."""
    from vehicles.domain.errors import InvalidFilter
    from vehicles.domain.vin.number import fold

    try:
        wanted = VehicleFilter(
            FuelType(fuel) if fuel else None, axles, wmi and fold(wmi), vin_ends_with and fold(vin_ends_with)
        )
    except InvalidFilter as error:
        raise click.UsageError(str(error)) from error
    with session.container() as container:
        _show_all(islice(_walk(container.registry(), wanted), limit), as_json=as_json)


@command("change")
@click.argument("vin")
@click.option("--axles", type=_AXLES, help="The new number of axles.")
@click.option("--fuel", type=_FUEL, help="What drives it now.")
@click.option("--if-version", metavar="VERSION", help="Only where it still has this version.")
def change(  # noqa: PLR0913 — one for each option
    session: Session, *, vin: str, axles: int | None, fuel: str | None, if_version: str | None, as_json: bool
) -> None:
    """Change the axles or the fuel type of a vehicle."""
    if axles is None and fuel is None:
        message = "Nothing to change: give --axles, --fuel or both."
        raise click.UsageError(message)
    with session.container() as container:
        stored = container.registry().change(
            _parse(vin), no_of_axles=axles, fuel_type=FuelType(fuel) if fuel else None, expected=_versions(if_version)
        )
        _show(stored, as_json=as_json)


@command("delete")
@click.argument("vin")
@click.option("--if-version", metavar="VERSION", help="Only where it still has this version.")
def delete(session: Session, *, vin: str, if_version: str | None, as_json: bool) -> None:
    """Delete a vehicle."""
    parsed = _parse(vin)
    with session.container() as container:
        container.registry().delete(parsed, expected=_versions(if_version))
    if as_json:
        write_json({"deleted": str(parsed)})
    else:
        talk(f"{parsed} is deleted")


@command("explain")
@click.argument("vin")
def explain(_session: Session, *, vin: str, as_json: bool) -> None:
    """Tell what a VIN says, or what is wrong with it."""
    from vehicles.domain.vin.explanation import explain as explain_vin
    from vehicles.entrypoints.http.schemas import explanation_body

    body = explanation_body(explain_vin(vin))
    if as_json:
        write_json(body, indent=2)
    else:
        _show_explanation(body)
    if not body["valid"]:
        raise click.exceptions.Exit(Exit.REFUSED)


COMMANDS: Final = (register, get, list_vehicles, change, delete, explain)


def _parse(text: str) -> Vin:
    """Return the VIN; the registry decides whether it accepts its check digit."""
    from vehicles.domain.errors import InvalidVin
    from vehicles.domain.vin.number import Vin, VinPolicy
    from vehicles.domain.vin.suggestions import suggest

    try:
        return Vin.parse(text, VinPolicy.ADVISORY)
    except InvalidVin as error:
        meant = " or ".join(str(suggestion.vin) for suggestion in suggest(text))
        raise Failure(f"{error}{meant and f'; probably meant {meant}'}", Exit.REFUSED) from error


def _versions(text: str | None) -> set[Version] | None:
    from vehicles.ports.vehicle_repository import Version

    return None if text is None else {Version(text)}


def _walk(registry: Registry, wanted: VehicleFilter) -> Iterator[Vehicle]:
    from vehicles.domain.registry import MOST_PER_PAGE

    page = registry.list(wanted, limit=MOST_PER_PAGE)
    yield from page.vehicles
    while page.next:
        page = registry.list(wanted, limit=MOST_PER_PAGE, after=page.next)
        yield from page.vehicles


def _show_all(some: Iterator[Vehicle], *, as_json: bool) -> None:
    if as_json:
        for vehicle in some:
            write_json(vehicle_record(vehicle))
        return
    click.echo(click.style(f"{'VIN':<17}  {'axles':>5}  {'fuel':<8}  registered", bold=True))
    count = 0
    for vehicle in some:
        body = vehicle_record(vehicle)
        click.echo(f"{body['vin']}  {body['noOfAxles']:>5}  {body['fuelType']:<8}  {body['timestamp'][:19]}Z")
        count += 1
    talk("1 vehicle" if count == 1 else f"{count} vehicles")


def _show(stored: StoredVehicle, *, as_json: bool) -> None:
    body = vehicle_record(stored.vehicle)
    if as_json:
        write_json(body | {"version": stored.version})
        return
    rows = {
        "VIN": body["vin"],
        "axles": body["noOfAxles"],
        "fuel": body["fuelType"],
        "registered": body["timestamp"],
        "version": stored.version,
    }
    _show_rows(rows)


def _show_explanation(body: ExplanationBody) -> None:
    from vehicles.domain.vin.check_digit import CheckDigitRegime

    if body["valid"]:
        click.echo(f"{body['vin']} is a valid VIN")
    for error in body["errors"]:
        click.echo(f"{click.style('wrong', fg='red')}: {error['detail']} ({error['code']})")
    for suggestion in body["suggestions"]:
        click.echo(f"probably meant {suggestion['vin']}{', its check digit fits' if suggestion['confirmed'] else ''}")
    parts, digit, maker = body["parts"], body["checkDigit"], body["manufacturer"]
    if parts and digit:
        demanded = (
            "nobody demands one" if digit["regime"] == CheckDigitRegime.NONE else f"demanded by {digit['regime']}"
        )
        years = body["modelYearCandidates"]
        _show_rows(
            {
                "maker": f"{parts['manufacturerId']}, {maker['name'] if maker else 'not known here'}",
                "country": f"{body['country'] or 'not known'}, {body['region'] or 'region not known'}",
                "parts": f"{parts['wmi']} {parts['vds']} {parts['vis']}",
                "serial": parts["serial"],
                "check digit": f"{'fits' if digit['matches'] else 'does not fit'}; {demanded}",
                "model year": " or ".join(map(str, years)) or "not told",
            }
        )
    for warning in body["warnings"]:
        click.echo(f"{click.style('unusual', fg='yellow')}: {warning['detail']} ({warning['code']})")


def _show_rows(rows: dict[str, object]) -> None:
    for name, value in rows.items():
        click.echo(f"{name:<12} {value}")
