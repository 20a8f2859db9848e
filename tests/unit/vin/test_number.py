"""The VIN. The numbers in comments are those of the eighteen properties that a VIN type has to keep."""

import copy
import json
import pickle
import sys
import unicodedata
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.vin.check_digit import CheckDigitRegime
from vehicles.domain.vin.countries import find_assignment
from vehicles.domain.vin.number import Vin, VinPolicy, fold
from vehicles.testing.strategies import (
    ALPHABET,
    CHINESE_HEADS,
    DIGITS,
    FREE_HEADS,
    NORTH_AMERICAN_HEADS,
    characters,
    check_character,
    low_volume_vins,
    normal_vins,
    spellings,
    vins,
    vins_in_regime,
    vins_outside_regime,
    vins_with_wrong_check_digit,
    well_formed_texts,
    with_check_character,
    with_position,
)

# Published: the first in many explanations of the check digit, the second in 49 CFR 565.15 (c) itself.
PUBLISHED = ("1M8GDM9AXKP042788", "1G4AH59H45G118341")
# The form of European trucks, with what their makers put at positions 9 and 10: filler, steering side, nothing.
EUROPEAN = (
    "WMAH05ZZ94M012345",
    "WMA13XZZ1HP099999",
    "YS2R4X20005398765",
    "XLRTE47MS0E912345",
    "WDB9634031L876543",
    "VF624GPA000012345",
    "ZCFC1358405812345",
    "WMAN26ZZUZW123456",
    "YS2K8X4XZ02123456",
)

# What upper(), strip(), isdigit(), \d, NFKC and re.IGNORECASE let in.
HOSTILE = (
    "\u017f",  # long s, whose capital is S
    "\u212a",  # Kelvin sign, whose small letter is k
    "\u00df",  # sharp s, whose capital is SS
    *map(chr, range(0xFB00, 0xFB07)),  # ligatures, whose capitals are two and three letters
    "\u0130",  # capital I with dot
    "\u0131",  # dotless i, whose capital is I
    *(chr(point) for point in range(0x80, sys.maxunicode + 1) if unicodedata.category(chr(point)) == "Nd"),
    *map(chr, range(0xFF21, 0xFF3B)),  # full-width capitals
    *map(chr, range(0xFF41, 0xFF5B)),  # full-width small letters
    *"\u0410\u0391",  # Cyrillic A, Greek Alpha
    *"\u00b2\u2160\u2460",  # superscript two, Roman numeral one, circled one
    *"\u00a0\u1680\u2003\u2028\u2029\u200b\u3000\u0085\ufeff",  # blanks, some of no width
    *"\u202e\u0301",  # right-to-left override, combining acute accent
    *"\ud800\U000e0041\U0010ffff",  # half of a surrogate pair, tag A, no character
)
CONTROL = tuple(map(chr, (*range(9), 0x0B, 0x0C, *range(0x0E, 0x20), 0x7F)))
VALUES = {character: character.encode("cp037")[0] & 0x0F for character in ALPHABET}
EUROPEAN_TEXT = EUROPEAN[0]

european = pytest.mark.parametrize("text", EUROPEAN)
positions = st.integers(1, 17)


def refusal_of(text: object, policy: VinPolicy = VinPolicy.STRICT) -> InvalidVin:
    with pytest.raises(InvalidVin) as refusal:
        Vin.parse(text, policy)  # type: ignore[arg-type]  # some tests bring what is no text
    return refusal.value


def codes_of(text: object, policy: VinPolicy = VinPolicy.STRICT) -> list[str]:
    return [fault.code for fault in refusal_of(text, policy).faults]


def positions_of(text: str) -> list[int]:
    return [position for fault in refusal_of(text).faults for position in fault.positions]


# --- published and everyday VINs


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_check_digits_match(text: str) -> None:
    vin = Vin.parse(text)

    assert (text, True) == (str(vin), vin.check_digit_matches)


@european
def test_european_vins_are_under_no_law(text: str) -> None:
    vin = Vin.parse(text)

    assert (text, CheckDigitRegime.NONE) == (str(vin), vin.check_digit_regime)


