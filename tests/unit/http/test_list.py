"""Lists: pages, filters, cursors, and the parameters that are rejected."""

from io import BytesIO
from itertools import count
from typing import Final
from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.http_client import NOW, OTHER, TRUCK, Client, content, rejection
from vehicles.adapters.memory import InMemoryVehicleRepository
from vehicles.domain.fleet_import import Row
from vehicles.domain.vehicle import FuelType, Vehicle, VehicleFilter, format_timestamp
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.fleet_files.reader import ReadOptions, read_fleet
from vehicles.entrypoints.fleet_files.writing import FleetFileFormat, write_fleet
from vehicles.entrypoints.http.parameters import FILTERS, encode_cursor
from vehicles.ports.vehicle_repository import StoredVehicle, Version
from vehicles.testing.strategies import filters, fleets, vins

pytestmark = pytest.mark.usefixtures("way")

_FILTERS: Final = tuple(parameter.name for parameter in FILTERS.values())
_CURSOR: Final = encode_cursor(Vin.of(OTHER), VehicleFilter())


def _client(fleet: list[Vehicle]) -> Client:
    repository = InMemoryVehicleRepository()
    versions = count(1)
    repository.add_many([StoredVehicle(vehicle, Version(f"w{next(versions)}")) for vehicle in fleet])
    return Client(repository)


def _invalid(parameter: str, code: str) -> tuple[int, str, list[tuple[str, str]]]:
    return 400, "invalid-parameter", [(parameter, code)]


@pytest.mark.parametrize(
    ("query", "expected"),
    (
        *(
            (f"limit={limit}", _invalid("limit", "parameter.limit"))
            for limit in ("0", "x", "", "1001", "+5", "%2B5", "-1", "5.0", "05", "%D9%A3", "5%20", "1e2", "9" * 5_000)
        ),
        ("limit=5&limit=5", _invalid("limit", "parameter.repeated")),
        ("offset=5", _invalid("offset", "parameter.unknown")),
        ("Limit=5", _invalid("Limit", "parameter.unknown")),
        ("noOfAxles=0", _invalid("noOfAxles", "parameter.noOfAxles")),
        ("noOfAxles=100", _invalid("noOfAxles", "parameter.noOfAxles")),
        *(
            (f"fuelType={fuels}", _invalid("fuelType", "parameter.fuelType"))
            for fuels in (
                "",
                "Diesel",
                "diesel&fuelType=coal",
                "diesel&fuelType=",
                "diesel,petrol",
                "&fuelType=".join(["diesel"] * 8),
            )
        ),
        ("format=html", _invalid("format", "parameter.format")),
        ("format=CSV", _invalid("format", "parameter.format")),
        ("wmi=WM", _invalid("wmi", "filter.wmi")),
        ("wmi=WMO", _invalid("wmi", "filter.wmi")),
        ("vinEndsWith=12345", _invalid("vinEndsWith", "filter.vin_ends_with")),
        ("vinEndsWith=O12345", _invalid("vinEndsWith", "filter.vin_ends_with")),
        *(
            (f"vinContains={part}", _invalid("vinContains", "filter.vin_contains"))
            for part in ("", "12", "1" * 18, "12O", "%2512", "A_B")
        ),
        *(
            (f"{name}={time}", _invalid(name, f"parameter.{name}"))
            for name in ("registeredSince", "registeredBefore")
            for time in ("", "2026-11-23", "2026-11-23T08:15:30", "2026-02-30T08:15:30Z", "0000-01-01T00:00:00Z")
        ),
        ("wmi=%FF", _invalid("", "query.form")),
        ("&".join(f"a{number}=1" for number in range(21)), _invalid("", "query.form")),
        ("cursor=x", (400, "invalid-cursor", [])),
        (f"cursor={_CURSOR}&fuelType=diesel", (400, "invalid-cursor", [])),
        (f"cursor={_CURSOR}&vinContains=012", (400, "invalid-cursor", [])),
    ),
)
def test_wrong_query_refused(query: str, expected: object) -> None:
    client = Client()
    refused = client.send("GET", f"/vehicles?{query}")
    assert (rejection(refused), client.send("GET", "/vehicles").status) == (expected, 200)


