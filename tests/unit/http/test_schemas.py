"""The shapes that travel."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic_core import to_json

from tests.support.http_client import NOW, TIMESTAMP
from tests.support.strategies import moments, spellings, vehicles, vins
from vehicles.domain.vehicle import Vehicle
from vehicles.domain.vin.explanation import explain
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.entrypoints.http.problems import Refusal
from vehicles.entrypoints.http.request_body import read_body, read_json, read_model
from vehicles.entrypoints.http.schemas import (
    Change,
    Registration,
    body_to_write,
    explanation_body,
    format_timestamp,
    parse_timestamp,
    vehicle_body,
)


def test_timestamp_is_rfc3339() -> None:
    assert format_timestamp(NOW) == TIMESTAMP


@given(moments())
def test_timestamp_comes_back(moment: datetime) -> None:
    assert parse_timestamp(format_timestamp(moment)) == moment


@pytest.mark.parametrize(
    "text",
    (
        "",
        "2026-11-18",
        "2026-11-18T08:15:30",
        "2026-11-18T08:15:30+00:00",
        "2026-11-18t08:15:30z",
        "2026-11-18 08:15:30Z",
        "2026-11-18T08:15:30.1234567Z",
        "2026-02-30T08:15:30Z",
        "2026-11-18T24:15:30Z",
        "20261118T081530Z",
        "\u0662\u0660\u0662\u0666-11-18T08:15:30Z",
    ),
)
def test_other_timestamps_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        parse_timestamp(text)


@given(vehicles())
def test_vehicle_travels(vehicle: Vehicle) -> None:
    body = vehicle_body(vehicle)
    wanted = read_model(
        Registration,
        {name: body[name] for name in ("vin", "noOfAxles", "fuelType")},
        VinPolicy.STRICT,
    )
    assert (wanted.vin, wanted.no_of_axles, wanted.fuel_type, parse_timestamp(body["timestamp"])) == (
        vehicle.vin,
        vehicle.no_of_axles,
        vehicle.fuel_type,
        vehicle.registered_at,
    )


@given(vehicles(), st.just(0) | st.integers(0, 999_999))
def test_both_bodies_written_alike(vehicle: Vehicle, microsecond: int) -> None:
    vehicle = replace(vehicle, registered_at=vehicle.registered_at.replace(microsecond=microsecond))
    assert to_json(body_to_write(vehicle)) == to_json(vehicle_body(vehicle))


_BLANKS = st.sampled_from(("", " ", "\n\t", "\r\n"))
_NAMES = st.sampled_from(('"vin"', '"noOfAxles"', '"fuelType"', '"\\u0076in"', '"no_of_axles"', '"x"', "vin", '""'))
_VALUES = st.sampled_from(
    (
        *('"WMAH05ZZ94M012345"', '" wmah05zz94m012345\\t"', '"WMAH05ZZ94MO12345"', '"1M8GDM9A1KP042788"', '""'),
        *("3", "1", "99", "0", "100", "-0", "3.0", "3e0", "03", '"3"', "1" + 4400 * "0", "-1"),
        *(
            '"diesel"',
            '"Diesel"',
            '"di\\u0065sel"',
            '"\\ud800"',
            "null",
            "true",
            "NaN",
            "Infinity",
            "[]",
            "{}",
            '"\x00"',
            '"',
        ),
    )
)


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    """Texts that are a body of the API, or nearly one."""
    right = [('"vin"', '"WMAH05ZZ94M012345"'), ('"noOfAxles"', "3"), ('"fuelType"', '"diesel"')]
    members = draw(st.lists(st.sampled_from(right) | st.tuples(_NAMES, _VALUES), max_size=4))
    members += draw(st.sampled_from(([], right[1:], right)))
    parts = [
        f"{draw(_BLANKS)}{name}{draw(_BLANKS)}:{draw(_BLANKS)}{value}" for name, value in draw(st.permutations(members))
    ]
    begin, end = draw(
        st.sampled_from((("{", "}"), ("\ufeff{", "}"), ("{", "} "), ("{", "}}"), ("{", ",}"), ("[", "]")))
    )
    return f"{draw(_BLANKS)}{begin}{','.join(parts)}{end}".encode("utf-8", "surrogatepass")


@given(bodies(), st.sampled_from((Registration, Change)), st.sampled_from(VinPolicy))
@example(b'{"vin":"WMAH05ZZ94M012345","noOfAxles":3,"noOfAxles":3,"fuelType":"diesel"}', Registration, VinPolicy.STRICT)
@example(b'{"noOfAxles":3}', Change, VinPolicy.STRICT)
@example(b"{}", Change, VinPolicy.STRICT)
def test_quick_reading_takes_the_same(body: bytes, model: type[Registration | Change], policy: VinPolicy) -> None:
    def outcome(read: Callable[[], object]) -> object:
        try:
            return read()
        except Refusal as refusal:
            return refusal.problem, refusal.detail, refusal.errors

    assert outcome(lambda: read_body(model, body, policy)) == outcome(
        lambda: read_model(model, read_json(body), policy)
    )


@given(vins().flatmap(lambda vin: spellings(str(vin))))
def test_explained_vin_is_valid(text: str) -> None:
    assert explanation_body(explain(text))["vin"] == str(Vin.parse(text))


def test_explained_text_is_not() -> None:
    body = explanation_body(explain("IM8GDM9AXKPO42788"))
    assert (body["valid"], body["suggestions"]) == (False, [{"vin": "1M8GDM9AXKP042788", "confirmed": True}])


@pytest.mark.parametrize(
    ("body", "expected"),
    (
        (b"", "The body is missing; a JSON object is expected."),
        (b"\xff", "The body is not UTF-8: byte 0 cannot stand there."),
        (b"{", "The body is not JSON: Expecting property name enclosed in double quotes, line 1, column 2."),
        (b"NaN", "The body is not JSON: NaN is not a JSON value."),
        (b"[" * 16_000, "The body is nested too deeply."),
        (b'"\\ud800"', "The body escapes half of a surrogate pair (\\ud800 to \\udfff), which is no character."),
    ),
)
def test_malformed_body_explained(body: bytes, expected: str) -> None:
    with pytest.raises(Refusal) as caught:
        read_json(body)
    assert caught.value.detail == expected


def test_surrogate_pair_read() -> None:
    assert read_json(b'"\\ud83d\\ude9a"') == "\N{DELIVERY TRUCK}"


@pytest.mark.parametrize(
    "body", (b'{"a":1,"a":1,' + b",".join(b'"%d":1' % n for n in range(1_400)) + b"}", b"[" * 16_000)
)
def test_hostile_body_read_fast(body: bytes) -> None:
    start = time.process_time()
    with pytest.raises(Refusal):
        read_model(Registration, read_json(body), VinPolicy.STRICT)
    assert time.process_time() - start < 0.5