@european
@given(ninth=characters(), tenth=characters())
def test_european_positions_9_10_are_free(text: str, ninth: str, tenth: str) -> None:
    changed = with_position(with_position(text, 9, ninth), 10, tenth)

    assert changed == str(Vin.parse(changed))


@pytest.mark.parametrize(
    ("text", "country"),
    (
        ("1M8GDM9AXKP042788", "US"),
        ("WMAH05ZZ94M012345", "DE"),
        ("YS2R4X20005398765", "SE"),
        ("XLRTE47MS0E912345", "NL"),
        ("VF624GPA000012345", "FR"),
        ("ZCFC1358405812345", "IT"),
        ("DZZC1358405812345", None),
    ),
)
def test_country_is_the_makers_seat(text: str, country: str | None) -> None:
    assert country == Vin.parse(text).country


# --- round trips


# 3.4.1, 3.4.2
@given(st.data(), vins())
def test_parse_ignores_case_and_ascii_blanks(data: st.DataObject, vin: Vin) -> None:
    parsed = Vin.parse(data.draw(spellings(str(vin))))

    assert (vin, vin) == (parsed, Vin.parse(str(parsed)))


# 3.4.1
@given(vins())
def test_canonical_form_is_17_of_alphabet(vin: Vin) -> None:
    assert (17, set()) == (len(str(vin)), set(str(vin)) - set(ALPHABET))


@given(st.data(), vins())
def test_of_folds_nothing(data: st.DataObject, vin: Vin) -> None:
    spelling = data.draw(spellings(str(vin)))
    try:
        found = str(Vin.of(spelling))
    except InvalidVin:
        found = "refused"

    assert (spelling if spelling == str(vin) else "refused") == found


# 3.4.13
@given(vins())
def test_vin_survives_copying(vin: Vin) -> None:
    copies = (
        pickle.loads(pickle.dumps(vin)),  # noqa: S301 — just pickled here
        Vin.of(json.loads(json.dumps(str(vin)))),
        copy.deepcopy(vin),
    )

    assert (vin, vin, vin) == copies


# 3.4.13
@given(st.data(), vins())
def test_equal_vins_hash_equal(data: st.DataObject, vin: Vin) -> None:
    assert hash(vin) == hash(Vin.parse(data.draw(spellings(str(vin)))))


# 3.4.13
@given(st.lists(vins(), max_size=5))
def test_order_is_total_by_text(some: list[Vin]) -> None:
    assert sorted(str(vin) for vin in some) == [str(vin) for vin in sorted(some)]


# 3.4.13
@given(vins(), vins())
def test_exactly_one_relation_holds(one: Vin, other: Vin) -> None:
    assert sorted([one < other, one == other, one > other]) == [False, False, True]


def test_vin_is_not_its_text() -> None:
    vin: object = Vin.parse(EUROPEAN_TEXT)

    assert vin != EUROPEAN_TEXT


def test_vin_is_frozen() -> None:
    with pytest.raises(AttributeError):
        Vin.parse(EUROPEAN_TEXT)._text = PUBLISHED[0]  # type: ignore[misc]  # the assignment mypy refuses is the claim


def test_vin_has_no_dict() -> None:
    assert not hasattr(Vin.parse(EUROPEAN_TEXT), "__dict__")


# --- parts


# 3.4.3
@given(vins())
def test_sections_are_slices(vin: Vin) -> None:
    text = str(vin)

    assert (text[:3], text[3:9], text[9:]) == (vin.wmi, vin.vds, vin.vis)
    assert (text[8], text[:8] + text[9:11]) == (vin.position9, vin.squish)


@given(normal_vins())
def test_usual_serial_has_six(vin: Vin) -> None:
    assert (vin.is_low_volume, vin.serial, vin.manufacturer_id) == (False, str(vin)[11:], vin.wmi)


@given(low_volume_vins())
def test_low_volume_serial_has_three(vin: Vin) -> None:
    text = str(vin)

    assert (vin.is_low_volume, vin.serial, vin.manufacturer_id) == (True, text[14:], text[:3] + text[11:14])


