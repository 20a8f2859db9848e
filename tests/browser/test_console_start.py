"""The console of an empty registry, and its sample fleet."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Request, expect

from tests.browser.consoles import Console, console_on, fulfil
from tests.support.server_process import Client, ServerProcess, listed

FILE: Final = Path(__file__).parents[2] / "src" / "vehicles" / "entrypoints" / "console" / "sample.json"
SAMPLE: Final = [vin for vin, *_ in json.loads(FILE.read_text(encoding="utf-8"))]


@pytest.fixture
def console(browser: Browser, empty: ServerProcess, size: str) -> Iterator[Console]:
    with console_on(browser, empty, size) as console:
        console.open()
        yield console


def test_empty_registry_offers_import(console: Console) -> None:
    console.button("Import a file").click()
    expect(console.page.get_by_role("heading", name="Import")).to_be_focused()


def test_empty_registry_offers_registration(console: Console) -> None:
    console.button("Register a vehicle").click()
    expect(console.field("VIN")).to_be_focused()


def test_sample_comes_and_goes(console: Console, empty: ServerProcess) -> None:
    heading = console.page.get_by_role("heading", level=1)
    console.button("Try it with a sample fleet").click()
    expect(console.rows.first).to_be_visible()
    expect(heading).to_be_focused()
    changed, kept = SAMPLE[0], "WMAH05ZZ04M012345"
    with Client(empty.port) as client:
        assert {each["vin"] for each in listed(client)} == set(SAMPLE)
        client.send("PATCH", f"/vehicle?vin={changed}", {"noOfAxles": 9})
        client.send("POST", "/vehicle", {"vin": kept, "noOfAxles": 3, "fuelType": "diesel"})
    console.page.reload()
    console.button("Remove the sample").click()
    expect(heading).to_be_focused()
    expect(console.notices).to_contain_text("The sample is removed.")
    expect(console.rows).to_have_count(2)
    expect(console.button("Remove the sample")).to_have_count(0)
    with Client(empty.port) as client:
        assert {each["vin"] for each in listed(client)} == {changed, kept}


def test_half_a_sample_can_be_removed(console: Console, empty: ServerProcess) -> None:
    """One of its requests fails; what was added is shown, and can be removed."""
    console.page.route(f"**/vehicle?vin={SAMPLE[3]}", fulfil(500, "{}"))
    console.button("Try it with a sample fleet").click()
    expect(console.notices).to_contain_text("HTTP 500")
    expect(console.rows).to_have_count(len(SAMPLE) - 1)
    console.page.unroute(f"**/vehicle?vin={SAMPLE[3]}")
    console.open("index.html")  # another address of the same registry
    console.button("Remove the sample").click()
    expect(console.button("Register a vehicle")).to_be_visible()
    with Client(empty.port) as client:
        assert [*listed(client)] == []


def test_interrupted_sample_can_be_removed(console: Console) -> None:
    held = console.hold("**/vehicle?*")
    console.button("Try it with a sample fleet").click()
    while len(held) < 2:
        console.page.wait_for_timeout(10)
    with console.page.expect_response("**/vehicle?*"):
        held[0].continue_()
    console.page.unroute("**/vehicle?*")
    console.page.reload()
    expect(console.button("Remove the sample")).to_be_visible()


def test_sample_is_added_while_away(console: Console) -> None:
    console.hold("**/vehicle?*")
    console.button("Try it with a sample fleet").click()
    console.page.get_by_role("link", name="Import").click()
    console.page.get_by_role("link", name="Fleet").click()
    expect(console.page.get_by_text("Adding the sample")).to_be_visible()
    console.page.unroute("**/vehicle?*")  # lets them go
    expect(console.rows).to_have_count(len(SAMPLE))
    expect(console.button("Remove the sample")).to_be_visible()


def test_other_registry_has_no_sample(console: Console, empty: ServerProcess) -> None:
    """The browser remembers the sample, and another registry may be at the same address later."""
    console.button("Try it with a sample fleet").click()
    expect(console.page.get_by_text("The registry holds a sample fleet.")).to_be_visible()
    with Client(empty.port) as client:
        for vin in SAMPLE:
            assert client.send("DELETE", f"/vehicle?vin={vin}").status == 204
    console.page.reload()
    expect(console.button("Register a vehicle")).to_be_visible()
    expect(console.page.get_by_text("The registry holds a sample fleet.")).to_have_count(0)
    with Client(empty.port) as client:
        client.send("POST", "/vehicle", {"vin": "WMAH05ZZ04M012345", "noOfAxles": 3, "fuelType": "diesel"})
    console.page.reload()
    expect(console.rows).to_have_count(1)
    expect(console.page.get_by_text("The registry holds a sample fleet.")).to_have_count(0)


def test_few_files_requested_in_parallel(console: Console) -> None:
    # A new account on AWS runs ten calls of a function at a time, and each file is one.
    waiting: set[Request] = set()
    most = [0]

    def note(request: Request) -> None:
        waiting.add(request)
        most.append(len(waiting))

    console.page.wait_for_load_state("networkidle")
    console.page.context.new_cdp_session(console.page).send("Network.setCacheDisabled", {"cacheDisabled": True})
    console.page.on("request", note)
    console.page.on("requestfinished", lambda request: waiting.discard(request))  # noqa: PLW0108 — Playwright marks it
    console.page.reload()
    expect(console.button("Register a vehicle")).to_be_visible()
    assert 1 < max(most) <= 9


def test_missing_module_explained(console: Console) -> None:
    console.page.route("**/week.js", fulfil(503, "{}"))
    console.page.reload()
    expect(console.page.get_by_text("could not be loaded: reload the page")).to_be_visible()
    assert [text for text in console.complaints if "week.js" not in text] == []
    console.complaints.clear()


def test_files_are_kept(console: Console) -> None:
    expect(console.button("Register a vehicle")).to_be_visible()
    console.open()
    expect(console.button("Register a vehicle")).to_be_visible()
    loaded = "performance.getEntriesByType('resource').filter((each) => each.transferSize > 0).map((each) => each.name)"
    assert [name for name in console.page.evaluate(loaded) if name.endswith((".js", ".css", ".svg"))] == []


def test_blocked_storage_is_no_obstacle(browser: Browser, empty: ServerProcess, size: str) -> None:
    """A browser that blocks the data of sites raises an error where a page only looks at its storage."""
    with console_on(browser, empty, size) as console:
        for name in ("localStorage", "sessionStorage"):
            getter = "{ get() { throw new DOMException('blocked', 'SecurityError') } }"
            console.page.add_init_script(f"Object.defineProperty(window, '{name}', {getter})")
        console.open()
        console.button("Try it with a sample fleet").click()
        expect(console.rows).to_have_count(len(SAMPLE))
        console.button("Remove the sample").click()
        expect(console.button("Register a vehicle")).to_be_visible()
