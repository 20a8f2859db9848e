"""Fleet files by properties: what is written in any dialect is read back, and no file upsets the reader."""

import gzip
import io
import os
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import Final

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from vehicles.domain.fleet_import import ChangeRow, RefusedRow, Row
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.fleet_files.reader import ReadOptions, read_fleet
from vehicles.entrypoints.fleet_files.writing import EXCEL_CSV, PLAIN_CSV, CSVDialect, FleetFileFormat, write_fleet
from vehicles.testing.strategies import fleets, vins_with_wrong_check_digit

NOW: Final = datetime(2026, 11, 28, tzinfo=UTC)
HEAD: Final = "vin,noOfAxles,fuelType\n"
HEADINGS: Final = {
    "vin": ("vin", "VIN", "Fahrgestellnummer", "N° de châssis", "Chassis No."),
    "axles": ("noOfAxles", "No. of axles", "ACHSEN", "essieux", "Liczba osi"),
    "fuel": ("fuelType", "fuel type", "Kraftstoff", "Énergie", "paliwo"),
}
WORDS: Final = {
    FuelType.ELECTRIC: ("electric", "BEV", "Elektro"),
    FuelType.GASEOUS: ("gaseous", "CNG", "Erdgas"),
    FuelType.DIESEL: ("diesel", "DIESEL ", "gazole"),
    FuelType.PETROL: ("petrol", "Benzin", "gasoline"),
    FuelType.HYDROGEN: ("hydrogen", "H2", "Wasserstoff"),
    FuelType.HYBRID: ("hybrid", "Plug-in hybrid", "Diesel/Elektro"),
    FuelType.NONE: ("none", "None", "keine"),
}


def read(
    content: bytes, options: ReadOptions | None = None, policy: VinPolicy = VinPolicy.ADVISORY
) -> list[Row | ChangeRow | RefusedRow]:
    return [*read_fleet(io.BytesIO(content), policy.check, options or ReadOptions(registered_at=NOW)).rows]


def workbook(*rows: Sequence[str]) -> bytes:
    content = io.BytesIO()
    with xlsxwriter.Workbook(content, {"in_memory": True}) as book:
        page = book.add_worksheet()
        for number, row in enumerate(rows):
            page.write_row(number, 0, row)
    return content.getvalue()


def as_of_now(fleet: Sequence[Vehicle]) -> list[Vehicle]:
    return [Vehicle(each.vin, each.no_of_axles, each.fuel_type, NOW) for each in fleet]


def vehicles_in(rows: Sequence[Row | ChangeRow | RefusedRow]) -> list[Vehicle]:
    assert [row for row in rows if isinstance(row, RefusedRow)] == []
    return [row.vehicle for row in rows if isinstance(row, Row)]


@given(
    fleets(min_size=1),
    st.sampled_from(
        (
            *((FleetFileFormat.CSV, dialect) for dialect in (PLAIN_CSV, *EXCEL_CSV.values(), CSVDialect("\t"))),
            (FleetFileFormat.JSONL, PLAIN_CSV),
            (FleetFileFormat.XLSX, PLAIN_CSV),
        )
    ),
)
def test_written_fleet_is_read_back(fleet: list[Vehicle], written: tuple[FleetFileFormat, CSVDialect]) -> None:
    content = io.BytesIO()
    write_fleet(fleet, content, *written)
    assert vehicles_in(read(content.getvalue(), ReadOptions())) == fleet


@st.composite
def tables(draw: st.DrawFn, fleet: Sequence[Vehicle]) -> bytes:
    """Write a fleet as somebody else may have: any headings, order, delimiter, quotes, line ends and encoding."""
    delimiter = draw(st.sampled_from(",;\t|"))
    quote = draw(st.sampled_from(('"{}"', "{}")))
    order = draw(st.permutations(["vin", "axles", "fuel", "more"]))
    heads = {name: draw(st.sampled_from(words)) for name, words in HEADINGS.items()} | {"more": "Plate"}
    rows = [heads]
    for vehicle in fleet:
        axles = draw(st.sampled_from(("{}", "{}.0", "0{}")))
        row = {"vin": str(vehicle.vin), "axles": axles.format(vehicle.no_of_axles), "more": "X 1"}
        rows.append(row | {"fuel": draw(st.sampled_from(WORDS[vehicle.fuel_type]))})
    lines = [delimiter.join(quote.format(row[name]) for name in order) for row in rows]
    titles = draw(st.sampled_from(([], ["Fleet report"], ["", f"sep={delimiter}"], ["# exported", ""])))
    text = draw(st.sampled_from(("\n", "\r\n", "\r", "\r\r\n"))).join([*titles, *lines, ""])
    encoding = draw(st.sampled_from(("utf-8", "utf-8-sig", "utf-16", "utf-32", "cp1252")))
    pack: Callable[[bytes], bytes] = draw(st.sampled_from((gzip.compress, lambda content: content)))
    return pack(text.encode(encoding))


