"""What schemathesis has to know of the API that JSON Schema cannot say; `schemathesis.toml` loads it.

A VIN may have a check digit, a week 53 may be missing from its year, a future week has no summary, a cursor belongs to
its filters, an idempotency key to its body, and a VIN and a timestamp that are sent back are those of the vehicle: a
value that only fits its pattern is mended where the request claims to be right, and left alone where it claims to be
wrong.
"""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any, Final

import schemathesis
from hypothesis import strategies as st
from schemathesis.core.parameters import ParameterLocation

from vehicles.domain.errors import InvalidInput, InvalidVin, InvalidWeek
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import VehicleFilter
from vehicles.domain.vin.number import Vin, fold
from vehicles.entrypoints.http.messages import ENTITY_TAGS_PATTERN
from vehicles.entrypoints.http.parameters import FILTERS, decode_cursor, encode_cursor, read_filter
from vehicles.entrypoints.http.problems import ProblemError
from vehicles.testing.strategies import check_character, timestamps, vins, weeks, with_position

ENTITY_TAGS: Final = re.compile(ENTITY_TAGS_PATTERN)
_SOME_VIN: Final = "WMAH05ZZ04M012345"
_SOME_WEEK: Final = "2026-W44"

_SOME_FILE: Final = f"vin,Axle count,fuelType\n{_SOME_VIN},3,diesel\n"
_COLUMNS: Final = ["noOfAxles:Axle count"]
_FORM: Final = "multipart/form-data"
_IMPORT: Final = "/vehicles/import"
_OF_OTHER_FILES: Final = frozenset({"sheet", "keepTimestamps"})

schemathesis.openapi.format("vin", vins().map(str))
schemathesis.openapi.format("iso-week", weeks().map(str))
schemathesis.openapi.format("date-time", timestamps().map(datetime.isoformat))
schemathesis.openapi.format("cursor", st.builds(encode_cursor, vins(), st.just(VehicleFilter())))


@schemathesis.hook
def map_case(context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> schemathesis.Case[Any]:
    """Make the values right that the contract describes in words only."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return case
    operation = context.operation.definition.raw["operationId"] if context.operation else ""
    if operation != "explainVin" and "vin" in case.query:
        case.query["vin"] = _right_vin(case.query["vin"])
    if "week" in case.query:
        case.query["week"] = _right_week(case.query["week"], can_be_future=operation != "makeSummary")
    if "cursor" in case.query:
        case.query["cursor"] = _right_cursor(case.query)
    for name in ("If-Match", "If-None-Match"):
        if name in case.headers and not ENTITY_TAGS.fullmatch(case.headers[name]):
            case.headers[name] = "*"  # the coverage phase does not always keep to the pattern of a header
    if isinstance(case.body, dict):
        case.body = {name: _right_field(name, value) for name, value in case.body.items()}
    return case


@schemathesis.hook
def filter_case(_context: schemathesis.HookContext, case: schemathesis.Case[Any]) -> bool:
    """Leave out files that are wrong: there are none, as any bytes are a file."""
    body = case.meta and case.meta.components.get(ParameterLocation.BODY)
    return case.operation.path != _IMPORT or not body or body.mode.is_positive


@schemathesis.hook
def before_call(_context: schemathesis.HookContext, case: schemathesis.Case[Any], _kwargs: dict[str, Any]) -> None:
    """Send back the VIN of the query, and no timestamp, which only the registry knows; each body has a key of its own.

    Only here have examples and links of the contract filled in what `map_case` does not see.
    """
    is_positive = case.meta is not None and case.meta.generation.mode.is_positive
    if is_positive and isinstance(case.body, dict) and "vin" in case.query:
        sent_back = {"vin": case.query["vin"]} if case.body.keys() & {"vin", "timestamp"} else {}
        case.body = {name: value for name, value in case.body.items() if name != "timestamp"} | sent_back
    if is_positive and case.operation.path == _IMPORT:
        # Any bytes fit the schema, but not all are a fleet; nor are all columns and sheets those of the file.
        case.body = {"file": _SOME_FILE} if case.media_type == _FORM else _SOME_FILE.encode()
        case.query = {name: text for name, text in case.query.items() if name not in _OF_OTHER_FILES}
        case.query["column"] = _COLUMNS
    if is_positive and "Idempotency-Key" in case.headers:
        case.headers["Idempotency-Key"] = sha256(repr(case.body).encode()).hexdigest()


def _right_field(name: str, value: Any) -> Any:  # noqa: ANN401 — JSON
    match name, value:
        case "vin", str():
            return _right_vin(value)
        case _:
            return value


def _right_vin(text: str) -> str:
    try:
        Vin.parse(text)
    except InvalidVin:
        folded = fold(text)
        mended = with_position(folded, 9, check_character(folded))
        return _SOME_VIN if len(set(mended)) == 1 or not mended[-4:].isdigit() else mended
    return text


def _right_week(text: str, *, can_be_future: bool) -> str:
    try:
        is_future = IsoWeek.parse(text) > IsoWeek.containing(datetime.now(UTC), UTC)
    except InvalidWeek:
        return _SOME_WEEK
    return _SOME_WEEK if is_future and not can_be_future else text


def _right_cursor(query: dict[str, Any]) -> str:
    texts = {name: ",".join(value) if isinstance(value, list) else str(value) for name, value in query.items()}
    try:
        wanted = read_filter(
            {each.name: each.read(texts[each.name]) for each in FILTERS.values() if each.name in texts}
        )
    except InvalidInput:
        return str(query["cursor"])
    try:
        decode_cursor(query["cursor"], wanted)
    except ProblemError:
        return encode_cursor(Vin.of(_SOME_VIN), wanted)
    return str(query["cursor"])
