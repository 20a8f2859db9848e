"""The VIN: what is accepted, its parts, its check digit, its warnings, and that no message shows it."""

import copy
import json
import pickle

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
    check_character,
    letters_without_meaning,
    low_volume_vins,
    normal_vins,
    spellings,
    vins,
    vins_in_regime,
    vins_outside_regime,
    vins_with_wrong_check_digit,
    vins_without_check_digit,
    well_formed_texts,
    with_check_character,
    with_position,
)

# Published: the first in many explanations of the check digit, the second in 49 CFR 565.15 (c) itself.
PUBLISHED = ("1M8GDM9AXKP042788", "1G4AH59H45G118341")
# The form of European trucks, with what their manufacturers put at positions 9 and 10: filler, steering side, nothing.
EUROPEAN = (
    *("WMAH05ZZ94M012345", "WMA13XZZ1HP099999", "YS2R4X20005398765", "XLRTE47MS0E912345", "WDB9634031L876543"),
    *("VF624GPA000012345", "ZCFC1358405812345", "WMAN26ZZUZW123456", "YS2K8X4XZ02123456"),
)
EUROPEAN_TEXT = EUROPEAN[0]
BLANKS = " \t\r\n"

positions = st.integers(1, 17)
characters_outside = st.characters(exclude_categories=(), exclude_characters=ALPHABET + ALPHABET.lower() + BLANKS)


def error_of(text: object) -> InvalidVin:
    with pytest.raises(InvalidVin) as error:
        Vin.parse(text)  # type: ignore[arg-type]  # some tests bring what is no text
    return error.value


def codes_of(text: object) -> list[str]:
    return [fault.code for fault in error_of(text).faults]


def positions_of(text: str) -> list[int]:
    return [position for fault in error_of(text).faults for position in fault.positions]


def is_accepted(text: str) -> bool:
    try:
        Vin.parse(text)
    except InvalidVin:
        return False
    return True


# --- what is accepted


@pytest.mark.parametrize("text", PUBLISHED)
def test_published_check_digits_match(text: str) -> None:
    assert Vin.parse(text).check_digit_matches


@pytest.mark.parametrize("text", EUROPEAN)
def test_european_vins_are_accepted(text: str) -> None:
    assert text == str(Vin.parse(text))


@given(st.data(), vins())
def test_parse_ignores_case_and_ascii_blanks(data: st.DataObject, vin: Vin) -> None:
    assert vin == Vin.parse(data.draw(spellings(str(vin))))


@given(st.data(), vins())
def test_of_folds_nothing(data: st.DataObject, vin: Vin) -> None:
    spelling = data.draw(spellings(str(vin)))
    try:
        found = str(Vin.of(spelling))
    except InvalidVin:
        found = "rejected"

    assert (spelling if spelling == str(vin) else "rejected") == found


@pytest.mark.parametrize("end", ("\n", "\r\n", " "))
def test_of_trims_nothing(end: str) -> None:
    with pytest.raises(InvalidVin, match="a VIN has 17"):
        Vin.of(EUROPEAN_TEXT + end)


@given(st.text(ALPHABET, min_size=17, max_size=17) | well_formed_texts() | st.text(max_size=18))
@example("")
def test_well_formed_texts_are_accepted(text: str) -> None:
    ends_with_digits = set(text[14:]) <= set(DIGITS) and (text[2:3] == "9" or text[13:14] in DIGITS)
    faults: tuple[Fault, ...] = ()
    try:
        Vin.of(text)
    except InvalidVin as error:
        faults = error.faults

    assert (faults == ()) is (
        len(text) == 17 and set(text) <= set(ALPHABET) and ends_with_digits and len(set(text)) > 1
    )
    assert [fault for fault in faults if fault.code == "vin.serial_not_numeric" and not fault.positions] == []


