"""A request and a response as plain values, the same for a socket and for API Gateway."""

from collections.abc import Mapping
from dataclasses import dataclass, field

MOST_BODY_BYTES = 16 * 1024
MOST_HEAD_BYTES = 32 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names are in lower case; `query` is what follows the question mark, still encoded.

    A body longer than `MOST_BODY_BYTES` is refused, so that whoever reads it may stop one byte behind that.
    Where path, query and headers together are longer than `MOST_HEAD_BYTES`, the way in refuses the request.
    `id` is the server's own, never the client's.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    id: str = "-"


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `operation` names the route for logs and metrics, and never holds what the client sent."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    operation: str = "-"
