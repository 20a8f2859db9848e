"""Reading and deleting one vehicle, and the conditions that a request may make: If-Match and If-None-Match."""

from typing import Final

import pytest

from tests.support.http_client import TIMESTAMP, TRUCK, WRONG_CHECK_DIGIT, Client, content, rejection, truck
from vehicles.entrypoints.http.messages import Response

pytestmark = pytest.mark.usefixtures("way")

_TARGET = f"/vehicle?vin={TRUCK}"
_BODIES: Final = {"PATCH": {"noOfAxles": 2}, "PUT": {"noOfAxles": 2, "fuelType": "diesel"}}


def _ask(client: Client, method: str, headers: dict[str, str], target: str = _TARGET) -> Response:
    """Read, change or delete the vehicle."""
    return client.send(method, target, _BODIES.get(method), headers)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.register()
    return client


@pytest.mark.parametrize("method", ("GET", "PATCH", "PUT", "DELETE"))
@pytest.mark.parametrize(
    ("query", "code"),
    (
        ("", "parameter.missing"),
        ("vin=", "vin.empty"),
        ("vin=x", "vin.length"),
        (f"vin={TRUCK}&vin={TRUCK}", "parameter.repeated"),
        ("vin=WMAH05ZZ04MO12345", "vin.illegal_character"),
        (f"vin={WRONG_CHECK_DIGIT}", "vin.check_digit"),
    ),
)
def test_wrong_vin_refused(client: Client, method: str, query: str, code: str) -> None:
    refused = _ask(client, method, {}, f"/vehicle?{query}")
    assert (rejection(refused), client.send("GET", _TARGET).status) == (
        (400, "invalid-parameter", [("vin", code)]),
        200,
    )


@pytest.mark.parametrize(("method", "query", "name"), (("GET", "&verbose=1", "verbose"), ("POST", "", "vin")))
def test_unknown_parameter_refused(client: Client, method: str, query: str, name: str) -> None:
    refused = rejection(client.send(method, f"{_TARGET}{query}", truck() if method == "POST" else None))
    assert refused == (400, "invalid-parameter", [(name, "parameter.unknown")])


def test_vehicle_read(client: Client) -> None:
    assert content(client.send("GET", _TARGET.lower())) == truck(timestamp=TIMESTAMP)


@pytest.mark.parametrize(
    ("method", "headers"),
    (("GET", {}), ("PATCH", {}), ("DELETE", {}), ("PATCH", {"if-match": "*"}), ("DELETE", {"if-match": "*"})),
)
def test_absent_vehicle_not_found(method: str, headers: dict[str, str]) -> None:
    assert rejection(_ask(Client(), method, headers)) == (404, "vehicle-not-found", [])


def test_deleting_answers_nothing(client: Client) -> None:
    answer = client.send("DELETE", _TARGET)
    assert (answer.status, answer.body, "Content-Type" in answer.headers) == (204, b"", False)


@pytest.mark.parametrize("header", ('"v1"', 'W/"v1"', '"x", "v1"', '"x",W/"v1" ,', ', ,"v1"', "*"))
def test_known_version_not_sent(client: Client, header: str) -> None:
    answer = client.send("GET", _TARGET, headers={"if-none-match": header})
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", '"v1"')


@pytest.mark.parametrize("header", ('"v2"', '"V1"', '""', 'W/"x", "y"'))
def test_other_version_sent(client: Client, header: str) -> None:
    assert client.send("GET", _TARGET, headers={"if-none-match": header}).status == 200


@pytest.mark.parametrize(
    ("method", "name"), (("GET", "If-None-Match"), ("PATCH", "If-Match"), ("PUT", "If-Match"), ("DELETE", "If-Match"))
)
@pytest.mark.parametrize("value", ("", "v1", '"v1" "v1"', '*, "v1"', ",".join(['"v"'] * 51)))
def test_malformed_condition_refused(client: Client, method: str, name: str, value: str) -> None:
    refused = rejection(_ask(client, method, {name.lower(): value}))
    assert refused == (400, "invalid-parameter", [(name, "header.entity_tags")])


@pytest.mark.parametrize(("method", "status"), (("PATCH", 200), ("PUT", 200), ("DELETE", 204)))
@pytest.mark.parametrize("header", ('"v1"', '"x", "v1"', '"x",,"v1",', "*"))
def test_expected_version_written(client: Client, method: str, status: int, header: str) -> None:
    assert _ask(client, method, {"if-match": header}).status == status


@pytest.mark.parametrize("method", ("PATCH", "PUT", "DELETE"))
@pytest.mark.parametrize(
    "headers",
    (
        {"if-match": '"v2"'},
        {"if-match": 'W/"v1"'},
        {"if-match": '"x", "y"'},
        {"if-none-match": "*"},
        {"if-none-match": '"v1"'},
        {"if-none-match": '"x", W/"v1"'},
        {"if-none-match": '"x"', "if-match": '"v2"'},
        {"if-none-match": '"v1"', "if-match": '"v1"'},
    ),
)
def test_unexpected_version_stays(client: Client, method: str, headers: dict[str, str]) -> None:
    refused = rejection(_ask(client, method, headers))
    assert (refused, client.send("GET", _TARGET).headers["ETag"]) == ((412, "version-mismatch", []), '"v1"')


@pytest.mark.parametrize(("method", "status"), (("PATCH", 200), ("PUT", 200), ("DELETE", 204)))
@pytest.mark.parametrize("headers", ({"if-none-match": '"v2"'}, {"if-none-match": '"v2"', "if-match": '"v1"'}))
def test_other_than_unwanted_version_written(client: Client, method: str, status: int, headers: dict[str, str]) -> None:
    assert _ask(client, method, headers).status == status


def test_change_makes_new_version(client: Client) -> None:
    assert client.send("PATCH", _TARGET, {"noOfAxles": 2}).headers["ETag"] == '"v2"'


@pytest.mark.parametrize("is_registered", (True, False))
def test_condition_precedes_timestamp(*, is_registered: bool) -> None:
    """Who sends back a vehicle that was deleted, or registered anew, learns this, and nothing about its timestamp."""
    client = Client()
    if is_registered:
        client.register()
    body = {"noOfAxles": 2, "fuelType": "diesel", "timestamp": "2025-01-01T00:00:00Z"}
    refused = client.send("PUT", _TARGET, body, {"if-match": '"old"'})
    assert rejection(refused) == (412, "version-mismatch", [])


def test_reason_is_condition_that_failed(client: Client) -> None:
    both = {"if-match": '"old"', "if-none-match": '"other"'}
    assert "If-None-Match" not in content(_ask(client, "PUT", both))["detail"]
