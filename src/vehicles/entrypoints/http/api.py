"""The HTTP contract: `Api.respond(request) -> response`, over plain values that know neither sockets nor AWS."""

import logging
import traceback
from collections.abc import Callable, Mapping
from functools import cache
from hmac import compare_digest
from http import HTTPStatus
from typing import TYPE_CHECKING, Final

from pydantic_core import to_json

from vehicles.domain.errors import RegistryError
from vehicles.domain.registry import Registry
from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.entrypoints.http.handlers import JSON, Call, Services
from vehicles.entrypoints.http.messages import MOST_BODY_BYTES, Request, Response
from vehicles.entrypoints.http.negotiation import preferred
from vehicles.entrypoints.http.parameters import read_query
from vehicles.entrypoints.http.problem_types import PROBLEMS
from vehicles.entrypoints.http.problems import MEDIA_TYPE as PROBLEM
from vehicles.entrypoints.http.problems import Refusal, internal_refusal, refusal_of
from vehicles.entrypoints.http.routes import ROUTES, Route
from vehicles.entrypoints.logs import scrubbed

if TYPE_CHECKING:
    from vehicles.domain.summary.service import WeeklySummaries

_LOG: Final = logging.getLogger(__name__)
_COMMON_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
_MOST_DIGITS: Final = 20  # of a length; the parsers of HTTP take no more than 64 bits
_BODILESS: Final = frozenset({204, 304})


def _by_path() -> Mapping[str, Mapping[str, Route]]:
    table: dict[str, dict[str, Route]] = {}
    for route in ROUTES:
        methods = table.setdefault(route.path, {})
        methods[route.method] = route
        if route.method == "GET":
            methods["HEAD"] = route
    return table


_ROUTES: Final = _by_path()


class Api:
    """Answers requests. Safe with any number of threads; no error leaves it, whatever the request.

    With a `token` every path but the public ones (documentation, contract, health) asks for it.
    """

    def __init__(
        self,
        registry: Callable[[], Registry],
        summaries: "Callable[[], WeeklySummaries]",
        render_report: Callable[[WeeklyReport, ReportFormat], bytes],
        token: str | None = None,
    ) -> None:
        """Take the services as callables, which are called when a request needs them, and what renders a report."""
        self._services = Services(registry, summaries, render_report, _contract)
        self._token = None if token is None else token.encode()

    def respond(self, request: Request) -> Response:
        """Return the answer to a request: of success, or a problem (RFC 9457)."""
        return self._caught(self._answer, request)

    def refuse_head(self, request: Request) -> Response | None:
        """Return the problem that a request has whatever its body, so that nobody need wait for that; None without."""
        return self._caught(self._admit, request)

    def refuse(self, request: Request, name: str, headers: Mapping[str, str] | None = None) -> Response:
        """Return the answer to a request of which so much is wrong that it was not read to its end."""
        return _finished(_problem(Refusal(name, PROBLEMS[name].cause, headers=headers), request), request, "-")

    def _caught[Answer: Response | None](
        self, answer: Callable[[Request, Mapping[str, Route]], Answer], request: Request
    ) -> Response | Answer:
        operation = "-"
        response: Response | Answer
        try:
            methods = _methods_of(request.path)
            operation = f"{request.method} {request.path}" if request.method in methods else f"- {request.path}"
            response = answer(request, methods)
        except Refusal as refusal:
            response = _problem(refusal, request)
        except RegistryError as error:
            response = _problem(refusal_of(error), request)
            if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                _LOG.error("request %s failed: %s", request.id, error, extra=_about(request, operation))
        except Exception:  # noqa: BLE001 — whatever it is, the client gets an answer and the log the rest
            # What a foreign exception says may hold a VIN, and no VIN may stand in a log.
            told = scrubbed(traceback.format_exc())
            _LOG.error("request %s failed\n%s", request.id, told, extra=_about(request, operation))
            response = _problem(internal_refusal(), request)
        return response if response is None else _finished(response, request, operation)

    def _answer(self, request: Request, methods: Mapping[str, Route]) -> Response:
        if request.method == "OPTIONS":
            return Response(204, {"Allow": _allowed(methods)})
        self._admit(request, methods)
        route = methods[request.method]
        values = read_query(route.parameters, request.query) if route.parameters or request.query else {}
        return route.handle(self._services, Call(values, request))

    def _admit(self, request: Request, methods: Mapping[str, Route]) -> None:
        """Refuse what the head alone tells to be wrong."""
        route = methods.get(request.method)
        if route is None:
            allow = _allowed(methods)
            raise Refusal("method-not-allowed", f"The path knows {allow}.", headers={"Allow": allow})
        if not route.public:
            self._require_token(request)
        accept = request.headers.get("accept")
        if accept is not None and route.produces and preferred(accept, route.produces) is None:
            raise Refusal("not-acceptable", f"The answer is to be had as {' or '.join(route.produces)}.")
        if route.body is not None:
            _require_json(request)

    def _require_token(self, request: Request) -> None:
        if self._token is None:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        # Compared in constant time, so that how long it takes tells nothing; the scheme is no secret (RFC 9110, 11.1).
        same = compare_digest(token.strip(" ").encode("utf-8", "replace"), self._token)
        if scheme.lower() != "bearer" or not same:
            detail = "The request brings no token, or not the one that the registry was started with."
            raise Refusal("unauthorized", detail, headers={"WWW-Authenticate": 'Bearer realm="vehicles"'})


