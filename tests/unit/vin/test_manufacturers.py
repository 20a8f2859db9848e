"""The curated table of manufacturer identifiers and its one lookup."""

from collections import Counter
from dataclasses import FrozenInstanceError
from itertools import product

import pytest

from vehicles.domain.vin.manufacturers import MANUFACTURERS, Manufacturer, Source, find_manufacturer

VIN_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

# Written down from the makers a fleet must get right, not from the table under test: (WMI, word in the name).
MUST_BE_RIGHT = (
    ("WMA", "MAN"),
    ("WAG", "Neoplan"),
    ("YS2", "Scania"),
    ("YS4", "Scania"),
    ("XLE", "Scania"),
    ("VLU", "Scania"),
    ("SZA", "Scania"),
    ("9BS", "Scania"),
    ("YV2", "Volvo Trucks"),
    ("YV3", "Volvo Buses"),
    ("YB3", "Volvo"),
    ("9BV", "Volvo"),
    ("4V1", "Volvo"),
    ("4V4", "Volvo"),
    ("4V5", "Volvo"),
    ("1M1", "Mack"),
    ("1M2", "Mack"),
    ("1M3", "Mack"),
    ("WDB", "Mercedes-Benz"),
    ("WDA", "Mercedes-Benz"),
    ("WDF", "Mercedes-Benz"),
    ("W1T", "Mercedes-Benz"),
    ("W1V", "Mercedes-Benz"),
    ("WEB", "Buses"),
    ("WKK", "Buses"),
    ("1FU", "Freightliner"),
    ("1FV", "Freightliner"),
    ("3AK", "Freightliner"),
    ("3AL", "Freightliner"),
    ("4UZ", "Freightliner"),
    ("5KJ", "Western Star"),
    ("5KK", "Western Star"),
    ("XLR", "DAF"),
    ("1XK", "Kenworth"),
    ("1NK", "Kenworth"),
    ("2XK", "Kenworth"),
    ("2NK", "Kenworth"),
    ("3BK", "Kenworth"),
    ("1XP", "Peterbilt"),
    ("1NP", "Peterbilt"),
    ("2XP", "Peterbilt"),
    ("3BP", "Peterbilt"),
    ("ZCF", "Iveco"),
    ("WJM", "Iveco"),
    ("VNE", "Irisbus"),
    ("VF6", "Renault Trucks"),
    ("1HS", "International"),
    ("1HT", "International"),
    ("3HS", "International"),
    ("3HT", "International"),
    ("3HA", "International"),
    ("1GR", "Great Dane"),
    ("1JJ", "Wabash"),
    ("1UY", "Utility"),
    ("1TT", "Transcraft"),
    ("WSM", "Schmitz"),
    ("WKE", "Krone"),
    ("SUD", "Wielton"),
    ("VM3", "Lamberet"),
    ("XMG", "VDL"),
    ("YE2", "Van Hool"),
    ("NLT", "Temsa"),
    ("SFD", "Alexander Dennis"),
    ("5YJ", "Tesla"),
    ("7SA", "Tesla"),
    ("7G2", "Tesla"),
    ("LRW", "Tesla"),
    ("XP7", "Tesla"),
    ("LGX", "BYD"),
    ("LC0", "BYD"),
    ("LPE", "BYD"),
    ("LZG", "Shacman"),
    ("LZZ", "Sinotruk"),
    ("LFW", "FAW"),
    ("LVB", "Foton"),
)

every_row = pytest.mark.parametrize("row", MANUFACTURERS, ids=lambda row: row.identifier)


@pytest.mark.parametrize(("wmi", "word"), MUST_BE_RIGHT)
def test_important_makers_are_named(wmi: str, word: str) -> None:
    """Each identifier a commercial fleet meets daily names its maker."""
    found = find_manufacturer(wmi)

    assert word in (found.name if found else "")


def test_identifiers_are_unique() -> None:
    """No identifier is listed twice."""
    assert {1} == set(Counter(row.identifier for row in MANUFACTURERS).values())


