"""What may stand in the body of a registration or a change, and what is answered where it may not."""

import gzip
import json
from typing import Final

import pytest

from tests.support.http_client import OTHER, TIMESTAMP, TRUCK, WRONG_CHECK_DIGIT, Client, content, rejection, truck
from vehicles.domain.vin.number import VinPolicy

pytestmark = pytest.mark.usefixtures("way")

type _Rejection = tuple[int, str, list[tuple[str, str]]]

_NOT_JSON: Final[_Rejection] = (400, "malformed-json", [])
_NO_OBJECT: Final[_Rejection] = (422, "invalid-vehicle", [("", "body.type")])
_OTHER_TYPE: Final[_Rejection] = (415, "unsupported-media-type", [])


def _field(pointer: str, *codes: str) -> _Rejection:
    return 422, "invalid-vehicle", [(pointer, code) for code in codes]


def _axles(spelling: str) -> bytes:
    return f'{{"vin": "{TRUCK}", "fuelType": "diesel", "noOfAxles": {spelling}}}'.encode()


def _with(**changes: object) -> bytes:
    return json.dumps(truck(**changes)).encode()


@pytest.mark.parametrize(
    ("expected", "bodies"),
    (
        (_NOT_JSON, (b"", b"{", b"{} {}", b"[" * 16_000, b'{"a":' * 3_000)),
        (_NOT_JSON, (b'{"vin": "\xff"}', _with().decode().encode("utf-16"), _with().decode().encode("utf-16-le"))),
        (_NOT_JSON, (b'{"vin": "\\ud800"}', b'{"\\udfff": 1}', gzip.compress(_with()))),
        (_NOT_JSON, tuple(map(_axles, ("03", "Infinity", "-Infinity", "NaN")))),
        (_NO_OBJECT, (b"null", b"[]", b'"x"')),
        ((413, "body-too-large", []), (b" " * 17 * 1024,)),
        (
            (422, "invalid-vehicle", [(f"/{name}", "field.missing") for name in ("vin", "noOfAxles", "fuelType")]),
            (b"{}",),
        ),
        (
            _field("/noOfAxles", "field.range"),
            tuple(map(_axles, ("-3", "0", "-0", "100", "1" + "0" * 40, "3" * 5_000, "-0.0", "100.0", "1e3", "1e40"))),
        ),
        (
            _field("/noOfAxles", "field.type"),
            tuple(map(_axles, ("4.9", "true", "null", '"4"', "1e-3", "1e400", "-1e400"))),
        ),
        (_field("/noOfAxles", "field.duplicate"), (b'{"noOfAxles": 2,' + _with()[1:],)),
        (_field("/fuelType", "field.choice"), (_with(fuelType="steam"), _with(fuelType="Diesel"), _with(fuelType=[]))),
        (_field("/timestamp", "field.read_only"), (_with(timestamp=TIMESTAMP),)),
        (_field("/colour", "field.unknown"), (_with(colour="red"),)),
        (_field("/a~1b~0c", "field.unknown"), (_with(**{"a/b~c": 1}),)),
        (_field("/vin", "vin.type"), (_with(vin=17), _with(vin=None))),
        (_field("/vin", "vin.length"), (_with(vin=TRUCK + "6"), _with(vin="1" * 3_000))),
        (_field("/vin", "vin.illegal_character"), (_with(vin="WMAH05ZZ94M01234I"), _with(vin="WMAH05ZZ\x004M012345"))),
        (_field("/vin", "vin.check_digit"), (_with(vin=WRONG_CHECK_DIGIT),)),
    ),
)
def test_hostile_registration_refused(expected: _Rejection, bodies: tuple[bytes, ...]) -> None:
    client = Client()
    refused = [rejection(client.send("POST", "/vehicle", raw=raw)) for raw in bodies]
    assert (refused, client.register().status) == ([expected] * len(bodies), 201)


@pytest.mark.parametrize(
    "headers",
    (
        *({"content-type": media_type} for media_type in ("", "text/plain", "application/jsonx")),
        {"content-type": "application/json; charset=latin-1"},
        {"content-type": "application/json; charset=utf-8; charset=latin-1"},
        {"content-encoding": "gzip"},
    ),
)
def test_other_media_refused(headers: dict[str, str]) -> None:
    assert rejection(Client().send("POST", "/vehicle", truck(), headers)) == _OTHER_TYPE


