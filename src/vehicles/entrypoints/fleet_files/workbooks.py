"""Rows in workbooks: .xlsx, .xls and .ods, as python-calamine reads them."""

import re
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, BinaryIO, Final

from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.fleet_files.excel import require_excel
from vehicles.entrypoints.fleet_files.records import COLUMNS, Columns, Record, Understanding, looks_like_vehicle, quoted
from vehicles.entrypoints.fleet_files.text_tables import HEADING_LINES
from vehicles.entrypoints.fleet_files.words import simplified

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

MAX_FILE: Final = 64 * 2**20
MAX_UNPACKED: Final = 512 * 2**20
MAX_CELLS: Final = 5_000_000
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK: Final = 2**20
# What zipfile raises for archives that are damaged, protected, or packed otherwise.
_DAMAGE: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, OSError, RuntimeError, ValueError),
)
_SHEET: Final = re.compile(r"xl/worksheets/[^/]+\.xml|content\.xml")
_CELL: Final = re.compile(rb'<(?:\w+:)?c [^>]*?r="([A-Z]{1,3})([0-9]{1,7})"')
_REPEATED: Final = re.compile(rb'number-(columns|rows)-repeated="([0-9]{1,9})"')
_LETTERS: Final = 26


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
    understood.format = _require_bounded(content) if content.startswith(_ZIP) else "xls"
    book = _opened(content)
    names = book.sheet_names
    if sheet is not None and sheet not in names:
        raise UnreadableFile(f"there is no sheet {sheet!r}; the workbook has {quoted(names)}")
    understood.sheet = sheet or names[0]
    found = book.get_sheet_by_name(understood.sheet)
    if found.total_height * found.total_width > MAX_CELLS:
        raise UnreadableFile(f"the sheet has more than {MAX_CELLS:,} cells; save the table as CSV")
    return _read_rows(enumerate(found.iter_rows(), start=1), wanted, understood, note)


def _opened(content: bytes) -> "CalamineWorkbook":
    require_excel()
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError  # noqa: PLC0415 — an extra

    try:
        return CalamineWorkbook.from_filelike(BytesIO(content))
    except PasswordError as error:
        raise UnreadableFile("the workbook is protected by a password; save it without one") from error
    except CalamineError as error:
        raise UnreadableFile("the file is no workbook that can be read; save the table as .xlsx or CSV") from error


def _require_bounded(content: bytes) -> str:
    """Return the format of a packed workbook. Raises UnreadableFile if unpacking it would take too much.

    Reading a sheet takes memory for each cell of the rectangle around all of them, so the corners are looked for here.
    """
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                kind = "xlsx"
            elif "xl/workbook.bin" in names:
                kind = "xlsb"
            elif "content.xml" in names and archive.read("mimetype")[:60].endswith(b"spreadsheet"):
                kind = "ods"
            else:
                raise UnreadableFile("the file is a ZIP archive; unpack it, and import the file in it")
            size = 0
            for member in archive.infolist():
                with archive.open(member) as file:
                    bounds = _Bounds()
                    while chunk := file.read(_CHUNK):
                        size += len(chunk)
                        if size > MAX_UNPACKED:
                            raise UnreadableFile(
                                f"the unpacked workbook is larger than {MAX_UNPACKED // 2**20} MiB; save it as CSV"
                            )
                        if _SHEET.fullmatch(member.filename):
                            bounds.look_at(chunk)
            return kind
    except _DAMAGE as error:
        raise UnreadableFile("the workbook is damaged or protected; save it again, or as CSV") from error


class _Bounds:
    """The size of a sheet, from the names of its cells."""

    def __init__(self) -> None:
        self._columns = self._rows = 1
        self._rest = b""

    def look_at(self, chunk: bytes) -> None:
        """Look at a part of the sheet. Raises UnreadableFile if it has too many cells."""
        text = self._rest + chunk
        self._rest = text[-200:]
        for letters, digits in _CELL.findall(text):
            self._rows = max(self._rows, int(digits))
            if len(letters) > 1 or letters[0] - 64 > self._columns:
                number = 0
                for letter in letters:
                    number = number * _LETTERS + letter - 64
                self._columns = max(self._columns, number)
        if self._rows * self._columns > MAX_CELLS:
            raise UnreadableFile(
                f"a sheet has more than {MAX_CELLS:,} cells; delete what is below and beside the table"
            )


def _read_rows(
    rows: Iterator[tuple[int, Sequence[object]]],
    wanted: Columns,
    understood: Understanding,
    note: Callable[[str], None],
) -> tuple[Iterator[Record], list[int]]:
    skipped: list[int] = []
    begin: list[tuple[int, list[str]]] = []
    for number, row in rows:
        headings = [text_of(cell) for cell in row]
        if any(headings):
            if not wanted.missing(wanted.found(headings)):
                places = wanted.chosen(headings, f"row {number}")
                understood.heading_line, understood.headings = number, tuple(headings)
                return _records(rows, places, headings, note), skipped
            begin.append((number, headings))
            skipped.append(number)
        if number >= HEADING_LINES:
            break
    raise UnreadableFile(_complaint(begin, wanted, understood.sheet))


def _complaint(begin: Sequence[tuple[int, list[str]]], wanted: Columns, sheet: str) -> str:
    names = ", ".join(COLUMNS)
    if not begin:
        return f'the sheet "{sheet}" is empty; choose another with --sheet'
    likely = [(number, row) for number, row in begin if wanted.found(row) and not looks_like_vehicle(row)]
    if likely:
        number, row = max(likely, key=lambda each: len(wanted.found(each[1])))
        try:
            wanted.chosen(row, f"row {number}")
        except UnreadableFile as error:
            return str(error)
    number, row = begin[0]
    if looks_like_vehicle(row):
        return f"row {number} looks like a vehicle, not like headings; add a row above it that names {names}"
    return f'none of the first {HEADING_LINES} rows of the sheet "{sheet}" names the columns {names}'


def _records(
    rows: Iterator[tuple[int, Sequence[object]]],
    places: Mapping[str, int],
    headings: Sequence[str],
    note: Callable[[str], None],
) -> Iterator[Record]:
    again = [simplified(heading) for heading in headings]
    for number, row in rows:
        cells = [text_of(cell) for cell in row]
        if any(cells) and [simplified(cell) for cell in cells] == again:
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