@given(st.text() | st.text(min_size=17, max_size=17) | st.text(ALPHABET.lower() + "IOQ \n\u017f", min_size=17))
@example("\ud800" * 17)
@example("\x00" * 17)
def test_any_text_is_answered(text: str) -> None:
    folded = text.strip(BLANKS).translate(str.maketrans(ALPHABET[10:].lower(), ALPHABET[10:]))

    assert not is_accepted(text) or str(Vin.parse(text)) == folded


@pytest.mark.parametrize(
    ("before", "after", "accepted"),
    (
        (EUROPEAN_TEXT[:8], EUROPEAN_TEXT[9:], ALPHABET + ALPHABET.lower()),  # elsewhere it may be fewer
        (EUROPEAN_TEXT[:16], "", DIGITS),
        (EUROPEAN_TEXT, "", BLANKS),
        ("", EUROPEAN_TEXT, BLANKS),
    ),
)
def test_all_other_code_points_are_rejected(before: str, after: str, accepted: str) -> None:
    # Beyond the first two planes there is no alphabet.
    found = {chr(point) for point in range(0x20000) if is_accepted(before + chr(point) + after)}

    assert set(accepted) == found


# --- values


@given(vins())
def test_vin_survives_copying(vin: Vin) -> None:
    copies = (
        pickle.loads(pickle.dumps(vin)),  # noqa: S301 — just pickled here
        Vin.of(json.loads(json.dumps(str(vin)))),
        copy.deepcopy(vin),
    )

    assert (vin, vin, vin) == copies


@given(st.lists(vins(), max_size=5))
def test_order_is_that_of_texts(some: list[Vin]) -> None:
    assert sorted(str(vin) for vin in some) == [str(vin) for vin in sorted(some)]


# --- parts


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


@given(vins())
def test_masked_shows_ends_only(vin: Vin) -> None:
    masked = str(vin)[:3] + 10 * "." + str(vin)[-4:]

    assert (masked, f"<Vin {masked}>") == (vin.masked, repr(vin))


@given(vins())
def test_country_comes_from_the_table(vin: Vin) -> None:
    assignment = find_assignment(str(vin)[:2])

    assert (assignment and assignment.region, assignment and assignment.country) == (vin.region, vin.country)


# --- the check digit


@given(vins() | vins_with_wrong_check_digit())
@example(Vin.of("11111111X11111111"))
@example(Vin.of(PUBLISHED[1]))
def test_check_digit_equals_ebcdic_model(vin: Vin) -> None:
    expected = check_character(str(vin))

    assert (expected, expected == str(vin)[8]) == (vin.computed_check_character, vin.check_digit_matches)


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


@given(vins_in_regime(NORTH_AMERICAN_HEADS))
def test_one_of_33_passes_in_north_america(vin: Vin) -> None:
    texts = [with_position(str(vin), 9, character) for character in ALPHABET]

    assert [str(vin)] == [text for text in texts if is_accepted(text)]


@given(vins_in_regime(CHINESE_HEADS))
def test_letter_without_meaning_passes_in_china(vin: Vin) -> None:
    accepted = {character for character in ALPHABET if is_accepted(with_position(str(vin), 9, character))}

    assert accepted == letters_without_meaning(str(vin)) | {vin.position9}


@given(vins_without_check_digit())
def test_missing_check_digit_is_a_warning(vin: Vin) -> None:
    assert [warning.code for warning in vin.warnings if 9 in warning.positions] == ["vin.check_digit_missing"]


@given(vins_with_wrong_check_digit())
def test_mismatch_names_the_advisory_policy(vin: Vin) -> None:
    assert "the VIN policy advisory accepts it" in str(error_of(str(vin)))


@pytest.mark.parametrize(
    "text",
    (
        *("GJ7-123456", "jzx100-0012345", " BNR32-305366 ", "ZZE122 1234567", "DBA-ZWR80G-0123456", "E-HR33-123456"),
        *("2PG-FE71AB-123456", "FD3S-300123"),
    ),
)
def test_frame_number_is_named(text: str) -> None:
    assert str(error_of(text)) == "The VIN is not valid: it looks like a Japanese frame number, which is not a VIN"


