"""A request and a response as plain values, for a socket as for API Gateway, and two headers that have a grammar.

Clients negotiate by both (RFC 9110): Accept, and the entity tags in If-Match and If-None-Match.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final

from vehicles.domain.errors import Fault
from vehicles.entrypoints.http.problems import Refusal, error_body

MAX_BODY_BYTES: Final = 16 * 1024
MAX_HEAD_BYTES: Final = 32 * 1024

# RFC 9110, 8.8.3: the opaque part is any visible character but the quotation mark.
_TAG: Final = r'(?:W/)?"[!#-~\u0080-\u00ff]*"'
# RFC 9110, 5.6.1.2: a list may have empty elements. Fifty tags are more than anybody has versions of one thing.
ENTITY_TAGS_PATTERN: Final = rf"^(?:\*|[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG}){{0,49}}[ \t,]*)$"


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names are in lower case; `query` is what follows the question mark, still encoded.

    A body longer than `MAX_BODY_BYTES` is refused, so that whoever reads it may stop one byte behind that.
    So is one whose path, query and headers together are longer than `MAX_HEAD_BYTES`.
    `id` is the server's own, never the client's.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    id: str = "-"

    @property
    def head_size(self) -> int:
        """The characters of the path, the query and the headers."""
        return len(self.path) + len(self.query) + sum(map(len, chain(*self.headers.items())))


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `operation` names the route for logs and metrics, and never holds what the client sent."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    operation: str = "-"


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """Return the offered media type that an Accept header likes best, the first of equals; None where it likes none.

    >>> preferred("text/html;q=0.8, application/json", ["text/html", "application/json"])
    'application/json'
    >>> preferred("text/*, application/json;q=0", ["application/json"]) is None
    True
    """
    # Sorted, so that of equal ranges the one with the highest quality counts.
    qualities = dict(sorted(_media_range(text) for text in accept.split(",") if text.strip())) or {"*/*": 1.0}

    def quality(media_type: str) -> float:
        # The most specific range that fits decides (RFC 9110, 12.5.1).
        ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
        return next((qualities[each] for each in ranges if each in qualities), 0.0)

    best = max(offered, key=quality)
    return best if quality(best) > 0 else None


def _media_range(text: str) -> tuple[str, float]:
    """Return a media range and its quality, which is 0 where what is given is none (RFC 9110, 12.4.2: 0 to 1)."""
    media_range, *parameters = (part.strip().lower() for part in text.split(";"))
    weight = next((parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        quality = float(weight)
    except ValueError:
        quality = 0.0
    return media_range, quality if 0 <= quality <= 1 else 0.0


def entity_tags(name: str, value: str, *, weak: bool) -> frozenset[str] | None:
    """Return the opaque parts of the entity tags in a header; None for `*`, which stands for any.

    If-Match compares strongly, so that weak tags match nothing; If-None-Match compares weakly, with `weak`.
    Raises Refusal (`invalid-parameter`) for what is no list of entity tags.
    """
    if not re.fullmatch(ENTITY_TAGS_PATTERN, value):
        fault = Fault("header.entity_tags", 'an entity tag stands in quotation marks, as `ETag` gave it: "3f9c…", or *')
        raise Refusal("invalid-parameter", f"The header {name} is refused.", (error_body("header", name, fault),))
    if value == "*":
        return None
    tags = re.findall(_TAG, value)
    return frozenset(tag.removeprefix("W/")[1:-1] for tag in tags if weak or not tag.startswith("W/"))
