"""Registering in the console: the explanation of the VIN, errors at their fields, scanners, lost replies."""

import re
from typing import Final

import pytest
from playwright.sync_api import Route, expect

from tests.browser.consoles import Console, register_all, status_of
from tests.support.server_process import Client, ServerProcess, vin_of

MAN: Final = "WMAH05ZZ04M012345"
PETERBILT: Final = "1XPBDK9X1LD700001"
"""Its check digit should be X."""


@pytest.fixture(scope="module", autouse=True)
def fleet(server: ServerProcess) -> None:
    register_all(server, [vin_of(1)])


@pytest.fixture
def vin(size: str, request: pytest.FixtureRequest) -> str:
    """Return a VIN that no other test registers."""
    return f"YS2R4X2000{sum(request.node.name.encode()):06d}{len(size) % 10}"


def open_dialog(console: Console, typed: str = "") -> None:
    console.open()
    console.button("Register vehicle").click()
    expect(console.dialog).to_be_visible()
    console.field("VIN").press_sequentially(typed)


def fill(console: Console, vin: str, axles: str = "3", fuel: str = "Diesel") -> None:
    open_dialog(console)
    console.field("VIN").fill(vin)
    console.field("Axles").fill(axles)
    if fuel:
        console.field("Fuel type").select_option(fuel)


def submit(console: Console) -> None:
    console.dialog.get_by_role("button", name="Register", exact=True).click()


def test_vehicle_is_registered(console: Console, server: ServerProcess, vin: str) -> None:
    fill(console, vin)
    submit(console)
    expect(console.notices).to_contain_text(f"{vin} is registered.")
    expect(console.dialog).to_have_count(0)
    expect(console.row(vin)).to_contain_text("Diesel")
    assert status_of(server, vin) == 200


def test_vin_is_explained(console: Console) -> None:
    open_dialog(console, MAN.lower())
    for text in ("MAN Truck & Bus", "Germany", "Matches"):
        expect(console.dialog).to_contain_text(text)


def test_beginning_is_explained(console: Console) -> None:
    open_dialog(console, "wma")
    for text in ("3 of 17 characters", "MAN Truck & Bus", "Germany"):
        expect(console.dialog).to_contain_text(text)


def test_wrong_character_is_marked(console: Console) -> None:
    open_dialog(console, "WMAH05ZZ04MO12345")
    expect(console.dialog).to_contain_text("O at position 12")
    expect(console.dialog.locator("mark")).to_have_text(["O"])


def test_suggestion_fills_in(console: Console) -> None:
    open_dialog(console, "WMAH05ZZ04MO12345")
    console.button(MAN).click()
    expect(console.field("VIN")).to_have_value(MAN)
    expect(console.field("VIN")).to_be_focused()
    expect(console.dialog).to_contain_text("MAN Truck & Bus")


def test_wrong_check_digit_is_explained(console: Console) -> None:
    open_dialog(console, PETERBILT)
    expect(console.dialog).to_contain_text("The check digit at position 9 does not match")
    expect(console.dialog.locator("mark")).to_have_text(["1"])


def test_doubt_is_shown(console: Console) -> None:
    open_dialog(console, "TESTTESTTEST01234")
    expect(console.dialog).to_contain_text("not in the table of known manufacturers")


def test_late_explanation_is_dropped(console: Console) -> None:
    held = console.hold("**/vin?vin=WDB*")
    open_dialog(console)
    with console.page.expect_request(re.compile("/vin.vin=WDB")):
        console.field("VIN").fill(vin_of(1))
    console.field("VIN").fill(MAN)
    expect(console.dialog).to_contain_text("MAN Truck & Bus")
    for route in held:
        route.abort()
    expect(console.dialog).not_to_contain_text("Mercedes")


def test_import_prefix_is_removed(console: Console) -> None:
    open_dialog(console, f"I{MAN}")
    console.button("Remove the I").click()
    expect(console.field("VIN")).to_have_value(MAN)
    expect(console.field("VIN")).to_be_focused()


def test_scanner_goes_on_to_axles(console: Console, server: ServerProcess, vin: str) -> None:
    open_dialog(console)
    console.page.keyboard.type(f"{vin}\n")
    expect(console.field("Axles")).to_be_focused()
    console.page.keyboard.type("2")
    console.field("Fuel type").select_option("Hybrid")
    console.field("VIN").press("Enter")
    expect(console.notices).to_contain_text(f"{vin} is registered.")
    assert status_of(server, vin) == 200


@pytest.mark.parametrize(
    ("values", "field", "words"),
    (
        (("WMAH05ZZ04M0", "3", "Diesel"), "VIN", "a VIN has 17"),
        ((MAN, "120", "Diesel"), "Axles", "whole number from 1 to 99"),
        ((MAN, "two", "Diesel"), "Axles", "whole number from 1 to 99"),
        ((MAN, "3", ""), "Fuel type", "This is missing"),
    ),
)
def test_error_stands_at_its_field(console: Console, values: tuple[str, str, str], field: str, words: str) -> None:
    fill(console, *values)
    submit(console)
    expect(console.field(field)).to_have_attribute("aria-invalid", "true")
    expect(console.field(field)).to_have_accessible_description(re.compile(words))
    expect(console.field(field)).to_be_focused()


def test_doubtful_vehicle_is_registered(console: Console, size: str) -> None:
    fill(console, f"TESTTESTTEST0{len(size):04d}")
    submit(console)
    expect(console.notices).to_contain_text("is registered. The manufacturer identifier TES is not in the table")


def test_registered_vehicle_is_offered(console: Console) -> None:
    fill(console, vin_of(1))
    submit(console)
    console.button("Show the vehicle").click()
    expect(console.page).to_have_url(re.compile(f"search={vin_of(1)}"))
    expect(console.rows).to_have_count(1)


def test_lost_reply_registers_once(console: Console, server: ServerProcess, vin: str) -> None:
    lost: list[int] = []

    def lose_first(route: Route) -> None:
        if route.request.method == "POST" and not lost:
            lost.append(route.fetch().status)
            route.abort()
        else:
            route.continue_()

    console.page.route("**/vehicle", lose_first)
    fill(console, vin)
    submit(console)
    expect(console.notices).to_contain_text(f"{vin} is registered.")
    assert (lost, status_of(server, vin)) == ([201], 200)


def test_server_gone_keeps_dialog(console: Console, server: ServerProcess, vin: str) -> None:
    console.page.route("**/vehicle", lambda route: route.abort())
    fill(console, vin)
    submit(console)
    expect(console.dialog.get_by_role("alert")).to_contain_text("The registry does not answer.")
    console.page.unroute("**/vehicle")
    submit(console)
    expect(console.notices).to_contain_text(f"{vin} is registered.")
    with Client(server.port) as client:
        assert client.send("GET", f"/vehicle?vin={vin}").json()["noOfAxles"] == 3


def test_escape_returns_focus(console: Console) -> None:
    open_dialog(console)
    console.page.keyboard.press("Escape")
    expect(console.dialog).to_have_count(0)
    expect(console.button("Register vehicle")).to_be_focused()
