"""The entry points on AWS: events of API Gateway and of the schedule become calls of the API and the services.

    vehicles.entrypoints.lambdas.api       every request to the API
    vehicles.entrypoints.lambdas.summary   the summary of a week

docs/decisions/2026-11-lambda.md says why there is no framework.
"""

# ruff: noqa: E402 — garbage collection is turned off before the imports, which it slows down
import gc
import os
from typing import Any, Final, Protocol, TypedDict

_HANDLER: Final = os.environ.get("_HANDLER", "").rpartition(".")[2]  # set by Lambda only
if _HANDLER:
    gc.disable()  # until the module is loaded: nothing becomes garbage before

import logging
import time
import traceback
from base64 import b64decode, b64encode
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from functools import cache

from vehicles.container import Container
from vehicles.domain.errors import Fault, InvalidInput, RegistryError, ReportNotFound
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.summary.service import Outcome
from vehicles.entrypoints.http.api import Api
from vehicles.entrypoints.http.handlers import Services
from vehicles.entrypoints.http.messages import FileLimits, Request, Response
from vehicles.entrypoints.logs import log_as_json, redact
from vehicles.ports.report_store import key_of
from vehicles.settings import Settings

_LOG: Final = logging.getLogger(__name__)
_MEMBERS: Final = {"week": "current, last, due or a week such as 2026-W47", "again": "true or false", "check": "age"}
"""What an event of the summary may have, and what each must be."""

FILE_LIMITS: Final = FileLimits(upload=4 * 2**20, text=5 * 2**20, binary=4 * 2**20)
"""What fits into an event and a reply of Lambda, 6 MB each, in JSON: escaped, or a third longer as base64."""

type Event = Mapping[str, Any]
type Result = dict[str, object]


class Context(Protocol):
    """The context of an invocation, as far as it is used here."""

    @property
    def aws_request_id(self) -> str:
        """The id under which Lambda logs the invocation; a UUID."""


class Reply(TypedDict):
    """A response for API Gateway (HTTP API, payload format 2.0)."""

    statusCode: int
    headers: dict[str, str]
    body: str
    isBase64Encoded: bool


class SummaryFailed(Exception):
    """No summary was written; the log has the reason."""


def api(event: Event, context: Context) -> Reply:
    """Handle a request from API Gateway."""
    return answer(_api(), event, context)


def summary(event: Event, context: Context) -> Result:
    """Write the report of a week. `week` is `current`, `last`, `due` (the default), or a week such as 2026-W47.

    `due` means the weeks of `WeeklySummaries.summarize_due`. Returns the outcome, the key and the first figures of the
    newest report. A complete report is not changed, unless `again` is true.
    With `{"check": "age"}` log the age of the latest report, for an alarm: the days since the end of its week, or since
    its start if the report is provisional. If there is no report, as in a new deployment, write that of last week; as
    long as there was never a vehicle, none is written, and the age is 0.
    Raises InvalidInput if the event is wrong. Raises every error, so that Lambda retries, and moves the event to the
    dead-letter queue in the end.
    """
    container = _container(batch=True)
    try:
        _require_valid(event)
        if event.get("check") == "age":
            return _reported_age(container, context)
        return _written(container, event.get("week", "due"), context, again=event.get("again") is True)
    except Exception as error:
        # The message of a third-party exception may contain a VIN, and both Lambda and the queue would copy it.
        redacted = redact(traceback.format_exc())
        _LOG.error("summary failed\n%s", redacted, extra={"requestId": context.aws_request_id})
        if isinstance(error, RegistryError):
            raise
        message = f"{type(error).__name__}; see the log of the request {context.aws_request_id}"
        raise SummaryFailed(message) from None


def _require_valid(event: object) -> None:
    """Raise InvalidInput, which names what is wrong, unless the event is one that `summary` describes."""
    if not isinstance(event, dict):
        raise InvalidInput(Fault("event.type", "the event must be a JSON object"))
    for member in event.items():
        match member:
            case ("week", str()) | ("again", bool()) | ("check", "age"):
                continue
            case name, _:
                known = name in _MEMBERS
                detail = f"{name} must be {_MEMBERS[name]}" if known else f"it may only have {', '.join(_MEMBERS)}"
                raise InvalidInput(Fault("event.member", detail))


def _written(container: Container, name: str, context: Context, *, again: bool = False) -> Result:
    """Make the requested reports, log and mail the saved ones, and return the newest."""
    start = time.perf_counter()
    summaries = container.summaries()
    made = summaries.summarize_due() if name == "due" else [summaries.summarize(summaries.week(name), again=again)]
    milliseconds = _milliseconds(start)
    result: Result = {}
    for each in made:
        report, is_saved = each.report, each.outcome is Outcome.SAVED
        result = {
            "week": str(report.week),
            "outcome": each.outcome,
            "key": key_of(report.week),
            "complete": report.complete,
            "total": report.summary.total,
            "registered": report.summary.registered,
        }
        message = "summary written" if is_saved else f"summary not written: {each.outcome}"
        _LOG.info(message, extra={"requestId": context.aws_request_id, **result, "durationMs": milliseconds})
        if is_saved:
            _mail(container, context, report)
    return result


