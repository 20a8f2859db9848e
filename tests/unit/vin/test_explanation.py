"""All that is known of a text that may be a VIN."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vehicles.domain.errors import InvalidVin
from vehicles.domain.vin.countries import find_assignment
from vehicles.domain.vin.explanation import VinExplanation, explain
from vehicles.domain.vin.manufacturers import find_manufacturer
from vehicles.domain.vin.number import Vin
from vehicles.domain.vin.suggestions import suggest
from vehicles.testing.strategies import vins, vins_with_wrong_check_digit, with_check_character


def warnings_of(text: str) -> list[str]:
    return [warning.code for warning in explain(text).warnings]


@given(vins())
def test_valid_vin_has_no_faults(vin: Vin) -> None:
    assert explain(str(vin)).faults == ()


@given(vins())
def test_valid_vin_is_given_back(vin: Vin) -> None:
    assert vin == explain(f" {vin} ".lower()).vin


@given(vins())
def test_valid_vin_has_no_suggestions(vin: Vin) -> None:
    assert explain(str(vin)).suggestions == ()


@given(vins())
def test_assignment_is_told(vin: Vin) -> None:
    assert find_assignment(str(vin)[:2]) == explain(str(vin)).assignment


@given(vins())
@example(Vin.of("WMAH05ZZ94M012345"))
def test_manufacturer_is_reported(vin: Vin) -> None:
    assert find_manufacturer(vin.manufacturer_id) == explain(str(vin)).manufacturer


@given(vins())
def test_unknown_maker_is_a_warning(vin: Vin) -> None:
    assert (find_manufacturer(vin.manufacturer_id) is None) is ("vin.unknown_wmi" in warnings_of(str(vin)))


@given(vins_with_wrong_check_digit())
def test_wrong_check_digit_is_a_fault(vin: Vin) -> None:
    assert [fault.code for fault in explain(str(vin)).faults] == ["vin.check_digit"]


@given(vins_with_wrong_check_digit())
def test_fault_is_no_warning_too(vin: Vin) -> None:
    assert "vin.check_digit" not in warnings_of(str(vin))


@given(vins_with_wrong_check_digit())
def test_wrong_check_digit_keeps_the_vin(vin: Vin) -> None:
    assert vin == explain(str(vin)).vin


@given(st.text(max_size=16))
def test_other_texts_have_the_parsers_faults(text: str) -> None:
    with pytest.raises(InvalidVin) as refusal:
        Vin.parse(text)

    assert refusal.value.faults == explain(text).faults


@pytest.mark.parametrize("text", ("", "WMAH05ZZ94MO12345", "WMAH05ZZ94M01234", "11111111111111111", "\u0410" * 3000))
def test_other_texts_have_no_vin(text: str) -> None:
    assert None is explain(text).vin


@pytest.mark.parametrize("text", ("WMAH05ZZ94MO12345", "WMA H05ZZ94 M012345"))
def test_suggestions_are_told(text: str) -> None:
    assert suggest(text) == explain(text).suggestions != ()


@pytest.mark.parametrize(
    ("text", "codes"),
    (
        ("WMAH05ZZ94M012345", ["vin.check_digit_unexpected"]),
        (with_check_character("WMAH05ZZ94M012345"), []),
        ("1M8GDM9AXKP042788", []),
        (with_check_character("1M8GDM9AXUP042788"), ["vin.model_year_code_unusual"]),
        ("DAAH05ZZ94M012345", ["vin.unassigned_block", "vin.unknown_wmi"]),
        ("SU9H05ZZ94MPN1345", []),
        ("SU9H05ZZ94MPN2345", ["vin.unknown_wmi"]),
    ),
)
def test_warnings_are_told(text: str, codes: list[str]) -> None:
    assert codes == warnings_of(text)


def test_unknown_manufacturer_is_named() -> None:
    (warning,) = explain("SU9H05ZZ94MPN2345").warnings

    assert ("manufacturer SU9PN2 " in warning.detail, warning.positions) == (True, (1, 2, 3))


@given(vins() | vins_with_wrong_check_digit())
def test_repr_hides_the_vin(vin: Vin) -> None:
    assert str(vin) not in repr(explain(str(vin)))


def test_everything_is_optional() -> None:
    assert VinExplanation(None) == VinExplanation(None, (), (), (), None, None)