@every_row
def test_identifiers_use_vin_alphabet(row: Manufacturer) -> None:
    """Identifiers are made of digits and capitals without I, O and Q."""
    assert set() == set(row.identifier) - set(VIN_ALPHABET)


@every_row
def test_nine_marks_six_characters(row: Manufacturer) -> None:
    """A third character 9 is shared by makers of few vehicles, so those rows, and only those, have six characters."""
    assert (6 if row.identifier[2] == "9" else 3) == len(row.identifier)


@every_row
def test_rows_name_a_source(row: Manufacturer) -> None:
    """Each row can be traced to where it was looked up."""
    assert row.source in Source


def test_sources_are_all_used() -> None:
    """No source is declared that no row names."""
    assert set(Source) == {row.source for row in MANUFACTURERS}


@every_row
def test_names_are_clean(row: Manufacturer) -> None:
    """A name has neither blanks around it nor doubled inside it."""
    assert " ".join(row.name.split()) == row.name != ""


def test_spelling_is_consistent() -> None:
    """Two names never differ by case or punctuation only, so that a report groups each maker once."""
    names = {row.name for row in MANUFACTURERS}
    folded = {"".join(filter(str.isalnum, name.casefold())) for name in names}

    assert len(names) == len(folded)


@every_row
def test_rows_are_found(row: Manufacturer) -> None:
    """Each row is found under its own identifier."""
    assert row == find_manufacturer(row.identifier)


def test_nothing_else_is_found() -> None:
    """Of all three-character identifiers exactly the listed ones have an answer: nothing is guessed from a part."""
    wmis = {"".join(characters) for characters in product(VIN_ALPHABET, repeat=3)}

    assert {row.identifier for row in MANUFACTURERS} & wmis == {wmi for wmi in wmis if find_manufacturer(wmi)}


@pytest.mark.parametrize("wmi", ("1XA", "1HX", "1NX", "1JX", "1XN", "WMX", "YSX", "ZZZ", "000"))
def test_neighbours_are_unknown(wmi: str) -> None:
    """An unlisted identifier next to a listed one has no maker, where others guess one from two letters."""
    assert None is find_manufacturer(wmi)


@pytest.mark.parametrize("identifier", ("1M9", "SU9", "W09"))
def test_shared_wmi_is_unknown(identifier: str) -> None:
    """Three characters of a shared WMI do not tell which of the small makers it is."""
    assert None is find_manufacturer(identifier)


@pytest.mark.parametrize("identifier", ("1M9817", "SU9PN2", "WMA123", "1FUJA6"))
def test_six_characters_do_not_fall_back(identifier: str) -> None:
    """Six characters that are not listed are unknown, even where their first three are."""
    assert None is find_manufacturer(identifier)


@pytest.mark.parametrize(
    ("identifier", "name"),
    (("1M9816", "Proterra"), ("SU9PN1", "Solaris"), ("W09Z06", "Ziegler"), ("XL9530", "Ebusco")),
)
def test_small_makers_are_named(identifier: str, name: str) -> None:
    """Six listed characters name a maker of few vehicles."""
    found = find_manufacturer(identifier)

    assert name == (found.name if found else None)


@pytest.mark.parametrize("identifier", ("wma", "Wma", "su9pn1"))
def test_lower_case_is_unknown(identifier: str) -> None:
    """Identifiers are canonical: nothing is folded here."""
    assert None is find_manufacturer(identifier)


@pytest.mark.parametrize("identifier", ("", "W", "WM", "WMA ", " WMA", "WMA\n", "WMAH", "WMA00000000000000"))
def test_other_lengths_are_unknown(identifier: str) -> None:
    """Only three or six characters can be an identifier: nothing is trimmed or cut."""
    assert None is find_manufacturer(identifier)


def test_rows_are_frozen() -> None:
    """A row of the shared table cannot be changed."""
    row = MANUFACTURERS[0]

    with pytest.raises(FrozenInstanceError):
        row.name = "Somebody else"  # type: ignore[misc]  # the assignment mypy refuses is the claim
