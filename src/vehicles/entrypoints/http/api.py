"""The HTTP contract: `Api.respond(request) -> response`, over plain values, independent of sockets and of AWS."""

import logging
import re
import traceback
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hmac import compare_digest
from http import HTTPStatus
from io import BytesIO
from typing import Final

from pydantic_core import to_json

from vehicles.domain.deadline import Deadline
from vehicles.domain.errors import RegistryError
from vehicles.entrypoints.http import pages
from vehicles.entrypoints.http import parameters as query
from vehicles.entrypoints.http.handlers import HTML, JSON, MERGE_PATCH, Call, Services
from vehicles.entrypoints.http.messages import (
    MAX_BODY_BYTES,
    MAX_HEAD_BYTES,
    FileLimits,
    Request,
    Response,
    preferred,
)
from vehicles.entrypoints.http.parameters import read_query
from vehicles.entrypoints.http.problems import MEDIA_TYPE as PROBLEM
from vehicles.entrypoints.http.problems import ProblemError, cause_of, problem_of
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
_SAFE: Final = frozenset({"GET", "HEAD"})
_OWN_PAGES: Final = frozenset({"same-origin", "none"})
_WORKBOOK: Final = "application/vnd."
_EXPORT_TIME: Final = timedelta(seconds=20)  # as for an import: a function has 29
_HOW_TO_SEND: Final = (
    " With curl: --data-binary @fleet.csv -H 'Content-Type: application/octet-stream', or -F file=@fleet.xlsx."
)
_MAX_DIGITS: Final = 20  # of a length; HTTP parsers accept no more than 64 bits
_UTF_8: Final = frozenset({"utf-8", "utf8"})
_WITHOUT_LENGTH: Final = frozenset({204, 304})  # RFC 9110, 8.6: a 204 must not say how long its body is

_ROUTES: Final[dict[str, dict[str, Route]]] = {route.path: {} for route in ROUTES}
for _route in ROUTES:
    _ROUTES[_route.path][_route.method] = _route
    if _route.method == "GET":
        _ROUTES[_route.path]["HEAD"] = _route
_READABLE: Final = frozenset(path for path, methods in _ROUTES.items() if "GET" in methods)


