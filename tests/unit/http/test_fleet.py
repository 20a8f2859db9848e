"""The figures of the fleet, for a start page."""

from typing import override

import pytest
from hypothesis import given
from pydantic import TypeAdapter

from tests.support.http_client import NOW, Client, content
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.http.fleets.overview import FleetBody
from vehicles.ports.vehicle_repository import Count, StoredVehicle, Version
from vehicles.testing.strategies import fleets, timestamps

pytestmark = pytest.mark.usefixtures("way")


class LargeRepository(InMemoryVehicleRepository):  # type: ignore[misc]  # final, but for this
    """Estimates how many vehicles it has."""

    @override
    def count(self) -> Count:
        return Count(1_000_000, is_exact=False)


def test_figures_before_first_summary() -> None:
    client = Client()
    client.register()
    assert content(client.send("GET", "/fleet")) == {
        "total": 1,
        "about": False,
        "fuelTypes": None,
        "manufacturers": None,
        "latestWeek": None,
    }


def test_figures_of_latest_summary() -> None:
    client = Client()
    client.register()
    client.summaries.summarize()
    client.register("YS2R4X20005398765")
    assert content(client.send("GET", "/fleet")) == {
        "total": 2,
        "about": False,
        "fuelTypes": {fuel: int(fuel is FuelType.DIESEL) for fuel in FuelType},
        "manufacturers": [{"wmi": "WMA", "name": "MAN Truck & Bus", "vehicles": 1}],
        "latestWeek": {"week": "2026-W47", "state": "provisional", "href": "summary?week=2026-W47"},
    }


def test_complete_week_is_named() -> None:
    client = Client()
    old = Vehicle(Vin.of("WMAH05ZZ04M012345"), 2, FuelType.DIESEL, NOW.replace(year=2020))
    client.registry.register_many([old])
    client.summaries.summarize(client.summaries.week("last"))
    assert content(client.send("GET", "/fleet"))["latestWeek"]["state"] == "complete"


def test_estimate_is_marked() -> None:
    body = content(Client(LargeRepository()).send("GET", "/fleet"))
    assert (body["total"], body["about"]) == (1_000_000, True)


@given(fleets(registered_at=timestamps(last=NOW)))
def test_figures_fit_schema(fleet: list[Vehicle]) -> None:
    client = Client()
    client.repository.add_many([StoredVehicle(vehicle, Version("1")) for vehicle in fleet])
    client.summaries.summarize()
    body = content(client.send("GET", "/fleet"))
    counts = [row["vehicles"] for row in body["manufacturers"]]
    assert TypeAdapter(FleetBody).validate_python(body) == body
    assert (body["total"], sum(body["fuelTypes"].values())) == (len(fleet), len(fleet))
    assert counts == sorted(counts, reverse=True)


def test_ten_manufacturers_are_enough() -> None:
    client = Client()
    vins = [Vin.of(f"W{letter}AH05ZZ04M012345") for letter in "ABCDEFGHJKLM"]
    client.registry.register_many([Vehicle(vin, 2, FuelType.DIESEL, NOW) for vin in vins])
    client.summaries.summarize()
    assert len(content(client.send("GET", "/fleet"))["manufacturers"]) == 10