@pytest.mark.parametrize(
    "text", ("TRK-0012345", "CBR600-12345", "2024-0012345", "1HG-CM826AB-1234567", "WMAH055ZZZ 1234567")
)
def test_other_numbers_are_no_frame_numbers(text: str) -> None:
    assert "vin.frame_number" not in [fault.code for fault in error_of(text).faults]


@given(vins_with_wrong_check_digit())
def test_advisory_policy_accepts_mismatch(vin: Vin) -> None:
    assert vin == Vin.parse(str(vin), VinPolicy.ADVISORY)


@given(vins_with_wrong_check_digit())
def test_mismatch_is_at_position_9(vin: Vin) -> None:
    with pytest.raises(InvalidVin) as error:
        vin.require_check_digit()

    assert [(fault.code, fault.positions) for fault in error.value.faults] == [("vin.check_digit", (9,))]


@given(vins_with_wrong_check_digit())
def test_mismatch_names_no_fix(vin: Vin) -> None:
    sentence = str(error_of(str(vin))).replace("position 9", "").replace("VIN", "")

    assert f" {vin.computed_check_character} " not in sentence


@pytest.mark.parametrize("position", (9, 10))
@given(vins_outside_regime())
def test_all_33_pass_elsewhere(position: int, vin: Vin) -> None:
    texts = [with_position(str(vin), position, character) for character in ALPHABET]

    assert texts == [str(Vin.parse(text)) for text in texts]


# --- the model year


@given(vins_outside_regime())
def test_no_model_year_outside_regimes(vin: Vin) -> None:
    assert vin.model_year_candidates == ()


@pytest.mark.parametrize("wmi", ("1M8", "LGX", "7SA"))
def test_model_year_codes(wmi: str) -> None:
    codes = "ABCDEFGHJKLMNPRSTVWXY123456789"
    expected = {code: (year, year + 30) for year, code in enumerate(codes, start=1980)}
    found = {code: Vin.of(f"{wmi}GDM9AX{code}P042788").model_year_candidates for code in ALPHABET}

    assert expected | {"U": (), "Z": (), "0": ()} == found


# --- faults


@pytest.mark.parametrize("value", (None, 17, b"WMAH05ZZ94M012345", ["WMAH05ZZ94M012345"]))
@pytest.mark.parametrize("make", (Vin.parse, Vin.of, Vin))
def test_other_types_are_rejected(make: object, value: object) -> None:
    with pytest.raises(InvalidVin) as error:
        make(value)  # type: ignore[operator]  # the three have different types

    assert error.value.code == "vin.type"


@pytest.mark.parametrize("text", ("", " ", "\t \r\n"))
def test_blanks_are_empty(text: str) -> None:
    assert codes_of(text) == ["vin.empty"]


@given(st.text(ALPHABET, min_size=1, max_size=16) | st.text(ALPHABET, min_size=18, max_size=40))
@example("1" * 16)
@example("1" * 18)
def test_other_lengths_are_rejected(text: str) -> None:
    assert codes_of(text) == ["vin.length"]


@given(vins(), positions, characters_outside)
def test_length_comes_before_characters(vin: Vin, position: int, character: str) -> None:
    text = with_position(str(vin), position, character + str(vin)[position - 1])

    assert codes_of(text) == ["vin.length", "vin.illegal_character"]


@pytest.mark.parametrize("character", ("\u00df", "O", "\ud800"))
def test_long_texts_have_short_answers(character: str) -> None:
    assert len(error_of(character * 3000).faults) == 18


@given(vins(), positions, characters_outside | st.sampled_from("IOQioq"))
def test_illegal_character_is_located(vin: Vin, position: int, character: str) -> None:
    (fault,) = error_of(with_position(str(vin), position, character)).faults

    assert (fault.code, fault.positions) == ("vin.illegal_character", (position,))


def test_all_illegal_characters_are_reported() -> None:
    assert positions_of("OMAH05ZZ94M0I23Q5") == [1, 13, 16]


