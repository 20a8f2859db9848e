"""The OpenAPI 3.1 document of the API, generated from its routes, parameters, models and problems."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, JsonSchemaValue

from vehicles.domain.vehicle import EXAMPLE_TIMESTAMP, FuelType
from vehicles.entrypoints.http.fleets.parameters import FILE_TYPES, FORM
from vehicles.entrypoints.http.fleets.schemas import FILE_EXAMPLE, IMPORT_EXAMPLE
from vehicles.entrypoints.http.handlers import JSON, registry_version
from vehicles.entrypoints.http.messages import ENTITY_TAGS_PATTERN, IDEMPOTENCY_KEY_PATTERN
from vehicles.entrypoints.http.parameters import FILTERS, Parameter
from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.problems import MEDIA_TYPE as PROBLEM
from vehicles.entrypoints.http.problems import RETRY_AFTER_SECONDS, ProblemError
from vehicles.entrypoints.http.routes import ROUTES, Answer, Route
from vehicles.entrypoints.http.schemas import EXAMPLE_VIN, RegisteredVehicleBody

_REFERENCE: Final = "#/components/schemas/{model}"
_INSTANCE: Final = "urn:uuid:0199f0a4-6c1e-7d3a-9b57-3f6f0f9e2c11"
_VEHICLE: Final = {"vin": EXAMPLE_VIN, "noOfAxles": 3, "fuelType": "diesel"}
_STORED: Final = {**_VEHICLE, "timestamp": EXAMPLE_TIMESTAMP}
_EXAMPLES: Final[Mapping[str, object]] = {
    "registerVehicle": {**_STORED, "warnings": []},
    "getVehicle": _STORED,
    "changeVehicle": {**_STORED, "noOfAxles": 2},
    "replaceVehicle": _STORED,
    "listVehicles": {"items": [_STORED], "nextCursor": None},
    "importVehicles": IMPORT_EXAMPLE,
    "exportVehicles": f"vin,noOfAxles,fuelType,timestamp\n{EXAMPLE_VIN},3,diesel,{EXAMPLE_TIMESTAMP}\n",
    "getFleet": {
        "total": 2480,
        "about": False,
        "fuelTypes": {fuel.value: 2480 if fuel is FuelType.DIESEL else 0 for fuel in FuelType},
        "manufacturers": [{"wmi": "WMA", "name": "MAN Truck & Bus", "vehicles": 2480}],
        "latestWeek": {"week": "2026-W47", "state": "complete", "href": "summary?week=2026-W47"},
    },
    "listSummaries": {"items": [{"week": "2026-W47", "href": "summary?week=2026-W47"}]},
    "makeSummary": {"week": "2026-W47", "state": "complete", "href": "summary?week=2026-W47"},
    "getHealth": {"status": "ok", "version": "0.1.0"},
}
_BODY_EXAMPLES: Final[Mapping[str, object]] = {
    "registerVehicle": _VEHICLE,
    "changeVehicle": {"noOfAxles": 2},
    "replaceVehicle": {"noOfAxles": 3, "fuelType": "diesel"},
}

_LINK: Final = (
    'The next page, `rel="next"` (RFC 8288), relative to the path of the request; absent at the end of the list.'
)
_HEADERS: Final[Mapping[str, JsonSchemaValue]] = {
    "ETag": {"description": "The version of the response.", "schema": {"type": "string"}},
    "Vary": {"description": "The request header that selected the format.", "schema": {"type": "string"}},
    "Location": {"description": "The resource, relative to the path of the request.", "schema": {"type": "string"}},
    "Link": {"description": _LINK, "schema": {"type": "string"}, "required": False},
    "Content-Disposition": {
        "description": "The name of the file, for CSV and JSON Lines.",
        "schema": {"type": "string"},
        "required": False,
    },
    "Allow": {"description": "The methods that the path supports.", "schema": {"type": "string"}},
    "Retry-After": {
        "description": "The number of seconds to wait before trying again.",
        "schema": {"type": "integer", "examples": [RETRY_AFTER_SECONDS]},
    },
    "WWW-Authenticate": {"description": "How to authenticate (RFC 6750).", "schema": {"type": "string"}},
}
_PROBLEM_HEADERS: Final = {401: "WWW-Authenticate", 405: "Allow", 503: "Retry-After"}

_ENTITY_TAGS: Final = {"type": "string", "pattern": ENTITY_TAGS_PATTERN}
_REQUEST_HEADERS: Final = {
    "Idempotency-Key": (
        "Any new text, such as a UUID. A repeated request with the same key gets the response of the first one."
    ),
    "If-Match": "Only if the vehicle has this version: an `ETag`, or `*` for any.",
    "If-None-Match": "Only if the version is not this `ETag` (or `*` for any); else 304, or 412 for a change.",
}
_TAGS: Final = {
    "/vehicle": "vehicles",
    "/vehicles": "vehicles",
    "/vehicles/import": "vehicles",
    "/vehicles/export": "vehicles",
    "/fleet": "vehicles",
    "/summary": "summary",
    "/summaries": "summary",
    "/vin": "vin",
}

_VIN_LINK: Final = {"vin": "$response.body#/vin"}
_VERSION_LINK: Final = {**_VIN_LINK, "If-Match": "$response.header.ETag"}
_WRITTEN_LINKS: Final = {
    "read": {"operationId": "getVehicle", "parameters": _VIN_LINK},
    "delete": {"operationId": "deleteVehicle", "parameters": _VIN_LINK},
}
# A `requestBody` is a string, a runtime expression: openapi-generator rejects a contract with anything else.
_LINKS: Final[Mapping[str, JsonSchemaValue]] = {
    "registerVehicle": {
        "read": {"operationId": "getVehicle", "parameters": _VIN_LINK},
        "change": {"operationId": "changeVehicle", "parameters": _VIN_LINK, "requestBody": "$request.body"},
        "replace": {"operationId": "replaceVehicle", "parameters": _VIN_LINK, "requestBody": "$request.body"},
        "delete": {"operationId": "deleteVehicle", "parameters": _VIN_LINK},
        "explain": {"operationId": "explainVin", "parameters": _VIN_LINK},
    },
    "changeVehicle": _WRITTEN_LINKS,
    "replaceVehicle": _WRITTEN_LINKS,
    "getVehicle": {
        "change": {"operationId": "changeVehicle", "parameters": _VERSION_LINK, "requestBody": "$response.body"},
        "replace": {"operationId": "replaceVehicle", "parameters": _VERSION_LINK, "requestBody": "$response.body"},
        "delete": {"operationId": "deleteVehicle", "parameters": _VERSION_LINK},
    },
    "makeSummary": {"read": {"operationId": "getSummary", "parameters": {"week": "$response.body#/week"}}},
    "getFleet": {"latest": {"operationId": "getSummary", "parameters": {"week": "$response.body#/latestWeek/week"}}},
    "listSummaries": {"newest": {"operationId": "getSummary", "parameters": {"week": "$response.body#/items/0/week"}}},
    "listVehicles": {
        "first": {"operationId": "getVehicle", "parameters": {"vin": "$response.body#/items/0/vin"}},
        "next": {
            "operationId": "listVehicles",
            "description": "Only if nextCursor is not null; leave out the filters that the first request left out.",
            "parameters": {"cursor": "$response.body#/nextCursor"}
            | {each.name: f"$request.query.{each.name}" for each in FILTERS.values()},
        },
    },
}

_BEARER: Final = "Required if the registry was started with a token."
_DESCRIPTION: Final = """\
A registry of vehicles for the people who run fleets of trucks, buses and trailers.
Every vehicle is identified by its VIN; the registry never stores a VIN twice.