# 3.4.17
@given(vins())
def test_masked_shows_ends_only(vin: Vin) -> None:
    masked = str(vin)[:3] + 10 * "." + str(vin)[-4:]

    assert (masked, f"<Vin {masked}>") == (vin.masked, repr(vin))


# 3.4.14
@given(vins())
def test_country_comes_from_the_table(vin: Vin) -> None:
    assignment = find_assignment(str(vin)[:2])

    assert (assignment and assignment.region, assignment and assignment.country) == (vin.region, vin.country)


# --- the check digit


# 3.4.4
@given(well_formed_texts())
def test_computed_character_is_accepted(text: str) -> None:
    mended = with_check_character(text)

    assert mended == str(Vin.parse(mended))


# 3.4.5
@given(vins_in_regime())
def test_other_32_are_rejected_under_law(vin: Vin) -> None:
    others = [with_position(str(vin), 9, character) for character in ALPHABET if character != vin.position9]

    assert [codes_of(text) for text in others] == 32 * [["vin.check_digit"]]


@given(vins_with_wrong_check_digit())
def test_advisory_policy_accepts_mismatch(vin: Vin) -> None:
    assert vin == Vin.parse(str(vin), VinPolicy.ADVISORY)


@given(vins_with_wrong_check_digit())
def test_mismatch_is_at_position_9(vin: Vin) -> None:
    with pytest.raises(InvalidVin) as refusal:
        vin.require_check_digit()

    assert [(fault.code, fault.positions) for fault in refusal.value.faults] == [("vin.check_digit", (9,))]


@given(vins_with_wrong_check_digit())
def test_mismatch_names_no_cure(vin: Vin) -> None:
    sentence = str(refusal_of(str(vin))).replace("position 9", "").replace("VIN", "")

    assert f" {vin.computed_check_character} " not in sentence


# 3.4.6
@pytest.mark.parametrize("position", (9, 10))
@given(vins_outside_regime())
def test_all_33_pass_elsewhere(position: int, vin: Vin) -> None:
    texts = [with_position(str(vin), position, character) for character in ALPHABET]

    assert texts == [str(Vin.parse(text)) for text in texts]


@given(vins_in_regime())
def test_all_33_at_10_pass_under_law(vin: Vin) -> None:
    texts = [with_check_character(with_position(str(vin), 10, character)) for character in ALPHABET]

    assert texts == [str(Vin.parse(text)) for text in texts]


# 3.4.7
@given(vins())
def test_changed_value_changes_check_character(vin: Vin) -> None:
    changed = [
        with_position(str(vin), position, character)
        for position in (*range(1, 9), *range(10, 14))
        for character in ALPHABET
        if VALUES[character] != VALUES[str(vin)[position - 1]]
    ]

    assert vin.computed_check_character not in {
        Vin.of(text).computed_check_character for text in changed if is_formed(text)
    }


# 3.4.7
@given(normal_vins())
def test_changed_serial_changes_check_character(vin: Vin) -> None:
    changed = [
        with_position(str(vin), position, digit)
        for position in range(14, 18)
        for digit in DIGITS
        if digit != str(vin)[position - 1]
    ]

    assert vin.computed_check_character not in {Vin.of(text).computed_check_character for text in changed}


# 3.4.7
@given(vins())
def test_equal_value_keeps_check_character(vin: Vin) -> None:
    changed = [
        with_position(str(vin), position, character)
        for position in range(4, 14)
        for character in ALPHABET
        if position != 9 and VALUES[character] == VALUES[str(vin)[position - 1]]
    ]

    assert {vin.computed_check_character} == {Vin.of(text).computed_check_character for text in changed}


# 3.4.8
@given(vins())
def test_adjacent_swap_changes_check_character(vin: Vin) -> None:
    text = str(vin)
    places = [place for place, (left, right) in enumerate(pairwise(text)) if VALUES[left] != VALUES[right]]
    swapped = [
        text[:place] + text[place + 1] + text[place] + text[place + 2 :] for place in places if place not in {7, 8}
    ]

    assert vin.computed_check_character not in {
        Vin.of(text).computed_check_character for text in swapped if is_formed(text)
    }


