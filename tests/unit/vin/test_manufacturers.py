"""The curated table of manufacturer identifiers and its one lookup."""

from collections import Counter
from dataclasses import FrozenInstanceError
from itertools import product

import pytest

from vehicles.domain.vin.manufacturers import MANUFACTURERS, Manufacturer, Source, find_manufacturer

VIN_ALPHABET = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"

# Written down from the makers a fleet must get right, not from the table under test: word in the name, WMIs.
MUST_BE_RIGHT = {
    "MAN": "WMA",
    "Neoplan": "WAG",
    "Scania": "YS2 YS4 XLE VLU SZA 9BS",
    "Volvo Trucks": "YV2",
    "Volvo Buses": "YV3",
    "Volvo": "YB3 9BV 4V1 4V4 4V5",
    "Mack": "1M1 1M2 1M3",
    "Mercedes-Benz": "WDB WDA WDF W1T W1V",
    "Buses": "WEB WKK",
    "Freightliner": "1FU 1FV 3AK 3AL 4UZ",
    "Western Star": "5KJ 5KK",
    "DAF": "XLR",
    "Kenworth": "1XK 1NK 2XK 2NK 3BK",
    "Peterbilt": "1XP 1NP 2XP 3BP",
    "Iveco": "ZCF WJM",
    "Irisbus": "VNE",
    "Renault Trucks": "VF6",
    "International": "1HS 1HT 3HS 3HT 3HA",
    "Great Dane": "1GR",
    "Wabash": "1JJ",
    "Utility": "1UY",
    "Transcraft": "1TT",
    "Schmitz": "WSM",
    "Krone": "WKE",
    "Wielton": "SUD",
    "Lamberet": "VM3",
    "VDL": "XMG",
    "Van Hool": "YE2",
    "Temsa": "NLT",
    "Alexander Dennis": "SFD",
    "Tesla": "5YJ 7SA 7G2 LRW XP7",
    "BYD": "LGX LC0 LPE",
    "Shacman": "LZG",
    "Sinotruk": "LZZ",
    "FAW": "LFW",
    "Foton": "LVB",
}

every_row = pytest.mark.parametrize("row", MANUFACTURERS, ids=lambda row: row.identifier)


@pytest.mark.parametrize(("wmi", "word"), [(wmi, word) for word, wmis in MUST_BE_RIGHT.items() for wmi in wmis.split()])
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


@pytest.mark.parametrize(
    "identifiers",
    (
        pytest.param(("1XA", "1HX", "1NX", "1JX", "1XN", "WMX", "YSX", "ZZZ", "000"), id="next to a listed one"),
        pytest.param(("1M9", "SU9", "W09"), id="shared by small manufacturers"),
        pytest.param(("1M9817", "SU9PN2", "WMA123", "1FUJA6"), id="six characters, of which three are listed"),
        pytest.param(("wma", "Wma", "su9pn1"), id="not folded"),
        pytest.param(("", "W", "WM", "WMA ", " WMA", "WMA\n", "WMAH", "WMA00000000000000"), id="other lengths"),
    ),
)
def test_others_are_unknown(identifiers: tuple[str, ...]) -> None:
    """Nothing is guessed, where others guess a manufacturer from two letters."""
    assert {None} == set(map(find_manufacturer, identifiers))


@pytest.mark.parametrize(
    ("identifier", "name"),
    (("1M9816", "Proterra"), ("SU9PN1", "Solaris"), ("W09Z06", "Ziegler"), ("XL9530", "Ebusco")),
)
def test_small_makers_are_named(identifier: str, name: str) -> None:
    """Six listed characters name a maker of few vehicles."""
    found = find_manufacturer(identifier)

    assert name == (found.name if found else None)


def test_rows_are_frozen() -> None:
    """A row of the shared table cannot be changed."""
    row = MANUFACTURERS[0]

    with pytest.raises(FrozenInstanceError):
        row.name = "Somebody else"  # type: ignore[misc]  # the assignment mypy refuses is the claim
