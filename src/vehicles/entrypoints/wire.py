"""The shapes that travel: what the API reads as strict pydantic models, what it writes as typed dictionaries.

Both are the source of the schemas in `openapi.json`.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Final, NoReturn, TypedDict

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationError, ValidationInfo
from pydantic import WithJsonSchema as Schema
from pydantic_core import PydanticCustomError

from vehicles.domain.errors import Fault, InvalidVin
from vehicles.domain.manufacturers import Manufacturer
from vehicles.domain.vehicle import FEWEST_AXLES, MOST_AXLES, FuelType, Vehicle
from vehicles.domain.vin import ALPHABET, LENGTH, Vin, VinPolicy
from vehicles.domain.vin_explanation import VinExplanation
from vehicles.domain.vin_suggestions import suggest
from vehicles.entrypoints.problems import ErrorBody, Place, Refusal, error_body

EXAMPLE_VIN: Final = "WMAH05ZZ94M012345"
EXAMPLE_TIMESTAMP: Final = "2026-11-23T08:15:30.123456Z"
VIN_PATTERN: Final = f"^[{ALPHABET}]{{{LENGTH - 3}}}[0-9]{{3}}$"
# As VIN_PATTERN, but before blanks at the ends are cut and letters are folded.
VIN_TEXT_PATTERN: Final = rf"^[ \t\r\n]*[{ALPHABET}{ALPHABET[10:].lower()}]{{{LENGTH - 3}}}[0-9]{{3}}[ \t\r\n]*$"
_TIMESTAMP: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?Z")
# Spelled out digit by digit up to here; no number of axles comes near.
_LONGEST_NUMBER: Final = 40


def _read_vin(value: Any, info: ValidationInfo) -> Vin:  # noqa: ANN401 — whatever the JSON holds there
    return Vin.parse(value, info.context or VinPolicy.STRICT)


def _refuse_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("null", "null")
    return value


def _drop_null(schema: dict[str, Any]) -> None:
    """Describe a field that may be left out, but not be null."""
    del schema["default"]
    described, _ = schema.pop("anyOf")
    schema.update(described)


VinText = Annotated[
    Vin,
    PlainValidator(_read_vin),
    Schema(
        {
            "type": "string",
            "format": "vin",
            "pattern": VIN_TEXT_PATTERN,
            "description": "The vehicle identification number (ISO 3779), in upper or lower case.",
            "examples": [EXAMPLE_VIN],
        }
    ),
]
Axles = Annotated[
    int,
    Field(strict=True, ge=FEWEST_AXLES, le=MOST_AXLES, description="The number of axles.", examples=[3]),
]
Fuel = Annotated[FuelType, Field(strict=False, description="What drives the vehicle.", examples=["diesel"])]


class Registration(BaseModel):
    """A vehicle to register."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    vin: VinText
    no_of_axles: Annotated[Axles, Field(alias="noOfAxles")]
    fuel_type: Annotated[Fuel, Field(alias="fuelType")]


