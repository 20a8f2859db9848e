"""What was probably meant by a text that is no VIN."""

import unicodedata
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.domain.errors import InvalidVin
from vehicles.domain.vin.check_digit import CheckDigitRegime
from vehicles.domain.vin.confusables import look_alike
from vehicles.domain.vin.number import Vin, fold
from vehicles.domain.vin.suggestions import Suggestion, suggest
from vehicles.testing.strategies import ALPHABET, vins, vins_in_regime, vins_outside_regime, with_position

MISREADINGS = {"0": "OQoq\u041e\u039f", "1": "Ii\u0406\u0399", "9": "Qq"}
FULLWIDTH = {character: chr(ord(character) + 0xFEE0) for character in ALPHABET}
TWINS = {
    "A": "\u0410\u0391\u0430",
    "B": "\u0412\u0392",
    "E": "\u0415\u0395\u0435",
    "K": "\u041a\u039a",
    "M": "\u041c\u039c",
    "H": "\u041d\u0397",
    "P": "\u0420\u03a1\u0440",
    "C": "\u0421\u0441",
    "T": "\u0422\u03a4",
    "Y": "\u0423\u03a5\u0443",
    "X": "\u0425\u03a7\u0445",
    "S": "\u0405\u0455",
    "J": "\u0408\u0458",
    "Z": "\u0396",
    "N": "\u039d",
    "O": "\u041e\u039f\u043e",
    "I": "\u0406\u0399\u0456",
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


# 3.4.16
@given(misread_vins())
def test_suggestions_parse(case: tuple[Vin, str]) -> None:
    _, text = case

    assert suggested(text) == [str(Vin.parse(vin)) for vin in suggested(text)]


# 3.4.16
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


@given(misread_vins())
def test_confirmed_ones_come_first(case: tuple[Vin, str]) -> None:
    _, text = case
    confirmed = [suggestion.confirmed for suggestion in suggest(text)]

    assert sorted(confirmed, reverse=True) == confirmed


@given(misread_vins())
def test_law_confirms_suggestions(case: tuple[Vin, str]) -> None:
    _, text = case

    assert [s.vin.check_digit_regime is not CheckDigitRegime.NONE for s in suggest(text)] == [
        s.confirmed for s in suggest(text)
    ]


@given(misread_vins())
def test_suggestions_are_different(case: tuple[Vin, str]) -> None:
    _, text = case

    assert len(set(suggested(text))) == len(suggested(text))


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


@given(vins())
def test_valid_vin_needs_no_suggestion(vin: Vin) -> None:
    assert suggest(str(vin)) == ()


@given(st.text(ALPHABET, max_size=40))
def test_legal_characters_are_kept(text: str) -> None:
    assert suggest(text) == ()


@given(st.text(max_size=60))
def test_any_text_is_answered(text: str) -> None:
    assert [suggestion.vin for suggestion in suggest(text)] == [Vin.parse(str(s.vin)) for s in suggest(text)]


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


def test_q_becomes_0_and_9() -> None:
    assert suggested("WMAH05ZZ94M0Q2345") == ["WMAH05ZZ94M002345", "WMAH05ZZ94M092345"]


def test_check_digit_decides_about_q() -> None:
    assert (Suggestion(Vin.parse("1M8GDM9AXKP042788"), confirmed=True),) == suggest("1M8GDM9AXKPQ42788")


def test_europe_confirms_nothing() -> None:
    assert (Suggestion(Vin.parse("WMAH05ZZ94M012345"), confirmed=False),) == suggest("WMAHO5ZZ94MOI2345")


def test_at_most_64_are_tried() -> None:
    assert ["WMA" + "".join(tail) + "ZZZ12345" for tail in product("09", repeat=6)] == suggested("WMAQQQQQQZZZ12345")


def test_seven_doubts_give_64() -> None:
    assert len(suggest("WMAQQQQQQQZZ12345")) == 64


@pytest.mark.parametrize(
    ("character", "twin"), tuple((twin, ascii_) for ascii_, twins in TWINS.items() for twin in twins)
)
def test_twins_are_recognised(character: str, twin: str) -> None:
    assert twin == look_alike(character)


@given(vins_outside_regime(), st.data())
def test_twins_are_suggested(vin: Vin, data: st.DataObject) -> None:
    text = "".join(data.draw(st.sampled_from(TWINS.get(character, "") + character)) for character in str(vin))

    assert suggested(text) == ([] if text == str(vin) else [str(vin)])


@pytest.mark.parametrize("number", range(0x21, 0x7F))
def test_full_width_twins_are_capitals(number: int) -> None:
    assert chr(number).upper() == look_alike(chr(number + 0xFEE0))


@pytest.mark.parametrize("point", (0xFF00, 0xFF5F, 0xFF60, 0xFFE0))
def test_other_wide_forms_have_none(point: int) -> None:
    assert not look_alike(chr(point))


@pytest.mark.parametrize("character", tuple(map(chr, range(0x80))))
def test_ascii_has_no_twin(character: str) -> None:
    assert not look_alike(character)


@given(st.characters(exclude_categories=()))
def test_twin_is_one_ascii_character(character: str) -> None:
    twin = look_alike(character)

    assert twin == "" or (twin.isascii() and len(twin) == 1)


def test_twins_share_no_name() -> None:
    # A look-alike is a letter with a name of its own, never a compatibility form of the ASCII letter.
    forms = [character for twins in TWINS.values() for character in twins]

    assert forms == [unicodedata.normalize("NFKC", character) for character in forms]
