"""The shapes that travel."""

import json
import time
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from vehicles.domain.vehicle import Vehicle, vehicle_record
from vehicles.domain.vin.explanation import explain
from vehicles.domain.vin.number import VinPolicy, fold
from vehicles.entrypoints.http.problems import ProblemError, error_body
from vehicles.entrypoints.http.request_body import read_body, read_json
from vehicles.entrypoints.http.schemas import Change, Registration, Replacement, VehicleBody, explanation_body
from vehicles.testing.strategies import vehicles


@given(vehicles())
def test_record_is_as_the_contract_says(vehicle: Vehicle) -> None:
    assert TypeAdapter(VehicleBody).validate_python(vehicle_record(vehicle)) == vehicle_record(vehicle)


_BLANKS = st.sampled_from(("", " ", "\n\t", "\r\n"))
_NAMES = st.sampled_from(('"vin"', '"noOfAxles"', '"fuelType"', '"\\u0076in"', '"no_of_axles"', '"x"', "vin", '""'))
_VALUES = st.sampled_from(
    (
        *('"WMAH05ZZ04M012345"', '" wmah05zz94m012345\\t"', '"WMAH05ZZ04MO12345"', '"1M8GDM9A1KP042788"', '""'),
        *("3", "1", "99", "0", "100", "-0", "3.0", "3e0", "03", '"3"', "1" + 4400 * "0", "-1"),
        *('"diesel"', '"Diesel"', '"di\\u0065sel"', '"\\ud800"', '"\x00"', '"'),
        *("null", "true", "NaN", "Infinity", "[]", "{}"),
    )
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Texts that are a body of the API, or nearly one."""
    right = [('"vin"', '"WMAH05ZZ04M012345"'), ('"noOfAxles"', "3"), ('"fuelType"', '"diesel"')]
    members = draw(st.lists(st.sampled_from(right) | st.tuples(_NAMES, _VALUES), max_size=4))
    members += draw(st.sampled_from(([], right[1:], right)))
    parts = [
        f"{draw(_BLANKS)}{name}{draw(_BLANKS)}:{draw(_BLANKS)}{value}" for name, value in draw(st.permutations(members))
    ]
    begin, end = draw(
        st.sampled_from((("{", "}"), ("\ufeff{", "}"), ("{", "} "), ("{", "}}"), ("{", ",}"), ("[", "]")))
    )
    return f"{draw(_BLANKS)}{begin}{','.join(parts)}{end}".encode("utf-8", "surrogatepass")


@given(bodies(), st.sampled_from((Registration, Change, Replacement)), st.sampled_from(VinPolicy))
@example(b'{"vin":"WMAH05ZZ04M012345","noOfAxles":3,"noOfAxles":3,"fuelType":"diesel"}', Registration, VinPolicy.STRICT)
@example(b'{"noOfAxles":3}', Change, VinPolicy.STRICT)
@example(b"{}", Change, VinPolicy.STRICT)
def test_body_is_read_as_it_stands(
    body: bytes, model: type[Registration | Change | Replacement], policy: VinPolicy
) -> None:
    try:
        wanted = read_body(model, body, policy.check)
    except ProblemError as error:
        assert error.errors or error.problem.name == "malformed-json"  # noqa: PT017 — the error is one of two right outcomes
        return
    members: list[tuple[str, Any]] = json.loads(body.decode("utf-8-sig"), object_pairs_hook=list)
    vin = {"vin": str(wanted.vin)} if wanted.vin else {}
    given = {"noOfAxles": wanted.no_of_axles, "fuelType": wanted.fuel_type} | vin
    assert sorted((name, fold(value) if name == "vin" else value) for name, value in members) == sorted(
        (name, value) for name, value in given.items() if value is not None
    )


def test_whole_explanation_of_vin() -> None:
    explanation = explain("1M8GDM9A1KP042788")
    assert explanation_body(explanation) == {
        "valid": False,
        "vin": "1M8GDM9A1KP042788",
        "parts": {
            "wmi": "1M8",
            "vds": "GDM9A1",
            "vis": "KP042788",
            "manufacturerId": "1M8",
            "serial": "042788",
            "lowVolume": False,
        },
        "region": "north_america",
        "country": "US",
        "countryCorroborated": True,
        "manufacturer": {"identifier": "1M8", "name": "Motor Coach Industries", "source": "NHTSA vPIC"},
        "checkDigit": {"position9": "1", "computed": "X", "matches": False, "regime": "north_america"},
        "modelYearCandidates": [1989, 2019],
        "errors": [error_body("parameter", "vin", fault) for fault in explanation.faults],
        "warnings": [],
        "suggestions": [],
    }


def test_whole_explanation_of_other_text() -> None:
    explanation = explain("IM8GDM9AXKPO42788")
    names = ("vin", "parts", "region", "country", "countryCorroborated", "manufacturer", "checkDigit")
    assert explanation_body(explanation) == dict.fromkeys(names) | {
        "valid": False,
        "modelYearCandidates": [],
        "errors": [error_body("parameter", "vin", fault) for fault in explanation.faults],
        "warnings": [],
        "suggestions": [{"vin": "1M8GDM9AXKP042788", "confirmed": True}],
    }


@pytest.mark.parametrize(
    ("body", "expected"),
    (
        (b"", "The body is missing; a JSON object is expected."),
        (b"\xff", "The body is not UTF-8: byte 0 is not valid."),
        (b"{", "The body is not JSON: Expecting property name enclosed in double quotes, line 1, column 2."),
        (b"NaN", "The body is not JSON: NaN is not a JSON value."),
        (b"[" * 16_000, "The body is nested too deeply."),
        (
            b'"\\ud800"',
            "The body contains an unpaired surrogate escape (\\ud800 to \\udfff), which is not a character.",
        ),
    ),
)
def test_malformed_body_explained(body: bytes, expected: str) -> None:
    with pytest.raises(ProblemError) as caught:
        read_json(body)
    assert caught.value.detail == expected


def test_surrogate_pair_read() -> None:
    assert read_json(b'"\\ud83d\\ude9a"') == "\N{DELIVERY TRUCK}"


@pytest.mark.parametrize(
    "body", (b'{"a":1,"a":1,' + b",".join(b'"%d":1' % n for n in range(1_400)) + b"}", b"[" * 16_000)
)
def test_hostile_body_read_fast(body: bytes) -> None:
    start = time.process_time()
    with pytest.raises(ProblemError):
        read_body(Registration, body, VinPolicy.STRICT.check)
    assert time.process_time() - start < 0.5
