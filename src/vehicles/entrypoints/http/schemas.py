"""The bodies of requests (strict pydantic models) and of responses (typed dictionaries).

Both are the source of the schemas in `openapi.json`.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Annotated, Any, Final, TypedDict

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainValidator, ValidationInfo
from pydantic import WithJsonSchema as Schema
from pydantic_core import PydanticCustomError

from vehicles.domain.vehicle import (
    EXAMPLE_TIMESTAMP,
    MAX_AXLES,
    MIN_AXLES,
    WIRE_NAMES,
    FuelType,
    parse_timestamp,
)
from vehicles.domain.vin.explanation import VinExplanation
from vehicles.domain.vin.manufacturers import Manufacturer
from vehicles.domain.vin.number import ALPHABET, LENGTH, Vin, VinPolicy
from vehicles.entrypoints.http.problems import ErrorBody, error_body

EXAMPLE_VIN: Final = "WMAH05ZZ04M012345"
VIN_PATTERN: Final = f"^[{ALPHABET}]{{{LENGTH - 3}}}[0-9]{{3}}$"
# Like VIN_PATTERN, but before surrounding blanks are stripped and letters are folded.
VIN_TEXT_PATTERN: Final = rf"^[ \t\r\n]*[{ALPHABET}{ALPHABET[10:].lower()}]{{{LENGTH - 3}}}[0-9]{{3}}[ \t\r\n]*$"
FIELD_RULES: Final[Mapping[str, str]] = {
    "vin": f"a string of {LENGTH} characters",
    "noOfAxles": f"a whole number from {MIN_AXLES} to {MAX_AXLES}, without quotation marks",
    "fuelType": f"one of {', '.join(FuelType)}, in lower case",
    "timestamp": "set by the registry when a vehicle is registered",
}
"""What a field of a body must be, by wire name."""


def _read_vin(value: Any, info: ValidationInfo[Callable[[Vin], None]]) -> Vin:  # noqa: ANN401 — any JSON value
    vin = Vin.parse(value, VinPolicy.ADVISORY)
    info.context(vin)
    return vin


def _read_timestamp(value: object) -> datetime:
    try:
        return parse_timestamp(str(value))
    except ValueError:
        raise PydanticCustomError("read_only", "read_only") from None  # the registry has never written it


def _reject_null(value: object) -> object:
    if value is None:
        raise PydanticCustomError("null", "null")
    return value


def _drop_null(schema: dict[str, Any]) -> None:
    """Describe a field that may be absent, but not null."""
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
Timestamp = Annotated[
    datetime,
    PlainValidator(_read_timestamp),
    Schema({"type": "string", "format": "date-time", "description": "The time of registration, only as it was read."}),
]
Axles = Annotated[
    int,
    Field(ge=MIN_AXLES, le=MAX_AXLES, description="The number of axles.", examples=[3]),
    # JSON does not tell 3.0 from 3, and neither does `type: integer` (JSON Schema, 4.2.3).
    BeforeValidator(lambda value: int(value) if isinstance(value, float) and value.is_integer() else value),
]
Fuel = Annotated[FuelType, Field(strict=False, description="What drives the vehicle.", examples=["diesel"])]


_CONFIG: Final = ConfigDict(
    strict=True,
    extra="forbid",
    frozen=True,
    alias_generator=lambda attribute: WIRE_NAMES.get(attribute, attribute),  # pydantic also asks for the fields of Vin
)


class Registration(BaseModel):
    """A vehicle to register."""

    model_config = _CONFIG

    vin: VinText
    no_of_axles: Axles
    fuel_type: Fuel


class _SentBack(BaseModel):
    """What a client may send back as it read it, and cannot change."""

    model_config = _CONFIG

    vin: Annotated[VinText | None, BeforeValidator(_reject_null), Field(json_schema_extra=_drop_null)] = None
    registered_at: Annotated[Timestamp | None, BeforeValidator(_reject_null), Field(json_schema_extra=_drop_null)] = (
        None
    )


class Change(_SentBack):
    """The fields of a vehicle to change: axles, fuel type, or both. Absent fields keep their values."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    no_of_axles: Annotated[Axles | None, BeforeValidator(_reject_null), Field(json_schema_extra=_drop_null)] = None
    fuel_type: Annotated[Fuel | None, BeforeValidator(_reject_null), Field(json_schema_extra=_drop_null)] = None


class Replacement(_SentBack):
    """The whole vehicle. `vin` and `timestamp` may be left out; else they must be those of the vehicle."""

    no_of_axles: Axles
    fuel_type: Fuel


class VehicleBody(TypedDict):
    """A registered vehicle."""

    vin: Annotated[str, Field(pattern=VIN_PATTERN, examples=[EXAMPLE_VIN])]
    noOfAxles: Annotated[int, Field(ge=MIN_AXLES, le=MAX_AXLES, examples=[3])]
    fuelType: Annotated[FuelType, Field(examples=["diesel"])]
    timestamp: Annotated[
        str,
        Field(
            description="When the vehicle was registered: RFC 3339, in UTC, to the microsecond.",
            examples=[EXAMPLE_TIMESTAMP],
            json_schema_extra={"format": "date-time"},
        ),
    ]


class RegisteredVehicleBody(VehicleBody):
    """The vehicle that was registered, and what is doubtful about its VIN."""

    warnings: list[ErrorBody]


class VehiclePageBody(TypedDict):
    """A page of a list. `nextCursor` is null on the last page; a page before it may have fewer items than `limit`."""

    items: list[VehicleBody]
    nextCursor: str | None


class SuggestionBody(TypedDict):
    """A VIN that was probably meant; `confirmed` if a required check digit matches."""

    vin: str
    confirmed: bool


class VinPartsBody(TypedDict):
    """The sections of a VIN (ISO 3779), and the fields derived from single positions."""

    wmi: str
    vds: str
    vis: str
    manufacturerId: str
    serial: str
    lowVolume: bool


class ManufacturerBody(TypedDict):
    """The holder of the manufacturer identifier, and the source of that entry."""

    identifier: str
    name: str
    source: str


class CheckDigitBody(TypedDict):
    """Position 9, its value by 49 CFR 565.15, and whose law requires it (`none`, `north_america`, `china`)."""

    position9: str
    computed: str
    matches: bool
    regime: str


class ExplanationBody(TypedDict):
    """What a VIN encodes, or, if the text is not a VIN, what is wrong with it and which VINs were probably meant."""

    valid: bool
    vin: str | None
    parts: VinPartsBody | None
    region: str | None
    country: Annotated[
        str | None,
        Field(description="ISO 3166 alpha-2: the country of the manufacturer's headquarters, not of the plant."),
    ]
    countryCorroborated: Annotated[bool | None, Field(description="False if only one source lists the country.")]
    manufacturer: ManufacturerBody | None
    checkDigit: CheckDigitBody | None
    modelYearCandidates: list[int]
    errors: list[ErrorBody]
    warnings: list[ErrorBody]
    suggestions: list[SuggestionBody]


def explanation_body(explanation: VinExplanation) -> ExplanationBody:
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
