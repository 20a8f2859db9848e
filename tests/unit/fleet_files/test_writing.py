"""What is written to files, read back as spreadsheets and Python read it."""

import csv
import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from tests.support.processes import run
from vehicles.domain.vehicle import FuelType, Vehicle, vehicle_record
from vehicles.domain.vin.number import Vin
from vehicles.entrypoints.fleet_files.excel import MissingExtra, Sheet, UnwritableFile, require_excel, written_workbook
from vehicles.entrypoints.fleet_files.reader import EXAMPLE
from vehicles.entrypoints.fleet_files.template import write_template
from vehicles.entrypoints.fleet_files.writing import (
    EXCEL_CSV,
    PLAIN_CSV,
    CSVDialect,
    FleetFileFormat,
    RefusedWriter,
    fleet_in_chunks,
    guard,
    write_fleet,
)
from vehicles.testing.strategies import fleets

NAMES = ["vin", "noOfAxles", "fuelType", "timestamp"]
TIMESTAMP = "2026-11-23T08:15:30.123456Z"
NOW = datetime(2026, 11, 23, 8, 15, 30, 123456, tzinfo=UTC)
VIN = "WMAH05ZZ04M012345"
NUMBERS = ("12345678901234567", "12345E78901234567", "1E945678901234567", "00000000000000017")
"""VINs that a program which guesses types reads as numbers."""

HEADINGS = ("vin", "noOfAxles", "fuelType")


def truck(vin: str = VIN) -> Vehicle:
    return Vehicle(Vin.of(vin), 3, FuelType.DIESEL, NOW)


def written(fleet: Sequence[Vehicle], file_format: str, dialect: CSVDialect = PLAIN_CSV) -> bytes:
    stream = BytesIO()
    assert write_fleet(fleet, stream, FleetFileFormat(file_format), dialect) == len(fleet)
    return stream.getvalue()


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    workbook = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: workbook.get_sheet_by_name(name).to_python() for name in workbook.sheet_names}


def csv_rows(content: bytes, delimiter: str = ",") -> list[list[str]]:
    return list(csv.reader(StringIO(content.decode("utf-8-sig"), newline=""), delimiter=delimiter, strict=True))


def part(content: bytes, name: str) -> str:
    with ZipFile(BytesIO(content)) as archive:
        return archive.read(f"xl/{name}.xml").decode()


# --- fleets ----------------------------------------------------------------------------------------------------------


@given(fleets())
def test_workbook_has_the_fleet(fleet: list[Vehicle]) -> None:
    assert sheets(written(fleet, "xlsx")) == {"Fleet": [NAMES, *([*vehicle_record(each).values()] for each in fleet)]}


@given(fleets())
def test_json_lines_have_the_fleet(fleet: list[Vehicle]) -> None:
    lines = written(fleet, "jsonl").splitlines()
    assert [json.loads(line) for line in lines] == [vehicle_record(each) for each in fleet]


@given(fleets(), st.sampled_from((PLAIN_CSV, CSVDialect("\t"), *EXCEL_CSV.values())))
def test_csv_has_the_fleet(fleet: list[Vehicle], dialect: CSVDialect) -> None:
    names, *rows = csv_rows(written(fleet, "csv", dialect), dialect.delimiter)
    bare = [[row[0].removeprefix('="').removesuffix('"'), *row[1:]] for row in rows]
    assert (names, bare) == (NAMES, [[str(cell) for cell in vehicle_record(each).values()] for each in fleet])


@pytest.mark.parametrize(
    ("dialect", "content"),
    (
        (PLAIN_CSV, f"vin,noOfAxles,fuelType,timestamp\n{VIN},3,diesel,{TIMESTAMP}\n"),
        (EXCEL_CSV["us"], f"\ufeffvin,noOfAxles,fuelType,timestamp\r\n{VIN},3,diesel,{TIMESTAMP}\r\n"),
        (EXCEL_CSV["de"], f"\ufeffvin;noOfAxles;fuelType;timestamp\r\n{VIN};3;diesel;{TIMESTAMP}\r\n"),
    ),
    ids=("plain", "us", "de"),
)
def test_csv_is_what_a_program_expects(dialect: CSVDialect, content: str) -> None:
    assert written([truck()], "csv", dialect) == content.encode()


