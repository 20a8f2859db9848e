"""The problem types of the API (RFC 9457), each with its cause and its resolution."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import batched
from typing import Final


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem type. Its name is part of the contract and never changes its meaning."""

    name: str
    status: int
    title: str
    cause: str
    resolution: str

    @property
    def type(self) -> str:
        """The URI reference that identifies the problem type, and where the API explains it."""
        return f"/problems/{self.name}"


# Each problem type takes three lines: name, status and title; cause; resolution.
_TEXTS: Final = """\
malformed-request 400 The request is not HTTP
    The request line, a header or a chunk does not follow RFC 9112, or there is not exactly one `Host`.
    Use an HTTP client, without TLS unless a proxy in front of the registry terminates it.
malformed-json 400 The body is not JSON
    The body is missing, is not UTF-8, or does not follow RFC 8259.
    Send one JSON object, such as the example in the documentation of the operation.
invalid-parameter 400 A parameter is invalid
    A query parameter or header is missing, unknown, repeated, or has an invalid value.
    Fix what `errors` lists; each entry has the parameter, a stable code and an explanation.
invalid-cursor 400 The cursor is not valid
    The cursor was modified or truncated, or belongs to a list with other filters.
    Send the cursor exactly as `nextCursor` returned it, with the same filters, or start again without a cursor.
unauthorized 401 A token is required
    The registry was started with a token, and the request has none or a different one.
    Send the header `Authorization: Bearer` with the token that the registry was started with.
vehicle-not-found 404 The vehicle is not registered
    No vehicle with this VIN is in the registry; it may have been deleted.
    Check the VIN, for example with `GET /vin`, or register the vehicle.
summary-not-found 404 There is no such summary
    No summary has been written yet, or none for this week.
    On one machine, make one now with `POST /summaries` or `vehicles summarize`; on AWS the schedule makes them.
unknown-path 404 There is nothing at this path
    The API has no such path; paths have no trailing slash.
    See `GET /openapi.json` or `GET /docs` for the available paths.
method-not-allowed 405 The method is not allowed here
    The path exists, but does not support the method.
    Use one of the methods in the header `Allow`.
summaries-on-schedule 405 Only the schedule makes summaries here
    On AWS the API can only read the summaries; the function of the schedule makes them.
    Wait for the schedule, or run `vehicles --stack NAME summarize` with permission to write to the bucket.
cross-origin 403 The request comes from a web page of another origin
    A browser sent this request for a page that is not the registry's own. Nothing was changed.
    Open the page under the address of the registry, or list its origin in `VEHICLES_ALLOWED_ORIGINS`.
read-only 403 The registry is read-only
    The storage can be read, but not written. Nothing was changed.
    Ask the operator of the registry to make its storage writable; repeating the request does not help.
not-acceptable 406 The response is not available in that format
    The header `Accept` lists no media type that the path can return.
    Leave the header out, or accept one of the types that `detail` lists.
request-timeout 408 The request took too long
    The body did not arrive within 30 seconds, or for 30 seconds less than 256 KiB of a file did.
    Send the request again.
vehicle-already-registered 409 The vehicle is already registered
    The registry already has this VIN, and never stores a VIN twice.
    Read it with `GET /vehicle`, change it with `PATCH /vehicle`, or delete it first.
import-conflict 409 A vehicle of the file is already registered
    The import was to fail there (`onConflict=fail`); `detail` names the row. The rows before it were imported.
    Import the file with `onConflict=skip` to leave registered vehicles as they are, or `update` to change them.
idempotency-key-reused 422 The idempotency key was used with other values
    The same `Idempotency-Key` registered the same VIN with other axles or another fuel type. Nothing was changed.
    Use a new key for a new request; to change the vehicle use `PATCH /vehicle`.
version-mismatch 412 A condition of the request is not met
    `If-Match` does not list the current version of the vehicle, or `If-None-Match` does.
    Read the vehicle again, decide again, and send its new `ETag`, exactly as it was received.
body-too-large 413 The body is too large
    The body is longer than 16 KiB, or a fleet file is longer than 64 MiB, on AWS 4 MiB.
    Send one vehicle per request, or a file to `POST /vehicles/import`. Split a larger file, compress it with gzip, or \
use `vehicles import`.
export-too-large 413 The fleet is too large for one answer
    On AWS an answer holds up to 5 MiB of text or a workbook of 4 MiB, made within 20 seconds: export a \
part, with a filter such as `wmi`.
    Export parts with filters such as `wmi`, read `GET /vehicles` page by page, or use `vehicles export --stack`.
unsupported-media-type 415 The media type of the body is not supported
    The header `Content-Type` is missing or not one that the path takes, or the body is compressed.
    Send the header `Content-Type: application/json`; with curl: `-H 'Content-Type: application/json'`. A fleet file \
is `application/octet-stream` or `multipart/form-data`.
misdirected-request 421 The request is for another host
    Without a token, a local registry answers only on loopback addresses and `localhost`. This prevents an attack by a \
web page (DNS rebinding).
    Use `http://127.0.0.1` or `http://localhost`; to serve under another name, set `VEHICLES_TOKEN`.
invalid-vehicle 422 The vehicle is not valid
    The body is JSON, but one or more fields are missing, unknown or invalid.
    Fix what `errors` lists; it lists all errors of the body.
unreadable-file 422 The file cannot be imported
    The file is no fleet that can be read, or lacks a column; `detail` says what is wrong. The members are those of an \
import: what was understood, and how many rows before the fault were imported.
    Correct the file, or say with `column=` which heading stands for which field.
headers-too-large 431 The headers are too large
    The path, the query and the headers together are longer than 32 KiB.
    Send fewer or shorter headers.
internal-error 500 The registry failed
    An unexpected error occurred; the log has the details under the id in `instance`.
    Report the `instance` to the operator of the registry.
too-many-connections 503 The server is too busy
    The server is at its limit of concurrent requests or imports, or no thread was free in time. Nothing was changed.
    Try again after the number of seconds in `Retry-After`.
storage-unavailable 503 The storage is unavailable
    The storage of the vehicles is unreachable, slow, busy or full.
    Try again after the number of seconds in `Retry-After`. A change that got no response may have been made.
"""


def _read(head: str, cause: str, resolution: str) -> Problem:
    name, status, title = head.split(" ", 2)
    return Problem(name, int(status), title, cause.strip(), resolution.strip())


_READ: Final = (_read(*lines) for lines in batched(_TEXTS.splitlines(), 3, strict=True))
PROBLEMS: Final[Mapping[str, Problem]] = {problem.name: problem for problem in _READ}
