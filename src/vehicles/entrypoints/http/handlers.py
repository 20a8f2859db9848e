"""The handlers of the routes: each calls the domain and builds a response. They contain no rules.

Every reference is relative to the path of the request, so that the API works behind any prefix.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from typing import Any, Final, TypedDict

from pydantic_core import to_json

from vehicles.domain.errors import VehicleNotFound, VersionMismatch
from vehicles.domain.registry import Registry
from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.service import Outcome, WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import vehicle_record
from vehicles.domain.vin.explanation import explain, warnings_of
from vehicles.entrypoints.http import pages
from vehicles.entrypoints.http.messages import (
    Conditions,
    Request,
    Response,
    entity_tags,
    idempotency_key,
    preferred,
)
from vehicles.entrypoints.http.parameters import ListFormat
from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.problems import ProblemError, error_body
from vehicles.entrypoints.http.request_body import check_same, read_body, read_json
from vehicles.entrypoints.http.schemas import Change, Registration, Replacement, explanation_body
from vehicles.entrypoints.http.summary_schema import SummaryListBody, summary_reference
from vehicles.ports.vehicle_repository import StoredVehicle

JSON: Final = "application/json"
MERGE_PATCH: Final = "application/merge-patch+json"
"""RFC 7396, but for null: no field of a vehicle can be removed."""
HTML: Final = "text/html"
SUMMARY_TYPES: Final = tuple(each.media_type for each in ReportFormat)
_PARTIAL: Final = " PUT needs the whole vehicle; use PATCH to change single fields."
_FOR_EVER: Final = "public, max-age=31536000, immutable"  # RFC 8246
_KEPT_OF_UNCHANGED: Final = frozenset({"ETag", "Vary"})  # RFC 9110, 15.4.5


class HealthBody(TypedDict):
    """The health of the process. `version` is the version of the registry."""

    status: str
    version: str


@dataclass(frozen=True, slots=True)
class Services:
    """The services that the handlers call. Each is created when the first request needs it.

    With `makes_summaries`, a request may make a summary; otherwise only the schedule does, as on AWS.
    `import_registry` has more time for a batch of vehicles than `registry`.
    """

    registry: Callable[[], Registry]
    summaries: Callable[[], WeeklySummaries]
    render_report: Callable[[WeeklyReport, ReportFormat, Callable[[IsoWeek, ReportFormat], str]], bytes]
    import_registry: Callable[[], Registry]
    makes_summaries: bool = False


@dataclass(frozen=True, slots=True)
class Call:
    """The input of a handler: the query parameters by name, and the request itself."""

    query: Mapping[str, Any]
    request: Request


def _json(status: int, body: object, headers: Mapping[str, str] | None = None) -> Response:
    return Response(status, {"Content-Type": JSON, **(headers or {})}, to_json(body))


def _vehicle(stored: StoredVehicle) -> Response:
    return _json(200, vehicle_record(stored.vehicle), {"ETag": f'"{stored.version}"'})


def _unless_known(call: Call, tag: str, response: Response) -> Response:
    """Return 304 if If-None-Match lists the entity tag or is `*`, else the response."""
    header = call.request.headers.get("if-none-match")
    if header is not None:
        known = entity_tags("If-None-Match", header, weak=True)
        if known is None or tag in known:
            kept = {name: value for name, value in response.headers.items() if name in _KEPT_OF_UNCHANGED}
            return Response(304, kept)
    return response


def _conditionally[Result](
    call: Call, act: Callable[[Conditions | None], Result], *, absent_fails: bool = False
) -> Result:
    """Act under the conditions of a request, or None if it has none; an error says why they are not met.

    With `absent_fails`, a condition is also not met if the vehicle is absent, and not only not found.
    """
    conditions = Conditions(call.request.headers) or None
    try:
        return act(conditions)
    except VersionMismatch as error:
        reason = conditions and conditions.failure(is_registered=True)
        raise ProblemError("version-mismatch", reason or f"{error}.") from None
    except VehicleNotFound:
        if conditions is None or not absent_fails:
            raise
        raise ProblemError("version-mismatch", conditions.failure(is_registered=False)) from None


def register(services: Services, call: Call) -> Response:
    registry = services.registry()
    wanted = read_body(Registration, call.request.body, registry.check_vin)
    return _registered(
        registry.register(**dict(wanted), key=idempotency_key(call.request)), read_json(call.request.body)["vin"]
    )


def _registered(stored: StoredVehicle, typed_vin: str) -> Response:
    vin = stored.vehicle.vin
    warnings = [error_body("pointer", "/vin", each) for each in warnings_of(typed_vin, vin)]
    body = vehicle_record(stored.vehicle) | {"warnings": warnings}
    return _json(201, body, {"ETag": f'"{stored.version}"', "Location": f"vehicle?vin={vin}"})


def get(services: Services, call: Call) -> Response:
    stored = services.registry().get(call.query["vin"])
    return _unless_known(call, stored.version, _vehicle(stored))


def change(services: Services, call: Call) -> Response:
    vin = call.query["vin"]
    wanted = read_body(Change, call.request.body, check_same(vin))
    values = wanted.model_dump(exclude={"vin"})
    return _vehicle(
        _conditionally(call, lambda conditions: services.registry().change(vin, **values, expected=conditions))
    )


def replace(services: Services, call: Call) -> Response:
    vin = call.query["vin"]
    wanted = read_body(Replacement, call.request.body, check_same(vin), _PARTIAL)
    values = wanted.model_dump(exclude={"vin"})
    stored, is_registered = _conditionally(
        call, lambda conditions: services.registry().replace(vin, **values, expected=conditions), absent_fails=True
    )
    return _registered(stored, str(vin)) if is_registered else _vehicle(stored)


def delete(services: Services, call: Call) -> Response:
    _conditionally(call, lambda conditions: services.registry().delete(call.query["vin"], expected=conditions))
    return Response(204)


def chosen_format[Format: (ReportFormat, ListFormat)](call: Call, formats: type[Format]) -> Format:
    """Return the format that the query names, or else the one that the header Accept prefers."""
    if chosen := call.query.get("format"):
        return formats(chosen)
    media_type = preferred(call.request.headers.get("accept", ""), [each.media_type for each in formats])
    return next(each for each in formats if each.media_type == media_type)


def get_summary(services: Services, call: Call) -> Response:
    chosen = chosen_format(call, ReportFormat)
    content = services.render_report(services.summaries().get(call.query.get("week")), chosen, _summary_link)
    tag = sha256(content).hexdigest()
    headers = {"ETag": f'"{tag}"', "Vary": "Accept"}
    headers["Content-Type"] = JSON if chosen is ReportFormat.JSON else f"{chosen.media_type}; charset=utf-8"
    if chosen is ReportFormat.HTML:
        headers["Content-Security-Policy"] = pages.STATIC_SECURITY_POLICY
    return _unless_known(call, tag, Response(200, headers, content))


def _summary_link(week: IsoWeek, report_format: ReportFormat) -> str:
    return f"summary?week={week}&format={report_format}"


def list_summaries(services: Services, _call: Call) -> Response:
    weeks = services.summaries().weeks()
    return _json(200, SummaryListBody(items=[{"week": str(week), "href": f"summary?week={week}"} for week in weeks]))


def make_summary(services: Services, call: Call) -> Response:
    if not services.makes_summaries:
        raise ProblemError("summaries-on-schedule", headers={"Allow": "GET, HEAD, OPTIONS"})
    made = services.summaries().summarize(call.query.get("week"))
    if made.outcome is Outcome.ALWAYS_EMPTY:
        detail = f"No summary of {made.report.week} is saved: no vehicle is known to have been registered by its end."
        raise ProblemError("summary-not-found", detail)
    body = summary_reference(made.report)
    return _json(201 if made.outcome is Outcome.SAVED else 200, body, {"Location": body["href"]})


def explain_vin(_services: Services, call: Call) -> Response:
    return _json(200, explanation_body(explain(call.query["vin"])))


def get_contract(_services: Services, _call: Call) -> Response:
    return Response(200, {"Content-Type": JSON}, _contract())


@cache
def _contract() -> bytes:
    # Generating it from the routes takes 50 ms, and most processes are never asked for it.
    from vehicles.entrypoints.http.openapi import openapi_document  # noqa: PLC0415 — as above; it also imports this module

    return to_json(openapi_document())


def get_health(_services: Services, _call: Call) -> Response:
    return _json(200, HealthBody(status="ok", version=registry_version()))


def show_docs(_services: Services, call: Call) -> Response:
    media_type, content = pages.docs_file(call.request.path)
    return _page(media_type, content, pages.CONTENT_SECURITY_POLICY)


def show_console(_services: Services, call: Call) -> Response:
    media_type, content, may_be_kept = pages.console_file(call.request.path)
    page = _page(media_type, content, pages.CONSOLE_SECURITY_POLICY)
    if may_be_kept:
        page.headers["Cache-Control"] = _FOR_EVER
    return page


def show_manufacturers(_services: Services, _call: Call) -> Response:
    return _page(JSON, pages.manufacturer_names(), pages.CONSOLE_SECURITY_POLICY)


def show_problem(_services: Services, call: Call) -> Response:
    problem = PROBLEMS[call.request.path.removeprefix("/problems/")]
    return _page(HTML, pages.problem_page(problem), pages.CONTENT_SECURITY_POLICY)


def redirect_to_console(_services: Services, _call: Call) -> Response:
    # Not `console/`: the route `/console/{proxy+}` of API Gateway need not match an empty rest.
    return Response(303, {"Location": "console/index.html"})


def _page(media_type: str, content: bytes, policy: str) -> Response:
    headers = {"Content-Type": f"{media_type}; charset=utf-8", "Content-Security-Policy": policy}
    return Response(200, headers, content)


@cache
def registry_version() -> str:
    return version("vehicle-registry")
