"""Text and JSON with faults: no vehicle is lost without a word, and no file takes too much time or memory."""

import io
import json
import tarfile
import time
from datetime import UTC, datetime
from typing import Final

import pytest

from vehicles.domain.fleet_import import ChangeRow, RefusedRow, Row
from vehicles.entrypoints.fleet_files.content import MAX_LINE, UnreadableFile, lines_of
from vehicles.entrypoints.fleet_files.reader import ReadOptions, read_fleet

A: Final = "WMAH05ZZ14M012345"
B: Final = "WMAH05ZZ14M012346"
C: Final = "WMAH05ZZ14M012347"
D: Final = "WMAH05ZZ14M012348"
HEAD: Final = "VIN,Axles,Fuel,Note\n"
OTHER_HEAD: Final = "Note,VIN,Axles,Fuel\n"


def read(content: str | bytes) -> list[Row | ChangeRow | RefusedRow]:
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    options = ReadOptions(registered_at=datetime(2026, 11, 28, tzinfo=UTC))
    return [*read_fleet(stream, lambda _vin: None, options).rows]


def outcome(content: str | bytes) -> tuple[list[str], list[str]]:
    """Return the VINs that were read, and the places that were refused."""
    rows = read(content)
    return (
        [str(row.vehicle.vin) for row in rows if isinstance(row, Row)],
        [row.place for row in rows if isinstance(row, RefusedRow)],
    )


def complaint(content: str | bytes) -> str:
    with pytest.raises(UnreadableFile) as caught:
        read(content)
    return str(caught.value)


def truck(vin: str, **more: object) -> str:
    return json.dumps({"vin": vin, "noOfAxles": 3, "fuelType": "diesel"} | more)


@pytest.mark.parametrize(
    ("content", "vins", "refused"),
    (
        (f'{HEAD}{A},3,diesel,"big\n{B},3,diesel,"old\n{C},3,diesel,ok\n', [C], ["line 2", "line 3"]),
        (f'{OTHER_HEAD}"Big,{A},3,diesel\n"Old,{B},2,diesel\nx,{C},3,diesel\n', [C], ["line 2", "line 3"]),
        (f'{HEAD}{A},3,diesel,"5"" hose\n{B},3,diesel,x\n{C},3,diesel,12" rim\n{D},3,diesel,\n', [B, C, D], ["line 2"]),
        (f'{HEAD}{A},3,diesel,"big\n{B},3,diesel,17"\n{C},3,diesel,\n', [B, C], ["line 2"]),
        (f'{OTHER_HEAD}"Big,{A},3,diesel\n17",{B},2,diesel\n', [B], ["line 2"]),
        (f'{HEAD}"{A},3,diesel,\n{B},3,diesel,"\n', [], ["line 2", "line 3"]),
        (f'{HEAD}{A},3,diesel,"5 m" tail\n{B},3,diesel,17" rims\n', [A, B], []),
        (f'{HEAD}{A},3,diesel,"one\n\ntwo, ""three"""\n{B},3,diesel,\n', [A, B], []),
        (f'{OTHER_HEAD}"one\ntwo",{A},3,diesel\n', [A], []),
        (f'{HEAD}"Note: the 17"" rims\nare new",,\n{A},3,diesel,\n', [A], ["line 2"]),
    ),
)
def test_quotation_mark_swallows_no_vehicle(content: str, vins: list[str], refused: list[str]) -> None:
    assert outcome(content) == (vins, refused)


@pytest.mark.parametrize("begin", ('"', '"' + "x" * 65_000, "z" * 50_000 + ',,,\n"' + "x" * 60_000))
def test_long_lines_cost_themselves_alone(begin: str) -> None:
    content = f'{OTHER_HEAD}{begin}\n{"y" * 140_000}\n"{"y" * 140_000}\nx,{A},3,diesel\n'
    vins, refused = outcome(content)
    assert vins == [A]
    first = begin.count("\n") + 2
    assert {f"line {first + 1}", f"line {first + 2}"} <= set(refused)


def test_long_line_before_the_headings_is_skipped() -> None:
    assert outcome(f'"{"x" * 200_000}"\n{HEAD}{A},3,diesel,\n') == ([A], [])


@pytest.mark.parametrize("size", (10, MAX_LINE - 1, MAX_LINE, 2 * MAX_LINE, 5 * MAX_LINE))
@pytest.mark.parametrize("end", ("\n", "\r", "\r\n", "\r\r\n"))
def test_lines_are_cut_where_they_are_too_long(size: int, end: str) -> None:
    content = f"{'x' * size}{end}{end}y{end}".encode()
    lines = list(lines_of(io.BytesIO(content), "utf-8", 100))
    assert lines == [(1, "x" * min(size, 101)), (2, ""), (3, "y"), (4, "")]


def test_document_on_one_line_is_read_in_linear_time() -> None:
    began = time.process_time()
    ((_, line),) = lines_of(io.BytesIO(b"x" * 64 * 2**20), "utf-8", 64 * 2**20)
    assert len(line) == 64 * 2**20
    assert time.process_time() - began < 20


def test_twenty_lines_for_the_headings_do_not_count_blank_ones() -> None:
    assert outcome("\n" * 22 + "Fleet\n" + "\n" * 22 + f"{HEAD}{A},3,diesel,\n") == ([A], [])


@pytest.mark.parametrize("line", ('sep="', "sep='", 'sep="""', "sep= "))
def test_delimiter_that_is_none_upsets_nothing(line: str) -> None:
    with pytest.raises(UnreadableFile):
        read(f"{line}\na,b\n'c,d\n")


