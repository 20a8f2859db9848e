"""Tables in text: CSV in the dialects that spreadsheets and people write.

The heading line is the first of the first twenty that names all needed columns; it also decides the delimiter. Blank
lines do not count. A quotation mark that is not closed within ten lines breaks its own line, not the rest of the file.
"""

import csv
import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from vehicles.domain.errors import Fault
from vehicles.entrypoints.fleet_files.content import MAX_LINE, UnreadableFile, encodable, shown
from vehicles.entrypoints.fleet_files.records import (
    COLUMNS,
    Columns,
    Record,
    Understanding,
    is_same_headings,
    looks_like_vehicle,
)

HEADING_LINES: Final = 20
"""The headings are among the first lines of a file."""
MAX_ROW_LINES: Final = 10
"""A cell may have line breaks; a row has at most this many lines."""
TOO_LONG: Final = Fault("row.too_long", f"the line is longer than {MAX_LINE} characters")
_DELIMITERS: Final = ",;\t|"
_SEPARATOR_LINE: Final = re.compile(r'"?sep=([^"\'])"?', re.IGNORECASE)
_BLANK: Final = " \t\u00a0\x1a\x00\"'"
_NOTHING: Final[Mapping[str, object]] = {}

type Lines = Iterator[tuple[int, str]]


class _Unclosed(Exception):
    """A quotation mark is not closed."""


def read_table(
    lines: Lines, wanted: Columns, understood: Understanding, note: Callable[[str], None]
) -> tuple[Iterator[Record], list[int]]:
    """Return the rows of a table, and the numbers of the lines before the headings that were skipped.

    Raises UnreadableFile if there are no usable headings.
    """
    begin: list[tuple[int, str]] = []
    delimiter = ""
    for number, line in lines:
        if _is_blank(line):
            continue
        if match := _SEPARATOR_LINE.fullmatch(line):
            delimiter = match[1]
            continue
        for each in delimiter or sorted(_DELIMITERS, key=lambda each: -line.count(each)):
            for quote in "'\"" if line.lstrip().startswith("'") else '"':
                headings = _headings(line, each, quote)
                if not wanted.missing(wanted.found(headings)):
                    understood.delimiter, understood.heading_line = each, number
                    understood.headings = tuple(headings)
                    places = wanted.chosen(headings, f"line {number}")
                    skipped = [number for number, _ in begin]
                    return _Table(lines, understood, quote, places, note).rows(), skipped
        begin.append((number, line))
        if len(begin) == HEADING_LINES:
            break
    raise UnreadableFile(_complaint(begin, delimiter, wanted, understood))


def _headings(line: str, delimiter: str, quote: str) -> list[str]:
    try:
        return [encodable(cell.strip("\ufeff")) for cell in _split(line, delimiter, quote)]
    except _Unclosed:
        return []


def _complaint(begin: Sequence[tuple[int, str]], delimiter: str, wanted: Columns, understood: Understanding) -> str:
    """Return why no line is one of headings: what misses least, or that the headings are missing.

    The line that is most likely one of headings is understood as that, so that its columns can be assigned.
    """
    best, fewest = "", len(COLUMNS)
    for number, line in begin:
        for each in delimiter or _DELIMITERS:
            headings = _headings(line, each, '"')
            if looks_like_vehicle(headings):
                continue
            missing = len(wanted.missing(wanted.found(headings)))
            is_wider = fewest == len(COLUMNS) and len(headings) > max(len(understood.headings), 1)
            if missing < fewest or is_wider:
                understood.delimiter, understood.heading_line = each, number
                understood.headings = tuple(headings)
            if missing < fewest:
                fewest = missing
                try:
                    wanted.chosen(headings, f"line {number}")
                except UnreadableFile as error:
                    best = str(error)
    if best:
        return best
    names = ", ".join(COLUMNS)
    if not begin:
        return f"the file has no rows; its first line must name the columns {names}"
    number, line = begin[0]
    if any(looks_like_vehicle(_headings(line, each, '"')) for each in delimiter or _DELIMITERS):
        return f"line {number} looks like a vehicle, not like headings; add a first line that names the columns {names}"
    return f"none of the first {HEADING_LINES} lines names the columns {names}"


def _is_blank(line: str) -> bool:
    return not line.strip(_BLANK + _DELIMITERS)


