"""Vehicles through the deployed API, as in the contract."""

from dataclasses import replace
from functools import partial
from urllib.parse import urljoin

import pytest

from tests.support.deployment import ADMINISTRATOR, User
from tests.support.signed_api import SignedApi
from vehicles.testing.racing import racing
from vehicles.testing.vehicle_repository import numbered_vin

CLIENTS = 64


def test_registered_vehicle_is_read(api: SignedApi) -> None:
    vin = str(numbered_vin(1))
    registered = api.register(vin)
    read = api.send("GET", f"/vehicle?vin={vin}")
    assert (registered.status, registered.headers["location"]) == (201, f"vehicle?vin={vin}")
    assert (read.status, read.headers["etag"]) == (200, registered.headers["etag"])
    assert registered.json == read.json | {"warnings": registered.json["warnings"]}


def test_duplicate_is_refused(api: SignedApi) -> None:
    vin = str(numbered_vin(2))
    api.register(vin)
    again = api.register(vin)
    assert (again.status, again.problem) == (409, "vehicle-already-registered")


def test_one_of_many_registers(api: SignedApi) -> None:
    def register(vin: str) -> int:
        """Register, and again where the emulator kept the function waiting too long, which then answers 503."""
        statuses = (api.register(vin).status for _ in range(20))
        return next((status for status in statuses if status != 503), 503)

    statuses: list[int] = []
    # Each of so many at once gets a function of its own. Those start first, which takes a small machine its time.
    racing([partial(api.send, "GET", f"/vehicle?vin={numbered_vin(20)}")] * CLIENTS, seconds=300)
    for number in range(20, 25):
        if 201 not in statuses:  # or the one who was first was answered 503, and only then that it is there
            statuses = sorted(racing([partial(register, str(numbered_vin(number)))] * CLIENTS, seconds=300))
            assert statuses.count(201) <= 1
    assert statuses == [201, *[409] * (CLIENTS - 1)]


def test_list_goes_over_pages(api: SignedApi) -> None:
    expected = {str(numbered_vin(number)) for number in range(10, 17)}
    for vin in expected:
        api.register(vin, noOfAxles=97)
    seen, target, pages = [], "/vehicles?limit=3&noOfAxles=97", 0
    while target:
        page = api.send("GET", target)
        seen += [vehicle["vin"] for vehicle in page.json["items"]]
        link = page.headers["link"].partition("<")[2].partition(">")[0] if page.json["nextCursor"] else ""
        target = link and urljoin(target, link)
        pages += 1
    assert (sorted(seen), pages >= 3) == (sorted(expected), True)


def test_vehicle_is_found_by_end(api: SignedApi) -> None:
    vin = str(numbered_vin(18))
    api.register(vin)
    vehicle = api.send("GET", f"/vehicle?vin={vin}").json
    assert {"items": [vehicle], "nextCursor": None} == api.send("GET", f"/vehicles?vinEndsWith={vin[-6:]}").json


def test_change_needs_the_version(api: SignedApi) -> None:
    vin = str(numbered_vin(4))
    first = api.register(vin).headers["etag"]
    changed = api.send("PATCH", f"/vehicle?vin={vin}", {"noOfAxles": 5}, if_match=first)
    stale = api.send("PATCH", f"/vehicle?vin={vin}", {"noOfAxles": 6}, if_match=first)
    assert (changed.status, changed.json["noOfAxles"]) == (200, 5)
    assert (stale.status, stale.problem) == (412, "version-mismatch")


def test_deleted_vehicle_is_gone(api: SignedApi) -> None:
    vin = str(numbered_vin(5))
    api.register(vin)
    deleted = api.send("DELETE", f"/vehicle?vin={vin}")
    read = api.send("GET", f"/vehicle?vin={vin}")
    assert (deleted.status, deleted.content) == (204, b"")
    assert (read.status, read.problem) == (404, "vehicle-not-found")


@pytest.mark.parametrize(
    ("method", "target", "body", "content_type", "status", "problem"),
    (
        ("POST", "/vehicle", b'{"vin": "WMAH05ZZ04MO12345"}', "application/json", 422, "invalid-vehicle"),
        (
            "POST",
            "/vehicle",
            b"vin=WMAH05ZZ04M012345",
            "application/x-www-form-urlencoded",
            415,
            "unsupported-media-type",
        ),
        ("POST", "/vehicle", b"{", "application/json", 400, "malformed-json"),
        ("POST", "/vehicle", b"\xff\xfe", "application/octet-stream", 415, "unsupported-media-type"),
        ("POST", "/vehicle", b" " * 20_000, "application/json", 413, "body-too-large"),
        ("GET", "/vehicle?vin=WMAH05ZZ94M999999", None, "", 404, "vehicle-not-found"),
        ("GET", "/vehicle?vin=1&vin=2", None, "", 400, "invalid-parameter"),
        ("GET", "/vehicles?cursor=forged", None, "", 400, "invalid-cursor"),
        ("PATCH", "/vehicles", b"{}", "application/json", 405, "method-not-allowed"),
        ("GET", "/vehicle/WMAH05ZZ04M012345", None, "", 404, "unknown-path"),
    ),
)
def test_refusal_is_a_problem(  # noqa: PLR0913, PLR0917 — the columns of the table
    api: SignedApi, method: str, target: str, body: bytes | None, content_type: str, status: int, problem: str
) -> None:
    answer = api.send(method, target, body, **({"content_type": content_type} if content_type else {}))
    assert (answer.status, answer.problem) == (status, problem)


def test_wrong_method_names_the_others(api: SignedApi) -> None:
    assert api.send("PATCH", "/vehicles").headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("target", ("/vehicles", "/vehicle?vin=1", "/summary", "/vin?vin=1", "/nowhere", "/docsx"))
def test_unsigned_request_is_refused(api: SignedApi, target: str) -> None:
    assert replace(api, user=None).send("GET", target).status == 403


@pytest.mark.parametrize(
    ("method", "target", "status"),
    (
        ("GET", "/", 303),
        ("GET", "/docs", 200),
        ("HEAD", "/docs", 200),
        ("GET", "/docs/start.js", 200),
        ("GET", "/console/index.html", 200),
        ("GET", "/console/app.js", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/problems/unknown-path", 200),
        ("GET", "/docs/nothing", 404),
        ("POST", "/docs", 405),
    ),
)
def test_documentation_needs_no_signature(api: SignedApi, method: str, target: str, status: int) -> None:
    assert replace(api, user=None).send(method, target).status == status


def test_head_is_answered_without_content(api: SignedApi) -> None:
    answer = api.send("HEAD", "/vehicles")
    assert (answer.status, answer.headers["content-type"], answer.content) == (200, "application/json", b"")


def test_forged_signature_is_refused(api: SignedApi, caller: User) -> None:
    assert replace(api, user=User(caller.key, ADMINISTRATOR.secret)).send("GET", "/vehicles").status == 403


def test_permission_to_call_is_required(api: SignedApi, stranger: User) -> None:
    assert replace(api, user=stranger).send("GET", "/vehicles").status == 403
