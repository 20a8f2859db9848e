"""The HTTP contract: `Api.respond(request) -> response`, over plain values, independent of sockets and of AWS."""

import logging
import re
import traceback
from collections.abc import Callable, Collection, Mapping, Sequence
from hmac import compare_digest
from http import HTTPStatus
from typing import Final

from pydantic_core import to_json

from vehicles.domain.errors import RegistryError
from vehicles.entrypoints.http import parameters as query
from vehicles.entrypoints.http.handlers import MERGE_PATCH, Call, Services
from vehicles.entrypoints.http.messages import MAX_BODY_BYTES, MAX_HEAD_BYTES, Request, Response, preferred
from vehicles.entrypoints.http.parameters import read_query
from vehicles.entrypoints.http.problems import MEDIA_TYPE as PROBLEM
from vehicles.entrypoints.http.problems import ProblemError, problem_of
from vehicles.entrypoints.http.routes import ROUTES, Route
from vehicles.entrypoints.logs import redact

_LOG: Final = logging.getLogger(__name__)
_COMMON_HEADERS: Final = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
# The Fetch standard, 3.3: `*` does not cover Authorization. A browser sends no token by itself, so no credentials.
_SHARED: Final = {
    "Access-Control-Allow-Headers": "Authorization, *",
    "Access-Control-Expose-Headers": "*",
    "Access-Control-Max-Age": "600",
}
_MAX_DIGITS: Final = 20  # of a length; HTTP parsers accept no more than 64 bits
_UTF_8: Final = frozenset({"utf-8", "utf8"})
_WITHOUT_LENGTH: Final = frozenset({204, 304})  # RFC 9110, 8.6: a 204 must not say how long its body is

_ROUTES: Final[dict[str, dict[str, Route]]] = {route.path: {} for route in ROUTES}
for _route in ROUTES:
    _ROUTES[_route.path][_route.method] = _route
    if _route.method == "GET":
        _ROUTES[_route.path]["HEAD"] = _route


class Api:
    """Answers requests. Thread-safe; never raises, whatever the request.

    If `token` is set, every path requires it except the public ones (documentation, contract, health).
    Pages of other origins than the API's own may only read responses if they are of `allowed_origins`.
    """

    def __init__(self, services: Services, token: str | None = None, allowed_origins: Collection[str] = ()) -> None:
        self._services = services
        self._allowed_origins = frozenset(allowed_origins)
        self._token = None if token is None else token.encode()

    def respond(self, request: Request) -> Response:
        """Return the response to a request; errors are problem details (RFC 9457)."""
        return self._translating_errors(self._answer, request)

    def check_head(self, request: Request) -> Response | None:
        """Return the error response if the request line or a header is wrong, else None. The body is not needed."""
        return self._translating_errors(self._require_valid_head, request)

    def error_response(self, request: Request, name: str) -> Response:
        """Return the error response of a problem, given by name, to a request that was not read completely."""
        return self._finished(_problem_response(ProblemError(name), request), request, "-")

    def _translating_errors[Answer: Response | None](
        self, answer: Callable[[Request, Mapping[str, Route]], Answer], request: Request
    ) -> Response | Answer:
        if request.head_size > MAX_HEAD_BYTES:
            return self.error_response(request, "headers-too-large")
        operation = "-"
        response: Response | Answer
        try:
            methods = _methods_of(request.path)
            operation = f"{request.method} {request.path}" if request.method in methods else f"- {request.path}"
            response = answer(request, methods)
        except ProblemError as problem:
            response = _problem_response(problem, request)
        except RegistryError as error:
            response = _problem_response(problem_of(error), request)
            if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                _LOG.error("request %s failed: %s", request.id, error, extra=_about(request, operation))
        except Exception:  # noqa: BLE001 — the client always gets a response; the log has the details
            # The message of a third-party exception may contain a VIN, and logs must not.
            redacted = redact(traceback.format_exc())
            _LOG.error("request %s failed\n%s", request.id, redacted, extra=_about(request, operation))
            response = _problem_response(ProblemError("internal-error"), request)
        return response if response is None else self._finished(response, request, operation)

    def _answer(self, request: Request, methods: Mapping[str, Route]) -> Response:
        if request.method == "OPTIONS":
            patch = {"Accept-Patch": MERGE_PATCH} if "PATCH" in methods else {}  # RFC 5789, 3.1
            return Response(204, {"Allow": _allowed(methods), **patch})
        self._require_valid_head(request, methods)
        route = methods[request.method]
        # Links to public pages are often extended by others (`utm_source`).
        is_read = not route.public and (route.parameters or request.query)
        values = read_query(route.parameters, request.query) if is_read else {}
        return route.handle(self._services, Call(values, request))

    def _require_valid_head(self, request: Request, methods: Mapping[str, Route]) -> None:
        """Raise ProblemError if the request line or a header is wrong."""
        route = methods.get(request.method)
        if route is None:
            allow = _allowed(methods)
            raise ProblemError("method-not-allowed", f"The path allows {allow}.", headers={"Allow": allow})
        if not route.public:
            self._require_token(request)
        has_format = any(each.name == query.FORMAT.name for each in route.parameters) and "format=" in request.query
        accept = "*/*" if has_format else request.headers.get("accept", "*/*")
        if accept != "*/*" and route.produces and preferred(accept, route.produces) is None:
            raise ProblemError("not-acceptable", f"The response is available as {' or '.join(route.produces)}.")
        if route.body is not None:
            _require_json(request, route.consumes)

    def _require_token(self, request: Request) -> None:
        if self._token is None:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        # Constant-time comparison prevents a timing attack; the scheme is not secret (RFC 9110, 11.1).
        same = compare_digest(token.strip(" ").encode("utf-8", "replace"), self._token)
        if scheme.lower() != "bearer" or not same:
            detail = "The request has no token, or a token other than the one that the registry was started with."
            raise ProblemError("unauthorized", detail)

    def _finished(self, response: Response, request: Request, operation: str) -> Response:
        """Add the common headers. Drop the body if the request is HEAD."""
        headers = {**response.headers, **_COMMON_HEADERS, "X-Request-Id": request.id}
        if response.status not in _WITHOUT_LENGTH:
            headers["Content-Length"] = str(len(response.body))
        origin = request.headers.get("origin")
        if origin in self._allowed_origins:
            headers |= {**_SHARED, "Access-Control-Allow-Origin": str(origin)}
            headers["Access-Control-Allow-Methods"] = headers.get("Allow", "*")
            headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
        body = b"" if request.method == "HEAD" else response.body
        return Response(response.status, headers, body, operation)


