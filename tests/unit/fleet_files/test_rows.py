"""Fleets in files: what is written is read back, and of what is not a fleet each line says why."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from io import BufferedReader, BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.domain.fleet_import import RefusedRow, Row
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.entrypoints.fleet_files.rows import (
    MAX_LINE,
    FleetFormat,
    RowReader,
    UnreadableFile,
    format_of,
    unguard,
)
from vehicles.entrypoints.fleet_files.writing import FleetFileFormat, guard, write_fleet
from vehicles.testing.strategies import fleets, vins_with_wrong_check_digit

NOW = datetime(2026, 11, 23, 8, 15, 30, 123456, tzinfo=UTC)
HEADER = "vin,noOfAxles,fuelType\n"
VIN = "WMAH05ZZ04M012345"
TRUCK = Vehicle(Vin.of(VIN), 3, FuelType.DIESEL, NOW)
READER = RowReader(VinPolicy.STRICT.check, NOW)
KEEPING = RowReader(VinPolicy.STRICT.check, None)


def read(
    content: str | bytes, file_format: FleetFormat = FleetFormat.CSV, reader: RowReader = READER
) -> list[Row | RefusedRow]:
    raw = content if isinstance(content, bytes) else content.encode()
    return list(reader.rows(BytesIO(raw), file_format))


def codes(rows: Sequence[Row | RefusedRow]) -> list[list[str]]:
    return [[fault.code for fault in row.faults] for row in rows if isinstance(row, RefusedRow)]


def written(fleet: Sequence[Vehicle], file_format: FleetFormat, *, timestamps: bool = True) -> bytes:
    stream = BytesIO()
    assert write_fleet(fleet, stream, FleetFileFormat(file_format), timestamps=timestamps) == len(fleet)
    return stream.getvalue()


# --- both formats ----------------------------------------------------------------------------------------------------


@given(fleets(), st.sampled_from(FleetFormat))
def test_written_fleet_is_read_back(fleet: list[Vehicle], file_format: FleetFormat) -> None:
    rows = read(written(fleet, file_format), file_format, KEEPING)
    assert [row.vehicle for row in rows if isinstance(row, Row)] == fleet


@given(fleets(), st.sampled_from(FleetFormat))
def test_fleet_without_timestamps_is_read_as_of_now(fleet: list[Vehicle], file_format: FleetFormat) -> None:
    rows = read(written(fleet, file_format, timestamps=False), file_format)
    assert [row.vehicle.registered_at for row in rows if isinstance(row, Row)] == len(fleet) * [NOW]


@given(st.binary(), st.sampled_from(FleetFormat))
def test_no_bytes_upset_the_reader(content: bytes, file_format: FleetFormat) -> None:
    with suppress(UnreadableFile):
        assert all(isinstance(row, RefusedRow) for row in read(content, file_format))


@given(st.text())
def test_reason_to_reject_a_file_does_a_terminal_no_harm(header: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read((header + "x").encode("utf-8", "surrogatepass"))
    assert str(caught.value).isprintable()


@given(st.text(), st.sampled_from(FleetFormat))
def test_no_text_below_a_header_upsets_the_reader(text: str, file_format: FleetFormat) -> None:
    content = (HEADER + text).encode("utf-8", "surrogatepass")
    assert all(isinstance(row, RefusedRow) for row in read(content, file_format))


@given(vins_with_wrong_check_digit())
def test_policy_decides_about_wrong_check_digit(vin: Vin) -> None:
    line = f"{HEADER}{vin},3,diesel"
    assert codes(read(line)) == [["vin.check_digit"]]
    assert isinstance(read(line, reader=RowReader(VinPolicy.ADVISORY.check, NOW))[0], Row)


@pytest.mark.parametrize(
    ("timestamp", "accepted"),
    (
        ("2026-11-23T08:15:30Z", True),
        ("2026-11-23T08:15:30.123456Z", True),
        ("2026-11-23T08:15:30+01:00", False),
        ("2026-11-23", False),
        ("", False),
        ("soon", False),
    ),
)
def test_kept_timestamp_is_checked(timestamp: str, accepted: bool) -> None:  # noqa: FBT001 — of a parametrized test
    rows = read(f"vin,noOfAxles,fuelType,timestamp\n{VIN},3,diesel,{timestamp}\n", reader=KEEPING)
    assert codes(rows) == ([] if accepted else [["vehicle.timestamp"]])


def test_missing_timestamp_is_named_when_it_is_to_be_kept() -> None:
    (row,) = read(f"{HEADER}{VIN},3,diesel", reader=KEEPING)
    assert isinstance(row, RefusedRow)
    assert row.faults[0].field == "timestamp"


def test_ignored_timestamps_are_noted_once() -> None:
    notes: list[str] = []
    reader = RowReader(VinPolicy.STRICT.check, NOW, lambda: notes.append("note"))
    line = json.dumps({"vin": VIN, "noOfAxles": 3, "fuelType": "diesel", "timestamp": "2020-01-01T00:00:00Z"})
    rows = read(f"{line}\n{line}\n", FleetFormat.JSONL, reader)
    assert (rows, notes) == ([Row(1, TRUCK), Row(2, TRUCK)], ["note"])


def test_all_faults_of_a_row_are_reported() -> None:
    (row,) = read(f"{HEADER}WMAH05ZZ94M01234O,0,coal")
    assert isinstance(row, RefusedRow)
    assert [(fault.field, fault.code) for fault in row.faults] == [
        ("vin", "vin.illegal_character"),
        ("noOfAxles", "vehicle.axles"),
        ("fuelType", "vehicle.fuel_type"),
    ]
    assert [str(suggestion.vin) for suggestion in row.suggestions] == ["WMAH05ZZ94M012340"]


# --- CSV -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    (
        f"vin,noOfAxles,fuelType\n{VIN},3,diesel\n",
        f"vin,noOfAxles,fuelType\r\n{VIN},3,diesel\r\n",
        f"vin,noOfAxles,fuelType\n{VIN},3,diesel",
        f"\ufeffvin,noOfAxles,fuelType\n{VIN},3,diesel",
        f"fuelType,vin,noOfAxles\ndiesel,{VIN},3",
        f"VIN, NoOfAxles ,FUELTYPE\n{VIN},3,diesel",
        f"vin;noOfAxles;fuelType\n{VIN};3;diesel",
        f'"vin","noOfAxles","fuelType"\n"{VIN}","3","diesel"',
        f"vin,noOfAxles,fuelType\n {VIN.lower()} , 3 ,\tdiesel ",
        f"vin,noOfAxles,fuelType,timestamp\n{VIN},3,diesel,",
    ),
    ids=("lf", "crlf", "no end", "bom", "order", "capitals", "semicolon", "quoted", "blanks", "timestamp"),
)
def test_csv_is_understood(content: str) -> None:
    assert read(content) == [Row(2, TRUCK)]


@pytest.mark.parametrize("blank", ("", "   ", ",,", ";;;"))
def test_blank_row_is_left_out(blank: str) -> None:
    assert read(f"{HEADER}{blank}\n{VIN},3,diesel") == [Row(3, TRUCK)]


@pytest.mark.parametrize(
    ("code", "cells"),
    (
        (
            "vehicle.axles",
            [f"{axles},diesel" for axles in ("0", "100", "-3", "+3", "4.0", "03", "1e1", "٣", "", "x" * 999)],
        ),
        ("vehicle.fuel_type", ["3,Diesel", "3,coal", "3,", "3,ELECTRIC", "3,'-diesel"]),
    ),
)
def test_wrong_cell_is_rejected(code: str, cells: list[str]) -> None:
    assert codes(read(HEADER + "\n".join(f"{VIN},{cell}" for cell in cells))) == [[code]] * len(cells)


@pytest.mark.parametrize(
    ("line", "code"),
    (
        (f"{VIN},3", "row.columns"),
        (f"{VIN},3,diesel,more", "row.columns"),
        (f'"{VIN},3,diesel', "row.csv"),
        (f'"{VIN}"x,3,diesel', "row.csv"),
        (f"{VIN}\r,3,diesel", "row.csv"),
        (f"{VIN}\0,3,diesel", "vin.length"),
        ("\0" * 100, "row.columns"),
        ("x" * MAX_LINE, "row.too_long"),
        ("x" * 5 * MAX_LINE, "row.too_long"),
    ),
)
def test_bad_row_costs_itself_alone(line: str, code: str) -> None:
    rows = read(f"{HEADER}{line}\n{VIN},3,diesel\n")
    assert (codes(rows)[0][0], rows[1:]) == (code, [Row(3, TRUCK)])


def test_bad_byte_is_named_with_its_line() -> None:
    (row,) = read(HEADER.encode() + b"WMA\xff05ZZ94M012345,3,diesel")
    assert isinstance(row, RefusedRow)
    assert (row.line, row.faults[0].detail) == (2, "byte 4 of the line, 0xff, is not UTF-8: save the file as UTF-8")


@pytest.mark.parametrize(
    ("header", "reason"),
    (
        ("", "the file is empty; its first line must name the columns: vin,noOfAxles,fuelType"),
        ("vin,noOfAxles", "line 1: missing column 'fuelType'; "),
        ("vin,noOfAxles,fuelType,colour", "line 1: unknown column 'colour'; "),
        ("vin,noOfAxles,fuelType,vin", "line 1: repeated column 'vin'; "),
        ("vin,axles,fuelType", "line 1: missing column 'noOfAxles'; unknown column 'axles'; "),
        ("vin,noOfAxles,fuelType,\x1b[2J", r"line 1: unknown column '\x1b[2J'; "),
        ('vin,"noOfAxles,fuelType', "line 1: a quotation mark is not closed"),
        ("a," * 60, "line 1: there are 61 columns; "),
        ("a" * MAX_LINE, f"line 1: the line is longer than {MAX_LINE} bytes"),
        ("\n\n" + "PK\x03\x04", "line 3: missing column"),
    ),
)
def test_unusable_header_is_explained(header: str, reason: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(f"{header}\n")
    assert str(caught.value).startswith(reason)


def test_columns_beyond_bound_are_rejected_unread() -> None:
    with pytest.raises(UnreadableFile, match="there are 30001 columns"):
        read("," * 30_000)


@given(st.text() | st.text("'=+-@\t\ra"))
def test_unguard_undoes_guard(cell: str) -> None:
    assert unguard(guard(cell)) == cell


# --- JSON Lines ------------------------------------------------------------------------------------------------------


def json_line(**changes: str) -> str:
    """Return a line whose values are JSON already."""
    members = {"vin": f'"{VIN}"', "noOfAxles": "3", "fuelType": '"diesel"', **changes}
    return f"{{{','.join(f'"{name}":{value}' for name, value in members.items())}}}"


def test_json_line_is_understood() -> None:
    assert read(json_line(), FleetFormat.JSONL) == [Row(1, TRUCK)]


@pytest.mark.parametrize(
    ("code", "lines"),
    (
        ("row.json", ["{", "[]", "null", "x", "[" * 60_000, "1" * 5000]),
        ("row.fields", ["{}", '{"vin":"","noOfAxles":3}', json_line(colour="1"), json_line()[:-1] + ',"noOfAxles":4}']),
        ("vehicle.axles", [json_line(noOfAxles=axles) for axles in ("true", "3.0", '"3"', "NaN", "[]")]),
        ("vehicle.fuel_type", [json_line(fuelType=fuel) for fuel in ('["diesel"]', "null")]),
        ("vin.type", [json_line(vin="17")]),
        ("vin.length", [json_line(vin='"\\ud800"')]),
    ),
)
def test_bad_json_line_is_rejected(code: str, lines: list[str]) -> None:
    assert [found[0] for found in codes(read("\n".join(lines), FleetFormat.JSONL))] == [code] * len(lines)


@pytest.mark.parametrize(
    ("name", "content", "file_format"),
    (
        ("fleet.csv", b"{", FleetFormat.CSV),
        ("FLEET.CSV", b"", FleetFormat.CSV),
        ("fleet.jsonl", b"vin", FleetFormat.JSONL),
        ("fleet.ndjson", b"", FleetFormat.JSONL),
        ("-", b'{"vin"', FleetFormat.JSONL),
        ("fleet.txt", b'\xef\xbb\xbf\n {"vin"', FleetFormat.JSONL),
        ("fleet.json", b'[{"vin"', FleetFormat.JSONL),
        ("-", b"vin,", FleetFormat.CSV),
        ("-", b"", FleetFormat.CSV),
    ),
)
def test_name_or_beginning_shows_the_format(name: str, content: bytes, file_format: FleetFormat) -> None:
    assert format_of(name, BufferedReader(BytesIO(content))) is file_format