def _about(request: Request, operation: str) -> Mapping[str, str]:
    """Return the fields of a log that is written as JSON."""
    return {"requestId": request.id, "operation": operation}


@cache
def _contract() -> bytes:
    from vehicles.entrypoints.http.openapi import openapi_document  # noqa: PLC0415 — few processes are ever asked for it

    return to_json(openapi_document())


def _methods_of(path: str) -> Mapping[str, Route]:
    try:
        return _ROUTES[path]
    except KeyError:
        detail = "The API has nothing at this path; see /docs for the paths there are."
        raise Refusal("unknown-path", detail) from None


def _allowed(methods: Mapping[str, Route]) -> str:
    return ", ".join(sorted({*methods, "OPTIONS"}))


def _require_json(request: Request) -> None:
    headers = request.headers
    size = _body_bytes(request)
    if size == 0:
        return  # a body that is missing is of no media type; reading it says so
    if size > MOST_BODY_BYTES:
        raise Refusal("body-too-large", f"The body is longer than {MOST_BODY_BYTES} bytes.")
    content_type = headers.get("content-type", "")
    if content_type != JSON and not _is_json(content_type):
        given = "another one" if content_type.partition(";")[0].strip() else "missing"
        raise Refusal(
            "unsupported-media-type", f"The body must be {JSON} in UTF-8; the header Content-Type is {given}."
        )
    if headers.get("content-encoding", "identity").lower() != "identity":
        raise Refusal("unsupported-media-type", "The body is compressed; send it as it is.")


def _is_json(content_type: str) -> bool:
    media_type, *parameters = (part.strip().lower() for part in content_type.split(";"))
    # What a parameter means that JSON does not define is nobody's business (RFC 8259, 11).
    charsets = {text.partition("=")[2].strip('"') for text in parameters if text.startswith("charset=")}
    return media_type == JSON and charsets <= {"utf-8"}


def _body_bytes(request: Request) -> int:
    """Return how long the body is, or where it is not there yet, will be at least."""
    if request.body:
        return len(request.body)
    if "transfer-encoding" in request.headers:
        return 1
    length = request.headers.get("content-length", "")
    return int(length[:_MOST_DIGITS]) if length.isascii() and length.isdigit() else 0


def _problem(refusal: Refusal, request: Request) -> Response:
    body = to_json(refusal.body(f"urn:uuid:{request.id}"))
    return Response(refusal.problem.status, {"Content-Type": PROBLEM, **refusal.headers}, body)


def _finished(response: Response, request: Request, operation: str) -> Response:
    """Add what every answer carries, and keep the body back where the method or the status has none."""
    headers = {**response.headers, **_COMMON_HEADERS, "X-Request-Id": request.id}
    if response.status not in _BODILESS:
        headers["Content-Length"] = str(len(response.body))
    body = b"" if request.method == "HEAD" else response.body
    return Response(response.status, headers, body, operation)
