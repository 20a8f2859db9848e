"""The kinds of problems that the API answers with (RFC 9457), each with its cause and what to do about it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Final


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem. Its name is part of the contract and never changes its meaning."""

    name: str
    status: int
    title: str
    cause: str
    cure: str

    @property
    def type(self) -> str:
        """The reference that identifies the kind, and under which the API explains it."""
        return f"/problems/{self.name}"


# A problem takes three lines: its name, status and title; the cause; the cure.
_TEXTS: Final = """\
malformed-request 400 The request is not HTTP
    The request line, a header or a chunk does not follow RFC 9112, or there is not exactly one `Host`.
    Use an HTTP client; without TLS, unless a proxy in front of the registry brings it.
malformed-json 400 The body is not JSON
    The body is missing, is not UTF-8, or does not follow RFC 8259.
    Send one JSON object, such as the example in the documentation of the operation.
invalid-parameter 400 A parameter is wrong
    A query parameter or header is missing, unknown, given twice, or holds what it cannot hold.
    Mend what `errors` names; each entry has the parameter, a stable code and a sentence.
invalid-cursor 400 The cursor is not valid here
    The cursor was changed or cut off, or belongs to a list with other filters.
    Send the cursor exactly as `nextCursor` gave it, with the same filters, or begin again without one.
unauthorized 401 A token is needed
    The registry was started with a token, and the request brings none or another one.
    Send the header `Authorization: Bearer` with the token that the registry was started with.
vehicle-not-found 404 The vehicle is not registered
    No vehicle with this VIN is in the registry; it may have been deleted.
    Check the VIN, for example with `GET /vin`, or register the vehicle.
summary-not-found 404 There is no such summary
    No summary was written yet, or none for this week.
    Have one written: `vehicles summarize`, for another week with `--week`.
unknown-path 404 There is nothing at this path
    The path is not one of the API's; paths have no slash at their end.
    See `GET /openapi.json` or `GET /docs` for the paths there are.
method-not-allowed 405 The method is not allowed here
    The path is there, but does not know the method.
    Use one of the methods that the header `Allow` names.
not-acceptable 406 The answer is not to be had in that form
    The header `Accept` names no media type that the path can answer with.
    Leave the header out, or accept one of the types that `detail` names.
request-timeout 408 The request took too long
    The body did not arrive within 30 seconds.
    Send the request again.
vehicle-already-registered 409 The vehicle is already registered
    The registry holds this VIN. It never holds one twice, and whoever came first has won.
    Read it with `GET /vehicle`, change it with `PUT /vehicle`, or delete it first.
version-mismatch 412 The vehicle was changed in the meantime
    The header `If-Match` names another version than the one that is there, or `If-None-Match` that one.
    Read the vehicle again, decide again, and send its new `ETag`.
body-too-large 413 The body is too large
    The body is longer than 16 KiB; a vehicle takes about a hundred bytes.
    Send one vehicle a request. Files are for `vehicles import`.
unsupported-media-type 415 The body is not of a media type that is read here
    The header `Content-Type` is missing or not `application/json`, or the body is compressed.
    Send the header `Content-Type: application/json`; with curl: `-H 'Content-Type: application/json'`.
misdirected-request 421 The request is for another host
    Without a token a local registry answers under loopback addresses and `localhost` only, lest a web page reach it \
under a name of its own (DNS rebinding).
    Use `http://127.0.0.1` or `http://localhost`; to serve under another name, set `VEHICLES_TOKEN`.
invalid-vehicle 422 The vehicle cannot be taken as it is
    The body is JSON, but one or more fields are missing, unknown or wrong.
    Mend what `errors` names; all that is wrong is named at once.
headers-too-large 431 The headers are too large
    The path, the query and the headers together are longer than 32 KiB.
    Send fewer or shorter headers.
internal-error 500 The registry failed
    Something happened that should not; what it was stands in the log, under the id in `instance`.
    Tell whoever runs the registry the `instance`.
too-many-connections 503 The server has too many requests
    More requests came than the server answers at a time, or no thread was free in time. Nothing was changed.
    Try again after the seconds that `Retry-After` names.
storage-unavailable 503 The storage is unavailable
    The place that keeps the vehicles is away, slow, busy or full.
    Try again after the seconds that `Retry-After` names. A change that was not answered may have been made.
"""


def _read(head: str, cause: str, cure: str) -> Problem:
    name, status, title = head.split(" ", 2)
    return Problem(name, int(status), title, cause.strip(), cure.strip())


_READ: Final = (_read(*lines) for lines in batched(_TEXTS.splitlines(), 3, strict=True))
PROBLEMS: Final[Mapping[str, Problem]] = {problem.name: problem for problem in _READ}