@pytest.mark.parametrize("vin", NUMBERS)
@pytest.mark.parametrize("dialect", (PLAIN_CSV, EXCEL_CSV["de"]), ids=("plain", "de"))
def test_csv_keeps_vin_as_text(vin: str, dialect: CSVDialect) -> None:
    row = written([truck(vin)], "csv", dialect).decode().splitlines()[1]
    assert row.startswith(f'"=""{vin}"""{dialect.delimiter}3')


@pytest.mark.parametrize("vin", ("E2345678901234567", "1E345E78901234567", "1D945678901234567", VIN))
def test_csv_leaves_other_vins_bare(vin: str) -> None:
    assert written([truck(vin)], "csv").decode().splitlines()[1].startswith(f"{vin},3")


@pytest.mark.parametrize("vin", NUMBERS)
def test_workbook_keeps_vin_as_text(vin: str) -> None:
    assert sheets(written([truck(vin)], "xlsx"))["Fleet"][1][0] == vin


def test_workbook_is_easy_to_read() -> None:
    content = written([truck(), truck(NUMBERS[0])], "xlsx")
    sheet, styles = part(content, "worksheets/sheet1"), part(content, "styles")
    assert '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/>' in sheet
    assert '<autoFilter ref="A1:D3"/>' in sheet
    assert '<col min="1" max="1" width="22.7' in sheet
    assert ("<b/>" in styles, 'numFmtId="49"' in styles) == (True, True)


def test_fleet_can_lack_timestamps() -> None:
    stream = BytesIO()
    write_fleet([truck()], stream, FleetFileFormat.XLSX, timestamps=False)
    assert sheets(stream.getvalue()) == {"Fleet": [NAMES[:3], [VIN, 3, "diesel"]]}


def test_full_sheet_is_refused() -> None:
    with written_workbook(BytesIO()) as workbook:
        sheet = Sheet(workbook, "Fleet", [("vin", 22)], max_rows=2)
        sheet.add([VIN])
        with pytest.raises(UnwritableFile, match="a workbook has room for 1 rows below the headings; write CSV"):
            sheet.add([VIN])


def interrupted() -> Iterator[Vehicle]:
    yield truck()
    raise KeyboardInterrupt


def test_interrupted_workbook_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    stream = BytesIO()
    with pytest.raises(KeyboardInterrupt):
        write_fleet(interrupted(), stream, FleetFileFormat.XLSX)
    assert (stream.getvalue(), list(tmp_path.iterdir())) == (b"", [])


class FullDisk(BytesIO):
    def write(self, _content: object) -> int:
        raise OSError(28, "No space left on device")


@pytest.mark.parametrize("file_format", FleetFileFormat)
def test_full_disk_is_an_error(file_format: FleetFileFormat) -> None:
    with pytest.raises(OSError, match="No space left"):
        write_fleet([truck()], FullDisk(), file_format)


@pytest.mark.parametrize(
    ("name", "file_format"),
    (("a.csv", "csv"), ("A.XLSX", "xlsx"), ("a.jsonl", "jsonl"), ("a.ndjson", "jsonl"), ("a.xls", None), ("csv", None)),
)
def test_name_tells_the_format(name: str, file_format: str | None) -> None:
    assert FleetFileFormat.of_name(name) == file_format


@pytest.mark.parametrize("library", ("xlsxwriter", "python_calamine"))
def test_missing_library_is_named(library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtra, match=r"a workbook needs .*: pip install 'vehicle-registry\[excel\]'$"):
        require_excel()


@pytest.mark.slow
def test_large_workbook_needs_little_memory(tmp_path: Path) -> None:
    program = f"""if True:
        from datetime import UTC, datetime
        from pathlib import Path
        from vehicles.entrypoints.cli.sample import sample_vehicles
        from vehicles.entrypoints.fleet_files.writing import FleetFileFormat, write_fleet
        fleet = sample_vehicles(100_000, 1, datetime(2026, 1, 1, tzinfo=UTC))
        with open({str(tmp_path / "fleet.xlsx")!r}, "wb") as stream:
            write_fleet(fleet, stream, FleetFileFormat.XLSX)
        print(Path("/proc/self/status").read_text())
    """
    status = run(sys.executable, "-c", program).stdout
    # Of this process alone: ru_maxrss would begin with what the process had that started it.
    kilobytes = int(status.partition("VmHWM:")[2].split()[0])
    assert len(sheets((tmp_path / "fleet.xlsx").read_bytes())["Fleet"]) == 100_001
    assert kilobytes < 100_000


# --- cells -----------------------------------------------------------------------------------------------------------


