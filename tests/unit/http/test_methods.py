"""Methods, paths, media types, tokens, the pages for people, and the shape that every error has."""

from importlib.metadata import version
from typing import Final

import pytest

from tests.support.http_client import JSON, OTHER, REQUEST_ID, TRUCK, Client, content, rejection, truck
from vehicles.entrypoints.http.messages import Request
from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.routes import ROUTES

pytestmark = pytest.mark.usefixtures("way")

_PATHS: Final = tuple(sorted({route.path for route in ROUTES}))
_PUBLIC: Final = tuple(route.path for route in ROUTES if route.public)
_PROTECTED: Final = tuple((route.method, route.path) for route in ROUTES if not route.public)
_ALLOWED: Final = {
    "/vehicle": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
    "/summaries": "GET, HEAD, OPTIONS, POST",
    "/vehicles/import": "OPTIONS, POST",
}
_GIVEN: Final = "a-long-enough-token"
_REFUSED: Final[tuple[tuple[str, str, object, dict[str, str]], ...]] = (
    ("GET", "/nowhere", None, {}),
    ("PATCH", "/vehicles", None, {}),
    ("POST", "/vehicle", None, {}),
    ("POST", "/vehicle", {}, {}),
    ("POST", "/vehicle", truck(), {"content-type": "text/plain"}),
    ("POST", "/vehicle", truck(vin=OTHER), {}),
    ("POST", "/vehicle", "x" * 17_000, {}),
    ("GET", "/vehicle", None, {}),
    ("GET", f"/vehicle?vin={TRUCK}", None, {}),
    ("GET", f"/vehicle?vin={TRUCK}", None, {"accept": "text/csv"}),
    ("DELETE", f"/vehicle?vin={OTHER}", None, {"if-match": '"v0"'}),
    ("GET", "/vehicles?cursor=x", None, {}),
    ("GET", "/summary", None, {}),
    ("GET", "/summary?week=2025-W53", None, {}),
    ("GET", "/summary", None, {"accept": "image/png"}),
    ("GET", "/summaries?year=2026", None, {}),
)


def _allowed(path: str) -> str:
    return _ALLOWED.get(path, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("path", _PATHS)
@pytest.mark.parametrize("method", ("COPY", "TRACE", "CONNECT", "get", "", "BREW"))
def test_other_method_refused(method: str, path: str) -> None:
    answer = Client().send(method, path)
    assert (rejection(answer), answer.headers["Allow"]) == ((405, "method-not-allowed", []), _allowed(path))


@pytest.mark.parametrize("path", _PATHS)
def test_options_answered(path: str) -> None:
    answer = Client().send("OPTIONS", path)
    assert (answer.status, answer.headers["Allow"], answer.body) == (204, _allowed(path), b"")


@pytest.mark.parametrize(
    "path", (*_PATHS, f"/vehicle?vin={TRUCK}", f"/vin?vin={TRUCK}", "/nowhere", "/vehicles?limit=0")
)
def test_head_mirrors_get(path: str) -> None:
    client = Client()
    client.register()
    got, head = client.send("GET", path), client.send("HEAD", path)
    length = {"Content-Length": str(len(got.body))} if got.chunks is None else {}
    assert (head.status, head.headers | length, head.body) == (got.status, got.headers, b"")


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    (("DELETE", {}, 204), ("OPTIONS", {}, 204), ("GET", {"if-none-match": "*"}, 304)),
)
def test_response_without_content_has_no_length(method: str, headers: dict[str, str], status: int) -> None:
    client = Client()
    client.register()
    answer = client.send(method, f"/vehicle?vin={TRUCK}", headers=headers)
    assert (answer.status, answer.body, "Content-Length" in answer.headers) == (status, b"", False)


def test_head_has_the_length() -> None:
    client = Client()
    head = client.api.respond(Request("HEAD", "/vehicles"))
    assert head.headers["Content-Length"] == str(len(client.send("GET", "/vehicles").body))


@pytest.mark.parametrize("path", ("/nowhere", "/vehicle/", "/vehicles/", "/Vehicle", "*", "//vehicle", "/vehicle%00"))
@pytest.mark.parametrize("method", ("GET", "POST", "OPTIONS", "PATCH"))
def test_unknown_path_refused(method: str, path: str) -> None:
    client = Client()
    refused = client.send(method, path)
    assert (rejection(refused), client.register().status) == ((404, "unknown-path", []), 201)