def test_wrong_parameters_all_named() -> None:
    errors = content(Client().send("GET", "/vehicles?limit=0&fuelType=coal&colour=red"))["errors"]
    assert [(error["parameter"], error["detail"]) for error in errors] == [
        (
            "colour",
            f"there is no such parameter; allowed: {', '.join(('limit', 'cursor', *_FILTERS, 'format'))}",
        ),
        ("limit", "limit must be a whole number from 1 to 1000, in digits"),
        ("fuelType", f"fuelType must be one of {', '.join(FuelType)}, in lower case; repeat the parameter for several"),
    ]


def test_empty_cursor_is_first_page() -> None:
    client = Client()
    client.register()
    assert content(client.send("GET", "/vehicles?cursor=")) == content(client.send("GET", "/vehicles"))


def test_empty_list_answered() -> None:
    assert content(Client().send("GET", "/vehicles")) == {"items": [], "nextCursor": None}


def test_link_equals_cursor() -> None:
    client = Client()
    client.register()
    client.register(OTHER)
    page = client.send("GET", "/vehicles?limit=1&fuelType=diesel")
    following = f"vehicles?limit=1&fuelType=diesel&cursor={content(page)['nextCursor']}"
    assert page.headers["Link"] == f'<{following}>; rel="next"'


def test_link_keeps_the_query() -> None:
    client = Client()
    client.register()
    client.register(OTHER)
    query = "fuelType=petrol&fuelType=diesel&registeredSince=2026-01-01T00:00:00%2B01:00&limit=1&cursor="
    page = client.send("GET", f"/vehicles?{query}")
    assert page.headers["Link"] == f'<vehicles?{query}{content(page)["nextCursor"]}>; rel="next"'


def test_cursor_takes_fuel_types_in_any_order() -> None:
    client = Client()
    client.register()
    client.register(OTHER)
    cursor = content(client.send("GET", "/vehicles?limit=1&fuelType=petrol&fuelType=diesel"))["nextCursor"]
    other_order = "fuelType=diesel&fuelType=petrol&fuelType=diesel"
    assert client.send("GET", f"/vehicles?{other_order}&cursor={cursor}").status == 200


@pytest.mark.parametrize("offset", ("Z", "z", "%2B01:00", "+01:00", "-00:30"))
def test_time_with_offset_taken(offset: str) -> None:
    client = Client()
    client.register()
    found = content(client.send("GET", f"/vehicles?registeredBefore=2026-12-01T00:00:00{offset}"))["items"]
    assert [item["vin"] for item in found] == [TRUCK]


@given(fleets(max_size=12), st.integers(1, 5))
def test_walk_visits_each(fleet: list[Vehicle], limit: int) -> None:
    client = _client(fleet)
    seen: list[str] = []
    target = f"/vehicles?limit={limit}"
    while target:
        page = client.send("GET", target)
        seen += [item["vin"] for item in content(page)["items"]]
        link = page.headers.get("Link", "").removeprefix("<").removesuffix('>; rel="next"')
        target = link and urljoin(target, link)
    assert sorted(seen) == sorted(str(vehicle.vin) for vehicle in fleet)


@given(st.data(), fleets(min_size=1, max_size=12))
def test_filters_combine_with_and(data: st.DataObject, fleet: list[Vehicle]) -> None:
    wanted = data.draw(filters(fleet))
    values = (
        *(("fuelType", fuel) for fuel in wanted.fuel_types or ()),
        ("noOfAxles", wanted.no_of_axles),
        ("wmi", wanted.wmi),
        ("vinEndsWith", wanted.vin_ends_with),
        ("vinContains", wanted.vin_contains),
        ("registeredSince", wanted.registered_since and format_timestamp(wanted.registered_since)),
        ("registeredBefore", wanted.registered_before and format_timestamp(wanted.registered_before)),
    )
    query = "&".join(f"{name}={value}" for name, value in values if value is not None)
    items = content(_client(fleet).send("GET", f"/vehicles?{query}"))["items"]
    assert {item["vin"] for item in items} == {str(vehicle.vin) for vehicle in fleet if wanted.matches(vehicle)}