def test_names_that_appear_late_are_refused() -> None:
    early = "".join(truck(A) + "\n" for _ in range(31))
    late = json.dumps({"VIN": B, "axles": 4, "fuel": "diesel"})
    assert outcome(f"{early}{late}\n")[1] == ["line 32"]
    row = read(f"{early}{late}\n")[-1]
    assert isinstance(row, RefusedRow)
    assert row.cells == ("", "", "", B, "4", "diesel")
    assert [(fault.code, fault.detail) for fault in row.faults] == [
        ("row.fields", 'the first 20 objects have no "VIN", "axles", "fuel"; use the same names')
    ]
    assert outcome(f"{early}{truck(B, note='late')}\n") == ([A] * 31 + [B], [])


@pytest.mark.parametrize(
    ("content", "words"),
    (
        (f"[{truck(A)}]\n[{truck(B)}]\n", "line 1: the list of vehicles ends here, but the file goes on"),
        (f'[\n{truck(A)}\n] garbage {{"vin":', "line 3: the list of vehicles ends here, but the file goes on"),
        (f"[{truck(A)}]]", "line 1: the list of vehicles ends here, but the file goes on"),
        (f'{{"items": [\n{truck(A)}]\n', "line 2: the list of vehicles ends here, but the file goes on, or is not"),
        (f'{{"items": [{truck(A)}]}}\n{{"items": [{truck(B)}]}}\n', "line 1: the list of vehicles ends here"),
        (f'{{"items": [{truck(A)}], "items": [{truck(B)}]}}', "line 1: the list of vehicles ends here"),
        (f'{{"data":\n{{"items": [{truck(A)}]}}}}', "line 2: the list of vehicles ends here"),
        (f"[{truck(A)},\n{truck(B)}\n", "item 3, line 3: this is not JSON"),
        ('{"vehicles": [1, 2]}', "the objects hold lists or objects, not a vehicle"),
        (f'{{"count": 1, "vehicles": [{truck(A)}]}}', "the objects hold lists or objects, not a vehicle"),
        (
            '{"vin": {"0": "x"}, "noOfAxles": {"0": 3}, "fuelType": {"0": "diesel"}}',
            "the objects hold lists or objects, not a vehicle",
        ),
        ("{broken\n{broken\n", "the file is neither a list of JSON objects"),
    ),
)
def test_json_is_not_read_in_part(content: str, words: str) -> None:
    assert words in complaint(content)


@pytest.mark.parametrize(
    ("content", "vins", "refused"),
    (
        ("\n" * 25 + f"[{truck(A)}]\n \n\x1a", [A], []),
        ("\n" * 25 + truck(A), [A], []),
        (f'{{"next": null, "items": [{truck(A)}], "total": 1}}\n', [A], []),
        (f'{{"items": [\n{truck(A)},\n{truck(B)}\n]}}\n', [A, B], []),
        (f"{truck(A)[:-1]}\n{truck(B)}\n", [B], ["line 1"]),
        (f"{truck('x' * 70_000)}\n{truck(B)}\n", [B], ["line 1"]),
        (f"[{truck(A, tags=['x'], owner={'name': 'y'})}, 7]", [A], ["item 2, line 1"]),
    ),
)
def test_json_costs_no_more_than_what_is_wrong(content: str, vins: list[str], refused: list[str]) -> None:
    assert outcome(content) == (vins, refused)


@pytest.mark.parametrize(
    ("content", "code", "shown"),
    (
        (truck(A).encode() + b'\n{"vin": "\xff', "row.json", '{"vin": "\\xff'),
        (truck(A).encode() + b"\n" + b"x" * 70_000, "row.too_long", "x" * 1000),
        (f"[{truck(A)}, [1, 2]]".encode(), "row.json", "[1, 2]"),
        (f"{HEAD}{A},3,diesel\n".encode() + b"\xe9\xff" + b"x" * 70_000, "row.too_long", "\\xe9\\xff" + "x" * 998),
    ),
)
def test_refused_rows_show_what_stood_there(content: bytes, code: str, shown: str) -> None:
    # A file is taken as UTF-8 if its beginning is, so the bytes that are no text come late.
    padding = b" " * 70_000 + b"\n"
    row = read(content.replace(b"\n", b"\n" + padding[:65_000] + b"\n" + padding[:6_000] + b"\n", 1))[-1]
    assert isinstance(row, RefusedRow)
    assert ([fault.code for fault in row.faults], row.cells) == ([code], (shown,))


def test_packed_archive_is_named() -> None:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w:gz") as archive:
        archive.addfile(tarfile.TarInfo("fleet.csv"), io.BytesIO())
    assert "the file is an archive; unpack it" in complaint(content.getvalue())


@pytest.mark.parametrize(
    ("content", "kind"),
    (
        ("\ufeff<html><body><table>", "a web page"),
        ("<html><body><table>".encode("utf-16"), "a web page"),
        ("<!-- saved -->\n<html>", "a web page"),
        ("\n<div><table>", "a web page"),
        ("<style>.x{}</style><table>", "a web page"),
        ('\ufeff<?xml version="1.0"?>\n<Workbook>', "an XML file"),
        ("<fleet>\n<vehicle>", "an XML file"),
        ("ID;PWXL;N;E\nC;Y1;X1\n", "a SYLK file"),
        (b"\xef\xbb\xbf\n%PDF-1.4\n" + b"\0" * 50, "a PDF document"),
    ),
)
def test_foreign_files_are_named_in_any_encoding(content: str | bytes, kind: str) -> None:
    assert f"the file is {kind}" in complaint(content)


@pytest.mark.parametrize("title", ("<Fleet 2026>", "", "pdf"))
def test_titles_are_no_foreign_files(title: str) -> None:
    assert outcome(f"{title}\nID;Plate;VIN;Axles;Fuel\n1;T 1;{A};3;diesel\n") == ([A], [])
