"""The query parameters of the API: how each is read, and how the contract describes it.

The cursor of a list is the VIN to continue after, and a checksum over that VIN and the filters.
A cursor grants no access, so it needs no secret. The checksum detects a cursor that was modified, truncated, or taken
from a list with other filters.
"""

import base64
import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from urllib.parse import parse_qsl

from vehicles.domain.errors import Fault, InvalidInput, InvalidVin
from vehicles.domain.registry import DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE
from vehicles.domain.summary.report import ReportFormat
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import (
    EXAMPLE_TIMESTAMP,
    MAX_AXLES,
    MIN_AXLES,
    MIN_PART_LENGTH,
    VIN_END_LENGTH,
    WMI_LENGTH,
    FuelType,
    VehicleFilter,
    parse_with_offset,
)
from vehicles.domain.vin.number import ALPHABET, LENGTH, Vin, VinPolicy, fold
from vehicles.entrypoints.http.problems import ErrorBody, ProblemError, error_body
from vehicles.entrypoints.http.request_body import vin_errors
from vehicles.entrypoints.http.schemas import EXAMPLE_VIN, VIN_TEXT_PATTERN

_MAX_FIELDS: Final = 20
_WHOLE_NUMBER: Final = re.compile(r"0|[1-9][0-9]{0,4}")
_EITHER_CASE: Final = ALPHABET + ALPHABET[10:].lower()
# With the 17 characters of the VIN these make 24 bytes, which base64 writes as 32 characters without a spare bit.
_CHECKSUM_LENGTH: Final = 7


@dataclass(frozen=True, slots=True)
class Parameter:
    """A query parameter. `read` converts the decoded text into a value, or raises InvalidInput.

    The `read` of a `repeatable` one converts the list of its texts.
    """

    name: str
    description: str
    schema: Mapping[str, Any]
    read: Callable[[Any], object]
    example: str | int | list[str] | None = None
    required: bool = False
    repeatable: bool = False


def read_query(parameters: Sequence[Parameter], query: str) -> dict[str, Any]:
    """Return the values of the parameters in a query string, by name.

    Raises ProblemError (`invalid-parameter`) with every parameter that is missing, unknown, repeated or invalid.
    """
    given = _decode(query)
    known = {parameter.name: parameter for parameter in parameters}
    errors: list[ErrorBody] = []
    for name, texts in given.items():
        if name not in known:
            allowed = ", ".join(known) or "none"
            errors.append(_error(name, "parameter.unknown", f"there is no such parameter; allowed: {allowed}"))
        elif len(texts) > 1 and not known[name].repeatable:
            errors.append(_error(name, "parameter.repeated", f"{name} is given {len(texts)} times; give it once"))
    values: dict[str, Any] = {}
    for name, parameter in known.items():
        match given.get(name, []):
            case [text, *others] as texts if parameter.repeatable or not others:
                try:
                    values[name] = parameter.read(texts if parameter.repeatable else text)
                except InvalidVin as error:
                    errors += vin_errors("parameter", name, error, text)
                except InvalidInput as error:
                    errors += [error_body("parameter", name, fault) for fault in error.faults]
            case [] if parameter.required:
                errors.append(_error(name, "parameter.missing", f"{name} is missing; add it to the query"))
    if errors:
        count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
        raise ProblemError("invalid-parameter", f"The parameters have {count}; see errors.", tuple(errors))
    return values


def _decode(query: str) -> dict[str, list[str]]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        detail = f"the query is not percent-encoded UTF-8, or has more than {_MAX_FIELDS} parameters"
        errors = (_error("", "query.form", detail),)
        raise ProblemError("invalid-parameter", "The query cannot be read.", errors) from None
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        given.setdefault(name, []).append(text)
    return given


def _error(name: str, code: str, detail: str) -> ErrorBody:
    return error_body("parameter", name, Fault(code, detail))