@given(st.sampled_from("=+-@\t\r"), st.text())
def test_guarded_cell_does_not_begin_like_a_formula(first: str, rest: str) -> None:
    assert guard(first + rest).startswith("'")


@given(st.text())
def test_other_cells_are_not_guarded(cell: str) -> None:
    assert guard(f"x{cell}") == f"x{cell}"


@given(st.text(max_size=50))
def test_any_text_fits_a_cell(text: str) -> None:
    stream = BytesIO()
    with written_workbook(stream) as workbook:
        Sheet(workbook, "Fleet", [("vin", 22)]).add([f"<{text}>"])
    ((_,), (cell,)) = sheets(stream.getvalue())["Fleet"]
    assert (cell[0], cell[-1]) == ("<", ">")


# --- refused rows ----------------------------------------------------------------------------------------------------


def refused_rows(path: Path) -> list[list[str]]:
    return sheets(path.read_bytes())["Fleet"] if path.suffix == ".xlsx" else csv_rows(path.read_bytes())


@pytest.mark.parametrize("name", ("refused.csv", "refused.xlsx", "refused.txt"))
def test_refused_rows_have_their_reasons(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    with RefusedWriter(path) as refused:
        refused.write(HEADINGS, (VIN, "0", "diesel"), "no number of axles", "")
        refused.write(HEADINGS, ("WMAH05ZZ04M01234O", "3", "Öl"), "no VIN", "WMAH05ZZ04M012340")
    assert refused_rows(path) == [
        [*HEADINGS, "error", "suggestion"],
        [VIN, "0", "diesel", "no number of axles", ""],
        ["WMAH05ZZ04M01234O", "3", "Öl", "no VIN", "WMAH05ZZ04M012340"],
    ]


@pytest.mark.parametrize("name", ("refused.csv", "refused.xlsx"))
def test_refused_rows_are_private(name: str, tmp_path: Path) -> None:
    with RefusedWriter(tmp_path / name) as refused:
        refused.write(HEADINGS, ("", "", ""), "", "")
    assert (tmp_path / name).stat().st_mode & 0o777 == 0o600


def test_no_refused_row_makes_no_file(tmp_path: Path) -> None:
    with RefusedWriter(tmp_path / "refused.csv"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_existing_file_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    path.write_text("mine")
    with pytest.raises(UnwritableFile, match="already exists; use --overwrite to replace it"):
        RefusedWriter(path)
    assert path.read_text() == "mine"


def test_file_is_replaced_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    path.write_text("mine")
    with RefusedWriter(path, overwrite=True) as refused:
        assert path.read_text() == "mine"  # it may be the file that is imported
        refused.write(HEADINGS, ("a", "b", "c"), "d", "e")
    assert refused_rows(path)[1] == ["a", "b", "c", "d", "e"]


@pytest.mark.parametrize("name", ("refused.csv", "refused.xlsx"))
def test_interrupted_import_keeps_refused_rows(name: str, tmp_path: Path) -> None:
    with suppress(KeyboardInterrupt), RefusedWriter(tmp_path / name) as refused:
        refused.write(HEADINGS, ("a", "b", "c"), "d", "e")
        raise KeyboardInterrupt
    assert refused_rows(tmp_path / name)[1:] == [["a", "b", "c", "d", "e"]]


@pytest.mark.parametrize(
    ("headings", "cells", "row"),
    (
        (HEADINGS, ("a",), ["a", "", "", "E", "S"]),
        (HEADINGS, (), ["", "", "", "E", "S"]),
        (HEADINGS, ("a", "b", "c", "d"), ["a", "b", "c", "E", "S", "d"]),
        (("fuelType", "vin"), ("c", "a"), ["a", "", "c", "E", "S"]),
        (("vin", "colour"), ("a", "red"), ["a", "", "", "E", "S", "red"]),
        ((*HEADINGS, "error", "suggestion"), ("a", "b", "c", "old", "old"), ["a", "b", "c", "E", "S"]),
        ((*HEADINGS, "error", "suggestion"), ("a", "b"), ["a", "b", "", "E", "S"]),
    ),
    ids=("short", "empty", "long", "other order", "other column", "reported before", "short and reported before"),
)
def test_refused_cells_stay_in_their_columns(
    headings: Sequence[str], cells: Sequence[str], row: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "refused.csv"
    with RefusedWriter(path) as refused:
        refused.write(HEADINGS, ("", "", ""), "", "")
        refused.write(headings, cells, "E", "S")
    assert refused_rows(path)[2] == row


def test_second_report_replaces_the_first(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    with RefusedWriter(path) as refused:
        refused.write((*HEADINGS, "error", "suggestion"), ("a", "b", "c", "old", "old"), "E", "S")
    assert refused_rows(path) == [[*HEADINGS, "error", "suggestion"], ["a", "b", "c", "E", "S"]]


def test_refused_csv_runs_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    with RefusedWriter(path) as refused:
        refused.write(("=a",), ("=cmd|'/c calc'!A1",), "+1", "@x")
    assert refused_rows(path) == [["'=a", "error", "suggestion"], ["'=cmd|'/c calc'!A1", "'+1", "'@x"]]


def test_refused_workbook_has_cells_as_they_came(tmp_path: Path) -> None:
    path = tmp_path / "refused.xlsx"
    with RefusedWriter(path) as refused:
        refused.write(("vin",), ("=1+1",), "", "")
    assert refused_rows(path)[1] == ["=1+1", "", ""]
    assert "<f>" not in part(path.read_bytes(), "worksheets/sheet1")


def test_refused_csv_keeps_vin_as_text(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    with RefusedWriter(path) as refused:
        refused.write(HEADINGS, (NUMBERS[0], "100", "diesel"), "", "")
    assert refused_rows(path)[1][:2] == [f'="{NUMBERS[0]}"', "100"]


@pytest.mark.parametrize("name", ("refused.csv", "refused.xlsx"))
def test_half_a_character_is_written(name: str, tmp_path: Path) -> None:
    with RefusedWriter(tmp_path / name) as refused:
        refused.write(("vin",), ("a\ud800b",), "", "")
    assert refused_rows(tmp_path / name)[1][0] in {"a?b", "a\N{REPLACEMENT CHARACTER}b"}


def test_refused_rows_can_have_a_dialect(tmp_path: Path) -> None:
    path = tmp_path / "refused.csv"
    with RefusedWriter(path, dialect=EXCEL_CSV["de"]) as refused:
        refused.write(("vin",), ("a",), "", "")
    assert path.read_bytes() == b"\xef\xbb\xbfvin;error;suggestion\r\na;;\r\n"


# --- the template ----------------------------------------------------------------------------------------------------


def template() -> bytes:
    stream = BytesIO()
    write_template(stream)
    return stream.getvalue()


def test_template_has_an_example_and_instructions() -> None:
    found = sheets(template())
    assert (list(found), found["Fleet"]) == (["Fleet", "How to"], [NAMES[:3], [*EXAMPLE.values()]])
    assert len(found["How to"]) == 1 + 3


def test_template_offers_what_fits() -> None:
    sheet = part(template(), "worksheets/sheet1")
    assert f"<formula1>&quot;{','.join(FuelType)}&quot;</formula1>" in sheet.replace('"', "&quot;")
    assert 'type="whole"' in sheet
    assert '<col min="2" max="2" width="12.7109375" customWidth="1"/>' in sheet  # digits typed as text are no number
    assert "<formula1>1</formula1><formula2>99</formula2>" in sheet


def test_example_of_template_is_a_valid_vin() -> None:
    assert str(Vin.parse(sheets(template())["Fleet"][1][0])) == EXAMPLE["vin"]


@pytest.mark.parametrize("name", ("to-fix.jsonl", "to-fix.ods", "to-fix.tsv", "to-fix"))
def test_name_of_refused_rows_is_that_of_their_format(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnwritableFile, match=r"neither \.csv nor \.xlsx"):
        RefusedWriter(tmp_path / name)


def test_directory_of_refused_rows_is_looked_at_before_the_first(tmp_path: Path) -> None:
    with pytest.raises(UnwritableFile, match="is no directory that can be written to"):
        RefusedWriter(tmp_path / "nowhere" / "to-fix.csv")


@given(st.lists(fleets(max_size=3), min_size=1, max_size=4), st.sampled_from(FleetFileFormat))
def test_chunks_make_the_file(pages: list[Sequence[Vehicle]], file_format: FleetFileFormat) -> None:
    whole = [vehicle for page in pages for vehicle in page]
    chunks = b"".join(fleet_in_chunks(pages, file_format))
    if file_format is FleetFileFormat.XLSX:  # which holds the time at which it was written
        assert sheets(chunks) == sheets(written(whole, file_format))
    else:
        assert chunks == written(whole, file_format)


def test_chunks_follow_pages() -> None:
    chunks = fleet_in_chunks(iter([[truck()]]), FleetFileFormat.CSV)
    assert next(chunks).count(b"\n") == 2
