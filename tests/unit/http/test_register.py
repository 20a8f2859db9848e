"""What may stand in the body of a registration or a change, and what is answered where it may not."""

import gzip
import json
from typing import Final

import pytest
from hypothesis import given

from tests.support.http_client import OTHER, TIMESTAMP, TRUCK, WRONG_CHECK_DIGIT, Client, content, refusal, truck
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.testing.strategies import vins_with_wrong_check_digit

pytestmark = pytest.mark.usefixtures("way")

type _Refusal = tuple[int, str, list[tuple[str, str]]]

_NOT_JSON: Final[_Refusal] = (400, "malformed-json", [])
_NO_OBJECT: Final[_Refusal] = (422, "invalid-vehicle", [("", "body.type")])
_OTHER_TYPE: Final[_Refusal] = (415, "unsupported-media-type", [])


def _field(pointer: str, *codes: str) -> _Refusal:
    return 422, "invalid-vehicle", [(pointer, code) for code in codes]


def _axles(spelling: str) -> bytes:
    return f'{{"vin": "{TRUCK}", "fuelType": "diesel", "noOfAxles": {spelling}}}'.encode()


def _vin(spelling: str) -> bytes:
    return json.dumps(truck(vin=spelling)).encode()


@pytest.mark.parametrize(
    ("raw", "expected"),
    (
        pytest.param(b"", _NOT_JSON, id="missing"),
        pytest.param(b"null", _NO_OBJECT, id="null"),
        pytest.param(b"[]", _NO_OBJECT, id="array"),
        pytest.param(b'"x"', _NO_OBJECT, id="text"),
        pytest.param(b"{", _NOT_JSON, id="cut off"),
        pytest.param(b"{} {}", _NOT_JSON, id="two values"),
        pytest.param(b"[" * 16_000, _NOT_JSON, id="nested deeply"),
        pytest.param(b'{"a":' * 3_000, _NOT_JSON, id="objects nested deeply"),
        pytest.param(b'{"vin": "\xff"}', _NOT_JSON, id="not UTF-8"),
        pytest.param(json.dumps(truck()).encode("utf-16"), _NOT_JSON, id="UTF-16"),
        pytest.param(json.dumps(truck()).encode("utf-16-le"), _NOT_JSON, id="UTF-16 without a mark"),
        pytest.param(gzip.compress(json.dumps(truck()).encode()), _NOT_JSON, id="gzip, not declared"),
        pytest.param(b'{"vin": "\\ud800"}', _NOT_JSON, id="lone surrogate"),
        pytest.param(b'{"\\udfff": 1}', _NOT_JSON, id="lone surrogate in a name"),
        pytest.param(b" " * 17 * 1024, (413, "body-too-large", []), id="17 KiB"),
        pytest.param(
            b"{}",
            (422, "invalid-vehicle", [(f"/{name}", "field.missing") for name in ("vin", "noOfAxles", "fuelType")]),
            id="empty object",
        ),
        *(
            pytest.param(_axles(axles), _field("/noOfAxles", "field.range"), id=f"axles {axles[:9]}")
            for axles in ("-3", "0", "-0", "100", "1" + "0" * 40, "3" * 5_000)
        ),
        *(
            pytest.param(_axles(axles), _field("/noOfAxles", "field.type"), id=f"axles {axles}")
            for axles in ("4.0", "4.9", "true", "null", '"4"', "1e3", "1e40", "1e400")
        ),
        *(
            pytest.param(_axles(axles), _NOT_JSON, id=f"axles {axles}")
            for axles in ("03", "Infinity", "-Infinity", "NaN")
        ),
        pytest.param(
            json.dumps(truck(fuelType="steam")).encode(), _field("/fuelType", "field.choice"), id="unknown fuel"
        ),
        pytest.param(json.dumps(truck(fuelType="Diesel")).encode(), _field("/fuelType", "field.choice"), id="Diesel"),
        pytest.param(json.dumps(truck(fuelType=[])).encode(), _field("/fuelType", "field.choice"), id="fuel of a list"),
        pytest.param(
            json.dumps(truck(timestamp=TIMESTAMP)).encode(), _field("/timestamp", "field.read_only"), id="timestamp"
        ),
        pytest.param(json.dumps(truck(colour="red")).encode(), _field("/colour", "field.unknown"), id="unknown field"),
        pytest.param(
            json.dumps(truck(**{"a/b~c": 1})).encode(), _field("/a~1b~0c", "field.unknown"), id="pointer is escaped"
        ),
        pytest.param(
            b'{"noOfAxles": 2,' + json.dumps(truck()).encode()[1:],
            _field("/noOfAxles", "field.duplicate"),
            id="field twice",
        ),
        pytest.param(json.dumps(truck(vin=17)).encode(), _field("/vin", "vin.type"), id="VIN as a number"),
        pytest.param(json.dumps(truck(vin=None)).encode(), _field("/vin", "vin.type"), id="VIN null"),
        *(
            pytest.param(_vin(text), _field("/vin", code), id=f"VIN {text[:20]!a}")
            for text, code in (
                ("", "vin.empty"),
                ("WMAH05ZZ94M01234I", "vin.illegal_character"),
                ("WMAH05ZZ94MO12345", "vin.illegal_character"),
                ("WMAH05ZZ94MQ12345", "vin.illegal_character"),
                ("WM\N{CYRILLIC CAPITAL LETTER A}H05ZZ94M012345", "vin.illegal_character"),
                ("WMAH05ZZ\x004M012345", "vin.illegal_character"),
                (TRUCK[:16], "vin.length"),
                (TRUCK + "6", "vin.length"),
                ("1" * 3_000, "vin.length"),
                ("1" * 17, "vin.placeholder"),
                ("WMAH05ZZ94M01234A", "vin.serial_not_numeric"),
                (WRONG_CHECK_DIGIT, "vin.check_digit"),
            )
        ),
    ),
)
def test_hostile_registration_refused(raw: bytes, expected: object) -> None:
    client = Client()
    refused = client.send("POST", "/vehicle", raw=raw)
    assert (refusal(refused), client.register().status) == (expected, 201)


