"""The fleet in the console: its table, search, filters, and what happens when the registry does not answer."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import APIResponse, Browser, Locator, Request, Route, expect

from tests.browser.consoles import Console, console_on, fulfil, register_all
from tests.support.server_process import Client, ServerProcess, vin_of
from tests.support.stripping_proxy import stripping_proxy

MAN: Final = "WMAH05ZZ04M012345"
SCANIA: Final = "YS2R4X20005399401"
INSIDE: Final = "WDB01234599990000"
"""Its first digits are the last ones of MAN."""

BUSY: Final = (
    '{"type":"/problems/storage-unavailable","title":"The storage is unavailable","status":503,"detail":"Busy."}'
)


@pytest.fixture(scope="module", autouse=True)
def fleet(server: ServerProcess) -> None:
    register_all(server, [vin_of(number) for number in range(700_000, 700_060)])
    register_all(server, [MAN], noOfAxles=3)
    register_all(server, [SCANIA, INSIDE], fuelType="electric")


def search(console: Console, text: str) -> None:
    console.field("Search VIN").press_sequentially(text)


def test_heading_has_total(console: Console) -> None:
    console.open()
    expect(console.page.get_by_role("heading", name="Fleet")).to_contain_text("63 vehicles")


def test_row_shows_vehicle(console: Console) -> None:
    console.open(f"#fleet?search={MAN}")
    for text in (MAN, "MAN Truck & Bus", "3", "Diesel", "20"):
        expect(console.rows).to_contain_text(text)


def test_vin_has_three_sections(console: Console) -> None:
    console.open(f"#fleet?search={MAN}")
    expect(console.rows.locator(".vin > span")).to_have_text(["WMA", "H05ZZ0", "4M012345"])


def test_more_adds_rows(console: Console) -> None:
    console.open()
    expect(console.rows).to_have_count(50)
    console.button("More").click()
    expect(console.rows).to_have_count(63)
    expect(console.button("More")).to_have_count(0)
    expect(status(console)).to_be_focused()


@pytest.mark.parametrize("typed", ("h05zz", "wma h05 zz0", "05ZZ04M", f"I{MAN}"))
def test_search_is_tolerant(console: Console, typed: str) -> None:
    console.open()
    search(console, typed)
    expect(console.rows).to_have_text([re.compile(MAN)])


def test_two_characters_are_no_search(console: Console) -> None:
    console.open()
    search(console, "wm")
    expect(console.page.get_by_text("at least three characters")).to_be_visible()
    expect(console.rows).to_have_count(50)


def test_shortened_search_keeps_text(console: Console) -> None:
    console.open()
    search(console, "YS2")
    expect(console.rows).to_have_count(1)
    console.field("Search VIN").press("Backspace")
    expect(console.rows).to_have_count(50)
    expect(console.field("Search VIN")).to_have_value("YS")


def test_six_characters_search_end_first(console: Console) -> None:
    console.open()
    search(console, "012345")
    expect(console.rows).to_have_text([re.compile(MAN), re.compile(INSIDE)])


def test_impossible_search_is_explained(console: Console) -> None:
    console.open()
    search(console, "WMO")
    expect(console.field("Search VIN")).to_have_attribute("aria-invalid", "true")
    expect(console.field("Search VIN")).to_have_accessible_description(re.compile("except I, O and Q"))


def test_fruitless_search_leads_back(console: Console) -> None:
    console.open("#fleet?search=ZZZZZ")
    expect(console.page.get_by_text("No vehicle matches.")).to_be_visible()
    console.button("Show the whole fleet").click()
    expect(console.rows).to_have_count(50)
    expect(console.page.get_by_role("heading", name="Fleet")).to_be_focused()


def test_filters_narrow(console: Console) -> None:
    console.open()
    console.field("Fuel type").select_option("Electric")
    expect(console.rows).to_have_count(2)
    console.field("Fuel type").select_option("Any")
    console.field("Axles").select_option("3")
    expect(console.rows).to_have_text([re.compile(MAN)])


def test_filter_takes_search_along(console: Console) -> None:
    console.open()
    expect(console.rows).to_have_count(50)
    console.page.clock.install()  # the filter is chosen before the search is sent
    console.page.clock.pause_at(datetime(2100, 1, 1, tzinfo=UTC))
    console.field("Search VIN").fill("ys2")
    console.field("Fuel type").select_option("Electric")
    expect(console.page).to_have_url(re.compile("#fleet.search=YS2&fuelType=electric$"))
    console.page.clock.resume()
    expect(console.rows).to_have_text([re.compile(SCANIA)])


def test_sorting_keeps_search(console: Console) -> None:
    console.open()
    expect(console.rows).to_have_count(50)
    console.page.clock.install()
    console.page.clock.pause_at(datetime(2100, 1, 1, tzinfo=UTC))
    console.field("Search VIN").fill("ys2")
    expect(console.row(MAN)).to_have_count(0)
    console.button("Axles").click()
    expect(console.page).to_have_url(re.compile("sort=axles$"))
    console.page.clock.resume()
    console.page.clock.fast_forward(500)
    expect(console.page).to_have_url(re.compile("search=YS2$"))


def test_view_can_be_bookmarked(console: Console) -> None:
    console.open()
    console.field("Fuel type").select_option("Electric")
    search(console, "ys2")
    expect(console.page).to_have_url(re.compile("#fleet.search=YS2&fuelType=electric$"))
    console.page.reload()
    expect(console.field("Search VIN")).to_have_value("YS2")
    expect(console.field("Fuel type")).to_have_value("electric")
    expect(console.rows).to_have_text([re.compile(SCANIA)])


def test_back_undoes_search(console: Console) -> None:
    console.open()
    search(console, "ys2r")
    expect(console.rows).to_have_count(1)
    console.page.go_back()
    expect(console.field("Search VIN")).to_have_value("")
    expect(console.rows).to_have_count(50)


def test_back_after_back_stays(console: Console) -> None:
    console.open()
    search(console, "ys2r")
    console.field("Search VIN").press("Enter")
    expect(console.page).to_have_url(re.compile("=YS2R$"))
    console.page.go_back()
    expect(console.field("Search VIN")).to_have_value("")
    search(console, "wma")
    expect(console.page).to_have_url(re.compile("=WMA$"))
    console.page.go_back()
    expect(console.field("Search VIN")).to_have_value("")
    expect(console.page).to_have_url(f"{console.address}/console/")


def test_enter_ends_search(console: Console) -> None:
    console.open()
    for text in ("YS2R", "WMA"):
        console.field("Search VIN").fill(text)
        expect(console.page).to_have_url(re.compile(f"={text}$"))
        console.field("Search VIN").press("Enter")
    console.page.go_back()
    expect(console.field("Search VIN")).to_have_value("YS2R")
    expect(console.rows).to_have_text([re.compile(SCANIA)])


def test_late_answer_is_dropped(console: Console) -> None:
    held = console.hold("**/vehicles?*vinContains=YS2&*")
    console.open()
    with console.page.expect_request(re.compile("vinContains=YS2&")):
        search(console, "YS2")
    console.field("Search VIN").fill("WMA")
    expect(console.rows).to_have_text([re.compile(MAN)])
    for route in held:
        route.abort()  # the page has no more interest in it
    expect(console.rows).to_have_text([re.compile(MAN)])


def test_old_rows_vanish_while_typing(console: Console) -> None:
    console.hold("**/vehicles?*vinContains=*")
    console.open()
    expect(console.rows).to_have_count(50)
    search(console, "YS2")
    expect(console.rows.filter(has_text="WDB")).to_have_count(0)


def status(console: Console) -> Locator:
    return console.page.locator("main .status")


@pytest.mark.parametrize("typed", ("WMAH0", "WDB0", "ZZZZ", ""))
def test_old_answer_is_not_stated(console: Console, typed: str) -> None:
    console.open(f"#fleet?search={SCANIA}")
    expect(status(console)).to_have_text("1 vehicle.")
    console.page.clock.install()  # the search is never sent
    console.page.clock.pause_at(datetime(2100, 1, 1, tzinfo=UTC))
    console.field("Search VIN").fill(typed)
    expect(status(console)).to_have_text("Loading …")
    expect(console.button("Show the whole fleet")).to_have_count(0)


@pytest.mark.parametrize(("before", "typed"), ((SCANIA, MAN), (SCANIA, "ZZZZ"), ("ZZZZ", "ZZZ"), (SCANIA, "")))
def test_old_answer_is_not_stated_before_enter(console: Console, before: str, typed: str) -> None:
    open_large(console, f"#fleet?search={before}")
    expect(status(console)).to_have_text(re.compile("vehicle"))
    console.field("Search VIN").fill(typed)
    expect(console.field("Search VIN")).to_have_accessible_description("Press Enter to search.")
    expect(status(console)).to_have_text("")
    expect(console.button("Show the whole fleet")).to_have_count(0)


def test_answer_is_stated_again(console: Console) -> None:
    open_large(console, f"#fleet?search={SCANIA}")
    expect(status(console)).to_have_text("1 vehicle.")
    console.field("Search VIN").fill(MAN)
    console.field("Search VIN").fill(SCANIA.lower())
    expect(status(console)).to_have_text("1 vehicle.")
    expect(console.page.get_by_text("Press Enter to search.")).to_have_count(0)


def test_error_of_old_search_goes(console: Console) -> None:
    open_large(console, "#fleet?search=WMO")
    expect(console.field("Search VIN")).to_have_attribute("aria-invalid", "true")
    console.field("Search VIN").fill("WMA")
    expect(console.field("Search VIN")).not_to_have_attribute("aria-invalid", "true")


def test_search_in_address_may_be_lower_case(console: Console) -> None:
    console.open(f"#fleet?search={SCANIA.lower()}")
    expect(status(console)).to_have_text("1 vehicle.")


def test_heading_sorts(console: Console) -> None:
    console.open("#fleet?fuelType=electric")
    console.button("Manufacturer").click()
    expect(console.page.get_by_role("columnheader", name="Manufacturer")).to_have_attribute("aria-sort", "ascending")
    expect(console.rows).to_have_text([re.compile("Mercedes"), re.compile("Scania")])
    console.button("Manufacturer").click()
    expect(console.rows).to_have_text([re.compile("Scania"), re.compile("Mercedes")])


def test_empty_pages_are_followed(console: Console) -> None:
    console.page.route("**/vehicles?limit=50", fulfil(200, '{"items":[],"nextCursor":"x"}'))
    items = '[{"vin":"WMAH05ZZ04M012345","noOfAxles":3,"fuelType":"diesel","timestamp":"2026-11-23T10:15:30Z"}]'
    console.page.route("**/vehicles?limit=50&cursor=x", fulfil(200, f'{{"items":{items},"nextCursor":null}}'))
    console.open()
    expect(console.rows).to_have_text([re.compile(MAN)])


def open_large(console: Console, state: str = "") -> None:
    """Open a fleet that is searched on Enter."""
    body = '{"total":200000,"about":true,"fuelTypes":null,"manufacturers":null,"latestWeek":null}'
    console.page.route("**/fleet", fulfil(200, body))
    console.open(state)
    expect(console.page.get_by_role("heading", name="Fleet")).to_contain_text("about 200,000 vehicles")


def test_costly_search_waits_for_enter(console: Console) -> None:
    open_large(console)
    asked: list[str] = []
    console.page.on("request", lambda request: asked.append(request.url))
    search(console, "YS2")
    expect(console.page.get_by_text("Press Enter to search.")).to_be_visible()
    assert [url for url in asked if "vinContains" in url] == []
    console.field("Search VIN").press("Enter")
    expect(console.rows).to_have_text([re.compile(SCANIA)])


def test_server_gone_keeps_rows(console: Console) -> None:
    console.open()
    expect(console.rows).to_have_count(50)
    console.page.route("**/vehicles?*", lambda route: route.abort())
    console.button("More").click()
    expect(console.page.get_by_role("alert")).to_contain_text("The registry does not answer.")
    expect(console.rows).to_have_count(50)
    console.page.unroute("**/vehicles?*")
    console.button("Try again").click()
    expect(console.rows).to_have_count(63)


def test_busy_registry_is_asked_again(console: Console) -> None:
    answers = iter([fulfil(503, BUSY, "application/problem+json", **{"Retry-After": "1"})])

    def answer(route: Route, request: Request) -> None:
        next(answers, lambda route, _request: route.continue_())(route, request)

    console.page.route("**/vehicles?*", answer)
    console.open()
    expect(console.page.get_by_text("The registry is busy.")).to_be_visible()
    expect(console.rows).to_have_count(50)


def test_more_keeps_what_was_changed(console: Console, server: ServerProcess, size: str) -> None:
    vin = f"YS2R4X2000539{len(size):04d}"
    console.open()
    expect(console.rows).to_have_count(50)
    changed = console.rows.first.locator(".vin").inner_text().replace(" ", "")
    console.button(f"Edit {changed}").click()
    expect(console.dialog).to_be_visible()
    console.field("Axles").fill("77")
    console.button("Save").click()
    console.button("Register vehicle").click()
    for name, text in (("VIN", vin), ("Axles", "3")):
        console.field(name).fill(text)
    console.field("Fuel type").select_option("Diesel")
    console.dialog.get_by_role("button", name="Register", exact=True).click()
    expect(console.row(vin)).to_have_count(1)
    held: list[tuple[Route, APIResponse]] = []
    console.page.route("**/vehicles?*cursor=*", lambda route: held.append((route, route.fetch())))
    console.button("More").click()
    expect(status(console)).to_have_text(re.compile("Searching"))
    console.button(f"Edit {vin}").click()
    expect(console.dialog).to_be_visible()
    console.field("Axles").fill("88")
    console.button("Save").click()
    expect(console.row(vin)).to_contain_text("88")
    for route, response in held:
        route.fulfill(response=response)  # from before the change
    expect(status(console)).to_have_text(re.compile(r"^6\d vehicles\."))
    expect(console.row(vin)).to_contain_text("88")
    expect(console.row(changed)).to_contain_text("77")
    with Client(server.port) as client:
        client.send("DELETE", f"/vehicle?vin={vin}")
        client.send("PATCH", f"/vehicle?vin={changed}", {"noOfAxles": 2})


def test_vins_are_sorted_by_character(console: Console) -> None:
    vins = ["1FUE5HAV0R0000001", "15GYHUA10R0000002"]
    items = [{"vin": vin, "noOfAxles": 2, "fuelType": "diesel", "timestamp": "2026-11-01T00:00:00Z"} for vin in vins]
    console.page.route("**/vehicles?*", fulfil(200, json.dumps({"items": items, "nextCursor": None})))
    console.open("#fleet?sort=vin")
    expect(console.rows).to_have_text([re.compile("15G"), re.compile("1FU")])


def test_address_with_nonsense_shows_fleet(console: Console) -> None:
    console.open("#fleet?utm=1&fuelType=bogus&noOfAxles=abc&sort=nothing")
    expect(console.rows).to_have_count(50)
    expect(console.field("Fuel type")).to_have_value("")


def test_scanner_searches_one_after_the_other(console: Console) -> None:
    console.open()
    for vin in (MAN, SCANIA):
        console.field("Search VIN").press_sequentially(vin)
        console.page.keyboard.press("Enter")
        expect(console.rows).to_have_count(1)
        expect(console.row(vin)).to_have_count(1)


def test_waiting_ends_with_its_search(console: Console) -> None:
    console.page.route(
        re.compile("vinContains=WMAH&"), fulfil(503, BUSY, "application/problem+json", **{"Retry-After": "5"})
    )
    console.open("#fleet?search=WMAH")
    expect(console.page.get_by_text("The registry is busy.")).to_be_visible()
    console.field("Search VIN").fill("WMAH0")
    expect(console.row(MAN)).to_have_count(1)
    expect(console.page.get_by_text("The registry is busy.")).to_have_count(0)


def test_total_comes_after_failure(console: Console) -> None:
    pattern = re.compile("/(fleet|vehicles)([?]|$)")
    console.page.route(pattern, fulfil(500, "{}"))
    console.open()
    expect(console.page.get_by_role("alert")).to_be_visible()
    console.page.unroute(pattern)
    console.button("Try again").click()
    expect(console.page.get_by_role("heading", name="Fleet")).to_contain_text("vehicles")


def test_late_answer_closes_no_other_dialog(console: Console, size: str) -> None:
    vin = f"YS2R4X2000541{len(size):04d}"
    held = console.hold("**/vehicle")
    console.open(f"#fleet?search={MAN}")
    console.button("Register vehicle").click()
    for name, text in (("VIN", vin), ("Axles", "3")):
        console.field(name).fill(text)
    console.field("Fuel type").select_option("Diesel")
    console.dialog.get_by_role("button", name="Register", exact=True).click()
    expect(console.button("Sending …")).to_be_visible()
    console.page.keyboard.press("Escape")
    console.button(f"Edit {MAN}").click()
    expect(console.dialog).to_be_visible()
    console.field("Axles").fill("9")
    held[0].fulfill(
        status=201,
        json={"vin": vin, "noOfAxles": 3, "fuelType": "diesel", "timestamp": "2026-11-01T00:00:00Z", "warnings": []},
    )
    expect(console.notices).to_contain_text(f"{vin} is registered.")
    expect(console.field("Axles")).to_have_value("9")
    expect(console.row(vin)).to_have_count(0)


def test_console_asks_no_other(console: Console) -> None:
    asked: list[str] = []
    console.page.on("request", lambda request: asked.append(urlsplit(request.url).netloc))
    console.open()
    expect(console.rows).to_have_count(50)
    assert set(asked) <= {urlsplit(console.address).netloc, ""}


def test_root_leads_to_console(console: Console) -> None:
    console.page.goto(console.address)
    expect(console.page).to_have_url(f"{console.address}/console/index.html")


def test_console_works_behind_proxy(browser: Browser, server: ServerProcess, size: str) -> None:
    with stripping_proxy(server.port) as address, console_on(browser, server, size) as console:
        console.page.goto(f"{address}/console/")
        expect(console.rows).to_have_count(50)


def test_german_buttons_share_a_row(browser: Browser, server: ServerProcess, size: str) -> None:
    with console_on(browser, server, size, locale="de-DE") as console:
        console.open()
        boxes = [console.button(name).bounding_box() for name in ("Exportieren", "Fahrzeug registrieren")]
        assert len({box["y"] for box in boxes if box}) == 1


def test_sorting_looks_like_a_choice(console: Console, size: str) -> None:
    console.open()
    line = "underline" if size == "phone" else "none"
    expect(console.button("Manufacturer")).to_have_css("text-decoration-line", line)


NOTIFY: Final = """async () => {
    const { notify } = await import(document.querySelector("script").src.replace("load.js", "parts.js"));
    const doubt = "The manufacturer identifier TES is not in the table. ".repeat(3);
    for (let n = 1; n <= 8; n += 1) notify({ text: `Notice ${n}. ${doubt}` });
}"""


def test_notices_leave_room(console: Console) -> None:
    console.open()
    expect(console.button("More")).to_be_visible()
    console.page.evaluate(NOTIFY)
    newest, oldest = (console.notices.get_by_text(f"Notice {number}.") for number in (8, 1))
    expect(newest).to_be_in_viewport()
    expect(oldest).not_to_be_in_viewport()
    box = console.notices.bounding_box()
    height = console.page.evaluate("window.innerHeight")
    assert box is not None
    assert box["height"] <= height * 0.4 + 1
    covered = "([x, y]) => document.elementFromPoint(x, y).closest('.notices') !== null"
    assert not console.page.evaluate(covered, [box["x"] + 2, box["y"] + 2])
    newest.hover()
    console.page.mouse.wheel(0, -5000)
    expect(oldest).to_be_in_viewport()
    console.notices.get_by_role("button", name="Close").first.click()
    expect(oldest).to_have_count(0)


@pytest.fixture(params=("de-DE", "de-AT", "fr-FR"))
def translated(
    request: pytest.FixtureRequest, browser: Browser, server: ServerProcess
) -> Iterator[tuple[str, Console]]:
    with console_on(browser, server, "desktop", locale=request.param) as console:
        yield request.param, console


def test_language_of_browser(translated: tuple[str, Console]) -> None:
    locale, console = translated
    console.open()
    heading = "Fleet" if locale == "fr-FR" else "Flotte"
    expect(console.page.get_by_role("heading", level=1)).to_contain_text(heading)
    expect(console.page.locator("html")).to_have_attribute("lang", "en" if locale == "fr-FR" else "de")
