"""PUT registers or replaces a whole vehicle, PATCH changes fields; both may be repeated after a lost reply."""

from typing import Final

import pytest

from tests.support.http_client import OTHER, TIMESTAMP, TRUCK, WRONG_CHECK_DIGIT, Client, content, rejection, truck
from vehicles.domain.vehicle import FuelType
from vehicles.domain.vin.number import Vin, VinPolicy

pytestmark = pytest.mark.usefixtures("way")

_TARGET: Final = f"/vehicle?vin={TRUCK}"
_WHOLE: Final = {"noOfAxles": 5, "fuelType": "hybrid"}


@pytest.fixture
def client() -> Client:
    client = Client()
    client.register()
    return client


def test_put_registers_absent_vehicle() -> None:
    client = Client()
    made = client.send("PUT", _TARGET, _WHOLE)
    assert (made.status, content(made)) == (201, truck(timestamp=TIMESTAMP, warnings=[]) | _WHOLE)
    assert (made.headers["Location"], made.headers["ETag"]) == (f"vehicle?vin={TRUCK}", '"v1"')


def test_put_replaces_vehicle(client: Client) -> None:
    replaced = client.send("PUT", _TARGET, _WHOLE)
    assert (replaced.status, replaced.headers["ETag"]) == (200, '"v2"')
    assert content(replaced) == content(client.send("GET", _TARGET)) == truck(timestamp=TIMESTAMP) | _WHOLE


def test_put_warns_of_doubtful_vin() -> None:
    made = content(Client().send("PUT", "/vehicle?vin=AAAH05ZZ94M012345", _WHOLE))
    assert [warning["code"] for warning in made["warnings"]] == ["vin.unknown_wmi"]


@pytest.mark.parametrize("body", ({"noOfAxles": 5}, {"fuelType": "hybrid"}, {}))
def test_partial_body_names_patch(client: Client, body: object) -> None:
    refused = client.send("PUT", _TARGET, body)
    assert (refused.status, {code for _, code in rejection(refused)[2]}) == (422, {"field.missing"})
    assert "use PATCH" in content(refused)["detail"]


@pytest.mark.parametrize("method", ("PATCH", "PUT"))
def test_read_vehicle_sent_back(client: Client, method: str) -> None:
    read = client.send("GET", _TARGET)
    answer = client.send(method, _TARGET, content(read) | _WHOLE, {"if-match": read.headers["ETag"]})
    assert (answer.status, content(answer)) == (200, truck(timestamp=TIMESTAMP) | _WHOLE)


@pytest.mark.parametrize("method", ("PATCH", "PUT"))
@pytest.mark.parametrize(
    ("changed", "expected"),
    (
        ({"vin": OTHER}, ("/vin", "field.read_only")),
        ({"vin": "x"}, ("/vin", "vin.length")),
        ({"vin": None}, ("/vin", "field.read_only")),
        ({"timestamp": "2026-11-18T08:15:30Z"}, ("/timestamp", "field.read_only")),
        ({"timestamp": 17}, ("/timestamp", "field.read_only")),
        ({"timestamp": None}, ("/timestamp", "field.read_only")),
        ({"noOfAxles": None}, ("/noOfAxles", "field.type")),
    ),
)
def test_changed_identity_rejected(
    client: Client, method: str, changed: dict[str, object], expected: tuple[str, str]
) -> None:
    refused = rejection(client.send(method, _TARGET, _WHOLE | changed))
    assert (refused, client.send("GET", _TARGET).headers["ETag"]) == ((422, "invalid-vehicle", [expected]), '"v1"')


def test_absent_vehicle_has_no_timestamp() -> None:
    refused = rejection(Client().send("PUT", _TARGET, _WHOLE | {"timestamp": TIMESTAMP}))
    assert refused == (422, "invalid-vehicle", [("/timestamp", "field.read_only")])


@pytest.mark.parametrize(
    ("method", "condition"),
    (("PATCH", {"if-match": '"v1"'}), ("PUT", {"if-match": '"v1"'}), ("PATCH", {"if-none-match": '"v0"'})),
)
def test_repeated_condition_succeeds(client: Client, method: str, condition: dict[str, str]) -> None:
    first, repeated = (client.send(method, _TARGET, _WHOLE, condition) for _ in range(2))
    assert (first.status, repeated.status, content(repeated)) == (200, 200, content(first))


def test_repeated_creation_succeeds() -> None:
    client = Client()
    first, repeated = (client.send("PUT", _TARGET, _WHOLE, {"if-none-match": "*"}) for _ in range(2))
    assert (first.status, repeated.status) == (201, 200)
    assert (repeated.headers["ETag"], content(repeated)) == ('"v1"', truck(timestamp=TIMESTAMP) | _WHOLE)


def test_creation_spares_other_vehicle(client: Client) -> None:
    refused = client.send("PUT", _TARGET, _WHOLE, {"if-none-match": "*"})
    assert (refused.status, "is registered" in content(refused)["detail"]) == (412, True)
    assert client.send("GET", _TARGET).headers["ETag"] == '"v1"'


@pytest.mark.parametrize("tag", ("*", '"v1"'))
def test_condition_on_absent_vehicle_fails(tag: str) -> None:
    client = Client()
    refused = client.send("PUT", _TARGET, _WHOLE, {"if-match": tag})
    assert rejection(refused) == (412, "version-mismatch", [])
    assert "no vehicle with this VIN is registered" in content(refused)["detail"]
    assert client.send("GET", _TARGET).status == 404


@pytest.mark.parametrize("method", ("PATCH", "PUT", "DELETE"))
@pytest.mark.parametrize(
    ("tag", "words"),
    (
        ('W/"v1"', "weak tag"),
        ('"x", W/"v1"', "weak tag"),
        ('"v1-gzip"', "compressed response"),
        ('"v1-br"', "compressed response"),
        ('"v0"', "was changed in the meantime"),
        ('"W/"', "was changed in the meantime"),
    ),
)
def test_mismatch_names_reason(client: Client, method: str, tag: str, words: str) -> None:
    refused = client.send(method, _TARGET, None if method == "DELETE" else _WHOLE, {"if-match": tag})
    detail = content(refused)["detail"]
    assert (refused.status, words in detail, "changed" in detail) == (412, True, "changed" in words)


def test_wrong_check_digit_is_replaced_only() -> None:
    client = Client()
    target = f"/vehicle?vin={WRONG_CHECK_DIGIT}"
    refused = rejection(client.send("PUT", target, _WHOLE))
    Client(client.repository, policy=VinPolicy.ADVISORY).registry.register(
        Vin.of(WRONG_CHECK_DIGIT), 2, FuelType.DIESEL
    )
    replaced = client.send("PUT", target, _WHOLE | {"vin": WRONG_CHECK_DIGIT})
    assert (refused, replaced.status) == ((400, "invalid-parameter", [("vin", "vin.check_digit")]), 200)


@pytest.mark.parametrize(("method", "status"), (("PATCH", 200), ("PUT", 415), ("POST", 415)))
def test_merge_patch_is_for_patch(client: Client, method: str, status: int) -> None:
    target = "/vehicle" if method == "POST" else _TARGET
    answer = client.send(method, target, _WHOLE, {"content-type": "application/merge-patch+json"})
    assert answer.status == status


def test_options_name_merge_patch(client: Client) -> None:
    assert client.send("OPTIONS", "/vehicle").headers["Accept-Patch"] == "application/merge-patch+json"