class Api:
    """Answers requests. Thread-safe; never raises, whatever the request.

    If `token` is set, every path requires it except the public ones (documentation, contract, health).
    Pages of other origins than the API's own may only read responses if they are of `allowed_origins`.
    If `files` limits exports, no response has chunks.
    """

    def __init__(
        self,
        services: Services,
        token: str | None = None,
        allowed_origins: Collection[str] = (),
        files: FileLimits = FileLimits(),  # noqa: B008 — it is frozen
    ) -> None:
        self._services = services
        self._files = files
        self._allowed_origins = frozenset(allowed_origins)
        self._token = None if token is None else token.encode()

    def respond(self, request: Request) -> Response:
        """Return the response to a request; errors are problem details (RFC 9457)."""
        return self._translating_errors(self._answer, request)

    def check_head(self, request: Request) -> Response | None:
        """Return the error response if the request line or a header is wrong, else None. The body is not needed."""
        return self._translating_errors(self._require_valid_head, request)

    def carries_file(self, request: Request) -> bool:
        """Return whether the request sends or asks for a fleet file: it may be large, and take long."""
        route = _route_of(request)
        return route is not None and route.carries_file

    def max_body(self, request: Request) -> int:
        """Return the maximum length of the body, in bytes."""
        route = _route_of(request)
        return self._files.upload if route is not None and route.takes_file else MAX_BODY_BYTES

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
            path = pages.without_tag(request.path)
            methods = _methods_of(path)
            operation = f"{request.method} {path}" if request.method in methods else f"- {path}"
            response = answer(request, methods)
        except (ProblemError, RegistryError) as error:
            # No second name for the error: its traceback would keep this frame, and with it the connection, until the
            # garbage collector runs.
            response = _problem_response(problem_of(error), request)
            if response.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
                _LOG.error("request %s failed: %s", request.id, cause_of(error), extra=_about(request, operation))
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
        response = route.handle(self._services, Call(values, request))
        if response.chunks is None:
            return response
        if self._files.text is None:
            # The first chunk is made now, so that a storage that fails at once gets an error response.
            return response if request.method == "HEAD" else replace(response, body=next(response.chunks, b""))
        with closing(response.chunks) as chunks:
            return self._whole(response, chunks)

    def _whole(self, response: Response, chunks: Iterable[bytes]) -> Response:
        """Return the response with its chunks as body. Raises ProblemError if they are too long or take too long."""
        is_text = not response.headers["Content-Type"].startswith(_WORKBOOK)
        limit = self._files.text if is_text else self._files.binary
        deadline = Deadline.after(_EXPORT_TIME, self._services.registry().clock)
        body = BytesIO()
        for chunk in chunks:
            if body.tell() + len(chunk) > (limit or 0) or deadline.has_passed:
                raise ProblemError("export-too-large")
            body.write(chunk)
        return replace(response, body=body.getvalue(), chunks=None)

    def _require_valid_head(self, request: Request, methods: Mapping[str, Route]) -> None:
        """Raise ProblemError if the request line or a header is wrong."""
        route = methods.get(request.method)
        if route is None:
            allow = _allowed(methods)
            raise ProblemError("method-not-allowed", f"The path allows {allow}.", headers={"Allow": allow})
        if not route.public:
            self._require_token(request)
            self._require_own_page(request)
        names = {parameter.name for parameter in route.parameters}
        has_format = query.FORMAT.name in names and f"{query.FORMAT.name}=" in request.query
        accept = "*/*" if has_format else request.headers.get("accept", "*/*")
        if accept != "*/*" and route.produces and preferred(accept, route.produces) is None:
            raise ProblemError("not-acceptable", f"The response is available as {' or '.join(route.produces)}.")
        if route.body is not None or route.takes_file:
            self._require_body(request, route)

    def _require_body(self, request: Request, route: Route) -> None:
        """Raise ProblemError if the body is too long, or of another media type than the route takes."""
        size = _body_bytes(request)
        if size == 0:
            return  # a missing body has no media type; the handler reports that it is missing
        if size > (limit := self.max_body(request)):
            raise ProblemError("body-too-large", f"The body is longer than {limit} bytes.")
        media_type, *parameters = (part.strip().lower() for part in request.headers.get("content-type", "").split(";"))
        # JSON defines no parameters, so only a charset is checked (RFC 8259, 11). A file says itself what it is.
        charsets = {text.partition("=")[2].strip('"') for text in parameters if text.startswith("charset=")}
        unknown = "" if route.takes_file else min(charsets - _UTF_8, default="")
        unknown = unknown[:60].encode("utf-8", "backslashreplace").decode()
        if media_type not in route.consumes or unknown:
            given = f"has the charset {unknown}" if unknown else "is different" if media_type else "is missing"
            encoding, advice = ("", _HOW_TO_SEND) if route.takes_file else (" in UTF-8", "")
            wanted = f"The body must be {' or '.join(route.consumes)}{encoding}"
            raise ProblemError("unsupported-media-type", f"{wanted}; the header Content-Type {given}.{advice}")
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise ProblemError("unsupported-media-type", "The body is compressed; send it uncompressed.")

    def _require_token(self, request: Request) -> None:
        if self._token is None:
            return
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        # Constant-time comparison prevents a timing attack; the scheme is not secret (RFC 9110, 11.1).
        same = compare_digest(token.strip(" ").encode("utf-8", "replace"), self._token)
        if scheme.lower() != "bearer" or not same:
            detail = "The request has no token, or a token other than the one that the registry was started with."
            raise ProblemError("unauthorized", detail)

    def _require_own_page(self, request: Request) -> None:
        """Raise ProblemError for a change by a web page of another origin. Browsers send some without a preflight."""
        is_foreign = request.headers.get("sec-fetch-site", "none") not in _OWN_PAGES  # the Fetch Metadata standard
        if is_foreign and request.method not in _SAFE and request.headers.get("origin") not in self._allowed_origins:
            raise ProblemError("cross-origin")

    def _finished(self, response: Response, request: Request, operation: str) -> Response:
        """Add the common headers. Drop the body if the request is HEAD."""
        headers = {**_COMMON_HEADERS, **response.headers, "X-Request-Id": request.id}
        if response.status not in _WITHOUT_LENGTH and response.chunks is None:
            headers["Content-Length"] = str(len(response.body))
        origin = request.headers.get("origin")
        if origin in self._allowed_origins:
            headers |= {**_SHARED, "Access-Control-Allow-Origin": str(origin)}
            headers["Access-Control-Allow-Methods"] = headers.get("Allow", "*")
            headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Origin")))
        if request.method == "HEAD":
            return Response(response.status, headers, operation=operation)
        return Response(response.status, headers, response.body, operation, response.chunks)


def _about(request: Request, operation: str) -> Mapping[str, str]:
    """Return the extra fields of a JSON log record."""
    return {"requestId": request.id, "operation": operation}


def _route_of(request: Request) -> Route | None:
    return _ROUTES.get(request.path, {}).get(request.method)


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


def _body_bytes(request: Request) -> int:
    """Return the length of the body. If the body has not arrived yet, return its minimum length."""
    if request.body:
        return len(request.body)
    if "transfer-encoding" in request.headers:
        return 1
    length = request.headers.get("content-length", "")
    return int(length[:_MAX_DIGITS]) if length.isascii() and length.isdigit() else 0


def _problem_response(error: ProblemError, request: Request) -> Response:
    """Return problem details as JSON, or as a page if the client, usually a browser, prefers HTML."""
    instance, headers = f"urn:uuid:{request.id}", {"Vary": "Accept", **error.headers}
    if preferred(request.headers.get("accept", "*/*"), (PROBLEM, JSON, HTML)) == HTML:
        headers |= {"Content-Type": f"{HTML}; charset=utf-8", "Content-Security-Policy": pages.STATIC_SECURITY_POLICY}
        page = pages.problem_details_page(error, instance, request.path, _READABLE)
        return Response(error.problem.status, headers, page)
    return Response(error.problem.status, {"Content-Type": PROBLEM, **headers}, to_json(error.body(instance)))
