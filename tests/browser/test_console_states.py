"""What every state of the console has to be: accessible, readable on a phone and when enlarged. Also its pictures.

With PICTURES, a folder, each state is written there as console-STATE-SIZE-SCHEME.png: `make pictures`.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.consoles import Console, check_accessible, console_on, fulfil
from tests.support.command_line import CommandLine
from tests.support.server_process import UNMEASURED, Client, ServerProcess, serving

type State = Callable[[Console, ServerProcess], None]

MAN: Final = "WMAH05ZZ04M012345"


def start(console: Console, _: ServerProcess) -> None:
    console.page.route("**/vehicles?*", fulfil(200, '{"items":[],"nextCursor":null}'))
    console.page.route("**/fleet", fulfil(200, '{"total":0,"about":false,"latestWeek":null}'))
    console.open()
    expect(console.button("Import a file")).to_be_visible()


def fleet(console: Console, _: ServerProcess) -> None:
    console.open()
    expect(console.button("More")).to_be_visible()


def loading(console: Console, _: ServerProcess) -> None:
    console.hold("**/vehicles?*")
    console.open()
    expect(console.page.get_by_text("Loading …")).to_be_visible()


def search(console: Console, _: ServerProcess) -> None:
    console.open("#fleet?search=WMA&fuelType=diesel&sort=-axles")
    expect(console.rows.first).to_contain_text("MAN")


def wrong_search(console: Console, _: ServerProcess) -> None:
    console.open("#fleet?search=WMO")
    expect(console.field("Search VIN")).to_have_attribute("aria-invalid", "true")


def nothing_found(console: Console, _: ServerProcess) -> None:
    console.open("#fleet?search=ZZZZZZZZ")
    expect(console.button("Show the whole fleet")).to_be_visible()


def register(console: Console, server: ServerProcess) -> None:
    fleet(console, server)
    console.button("Register vehicle").click()
    expect(console.dialog).to_be_visible()
    console.field("VIN").fill(MAN)
    expect(console.dialog).to_contain_text("MAN Truck & Bus")


def wrong_vin(console: Console, server: ServerProcess) -> None:
    register(console, server)
    console.field("VIN").fill("WMAH05ZZ04MO12345")
    console.field("Axles").fill("120")
    console.dialog.get_by_role("button", name="Register", exact=True).click()
    expect(console.dialog).to_contain_text("O at position 12")
    expect(console.dialog.get_by_role("button", name=MAN)).to_be_visible()


def edit(console: Console, _: ServerProcess) -> None:
    console.open("#fleet?search=WMA")
    console.page.get_by_role("button", name="Edit").first.click()
    expect(console.button("Save")).to_be_visible()


def conflict(console: Console, server: ServerProcess) -> None:
    edit(console, server)
    console.page.route("**/vehicle?*", fulfil(412, '{"type":"/problems/version-mismatch","detail":""}'), times=1)
    console.field("Axles").fill("9")
    console.button("Save").click()
    expect(console.button("Keep what is stored")).to_be_visible()


def delete(console: Console, _: ServerProcess) -> None:
    console.open("#fleet?search=WMA")
    console.page.get_by_role("button", name="Delete").first.click()
    expect(console.dialog.get_by_role("button", name="Delete", exact=True)).to_be_visible()


def deleted(console: Console, server: ServerProcess) -> None:
    console.page.clock.install()
    delete(console, server)
    console.dialog.get_by_role("button", name="Delete", exact=True).click()
    expect(console.button("Undo")).to_be_visible()


def signing_in(console: Console, _: ServerProcess) -> None:
    console.page.route("**/vehicles?*", fulfil(401, '{"message":"Unauthorized"}'))
    console.open()
    expect(console.button("Sign in")).to_be_visible()


def aws_credentials(console: Console, _: ServerProcess) -> None:
    console.page.route("**/vehicles?*", fulfil(403, '{"message":"Forbidden"}'))
    console.open()
    expect(console.page.get_by_role("alert")).to_be_visible()


def server_gone(console: Console, server: ServerProcess) -> None:
    fleet(console, server)
    console.page.route("**/vehicles?*", lambda route: route.abort())
    console.button("More").click()
    expect(console.button("Try again")).to_be_visible()
    console.button("Try again").scroll_into_view_if_needed()


STATES: Final[Mapping[str, State]] = {
    each.__name__.replace("_", "-"): each
    for each in (
        *(start, fleet, loading, search, wrong_search, nothing_found, register, wrong_vin, edit, conflict, delete),
        *(deleted, signing_in, aws_credentials, server_gone),
    )
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    data = tmp_path_factory.mktemp("data")
    line = CommandLine(data)
    fleet = data / "fleet.csv"
    fleet.write_text(line.run("sample", "2480", "--seed", "7", "--timestamps", "--until", "2026-11-23").stdout)
    assert line.run("import", fleet, "--keep-timestamps").exit_code == 0
    with serving(data, environment=UNMEASURED) as process, Client(process.port) as client:
        assert client.send("GET", "/health").status == 200
        yield process


@pytest.mark.parametrize("name", STATES)
def test_state_is_accessible(browser: Browser, server: ServerProcess, size: str, name: str) -> None:
    with console_on(browser, server, size) as console:
        STATES[name](console, server)
        check_accessible(console, size, name)


def test_keyboard_alone_suffices(console: Console, size: str) -> None:
    vin = f"YS2R4X2000539{len(size):04d}"
    keyboard = console.page.keyboard
    console.open()
    expect(console.button("More")).to_be_visible()
    for _ in range(12):
        keyboard.press("Tab")
        if console.button("Register vehicle").evaluate("(element) => element === document.activeElement"):
            break
    keyboard.press("Enter")
    expect(console.field("VIN")).to_be_focused()
    keyboard.type(vin)
    for key in ("Tab", "3", "Tab", "d", "Tab", "Tab", "Enter"):
        keyboard.press(key)
    expect(console.notices).to_contain_text(f"{vin} is registered.")
    expect(console.button("Register vehicle")).to_be_focused()
    console.open(f"#fleet?search={vin}")
    console.button(f"Delete {vin}").press("Enter")
    console.dialog.get_by_role("button", name="Delete", exact=True).press("Enter")
    expect(console.button("Undo")).to_be_focused()
    keyboard.press("Enter")
    expect(console.row(vin)).to_have_count(1)