@pytest.mark.parametrize(
    ("path", "meant"),
    (
        *(("/vehicles/", "/vehicles"), ("//vehicles", "/vehicles"), ("/Vehicles", "/vehicles")),
        *(("/vehicle//", "/vehicle"), ("/DOCS/start.js", "/docs/start.js"), ("//", "/")),
    ),
)
def test_near_miss_named(path: str, meant: str) -> None:
    refused = Client().send("GET", path)
    assert (refused.status, content(refused)["detail"]) == (404, f"The API has no such path; did you mean {meant}?")


@pytest.mark.parametrize("path", _PUBLIC)
@pytest.mark.parametrize("query", ("x=1", "utm_source=x&utm_source=y", "%ff", "a=1&" * 30))
def test_public_path_ignores_query(path: str, query: str) -> None:
    assert Client().send("GET", f"{path}?{query}").status in {200, 303}


def test_unservable_accept_changes_nothing() -> None:
    client = Client()
    refused = rejection(client.send("POST", "/vehicle", truck(), {"accept": "text/csv"}))
    assert (refused, client.send("GET", f"/vehicle?vin={TRUCK}").status) == ((406, "not-acceptable", []), 404)


@pytest.mark.parametrize(("method", "path"), _PROTECTED)
@pytest.mark.parametrize(
    "given",
    (None, "", "Bearer", _GIVEN, f"Basic {_GIVEN}", f"Bearer {_GIVEN}x", f"Bearer {_GIVEN[:-1]}", "Bearer \xe4\ud800"),
)
def test_missing_token_refused(method: str, path: str, given: str | None) -> None:
    answer = Client(token=_GIVEN).send(method, path, headers={} if given is None else {"authorization": given})
    assert (rejection(answer), answer.headers["WWW-Authenticate"]) == (
        (401, "unauthorized", []),
        'Bearer realm="vehicles"',
    )


@pytest.mark.parametrize("scheme", ("Bearer", "bearer", "BEARER"))
def test_right_token_is_accepted(scheme: str) -> None:
    assert Client(token=_GIVEN).send("GET", "/vehicles", headers={"authorization": f"{scheme} {_GIVEN}"}).status == 200


@pytest.mark.parametrize("path", _PUBLIC)
def test_public_path_needs_no_token(path: str) -> None:
    assert Client(token=_GIVEN).send("GET", path).status in {200, 303}


def test_health_names_version() -> None:
    assert content(Client().send("GET", "/health")) == {"status": "ok", "version": version("vehicle-registry")}


@pytest.mark.parametrize(
    ("path", "content_type", "words"),
    (
        ("/docs", "text/html; charset=utf-8", b"<title>"),
        ("/docs/start.js", "text/javascript; charset=utf-8", b"SwaggerUIBundle("),
        ("/docs/swagger-ui.css", "text/css; charset=utf-8", b".swagger-ui"),
        ("/console/", "text/html; charset=utf-8", b'/load.js"'),
        ("/console/app.js", "text/javascript; charset=utf-8", b"render("),
        ("/console/console.css", "text/css; charset=utf-8", b":root"),
        ("/problems/invalid-vehicle", "text/html; charset=utf-8", b"<code>errors</code>"),
        ("/openapi.json", "application/json", b'"openapi":'),
        ("/summaries", "application/json", b'"items":'),
    ),
)
def test_document_has_its_type(path: str, content_type: str, words: bytes) -> None:
    answer = Client().send("GET", path)
    assert (answer.status, answer.headers["Content-Type"], words in answer.body) == (200, content_type, True)


@pytest.mark.parametrize("path", ("/", "/console"))
def test_root_leads_to_console(path: str) -> None:
    assert Client().send("GET", path).headers["Location"] == "console/index.html"


@pytest.mark.parametrize("name", PROBLEMS)
def test_problem_is_explained(name: str) -> None:
    assert PROBLEMS[name].title in Client().send("GET", PROBLEMS[name].type).body.decode()


