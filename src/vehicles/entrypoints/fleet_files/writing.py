"""Writing fleets, and the refused rows of an import, to files: CSV, JSON Lines and Excel workbooks."""

import csv
import json
import os
from codecs import getwriter
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, NamedTuple, Self

from vehicles.domain.vehicle import WIRE_NAMES, Vehicle, vehicle_record
from vehicles.domain.vin.csv_text import as_csv_text
from vehicles.domain.vin.number import LENGTH
from vehicles.entrypoints.fleet_files.excel import Sheet, UnwritableFile, require_excel, written_workbook
from vehicles.entrypoints.fleet_files.records import REPORT

if TYPE_CHECKING:
    from tempfile import SpooledTemporaryFile

FORMULA_STARTS: Final = frozenset("=+-@\t\r")
"""Characters that begin a formula in a spreadsheet (OWASP, "CSV Injection")."""

WIDTHS: Final = {"vin": 22, "noOfAxles": 12, "fuelType": 12, "timestamp": 30}
_OTHER_WIDTH: Final = 22
_CHUNK: Final = 256 * 1024
_REFUSED_SUFFIXES: Final = (".csv", ".txt", ".xlsx")

type _Write = Callable[[Sequence[str | int]], object]


class FleetFileFormat(StrEnum):
    """The formats in which fleets are written."""

    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"

    @classmethod
    def of_name(cls, name: str) -> Self | None:
        """Return the format that the name of a file stands for, if there is one."""
        suffix = Path(name).suffix.lower()
        return next((each for each in cls if suffix == f".{each}"), cls.JSONL if suffix == ".ndjson" else None)


class CSVDialect(NamedTuple):
    """How CSV is written."""

    delimiter: str = ","
    line_end: str = "\n"
    encoding: str = "utf-8"


PLAIN_CSV: Final = CSVDialect()
EXCEL_CSV: Final = {"de": CSVDialect(";", "\r\n", "utf-8-sig"), "us": CSVDialect(",", "\r\n", "utf-8-sig")}
"""What Excel opens by a double click: it expects the delimiter of its country, and takes UTF-8 only with a BOM."""


def write_fleet(
    vehicles: Iterable[Vehicle],
    stream: BinaryIO,
    file_format: FleetFileFormat,
    dialect: CSVDialect = PLAIN_CSV,
    *,
    timestamps: bool = True,
) -> int:
    """Write the vehicles, one per row, and return their number.

    Raises OSError, MissingExtra, and UnwritableFile if a workbook cannot have so many rows.
    """
    names = [name for field, name in WIRE_NAMES.items() if timestamps or field != "registered_at"]
    count = 0
    with _table(stream, names, file_format, dialect) as write:
        for vehicle in vehicles:
            record = vehicle_record(vehicle)
            write([record[name] for name in names])
            count += 1
    return count


def fleet_in_chunks(pages: Iterable[Iterable[Vehicle]], file_format: FleetFileFormat) -> Generator[bytes]:
    """Yield a file as `write_fleet` writes it, a chunk after each page, in constant memory.

    A workbook begins only after the last page; until then the chunks are empty. Raises as `write_fleet` does.
    """
    from tempfile import SpooledTemporaryFile  # noqa: PLC0415 — as in `replacing`

    names = list(WIRE_NAMES.values())
    with SpooledTemporaryFile(_CHUNK) as stream:  # VINs are personal data: the file has no name, and never stays
        with _table(stream, names, file_format, PLAIN_CSV) as write:  # type: ignore[arg-type]  # as a BinaryIO
            for page in pages:
                for vehicle in page:
                    record = vehicle_record(vehicle)
                    write([record[name] for name in names])
                yield _taken(stream)
        stream.seek(0)
        while chunk := stream.read(_CHUNK):
            yield chunk


def _taken(stream: "SpooledTemporaryFile[bytes]") -> bytes:
    """Return what the stream holds, and empty it."""
    stream.seek(0)
    content = stream.read()
    stream.seek(0)
    stream.truncate()
    return content


class RefusedRows:
    """Writes the refused rows of an import as they came, each with its error and a suggestion, to be imported again.

    It is a context manager. The first row opens the stream. However the block ends, the stream has all rows.
    """

    def __init__(
        self,
        opened: Callable[[], AbstractContextManager[BinaryIO]],
        dialect: CSVDialect = EXCEL_CSV["us"],
        file_format: FleetFileFormat = FleetFileFormat.CSV,
    ) -> None:
        self._opened, self._dialect, self._format = opened, dialect, file_format
        self._columns: list[str] = []
        self._write: _Write | None = None
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def write(self, headings: Sequence[str], cells: Sequence[str], error: str, suggestion: str) -> None:
        """Write a row. Raises OSError, and UnwritableFile if a workbook cannot have so many rows.

        The columns are those of the first row. Cells of other columns, and cells without a heading, follow the
        suggestion. The report of an earlier import is replaced.
        """
        own = len(headings) - (len(REPORT) if tuple(headings[-len(REPORT) :]) == REPORT else 0)
        columns, surplus = list(headings[:own]), cells[len(headings) :]
        row = [*cells[:own], *[""] * (own - len(cells))]
        if self._write is None:
            self._columns = columns
            stream = self._stack.enter_context(self._opened())
            table = _table(stream, [*columns, *REPORT], self._format, self._dialect)
            self._write = self._stack.enter_context(table)
        elif columns != self._columns:  # as of objects in JSON Lines
            named = dict(zip(columns, row, strict=True))
            row = [named.pop(column, "") for column in self._columns]
            surplus = [*named.values(), *surplus]
        self._write([*row, error, suggestion, *surplus])


