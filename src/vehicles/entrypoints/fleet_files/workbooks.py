"""Rows in workbooks: .xlsx, .xls and .ods, as python-calamine reads them."""

import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from io import BytesIO
from typing import BinaryIO, Final
from xml.parsers.expat import ExpatError, ParserCreate

from vehicles.entrypoints.fleet_files.content import UnreadableFile
from vehicles.entrypoints.fleet_files.excel import require_excel
from vehicles.entrypoints.fleet_files.records import COLUMNS, Columns, Record, Understanding, looks_like_vehicle, quoted
from vehicles.entrypoints.fleet_files.text_tables import HEADING_LINES
from vehicles.entrypoints.fleet_files.words import simplified

MAX_FILE: Final = 64 * 2**20
MAX_UNPACKED: Final = 512 * 2**20
MAX_CELLS: Final = 5_000_000
MAX_TEXT: Final = 32_767
"""The characters that a cell has room for in Excel."""
MAX_CHARACTERS: Final = 2**28
_ZIP: Final = b"PK\x03\x04"
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK: Final = 2**20
# What zipfile raises for archives that are damaged, protected, or packed otherwise.
_DAMAGE: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, LookupError, NotImplementedError, OSError, RuntimeError, ValueError),
)
_STRINGS: Final = "/sharedstrings.xml"


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


