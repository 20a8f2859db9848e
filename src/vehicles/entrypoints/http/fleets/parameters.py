"""The query parameters of an import and an export."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from vehicles.domain.errors import Fault, InvalidInput
from vehicles.domain.fleet_import import OnConflict
from vehicles.domain.vehicle import WIRE_NAMES, FuelType
from vehicles.entrypoints.http.parameters import Parameter

FILE_TYPES: Final[Mapping[str, str]] = {
    "csv": "text/csv",
    "jsonl": "application/jsonl",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""The media types of the formats of an export; a test compares them with those that can be written."""

FORM: Final = "multipart/form-data"
"""The media type of a form, in which a file may come."""

_FIELDS: Final = tuple(WIRE_NAMES.values())
_MAX_LINE_DIGITS: Final = 9


def _choice(name: str, description: str, choices: Iterable[str], **schema: object) -> Parameter:
    texts = list(map(str, choices))

    def read(text: str) -> str:
        if text not in texts:
            detail = f"{name} must be one of {', '.join(texts)}, in lower case"
            raise InvalidInput(Fault(f"parameter.{name}", detail))
        return text

    return Parameter(name, description, {"type": "string", "enum": texts, **schema}, read)


def _flag(name: str, description: str) -> Parameter:
    def read(text: str) -> bool:
        if text not in {"true", "false"}:
            raise InvalidInput(Fault(f"parameter.{name}", f"{name} must be true or false"))
        return text == "true"

    return Parameter(name, description, {"type": "boolean", "default": False}, read)


def _read_line(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= _MAX_LINE_DIGITS and int(text) >= 1):
        raise InvalidInput(Fault("parameter.fromLine", "fromLine must be a whole number from 1, in digits"))
    return int(text)


def _read_columns(texts: Sequence[str]) -> dict[str, str]:
    columns: dict[str, str] = {}
    for text in texts:
        name, _, heading = text.partition(":")
        if name not in _FIELDS or not heading.strip():
            detail = f"column must be one of {', '.join(_FIELDS)}, a colon and a heading, such as noOfAxles:Axle count"
            raise InvalidInput(Fault("parameter.column", detail))
        if name in columns:
            raise InvalidInput(Fault("parameter.column", f"column gives {name} more than once"))
        columns[name] = heading
    return columns


DRY_RUN: Final = _flag("dryRun", "Only say how the file is understood and what an import would do.")
ON_CONFLICT: Final = _choice(
    "onConflict",
    "What to do with a VIN that is already registered: leave the vehicle as it is, update its axles and fuel type "
    "(then the file needs only one of the two columns), or fail.",
    OnConflict,
    default=str(OnConflict.SKIP),
)
COLUMN: Final = Parameter(
    "column",
    "Which heading of the file stands for a field, as `noOfAxles:Axle count`. It may be repeated, for other fields.",
    {"type": "array", "items": {"type": "string", "pattern": rf"^({'|'.join(_FIELDS)}):.*\S"}},
    _read_columns,
    ["noOfAxles:Axle count"],
    repeatable=True,
)
EMPTY_FUEL: Final = _choice("emptyFuel", "What an empty fuel type means, for trailers.", (FuelType.NONE,))
FROM_LINE: Final = Parameter(
    "fromLine",
    "Skip the rows before this line: the `nextLine` of the answer before.",
    {"type": "integer", "minimum": 1, "maximum": 10**_MAX_LINE_DIGITS - 1, "default": 1},
    _read_line,
    1,
)
SHEET: Final = Parameter(
    "sheet", "The sheet of a workbook; by default the first one.", {"type": "string", "format": "sheet"}, str
)
STRICT: Final = _flag("strict", "Refuse a file with columns that the registry does not know.")
KEEP_TIMESTAMPS: Final = _flag("keepTimestamps", "Take the times of registration from the file.")
ACCEPT_SUGGESTIONS: Final = _flag("acceptSuggestions", "Take the VIN that is surely meant by a mistyped one.")

IMPORT: Final = (
    *(DRY_RUN, ON_CONFLICT, COLUMN, EMPTY_FUEL, FROM_LINE),
    *(SHEET, STRICT, KEEP_TIMESTAMPS, ACCEPT_SUGGESTIONS),
)
FILE_FORMAT: Final = _choice("format", "The format of the file; by default what the header Accept prefers.", FILE_TYPES)
