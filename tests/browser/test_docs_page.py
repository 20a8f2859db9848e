"""The page that shows the API, in a real browser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.server_process import HOST, ServerProcess
from tests.support.stripping_proxy import stripping_proxy

OPERATIONS: Final = (
    "POST /vehicle",
    "GET /vehicle",
    "PATCH /vehicle",
    "PUT /vehicle",
    "DELETE /vehicle",
    "GET /vehicles",
    "POST /vehicles/import",
    "GET /vehicles/export",
    "GET /fleet",
    "GET /summary",
    "GET /summaries",
    "POST /summaries",
    "GET /vin",
    "GET /openapi.json",
    "GET /health",
    "GET /docs",
)


@dataclass
class Visit:
    """A page, what it has asked for, and what it has complained about."""

    page: Page
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console", lambda said: self.complaints.append(said.text) if said.type in {"error", "warning"} else None
        )

    def open_docs(self) -> None:
        self.page.goto(f"{self.address}/docs")
        expect(self.page.locator(".opblock").first).to_be_visible()

    def try_list(self) -> None:
        """Open the operation that lists vehicles, and have the page call it."""
        operation = self.page.locator(".opblock-get", has=self.page.locator("[data-path='/vehicles']"))
        operation.locator(".opblock-summary-control").click()
        operation.locator("button.execute").click()
        expect(operation.locator(".live-responses-table")).to_be_visible()


@pytest.fixture
def visit(browser: Browser, server: ServerProcess) -> Iterator[Visit]:
    page = browser.new_page()
    yield Visit(page, f"http://{HOST}:{server.port}")
    page.close()


def test_page_shows_operations(visit: Visit) -> None:
    visit.open_docs()
    shown = visit.page.locator(".opblock-summary").all_inner_texts()
    assert sorted(OPERATIONS) == sorted(" ".join(re.split(r"\s+", text)[:2]).replace("\u200b", "") for text in shown)


def test_page_tries_operation(visit: Visit) -> None:
    visit.open_docs()
    visit.try_list()
    assert visit.page.locator(".live-responses-table .response .response-col_status").inner_text() == "200"


def test_page_fills_no_filter(visit: Visit) -> None:
    with visit.page.expect_request(re.compile("/vehicles")) as sent:
        visit.open_docs()
        visit.try_list()
    assert urlsplit(sent.value.url).query == "limit=100"


def test_page_asks_no_other(visit: Visit) -> None:
    visit.open_docs()
    visit.try_list()
    assert {urlsplit(url).netloc for url in visit.requests if not url.startswith("data:")} == {
        urlsplit(visit.address).netloc
    }


def test_page_has_no_complaints(visit: Visit) -> None:
    visit.open_docs()
    visit.try_list()
    assert visit.complaints == []


def test_page_works_behind_proxy(browser: Browser, server: ServerProcess) -> None:
    with stripping_proxy(server.port) as address, browser.new_page() as page:
        visit = Visit(page, address)
        visit.open_docs()
        visit.try_list()
        assert page.locator(".live-responses-table .response .response-col_status").inner_text() == "200"
        assert (visit.complaints, [url for url in visit.requests if f"{address}/vehicles" in url] != []) == ([], True)


def test_problem_page_leads_to_docs(browser: Browser, server: ServerProcess) -> None:
    with stripping_proxy(server.port) as address, browser.new_page() as page:
        page.goto(f"{address}/problems/unknown-path")
        page.get_by_role("link").click()
        expect(page).to_have_url(f"{address}/docs")


def test_problem_page_explains(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/problems/version-mismatch")
    assert visit.page.locator("h1").inner_text() == "A condition of the request is not met"


def test_problem_page_marks_code(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/problems/version-mismatch")
    assert visit.page.locator("code").all_inner_texts() == [
        "If-Match",
        "If-None-Match",
        "ETag",
        "/problems/version-mismatch",
    ]


def test_problem_page_has_no_complaints(visit: Visit) -> None:
    visit.page.goto(f"{visit.address}/problems/version-mismatch")
    assert visit.complaints == []