class Change(BaseModel):
    """What to change of a vehicle: its axles, its fuel type, or both. What is left out stays."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, json_schema_extra={"minProperties": 1})

    no_of_axles: Annotated[
        Axles | None,
        BeforeValidator(_refuse_null),
        Field(alias="noOfAxles", json_schema_extra=_drop_null),
    ] = None
    fuel_type: Annotated[
        Fuel | None,
        BeforeValidator(_refuse_null),
        Field(alias="fuelType", json_schema_extra=_drop_null),
    ] = None


class VehicleBody(TypedDict):
    """A registered vehicle."""

    vin: Annotated[str, Field(pattern=VIN_PATTERN, examples=[EXAMPLE_VIN])]
    noOfAxles: Annotated[int, Field(ge=FEWEST_AXLES, le=MOST_AXLES, examples=[3])]
    fuelType: Annotated[FuelType, Field(examples=["diesel"])]
    timestamp: Annotated[
        str,
        Field(
            description="When the vehicle was registered: RFC 3339, in UTC, to the microsecond.",
            examples=[EXAMPLE_TIMESTAMP],
            json_schema_extra={"format": "date-time"},
        ),
    ]


class VehiclePageBody(TypedDict):
    """A page of a list. `nextCursor` is null at the end of the list; until then a page may be short."""

    items: list[VehicleBody]
    nextCursor: str | None


class SuggestionBody(TypedDict):
    """What was probably meant; confirmed where a mandatory check digit matches."""

    vin: str
    confirmed: bool


class VinPartsBody(TypedDict):
    """The sections of ISO 3779, and what else the positions say by themselves."""

    wmi: str
    vds: str
    vis: str
    manufacturerId: str
    serial: str
    lowVolume: bool


class ManufacturerBody(TypedDict):
    """The holder of the manufacturer identifier, and who says so."""

    identifier: str
    name: str
    source: str


class CheckDigitBody(TypedDict):
    """Position 9, what 49 CFR 565.15 computes for it, and whose law demands it (`none`, `north_america`, `china`)."""

    position9: str
    computed: str
    matches: bool
    regime: str


class ExplanationBody(TypedDict):
    """What a VIN tells about itself, or what is wrong with a text that is none and what was probably meant."""

    valid: bool
    vin: str | None
    parts: VinPartsBody | None
    region: str | None
    country: Annotated[str | None, Field(description="ISO 3166 alpha-2: the seat of the maker, not the plant.")]
    countryCorroborated: Annotated[bool | None, Field(description="False where one source only knows the country.")]
    manufacturer: ManufacturerBody | None
    checkDigit: CheckDigitBody | None
    modelYearCandidates: list[int]
    errors: list[ErrorBody]
    warnings: list[ErrorBody]
    suggestions: list[SuggestionBody]


def format_timestamp(moment: datetime) -> str:
    """Return a moment in UTC as RFC 3339 with six fraction digits and Z."""
    return f"{moment.isoformat(timespec='microseconds')[:-6]}Z"


def parse_timestamp(text: str) -> datetime:
    """Return the moment that an RFC 3339 text in UTC, with at most six fraction digits, names. Raises ValueError."""
    # fromisoformat alone reads much that RFC 3339 does not know, and drops digits behind the sixth.
    if not _TIMESTAMP.fullmatch(text):
        message = f"a timestamp is written in UTC, such as {EXAMPLE_TIMESTAMP}"
        raise ValueError(message)
    return datetime.fromisoformat(text)


def vehicle_body(vehicle: Vehicle) -> VehicleBody:
    """Return a vehicle as it travels."""
    return {
        "vin": str(vehicle.vin),
        "noOfAxles": vehicle.no_of_axles,
        "fuelType": vehicle.fuel_type,
        "timestamp": format_timestamp(vehicle.registered_at),
    }


def explanation_body(explanation: VinExplanation) -> ExplanationBody:
    """Return the explanation of a VIN as it travels."""
    vin, assignment = explanation.vin, explanation.assignment
    return {
        "valid": not explanation.faults,
        "vin": str(vin) if vin else None,
        "parts": _parts_body(vin) if vin else None,
        "region": assignment.region if assignment else None,
        "country": assignment.country if assignment else None,
        "countryCorroborated": assignment.corroborated if assignment else None,
        "manufacturer": _manufacturer_body(explanation.manufacturer) if explanation.manufacturer else None,
        "checkDigit": _check_digit_body(vin) if vin else None,
        "modelYearCandidates": list(vin.model_year_candidates) if vin else [],
        "errors": [error_body("parameter", "vin", fault) for fault in explanation.faults],
        "warnings": [error_body("parameter", "vin", fault) for fault in explanation.warnings],
        "suggestions": [{"vin": str(s.vin), "confirmed": s.confirmed} for s in explanation.suggestions],
    }


def _parts_body(vin: Vin) -> VinPartsBody:
    return {
        "wmi": vin.wmi,
        "vds": vin.vds,
        "vis": vin.vis,
        "manufacturerId": vin.manufacturer_id,
        "serial": vin.serial,
        "lowVolume": vin.is_low_volume,
    }


def _manufacturer_body(manufacturer: Manufacturer) -> ManufacturerBody:
    return {"identifier": manufacturer.identifier, "name": manufacturer.name, "source": manufacturer.source}


def _check_digit_body(vin: Vin) -> CheckDigitBody:
    return {
        "position9": vin.position9,
        "computed": vin.computed_check_character,
        "matches": vin.check_digit_matches,
        "regime": vin.check_digit_regime,
    }


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
