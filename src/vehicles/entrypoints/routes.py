"""The routes of the API: what each takes, what it answers, and the call of the domain between the two."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from typing import Any, Final, TypedDict
from urllib.parse import urlencode

from pydantic import BaseModel
from pydantic_core import to_json

from vehicles.domain.services import USUAL_PER_PAGE, Registry, WeeklySummaries
from vehicles.domain.vehicle import VehicleFilter
from vehicles.domain.vin_explanation import explain
from vehicles.entrypoints import pages
from vehicles.entrypoints import parameters as query
from vehicles.entrypoints.cursor import decode_cursor, encode_cursor
from vehicles.entrypoints.messages import Request, Response
from vehicles.entrypoints.negotiation import entity_tags
from vehicles.entrypoints.problems import PROBLEMS
from vehicles.entrypoints.summary_body import SummaryBody
from vehicles.entrypoints.wire import (
    Change,
    ExplanationBody,
    Registration,
    VehicleBody,
    VehiclePageBody,
    explanation_body,
    read_json,
    read_model,
    vehicle_body,
)
from vehicles.ports.vehicle_repository import StoredVehicle, Version

JSON: Final = "application/json"
HTML: Final = "text/html"


class HealthBody(TypedDict):
    """The process answers; `version` is the registry's own."""

    status: str
    version: str


@dataclass(frozen=True, slots=True)
class Services:
    """What the handlers call. Each is asked for only when it is needed, so that nothing is opened in vain."""

    registry: Callable[[], Registry]
    summaries: Callable[[], WeeklySummaries]
    contract: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Call:
    """A request to a handler: the values of the query by name, and the request itself."""

    query: Mapping[str, Any]
    request: Request


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that is no problem, as the contract describes it."""

    description: str
    body: type | None = None
    media_types: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A method of a path. `problems` are those of its own; what every route may answer is added where it is needed.

    A `public` route asks for no token; one that is not `described` is for browsers, and not part of the contract.
    """

    method: str
    path: str
    operation: str
    summary: str
    handle: Callable[[Services, Call], Response]
    answers: Mapping[int, Answer]
    problems: tuple[str, ...] = ()
    parameters: tuple[query.Parameter, ...] = ()
    headers: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    public: bool = False
    described: bool = True

    @property
    def produces(self) -> tuple[str, ...]:
        """The media types to choose from; none where success has no body."""
        return next((answer.media_types for answer in self.answers.values() if answer.media_types), ())


def _json(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, {"Content-Type": JSON, **(headers or {})}, to_json(body))


def _vehicle(status: int, stored: StoredVehicle, headers: Mapping[str, str] | None = None) -> Response:
    return _json(status, vehicle_body(stored.vehicle), {"ETag": f'"{stored.version}"', **(headers or {})})


def _unless_known(call: Call, tag: str, response: Response) -> Response:
    """Answer 304 where If-None-Match names the entity tag, or any."""
    header = call.request.headers.get("if-none-match")
    if header is not None:
        known = entity_tags("If-None-Match", header, weak=True)
        if known is None or tag in known:
            return Response(304, {"ETag": f'"{tag}"'})
    return response


def _expected(call: Call) -> frozenset[Version] | None:
    """Return the versions that If-Match asks for; None where any will do."""
    header = call.request.headers.get("if-match")
    tags = None if header is None else entity_tags("If-Match", header, weak=False)
    return None if tags is None else frozenset(map(Version, tags))


def _register(services: Services, call: Call) -> Response:
    registry = services.registry()
    wanted = read_model(Registration, read_json(call.request.body), registry.policy)
    stored = registry.register(wanted.vin, wanted.no_of_axles, wanted.fuel_type)
    return _vehicle(201, stored, {"Location": f"/vehicle?vin={stored.vehicle.vin}"})


def _get(services: Services, call: Call) -> Response:
    stored = services.registry().get(call.query["vin"])
    return _unless_known(call, stored.version, _vehicle(200, stored))


def _change(services: Services, call: Call) -> Response:
    registry = services.registry()
    wanted = read_model(Change, read_json(call.request.body), registry.policy)
    stored = registry.change(
        call.query["vin"], no_of_axles=wanted.no_of_axles, fuel_type=wanted.fuel_type, expected=_expected(call)
    )
    return _vehicle(200, stored)


def _delete(services: Services, call: Call) -> Response:
    services.registry().delete(call.query["vin"], expected=_expected(call))
    return Response(204)


def _list(services: Services, call: Call) -> Response:
    values = call.query
    filters = {"fuel_type": "fuelType", "no_of_axles": "noOfAxles", "wmi": "wmi", "vin_ends_with": "vinEndsWith"}
    wanted = VehicleFilter(**{field_: values.get(name) for field_, name in filters.items()})
    after = decode_cursor(values["cursor"], wanted) if "cursor" in values else None
    page = services.registry().list(wanted, limit=values.get("limit", USUAL_PER_PAGE), after=after)
    body = VehiclePageBody(items=[vehicle_body(vehicle) for vehicle in page.vehicles], nextCursor=None)
    if page.next is None:
        return _json(200, body)
    body["nextCursor"] = encode_cursor(page.next, wanted)
    following = urlencode({**values, "cursor": body["nextCursor"]})
    return _json(200, body, {"Link": f'</vehicles?{following}>; rel="next"'})


def _summary(services: Services, call: Call) -> Response:
    report = services.summaries().get(call.query.get("week"))
    response = Response(200, {"Content-Type": JSON, "ETag": f'"{report.tag}"'}, report.content)
    return _unless_known(call, report.tag, response)


def _explain(services: Services, call: Call) -> Response:  # noqa: ARG001 — all handlers are called alike
    return _json(200, explanation_body(explain(call.query["vin"])))


