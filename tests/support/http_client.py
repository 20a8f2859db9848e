"""A small client of the API, on the in-memory adapters, with a clock that stands and versions that count.

It reaches the API on one of several ways, which must all lead to the same answers: see the fixture `way`.
"""

import json
import logging
from base64 import b64decode, b64encode
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any, ClassVar, Final, Never, override
from zoneinfo import ZoneInfo

from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.adapters.report_formats.files import ReportFiles
from vehicles.adapters.report_formats.render import render_report
from vehicles.domain.registry import Registry
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.vin.number import VinPolicy
from vehicles.entrypoints import lambdas
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.handlers import Services
from vehicles.entrypoints.http.messages import FileLimits, Request, Response
from vehicles.ports.vehicle_repository import VehicleRepository

NOW: Final = datetime(2026, 11, 18, 8, 15, 30, 123456, tzinfo=UTC)
TIMESTAMP: Final = "2026-11-18T08:15:30.123456Z"
REQUEST_ID: Final = "0199f0a4-6c1e-7d3a-9b57-3f6f0f9e2c11"
TRUCK: Final = "WMAH05ZZ04M012345"
OTHER: Final = "1M8GDM9AXKP042788"
WRONG_CHECK_DIGIT: Final = "1M8GDM9A1KP042788"
JSON: Final = {"content-type": "application/json"}


def truck(**changes: object) -> dict[str, object]:
    """Return a right body of a registration, changed."""
    return {"vin": TRUCK, "noOfAxles": 3, "fuelType": "diesel", **changes}


@dataclass(frozen=True)
class Invocation:
    """What Lambda tells of an invocation."""

    aws_request_id: str = REQUEST_ID


class Records(logging.Handler):
    """Collects what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[logging.LogRecord] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)


def directly(api: Api, request: Request) -> Response:
    """Ask the API itself."""
    return api.respond(request)


def through_lambda(api: Api, request: Request) -> Response:
    """Ask as API Gateway does, with events and replies that are JSON; the operation is the one that is logged.

    API Gateway says how long a body is; what it says of a response to HEAD, the emulators do not know.
    """
    event = json.loads(json.dumps(event_of(request)))
    logger, records = logging.getLogger(lambdas.__name__), Records()
    level = logger.level
    logger.addHandler(records)
    logger.setLevel(logging.INFO)
    try:
        reply = json.loads(json.dumps(lambdas.answer(api, event, Invocation(request.id))))
    finally:
        logger.removeHandler(records)
        logger.setLevel(level)
    body = b64decode(reply["body"]) if reply["isBase64Encoded"] else reply["body"].encode()
    operation = vars(records.records[-1])["operation"]
    length = {} if request.method == "HEAD" or reply["statusCode"] in {204, 304} else {"Content-Length": str(len(body))}
    return Response(reply["statusCode"], reply["headers"] | length, body, operation)


def event_of(request: Request, *, stage: str = "$default") -> dict[str, Any]:
    """Return the event that API Gateway makes of a request: HTTP API, payload format 2.0.

    https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
    """
    path = request.path if stage == "$default" else f"/{stage}{request.path}"
    event = {
        "version": "2.0",
        "routeKey": "$default",
        "rawPath": path,
        "rawQueryString": request.query,
        "cookies": ["vin=of-no-interest"],
        "headers": dict(request.headers),
        "requestContext": {
            "http": {"method": request.method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "192.0.2.1"},
            "requestId": "JKJaXmPLvHcESHA=",
            "stage": stage,
        },
        "isBase64Encoded": False,
    }
    if request.body:
        try:
            event["body"] = request.body.decode()
        except UnicodeDecodeError:
            event |= {"body": b64encode(request.body).decode(), "isBase64Encoded": True}
    return event


class Client:
    """Sends requests to an API of its own."""

    way: ClassVar[Callable[[Api, Request], Response]] = staticmethod(directly)

    def __init__(  # noqa: PLR0913 — one for each setting
        self,
        repository: VehicleRepository | None = None,
        token: str | None = None,
        policy: VinPolicy = VinPolicy.STRICT,
        allowed_origins: Collection[str] = (),
        reports: ReportFiles | None = None,
        *,
        makes_summaries: bool = True,
    ) -> None:
        versions = count(1)
        self.repository = repository or InMemoryVehicleRepository()
        self.registry = Registry(self.repository, lambda: NOW, lambda: f"v{next(versions)}", policy)
        self.reports: ReportFiles = reports or InMemoryReportStore()
        self.summaries = WeeklySummaries(self.repository, self.reports, lambda: NOW, ZoneInfo("UTC"))
        services = Services(
            lambda: self.registry, lambda: self.summaries, render_report, lambda: self.registry, makes_summaries
        )
        limits = lambdas.FILE_LIMITS if type(self).way is through_lambda else FileLimits()
        self.api = Api(services, token, allowed_origins, limits)

    def send(
        self,
        method: str,
        target: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        raw: bytes | None = None,
    ) -> Response:
        """Send a request; `body` as JSON, `raw` as it is, either as application/json unless the headers say else."""
        path, _, query = target.partition("?")
        content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        given = {**(JSON if content else {}), **(headers or {})}
        return self.answer(Request(method, path, query, given, content, REQUEST_ID))

    def answer(self, request: Request) -> Response:
        """Send a request as it is."""
        return type(self).way(self.api, request)

    def register(self, vin: str = TRUCK) -> Response:
        """Register a vehicle that is right."""
        return self.send("POST", "/vehicle", truck(vin=vin))


def whole(response: Response) -> bytes:
    """Return the body of a response, also if it comes in chunks."""
    return response.body + b"".join(response.chunks or ())


def content(response: Response) -> Any:  # noqa: ANN401 — JSON
    """Return the JSON of a response."""
    return json.loads(response.body)


def rejection(response: Response) -> tuple[int, str, list[tuple[str, str]]]:
    """Return the status, the name of the problem, and of each error the place and the code."""
    problem = content(response)
    places = [
        (error.get("pointer", error.get("parameter", error.get("header"))), error["code"])
        for error in problem.get("errors", [])
    ]
    return response.status, problem["type"].removeprefix("/problems/"), places


class FailingRepository(VehicleRepository):
    """Raises one error, whatever it is asked."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def _fail(self, *_: object, **__: object) -> Never:
        raise self.error

    add = add_many = get = get_many = replace = replace_many = remove = page = count = partition = _fail
