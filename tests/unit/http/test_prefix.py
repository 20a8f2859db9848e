"""Behind a proxy that strips a prefix, every reference of the API leads below the prefix."""

import re
from typing import Final
from urllib.parse import urljoin, urlsplit

import pytest

from tests.support.http_client import OTHER, Client, content, truck
from vehicles.entrypoints.http.handlers import HTML
from vehicles.entrypoints.http.messages import Response
from vehicles.entrypoints.http.routes import ROUTES

pytestmark = pytest.mark.usefixtures("way")

_PREFIX: Final = "http://x/fleet"
_PAGES: Final = tuple(route.path for route in ROUTES if HTML in route.produces and route.public)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.register(OTHER)
    client.summaries.summarize()
    return client


def _ask(client: Client, url: str, method: str = "GET", body: object = None) -> Response:
    """Ask as a proxy does that strips the prefix."""
    assert url.startswith(f"{_PREFIX}/")
    return client.send(method, url.removeprefix(_PREFIX), body)


def _follow(client: Client, url: str, *references: str) -> list[int]:
    return [_ask(client, urljoin(url, reference)).status for reference in references]


def test_location_stays_below(client: Client) -> None:
    url = f"{_PREFIX}/vehicle"
    assert _follow(client, url, _ask(client, url, "POST", truck()).headers["Location"]) == [200]


def test_link_stays_below(client: Client) -> None:
    client.register()
    url = f"{_PREFIX}/vehicles?limit=1"
    link = _ask(client, url).headers["Link"].removeprefix("<").partition(">")[0]
    assert (_follow(client, url, link), urlsplit(link).path) == ([200], "vehicles")


def test_summaries_stay_below(client: Client) -> None:
    url = f"{_PREFIX}/summaries"
    assert _follow(client, url, content(_ask(client, url))["items"][0]["href"]) == [200]


def test_root_leads_below(client: Client) -> None:
    url = f"{_PREFIX}/"
    assert _follow(client, url, _ask(client, url).headers["Location"]) == [200]


@pytest.mark.parametrize("path", _PAGES)
def test_pages_refer_below(client: Client, path: str) -> None:
    page = _ask(client, f"{_PREFIX}{path}").body.decode()
    references = [each for each in re.findall(r'(?:href|src)="([^"]+)"', page) if not each.startswith("data:")]
    assert set(_follow(client, f"{_PREFIX}{path}", *references)) == {200}


def test_summary_page_refers_below(client: Client) -> None:
    url = f"{_PREFIX}/summary?format=html"
    references = re.findall(r'href="(summary[^"]+)"', _ask(client, url).body.decode())
    assert set(_follow(client, url, *(each.replace("&amp;", "&") for each in references))) == {200}


def test_servers_are_below(client: Client) -> None:
    url = f"{_PREFIX}/openapi.json"
    assert [urljoin(url, each["url"]) for each in content(_ask(client, url))["servers"]] == [f"{_PREFIX}/"]