def _openapi(services: Services, call: Call) -> Response:  # noqa: ARG001 — all handlers are called alike
    return Response(200, {"Content-Type": JSON}, services.contract())


def _health(services: Services, call: Call) -> Response:  # noqa: ARG001 — all handlers are called alike
    return _json(200, HealthBody(status="ok", version=registry_version()))


def _docs(services: Services, call: Call) -> Response:  # noqa: ARG001 — all handlers are called alike
    media_type, content = pages.docs_file(call.request.path)
    return _page(media_type, content)


def _problem(services: Services, call: Call) -> Response:  # noqa: ARG001 — all handlers are called alike
    problem = PROBLEMS[call.request.path.removeprefix("/problems/")]
    return _page(HTML, pages.problem_page(problem))


def _root(services: Services, call: Call) -> Response:  # noqa: ARG001 — all handlers are called alike
    return Response(303, {"Location": "/docs"})


def _page(media_type: str, content: bytes) -> Response:
    headers = {"Content-Type": f"{media_type}; charset=utf-8", "Content-Security-Policy": pages.CONTENT_SECURITY_POLICY}
    return Response(200, headers, content)


@cache
def registry_version() -> str:
    """Return the version of the installed registry."""
    return version("vehicles")


_BODY_PROBLEMS: Final = ("malformed-json", "body-too-large", "unsupported-media-type", "invalid-vehicle")
_STORAGE: Final = ("storage-unavailable",)
_FILTERS: Final = (query.FUEL_TYPE, query.NO_OF_AXLES, query.WMI, query.VIN_ENDS_WITH)

ROUTES: Final = (
    Route(
        "POST",
        "/vehicle",
        "registerVehicle",
        "Register a vehicle",
        _register,
        {201: Answer("The vehicle is registered.", VehicleBody, (JSON,), ("Location", "ETag"))},
        (*_BODY_PROBLEMS, "vehicle-already-registered", *_STORAGE),
        body=Registration,
    ),
    Route(
        "GET",
        "/vehicle",
        "getVehicle",
        "Read one vehicle",
        _get,
        {
            200: Answer("The vehicle.", VehicleBody, (JSON,), ("ETag",)),
            304: Answer("The vehicle is as the client knows it.", headers=("ETag",)),
        },
        ("vehicle-not-found", *_STORAGE),
        (query.VIN,),
        ("If-None-Match",),
    ),
    Route(
        "PUT",
        "/vehicle",
        "changeVehicle",
        "Change the axles or the fuel type of a vehicle",
        _change,
        {200: Answer("The vehicle as it is now.", VehicleBody, (JSON,), ("ETag",))},
        (*_BODY_PROBLEMS, "vehicle-not-found", "version-mismatch", *_STORAGE),
        (query.VIN,),
        ("If-Match",),
        Change,
    ),
    Route(
        "DELETE",
        "/vehicle",
        "deleteVehicle",
        "Delete a vehicle",
        _delete,
        {204: Answer("The vehicle is no longer registered.")},
        ("vehicle-not-found", "version-mismatch", *_STORAGE),
        (query.VIN,),
        ("If-Match",),
    ),
    Route(
        "GET",
        "/vehicles",
        "listVehicles",
        "List vehicles, a page at a time, each exactly once",
        _list,
        {200: Answer("A page.", VehiclePageBody, (JSON,), ("Link",))},
        ("invalid-cursor", *_STORAGE),
        (query.LIMIT, query.CURSOR, *_FILTERS),
    ),
    Route(
        "GET",
        "/summary",
        "getSummary",
        "Read the summary of a week",
        _summary,
        {
            200: Answer("The summary.", SummaryBody, (JSON,), ("ETag",)),
            304: Answer("The summary is as the client knows it.", headers=("ETag",)),
        },
        ("summary-not-found", *_STORAGE),
        (query.WEEK,),
        ("If-None-Match",),
    ),
    Route(
        "GET",
        "/vin",
        "explainVin",
        "Explain a VIN, or what is wrong with it, without registering anything",
        _explain,
        {200: Answer("What the text tells.", ExplanationBody, (JSON,))},
        (),
        (query.VIN_TO_EXPLAIN,),
    ),
    Route(
        "GET",
        "/openapi.json",
        "getContract",
        "Read this contract",
        _openapi,
        {200: Answer("The contract, as an OpenAPI 3.1 document.", dict, (JSON,))},
        public=True,
    ),
    Route(
        "GET",
        "/health",
        "getHealth",
        "Ask whether the registry answers, and in which version",
        _health,
        {200: Answer("It does.", HealthBody, (JSON,))},
        public=True,
    ),
    Route(
        "GET",
        "/docs",
        "getDocs",
        "Read this contract in a browser, and try it",
        _docs,
        {200: Answer("The page.", str, (HTML,))},
        public=True,
    ),
    Route(
        "GET",
        "/",
        "getRoot",
        "Go to the documentation",
        _root,
        {303: Answer("See /docs.")},
        public=True,
        described=False,
    ),
    *(
        Route("GET", path, name, "", _docs, {200: Answer("", str, (media_type,))}, public=True, described=False)
        for path, name, media_type in (
            ("/docs/start.js", "getDocsStart", "text/javascript"),
            ("/docs/swagger-ui.css", "getDocsStyle", "text/css"),
            ("/docs/swagger-ui-bundle.js", "getDocsScript", "text/javascript"),
        )
    ),
    *(
        Route("GET", problem.type, name, "", _problem, {200: Answer("", str, (HTML,))}, public=True, described=False)
        for name, problem in PROBLEMS.items()
    ),
)