def _whole_number(name: str, description: str, smallest: int, largest: int, example: int, **schema: int) -> Parameter:
    def read(text: str) -> int:
        if not _WHOLE_NUMBER.fullmatch(text) or not smallest <= int(text) <= largest:
            detail = f"{name} must be a whole number from {smallest} to {largest}, in digits"
            raise InvalidInput(Fault(f"parameter.{name}", detail))
        return int(text)

    described = {"type": "integer", "minimum": smallest, "maximum": largest, **schema}
    return Parameter(name, description, described, read, example)


def _read_fuel_types(texts: Sequence[str]) -> frozenset[FuelType]:
    if len(texts) > len(FuelType):
        detail = f"fuelType is given {len(texts)} times; give it at most {len(FuelType)} times"
        raise InvalidInput(Fault("parameter.fuelType", detail))
    try:
        return frozenset(map(FuelType, texts))
    except ValueError:
        detail = f"fuelType must be one of {', '.join(FuelType)}, in lower case; repeat the parameter for several"
        raise InvalidInput(Fault("parameter.fuelType", detail)) from None


def _time(name: str, description: str, example: str) -> Parameter:
    def read(text: str) -> datetime:
        try:
            return parse_with_offset(text.replace(" ", "+"))  # a plus that is not encoded means a blank
        except ValueError as error:
            raise InvalidInput(Fault(f"parameter.{name}", f"{name} is not valid: {error}")) from None

    return Parameter(name, description, {"type": "string", "format": "date-time"}, read, example)


class ListFormat(StrEnum):
    """The formats of a page of a list."""

    JSON = "json"
    CSV = "csv"
    JSONL = "jsonl"

    @property
    def media_type(self) -> str:
        """The media type, for the header Content-Type."""
        return {"json": "application/json", "csv": "text/csv", "jsonl": "application/jsonl"}[self]


def _format(formats: type[ReportFormat | ListFormat]) -> Parameter:
    def read(text: str) -> ReportFormat | ListFormat:
        try:
            return formats(text)
        except ValueError:
            detail = f"format must be one of {', '.join(formats)}, in lower case"
            raise InvalidInput(Fault("parameter.format", detail)) from None

    description = "The format of the response; by default what the header Accept prefers."
    return Parameter("format", description, {"type": "string", "enum": [str(each) for each in formats]}, read, "csv")


def read_filter(values: Mapping[str, Any]) -> VehicleFilter:
    """Return the filter of a query, given the values of its parameters."""
    return VehicleFilter(**{field: values.get(parameter.name) for field, parameter in FILTERS.items()})


def encode_cursor(after: Vin, wanted: VehicleFilter) -> str:
    """Return the cursor that continues the list of matching vehicles after a VIN."""
    text = str(after).encode()
    return base64.urlsafe_b64encode(text + _checksum(text, wanted)).decode()


def decode_cursor(cursor: str, wanted: VehicleFilter) -> Vin:
    """Return the VIN that the cursor continues after. Raises ProblemError (`invalid-cursor`)."""
    try:
        after = Vin.of(base64.urlsafe_b64decode(cursor)[:LENGTH].decode())
    except ValueError:  # of base64, of UTF-8, and InvalidVin
        pass
    else:
        # Compared as text, because the base64 decoder also accepts texts that the encoder never produces.
        if cursor == encode_cursor(after, wanted):
            return after
    raise ProblemError("invalid-cursor")


def _checksum(text: bytes, wanted: VehicleFilter) -> bytes:
    # Joined by a character that no filter can contain.
    fields = {**asdict(wanted), "fuel_types": wanted.fuel_types and ",".join(sorted(wanted.fuel_types))}
    filters = "|".join("" if value is None else str(value) for value in fields.values())
    return hashlib.blake2b(text + filters.encode(), digest_size=_CHECKSUM_LENGTH).digest()