Every error response is problem details (RFC 9457) with a stable `type`, the path of a page that explains it.
Unknown fields and parameters are errors; only the documentation, the contract and the liveness ignore any query.
`HEAD` mirrors `GET`, `OPTIONS` returns `Allow`.
"""


class PlainSchema(GenerateJsonSchema):
    """Schemas without titles, which would only repeat the field names."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 — given by pydantic
        return False


def openapi_document() -> dict[str, Any]:
    """Return the OpenAPI document; it depends on the code only."""
    components: dict[str, JsonSchemaValue] = {}
    paths: dict[str, dict[str, Any]] = {}
    for route in (route for route in ROUTES if route.summary):
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, components)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Vehicle registry",
            "version": registry_version(),
            "description": _DESCRIPTION,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": ".", "description": "Where this document is"}],
        "tags": [
            {"name": "vehicles", "description": "The vehicles of the fleet"},
            {"name": "summary", "description": "The weekly summary of the fleet"},
            {"name": "vin", "description": "The vehicle identification number"},
            {"name": "documentation", "description": "The documentation of the API"},
        ],
        "security": [{}, {"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(components.items())),
            "examples": {
                name: {"summary": problem_type.title, "value": ProblemError(name).body(_INSTANCE)}
                for name, problem_type in PROBLEMS.items()
            },
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "description": _BEARER}},
        },
    }