def is_formed(text: str) -> bool:
    """Tell whether the end is still a number: a swap may push a letter there, a new position 3 may forbid one."""
    return text[14:].isdigit() and (text[13].isdigit() or text[2] == "9")


# 3.4.9
@given(well_formed_texts())
@example("11111111X11111111")
@example("1M8GDM9AXKP042788")
@example("1G4AH59H45G118341")
def test_computed_character_equals_ebcdic_model(text: str) -> None:
    assert check_character(text) == Vin.of(text).computed_check_character


@given(well_formed_texts())
def test_position_9_has_no_weight(text: str) -> None:
    assert len({Vin.of(with_position(text, 9, character)).computed_check_character for character in ALPHABET}) == 1


@given(vins())
def test_match_compares_with_position_9(vin: Vin) -> None:
    assert (check_character(str(vin)) == str(vin)[8]) is vin.check_digit_matches


@pytest.mark.parametrize(
    ("heads", "regime"),
    (
        (NORTH_AMERICAN_HEADS, CheckDigitRegime.NORTH_AMERICA),
        (CHINESE_HEADS, CheckDigitRegime.CHINA),
        (FREE_HEADS, CheckDigitRegime.NONE),
    ),
)
def test_regime_follows_first_two(heads: tuple[str, ...], regime: CheckDigitRegime) -> None:
    assert {regime} == {Vin.of(head + "A00000X00000000").check_digit_regime for head in heads}


# --- the model year


# 3.4.15
@given(vins_outside_regime())
def test_no_model_year_outside_regimes(vin: Vin) -> None:
    assert vin.model_year_candidates == ()


# 3.4.15
@pytest.mark.parametrize("wmi", ("1M8", "LGX", "7SA"))
def test_model_year_codes(wmi: str) -> None:
    codes = "ABCDEFGHJKLMNPRSTVWXY123456789"
    expected = {code: (year, year + 30) for year, code in enumerate(codes, start=1980)}
    found = {code: Vin.of(f"{wmi}GDM9AX{code}P042788").model_year_candidates for code in ALPHABET}

    assert expected | {"U": (), "Z": (), "0": ()} == found


# --- refusals


@pytest.mark.parametrize("value", (None, 17, 1.5, True, b"WMAH05ZZ94M012345", [], ("WMAH05ZZ94M012345",), object()))
@pytest.mark.parametrize("door", (Vin.parse, Vin.of, Vin))
def test_other_types_are_refused(door: object, value: object) -> None:
    with pytest.raises(InvalidVin) as refusal:
        door(value)  # type: ignore[operator]  # the three doors have different types

    assert refusal.value.code == "vin.type"


@pytest.mark.parametrize("text", ("", " ", "\r\n", "\t \n"))
def test_blanks_are_empty(text: str) -> None:
    assert codes_of(text) == ["vin.empty"]


@given(st.text(ALPHABET, min_size=1, max_size=16) | st.text(ALPHABET, min_size=18, max_size=40))
@example("1" * 16)
@example("1" * 18)
def test_other_lengths_are_refused(text: str) -> None:
    assert codes_of(text) == ["vin.length"]


# 3.4.12
@given(vins(), positions)
def test_16_characters_are_refused(vin: Vin, position: int) -> None:
    assert codes_of(with_position(str(vin), position, "")) == ["vin.length"]


# 3.4.12
@given(vins(), positions, characters())
def test_18_characters_are_refused(vin: Vin, position: int, character: str) -> None:
    assert codes_of(with_position(str(vin), position, character + str(vin)[position - 1])) == ["vin.length"]


# 3.4.12
@pytest.mark.parametrize("grown", ("\u00df", "\ufb01", "\ufb03", "\u01f0", "\u0390"))
def test_length_counts_before_folding(grown: str) -> None:
    shorter = EUROPEAN_TEXT[: 17 - len(grown.upper())] + grown

    assert codes_of(shorter) == ["vin.length", "vin.illegal_character"]


