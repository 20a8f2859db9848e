"""What a browser shows for a request that fails: a page that a person can read, at any size and behind a prefix."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect

from tests.support.server_process import HOST, ServerProcess, serving
from tests.support.stripping_proxy import stripping_proxy

PHONE: Final[ViewportSize] = {"width": 390, "height": 844}
DESKTOP: Final[ViewportSize] = {"width": 1280, "height": 800}
TOKEN: Final = "correct-horse-battery"  # noqa: S105 — for a server that lives a second
LONG: Final = "x" * 300
CASES: Final = (
    ("nowhere", "There is nothing at this path", "see /docs for the available paths"),
    ("vehicles/", "There is nothing at this path", "did you mean /vehicles?"),
    (f"a/b//{LONG}", "There is nothing at this path", "The API has no such path"),
    ("summary", "There is no such summary", "The weekly summary counts the fleet"),
    (f"vehicles?limit=0&{LONG}=1", "A parameter is invalid", "limit must be a whole number from 1 to 1000"),
    ("vehicle?vin=<script>alert(1)</script>", "A parameter is invalid", "vin"),
)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerProcess]:
    with serving(tmp_path_factory.mktemp("data")) as process:
        yield process


@pytest.fixture(scope="module")
def address(server: ServerProcess) -> Iterator[str]:
    """The address of the server behind a proxy that strips a prefix."""
    with stripping_proxy(server.port) as stripped:
        yield stripped


@pytest.fixture(params=(PHONE, DESKTOP), ids=("phone", "desktop"))
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    with browser.new_page(viewport=request.param) as opened:
        yield opened


def complaints(page: Page) -> list[str]:
    """Return what the page will complain about, but for its own status, which Chromium logs too."""
    found: list[str] = []

    def hear(said: ConsoleMessage) -> None:
        if said.type in {"error", "warning"} and "the server responded with a status of 4" not in said.text:
            found.append(said.text)

    page.on("console", hear)
    page.on("pageerror", lambda error: found.append(str(error)))
    return found


@pytest.mark.parametrize(("target", "title", "words"), CASES)
def test_page_is_readable(address: str, page: Page, target: str, title: str, words: str) -> None:
    heard = complaints(page)
    page.goto(f"{address}/{target}")
    expect(page).to_have_title(title)
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_role("main")).to_contain_text(words)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    assert (page.locator("html").get_attribute("lang"), heard) == ("en", [])


@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_page_follows_the_scheme(address: str, page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of its literals
    page.goto(f"{address}/nowhere")
    colors = "[getComputedStyle(document.body).color, getComputedStyle(document.querySelector('a')).color]"
    assert (page.evaluate(colors)[0] == "rgb(0, 0, 0)") is (scheme == "light")


@pytest.mark.parametrize("target", ("nowhere", "a/b/c", "a//b/", "vehicles/"))
def test_links_lead_on(address: str, page: Page, target: str) -> None:
    for name in ("The API", "/problems/unknown-path"):
        page.goto(f"{address}/{target}")
        page.get_by_role("link", name=name).click()
        expect(page).to_have_url(f"{address}/{'docs' if name == 'The API' else name[1:]}")


def test_near_miss_leads_on(address: str, page: Page) -> None:
    page.goto(f"{address}//Vehicles/")
    page.get_by_role("link", name="/vehicles", exact=True).click()
    expect(page).to_have_url(f"{address}/vehicles")


def test_missing_token_leads_to_console(browser: Browser, tmp_path: Path) -> None:
    with (
        serving(tmp_path, environment={"VEHICLES_TOKEN": TOKEN}) as server,
        stripping_proxy(server.port) as address,
        browser.new_page() as page,
    ):
        page.goto(f"{address}/summaries")
        expect(page).to_have_title("A token is required")
        page.get_by_role("link", name="the console", exact=True).click()
        expect(page).to_have_url(f"{address}/console/")


@pytest.mark.parametrize("origin", ("about:blank", "another port"))
def test_form_of_another_origin_changes_nothing(
    browser: Browser, server: ServerProcess, address: str, origin: str
) -> None:
    with browser.new_page() as page:
        page.goto(f"{address}/health" if origin == "another port" else origin)
        page.set_content(f"<form method=post action='http://{HOST}:{server.port}/summaries'><button>Go</button></form>")
        page.get_by_role("button").click()
        expect(page).to_have_title("The request comes from a web page of another origin")
