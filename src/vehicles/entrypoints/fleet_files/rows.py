"""Fleet files: CSV with a header, and JSON Lines. Both are read line by line.

A line is a row: cells do not span lines. So a stray quotation mark breaks one row, not the rest of the file, and line
numbers are those of an editor. Files are not trusted: the lengths of lines and the numbers of columns are limited, and
a row that is not UTF-8 is rejected.
"""

import csv
import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from io import BufferedReader
from pathlib import PurePath
from typing import BinaryIO, Final

from vehicles.domain.errors import Fault, InvalidInput, InvalidVehicle, InvalidVin
from vehicles.domain.fleet_import import RefusedRow, Row
from vehicles.domain.vehicle import AXLES, FUEL_TYPES, WIRE_NAMES, Vehicle, parse_timestamp
from vehicles.domain.vin.explanation import warnings_of
from vehicles.domain.vin.number import Vin, VinPolicy
from vehicles.domain.vin.suggestions import Suggestion, suggest
from vehicles.entrypoints.fleet_files.writing import FORMULA_STARTS
from vehicles.entrypoints.json_objects import JSONObject, make_decoder

MAX_LINE: Final = 64 * 1024  # bytes
TIMESTAMP: Final = WIRE_NAMES["registered_at"]
COLUMNS: Final = tuple(name for name in WIRE_NAMES.values() if name != TIMESTAMP)

_BOM: Final = b"\xef\xbb\xbf"
_BLANKS: Final = " \t\r\n"
_DELIMITERS: Final = ",;"
_MAX_COLUMNS: Final = 50
_SHOWN_NAME: Final = 40
_END_OF_TIME: Final = datetime.max.replace(tzinfo=UTC)
_CSV_TEXT: Final = re.compile(r'="([0-9A-Za-z]*)"')


class FleetFormat(StrEnum):
    """The formats of fleet files."""

    CSV = "csv"
    JSONL = "jsonl"


FORMAT_OF_SUFFIX: Final = {".csv": FleetFormat.CSV, ".jsonl": FleetFormat.JSONL, ".ndjson": FleetFormat.JSONL}


class UnreadableFile(Exception):
    """A file that is not a fleet file; the message says why."""


@dataclass(frozen=True, slots=True)
class RowReader:
    """Converts rows to vehicles.

    `check_vin` raises InvalidVin if the registry does not accept a VIN; so all faults of a row are reported together.
    `registered_at` is the time of registration of all vehicles. If it is None, every row needs a timestamp, not later
    than `latest`.
    """

    check_vin: Callable[[Vin], None]
    registered_at: datetime | None
    on_ignored_timestamps: Callable[[], None] = lambda: None
    latest: datetime = _END_OF_TIME

    def rows(self, stream: BinaryIO, file_format: FleetFormat) -> Iterator[Row | RefusedRow]:
        """Yield the rows of a file, without blank ones. Raises UnreadableFile before the first row."""
        lines = _lines(stream)
        is_csv = file_format is FleetFormat.CSV
        read = _csv_reader(lines) if is_csv else _read_object
        blanks = _BLANKS + _DELIMITERS if is_csv else _BLANKS  # spreadsheets write empty rows
        note = self.on_ignored_timestamps if self.registered_at else None
        for number, line in lines:
            try:
                text = _text(line)
                if not text.strip(blanks):
                    continue
                fields = read(text)
            except InvalidInput as error:
                yield RefusedRow(number, error.faults)
                continue
            if note and TIMESTAMP in fields:
                note()
                note = None
            yield self._row(number, fields)

    def _row(self, line: int, fields: Mapping[str, object]) -> Row | RefusedRow:
        faults: list[Fault] = []
        suggestions: tuple[Suggestion, ...] = ()
        vin, registered_at = None, self.registered_at
        text = fields.get("vin")
        try:
            vin = Vin.parse(text, VinPolicy.ADVISORY)  # type: ignore[arg-type]  # parse rejects other types
            self.check_vin(vin)
        except InvalidVin as error:
            faults += [replace(fault, field="vin") for fault in error.faults]
            suggestions = suggest(text) if isinstance(text, str) else ()
        if registered_at is None:
            try:
                registered_at = parse_timestamp(str(fields.get(TIMESTAMP, "")))
            except ValueError as error:
                faults.append(Fault("vehicle.timestamp", str(error), TIMESTAMP))
        if registered_at and registered_at > self.latest:
            faults.append(Fault("vehicle.timestamp", "the timestamp is in the future", TIMESTAMP))
        axles, fuel = fields.get("noOfAxles"), fields.get("fuelType")
        try:
            vehicle = Vehicle(vin, axles, fuel, registered_at)  # type: ignore[arg-type]  # Vehicle rejects other types
        except InvalidVehicle as error:
            reported = {fault.field for fault in faults}
            found = [replace(fault, field=WIRE_NAMES[fault.field]) for fault in error.faults]
            faults += [fault for fault in found if fault.field not in reported]
            return RefusedRow(line, tuple(faults), suggestions)
        if faults:
            return RefusedRow(line, tuple(faults), suggestions)
        return Row(line, vehicle, warnings_of(str(text), vehicle.vin))