@pytest.mark.parametrize(
    "headers",
    (
        {"content-type": ""},
        {"content-type": "text/plain"},
        {"content-type": "application/jsonx"},
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json; charset=utf-8; charset=latin-1"},
        {"content-encoding": "gzip"},
    ),
)
def test_other_media_refused(headers: dict[str, str]) -> None:
    assert refusal(Client().send("POST", "/vehicle", truck(), headers)) == _OTHER_TYPE


@pytest.mark.parametrize(
    "media_type",
    (
        "application/json",
        "Application/JSON",
        "application/json;charset=utf-8",
        'application/json; charset="UTF-8"',
        "application/json; foo=bar",
        "application/json; foo=bar; charset=utf-8",
        "application/json;",
    ),
)
def test_json_spellings_taken(media_type: str) -> None:
    assert Client().send("POST", "/vehicle", truck(), {"content-type": media_type}).status == 201


def test_byte_order_mark_taken() -> None:
    assert Client().send("POST", "/vehicle", raw=json.dumps(truck()).encode("utf-8-sig")).status == 201


@pytest.mark.parametrize("vin", (TRUCK.lower(), f" {TRUCK}\t", f"\r\n{TRUCK}"))
def test_vin_spellings_taken(vin: str) -> None:
    assert content(Client().send("POST", "/vehicle", truck(vin=vin)))["vin"] == TRUCK


def test_registered_vehicle_answered() -> None:
    answer = Client().register()
    assert content(answer) == truck(timestamp=TIMESTAMP)
    assert (answer.headers["Location"], answer.headers["ETag"]) == (f"/vehicle?vin={TRUCK}", '"v1"')


def test_registering_twice_conflicts() -> None:
    client = Client()
    client.register()
    assert refusal(client.register()) == (409, "vehicle-already-registered", [])