@given(vins(), st.sampled_from(FuelType))
def test_lower_case_filters_fit(vin: Vin, fuel_type: FuelType) -> None:
    client = Client()
    client.registry.register(vin, 3, fuel_type)
    text = str(vin).lower()
    query = f"wmi={text[:3]}&vinEndsWith={text[-6:]}&vinContains={text[2:9]}"
    assert [item["vin"] for item in content(client.send("GET", f"/vehicles?{query}"))["items"]] == [str(vin)]


# --- formats


@pytest.mark.parametrize(
    ("query", "accept", "content_type", "name"),
    (
        ("", "*/*", "application/json", None),
        ("", "text/html,*/*;q=0.8", "application/json", None),
        ("format=json", "text/csv", "application/json", None),
        ("", "text/csv", "text/csv; charset=utf-8", "vehicles.csv"),
        ("format=csv", "application/json", "text/csv; charset=utf-8", "vehicles.csv"),
        ("", "application/json;q=0.5, application/jsonl", "application/jsonl", "vehicles.jsonl"),
        ("format=jsonl", "image/png", "application/jsonl", "vehicles.jsonl"),
    ),
)
def test_format_is_chosen(query: str, accept: str, content_type: str, name: str | None) -> None:
    headers = Client().send("GET", f"/vehicles?{query}", headers={"accept": accept}).headers
    file = f'attachment; filename="{name}"' if name else None
    assert (headers["Content-Type"], headers.get("Content-Disposition"), headers["Vary"]) == (
        content_type,
        file,
        "Accept",
    )


def test_other_format_not_acceptable() -> None:
    refused = Client().send("GET", "/vehicles", headers={"accept": "application/xml"})
    assert rejection(refused) == (406, "not-acceptable", [])


@given(fleets(min_size=1, max_size=5), st.sampled_from(("csv", "jsonl")))
def test_page_comes_back_by_import(fleet: list[Vehicle], list_format: str) -> None:
    body = _client(fleet).send("GET", f"/vehicles?format={list_format}").body
    rows = read_fleet(BytesIO(body), lambda _vin: None, ReadOptions()).rows
    assert [row.vehicle for row in rows if isinstance(row, Row)] == sorted(fleet, key=lambda vehicle: vehicle.vin)


def test_page_is_written_as_exports() -> None:
    vin = Vin.of("00045E78901234567")  # which spreadsheets read as a number
    fleet = [Vehicle(vin, 3, FuelType.DIESEL, NOW)]
    expected = BytesIO()
    write_fleet(fleet, expected, FleetFileFormat.CSV)
    assert _client(fleet).send("GET", "/vehicles?format=csv").body == expected.getvalue()


@pytest.mark.parametrize("list_format", ("csv", "jsonl"))
def test_link_leads_to_last_page(list_format: str) -> None:
    client = Client()
    client.register()
    client.register(OTHER)
    first = client.send("GET", f"/vehicles?format={list_format}&limit=1")
    last = client.send("GET", urljoin("/vehicles", first.headers["Link"].removeprefix("<").partition(">")[0]))
    assert (OTHER in first.body.decode(), TRUCK in last.body.decode(), "Link" in last.headers) == (True, True, False)


def test_head_mirrors_file() -> None:
    client = Client()
    client.register()
    head, get = (client.send(method, "/vehicles?format=csv") for method in ("HEAD", "GET"))
    assert (head.status, head.body, {**head.headers, **get.headers}) == (200, b"", get.headers)
