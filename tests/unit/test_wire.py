"""The shapes that travel."""

import time
from datetime import datetime

import pytest
from hypothesis import given

from tests.unit.http_client import NOW, TIMESTAMP
from tests.unit.strategies import moments, spellings, vehicles, vins
from vehicles.domain.vehicle import Vehicle
from vehicles.domain.vin import Vin, VinPolicy
from vehicles.domain.vin_explanation import explain
from vehicles.entrypoints.json_body import read_json, read_model
from vehicles.entrypoints.problems import Refusal
from vehicles.entrypoints.wire import (
    Registration,
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