@pytest.mark.parametrize("text", ("A" * 3000, "\u00df" * 3000, "O" * 3000, " " * 3000 + "A", EUROPEAN_TEXT * 177))
def test_long_texts_are_refused(text: str) -> None:
    assert codes_of(text)[0] == "vin.length"


@pytest.mark.parametrize("character", ("\u00df", "O", "\ud800"))
def test_long_texts_have_short_answers(character: str) -> None:
    assert len(refusal_of(character * 3000).faults) == 18


@pytest.mark.parametrize(
    ("text", "words"),
    (
        (17, "a VIN must be a string, not int"),
        ("", "it is empty; a VIN has 17 characters"),
        ("A" * 3000, "it has 3000 characters; a VIN has 17"),
        ("1" * 17, "it repeats one character, as a placeholder does"),
        ("WMAH05ZZ94M01A3B5", "positions 14 to 17 must be digits; wrong at 14, 16"),
        (
            "1M8GDM9A1KP042788",
            (
                "the check digit at position 9 does not match the other characters, as North America requires; "
                "usually another character was mistyped"
            ),
        ),
    ),
)
def test_refusal_is_explained(text: object, words: str) -> None:
    assert f"The VIN is not valid: {words}" == str(refusal_of(text))


@pytest.mark.parametrize("end", ("\n", "\r\n", "\r", "\n\n", " \n", " ", "\t"))
def test_only_parse_trims_ends(end: str) -> None:
    assert str(Vin.parse(EUROPEAN_TEXT + end)) == EUROPEAN_TEXT
    with pytest.raises(InvalidVin, match="a VIN has 17"):
        Vin.of(EUROPEAN_TEXT + end)


@pytest.mark.parametrize(
    "end", ("\x0b", "\x0c", "\x1c", "\x85", "\xa0", "\u2028", "\u2029", "\u3000", "\ufeff", "\x00")
)
def test_other_ends_are_refused(end: str) -> None:
    assert codes_of(EUROPEAN_TEXT + end) == ["vin.length"]


# 3.4.10
@given(st.text() | st.text(min_size=17, max_size=17) | st.text(ALPHABET.lower() + "IOQ \n\u017f", min_size=17))
@example("\ud800" * 17)
@example("\x00" * 17)
def test_any_text_is_answered(text: str) -> None:
    try:
        found = str(Vin.parse(text))
    except InvalidVin:
        found = "refused"

    assert found in {
        "refused",
        text.strip(" \t\r\n").translate(str.maketrans("abcdefghjklmnprstuvwxyz", ALPHABET[10:])),
    }


# 3.4.10
@given(vins(), positions, st.characters(exclude_characters=ALPHABET + ALPHABET.lower()))
def test_foreign_character_is_refused(vin: Vin, position: int, character: str) -> None:
    # A blank at an end is trimmed; then the length is wrong.
    assert codes_of(with_position(str(vin), position, character)) in (["vin.illegal_character"], ["vin.length"])


# 3.4.10
@given(vins(), positions, st.sampled_from("IOQioq"))
def test_reserved_letters_are_refused(vin: Vin, position: int, character: str) -> None:
    assert positions_of(with_position(str(vin), position, character)) == [position]


# 3.4.11
@given(vins(), positions, st.characters(min_codepoint=0x80, exclude_categories=()))
def test_non_ascii_substitute_is_refused(vin: Vin, position: int, character: str) -> None:
    assert positions_of(with_position(str(vin), position, character)) == [position]


# 3.4.11
@given(vins(), positions, st.characters(min_codepoint=0x80, exclude_categories=()))
def test_non_ascii_insertion_is_refused(vin: Vin, position: int, character: str) -> None:
    text = with_position(str(vin), position, character + str(vin)[position - 1])

    assert codes_of(text) == ["vin.length", "vin.illegal_character"]


# 3.4.11
@given(vins(), st.characters(min_codepoint=0x80, exclude_categories=()))
def test_non_ascii_ending_is_refused(vin: Vin, character: str) -> None:
    assert codes_of(str(vin) + character) == ["vin.length"]


