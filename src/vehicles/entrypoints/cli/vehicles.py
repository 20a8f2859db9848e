"""The commands about vehicles: register, get, list, change, delete, and explain a VIN."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import fields
from datetime import datetime
from functools import wraps
from itertools import chain, islice
from typing import Any, Final

import click

from vehicles.domain.errors import InvalidFilter, InvalidVin
from vehicles.domain.registry import Registry
from vehicles.domain.vehicle import (
    EXAMPLE_TIMESTAMP,
    MAX_AXLES,
    MIN_AXLES,
    FuelType,
    Vehicle,
    VehicleFilter,
    parse_with_offset,
    vehicle_record,
)
from vehicles.domain.vin.check_digit import REGIME_NAMES, CheckDigitRegime
from vehicles.domain.vin.explanation import VinExplanation, warnings_of
from vehicles.domain.vin.explanation import explain as explain_vin
from vehicles.domain.vin.number import Vin, VinPolicy, fold
from vehicles.domain.vin.suggestions import suggest
from vehicles.entrypoints.cli.terminal import Exit, Failure, Session, command, echo_err, write_json
from vehicles.ports.vehicle_repository import StoredVehicle, Version

_AXLES: Final = click.IntRange(MIN_AXLES, MAX_AXLES)
_FUEL: Final = click.Choice([fuel.value for fuel in FuelType])


@command("register")
@click.argument("vin")
@click.option("--axles", type=_AXLES, required=True, help="The number of axles.")
@click.option("--fuel", type=_FUEL, required=True, help="The fuel type.")
def register(session: Session, *, vin: str, axles: int, fuel: str, as_json: bool) -> None:
    """Register a vehicle."""
    parsed = _parse(vin)
    with session.container() as container:
        stored = container.registry().register(parsed, axles, FuelType(fuel))
    warnings = warnings_of(vin, parsed)
    _show(stored, as_json=as_json, warnings=[{"code": each.code, "detail": each.detail} for each in warnings])
    for warning in warnings:
        echo_err(f"warning: {warning.detail} ({warning.code})")


@command("get")
@click.argument("vin")
def get(session: Session, *, vin: str, as_json: bool) -> None:
    """Show a vehicle."""
    with session.container() as container:
        _show(container.registry().get(_parse(vin)), as_json=as_json)


def _read_time(text: str) -> datetime:
    """Return the datetime of a date, or of a time with or without an offset; UTC if it has none."""
    for assumed in ("", "Z", "T00:00:00Z"):
        with suppress(ValueError):
            return parse_with_offset(text.replace(" ", "T") + assumed)
    raise click.BadParameter(f"{text!r} is neither a date, such as 2026-11-23, nor a time, such as {EXAMPLE_TIMESTAMP}")


_FILTERS: Final = (
    click.option(
        "--fuel",
        "fuel_types",
        type=_FUEL,
        multiple=True,
        callback=lambda _ctx, _option, fuels: frozenset(map(FuelType, fuels)) or None,
        help="Only vehicles with this fuel type; give it several times for several.",
    ),
    click.option("--axles", "no_of_axles", type=_AXLES, help="Only vehicles with this number of axles."),
    click.option("--wmi", type=fold, metavar="WMI", help="Only vehicles whose VIN begins with these three characters."),
    click.option(
        "--vin-ends-with", type=fold, metavar="SIX", help="Only vehicles whose VIN ends with these six characters."
    ),
    click.option(
        "--vin-contains", type=fold, metavar="PART", help="Only vehicles whose VIN contains these 3 to 17 characters."
    ),
    click.option(
        "--registered-since",
        type=_read_time,
        metavar="TIME",
        help="Only vehicles registered at this time or later: a date, or a time such as 2026-11-23T09:15:30+01:00; "
        "in UTC if it has no offset.",
    ),
    click.option(
        "--registered-before", type=_read_time, metavar="TIME", help="Only vehicles registered before this time."
    ),
)


def filter_options(function: Callable[..., None]) -> Callable[..., None]:
    """Add the options of the filter to a command, which gets the filter as `wanted`."""

    @wraps(function)
    def with_filter(*arguments: object, **options: Any) -> None:  # noqa: ANN401 — of the filter and of the command
        given = {field.name: options.pop(field.name) for field in fields(VehicleFilter)}
        try:
            wanted = VehicleFilter(**given)
        except InvalidFilter as error:
            raise click.UsageError(str(error)) from error
        function(*arguments, wanted=wanted, **options)

    for option in reversed(_FILTERS):
        option(with_filter)
    return with_filter


@command("list")
@filter_options
@click.option("--limit", type=click.IntRange(min=0), help="The maximum number of vehicles; all by default.")
def list_vehicles(session: Session, *, wanted: VehicleFilter, limit: int | None, as_json: bool) -> None:
    """List all vehicles, or those that match the filters."""
    with session.container() as container:
        _show_all(islice(walk(container.registry(), wanted), limit), as_json=as_json)


@command("change")
@click.argument("vin")
@click.option("--axles", type=_AXLES, help="The new number of axles.")
@click.option("--fuel", type=_FUEL, help="The new fuel type.")
@click.option("--if-version", metavar="VERSION", help="Only if the vehicle still has this version.")
def change(  # noqa: PLR0913 — one for each option
    session: Session, *, vin: str, axles: int | None, fuel: str | None, if_version: str | None, as_json: bool
) -> None:
    """Change the axles or the fuel type of a vehicle."""
    if axles is None and fuel is None:
        raise click.UsageError("Nothing to change: give --axles, --fuel or both.")
    with session.container() as container:
        stored = container.registry().change(
            _parse(vin), no_of_axles=axles, fuel_type=FuelType(fuel) if fuel else None, expected=_versions(if_version)
        )
        _show(stored, as_json=as_json)


@command("delete")
@click.argument("vin")
@click.option("--if-version", metavar="VERSION", help="Only if the vehicle still has this version.")
def delete(session: Session, *, vin: str, if_version: str | None, as_json: bool) -> None:
    """Delete a vehicle."""
    parsed = _parse(vin)
    with session.container() as container:
        container.registry().delete(parsed, expected=_versions(if_version))
    if as_json:
        write_json({"deleted": str(parsed)})
    else:
        echo_err(f"deleted {parsed}")


@command("explain")
@click.argument("vin")
def explain(_session: Session, *, vin: str, as_json: bool) -> None:
    """Explain a VIN, or what is wrong with it."""
    explanation = explain_vin(vin)
    if as_json:
        from vehicles.entrypoints.http.schemas import explanation_body  # noqa: PLC0415 — pydantic is slow to import

        write_json(explanation_body(explanation), indent=2)
    else:
        _show_explanation(explanation)
    if explanation.faults:
        raise click.exceptions.Exit(Exit.REFUSED)


def _parse(text: str) -> Vin:
    """Return the VIN in a string. The registry checks the check digit later, by its policy."""
    try:
        return Vin.parse(text, VinPolicy.ADVISORY)
    except InvalidVin as error:
        meant = " or ".join(str(suggestion.vin) for suggestion in suggest(text))
        raise Failure(f"{error}{meant and f'; probably meant {meant}'}", Exit.REFUSED) from error


def _versions(text: str | None) -> set[Version] | None:
    return None if text is None else {Version(text)}


def walk(registry: Registry, wanted: VehicleFilter) -> Iterator[Vehicle]:
    """Yield all vehicles that match, page by page."""
    return chain.from_iterable(page.vehicles for page in registry.pages(wanted))


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
    echo_err("1 vehicle" if count == 1 else f"{count} vehicles")


def _show(stored: StoredVehicle, *, as_json: bool, **more: object) -> None:
    body = vehicle_record(stored.vehicle)
    if as_json:
        write_json(body | {"version": stored.version} | more)
        return
    names = {"vin": "VIN", "noOfAxles": "axles", "fuelType": "fuel", "timestamp": "registered"}
    _show_rows({names[name]: value for name, value in body.items()} | {"version": stored.version})


def _show_explanation(explanation: VinExplanation) -> None:
    vin, assignment, manufacturer = explanation.vin, explanation.assignment, explanation.manufacturer
    if not explanation.faults:
        click.echo(f"{vin} is a valid VIN")
    for fault in explanation.faults:
        click.echo(f"{click.style('invalid', fg='red')}: {fault.detail} ({fault.code})")
    for suggestion in explanation.suggestions:
        click.echo(f"probably meant {suggestion.vin}{', its check digit matches' if suggestion.confirmed else ''}")
    if vin:
        regime = vin.check_digit_regime
        required = "not required" if regime is CheckDigitRegime.NONE else f"required in {REGIME_NAMES[regime]}"
        country, region = (assignment.country, assignment.region) if assignment else (None, None)
        _show_rows(
            {
                "manufacturer": f"{vin.manufacturer_id}, {manufacturer.name if manufacturer else 'not known'}",
                "country": f"{country or 'not known'}, {region or 'region not known'}",
                "parts": f"{vin.wmi} {vin.vds} {vin.vis}",
                "serial": vin.serial,
                "check digit": f"{'matches' if vin.check_digit_matches else 'does not match'}; {required}",
                "model year": " or ".join(map(str, vin.model_year_candidates)) or "not encoded",
            }
        )
    for warning in explanation.warnings:
        click.echo(f"{click.style('unusual', fg='yellow')}: {warning.detail} ({warning.code})")


def _show_rows(rows: dict[str, object]) -> None:
    for name, value in rows.items():
        click.echo(f"{name:<12} {value}")
