"""Pages of other origins: only those of the setting may read responses (CORS)."""

from typing import Final

import pytest

from tests.support.http_client import TRUCK, Client, rejection
from vehicles.entrypoints.http.messages import Request, Response

pytestmark = pytest.mark.usefixtures("way")

_ORIGIN: Final = "https://fleet.example"
_TOKEN: Final = "a-long-enough-token"  # noqa: S105 — for an API in memory
_PREFLIGHT: Final = {
    "access-control-request-method": "PATCH",
    "access-control-request-headers": "authorization,content-type,if-match",
}


def _client() -> Client:
    return Client(token=_TOKEN, allowed_origins=(_ORIGIN, "http://localhost:5173"))


def _shared(response: Response) -> dict[str, str]:
    return {name: value for name, value in response.headers.items() if name.startswith("Access-Control-")}


@pytest.mark.parametrize("origin", (_ORIGIN, "http://localhost:5173"))
def test_preflight_needs_no_credentials(origin: str) -> None:
    answer = _client().send("OPTIONS", f"/vehicle?vin={TRUCK}", headers={**_PREFLIGHT, "origin": origin})
    assert (answer.status, _shared(answer)) == (
        204,
        {
            "Access-Control-Allow-Origin": origin,
            "Access-Control-Allow-Methods": "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT",
            "Access-Control-Allow-Headers": "Authorization, *",
            "Access-Control-Expose-Headers": "*",
            "Access-Control-Max-Age": "600",
        },
    )


@pytest.mark.parametrize(
    ("token", "status"), ((f"Bearer {_TOKEN}", 200), ("", 401)), ids=("with token", "without token")
)
def test_response_names_its_origin(token: str, status: int) -> None:
    answer = _client().send("GET", "/vehicles", headers={"origin": _ORIGIN, "authorization": token})
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (status, _ORIGIN)
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_response_varies_by_origin() -> None:
    client = Client(allowed_origins=(_ORIGIN,))
    client.summaries.summarize()
    varied = [client.send("GET", path, headers={"origin": _ORIGIN}).headers["Vary"] for path in ("/health", "/summary")]
    assert varied == ["Origin", "Accept, Origin"]


def test_server_errors_are_shared() -> None:
    request = Request("GET", "/vehicles", headers={"origin": _ORIGIN})
    assert _shared(_client().api.error_response(request, "too-many-connections")) != {}


@pytest.mark.parametrize(
    "origin",
    ("null", "", "*", f"{_ORIGIN}/", f"{_ORIGIN}.evil.example", "https://FLEET.example", "http://fleet.example"),
)
def test_other_origin_gets_nothing(origin: str) -> None:
    assert _shared(_client().send("OPTIONS", "/vehicle", headers={**_PREFLIGHT, "origin": origin})) == {}


def test_no_origin_by_default() -> None:
    assert _shared(Client().send("OPTIONS", "/vehicle", headers={**_PREFLIGHT, "origin": _ORIGIN})) == {}


# --- changes that browsers send without a preflight


@pytest.mark.parametrize("site", ("cross-site", "same-site"))
def test_other_page_changes_nothing(site: str) -> None:
    client = Client()
    refused = client.send("POST", "/summaries", headers={"origin": _ORIGIN, "sec-fetch-site": site})
    assert (rejection(refused), client.reports.weeks()) == ((403, "cross-origin", []), [])


@pytest.mark.parametrize(
    "headers",
    (
        {},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "same-origin", "origin": "https://other.example"},
        {"sec-fetch-site": "cross-site", "origin": _ORIGIN},
    ),
    ids=("program", "person", "own page", "allowed page"),
)
def test_wanted_change_is_made(headers: dict[str, str]) -> None:
    assert Client(allowed_origins=(_ORIGIN,)).send("POST", "/summaries", headers=headers).status == 201


def test_link_from_other_page_works() -> None:
    assert Client().send("GET", "/vehicles", headers={"sec-fetch-site": "cross-site"}).status == 200
