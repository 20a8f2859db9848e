"""Read the JSON body of a request into a model, or raise ProblemError with every error in it."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NoReturn

from pydantic import BaseModel, ValidationError

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.vin.number import Vin
from vehicles.domain.vin.suggestions import suggest
from vehicles.entrypoints.http.problems import ErrorBody, Place, ProblemError, error_body
from vehicles.entrypoints.http.schemas import FIELD_RULES
from vehicles.entrypoints.json_objects import JSONObject, make_decoder


def _reject_constant(name: str) -> NoReturn:
    message = f"{name} is not a JSON value"
    raise ValueError(message)


_DECODER: Final = make_decoder(_reject_constant)
_READ_ONLY: Final = {
    "timestamp": f"timestamp is {FIELD_RULES['timestamp']}",
    "vin": "the VIN of a vehicle cannot be changed",
}
_CODES: Final = {"greater_than_equal": "field.range", "less_than_equal": "field.range", "enum": "field.choice"}


def read_json(body: bytes) -> Any:  # noqa: ANN401 — any JSON value
    """Return the value of a body in UTF-8 JSON (RFC 8259). Raises ProblemError (`malformed-json`)."""
    if not body:
        raise ProblemError("malformed-json", "The body is missing; a JSON object is expected.")
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        detail = f"The body is not UTF-8: byte {error.start} is not valid."
    except UnicodeEncodeError:
        detail = "The body contains an unpaired surrogate escape (\\ud800 to \\udfff), which is not a character."
    except RecursionError:
        detail = "The body is nested too deeply."
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}."
    except ValueError as error:
        detail = f"The body is not JSON: {error}."
    else:
        return value
    raise ProblemError("malformed-json", detail)


def check_same(vin: Vin) -> Callable[[Vin], None]:
    """Return a `check_vin` for `read_body` that accepts only this VIN."""

    def check(given: Vin) -> None:
        if given != vin:
            raise InvalidVin(Fault("field.read_only", f"{_READ_ONLY['vin']}; send that of the query, or leave it out"))

    return check


def read_body[Model: BaseModel](
    model: type[Model], body: bytes, check_vin: Callable[[Vin], None], hint: str = ""
) -> Model:
    """Return the model that the body describes.

    `check_vin` raises InvalidVin if the registry does not accept a VIN. `hint` says what to do if fields are missing.
    Raises ProblemError (`malformed-json`, `invalid-vehicle`) with every error.
    """
    value = read_json(body)
    repeated = sorted(value.repeated) if isinstance(value, JSONObject) else []
    errors = [
        error_body("pointer", _pointer(name), Fault("field.duplicate", f"{name[:60]} is given more than once"))
        for name in repeated
    ]
    try:
        read = model.model_validate(value, context=check_vin)
    except ValidationError as error:
        errors += [each for fault in error.errors(include_url=False) for each in _errors_of(fault)]
    else:
        if not read.model_fields_set:
            errors.append(error_body("pointer", "", Fault("field.missing", "give noOfAxles or fuelType")))
        if not errors:
            return read
    count = "1 error" if len(errors) == 1 else f"{len(errors)} errors"
    hint = hint if any(error["code"] == "field.missing" for error in errors) else ""
    raise ProblemError("invalid-vehicle", f"The body has {count}; see errors.{hint}", tuple(errors))


def _errors_of(fault: Mapping[str, Any]) -> list[ErrorBody]:
    """Return the entries of `errors` for an error of pydantic: one, or for a VIN one per fault."""
    if not fault["loc"]:
        return [error_body("pointer", "", Fault("body.type", "the body must be a JSON object"))]
    name = str(fault["loc"][0])
    pointer = _pointer(name)
    match fault["type"]:
        case "value_error":
            return vin_errors("pointer", pointer, fault["ctx"]["error"], fault["input"])
        case "missing":
            ours = Fault("field.missing", f"{name} is missing: {FIELD_RULES[name]}")
        case "extra_forbidden" | "read_only" | "null" if name in _READ_ONLY:
            ours = Fault("field.read_only", f"{_READ_ONLY[name]}; leave it out")
        case "extra_forbidden":
            shown = name[:60].encode("utf-8", "backslashreplace").decode()
            ours = Fault("field.unknown", f"{shown} is not a field of a vehicle; leave it out")
        case kind:
            ours = Fault(_CODES.get(kind, "field.type"), f"{name} must be {FIELD_RULES[name]}")
    return [error_body("pointer", pointer, ours)]


def vin_errors(place: Place, name: str, error: InvalidVin, text: object) -> list[ErrorBody]:
    """Return an entry per fault of a VIN; the first one has the suggestions."""
    meant = tuple(str(suggestion.vin) for suggestion in suggest(text)) if isinstance(text, str) else ()
    first, *others = error.faults
    return [error_body(place, name, first, meant), *(error_body(place, name, fault) for fault in others)]


def _pointer(name: str) -> str:
    """Return the JSON pointer (RFC 6901) to a field of the body."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
