"""The curated table of manufacturer identifiers and its one lookup."""

import re
from itertools import product

import pytest

from vehicles.domain.vin.manufacturers import MANUFACTURERS, Source, find_manufacturer
from vehicles.testing.strategies import ALPHABET

# Written down from the manufacturers a fleet must get right, not from the table under test: word in the name, WMIs.
MUST_BE_RIGHT = """
MAN: WMA; Neoplan: WAG; Scania: YS2 YS4 XLE VLU SZA 9BS; Volvo Trucks: YV2; Volvo Buses: YV3;
Volvo: YB3 9BV 4V1 4V4 4V5; Mack: 1M1 1M2 1M3; Mercedes-Benz: WDB WDA WDF W1T W1V; Buses: WEB WKK;
Freightliner: 1FU 1FV 3AK 3AL 4UZ; Western Star: 5KJ 5KK; DAF: XLR; Kenworth: 1XK 1NK 2XK 2NK 3BK;
Peterbilt: 1XP 1NP 2XP 3BP; Iveco: ZCF WJM; Irisbus: VNE; Renault Trucks: VF6; International: 1HS 1HT 3HS 3HT 3HA;
Great Dane: 1GR; Wabash: 1JJ; Utility: 1UY; Transcraft: 1TT; Schmitz: WSM; Krone: WKE; Wielton: SUD; Lamberet: VM3;
VDL: XMG; Van Hool: YE2; Temsa: NLT; Alexander Dennis: SFD; Tesla: 5YJ 7SA 7G2 LRW XP7; BYD: LGX LC0 LPE;
Shacman: LZG; Sinotruk: LZZ; FAW: LFW; Foton: LVB; Proterra: 1M9816; Solaris: SU9PN1; Ziegler: W09Z06;
Ebusco: XL9530
"""
NAMED = [
    (identifier, word)
    for word, identifiers in (row.strip().split(": ") for row in MUST_BE_RIGHT.split(";"))
    for identifier in identifiers.split()
]


@pytest.mark.parametrize(("identifier", "word"), NAMED)
def test_important_manufacturers_are_named(identifier: str, word: str) -> None:
    found = find_manufacturer(identifier)

    assert word in (found.name if found else "")


def test_nine_marks_six_characters() -> None:
    form = re.compile(rf"[{ALPHABET}]{{2}}([{ALPHABET.replace('9', '')}]|9[{ALPHABET}]{{3}})")

    assert [row for row in MANUFACTURERS if not form.fullmatch(row.identifier)] == []


def test_sources_are_all_used() -> None:
    assert set(Source) == {row.source for row in MANUFACTURERS}


def test_names_are_clean() -> None:
    assert [row.name for row in MANUFACTURERS] == [" ".join(row.name.split()) or "nameless" for row in MANUFACTURERS]


def test_spelling_is_consistent() -> None:
    # Two names never differ by case or punctuation only, so that a report groups each manufacturer once.
    names = {row.name for row in MANUFACTURERS}
    folded = {"".join(filter(str.isalnum, name.casefold())) for name in names}

    assert len(names) == len(folded)


def test_each_row_is_found() -> None:
    # A row whose identifier occurs twice would be found in place of the other.
    assert list(MANUFACTURERS) == [find_manufacturer(row.identifier) for row in MANUFACTURERS]


def test_nothing_else_is_found() -> None:
    wmis = {"".join(characters) for characters in product(ALPHABET, repeat=3)}

    assert {row.identifier for row in MANUFACTURERS} & wmis == {wmi for wmi in wmis if find_manufacturer(wmi)}


@pytest.mark.parametrize(
    "identifiers",
    (
        pytest.param(("1M9817", "SU9PN2", "WMA123", "1FUJA6"), id="six characters, of which three are listed"),
        pytest.param(("wma", "Wma", "su9pn1"), id="not folded"),
        pytest.param(("", "W", "WM", "WMA ", " WMA", "WMA\n", "WMAH", "WMA00000000000000"), id="other lengths"),
    ),
)
def test_others_are_unknown(identifiers: tuple[str, ...]) -> None:
    assert {None} == set(map(find_manufacturer, identifiers))
