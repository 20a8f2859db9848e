"""Whether a packed workbook can be read in bounded memory, decided by its XML before calamine reads it."""

import zipfile
import zlib
from collections.abc import Callable, Sequence
from functools import lru_cache
from io import BytesIO
from typing import Final
from xml.parsers.expat import ExpatError, ParserCreate

from vehicles.entrypoints.fleet_files.content import UnreadableFile

MAX_CELLS: Final = 5_000_000
MAX_UNPACKED: Final = 512 * 2**20
MAX_TEXT: Final = 32_767
"""The characters that a cell has room for in Excel."""
MAX_CHARACTERS: Final = 2**28
_CHUNK: Final = 2**20
# What zipfile raises for archives that are damaged, protected, or packed otherwise.
_DAMAGE: Final = (
    *(zipfile.BadZipFile, zlib.error, EOFError, LookupError, NotImplementedError, OSError, RuntimeError, ValueError),
)
_STRINGS: Final = "/sharedstrings.xml"


def require_bounded(content: bytes) -> str:
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
                raise UnreadableFile(_foreign(names))
            _require_small(archive, kind)
            return kind
    except _DAMAGE as error:
        raise UnreadableFile("the workbook is damaged or protected; save it again, or as CSV") from error


def _foreign(names: set[str]) -> str:
    """Return what a ZIP archive is that is no workbook."""
    documents = {"word/document.xml", "ppt/presentation.xml", "Index/Document.iwa", "content.xml"}
    if names & documents:
        return "the file is a document, not a workbook; save the table in it as CSV or .xlsx"
    return "the file is a ZIP archive; unpack it, and import the file in it"


def _require_small(archive: zipfile.ZipFile, kind: str) -> None:
    members = {member.filename.lower().replace("\\", "/"): member for member in archive.infolist()}
    if len(members) < len(archive.infolist()):
        raise zipfile.BadZipFile("two parts have one name")
    strings = _Strings()
    size = 0
    for name, member in sorted(members.items(), key=lambda item: not item[0].endswith(_STRINGS)):  # needed first
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