def _require_bounded(content: bytes) -> str:
    """Return the format of a packed workbook. Raises UnreadableFile if reading it would take too much."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            names = set(archive.namelist())
            if "xl/workbook.xml" in names:
                kind = "xlsx"
            elif "xl/workbook.bin" in names:
                raise UnreadableFile("the workbook is a binary one (.xlsb); save it as .xlsx")
            elif "content.xml" in names and archive.open("mimetype").read(60).endswith(b"spreadsheet"):
                kind = "ods"
            else:
                raise UnreadableFile("the file is a ZIP archive; unpack it, and import the file in it")
            _require_small(archive, kind)
            return kind
    except _DAMAGE as error:
        raise UnreadableFile("the workbook is damaged or protected; save it again, or as CSV") from error


def _require_small(archive: zipfile.ZipFile, kind: str) -> None:
    members = {member.filename.lower().replace("\\", "/"): member for member in archive.infolist()}
    if len(members) < len(archive.infolist()):
        raise zipfile.BadZipFile("two parts have one name")
    strings = _Strings()
    size = 0
    for name, member in sorted(
        members.items(), key=lambda item: not item[0].endswith(_STRINGS)
    ):  # they are needed first
        part: _Part | None = None
        if kind == "xlsx":
            part = strings if name.endswith(_STRINGS) else _Sheet(strings.lengths)
        elif name == "content.xml":
            part = _Tables()
        with archive.open(member) as file:
            chunk = b" "
            while chunk:
                chunk = file.read(_CHUNK)
                size += len(chunk)
                if size > MAX_UNPACKED:
                    raise UnreadableFile(
                        f"the unpacked workbook is larger than {MAX_UNPACKED // 2**20} MiB; save it as CSV"
                    )
                if part:
                    part.look_at(chunk)


class _Part:
    """A part of a packed workbook, and what reading it would take.

    That is memory for each cell of the rectangle around all of a table, and for each text as often as it is used. XML
    is taken as calamine takes it: by names without namespaces, and with cells that need not say where they are.
    """

    def __init__(self) -> None:
        self.is_required = True  # to be XML
        self._is_xml = True
        self._cells = self._before = 0  # cells, and those of the rectangles before this one
        self._rows = self._columns = 0
        self._row = self._column = 0
        self._characters = self._length = 0
        self._times = 1
        self._open: set[str] = set()  # the elements in which the parser is, of those that begin something
        self._holder = ""  # the element whose text counts
        self._begins: dict[str, Callable[[dict[str, str]], None]] = {}
        self._ends: dict[str, Callable[[], None]] = {}
        self._parser = ParserCreate("UTF-8")
        self._parser.StartElementHandler = self._begin
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._add_text
        self._parser.StartDoctypeDeclHandler = self._refuse

    def look_at(self, chunk: bytes) -> None:
        """Look at the next bytes; b"" ends them. Raises UnreadableFile if it takes too much, and ValueError."""
        if self._is_xml:
            try:
                self._parser.Parse(chunk, not chunk)
            except ExpatError:
                self._is_xml = False
        if self.is_required and not self._is_xml:
            raise ValueError("a part of the workbook is not XML")
        if max(self._cells, self._before + self._rows * self._columns) > MAX_CELLS:
            raise UnreadableFile(
                f"a sheet has more than {MAX_CELLS:,} cells; delete what is below and beside the table"
            )
        if self._characters > MAX_CHARACTERS:
            raise UnreadableFile(f"a sheet has more than {MAX_CHARACTERS:,} characters; save the table as CSV")

    def _begin(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if self.is_required and (begin := self._begins.get(local)):
            if local in self._open:
                raise ValueError(f"{local} is in itself")
            self._open.add(local)
            begin(attributes)

    def _end(self, name: str) -> None:
        local = name.rpartition(":")[2]
        self._open.discard(local)
        if end := self._ends.get(local):
            end()

    def _place(self, row: int, column: int) -> None:
        self._rows = max(self._rows, row)
        self._columns = max(self._columns, column)

    def _add_text(self, text: str) -> None:
        if self._holder in self._open:
            self._add(len(text))

    def _add(self, length: int) -> None:
        self._length += length
        if self._length > MAX_TEXT:
            raise UnreadableFile(f"a cell has more than {MAX_TEXT:,} characters; shorten it")
        self._characters += length * self._times

    def _refuse(self, *_: object) -> None:
        raise ExpatError


class _Strings(_Part):
    """The shared strings of an .xlsx."""

    def __init__(self) -> None:
        super().__init__()
        self.lengths: list[int] = []
        self._holder = "si"
        self._begins = {"sst": self._begin_list, "si": self._begin_string, "sheetData": self._refuse}

    def _begin_list(self, attributes: dict[str, str]) -> None:
        self._before = int(attributes.get("uniqueCount", 0))  # calamine takes memory for as many

    def _begin_string(self, _attributes: dict[str, str]) -> None:
        self.lengths.append(0)
        self._cells += 1
        self._length = 0

    def _add(self, length: int) -> None:
        super()._add(length)
        self.lengths[-1] = self._length


class _Sheet(_Part):
    """A part of an .xlsx; it is a sheet if it has sheetData, whatever its name."""

    def __init__(self, strings: Sequence[int]) -> None:
        super().__init__()
        self.is_required = False
        self._strings = strings
        self._last = b""
        self._is_shared = False
        self._index: str | None = None
        self._holder = "c"
        self._begins = {"row": self._begin_row, "c": self._begin_cell, "v": self._begin_value}
        self._ends = {"row": self._end_row, "v": self._end_value}

    def look_at(self, chunk: bytes) -> None:
        if not self.is_required:
            self._last = self._last[-len(b"sheetData") :] + chunk
            self.is_required = b"sheetData" in self._last
        super().look_at(chunk)

    def _begin_row(self, attributes: dict[str, str]) -> None:
        if reference := attributes.get("r"):
            self._row = int(reference) - 1

    def _end_row(self) -> None:
        self._row += 1
        self._column = 0

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        if "row" not in self._open:
            raise ValueError("a cell is in no row")
        row = self._row + 1
        self._column += 1
        if reference := attributes.get("r"):
            letters = reference.rstrip("0123456789")
            row, self._column = int(reference[len(letters) :]), _column_of(letters)
        self._place(row, self._column)
        self._cells += 1
        self._length = 0
        self._is_shared = attributes.get("t") == "s"

    def _begin_value(self, _attributes: dict[str, str]) -> None:
        self._index = "" if self._is_shared else None

    def _end_value(self) -> None:
        self._index = None

    def _add_text(self, text: str) -> None:
        super()._add_text(text)
        if self._index is not None and text.strip():
            self._index += text  # of a number in pieces, calamine reads the first one: each counts
            self._characters += self._strings[int(self._index)]


class _Tables(_Part):
    """The content of an .ods; all its tables are read at once.

    Cells and rows that are repeated count as often, but not the empty ones at the end of a row or a table.
    """

    def __init__(self) -> None:
        super().__init__()
        self._repeated = self._rows_repeated = 1
        self._holder = "table-row"
        self._begins = {
            "table": self._begin_table,
            "table-row": self._begin_row,
            "table-cell": self._begin_cell,
            "covered-table-cell": self._begin_cell,
            "s": self._begin_spaces,
        }

    def _begin_table(self, _attributes: dict[str, str]) -> None:
        self._before += self._rows * self._columns
        self._rows = self._columns = self._row = 0

    def _begin_row(self, attributes: dict[str, str]) -> None:
        self._rows_repeated = int(attributes.get("table:number-rows-repeated", 1))
        self._row += self._rows_repeated
        self._column = self._repeated = 0

    def _begin_cell(self, attributes: dict[str, str]) -> None:
        self._cells += self._repeated  # cells before another one are kept, even if they are empty
        self._repeated = int(attributes.get("table:number-columns-repeated", 1))
        self._column += self._repeated
        self._length = self._times = 0
        if any("value" in name or name == "table:formula" for name in attributes):
            self._place(self._row, self._column)
            self._times = self._repeated * self._rows_repeated
            self._add(sum(map(len, attributes.values())))

    def _begin_spaces(self, attributes: dict[str, str]) -> None:
        self._add(int(attributes.get("text:c", 1)))


@lru_cache
def _column_of(letters: str) -> int:
    """Return the number of a column, of which A is the first one. Raises ValueError."""
    number = 0
    for letter in letters:
        number = number * 26 + int(letter, 36) - 9
    return number


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
                places = wanted.chosen(headings, f"row {number}")
                understood.heading_line, understood.headings = number, tuple(headings)
                return _records(rows, places, headings, note), skipped
            begin.append((number, headings))
            skipped.append(number)
        if len(begin) >= HEADING_LINES:
            break
    advice = f"; the workbook has other sheets, which --sheet chooses: {quoted(others)}" if others else ""
    raise UnreadableFile(_complaint(begin, wanted, understood.sheet) + advice)


def _complaint(begin: Sequence[tuple[int, list[str]]], wanted: Columns, sheet: str) -> str:
    names = ", ".join(COLUMNS)
    if not begin:
        return f'the sheet "{sheet}" is empty'
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
    return f'none of the first {HEADING_LINES} filled rows of the sheet "{sheet}" names the columns {names}'


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
