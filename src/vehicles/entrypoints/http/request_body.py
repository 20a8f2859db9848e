"""Reading the JSON body of a request into a model, or refusing it with all that is wrong."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any, Final, NoReturn

from pydantic import BaseModel, ValidationError

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.vehicle import FEWEST_AXLES, MOST_AXLES, FuelType
from vehicles.domain.vin.number import LENGTH, VinPolicy
from vehicles.domain.vin.suggestions import suggest
from vehicles.entrypoints.http.problems import ErrorBody, Place, Refusal, error_body

# Of the name of a field, and of its value where that is a text.
_QUOTATION_MARKS: Final[Mapping[str, int]] = {"vin": 4, "no_of_axles": 2, "fuel_type": 4}
# Spelled out digit by digit up to here; no number of axles comes near.
_LONGEST_NUMBER: Final = 40


class _Duplicates(dict[str, Any]):
    """A JSON object that remembers which names it was given twice; RFC 8259 leaves open what that means."""

    names: frozenset[str] = frozenset()


def _object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    read = dict(pairs)
    if len(read) == len(pairs):
        return read
    given = Counter(name for name, _ in pairs)
    doubled = _Duplicates(read)
    doubled.names = frozenset(name for name, times in given.items() if times > 1)
    return doubled


def _refuse_constant(name: str) -> NoReturn:
    message = f"{name} is not a JSON value"
    raise ValueError(message)


def _read_integer(digits: str) -> int:
    return int(digits[:_LONGEST_NUMBER])


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object_of, parse_constant=_refuse_constant, parse_int=_read_integer
)


def read_json(body: bytes) -> object:
    """Return the value that a body of UTF-8 JSON (RFC 8259) holds. Raises Refusal (`malformed-json`)."""
    if not body:
        raise Refusal("malformed-json", "The body is missing; a JSON object is expected.")
    try:
        value = _DECODER.decode(body.decode("utf-8-sig"))
        if b"\\u" in body:
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeDecodeError as error:
        detail = f"The body is not UTF-8: byte {error.start} cannot stand there."
    except UnicodeEncodeError:
        detail = "The body escapes half of a surrogate pair (\\ud800 to \\udfff), which is no character."
    except RecursionError:
        detail = "The body is nested too deeply."
    except json.JSONDecodeError as error:
        detail = f"The body is not JSON: {error.msg}, line {error.lineno}, column {error.colno}."
    except ValueError as error:
        detail = f"The body is not JSON: {error}."
    else:
        return value
    raise Refusal("malformed-json", detail)


def read_body[Model: BaseModel](model: type[Model], body: bytes, policy: VinPolicy) -> Model:
    """Return the model that a body spells. Raises Refusal (`malformed-json`, `invalid-vehicle`) with all that is wrong.

    A body that is well is read in one go; only one that is not is looked at again, to say what is wrong with it.
    """
    try:
        read = model.model_validate_json(body, context=policy)
    except ValidationError:
        pass
    else:
        # pydantic takes the last of several fields of one name. Then there are more quotation marks than these need.
        needed = sum(map(_QUOTATION_MARKS.__getitem__, read.model_fields_set))
        if needed and body.count(b'"') == needed:
            return read
    return read_model(model, read_json(body), policy)


def read_model[Model: BaseModel](model: type[Model], value: object, policy: VinPolicy) -> Model:
    """Return the model that a JSON value spells. Raises Refusal (`invalid-vehicle`) with all that is wrong."""
    doubled = value.names if isinstance(value, _Duplicates) else frozenset[str]()
    errors = [
        error_body("pointer", _pointer(name), Fault("field.duplicate", f"{name[:60]} is given more than once"))
        for name in sorted(doubled)
    ]
    try:
        read = model.model_validate(value, context=policy)
    except ValidationError as error:
        for fault in error.errors(include_url=False):
            errors += _errors_of(fault)
    else:
        if not read.model_fields_set:
            names = " or ".join(_aliases(model))
            errors.append(error_body("pointer", "", Fault("field.missing", f"give {names}")))
        if not errors:
            return read
    count = "one thing is" if len(errors) == 1 else f"{len(errors)} things are"
    raise Refusal("invalid-vehicle", f"In the body {count} wrong; see errors.", tuple(errors))


_RULES: Final[Mapping[str, str]] = {
    "vin": f"a VIN is a text of {LENGTH} characters",
    "noOfAxles": f"a whole number from {FEWEST_AXLES} to {MOST_AXLES}, without quotation marks, fraction and exponent",
    "fuelType": f"one of {', '.join(FuelType)}, in lower case",
    "timestamp": "set by the registry when a vehicle is registered",
}
_CODES: Final[Mapping[str, str]] = {
    "greater_than_equal": "field.range",
    "less_than_equal": "field.range",
    "enum": "field.choice",
}


def _errors_of(fault: Mapping[str, Any]) -> list[ErrorBody]:
    """Return in our words what pydantic found: one entry, or for a VIN one for each of its faults."""
    if not fault["loc"]:
        return [error_body("pointer", "", Fault("body.type", "the body is a JSON object"))]
    name = str(fault["loc"][0])
    pointer = _pointer(name)
    match fault["type"]:
        case "value_error":
            return vin_errors("pointer", pointer, fault["ctx"]["error"], fault["input"])
        case "missing":
            detail = f"{name} is missing: {_RULES[name]}"
            return [error_body("pointer", pointer, Fault("field.missing", detail))]
        case "extra_forbidden":
            return [error_body("pointer", pointer, _foreign_field(name))]
        case kind:
            detail = f"{name} is {_RULES[name]}"
            return [error_body("pointer", pointer, Fault(_CODES.get(kind, "field.type"), detail))]


def vin_errors(place: Place, name: str, error: InvalidVin, text: object) -> list[ErrorBody]:
    """Return an entry for each fault of a VIN, the first one with what was probably meant."""
    meant = tuple(str(suggestion.vin) for suggestion in suggest(text)) if isinstance(text, str) else ()
    first, *others = error.faults
    return [error_body(place, name, first, meant), *(error_body(place, name, fault) for fault in others)]


def _foreign_field(name: str) -> Fault:
    match name:
        case "timestamp":
            return Fault("field.read_only", f"timestamp is {_RULES[name]}; leave it out")
        case "vin":
            return Fault("field.read_only", "the VIN of a vehicle never changes; leave it out")
        case _:
            shown = name[:60].encode("utf-8", "backslashreplace").decode()
            return Fault("field.unknown", f"{shown} is not a field of a vehicle; leave it out")


def _aliases(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _pointer(name: str) -> str:
    """Return the JSON pointer (RFC 6901) to a field of the body."""
    return "/" + name.replace("~", "~0").replace("/", "~1")