@pytest.mark.parametrize("path", ("/docs", "/docs/start.js", "/docs/swagger-ui.css"))
def test_pages_ask_no_other_host(path: str) -> None:
    assert "default-src 'none'" in Client().send("GET", path).headers["Content-Security-Policy"]


@pytest.mark.parametrize(("text", "valid"), ((TRUCK, True), ("x", False), ("", False), ("%00%F0%9F%9A%9A", False)))
def test_any_text_explained(text: str, valid: bool) -> None:  # noqa: FBT001 — a column of the table
    answer = Client().send("GET", f"/vin?vin={text}")
    assert (answer.status, content(answer)["valid"]) == (200, valid)


@pytest.mark.parametrize(
    ("text", "entries", "expected"),
    (
        ("WMAH05ZZ94M012345", "warnings", {"vin.check_digit_unexpected": [9]}),
        ("AAAH05ZZ94M012345", "warnings", {"vin.unknown_wmi": [1, 2, 3]}),
        ("1M8GDM9A1KP042788", "errors", {"vin.check_digit": [9]}),
        ("WMAH05ZZ04MO12345", "errors", {"vin.illegal_character": [12]}),
    ),
)
def test_explanation_names_positions(text: str, entries: str, expected: dict[str, list[int]]) -> None:
    explanation = content(Client().send("GET", f"/vin?vin={text}"))
    assert {entry["code"]: entry["positions"] for entry in explanation[entries]} == expected


def test_refused_vin_names_positions() -> None:
    answer = Client().send("POST", "/vehicle", truck(vin="WMAH05ZZ04MO12345"))
    assert [entry["positions"] for entry in content(answer)["errors"]] == [[12]]


@pytest.mark.parametrize(("method", "target", "body", "headers"), _REFUSED)
def test_errors_have_one_shape(method: str, target: str, body: object, headers: dict[str, str]) -> None:
    client = Client()
    client.register(OTHER)
    answer = client.send(method, target, body, headers)
    problem = content(answer)
    kind = PROBLEMS[problem["type"].removeprefix("/problems/")]
    assert {name: value for name, value in problem.items() if name not in {"detail", "errors"}} == {
        "type": kind.type,
        "title": kind.title,
        "status": answer.status,
        "instance": f"urn:uuid:{REQUEST_ID}",
    }
    assert {name: value for name, value in answer.headers.items() if name != "Allow"} == {
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(answer.body)),
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "X-Request-Id": REQUEST_ID,
        "Vary": "Accept",
    }


@pytest.mark.parametrize("path", ("/vehicles", "/health", "/docs", f"/vehicle?vin={TRUCK}"))
def test_successes_have_common_headers(path: str) -> None:
    client = Client()
    client.register()
    headers = client.send("GET", path).headers
    common = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "X-Request-Id": REQUEST_ID}
    assert headers | common == headers


@pytest.mark.parametrize(
    ("method", "path", "length", "media_type", "expected"),
    (
        ("POST", "/nowhere", "9", "application/json", (404, "unknown-path", [])),
        ("PATCH", "/vehicles", "9", "application/json", (405, "method-not-allowed", [])),
        ("PUT", "/vehicle", "16385", "application/json", (413, "body-too-large", [])),
        ("POST", "/vehicle", "9" * 5000, "application/json", (413, "body-too-large", [])),
        ("POST", "/vehicle", "9", "text/plain", (415, "unsupported-media-type", [])),
    ),
)
def test_head_alone_is_refused(
    method: str, path: str, length: str, media_type: str, expected: tuple[int, str, list[tuple[str, str]]]
) -> None:
    head = Request(method, path, headers={"content-type": media_type, "content-length": length}, id=REQUEST_ID)
    refused = Client().api.check_head(head)
    assert refused is not None
    assert rejection(refused) == expected


def test_right_head_is_not_refused() -> None:
    head = Request("POST", "/vehicle", headers={**JSON, "content-length": "16384"}, id=REQUEST_ID)
    assert Client().api.check_head(head) is None


@pytest.mark.parametrize("name", ("headers-too-large", "request-timeout"))
def test_unread_request_refused(name: str) -> None:
    answer = Client().api.error_response(Request("GET", "/vehicles", id=REQUEST_ID), name)
    assert rejection(answer) == (PROBLEMS[name].status, name, [])
