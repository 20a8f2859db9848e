"""What was probably meant by a text that is no VIN."""

from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.domain.errors import InvalidVin
from vehicles.domain.vin.confusables import look_alike
from vehicles.domain.vin.number import Vin, fold
from vehicles.domain.vin.suggestions import Suggestion, suggest
from vehicles.testing.strategies import ALPHABET, vins, vins_in_regime, vins_outside_regime, with_position

MISREADINGS = {"0": "OQoq\u041e\u039f", "1": "Ii\u0406\u0399", "9": "Qq"}
FULLWIDTH = {character: chr(ord(character) + 0xFEE0) for character in ALPHABET}
TWINS = {
    row[0]: row[1:]
    for row in (
        *("A\u0410\u0391", "B\u0412\u0392", "E\u0415\u0395", "K\u041a\u039a", "M\u041c\u039c", "H\u041d\u0397"),
        *("P\u0420\u03a1", "C\u0421", "T\u0422\u03a4", "Y\u0423\u03a5", "X\u0425\u03a7", "S\u0405", "J\u0408"),
        *("Z\u0396", "N\u039d", "O\u041e\u039f", "I\u0406\u0399"),
    )
}
SEPARATORS = " -\u00a0\u200b\u2010\u2011\u2012\u2013\u2014\u2212\ufeff"


@st.composite
def misread_vins(draw: st.DrawFn) -> tuple[Vin, str]:
    """Build a VIN, and a text in which at most four of its characters were misread, at least one if any can be."""
    vin = draw(vins())
    text = str(vin)
    places = [place for place in range(17) if text[place] in MISREADINGS]
    for place in draw(st.lists(st.sampled_from(places), min_size=1, max_size=4, unique=True)) if places else []:
        text = with_position(text, place + 1, draw(st.sampled_from(MISREADINGS[text[place]])))
    return vin, text


def suggested(text: str) -> list[str]:
    return [str(suggestion.vin) for suggestion in suggest(text)]


def reported_places(text: str) -> set[int]:
    try:
        Vin.parse(text)
    except InvalidVin as error:
        return {position - 1 for fault in error.faults for position in fault.positions}
    return set()


@given(misread_vins().map(lambda case: case[1]) | st.text(max_size=60))
def test_suggestions_parse(text: str) -> None:
    assert suggested(text) == [str(Vin.parse(vin)) for vin in suggested(text)]


@given(misread_vins())
def test_suggestions_differ_where_reported(case: tuple[Vin, str]) -> None:
    _, text = case
    changed = {
        place
        for vin in suggested(text)
        for place, (before, after) in enumerate(zip(fold(text), vin, strict=True))
        if before != after
    }

    assert changed <= reported_places(text)


@given(misread_vins())
def test_misread_vin_is_suggested(case: tuple[Vin, str]) -> None:
    vin, text = case

    assert text == str(vin) or str(vin) in suggested(text)


@given(vins())
def test_full_width_means_ascii(vin: Vin) -> None:
    assert [str(vin)] == suggested("".join(FULLWIDTH[character] for character in str(vin)))


@given(vins(), st.data())
def test_separators_vanish(vin: Vin, data: st.DataObject) -> None:
    places = st.integers(1, 16)
    groups = sorted(data.draw(st.sets(places, min_size=1, max_size=4)))
    separator = data.draw(st.sampled_from(SEPARATORS))
    cuts = [0, *groups, 17]
    text = separator.join(str(vin)[start:end] for start, end in pairwise(cuts))

    assert suggested(text) == [str(vin)]


@given(vins().map(str) | st.text(ALPHABET, max_size=40))
def test_legal_characters_are_kept(text: str) -> None:
    assert suggest(text) == ()


@given(vins(), st.sampled_from("?*#_\u20ac\u4e2d\ud800\u00df\u017f\u212a"), st.integers(1, 17))
def test_unknown_characters_end_guessing(vin: Vin, character: str, position: int) -> None:
    assert suggest(with_position(str(vin), position, character)) == ()


@pytest.mark.parametrize("text", ("O" * 3000, "-" * 3000, "O" * 35, "1M8GDM9AXKP042788" + 18 * "-"))
def test_long_texts_have_no_suggestion(text: str) -> None:
    assert suggest(text) == ()


def test_two_vins_long_is_enough() -> None:
    assert suggested("1-" + "-".join("M8GDM9AXKP042788") + "-") == ["1M8GDM9AXKP042788"]


@given(vins_in_regime())
def test_wrong_check_digit_is_not_suggested(vin: Vin) -> None:
    wrong = [with_position(str(vin), 9, other) for other in ALPHABET if other != vin.position9]

    assert [suggested(text[:3] + "-" + text[3:]) for text in wrong] == 32 * [[]]


def test_check_digit_decides_about_q() -> None:
    assert (Suggestion(Vin.parse("1M8GDM9AXKP042788"), confirmed=True),) == suggest("1M8GDM9AXKPQ42788")


def test_europe_confirms_nothing() -> None:
    assert (Suggestion(Vin.parse("WMAH05ZZ94M012345"), confirmed=False),) == suggest("WMAHO5ZZ94MOI2345")


def test_at_most_64_are_tried() -> None:
    assert ["WMA" + "".join(tail) + "ZZZ12345" for tail in product("09", repeat=6)] == suggested("WMAQQQQQQZZZ12345")
    assert len(suggest("WMAQQQQQQQZZ12345")) == 64


@given(vins_outside_regime(), st.data())
def test_twins_are_suggested(vin: Vin, data: st.DataObject) -> None:
    text = "".join(data.draw(st.sampled_from(TWINS.get(character, "") + character)) for character in str(vin))

    assert suggested(text) == ([] if text == str(vin) else [str(vin)])


def test_look_alikes_are_complete() -> None:
    capitals = {twin: ascii_ for ascii_, twins in TWINS.items() for twin in twins}
    wide = {chr(point + 0xFEE0): chr(point).upper() for point in range(0x21, 0x7F)}
    characters = [chr(point) for point in range(0x20000)]
    small_too = {character: capitals[character.upper()] for character in characters if character.upper() in capitals}

    assert wide | small_too == {character: twin for character in characters if (twin := look_alike(character)) != ""}