def format_of(name: str, stream: BufferedReader) -> FleetFormat:
    """Return the format by the suffix of the name, else by the first character of the file that is not blank.

    A brace or a bracket means JSON Lines. An array is then rejected row by row, with an example of a valid row.
    """
    if (known := FORMAT_OF_SUFFIX.get(PurePath(name).suffix.lower())) is not None:
        return known
    beginning = stream.peek().removeprefix(_BOM).lstrip()
    return FleetFormat.JSONL if beginning.startswith((b"{", b"[")) else FleetFormat.CSV


def unguard(cell: str) -> str:
    """Return the cell as it was before `guard` or `as_csv_text`."""
    if text := _CSV_TEXT.fullmatch(cell):
        return text[1]
    return cell[1:] if cell.startswith("'") and cell.lstrip("'")[:1] in FORMULA_STARTS else cell


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines, numbered from 1. A line that is too long is cut, to one byte more than allowed."""
    for number, line in enumerate(iter(lambda: stream.readline(MAX_LINE + 1), b""), start=1):
        yield number, line.removeprefix(_BOM) if number == 1 and len(line) <= MAX_LINE else line
        rest = line
        while len(rest) >= MAX_LINE and not rest.endswith(b"\n"):
            rest = stream.readline(MAX_LINE)


def _text(line: bytes) -> str:
    if len(line) > MAX_LINE:
        raise InvalidInput(Fault("row.too_long", f"the line is longer than {MAX_LINE} bytes"))
    try:
        return line.decode().strip(_BLANKS)
    except UnicodeDecodeError as error:
        wrong = f"byte {error.start + 1} of the line, 0x{line[error.start]:02x}"
        raise InvalidInput(Fault("row.encoding", f"{wrong}, is not UTF-8: save the file as UTF-8")) from error


def _read_object(line: str) -> Mapping[str, object]:
    try:
        fields = _DECODER.decode(line)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(Fault("row.json", "the line is not a JSON object")) from error
    if not isinstance(fields, JSONObject):
        example = '{"vin": "…", "noOfAxles": 3, "fuelType": "diesel"}'
        raise InvalidInput(Fault("row.json", f"the line is not a JSON object such as {example}"))
    if reason := _unusable(fields, fields.repeated, "field"):
        raise InvalidInput(Fault("row.fields", reason))
    fuel = fields["fuelType"]
    return fields | {"fuelType": FUEL_TYPES.get(fuel) if isinstance(fuel, str) else None}


_DECODER: Final = make_decoder()


def _csv_reader(lines: Iterator[tuple[int, bytes]]) -> Callable[[str], Mapping[str, object]]:
    """Read the header, and return the function that parses a line into fields."""
    for number, line in lines:
        try:
            if header := _text(line):
                delimiter = max(_DELIMITERS, key=header.count)
                return partial(_read_cells, delimiter=delimiter, names=_read_header(header, delimiter))
        except InvalidInput as error:
            raise UnreadableFile(f"line {number}: {error.faults[0].detail}") from error
    raise UnreadableFile(f"the file is empty; its first line must name the columns: {','.join(COLUMNS)}")


def _read_header(header: str, delimiter: str) -> list[str]:
    known = {name.lower(): name for name in (*COLUMNS, TIMESTAMP)}
    names = [known.get(cell.strip(_BLANKS).lower(), cell) for cell in _split(header, delimiter)]
    repeated = [name for name, times in Counter(names).items() if times > 1]
    if reason := _unusable(names, repeated, "column"):
        raise InvalidInput(Fault("row.columns", f"{reason}; the first line must name the columns: {','.join(COLUMNS)}"))
    return names


def _read_cells(line: str, delimiter: str, names: Sequence[str]) -> Mapping[str, object]:
    cells = _split(line, delimiter)
    if len(cells) != len(names):
        detail = f"the row has {len(cells)} cells, but the first line names {len(names)} columns"
        raise InvalidInput(Fault("row.columns", detail))
    fields = {name: unguard(cell).strip(_BLANKS) for name, cell in zip(names, cells, strict=True)}
    return fields | {"noOfAxles": AXLES.get(fields["noOfAxles"]), "fuelType": FUEL_TYPES.get(fields["fuelType"])}


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        detail = "a quotation mark is not closed, or the line contains a carriage return"
        raise InvalidInput(Fault("row.csv", detail)) from error


def _unusable(names: Collection[str], repeated: Iterable[str], word: str) -> str:
    """Return what is wrong with the names of the columns or fields, or an empty string."""
    if len(names) > _MAX_COLUMNS:
        return f"there are {len(names)} {word}s"
    missing = [name for name in COLUMNS if name not in names]
    unknown = [name for name in names if name not in COLUMNS and name != TIMESTAMP]
    found = (("missing", missing), ("unknown", unknown), ("repeated", sorted(repeated)))
    # The names are untrusted; as ASCII they cannot control a terminal.
    shown = ((what, ", ".join(ascii(name[:_SHOWN_NAME]) for name in some)) for what, some in found if some)
    return "; ".join(f"{what} {word} {some}" for what, some in shown)
