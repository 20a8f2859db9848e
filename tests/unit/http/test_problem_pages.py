"""Problem details for a browser: a page that says the same, escapes everything, and leads on from any path."""

from html.parser import HTMLParser
from typing import Final, override
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.http_client import TRUCK, Client, content, truck
from vehicles.entrypoints.http.messages import Request, Response
from vehicles.entrypoints.http.pages import problem_details_page
from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.problems import ProblemError

pytestmark = pytest.mark.usefixtures("way")

_BROWSER: Final = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
_TOKEN: Final = "a-long-enough-token"  # noqa: S105 — for an API in memory
_PREFIX: Final = "/fleet"
_OF_PAGE: Final = {"Content-Type", "Content-Length", "Content-Security-Policy"}
_TARGETS: Final = (
    ("GET", "/nowhere"),
    ("GET", "/vehicles/"),
    ("GET", f"/vehicle?vin={TRUCK}"),
    ("GET", "/vehicle?vin=x"),
    ("GET", "/vehicles?limit=0&wmi=?&color=red"),
    ("GET", "/summary"),
    ("PATCH", "/vehicles"),
    ("POST", "/vehicle"),
)
_CHANNELS: Final = ("parameter", "vin", "field", "charset")


class _Page(HTMLParser):
    """What a page says, where it leads, and its elements but for those that only mark text as code."""

    def __init__(self, answer: Response) -> None:
        super().__init__()
        self.text = ""
        self.links: dict[str, str] = {}
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self._link: str | None = None
        self.feed(answer.body.decode())

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "code":
            self.elements.append((tag, tuple(attrs)))
        if tag == "a":
            self._link = dict(attrs)["href"]

    @override
    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = None

    @override
    def handle_data(self, data: str) -> None:
        self.text += data
        if self._link is not None:
            self.links.setdefault(self._link, data)


@pytest.mark.parametrize(("method", "target"), _TARGETS)
def test_page_says_what_json_says(method: str, target: str) -> None:
    client = Client()
    as_json, as_page = client.send(method, target), client.send(method, target, headers=_BROWSER)
    shared = {name: value for name, value in as_json.headers.items() if name not in _OF_PAGE}
    assert (as_page.status, as_page.headers | shared) == (as_json.status, as_page.headers)
    text, problem = _Page(as_page).text, content(as_json)
    said = [problem["title"], problem["detail"], problem["type"], problem["instance"]]
    said += [error["detail"] for error in problem.get("errors", [])]
    assert [each for each in said if each.replace("`", "") not in text] == []


@pytest.mark.parametrize(
    "accept",
    (
        *(None, "*/*", "application/json", "application/problem+json", "application/json, text/plain, */*"),
        *("text/csv", "text/html;q=0.5, application/json", "text/html, application/json", "text/html;q=0"),
    ),
)
def test_program_gets_json(accept: str | None) -> None:
    answer = Client().send("GET", "/nowhere", headers={} if accept is None else {"accept": accept})
    assert (answer.headers["Content-Type"], answer.headers["Vary"]) == ("application/problem+json", "Accept")


@pytest.mark.parametrize("accept", ("text/html", "text/*", "text/html, */*;q=0.1", _BROWSER["accept"]))
def test_browser_gets_page(accept: str) -> None:
    answer = Client().send("GET", "/nowhere", headers={"accept": accept})
    assert (answer.headers["Content-Type"], answer.headers["Vary"]) == ("text/html; charset=utf-8", "Accept")
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")


def test_browser_gets_list_as_before() -> None:
    answer = Client().send("GET", "/vehicles", headers=_BROWSER)
    assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")


def test_head_mirrors_page() -> None:
    got, head = (Client().send(method, "/nowhere", headers=_BROWSER) for method in ("GET", "HEAD"))
    length = {"Content-Length": str(len(got.body))}
    assert (head.status, head.headers | length, head.body) == (got.status, got.headers, b"")


@pytest.mark.parametrize("name", ("too-many-connections", "headers-too-large", "request-timeout"))
def test_unread_request_gets_page(name: str) -> None:
    answer = Client().api.error_response(Request("GET", "/vehicles", headers=_BROWSER), name)
    assert (answer.status, PROBLEMS[name].cause in _Page(answer).text) == (PROBLEMS[name].status, True)


# --- what leads on


