"""The table of manufacturer identifiers and its lookup, compared with the list of facts in wmi.csv."""

import csv
from itertools import product
from pathlib import Path

import pytest

from vehicles.domain.vin.manufacturer_rows import ROWS
from vehicles.domain.vin.manufacturers import Source, find_manufacturer, manufacturers
from vehicles.domain.vin.number import ALPHABET

with Path(__file__).with_name("wmi.csv").open(encoding="utf-8", newline="") as file:
    FACTS = tuple(csv.DictReader(file))
# In the table by one source each, and so not in the list.
SINGLE_SOURCE = {
    "1TT": "Transcraft",
    "1Z9530": "Orange EV",
    "2LB": "Lion Electric",
    "2M5": "Manac",
    "W09Z06": "Ziegler",
}


def test_table_is_that_of_the_facts() -> None:
    facts = {fact["wmi"]: fact["manufacturer"] for fact in FACTS}
    assert {row.identifier: row.name for row in manufacturers().values()} == facts | SINGLE_SOURCE


def test_kinds_are_those_of_the_facts() -> None:
    trailers = {fact["wmi"] for fact in FACTS if fact["kind"] == "trailer"} | {"1TT", "2M5"}
    assert {row.identifier for row in manufacturers().values() if row.builds_trailers} == trailers


def test_each_identifier_stands_once() -> None:
    identifiers = [each for row in ROWS.split("\n") for each in row.rpartition(";")[2].split()]
    assert len(identifiers) == len(manufacturers()) == len(FACTS) + len(SINGLE_SOURCE)


@pytest.mark.parametrize(
    ("identifier", "name"),
    (
        ("VM3", "Lamberet"),
        ("LZZ", "Sinotruk"),
        ("NLR", "Otokar"),
        ("VFN", "Trailor"),
        ("1TD", "Timpte"),
        ("YV2", "Volvo Trucks"),
        ("YV3", "Volvo Buses"),
        ("YV5", "Volvo Trucks"),
        ("TMT", "Tatra"),
        ("1M9816", "Proterra"),
        ("SU9PN1", "Solaris"),
    ),
)
def test_contradictory_lists_are_settled(identifier: str, name: str) -> None:
    found = find_manufacturer(identifier)
    assert found is not None
    assert found.name == name


def test_nine_marks_six_characters() -> None:
    assert [row for row in manufacturers() if len(row) != (6 if row[2] == "9" else 3)] == []


def test_identifiers_use_vin_alphabet() -> None:
    assert set("".join(manufacturers())) <= set(ALPHABET)


def test_sources_are_all_used() -> None:
    assert {row.source for row in manufacturers().values()} == set(Source)


def test_brand_has_one_spelling() -> None:
    names = {row.name for row in manufacturers().values()}
    assert len({"".join(filter(str.isalnum, name.casefold())) for name in names}) == len(names)


def test_nothing_else_is_found() -> None:
    found = {wmi for wmi in map("".join, product(ALPHABET, repeat=3)) if find_manufacturer(wmi)}
    assert found == {identifier for identifier in manufacturers() if len(identifier) == 3}


@pytest.mark.parametrize(
    "identifier", ("1M9", "SU9", "W09", "1M9817", "SU9PN2", "WMA123", "wma", "su9pn1", "", "W", "WMA ", "WMAH", "ZZZ")
)
def test_parts_and_variants_are_unknown(identifier: str) -> None:
    assert find_manufacturer(identifier) is None