class _Table:
    """The rows below the headings."""

    def __init__(
        self,
        lines: Lines,
        understood: Understanding,
        quote: str,
        places: Mapping[str, int],
        note: Callable[[str], None],
    ) -> None:
        self._lines = lines
        self._pushed: deque[tuple[int, str]] = deque()
        self._delimiter = understood.delimiter
        self._quote = quote
        self._places = places
        self._note = note
        self._width = len(understood.headings)
        self._headings = understood.headings

    def rows(self) -> Iterator[Record]:
        while (found := self._next_line()) is not None:
            number, line = found
            place = f"line {number}"
            if len(line) > MAX_LINE:
                yield Record(number, place, _NOTHING, (shown(line),), TOO_LONG)
                continue
            if _is_blank(line):
                continue
            try:
                cells = self._cells(line)
            except _Unclosed:
                detail = f"a quotation mark is not closed at the end of a cell within {MAX_ROW_LINES} lines"
                yield Record(number, place, _NOTHING, (line,), Fault("row.csv", detail))
                continue
            if is_same_headings(cells, self._headings):
                self._note(f"note: {place} repeats the headings, and is skipped")  # two files in one
                continue
            yield self._record(number, place, cells)

    def _record(self, number: int, place: str, cells: list[str]) -> Record:
        if any(cell.strip(_BLANK) for cell in cells[self._width :]):
            detail = f"the row has {len(cells)} cells, but there are {self._width} headings"
            return Record(number, place, _NOTHING, cells, Fault("row.columns", detail))
        cells += [""] * (self._width - len(cells))  # cells that are missing at the end are empty
        return Record(number, place, {name: cells[at] for name, at in self._places.items()}, cells)

    def _cells(self, line: str) -> list[str]:
        """Return the cells of the row that begins with a line. Raises _Unclosed, and has read only this line then."""
        used: list[tuple[int, str]] = []
        try:
            return self._separated(self._joined(line, used))
        except _Unclosed:
            self._pushed.extendleft(reversed(used))
            raise

    def _joined(self, row: str, used: list[tuple[int, str]]) -> list[str]:
        """Return the cells of a row, and add the lines to `used` that it takes besides its first. Raises _Unclosed."""
        while len(row) <= MAX_LINE and len(used) < MAX_ROW_LINES:
            try:
                cells = _split(row, self._delimiter, self._quote)
            except _Unclosed:
                if (following := self._next_line()) is None:
                    raise
                used.append(following)
                row = f"{row}\n{following[1]}"
            else:
                if self._is_one_vehicle(row):
                    return cells
                break
        raise _Unclosed

    def _is_one_vehicle(self, row: str) -> bool:
        """Return False if several lines have a VIN: then stray quotation marks made one row of them."""
        lines = row.split("\n")
        cells = [[cell.strip(_BLANK) for cell in line.split(self._delimiter)] for line in lines]
        return len(lines) == 1 or sum(looks_like_vehicle(each) for each in cells) <= 1

    def _separated(self, cells: list[str]) -> list[str]:
        """Split a row again whose cells are separated otherwise than the headings: ones in one pair of quotes, too."""
        filled = [cell for cell in cells if cell.strip()]
        if self._width > 1 and len(filled) == 1:
            for delimiter in (self._delimiter, *_DELIMITERS):
                again = _headings(filled[0], delimiter, self._quote)
                if len(again) == self._width:
                    return again
        return cells

    def _next_line(self) -> tuple[int, str] | None:
        return self._pushed.popleft() if self._pushed else next(self._lines, None)


def _split(line: str, delimiter: str, quote: str) -> list[str]:
    """Return the cells of a line. Raises _Unclosed."""
    if quote not in line:
        cells = line.split(delimiter)
    else:
        try:
            cells = _read(line, delimiter, quote, strict=True)
        except csv.Error as error:
            # In a row of several lines, the first quotation mark may be a stray one.
            if "\n" in line or "unexpected end" in str(error):
                raise _Unclosed from error
            cells = _read(line, delimiter, quote, strict=False)
    if len(cells) == 1 and delimiter in cells[0] and cells[0] != line:
        return _split(cells[0], delimiter, quote)  # the whole line was quoted as one cell
    return cells


def _read(line: str, delimiter: str, quote: str, *, strict: bool) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter, quotechar=quote, skipinitialspace=True, strict=strict), [])