def _resolved(path: str, reference: str) -> str:
    """Return where a browser goes: RFC 3986, 5.2, which `urljoin` does not follow after an empty segment."""
    segments = path.split("/")[:-1]
    for part in reference.split("/"):
        if part == "..":
            segments.pop()
        elif part != ".":
            segments.append(part)
    return "/".join(segments)


@pytest.mark.parametrize("path", ("/", "/nowhere", "/a/b/c", "//vehicles", "/vehicles/", "/problems/nothing", "/a//b/"))
def test_links_stay_below(path: str) -> None:
    client = Client()
    page = _Page(client.send("BREW", path, headers=_BROWSER))
    targets = {_resolved(_PREFIX + path, reference) for reference in page.links}
    console = f"{_PREFIX}/console/"
    answers = {client.send("GET", target.removeprefix(_PREFIX)).status for target in targets - {console}}
    assert (console in targets, answers) == (True, {200})


@pytest.mark.parametrize(
    ("path", "meant"),
    (
        *(("/vehicles/", "/vehicles"), ("/Docs", "/docs"), ("//", "/")),
        *(("/a/b", "/docs"), ("/DOCS/start.js", "/docs/start.js")),
    ),
)
def test_near_miss_is_link(path: str, meant: str) -> None:
    links = _Page(Client().send("GET", path, headers=_BROWSER)).links
    assert [_resolved(_PREFIX + path, link) for link, text in links.items() if text == meant] == [f"{_PREFIX}{meant}"]


def test_missing_token_leads_to_console() -> None:
    answer = Client(token=_TOKEN).send("GET", "/vehicles", headers=_BROWSER)
    page = _Page(answer)
    assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="vehicles"')
    assert (page.links["./console/"], "which asks for it" in page.text) == ("the console", True)


def test_no_summary_yet_is_explained() -> None:
    page = _Page(Client().send("GET", "/summary", headers=_BROWSER))
    said = ("counts the fleet", "The first one", "the schedule", "vehicles summarize")
    assert [words for words in said if words not in page.text] == []
    assert page.links["./summaries"] == "The weeks that have a summary"


def test_suggested_vin_is_shown() -> None:
    answer = Client().send("POST", "/vehicle", truck(vin="WMAH05ZZ24MO12346"), _BROWSER)
    assert "did you mean WMAH05ZZ24M012346?" in _Page(answer).text


# --- what clients send is text


def _refused(channel: str, text: str) -> Response:
    """Return the page that refuses a request with the text in a place that the page may show."""
    client = Client()
    if channel == "parameter":
        return client.send("GET", f"/vehicles?x{quote(text)}=1", headers=_BROWSER)
    if channel == "vin":
        return client.send("GET", f"/vehicle?vin={quote(text)}", headers=_BROWSER)
    if channel == "field":
        return client.send("POST", "/vehicle", truck() | {f"x{text}": 1}, _BROWSER)
    headers = _BROWSER | {"content-type": f"application/json; charset=x{text}"}
    return client.send("POST", "/vehicle", truck(), headers)


@pytest.mark.parametrize(
    "hostile", ("<script>alert(1)</script>", '"><a href=x>', "' onload='x", "&lt;", "$title", "TOP/", "`<b>`", " /docs")
)
@pytest.mark.parametrize("channel", _CHANNELS)
def test_hostile_text_adds_no_element(channel: str, hostile: str) -> None:
    page, plain = _Page(_refused(channel, hostile)), _Page(_refused(channel, "x"))
    assert set(page.elements) <= {*plain.elements, ("a", (("href", "./docs"),))}


@pytest.mark.parametrize("channel", ("parameter", "field", "charset"))
def test_hostile_text_is_shown(channel: str) -> None:
    assert "x<b>&$title" in _Page(_refused(channel, "<b>&$title")).text


_TEXTS: Final = st.text(st.characters(codec="utf-8"), max_size=40)


@given(st.sampled_from(_CHANNELS), _TEXTS)
def test_any_text_adds_no_element(channel: str, text: str) -> None:
    page, plain = _Page(_refused(channel, text)), _Page(_refused(channel, "x"))
    assert set(page.elements) <= {*plain.elements, ("a", (("href", "./docs"),))}


@given(st.sampled_from(sorted(PROBLEMS)), _TEXTS)
def test_any_detail_adds_no_element(name: str, text: str) -> None:
    page, plain = (problem_details_page(ProblemError(name, each), each, "/x", ()) for each in (text, "x"))
    assert _Page(Response(400, {}, page)).elements == _Page(Response(400, {}, plain)).elements
