"""A cursor comes back as it was given, and as nothing else."""

import base64
import string
from typing import Final

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.support.http_client import TRUCK
from vehicles.domain.vehicle import VehicleFilter
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.http.parameters import decode_cursor, encode_cursor
from vehicles.entrypoints.http.problems import ProblemError
from vehicles.testing.strategies import filters, vins

_EVERY: Final = VehicleFilter()
_CURSOR: Final = encode_cursor(Vin.of(TRUCK), _EVERY)


def _is_refused(cursor: str, wanted: VehicleFilter = _EVERY) -> bool:
    try:
        decode_cursor(cursor, wanted)
    except ProblemError as rejection:
        return rejection.problem.name == "invalid-cursor"
    return False


@given(vins(), filters())
def test_cursor_comes_back(vin: Vin, wanted: VehicleFilter) -> None:
    assert decode_cursor(encode_cursor(vin, wanted), wanted) == vin


@given(vins(), filters())
def test_cursor_travels_unescaped(vin: Vin, wanted: VehicleFilter) -> None:
    assert set(encode_cursor(vin, wanted)) <= set(string.ascii_letters + string.digits + "-_")


@given(vins(), filters(), filters())
def test_foreign_filter_refused(vin: Vin, one: VehicleFilter, other: VehicleFilter) -> None:
    assert _is_refused(encode_cursor(vin, one), other) == (one != other)


@given(vins(), st.integers(0, 31), st.characters())
def test_changed_character_refused(vin: Vin, place: int, character: str) -> None:
    cursor = encode_cursor(vin, _EVERY)
    assume(cursor[place] != character)
    assert _is_refused(cursor[:place] + character + cursor[place + 1 :])


@given(vins())
def test_other_base64_refused(vin: Vin) -> None:
    cursor = encode_cursor(vin, _EVERY)
    ordinary = cursor.replace("-", "+").replace("_", "/")
    assert _is_refused(ordinary) == (ordinary != cursor)


@given(st.text(st.characters()))
def test_any_text_refused(text: str) -> None:
    assert _is_refused(text)


@pytest.mark.parametrize(
    "cursor",
    (
        *("", _CURSOR[:-1], _CURSOR[:-4], _CURSOR + "=", _CURSOR + "AAAA", _CURSOR + "\n", " " + _CURSOR),
        _CURSOR.lower(),
        base64.urlsafe_b64encode(TRUCK.encode()).decode(),
        base64.urlsafe_b64encode(b"2" + base64.urlsafe_b64decode(_CURSOR)).decode(),  # of another version
    ),
)
def test_mangled_cursor_refused(cursor: str) -> None:
    assert _is_refused(cursor)
