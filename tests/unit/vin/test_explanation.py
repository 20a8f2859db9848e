"""All that is known of a text that may be a VIN."""

from dataclasses import replace

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
@example(Vin.of("WMAH05ZZ94M012345"))  # a random one has rarely a known manufacturer
def test_valid_vin_is_explained(vin: Vin) -> None:
    found = explain(f" {vin} ".lower())

    assert (found.vin, found.faults, found.suggestions) == (vin, (), ())
    assert find_assignment(str(vin)[:2]) == found.assignment
    assert find_manufacturer(vin.manufacturer_id) == found.manufacturer


@given(vins())
def test_unknown_manufacturer_is_a_warning(vin: Vin) -> None:
    assert (find_manufacturer(vin.manufacturer_id) is None) is ("vin.unknown_wmi" in warnings_of(str(vin)))


@given(vins_with_wrong_check_digit())
def test_wrong_check_digit_is_a_fault(vin: Vin) -> None:
    found = explain(str(vin))

    assert (found.vin, [fault.code for fault in found.faults]) == (vin, ["vin.check_digit"])
    assert found.suggestions == suggest(str(vin))
    assert "vin.check_digit" not in warnings_of(str(vin))


@given(st.text(max_size=16))
@example("WMAH05ZZ94MO12345")
@example("WMA H05ZZ94 M012345")
@example("11111111111111111")
def test_other_texts_have_faults_and_suggestions(text: str) -> None:
    with pytest.raises(InvalidVin) as error:
        Vin.parse(text)

    found = explain(text)
    assert replace(found, assignment=None, manufacturer=None) == VinExplanation(
        None, error.value.faults, suggestions=suggest(text)
    )


@given(vins(), st.integers(0, 16))
def test_beginning_names_country_and_manufacturer(vin: Vin, length: int) -> None:
    known = explain(str(vin)) if length > 2 else VinExplanation(None)
    manufacturer = known.manufacturer if not vin.is_low_volume else None
    found = explain(f" {str(vin)[:length].lower()}")
    assert (found.vin, found.assignment, found.manufacturer) == (None, known.assignment, manufacturer)


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
        ("TESTTESTTEST01234", ["vin.unknown_wmi"]),
        ("LPSVSEDEEML012345", ["vin.check_digit_missing"]),
        ("WMAH05ZZ14M0l2345", ["vin.mixed_case"]),
        (" wmah05zz04m012345 ", []),
    ),
)
def test_warnings_are_reported(text: str, codes: list[str]) -> None:
    assert codes == warnings_of(text)


@given(vins(), st.data())
def test_mixed_case_is_a_warning(vin: Vin, data: st.DataObject) -> None:
    letters = [place for place, character in enumerate(str(vin)) if character.isalpha()]
    small = data.draw(st.sets(st.sampled_from(letters))) if letters else set()
    text = "".join(character.lower() if place in small else character for place, character in enumerate(str(vin)))
    found = [warning.positions for warning in explain(text).warnings if warning.code == "vin.mixed_case"]

    assert found == ([tuple(place + 1 for place in sorted(small))] if 0 < len(small) < len(letters) else [])


def test_unknown_manufacturer_is_named() -> None:
    (warning,) = explain("SU9H05ZZ94MPN2345").warnings

    assert ("identifier SU9PN2 " in warning.detail, warning.positions) == (True, (1, 2, 3))


@given(vins() | vins_with_wrong_check_digit())
def test_repr_hides_the_vin(vin: Vin) -> None:
    assert str(vin) not in repr(explain(str(vin)))