def test_all_faults_named() -> None:
    body = {"vin": "?", "noOfAxles": 0, "fuelType": "steam", "colour": "red"}
    assert refusal(Client().send("POST", "/vehicle", body))[2] == [
        ("/vin", "vin.length"),
        ("/vin", "vin.illegal_character"),
        ("/noOfAxles", "field.range"),
        ("/fuelType", "field.choice"),
        ("/colour", "field.unknown"),
    ]


@pytest.mark.parametrize(
    ("method", "body", "words"),
    (
        ("POST", {}, ["vin is missing: ", "noOfAxles is missing: ", "fuelType is missing: "]),
        ("POST", truck(noOfAxles=0, fuelType="steam"), ["noOfAxles must ", "fuelType must "]),
        ("POST", truck(timestamp=TIMESTAMP), ["timestamp is "]),
        ("PUT", {"noOfAxles": None, "fuelType": None}, ["noOfAxles must ", "fuelType must "]),
        ("PUT", {}, ["give noOfAxles or fuelType"]),
    ),
)
def test_messages_use_wire_names(method: str, body: object, words: list[str]) -> None:
    errors = content(Client().send(method, f"/vehicle{f'?vin={TRUCK}' if method == 'PUT' else ''}", body))["errors"]
    assert words == [error["detail"][: len(begin)] for error, begin in zip(errors, words, strict=True)]


def test_many_faults_cut() -> None:
    body = {f"a{number}": 0 for number in range(1_000)}
    assert len(refusal(Client().send("POST", "/vehicle", body))[2]) == 20


def test_meant_vin_suggested() -> None:
    problem = content(Client().send("POST", "/vehicle", truck(vin="WMAH05ZZ94MO12345")))
    assert problem["errors"][0]["suggestions"] == [TRUCK]


@given(vins_with_wrong_check_digit())
def test_strict_policy_stores_no_wrong_check_digit(vin: Vin) -> None:
    client = Client()
    refused = refusal(client.register(str(vin)))
    assert (refused, client.registry.list().vehicles) == (_field("/vin", "vin.check_digit"), ())


def test_wrong_check_digit_named_with_other_faults() -> None:
    body = truck(vin=WRONG_CHECK_DIGIT, noOfAxles=0)
    assert refusal(Client().send("POST", "/vehicle", body))[2] == [
        ("/vin", "vin.check_digit"),
        ("/noOfAxles", "field.range"),
    ]


def test_advisory_policy_accepts_wrong_check_digit() -> None:
    assert Client(policy=VinPolicy.ADVISORY).register(WRONG_CHECK_DIGIT).status == 201


@pytest.mark.parametrize(
    ("body", "expected"),
    (
        ({}, ("", "field.missing")),
        ({"noOfAxles": None}, ("/noOfAxles", "field.type")),
        ({"noOfAxles": 4.0}, ("/noOfAxles", "field.type")),
        ({"noOfAxles": 0}, ("/noOfAxles", "field.range")),
        ({"fuelType": "steam"}, ("/fuelType", "field.choice")),
        ({"fuelType": None}, ("/fuelType", "field.type")),
        ({"vin": OTHER, "noOfAxles": 2}, ("/vin", "field.read_only")),
        ({"timestamp": TIMESTAMP, "noOfAxles": 2}, ("/timestamp", "field.read_only")),
    ),
)
def test_hostile_change_refused(body: object, expected: tuple[str, str]) -> None:
    client = Client()
    client.register()
    assert refusal(client.send("PUT", f"/vehicle?vin={TRUCK}", body)) == (422, "invalid-vehicle", [expected])


@pytest.mark.parametrize("change", ({"noOfAxles": 2}, {"fuelType": "electric"}, {"noOfAxles": 5, "fuelType": "hybrid"}))
def test_change_keeps_rest(change: dict[str, object]) -> None:
    client = Client()
    client.register()
    changed = client.send("PUT", f"/vehicle?vin={TRUCK}", change)
    assert content(changed) == truck(timestamp=TIMESTAMP) | change
