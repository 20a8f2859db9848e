"""What was probably meant by a text that is no VIN."""

import unicodedata
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.domain.errors import InvalidVin
from vehicles.domain.vin.check_digit import CheckDigitRegime
from vehicles.domain.vin.confusables import look_alike
from vehicles.domain.vin.number import Vin, fold
from vehicles.domain.vin.suggestions import Suggestion, suggest
from vehicles.testing.strategies import (
    ALPHABET,
    LOOK_LIKE_DIGITS,
    vins,
    vins_outside_regime,
    vins_with_wrong_check_digit,
    with_check_character,
    with_position,
)

MISREADINGS = {"0": "OQoq\u041e\u039f", "1": "Ii\u0406\u0399", "9": "Qq"}
FULLWIDTH = {character: chr(ord(character) + 0xFEE0) for character in ALPHABET}
TWINS = {
    row[0]: row[1:]
    for row in (
        *("A\u0410\u0391", "B\u0412\u0392", "E\u0415\u0395", "K\u041a\u039a", "M\u041c\u039c", "H\u041d\u0397"),
        *("P\u0420\u03a1", "C\u0421", "T\u0422\u03a4", "Y\u0423\u03a5", "X\u0425\u03a7", "S\u0405", "J\u0408"),
        *("Z\u0396", "N\u039d", "O\u041e\u039f", "I\u0406\u0399\u0131\u0130", "3\u0417", "1!|\u00a6\u01c0"),
        *("0\u00d8\u0398\u04e8\u2205\u2300\u2298",),
    )
}
SEPARATORS = " -*'\x00\x1d\u00a0\u200b\u2010\u2011\u2012\u2013\u2014\u2212\ufeff"


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

    # Another character at position 3 may make position 14 one of the digits, and at others position 9 a misread one.
    assert changed <= reported_places(text) | {8, 13}


@given(misread_vins())
def test_misread_vin_is_suggested(case: tuple[Vin, str]) -> None:
    vin, text = case

    # Two Q have four meanings, which are too many to choose from, unless check digits decide.
    assert text == str(vin) or str(vin) in suggested(text) or text.upper().count("Q") > 1


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
def test_vin_itself_is_not_suggested(vin: Vin) -> None:
    assert suggest(str(vin)) == ()


@given(vins(), st.sampled_from("?*#_\u20ac\u4e2d\ud800\u00df\u017f\u212a"), st.integers(1, 17))
def test_unknown_characters_end_guessing(vin: Vin, character: str, position: int) -> None:
    assert suggest(with_position(str(vin), position, character)) == ()


@pytest.mark.parametrize("text", ("O" * 3000, "-" * 3000, "O" * 35, "1M8GDM9AXKP04-2788" + 18 * "-"))
def test_long_texts_have_no_suggestion(text: str) -> None:
    assert suggest(text) == ()


def test_two_vins_long_is_enough() -> None:
    assert suggested("1-" + "-".join("M8GDM9AXKP042788") + "-") == ["1M8GDM9AXKP042788"]


@given(vins_with_wrong_check_digit())
def test_only_a_misread_check_digit_is_suggested(vin: Vin) -> None:
    right = with_check_character(str(vin))
    misread = LOOK_LIKE_DIGITS.get(vin.position9) == right[8]

    assert suggest(str(vin)) == ((Suggestion(Vin.of(right), confirmed=True),) if misread else ())


@given(vins(), st.data())
def test_misread_digit_of_the_serial_is_suggested(vin: Vin, data: st.DataObject) -> None:
    letters = {digit: letter for letter, digit in LOOK_LIKE_DIGITS.items()}
    places = [place for place in range(14, 17) if str(vin)[place] in letters]
    place = data.draw(st.sampled_from(places)) if places else 0

    assert place == 0 or str(vin) in suggested(with_position(str(vin), place + 1, letters[str(vin)[place]]))


@given(vins(), st.sampled_from(("I", "i", "*I")))
def test_import_indicator_is_removed(vin: Vin, prefix: str) -> None:
    is_required = vin.check_digit_regime is not CheckDigitRegime.NONE

    assert suggest(f"{prefix}{vin}") == (Suggestion(vin, confirmed=is_required and vin.check_digit_matches),)


@given(vins(), st.sampled_from(("VIN:{}", "{},TEST TRUCK,2003", "chassis no. {} (new)", "{} " + "and more " * 200)))
def test_vin_in_a_longer_text_is_suggested(vin: Vin, text: str) -> None:
    assert suggested(text.format(vin)) == [str(vin)]


def test_one_of_two_vins_is_not_chosen() -> None:
    assert suggest("WMAH05ZZ04M012345 or WMAH05ZZ24M012346") == ()


