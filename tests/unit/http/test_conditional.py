"""Reading and deleting one vehicle, and the conditions that a request may make: If-Match and If-None-Match."""

import pytest

from tests.support.http_client import TIMESTAMP, TRUCK, WRONG_CHECK_DIGIT, Client, content, refusal, truck
from vehicles.domain.vin.number import VinPolicy

pytestmark = pytest.mark.usefixtures("way")

_TARGET = f"/vehicle?vin={TRUCK}"
_MALFORMED = (
    "",
    "v1",
    '"v1',
    "'v1'",
    '"v1" "v1"',
    '*, "v1"',
    'w/"v1"',
    '"a b"',
    '"\x00"',
    ", ,",
    ",".join(['"v"'] * 51),
)


@pytest.fixture
def client() -> Client:
    client = Client()
    client.register()
    return client


@pytest.mark.parametrize("method", ("GET", "PUT", "DELETE"))
@pytest.mark.parametrize(
    ("query", "code"),
    (
        ("", "parameter.missing"),
        ("vin=", "vin.empty"),
        ("vin=x", "vin.length"),
        (f"vin={TRUCK}&vin={TRUCK}", "parameter.repeated"),
        ("vin=WMAH05ZZ94MO12345", "vin.illegal_character"),
        (f"vin={WRONG_CHECK_DIGIT}", "vin.check_digit"),
    ),
)
def test_wrong_vin_refused(client: Client, method: str, query: str, code: str) -> None:
    body = {"noOfAxles": 2} if method == "PUT" else None
    refused = client.send(method, f"/vehicle?{query}", body)
    assert (refusal(refused), client.send("GET", _TARGET).status) == ((400, "invalid-parameter", [("vin", code)]), 200)


def test_unknown_parameter_refused(client: Client) -> None:
    refused = refusal(client.send("GET", f"{_TARGET}&verbose=1"))
    assert refused == (400, "invalid-parameter", [("verbose", "parameter.unknown")])


def test_registering_takes_no_parameter() -> None:
    refused = refusal(Client().send("POST", _TARGET, truck()))
    assert refused == (400, "invalid-parameter", [("vin", "parameter.unknown")])


def test_vehicle_read(client: Client) -> None:
    assert content(client.send("GET", _TARGET)) == truck(timestamp=TIMESTAMP)


def test_lower_case_vin_found(client: Client) -> None:
    assert client.send("GET", _TARGET.lower()).status == 200


@pytest.mark.parametrize(("method", "body"), (("GET", None), ("PUT", {"noOfAxles": 2}), ("DELETE", None)))
def test_absent_vehicle_not_found(method: str, body: object) -> None:
    assert refusal(Client().send(method, _TARGET, body)) == (404, "vehicle-not-found", [])


def test_advisory_vehicle_found() -> None:
    client = Client(policy=VinPolicy.ADVISORY)
    client.register(WRONG_CHECK_DIGIT)
    assert client.send("GET", f"/vehicle?vin={WRONG_CHECK_DIGIT}").status == 200


def test_deleting_answers_nothing(client: Client) -> None:
    answer = client.send("DELETE", _TARGET)
    assert (answer.status, answer.body, "Content-Type" in answer.headers) == (204, b"", False)


def test_deleting_twice_not_found(client: Client) -> None:
    client.send("DELETE", _TARGET)
    assert refusal(client.send("DELETE", _TARGET)) == (404, "vehicle-not-found", [])


@pytest.mark.parametrize("header", ('"v1"', 'W/"v1"', '"x", "v1"', '"x",W/"v1" ,', ', ,"v1"', "*"))
def test_known_version_not_sent(client: Client, header: str) -> None:
    answer = client.send("GET", _TARGET, headers={"if-none-match": header})
    assert (answer.status, answer.body, answer.headers["ETag"]) == (304, b"", '"v1"')


@pytest.mark.parametrize("header", ('"v2"', '"V1"', '""', 'W/"x", "y"'))
def test_other_version_sent(client: Client, header: str) -> None:
    assert client.send("GET", _TARGET, headers={"if-none-match": header}).status == 200


@pytest.mark.parametrize("header", _MALFORMED)
def test_malformed_none_match_refused(client: Client, header: str) -> None:
    refused = refusal(client.send("GET", _TARGET, headers={"if-none-match": header}))
    assert refused == (400, "invalid-parameter", [("If-None-Match", "header.entity_tags")])


@pytest.mark.parametrize("method", ("PUT", "DELETE"))
@pytest.mark.parametrize("header", _MALFORMED)
def test_malformed_match_refused(client: Client, method: str, header: str) -> None:
    body = {"noOfAxles": 2} if method == "PUT" else None
    refused = refusal(client.send(method, _TARGET, body, {"if-match": header}))
    assert refused == (400, "invalid-parameter", [("If-Match", "header.entity_tags")])


@pytest.mark.parametrize(("method", "status"), (("PUT", 200), ("DELETE", 204)))
@pytest.mark.parametrize("header", ('"v1"', '"x", "v1"', '"x",,"v1",', "*"))
def test_expected_version_written(client: Client, method: str, status: int, header: str) -> None:
    body = {"noOfAxles": 2} if method == "PUT" else None
    assert client.send(method, _TARGET, body, {"if-match": header}).status == status


@pytest.mark.parametrize("method", ("PUT", "DELETE"))
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
    body = {"noOfAxles": 2} if method == "PUT" else None
    refused = refusal(client.send(method, _TARGET, body, headers))
    assert (refused, client.send("GET", _TARGET).headers["ETag"]) == ((412, "version-mismatch", []), '"v1"')


@pytest.mark.parametrize(("method", "status"), (("PUT", 200), ("DELETE", 204)))
@pytest.mark.parametrize("headers", ({"if-none-match": '"v2"'}, {"if-none-match": '"v2"', "if-match": '"v1"'}))
def test_other_than_unwanted_version_written(client: Client, method: str, status: int, headers: dict[str, str]) -> None:
    body = {"noOfAxles": 2} if method == "PUT" else None
    assert client.send(method, _TARGET, body, headers).status == status


@pytest.mark.parametrize("method", ("PUT", "DELETE"))
def test_condition_on_stranger_not_found(method: str) -> None:
    body = {"noOfAxles": 2} if method == "PUT" else None
    assert refusal(Client().send(method, _TARGET, body, {"if-match": "*"})) == (404, "vehicle-not-found", [])


def test_change_makes_new_version(client: Client) -> None:
    assert client.send("PUT", _TARGET, {"noOfAxles": 2}).headers["ETag"] == '"v2"'