def _operation(route: Route, components: dict[str, JsonSchemaValue]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": route.operation,
        "summary": route.summary,
        "tags": [_TAGS.get(route.path, "documentation")],
        "parameters": [
            *(_parameter(parameter) for parameter in route.parameters),
            *(
                {"name": name, "in": "header", "description": _REQUEST_HEADERS[name], "schema": _header_schema(name)}
                for name in route.headers
            ),
        ],
        "responses": {
            str(status): _answer(route, answer, components) for status, answer in sorted(route.answers.items())
        }
        | _problems(route, _schema(route.problem, components)),
    }
    if route.public:
        operation["security"] = [{}]
    if route.takes_file:
        file: JsonSchemaValue = {"type": "string", "format": "binary", "description": "The file, as it is."}
        form: JsonSchemaValue = {"type": "object", "properties": {"file": file}, "required": ["file"]}
        schemas = {each: {"schema": form if each == FORM else file} for each in route.consumes}
        schemas[FORM]["example"] = {"file": FILE_EXAMPLE}
        operation["requestBody"] = {"required": True, "content": schemas}
    if route.body is not None:
        content = {"schema": _schema(route.body, components), "example": _BODY_EXAMPLES[route.operation]}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(route.consumes, content)}
    return operation


def _header_schema(name: str) -> JsonSchemaValue:
    return {"type": "string", "pattern": IDEMPOTENCY_KEY_PATTERN} if name == "Idempotency-Key" else _ENTITY_TAGS


def _parameter(parameter: Parameter) -> dict[str, Any]:
    described: dict[str, Any] = {
        "name": parameter.name,
        "in": "query",
        "description": parameter.description,
        "required": parameter.required,
        "schema": dict(parameter.schema),
    }
    if parameter.schema["type"] == "array":
        described |= {"style": "form", "explode": parameter.repeatable}
    if parameter.example is not None:
        described["example"] = parameter.example
    return described


def _answer(route: Route, answer: Answer, components: dict[str, JsonSchemaValue]) -> dict[str, Any]:
    described: dict[str, Any] = {"description": answer.description}
    if answer.headers:
        described["headers"] = {name: _HEADERS[name] for name in answer.headers}
    if answer.body is not None:
        content: dict[str, Any] = {"schema": _schema(answer.body, components)}
        operation = "registerVehicle" if answer.body is RegisteredVehicleBody else route.operation
        if operation in _EXAMPLES:
            content["example"] = _EXAMPLES[operation]
        # The schema describes the JSON; the other media types are text.
        described["content"] = {
            media_type: content if media_type in {JSON, answer.media_types[0]} else {"schema": _other(media_type)}
            for media_type in answer.media_types
        }
        if route.operation in _LINKS:
            described["links"] = _LINKS[route.operation]
    return described


def _other(media_type: str) -> JsonSchemaValue:
    is_binary = media_type == FILE_TYPES["xlsx"]
    return {"type": "string", "format": "binary"} if is_binary else {"type": "string"}


def _problems(route: Route, problem: JsonSchemaValue) -> dict[str, Any]:
    """Return a response per status, with an example of each problem type that has the status."""
    names = ["malformed-request", *route.problems, "method-not-allowed", "request-timeout"]
    names += ["misdirected-request", "headers-too-large", "internal-error", "too-many-connections"]
    names += ["not-acceptable"] if route.produces else []
    names += [] if route.public else ["unauthorized", "invalid-parameter"]
    names += [] if route.method == "GET" else ["cross-origin"]
    responses: dict[str, Any] = {}
    for name in sorted(names, key=lambda name: (PROBLEMS[name].status, name)):
        status = PROBLEMS[name].status
        content = {PROBLEM: {"schema": problem, "examples": {}}}
        response = responses.setdefault(str(status), {"description": HTTPStatus(status).phrase, "content": content})
        if status in _PROBLEM_HEADERS:
            header = _PROBLEM_HEADERS[status]
            response["headers"] = {header: _HEADERS[header]}
        response["content"][PROBLEM]["examples"][name] = {"$ref": f"#/components/examples/{name}"}
    return responses


def _schema(model: type, components: dict[str, JsonSchemaValue]) -> JsonSchemaValue:
    """Add the schema of a model, and the schemas that it refers to, to the components; return a reference to it."""
    mode: JsonSchemaMode = "validation" if issubclass(model, BaseModel) else "serialization"
    schema = TypeAdapter(model).json_schema(mode=mode, ref_template=_REFERENCE, schema_generator=PlainSchema)
    components.update(schema.pop("$defs", {}))
    name = schema.get("title")
    if name is None:
        return schema
    components[name] = schema
    return {"$ref": _REFERENCE.format(model=name)}
