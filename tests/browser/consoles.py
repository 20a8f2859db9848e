"""The console on a phone and on a desk, against a real server."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, Request, Route, ViewportSize, expect

from tests.support.server_process import HOST, Client, ServerProcess, registration

SIZES: Final[Mapping[str, ViewportSize]] = {
    "phone": {"width": 390, "height": 844},
    "desktop": {"width": 1280, "height": 800},
}
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
NARROW: Final[tuple[ViewportSize, ...]] = ({"width": 320, "height": 640}, {"width": 640, "height": 400})
"""The smallest phone, and a desk at 200 %: WCAG 2.2, 1.4.4 and 1.4.10."""

_WIDTHS_FIT: Final = """[document.documentElement, ...document.querySelectorAll("dialog")].every(
    (each) => each.scrollWidth <= each.clientWidth)"""

FOLDER: Final = os.environ.get("PICTURES")
_WAIT_MS: Final = 60_000  # on a machine that deploys to an emulator meanwhile, a click once took 15 seconds

expect.set_options(timeout=_WAIT_MS)


class Console:
    """A page with the console, and what it complained about: uncaught errors, and breaches of its policy."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.complaints: list[str] = []
        page.set_default_timeout(_WAIT_MS)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Security Policy" in said.text else None)

    def open(self, state: str = "") -> None:
        self.page.goto(f"{self.address}/console/{state}")

    def button(self, name: str) -> Locator:
        return self.page.get_by_role("button", name=name, exact=True)

    def field(self, name: str) -> Locator:
        """Return a field of the open dialog, or of the page if there is none."""
        dialog = self.page.get_by_role("dialog")
        return (dialog if dialog.count() else self.page).get_by_label(name, exact=True)

    def hold(self, pattern: str) -> list[Route]:
        """Answer no request that matches a pattern, and return them as they come."""
        held: list[Route] = []

        def keep(route: Route) -> None:
            held.append(route)

        self.page.route(pattern, keep)
        return held

    @property
    def rows(self) -> Locator:
        return self.page.get_by_role("table", name="Vehicles").locator("tbody tr:not(.skeleton)")

    def row(self, vin: str) -> Locator:
        return self.rows.filter(has_text=vin)

    @property
    def dialog(self) -> Locator:
        return self.page.get_by_role("dialog")

    @property
    def notices(self) -> Locator:
        return self.page.get_by_role("region", name="Notices")


@contextmanager
def console_on(browser: Browser, server: ServerProcess, size: str, **options: Any) -> Iterator[Console]:  # noqa: ANN401 — as Playwright takes them
    with console_at(browser, f"http://{HOST}:{server.port}", size, **options) as console:
        yield console


@contextmanager
def console_at(browser: Browser, address: str, size: str, **options: Any) -> Iterator[Console]:  # noqa: ANN401 — as above
    """Yield a console in a browser without a past; check at the end that it never complained."""
    context = browser.new_context(**{"viewport": SIZES[size], "locale": "en-US"} | options)
    console = Console(context.new_page(), address)
    yield console
    context.close()
    assert console.complaints == []


def register_all(server: ServerProcess, vins: Sequence[str], **values: object) -> None:
    with Client(server.port) as client:
        for vin in vins:
            assert client.send("POST", "/vehicle", registration(vin) | values).status == 201


def status_of(server: ServerProcess, vin: str) -> int:
    with Client(server.port) as client:
        return client.send("GET", f"/vehicle?vin={vin}").status


def fulfil(status: int, body: str, content_type: str = "application/json", **headers: str) -> Any:  # noqa: ANN401 — a handler of routes
    """Return a handler that answers a request as a gateway or a server would."""

    def handle(route: Route, _request: Request) -> None:
        route.fulfill(status=status, body=body, headers={"Content-Type": content_type, **headers})

    return handle


def check_accessible(console: Console, size: str, name: str) -> None:
    """Check that axe finds nothing, light and dark, and that nothing is cut off; with PICTURES, take some."""
    for scheme in SCHEMES:
        console.page.emulate_media(color_scheme=scheme)
        if FOLDER:
            path = Path(FOLDER) / f"console-{name}-{size}-{scheme}.png"
            console.page.screenshot(path=path, animations="disabled")
        found = Axe().run(console.page)
        assert found.violations_count == 0, found.generate_report()
    # Also with text twice as large, as browsers can be set to
    for viewport, text in ((SIZES[size], "100%"), (SIZES[size], "200%"), *((each, "100%") for each in NARROW)):
        console.page.set_viewport_size(viewport)
        console.page.evaluate("text => { document.documentElement.style.fontSize = text }", text)
        assert console.page.evaluate(_WIDTHS_FIT), (viewport, text)