# 3.4.11
@pytest.mark.parametrize("place", (1, 9, 10, 14, 17))
def test_hostile_substitutes_are_refused(place: int) -> None:
    accepted = [character for character in HOSTILE if is_accepted(with_position(EUROPEAN_TEXT, place, character))]

    assert accepted == []


# 3.4.11
@pytest.mark.parametrize("place", (1, 9, 17, 18))
def test_hostile_insertions_are_refused(place: int) -> None:
    texts = [EUROPEAN_TEXT[: place - 1] + character + EUROPEAN_TEXT[place - 1 :] for character in HOSTILE]

    assert [text for text in texts if is_accepted(text)] == []


# 3.4.11
def test_hostile_fillers_are_refused() -> None:
    # Sixteen characters and one that grows when folded, or vanishes when trimmed.
    texts = [EUROPEAN_TEXT[:16] + character for character in HOSTILE] + [character * 17 for character in HOSTILE]

    assert [text for text in texts if is_accepted(text)] == []


# 3.4.11
def test_all_other_code_points_are_refused() -> None:
    # Position 9 of a European VIN may hold all that any position may; beyond the first two planes there is no alphabet.
    accepted = {chr(point) for point in range(0x20000) if is_accepted(with_position(EUROPEAN_TEXT, 9, chr(point)))}

    assert set(ALPHABET + ALPHABET.lower()) == accepted


@pytest.mark.parametrize("character", CONTROL)
def test_control_characters_are_refused(character: str) -> None:
    assert codes_of(character + EUROPEAN_TEXT[1:]) == ["vin.illegal_character"]


def is_accepted(text: str) -> bool:
    try:
        Vin.parse(text)
    except InvalidVin:
        return False
    return True


def test_illegal_characters_are_told_at_once() -> None:
    assert positions_of("OMAH05ZZ94M0I23Q5") == [1, 13, 16]


@pytest.mark.parametrize(
    ("character", "words"),
    (
        ("O", "O at position 4 is never used in a VIN, because it looks like a digit"),
        ("\u0410", "U+0410 (CYRILLIC CAPITAL LETTER A) at position 4, which looks like A, is not a VIN character"),
        ("-", "U+002D (HYPHEN-MINUS) at position 4 is not a VIN character"),
        ("\x00", "U+0000 (unnamed character) at position 4 is not a VIN character"),
        ("\ud800", "U+D800 (unnamed character) at position 4 is not a VIN character"),
    ),
)
def test_illegal_characters_are_named(character: str, words: str) -> None:
    assert words in str(refusal_of(with_position(EUROPEAN_TEXT, 4, character)))


@pytest.mark.parametrize("character", tuple(ALPHABET))
def test_placeholders_are_refused(character: str) -> None:
    (fault,) = refusal_of(17 * character).faults

    assert (fault.code, fault.positions) == ("vin.placeholder", tuple(range(1, 18)))


# 3.4.18
@given(vins(), st.integers(15, 17), st.sampled_from(ALPHABET[10:]))
def test_letter_at_end_is_refused(vin: Vin, position: int, letter: str) -> None:
    assert codes_of(with_position(str(vin), position, letter)) == ["vin.serial_not_numeric"]


# 3.4.18
@given(normal_vins(), st.sampled_from(ALPHABET[10:]))
def test_letter_at_14_is_refused_usually(vin: Vin, letter: str) -> None:
    assert codes_of(with_position(str(vin), 14, letter)) == ["vin.serial_not_numeric"]


# 3.4.18
@given(low_volume_vins(), st.sampled_from(ALPHABET[10:]))
def test_letter_at_14_fits_low_volume(vin: Vin, letter: str) -> None:
    text = with_check_character(with_position(str(vin), 14, letter))

    assert text == str(Vin.parse(text))