class RefusedWriter(RefusedRows):
    """Writes refused rows to a file, a workbook if its name ends with .xlsx, else CSV; only its owner can read it.

    Raises UnwritableFile at once if the file exists, unless `overwrite` is set, if its name is that of another format,
    and if its directory cannot be written to; and MissingExtra.
    """

    def __init__(self, path: Path, *, overwrite: bool = False, dialect: CSVDialect = EXCEL_CSV["us"]) -> None:
        target = require_free(path, overwrite=overwrite)
        is_workbook = FleetFileFormat.of_name(path.name) is FleetFileFormat.XLSX
        if path.suffix.lower() not in _REFUSED_SUFFIXES:
            raise UnwritableFile(f"{path} is neither .csv nor .xlsx, as a file of refused rows is")
        if not os.access(target.parent, os.W_OK | os.X_OK):
            raise UnwritableFile(f"{target.parent} is no directory that can be written to")
        if is_workbook:
            require_excel()
        file_format = FleetFileFormat.XLSX if is_workbook else FleetFileFormat.CSV
        super().__init__(lambda: replacing(path, overwrite=overwrite), dialect, file_format)


@contextmanager
def replacing(path: Path, *, overwrite: bool) -> Iterator[BinaryIO]:
    """Yield a stream. Its content replaces the file when the block ends without an error; only its owner can read it.

    Raises OSError, and UnwritableFile if the file exists, unless `overwrite` is set.
    """
    from tempfile import NamedTemporaryFile  # noqa: PLC0415 — only a file needs it, and `--help` answers at once

    target = require_free(path, overwrite=overwrite)
    with NamedTemporaryFile("wb", dir=target.parent, prefix=f".{target.name}.") as stream:
        yield stream  # type: ignore[misc]  # a wrapper of a BinaryIO
        stream.flush()
        os.fsync(stream.fileno())
        if not overwrite:  # creating the file claims the name, even on a file system without links
            target.touch(mode=0o600, exist_ok=False)
        Path(stream.name).replace(target)


def require_free(path: Path, *, overwrite: bool) -> Path:
    """Return the file to write, with links resolved. Raises UnwritableFile if it exists and is not to be replaced."""
    target = path.resolve()
    if target.exists() and not (overwrite and target.is_file()):
        remedy = "use --overwrite to replace it" if target.is_file() else "it is not a regular file"
        raise UnwritableFile(f"{target} already exists; {remedy}")
    return target


def guard(cell: str) -> str:
    """Return the cell, prefixed with an apostrophe if a spreadsheet would run it.

    >>> guard("=1+1"), guard("'=1+1"), guard("WMA")
    ("'=1+1", "'=1+1", 'WMA')
    """
    return f"'{cell}" if cell[:1] in FORMULA_STARTS else cell


@contextmanager
def _table(
    stream: BinaryIO, columns: Sequence[str], file_format: FleetFileFormat, dialect: CSVDialect
) -> Iterator[_Write]:
    """Yield a function that writes the next row. The file is complete when the block ends without an error."""
    match file_format:
        case FleetFileFormat.XLSX:
            with written_workbook(stream) as workbook:
                sheet = Sheet(workbook, "Fleet", [(name, WIDTHS.get(name, _OTHER_WIDTH)) for name in columns])
                yield sheet.add
                sheet.add_filters()
        case FleetFileFormat.JSONL:
            yield lambda cells: stream.write(f"{json.dumps(dict(zip(columns, cells, strict=True)))}\n".encode())
        case FleetFileFormat.CSV:
            text = getwriter(dialect.encoding)(stream, "replace")  # JSON may have had half a character
            writer = csv.writer(text, delimiter=dialect.delimiter, lineterminator=dialect.line_end)
            writer.writerow(map(_csv_cell, columns))
            yield lambda cells: writer.writerow(map(_csv_cell, cells))


def _csv_cell(cell: str | int) -> str | int:
    """Return a cell that no program runs as a formula, and, if it may be a VIN, none reads as a number."""
    if isinstance(cell, int):
        return cell
    return guard(cell) if (text := as_csv_text(cell)) == cell or len(cell) != LENGTH else text