@pytest.mark.parametrize(
    ("character", "words"),
    (
        ("O", "O at position 4 is never used in a VIN, because it looks like a digit"),
        ("\u0410", "U+0410 (CYRILLIC CAPITAL LETTER A) at position 4, which looks like A, is not a VIN character"),
        ("-", "U+002D (HYPHEN-MINUS) at position 4 is not a VIN character"),
        ("\ud800", "U+D800 (unnamed character) at position 4 is not a VIN character"),
    ),
)
def test_illegal_characters_are_named(character: str, words: str) -> None:
    assert words in str(error_of(with_position(EUROPEAN_TEXT, 4, character)))


@pytest.mark.parametrize("character", tuple(ALPHABET))
def test_placeholders_are_rejected(character: str) -> None:
    (fault,) = error_of(17 * character).faults

    assert (fault.code, fault.positions) == ("vin.placeholder", tuple(range(1, 18)))


@given(low_volume_vins(), st.sampled_from(ALPHABET[10:]))
def test_letter_at_14_fits_low_volume(vin: Vin, letter: str) -> None:
    text = with_check_character(with_position(str(vin), 14, letter))

    assert text == str(Vin.parse(text))


@pytest.mark.parametrize(
    ("text", "positions"),
    (
        ("WMAH05ZZ94M01A3B5", (14, 16)),
        ("WM9H05ZZ94M01A3B5", (16,)),
        ("WMAH05ZZ94M01ABCD", (14, 15, 16, 17)),
        ("1M8GDM9A1KP04278X", (17,)),  # the check digit is not looked at
    ),
)
def test_letters_in_serial_are_located(text: str, positions: tuple[int, ...]) -> None:
    (fault,) = error_of(text).faults

    assert (fault.code, fault.positions) == ("vin.serial_not_numeric", positions)


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
                "usually another character was mistyped; "
                "if the VIN is right, because the vehicle was built for another market, "
                "the VIN policy advisory accepts it"
            ),
        ),
    ),
)
def test_error_is_explained(text: object, words: str) -> None:
    assert f"The VIN is not valid: {words}" == str(error_of(text))


# --- warnings


@pytest.mark.parametrize(
    ("text", "expected"),
    (
        ("1M8GDM9AXKP042788", {}),
        ("1M8GDM9A1KP042788", {"vin.check_digit": (9,)}),
        ("WMAH05ZZ94M012345", {"vin.check_digit_unexpected": (9,)}),
        ("YV2H05ZZ14M012345", {"vin.check_digit_unexpected": (9,)}),
        (with_check_character("WMAH05ZZ94M012345"), {}),
        (with_check_character("YV2H05ZZ14M012345"), {}),
        ("XLRTE47MS0E912345", {}),
        ("DAAH05ZZ94M012345", {"vin.unassigned_block": (1, 2)}),
        ("1M8GDM9A10P042788", {"vin.check_digit": (9,), "vin.model_year_code_unusual": (10,)}),
        ("LZZGDM9A1ZP042788", {"vin.check_digit": (9,), "vin.model_year_code_unusual": (10,)}),
    ),
)
def test_warnings_name_their_positions(text: str, expected: dict[str, tuple[int, ...]]) -> None:
    assert expected == {warning.code: warning.positions for warning in Vin.of(text).warnings}


# --- privacy


@given(
    vins_with_wrong_check_digit().map(str)
    | st.builds(with_position, vins().map(str), positions, st.sampled_from("IOQ-\u0410"))
)
def test_error_hides_the_text(text: str) -> None:
    error = error_of(text)

    assert text not in str(error) + repr(error)


@given(vins(), st.sampled_from((" {}x", "{}0", "{}{}", "({})", "VIN:{}", "{}\u00a0", "{}\x00")))
def test_error_of_longer_text_hides_the_vin(vin: Vin, form: str) -> None:
    error = error_of(form.format(vin, vin))

    assert str(vin) not in str(error) + repr(error)


# --- folding


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
