"""Excel workbooks: what their libraries are needed for, and how a sheet is written."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from shutil import copyfileobj
from typing import TYPE_CHECKING, BinaryIO, Final

if TYPE_CHECKING:
    from xlsxwriter import Workbook

MAX_ROWS: Final = 1_048_576
"""The rows of a sheet, that of the headings included: Excel has no more."""

_NUMBERS: Final = frozenset({"noOfAxles"})  # the columns in which people type numbers
_TEXT: Final = 49  # the number format @ (ECMA-376, 18.8.30): what people type stays text
_LIBRARIES: Final = ("python_calamine", "xlsxwriter")
# Characters that XML 1.0 does not allow.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class MissingExtra(ImportError):
    """The libraries for workbooks are not installed; the message says how to install them."""


class UnwritableFile(Exception):
    """A file that cannot be written as asked; the message says why."""


def require_excel() -> None:
    """Raise MissingExtra unless the libraries that read and write workbooks are installed."""
    if not all(map(find_spec, _LIBRARIES)):
        message = "a workbook needs the extra excel, which is not installed: pip install 'vehicle-registry[excel]'"
        raise MissingExtra(message)


@contextmanager
def written_workbook(stream: BinaryIO) -> Iterator["Workbook"]:
    """Yield a workbook for sheets that are written row by row, in constant memory.

    It is written to the stream when the block ends without an error. Raises MissingExtra and OSError.
    """
    require_excel()
    from tempfile import TemporaryDirectory  # noqa: PLC0415 — as XlsxWriter

    from xlsxwriter import Workbook  # noqa: PLC0415 — only workbooks need it, and `--help` answers at once
    from xlsxwriter.exceptions import FileCreateError  # noqa: PLC0415 — as above

    with TemporaryDirectory() as folder:  # VINs are personal data: of an interrupted export none stays there
        path = Path(folder, "workbook")  # a stream may be a closed pipe, at which a zip file fails more than once
        workbook = Workbook(path, {"constant_memory": True, "tmpdir": folder})
        try:
            yield workbook
            workbook.close()
        except FileCreateError as error:
            raise error.args[0] from error  # the OSError that it wraps
        finally:
            for sheet in workbook.worksheets():
                sheet.row_data_fh.close()  # type: ignore[attr-defined]  # in constant memory it is a file
        with path.open("rb") as written:
            copyfileobj(written, stream)


class Sheet:
    """A sheet of a workbook. Its headings are bold and stay in sight; its texts are never read as numbers or formulas.

    `columns` are the headings, each with the width of its column in characters.
    """

    def __init__(
        self, workbook: "Workbook", name: str, columns: Sequence[tuple[str, int]], *, max_rows: int = MAX_ROWS
    ) -> None:
        self.worksheet = workbook.add_worksheet(name)
        self._max_rows = max_rows
        self._columns = len(columns)
        self._rows = 0
        text = workbook.add_format({"num_format": _TEXT})
        for place, (heading, width) in enumerate(columns):
            self.worksheet.set_column(place, place, width, None if heading in _NUMBERS else text)
        self.worksheet.ignore_errors({"number_stored_as_text": f"A1:XFD{MAX_ROWS}"})
        self.worksheet.freeze_panes(1, 0)
        self.worksheet.set_row(0, None, workbook.add_format({"num_format": _TEXT, "bold": True}))
        self.add([heading for heading, _ in columns])

    def add(self, cells: Sequence[str | int]) -> None:
        """Write the next row; characters that XML does not allow are replaced. Raises UnwritableFile if it is full."""
        if self._rows == self._max_rows:
            raise UnwritableFile(
                f"a workbook has room for {self._max_rows - 1} rows below the headings; write CSV instead"
            )
        for place, cell in enumerate(cells):
            if isinstance(cell, int):
                self.worksheet.write_number(self._rows, place, cell)
            else:
                self.worksheet.write_string(self._rows, place, _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", cell))
        self._rows += 1

    def add_filters(self) -> None:
        """Offer filters in the headings."""
        self.worksheet.autofilter(0, 0, self._rows - 1, self._columns - 1)