def _about(request: Request, operation: str) -> Mapping[str, str]:
    """Return the extra fields of a JSON log record."""
    return {"requestId": request.id, "operation": operation}


def _methods_of(path: str) -> Mapping[str, Route]:
    try:
        return _ROUTES[path]
    except KeyError:
        near = "/" + re.sub("/+", "/", path).strip("/").lower()
        hint = f"did you mean {near}?" if near in _ROUTES else "see /docs for the available paths."
        detail = f"The API has no such path; {hint}"
        raise ProblemError("unknown-path", detail) from None


def _allowed(methods: Mapping[str, Route]) -> str:
    return ", ".join(sorted({*methods, "OPTIONS"}))


def _require_json(request: Request, consumes: Sequence[str]) -> None:
    size = _body_bytes(request)
    if size == 0:
        return  # a missing body has no media type; the handler reports that it is missing
    if size > MAX_BODY_BYTES:
        raise ProblemError("body-too-large", f"The body is longer than {MAX_BODY_BYTES} bytes.")
    media_type, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
    # JSON defines no parameters, so only a charset is checked (RFC 8259, 11).
    charsets = {text.partition("=")[2].strip('"') for text in parameters if text.startswith("charset=")}
    unknown = min(charsets - _UTF_8, default="")[:60].encode("utf-8", "backslashreplace").decode()
    given = f"has the charset {unknown}" if unknown else "is different" if media_type else "is missing"
    if media_type not in consumes or not charsets <= _UTF_8:
        detail = f"The body must be {' or '.join(consumes)} in UTF-8; the header Content-Type {given}."
        raise ProblemError("unsupported-media-type", detail)
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise ProblemError("unsupported-media-type", "The body is compressed; send it uncompressed.")


def _body_bytes(request: Request) -> int:
    """Return the length of the body. If the body has not arrived yet, return its minimum length."""
    if request.body:
        return len(request.body)
    if "transfer-encoding" in request.headers:
        return 1
    length = request.headers.get("content-length", "")
    return int(length[:_MAX_DIGITS]) if length.isascii() and length.isdigit() else 0


def _problem_response(error: ProblemError, request: Request) -> Response:
    body = to_json(error.body(f"urn:uuid:{request.id}"))
    return Response(error.problem.status, {"Content-Type": PROBLEM, **error.headers}, body)
