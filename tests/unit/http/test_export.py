"""GET /vehicles/export: the fleet as a file."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.http_client import OTHER, TIMESTAMP, TRUCK, Client, FailingRepository, rejection, whole
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.errors import StorageUnavailable
from vehicles.domain.vehicle import EVERY_VEHICLE, Vehicle
from vehicles.domain.vin.number import VinPolicy
from vehicles.entrypoints.fleet_files.writing import FleetFileFormat
from vehicles.entrypoints.http.fleets.parameters import FILE_TYPES
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.strategies import fleets

pytestmark = pytest.mark.usefixtures("way")

_END_OF_TIME: Final = datetime(9999, 1, 1, tzinfo=UTC)
CSV: Final = f"vin,noOfAxles,fuelType,timestamp\n{OTHER},3,diesel,{TIMESTAMP}\n{TRUCK},3,diesel,{TIMESTAMP}\n"


def fleet() -> Client:
    client = Client()
    client.register(TRUCK)
    client.register(OTHER)
    return client


def test_every_format_has_type() -> None:
    assert list(FILE_TYPES) == [str(each) for each in FleetFileFormat]


@pytest.mark.parametrize(
    ("query", "accept", "media_type", "name"),
    (
        ("", "*/*", "text/csv; charset=utf-8", "fleet-2026-11-18.csv"),
        ("", FILE_TYPES["jsonl"], FILE_TYPES["jsonl"], "fleet-2026-11-18.jsonl"),
        ("", FILE_TYPES["xlsx"], FILE_TYPES["xlsx"], "fleet-2026-11-18.xlsx"),
        ("format=jsonl", "text/html", FILE_TYPES["jsonl"], "fleet-2026-11-18.jsonl"),
        ("format=csv", FILE_TYPES["xlsx"], "text/csv; charset=utf-8", "fleet-2026-11-18.csv"),
    ),
)
def test_format_chosen(query: str, accept: str, media_type: str, name: str) -> None:
    headers = fleet().send("GET", f"/vehicles/export?{query}", headers={"accept": accept}).headers
    assert (headers["Content-Type"], headers["Content-Disposition"]) == (media_type, f'attachment; filename="{name}"')


def test_file_has_every_vehicle() -> None:
    assert whole(fleet().send("GET", "/vehicles/export")).decode() == CSV


def test_filters_followed() -> None:
    lines = whole(fleet().send("GET", "/vehicles/export?wmi=WMA&fuelType=diesel")).decode().splitlines()
    assert [line[:17] for line in lines[1:]] == [TRUCK]


@pytest.mark.parametrize(("target", "status"), (("?format=pdf", 400), ("?limit=1", 400), ("?wmi=1", 400)))
def test_wrong_parameter_refused(target: str, status: int) -> None:
    assert fleet().send("GET", f"/vehicles/export{target}").status == status


def test_unknown_type_refused() -> None:
    assert rejection(fleet().send("GET", "/vehicles/export", headers={"accept": "application/xml"}))[0] == 406


def test_head_mirrors_get() -> None:
    head = fleet().send("HEAD", "/vehicles/export?format=xlsx")
    assert (head.status, head.headers["Content-Type"], whole(head)) == (200, FILE_TYPES["xlsx"], b"")


def test_failure_before_first_byte() -> None:
    client = Client(FailingRepository(StorageUnavailable("away")))
    assert client.send("GET", "/vehicles/export").status == 503


@given(fleets(min_size=1), st.sampled_from(FleetFileFormat))
def test_export_imported_is_same(vehicles: list[Vehicle], file_format: FleetFileFormat) -> None:
    repository, back = InMemoryVehicleRepository(), InMemoryVehicleRepository()
    repository.add_many([StoredVehicle(each, Version("1")) for each in vehicles])
    file = whole(Client(repository).send("GET", f"/vehicles/export?format={file_format}"))
    target = "/vehicles/import?keepTimestamps=true"
    headers = {"content-type": "application/octet-stream"}
    importing = Client(back, policy=VinPolicy.ADVISORY)
    importing.registry = replace(importing.registry, clock=lambda: _END_OF_TIME)  # no timestamp is in the future
    answer = importing.send("POST", target, headers=headers, raw=file)
    assert (answer.status, back.page(EVERY_VEHICLE, limit=100)) == (200, repository.page(EVERY_VEHICLE, limit=100))
