"""Rows in workbooks: .xlsx, .xls and .ods, as python-calamine reads them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import BinaryIO, Final

from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.fleet_files.excel import require_excel
from vehicles.entrypoints.fleet_files.records import (
    COLUMNS,
    Columns,
    Record,
    Understanding,
    is_same_headings,
    looks_like_vehicle,
    quoted,
)
from vehicles.entrypoints.fleet_files.text_tables import HEADING_LINES
from vehicles.entrypoints.fleet_files.workbook_bounds import MAX_CELLS, require_bounded

MAX_FILE: Final = 64 * 2**20
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def is_workbook(head: bytes) -> bool:
    """Return whether a file is packed as a workbook is; it may still be another archive."""
    return head.startswith((_ZIP, _OLE))


def read_workbook(
    stream: BinaryIO, sheet: str | None, wanted: Columns, understood: Understanding, note: Callable[[str], None]
) -> tuple[Iterator[Record], list[int]]:
    """Return the rows of a sheet, by default the first one, and the numbers of the rows above the headings.

    Raises UnreadableFile if the file is too large, no workbook, or has no usable headings, and MissingExtra.
    """
    content = stream.read(MAX_FILE + 1)
    if len(content) > MAX_FILE:
        raise UnreadableFile(f"the workbook is larger than {MAX_FILE // 2**20} MiB; save the table as CSV")
    understood.format = require_bounded(content) if content.startswith(_ZIP) else "xls"
    with _calamine():
        from python_calamine import CalamineWorkbook  # noqa: PLC0415 — an extra

        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = book.sheet_names
        if not names:
            raise UnreadableFile("the workbook has no sheets")
        if sheet is not None and sheet not in names:
            raise UnreadableFile(f"there is no sheet {sheet!r}; the workbook has {quoted(names)}")
        understood.sheet = sheet or names[0]
        found = book.get_sheet_by_name(understood.sheet)
        if found.total_height * found.total_width > MAX_CELLS:
            raise UnreadableFile(f"the sheet has more than {MAX_CELLS:,} cells; save the table as CSV")
        rows = found.iter_rows()
    others = [name for name in names if name != understood.sheet]
    return _read_rows(_numbered(rows), wanted, understood, note, others)


def _numbered(rows: Iterator[Sequence[object]]) -> Iterator[tuple[int, Sequence[object]]]:
    with _calamine():
        yield from enumerate(rows, start=1)


@contextmanager
def _calamine() -> Iterator[None]:
    """Raise UnreadableFile for the errors of calamine, and MissingExtra if it is not installed."""
    require_excel()
    from python_calamine import CalamineError, PasswordError  # noqa: PLC0415 — an extra

    try:
        yield
    except PasswordError as error:
        raise UnreadableFile("the workbook is protected by a password; save it without one") from error
    except BaseException as error:
        # A fault in calamine itself, a panic, is no Exception, and its class cannot be imported.
        if not isinstance(error, CalamineError) and type(error).__module__ != "pyo3_runtime":
            raise
        raise UnreadableFile("the file is no workbook that can be read; save the table as .xlsx or CSV") from error


def _read_rows(
    rows: Iterator[tuple[int, Sequence[object]]],
    wanted: Columns,
    understood: Understanding,
    note: Callable[[str], None],
    others: Sequence[str],
) -> tuple[Iterator[Record], list[int]]:
    skipped: list[int] = []
    begin: list[tuple[int, list[str]]] = []
    for number, row in rows:
        headings = [text_of(cell) for cell in row]
        if any(headings):
            if not wanted.missing(wanted.found(headings)):
                understood.heading_line, understood.headings = number, tuple(headings)
                places = wanted.chosen(headings, f"row {number}")
                return _records(rows, places, headings, note), skipped
            begin.append((number, headings))
            skipped.append(number)
        if len(begin) >= HEADING_LINES:
            break
    advice = f"; the workbook has other sheets, which --sheet chooses: {quoted(others)}" if others else ""
    raise UnreadableFile(_complaint(begin, wanted, understood) + advice)


def _complaint(begin: Sequence[tuple[int, list[str]]], wanted: Columns, understood: Understanding) -> str:
    """Return why no row is one of headings; the most likely one is understood as that, so that it can be assigned."""
    names = ", ".join(COLUMNS)
    if not begin:
        return f'the sheet "{understood.sheet}" is empty'
    rows = [(number, row) for number, row in begin if not looks_like_vehicle(row)]
    if rows:
        number, row = max(rows, key=lambda each: (len(wanted.found(each[1])), len(list(filter(None, each[1])))))
        understood.heading_line, understood.headings = number, tuple(row)
        if wanted.found(row):
            try:
                wanted.chosen(row, f"row {number}")
            except UnreadableFile as error:
                return str(error)
    number, row = begin[0]
    if looks_like_vehicle(row):
        return f"row {number} looks like a vehicle, not like headings; add a row above it that names {names}"
    return f'none of the first {HEADING_LINES} filled rows of the sheet "{understood.sheet}" names the columns {names}'


def _records(
    rows: Iterator[tuple[int, Sequence[object]]],
    places: Mapping[str, int],
    headings: Sequence[str],
    note: Callable[[str], None],
) -> Iterator[Record]:
    for number, row in rows:
        cells = [text_of(cell) for cell in row]
        if any(cells) and is_same_headings(cells, headings):
            note(f"note: row {number} repeats the headings, and is skipped")
        elif any(cells):
            yield Record(number, f"row {number}", {name: _value_of(row[at]) for name, at in places.items()}, cells)


def _value_of(cell: object) -> object:
    """Return a number as it is, so that a VIN that became one is noticed, and all else as text."""
    return cell if isinstance(cell, (int, float)) and not isinstance(cell, bool) else text_of(cell)


def text_of(cell: object) -> str:
    """Return the text of a cell, as it would stand in a CSV."""
    match cell:
        case bool():
            return str(cell).upper()
        case float() if cell.is_integer() and abs(cell) < 10**15:
            return str(int(cell))
        case datetime() | date() | time():
            return cell.isoformat(sep=" ") if isinstance(cell, datetime) else cell.isoformat()
        case timedelta():
            return str(cell)
    return str(cell).strip()