def _mail(container: Container, context: Context, report: WeeklyReport) -> None:
    """Mail the first figures. A mail that cannot be sent is logged; the summary still succeeds."""
    of_week = f"Vehicles in {report.week}: {report.summary.total:,}"
    text = (
        f"{of_week}, {report.summary.registered:,} of them registered in that week."
        f"{'' if report.complete else ' The week was not over yet.'}\n\n"
        f"The summary is in the bucket {container.completed().bucket}: {key_of(report.week)}, "
        "with CSV and HTML beside it."
    )
    try:
        container.mail()(of_week, text)
    except Exception as error:  # noqa: BLE001 — any error would make Lambda repeat a summary that is already written
        _LOG.warning("mail failed: %s", error, exc_info=True, extra={"requestId": context.aws_request_id})


def _reported_age(container: Container, context: Context) -> Result:
    age = _age(container, context)
    _LOG.info("summary age", extra={"requestId": context.aws_request_id, "ageDays": age})
    return {"ageDays": age}


def _age(container: Container, context: Context) -> float:
    summaries = container.summaries()
    try:
        latest = summaries.get()
    except ReportNotFound:
        if _written(container, "last", context)["outcome"] is Outcome.ALWAYS_EMPTY:
            return 0.0  # no report is written, and none is missing
        latest = summaries.get()
    covered = latest.summary.end if latest.complete else latest.summary.start
    return round((container.clock()() - covered) / timedelta(days=1), 3)


def answer(answering: Api, event: Event, context: Context) -> Reply:
    """Handle the request of an event, and log its operation, never the input of the client."""
    start = time.perf_counter()
    request = request_of(event, context)
    response = answering.respond(request)
    _LOG.info(
        "request",
        extra={
            "requestId": request.id,
            "gatewayRequestId": event["requestContext"].get("requestId"),
            "operation": response.operation,
            "status": response.status,
            "durationMs": _milliseconds(start),
        },
    )
    reply, prefix = reply_of(response), prefix_of(event)
    if event["rawPath"] == prefix and "Location" in reply["headers"]:
        # Relative to a prefix without a slash at its end, the Location of `/` would be outside of the prefix.
        reply["headers"]["Location"] = f"{prefix}/{reply['headers']['Location']}"
    return reply


def request_of(event: Event, context: Context) -> Request:
    """Return the request of an event of an HTTP API (payload format 2.0).

    The query is still encoded; API Gateway decodes the path.
    The id is Lambda's, under which it logs the invocation: a UUID, which the id of API Gateway is not.
    """
    headers: dict[str, str] = {}
    for name, value in event.get("headers", {}).items():
        key = name.lower()
        headers[key] = f"{headers[key]}, {value}" if key in headers else value
    body = event.get("body") or ""
    return Request(
        event["requestContext"]["http"]["method"],
        event["rawPath"].removeprefix(prefix_of(event)) or "/",
        event.get("rawQueryString", ""),
        headers,
        b64decode(body) if event.get("isBase64Encoded") else body.encode("utf-8", "surrogatepass"),
        context.aws_request_id,
        _caller_of(event),
    )


def _caller_of(event: Event) -> str:
    """Return whom API Gateway has authenticated: the ARN of an IAM identity, or the subject of a JWT."""
    authorizer = event["requestContext"].get("authorizer") or {}
    identity = authorizer.get("iam", {}).get("userArn") or authorizer.get("jwt", {}).get("claims", {}).get("sub")
    return str(identity or "")


def prefix_of(event: Event) -> str:
    """Return what API Gateway has put before the path: the stage, unless it is the default one, and the base path.

    The base path is that of the mapping of a custom domain, in the variable VEHICLES_BASE_PATH.
    """
    stage = event["requestContext"].get("stage", "$default")
    prefix = ""
    for part in ("" if stage == "$default" else stage, os.environ.get("VEHICLES_BASE_PATH")):
        if part and f"{event['rawPath']}/".startswith(f"{prefix}/{part}/"):
            prefix += f"/{part}"
    return prefix


def reply_of(response: Response) -> Reply:
    """Return the response for API Gateway. The body is text, or base64 if it is not UTF-8.

    API Gateway counts the length of the body: the response to HEAD tells that of a body which is not in the reply.
    """
    headers = {name: value for name, value in response.headers.items() if name != "Content-Length"}
    try:
        body, is_encoded = response.body.decode(), False
    except UnicodeDecodeError:
        body, is_encoded = b64encode(response.body).decode(), True
    return Reply(statusCode=response.status, headers=headers, body=body, isBase64Encoded=is_encoded)


def _milliseconds(start: float) -> float:
    return round((time.perf_counter() - start) * 1000, 1)


@cache
def _container(*, batch: bool) -> Container:
    log_as_json()
    return Container(settings=Settings.read(os.environ, {}), batch=batch)


@cache
def _api() -> Api:
    container = _container(batch=False)
    services = Services(container.registry, container.summaries, container.render_report(), container.import_registry)
    settings = container.settings()
    return Api(services, settings.token, settings.allowed_origins, FILE_LIMITS)


# Created now, so that the first request need not wait: Lambda provides a full processor during the import of this
# module, and at 512 MB less than a third of one later. An error here is raised again, and logged, with a request.
with suppress(Exception):
    if _HANDLER:
        _container(batch=_HANDLER == "summary").registry()
    if _HANDLER == "summary":
        _container(batch=True).summaries()
if _HANDLER:
    gc.freeze()
    gc.enable()