# 3.4.18
@pytest.mark.parametrize(
    ("text", "positions"),
    (("WMAH05ZZ94M01A3B5", [14, 16]), ("WM9H05ZZ94M01A3B5", [16]), ("WMAH05ZZ94M01ABCD", [14, 15, 16, 17])),
)
def test_letters_in_serial_are_placed(text: str, positions: list[int]) -> None:
    assert positions_of(text) == positions


def test_serial_comes_before_check_digit() -> None:
    assert codes_of("1M8GDM9A1KP04278X") == ["vin.serial_not_numeric"]


@given(st.text(ALPHABET, min_size=17, max_size=17) | well_formed_texts() | st.text(max_size=18))
@example("")
def test_well_formed_texts_are_accepted(text: str) -> None:
    is_well_formed = len(text) == 17 and set(text) <= set(ALPHABET) and is_formed(text) and len(set(text)) > 1
    faults: tuple[Fault, ...] = ()
    try:
        assert str(Vin.of(text)) == text
    except InvalidVin as error:
        faults = error.faults
    unplaced = [fault for fault in faults if fault.code == "vin.serial_not_numeric" and not fault.positions]

    assert (faults == (), unplaced) == (is_well_formed, [])


# --- warnings


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("1M8GDM9AXKP042788", {}),
        ("1M8GDM9A1KP042788", {"vin.check_digit": (9,)}),
        ("WMAH05ZZ94M012345", {"vin.check_digit_unexpected": (9,)}),
        ("YV2H05ZZ14M012345", {"vin.check_digit_unexpected": (9,)}),
        ("XLRTE47MS0E912345", {}),
        ("DAAH05ZZ94M012345", {"vin.unassigned_block": (1, 2)}),
        ("1M8GDM9A10P042788", {"vin.check_digit": (9,), "vin.model_year_code_unusual": (10,)}),
        ("LZZGDM9A1ZP042788", {"vin.check_digit": (9,), "vin.model_year_code_unusual": (10,)}),
    ),
)
def test_warnings_name_their_positions(text: str, expected: dict[str, tuple[int, ...]]) -> None:
    assert expected == {warning.code: warning.positions for warning in Vin.of(text).warnings}


@pytest.mark.parametrize("wmi", ("WMA", "YV2"))
def test_voluntary_check_digit_is_silent(wmi: str) -> None:
    assert Vin.of(with_check_character(f"{wmi}H05ZZ94M012345")).warnings == ()


@given(vins())
def test_valid_vins_are_never_faulty(vin: Vin) -> None:
    assert "vin.check_digit" not in {warning.code for warning in vin.warnings}


# --- privacy


@given(vins_with_wrong_check_digit())
def test_refusal_hides_the_vin(vin: Vin) -> None:
    error = refusal_of(str(vin))

    assert str(vin) not in str(error) + repr(error) + repr(vin)


@given(vins(), st.sampled_from((" {}x", "{}0", "{}{}", "({})", "VIN:{}", "{}\u00a0", "{}\x00")))
def test_refusal_of_more_hides_the_vin(vin: Vin, form: str) -> None:
    error = refusal_of(form.format(vin, vin))

    assert str(vin) not in str(error) + repr(error)


@given(vins(), positions, st.sampled_from("axIOQ-\u0410"))
def test_refusal_of_a_slip_hides_the_rest(vin: Vin, position: int, character: str) -> None:
    text = with_position(str(vin), position, character)
    with pytest.raises(InvalidVin) as refusal:
        Vin.of(text)

    assert text not in str(refusal.value) + repr(refusal.value)


# --- folding


@given(st.text())
def test_fold_keeps_the_length_inside(text: str) -> None:
    assert len(text.strip(" \t\r\n")) == len(fold(text))


@pytest.mark.parametrize(
    ("text", "folded"),
    (
        (" \t\r\naz\u00e9\u00df\u0131 ", "AZ\u00e9\u00df\u0131"),
        ("\u00a0a\u00a0", "\u00a0A\u00a0"),
        (" aZ09-_ ", "AZ09-_"),
        ("\x0ba\x0c", "\x0bA\x0c"),
    ),
)
def test_fold_changes_ascii_only(text: str, folded: str) -> None:
    assert folded == fold(text)