VIN: Final = Parameter(
    "vin",
    "The VIN of the vehicle, in upper or lower case.",
    {"type": "string", "format": "vin", "pattern": VIN_TEXT_PATTERN},
    # A VIN that the advisory policy accepted must be found; the registry applies its own policy.
    lambda text: Vin.parse(text, VinPolicy.ADVISORY),
    EXAMPLE_VIN,
    required=True,
)
VIN_TO_EXPLAIN: Final = Parameter(
    "vin", "Any text; the response says whether it is a VIN.", {"type": "string"}, str, EXAMPLE_VIN, required=True
)
LIMIT: Final = _whole_number(
    "limit", "The maximum number of vehicles per page.", 1, MAX_PAGE_SIZE, DEFAULT_PAGE_SIZE, default=DEFAULT_PAGE_SIZE
)
CURSOR: Final = Parameter(
    "cursor",
    "Where to continue: `nextCursor` of the previous page, unchanged, with the same filters; empty for the first page.",
    {"type": "string", "format": "cursor"},
    str,
)
FUEL_TYPE: Final = Parameter(
    "fuelType",
    "Only vehicles with this fuel type, or one of several: repeat the parameter.",
    {
        "type": "array",
        "items": {"type": "string", "enum": [str(fuel) for fuel in FuelType]},
        "minItems": 1,
        "maxItems": len(FuelType),
    },
    _read_fuel_types,
    ["diesel", "petrol"],
    repeatable=True,
)
NO_OF_AXLES: Final = _whole_number("noOfAxles", "Only vehicles with this number of axles.", MIN_AXLES, MAX_AXLES, 3)
WMI: Final = Parameter(
    "wmi",
    "Only vehicles whose VIN begins with this manufacturer identifier.",
    {"type": "string", "pattern": f"^[{_EITHER_CASE}]{{{WMI_LENGTH}}}$"},
    lambda text: VehicleFilter(wmi=fold(text)).wmi,
    EXAMPLE_VIN[:WMI_LENGTH],
)
VIN_ENDS_WITH: Final = Parameter(
    "vinEndsWith",
    "Only vehicles whose VIN ends with these six characters.",
    {"type": "string", "pattern": f"^[{_EITHER_CASE}]{{{VIN_END_LENGTH}}}$"},
    lambda text: VehicleFilter(vin_ends_with=fold(text)).vin_ends_with,
    EXAMPLE_VIN[-VIN_END_LENGTH:],
)
VIN_CONTAINS: Final = Parameter(
    "vinContains",
    f"Only vehicles whose VIN contains these characters, {MIN_PART_LENGTH} to {LENGTH}.",
    {"type": "string", "pattern": f"^[{_EITHER_CASE}]{{{MIN_PART_LENGTH},{LENGTH}}}$"},
    lambda text: VehicleFilter(vin_contains=fold(text)).vin_contains,
    EXAMPLE_VIN[3:8],
)
REGISTERED_SINCE: Final = _time(
    "registeredSince", "Only vehicles registered at this time or later: RFC 3339, with any offset.", EXAMPLE_TIMESTAMP
)
REGISTERED_BEFORE: Final = _time(
    "registeredBefore", "Only vehicles registered before this time: RFC 3339, with any offset.", EXAMPLE_TIMESTAMP
)
FILTERS: Final = {
    "fuel_types": FUEL_TYPE,
    "no_of_axles": NO_OF_AXLES,
    "wmi": WMI,
    "vin_ends_with": VIN_ENDS_WITH,
    "vin_contains": VIN_CONTAINS,
    "registered_since": REGISTERED_SINCE,
    "registered_before": REGISTERED_BEFORE,
}
"""The parameters of a VehicleFilter, by the names of its fields."""
FORMAT: Final = _format(ReportFormat)
LIST_FORMAT: Final = _format(ListFormat)
WEEK: Final = Parameter(
    "week",
    "The ISO week of the summary; by default the latest week that has one.",
    {"type": "string", "format": "iso-week", "pattern": "^[0-9]{4}-W(0[1-9]|[1-4][0-9]|5[0-3])$"},
    IsoWeek.parse,
    "2026-W47",
)
WEEK_TO_SUMMARIZE: Final = replace(WEEK, description="The ISO week to summarize; by default the current week.")