@pytest.mark.parametrize(
    "media_type",
    (
        *("application/json", "Application/JSON", "application/json;charset=utf-8", "application/json; foo=bar"),
        *(
            'application/json; charset="UTF-8"',
            "application/json; charset=utf8",
            "application/json; foo=bar; charset=utf-8",
            "application/json;",
        ),
    ),
)
def test_json_spellings_taken(media_type: str) -> None:
    assert Client().send("POST", "/vehicle", truck(), {"content-type": media_type}).status == 201


@pytest.mark.parametrize("spelling", ("3", "3.0", "3e0", "0.3e1"))
def test_whole_numbers_are_equal(spelling: str) -> None:
    assert content(Client().send("POST", "/vehicle", raw=_axles(spelling)))["noOfAxles"] == 3


@pytest.mark.parametrize("charset", ("latin-1", "utf-16", '"x\u00e9\ud800"'))
def test_unknown_charset_named(charset: str) -> None:
    refused = Client().send("POST", "/vehicle", truck(), {"content-type": f"application/json; charset={charset}"})
    shown = charset.strip('"').encode("utf-8", "backslashreplace").decode()
    assert (rejection(refused), shown in content(refused)["detail"]) == (_OTHER_TYPE, True)


def test_byte_order_mark_taken() -> None:
    assert Client().send("POST", "/vehicle", raw=json.dumps(truck()).encode("utf-8-sig")).status == 201


def test_registered_vehicle_answered() -> None:
    answer = Client().register(f" {TRUCK[:5].lower()}{TRUCK[5:]}\t")
    body = content(answer)
    assert [(warning["pointer"], warning["code"]) for warning in body.pop("warnings")] == [
        ("/vin", "vin.mixed_case"),
    ]
    assert body == truck(timestamp=TIMESTAMP)
    assert (answer.headers["Location"], answer.headers["ETag"]) == (f"vehicle?vin={TRUCK}", '"v1"')


def test_registering_twice_conflicts() -> None:
    client = Client()
    client.register()
    assert rejection(client.register()) == (409, "vehicle-already-registered", [])


def test_all_faults_named() -> None:
    body = {"vin": "?", "noOfAxles": 0, "fuelType": "steam", "colour": "red"}
    assert rejection(Client().send("POST", "/vehicle", body))[2] == [
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
        ("PATCH", {"noOfAxles": None, "fuelType": None}, ["noOfAxles must ", "fuelType must "]),
        ("PATCH", {}, ["give noOfAxles or fuelType"]),
    ),
)
def test_messages_use_wire_names(method: str, body: object, words: list[str]) -> None:
    errors = content(Client().send(method, f"/vehicle{f'?vin={TRUCK}' if method == 'PATCH' else ''}", body))["errors"]
    assert words == [error["detail"][: len(begin)] for error, begin in zip(errors, words, strict=True)]


def test_many_faults_cut() -> None:
    body = {f"a{number}": 0 for number in range(1_000)}
    assert len(rejection(Client().send("POST", "/vehicle", body))[2]) == 20


def test_meant_vin_suggested() -> None:
    problem = content(Client().send("POST", "/vehicle", truck(vin="WMAH05ZZ04MO12345")))
    assert problem["errors"][0]["suggestions"] == [TRUCK]


def test_wrong_check_digit_named_with_other_faults() -> None:
    body = truck(vin=WRONG_CHECK_DIGIT, noOfAxles=0)
    assert rejection(Client().send("POST", "/vehicle", body))[2] == [
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
        ({"noOfAxles": 4.5}, ("/noOfAxles", "field.type")),
        ({"noOfAxles": 0}, ("/noOfAxles", "field.range")),
        ({"fuelType": "steam"}, ("/fuelType", "field.choice")),
        ({"fuelType": None}, ("/fuelType", "field.type")),
        ({"vin": OTHER, "noOfAxles": 2}, ("/vin", "field.read_only")),
        ({"timestamp": "2026-11-18T08:15:30Z", "noOfAxles": 2}, ("/timestamp", "field.read_only")),
        ({"timestamp": "yesterday", "noOfAxles": 2}, ("/timestamp", "field.read_only")),
    ),
)
def test_hostile_change_refused(body: object, expected: tuple[str, str]) -> None:
    client = Client()
    client.register()
    assert rejection(client.send("PATCH", f"/vehicle?vin={TRUCK}", body)) == (422, "invalid-vehicle", [expected])


@pytest.mark.parametrize("change", ({"noOfAxles": 2}, {"fuelType": "electric"}, {"noOfAxles": 5, "fuelType": "hybrid"}))
def test_change_keeps_rest(change: dict[str, object]) -> None:
    client = Client()
    client.register()
    changed = client.send("PATCH", f"/vehicle?vin={TRUCK}", change)
    assert content(changed) == truck(timestamp=TIMESTAMP) | change