@given(fleets(min_size=1), st.data())
def test_table_in_any_dialect_is_read(fleet: list[Vehicle], data: st.DataObject) -> None:
    assert vehicles_in(read(data.draw(tables(fleet)))) == as_of_now(fleet)


@given(st.binary() | st.text().map(str.encode) | st.text("{}[]\",:0aé \n\t;=|'").map(str.encode))
def test_no_content_upsets_the_reader(content: bytes) -> None:
    with suppress(UnreadableFile):
        read(content)


# A text has no zero bytes.
@given(st.text(st.characters(exclude_characters="\0")) | st.text("\",;\t|'\n\r=09aE\ufeff"), st.sampled_from(",;\t|"))
def test_no_text_below_headings_upsets_the_reader(text: str, delimiter: str) -> None:
    read((HEAD.replace(",", delimiter) + text).encode("utf-8", "surrogatepass"))


@given(vins_with_wrong_check_digit())
def test_policy_decides_about_wrong_check_digit(vin: Vin) -> None:
    content = f"{HEAD}{vin},2,diesel\n".encode()
    (advisory,), (strict,) = read(content), read(content, policy=VinPolicy.STRICT)
    assert isinstance(advisory, Row)
    assert isinstance(strict, RefusedRow)
    assert [fault.code for fault in strict.faults] == ["vin.check_digit"]


def test_all_faults_of_a_row_are_reported() -> None:
    (row,) = read(b"vin,noOfAxles,fuelType,timestamp\nWMAHO5,0,coal,yesterday\n", ReadOptions())
    assert isinstance(row, RefusedRow)
    assert [(fault.field, fault.code) for fault in row.faults] == [
        ("vin", "vin.length"),
        ("vin", "vin.illegal_character"),
        ("noOfAxles", "vehicle.axles"),
        ("fuelType", "vehicle.fuel_type"),
        ("timestamp", "vehicle.timestamp"),
    ]


INSERTED: Final = (b"\x00", b'"', b"\xff\xfe", b"{", b"1E9", b"\xef\xbb\xbf")
MUTATIONS: Final = int(os.environ.get("MUTATIONS", "600"))


@pytest.mark.timeout(3600)
def test_no_mutated_file_upsets_the_reader() -> None:
    fleet = [Vehicle(Vin.of(f"WMAH05ZZ04M{number:06d}"), 3, FuelType.DIESEL, NOW) for number in range(3)]
    originals: list[bytes] = []
    for written in FleetFileFormat:
        file = io.BytesIO()
        write_fleet(fleet, file, written)
        originals += [file.getvalue(), gzip.compress(file.getvalue())]
    originals.append((HEAD + "WMAH05ZZ04M012345,3,diesel\n").encode("utf-16"))
    chance = random.Random(28)  # noqa: S311 — the same files in each run
    for _ in range(MUTATIONS):
        content = bytearray(chance.choice(originals))
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(content) + 1)
            match chance.randrange(4):
                case 0:
                    content[place : place + 1] = chance.randbytes(1)
                case 1:
                    del content[place : place + chance.randint(1, 30)]
                case 2:
                    content[place:place] = content[chance.randrange(len(content) + 1) :][:30]
                case _:
                    content[place:place] = chance.choice(INSERTED)
        with suppress(UnreadableFile):
            read(bytes(content))


@pytest.mark.parametrize(
    ("content", "headings", "columns"),
    (
        ("title\nVIN;Axels;Notes\n", ("VIN", "Axels", "Notes"), {"vin": "VIN"}),
        ("A,B,C\n1,2,3\n", ("A", "B", "C"), {}),
        ('{"vin": 1, "wheels": 4}', ("vin", "wheels"), {"vin": "vin"}),
        ("%PDF", (), {}),
        ("", (), {}),
    ),
)
def test_unreadable_file_has_headings(content: str, headings: tuple[str, ...], columns: dict[str, str]) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(content.encode())
    understood = caught.value.understood
    assert understood is not None
    assert (understood.headings, understood.columns) == (headings, columns)


@pytest.mark.parametrize(
    "rows", ((("title",), ("VIN", "Axels", ""), ("1", "2", "3")), (("VIN", "Axels"), ("x", "y", "z")))
)
def test_unreadable_workbook_has_headings(rows: tuple[tuple[str, ...], ...]) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(workbook(*rows))
    understood = caught.value.understood
    assert understood is not None
    assert (understood.headings[:2], understood.columns) == (("VIN", "Axels"), {"vin": "VIN"})


@pytest.mark.parametrize("from_line", (1, 2, 3, 4, 5))
def test_rows_before_line_are_skipped(from_line: int) -> None:
    content = f"{HEAD}{'x,3,diesel\n' * 3}".encode()
    lines = [row.line for row in read(content, ReadOptions(registered_at=NOW, from_line=from_line))]
    assert lines == [line for line in (2, 3, 4) if line >= from_line]