@pytest.mark.parametrize(
    ("text", "vin", "confirmed"),
    (
        ("I5FNRL38408B400001", "5FNRL38408B400001", True),
        ("IWMAH05ZZ94M012345", "WMAH05ZZ94M012345", False),
        ("*WMAH05ZZ94M012345*", "WMAH05ZZ94M012345", False),
        ("*1XPBDK9XXLD700001*", "1XPBDK9XXLD700001", True),
        ("VIN:WMAH05ZZ94M012346", "WMAH05ZZ94M012346", False),
        ("1HGCM82633A004352,TEST TRUCK,2003", "1HGCM82633A004352", True),
        ("1HGCM82633A0043S2", "1HGCM82633A004352", True),
        ("WMAH05ZZ94M0123\u04175", "WMAH05ZZ94M012335", False),
        ("WMAH\u00d85ZZ94M012347", "WMAH05ZZ94M012347", False),
        ("WMAH05ZZ94M0|2347", "WMAH05ZZ94M012347", False),
        ("\x00WMAH05ZZ94M012345\x00", "WMAH05ZZ94M012345", False),
        ("VIN: WMAH\u041e5ZZ94M012345.", "WMAH05ZZ94M012345", False),
        ("\u0661HGCM82633A004352", "1HGCM82633A004352", True),
        ("IWMAH05ZZ94M01234", "", False),
        ("VIN: WMAH05ZZ94M 012345", "WMAH05ZZ94M012345", False),
        ("Fahrgestellnummer: WMA H05ZZ 94M012345", "WMAH05ZZ94M012345", False),
        ("VINWMAH05ZZ94M012345", "WMAH05ZZ94M012345", False),
        ("fin wmah05zz94m 012345", "WMAH05ZZ94M012345", False),
        ("VIN-Nr. WMAH05ZZ94M 012345", "WMAH05ZZ94M012345", False),
        ("VIN no. : WMAH05ZZ94M-012345", "WMAH05ZZ94M012345", False),
        ("VINNR2H05ZZ94M012345", "NR2H05ZZ94M012345", False),
        ("]C1WMAH05ZZ94M012345", "WMAH05ZZ94M012345", False),
        ("]A01HGCM82633A004352", "1HGCM82633A004352", True),
        ("]C1IWMAH05ZZ94M012345", "WMAH05ZZ94M012345", False),
        ("WMAH05ZZ94M0!2345", "WMAH05ZZ94M012345", False),
        ("WMAH\u03985ZZ94M\u220512345", "WMAH05ZZ94M012345", False),
    ),
)
def test_what_scanners_and_hands_do(text: str, vin: str, confirmed: bool) -> None:  # noqa: FBT001 — a table
    expected = [(vin, confirmed)] if vin else []

    assert [(str(suggestion.vin), suggestion.confirmed) for suggestion in suggest(text)] == expected


def test_check_digit_decides_about_q() -> None:
    assert (Suggestion(Vin.parse("1M8GDM9AXKP042788"), confirmed=True),) == suggest("1M8GDM9AXKPQ42788")


def test_europe_confirms_nothing() -> None:
    assert (Suggestion(Vin.parse("WMAH05ZZ94M012345"), confirmed=False),) == suggest("WMAHO5ZZ94MOI2345")


@given(misread_vins().map(lambda case: case[1]) | st.text("Q0AWM", min_size=17, max_size=17))
def test_at_most_three_are_suggested_confirmed_ones_first(text: str) -> None:
    confirmed = [suggestion.confirmed for suggestion in suggest(text)]

    assert len(confirmed) <= 3
    assert confirmed == sorted(confirmed, reverse=True)


@pytest.mark.parametrize("text", (17 * "Q", "WMAQQ5ZZ94M012345", "WMAQQQQQQQZZ12345", "1M8QQQQQQQPQ42788"))
def test_too_many_to_choose_from_are_none(text: str) -> None:
    assert suggest(text) == ()


def test_confirmed_one_of_many_is_suggested() -> None:
    # A Chinese VIN may have an S at position 9, or a 5 that was misread, if that is the check digit.
    assert suggest("LPSQQEDESML012345") == (Suggestion(Vin.of("LPS90EDE5ML012345"), confirmed=True),)


@given(vins_outside_regime(), st.data())
def test_twins_are_suggested(vin: Vin, data: st.DataObject) -> None:
    text = "".join(data.draw(st.sampled_from(TWINS.get(character, "") + character)) for character in str(vin))

    assert suggested(text) == ([] if text == str(vin) else [str(vin)])


def test_look_alikes_are_complete() -> None:
    twins = {twin: ascii_ for ascii_, twins in TWINS.items() for twin in twins}
    characters = [chr(point) for point in range(0x20000)]
    small_too = {character: twins[character.upper()] for character in characters if character.upper() in twins}
    wide = {chr(point + 0xFEE0): chr(point).upper() for point in range(0x21, 0x7F)} | dict.fromkeys("\uff5c\uff01", "1")
    digits = {each: str(unicodedata.decimal(each)) for each in characters[128:] if each.isdecimal()}

    assert twins | small_too | wide | digits == {
        character: twin for character in characters if (twin := look_alike(character))
    }
