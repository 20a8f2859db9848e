"""The routes of the API: the parameters, the handler and the responses of each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from pydantic import BaseModel

from vehicles.entrypoints.http import handlers
from vehicles.entrypoints.http import parameters as query
from vehicles.entrypoints.http.fleets import files, lists, overview
from vehicles.entrypoints.http.fleets import parameters as file_parameters
from vehicles.entrypoints.http.fleets.parameters import FILE_TYPES, FORM
from vehicles.entrypoints.http.fleets.schemas import ImportBody, ImportProblemBody
from vehicles.entrypoints.http.handlers import HTML, JSON, MERGE_PATCH, SUMMARY_TYPES, Call, HealthBody, Services
from vehicles.entrypoints.http.messages import Response
from vehicles.entrypoints.http.pages import CONSOLE_FILES, media_type_of
from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.problems import ProblemBody
from vehicles.entrypoints.http.schemas import (
    Change,
    ExplanationBody,
    RegisteredVehicleBody,
    Registration,
    Replacement,
    VehicleBody,
    VehiclePageBody,
)
from vehicles.entrypoints.http.summary_schema import SummaryBody, SummaryListBody, SummaryReference

type Handler = Callable[[Services, Call], Response]


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful response, or 304, as the contract describes it."""

    description: str
    body: type | None = None
    media_types: tuple[str, ...] = ()
    headers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """A method of a path. `problems` are specific to the route; the contract adds those that every route may return.

    A `public` route requires no token. A route without a `summary` is for browsers, and not part of the contract.
    One that `carries_file` takes or returns a fleet file: it may be large, and take long. `problem` is the type of its
    problem details.
    """

    method: str
    path: str
    operation: str
    summary: str
    handle: Handler
    answers: Mapping[int, Answer]
    problems: tuple[str, ...] = ()
    parameters: tuple[query.Parameter, ...] = ()
    headers: tuple[str, ...] = ()
    body: type[BaseModel] | None = None
    consumes: tuple[str, ...] = (JSON,)
    public: bool = False
    carries_file: bool = False
    problem: type = ProblemBody

    @property
    def takes_file(self) -> bool:
        """Whether the body of a request is a fleet file."""
        return self.carries_file and self.method == "POST"

    @property
    def produces(self) -> tuple[str, ...]:
        """The media types that a client can choose from; empty if a successful response has no body."""
        return next((answer.media_types for answer in self.answers.values() if answer.media_types), ())


def _page(path: str, handle: Handler, media_type: str) -> Route:
    return Route("GET", path, "", "", handle, {200: Answer("", str, (media_type,))}, public=True)


_BODY_PROBLEMS: Final = ("malformed-json", "body-too-large", "unsupported-media-type", "invalid-vehicle")
_STORAGE: Final = ("storage-unavailable",)
_WRITE: Final = ("read-only", *_STORAGE)

ROUTES: Final = (
    Route(
        "POST",
        "/vehicle",
        "registerVehicle",
        "Register a vehicle",
        handlers.register,
        {201: Answer("The vehicle is registered.", RegisteredVehicleBody, (JSON,), ("Location", "ETag"))},
        (*_BODY_PROBLEMS, "vehicle-already-registered", "idempotency-key-reused", *_WRITE),
        headers=("Idempotency-Key",),
        body=Registration,
    ),
    Route(
        "GET",
        "/vehicle",
        "getVehicle",
        "Read one vehicle",
        handlers.get,
        {
            200: Answer("The vehicle.", VehicleBody, (JSON,), ("ETag",)),
            304: Answer("The vehicle is unchanged.", headers=("ETag",)),
        },
        ("vehicle-not-found", *_STORAGE),
        (query.VIN,),
        ("If-None-Match",),
    ),
    Route(
        "PATCH",
        "/vehicle",
        "changeVehicle",
        "Change the axles or the fuel type of a vehicle",
        handlers.change,
        {200: Answer("The changed vehicle.", VehicleBody, (JSON,), ("ETag",))},
        (*_BODY_PROBLEMS, "vehicle-not-found", "version-mismatch", *_WRITE),
        (query.VIN,),
        ("If-Match", "If-None-Match"),
        Change,
        (JSON, MERGE_PATCH),
    ),
    Route(
        "PUT",
        "/vehicle",
        "replaceVehicle",
        "Replace a vehicle, or register it if it is not registered",
        handlers.replace,
        {
            200: Answer("The replaced vehicle.", VehicleBody, (JSON,), ("ETag",)),
            201: Answer("The vehicle is registered.", RegisteredVehicleBody, (JSON,), ("Location", "ETag")),
        },
        (*_BODY_PROBLEMS, "version-mismatch", *_WRITE),
        (query.VIN,),
        ("If-Match", "If-None-Match"),
        Replacement,
    ),
    Route(
        "DELETE",
        "/vehicle",
        "deleteVehicle",
        "Delete a vehicle",
        handlers.delete,
        {204: Answer("The vehicle is no longer registered.")},
        ("vehicle-not-found", "version-mismatch", *_WRITE),
        (query.VIN,),
        ("If-Match", "If-None-Match"),
    ),
    Route(
        "GET",
        "/vehicles",
        "listVehicles",
        "List vehicles as JSON, CSV or JSON Lines, page by page, each exactly once",
        lists.list_vehicles,
        {200: Answer("A page.", VehiclePageBody, lists.MEDIA_TYPES, ("Link", "Content-Disposition", "Vary"))},
        ("invalid-cursor", *_STORAGE),
        (query.LIMIT, query.CURSOR, *query.FILTERS.values(), query.LIST_FORMAT),
    ),
    Route(
        "GET",
        "/fleet",
        "getFleet",
        "Read the number of vehicles, and the main figures of the latest summary",
        overview.get_fleet,
        {200: Answer("The figures.", overview.FleetBody, (JSON,))},
        _STORAGE,
    ),
    Route(
        "POST",
        "/vehicles/import",
        "importVehicles",
        "Import a fleet file: an Excel workbook, CSV or JSON",
        files.import_vehicles,
        {200: Answer("The outcome.", ImportBody, (JSON,))},
        ("body-too-large", "unsupported-media-type", "import-conflict", "unreadable-file", *_WRITE),
        file_parameters.IMPORT,
        consumes=("application/octet-stream", FORM),
        carries_file=True,
        problem=ImportProblemBody,
    ),
    Route(
        "GET",
        "/vehicles/export",
        "exportVehicles",
        "Export all vehicles as a file, or those that match",
        files.export_vehicles,
        {200: Answer("The file.", str, tuple(FILE_TYPES.values()), ("Content-Disposition",))},
        ("export-too-large", *_STORAGE),
        (file_parameters.FILE_FORMAT, *query.FILTERS.values()),
        carries_file=True,
    ),
    Route(
        "GET",
        "/summary",
        "getSummary",
        "Read the summary of a week as JSON, CSV or HTML",
        handlers.get_summary,
        {
            200: Answer("The summary.", SummaryBody, SUMMARY_TYPES, ("ETag", "Vary")),
            304: Answer("The summary is unchanged.", headers=("ETag", "Vary")),
        },
        ("summary-not-found", *_STORAGE),
        (query.WEEK, query.FORMAT),
        ("If-None-Match",),
    ),
    Route(
        "GET",
        "/summaries",
        "listSummaries",
        "List the weeks that have a summary, newest first",
        handlers.list_summaries,
        {200: Answer("The weeks.", SummaryListBody, (JSON,))},
        _STORAGE,
    ),
    Route(
        "POST",
        "/summaries",
        "makeSummary",
        "Make the summary of a week now",
        handlers.make_summary,
        {
            200: Answer("The week already has its complete summary.", SummaryReference, (JSON,), ("Location",)),
            201: Answer("The summary is made.", SummaryReference, (JSON,), ("Location",)),
        },
        ("summaries-on-schedule", "summary-not-found", *_WRITE),
        (query.WEEK_TO_SUMMARIZE,),
    ),
    Route(
        "GET",
        "/vin",
        "explainVin",
        "Explain a VIN, or what is wrong with it, without registering anything",
        handlers.explain_vin,
        {200: Answer("The explanation.", ExplanationBody, (JSON,))},
        (),
        (query.VIN_TO_EXPLAIN,),
    ),
    Route(
        "GET",
        "/openapi.json",
        "getContract",
        "Read this contract",
        handlers.get_contract,
        {200: Answer("The contract, as an OpenAPI 3.1 document.", dict, (JSON,))},
        public=True,
    ),
    Route(
        "GET",
        "/health",
        "getHealth",
        "Check that the registry is running, and read its version",
        handlers.get_health,
        {200: Answer("The registry is running.", HealthBody, (JSON,))},
        public=True,
    ),
    Route(
        "GET",
        "/docs",
        "getDocs",
        "Read this contract in a browser, and try it",
        handlers.show_docs,
        {200: Answer("The page.", str, (HTML,))},
        public=True,
    ),
    *(
        Route("GET", path, "", "", handlers.redirect_to_console, {303: Answer("See /console/.")}, public=True)
        for path in ("/", "/console")
    ),
    _page("/console/", handlers.show_console, HTML),
    _page("/console/manufacturers.json", handlers.show_manufacturers, JSON),
    *(_page(f"/console/{name}", handlers.show_console, media_type_of(name)) for name in CONSOLE_FILES),
    _page("/docs/start.js", handlers.show_docs, "text/javascript"),
    _page("/docs/swagger-ui.css", handlers.show_docs, "text/css"),
    _page("/docs/swagger-ui-bundle.js", handlers.show_docs, "text/javascript"),
    *(_page(problem.type, handlers.show_problem, HTML) for problem in PROBLEMS.values()),
)
