"""Requests and responses as plain values, the same for a socket and for API Gateway.

Also the two kinds of headers that have a grammar (RFC 9110): Accept, and the entity tags in If-Match and If-None-Match.
"""

import re
from collections.abc import Container, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Final, override

from vehicles.domain.errors import Fault
from vehicles.domain.idempotency import MAX_KEY_LENGTH, IdempotencyKey
from vehicles.entrypoints.http.problems import ProblemError, error_body
from vehicles.ports.vehicle_repository import Version

MAX_BODY_BYTES: Final = 16 * 1024
MAX_HEAD_BYTES: Final = 32 * 1024
_MIB: Final = 2**20

# RFC 9110, 8.8.3: the opaque part is any visible character but the quotation mark.
_TAG: Final = r'(?:W/)?"[!#-~\u0080-\u00ff]*"'
# RFC 9110, 5.6.1.2: a list may have empty elements. Fifty tags are more than any client needs.
ENTITY_TAGS_PATTERN: Final = rf"^(?:\*|[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG}){{0,49}}[ \t,]*)$"
# What servers append to the tag of a response that they compress; a version of ours has no hyphen.
_COMPRESSED: Final = re.compile(r'-(?:gzip|br|deflate|zstd)"')


# A client may write it with quotation marks or without: draft-ietf-httpapi-idempotency-key-header, section 2.1.
_IDEMPOTENCY_KEY: Final = rf'"(?P<quoted>[!#-~]{{1,{MAX_KEY_LENGTH}}})"|[!#-~]{{1,{MAX_KEY_LENGTH}}}'
IDEMPOTENCY_KEY_PATTERN: Final = rf"^(?:{_IDEMPOTENCY_KEY.replace('?P<quoted>', '?:')})$"


@dataclass(frozen=True, slots=True)
class Request:
    """A request. Header names are in lower case; `query` is the text after the question mark, still encoded.

    A body longer than `Api.max_body` is rejected, so reading may stop one byte after that.
    A request is also rejected if its path, query and headers together are longer than `MAX_HEAD_BYTES`.
    The server chooses the `id`, never the client. `caller` is who sends it, if the gateway knows.
    """

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    id: str = "-"
    caller: str = ""

    @property
    def head_size(self) -> int:
        """The number of characters in the path, the query and the headers."""
        return len(self.path) + len(self.query) + sum(map(len, chain(*self.headers.items())))


@dataclass(frozen=True, slots=True)
class Response:
    """A response. `operation` names the route for logs and metrics, and never contains input of the client.

    A large body goes on in `chunks`, each of which may be empty, take time, or raise an error; who takes them has to
    close them.
    """

    status: int
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    operation: str = "-"
    chunks: Generator[bytes] | None = None


@dataclass(frozen=True, slots=True)
class FileLimits:
    """How large files may be, in bytes: one to import, and an exported one of text or of other content.

    Without limits for exports, they are sent in chunks.
    """

    upload: int = 64 * _MIB
    text: int | None = None
    binary: int | None = None


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """Return the offered media type that an Accept header prefers, the first of equals, or None if it accepts none.

    >>> preferred("text/html;q=0.8, application/json", ["text/html", "application/json"])
    'application/json'
    >>> preferred("text/*, application/json;q=0", ["application/json"]) is None
    True
    """
    # Sorted, so that the highest quality of a repeated range counts.
    qualities = dict(sorted(_media_range(text) for text in accept.split(",") if text.strip())) or {"*/*": 1.0}

    def quality(media_type: str) -> float:
        # The most specific matching range decides (RFC 9110, 12.5.1).
        ranges = (media_type, media_type.partition("/")[0] + "/*", "*/*")
        return next((qualities[each] for each in ranges if each in qualities), 0.0)

    best = max(offered, key=quality)
    return best if quality(best) > 0 else None


def _media_range(text: str) -> tuple[str, float]:
    """Return a media range and its quality. An invalid quality counts as 0 (RFC 9110, 12.4.2: 0 to 1)."""
    media_range, *parameters = (part.strip().lower() for part in text.split(";"))
    weight = next((parameter.removeprefix("q=") for parameter in parameters if parameter.startswith("q=")), "1")
    try:
        quality = float(weight)
    except ValueError:
        quality = 0.0
    return media_range, quality if 0 <= quality <= 1 else 0.0


def idempotency_key(request: Request) -> IdempotencyKey | None:
    """Return the header Idempotency-Key, with or without quotation marks, or None if it is missing.

    The caller is whom the gateway has authenticated. Without one, all have the same token, or nobody needs any.
    Raises ProblemError (`invalid-parameter`) if it is not 1 to 255 visible ASCII characters.
    """
    value = request.headers.get("idempotency-key")
    if value is None:
        return None
    if not (found := re.fullmatch(_IDEMPOTENCY_KEY, value)):
        detail = f"write 1 to {MAX_KEY_LENGTH} visible ASCII characters, such as a UUID"
        fault = error_body("header", "Idempotency-Key", Fault("header.idempotency_key", detail))
        raise ProblemError("invalid-parameter", "The header Idempotency-Key is invalid.", (fault,))
    return IdempotencyKey(request.caller or "", found["quoted"] or value)


def entity_tags(name: str, value: str, *, weak: bool) -> frozenset[str] | None:
    """Return the opaque parts of the entity tags in a header, or None for `*`, which matches any.

    With `weak`, weak tags match too: If-None-Match compares weakly, If-Match strongly.
    Raises ProblemError (`invalid-parameter`) if the value is not a list of entity tags.
    """
    if not re.fullmatch(ENTITY_TAGS_PATTERN, value):
        fault = Fault("header.entity_tags", 'write an entity tag in quotation marks, as in `ETag`: "3f9c…", or *')
        raise ProblemError("invalid-parameter", f"The header {name} is invalid.", (error_body("header", name, fault),))
    if value == "*":
        return None
    tags = re.findall(_TAG, value)
    return frozenset(tag.removeprefix("W/")[1:-1] for tag in tags if weak or not tag.startswith("W/"))


class Conditions(Container[Version | None]):
    """The versions of a vehicle that If-Match and If-None-Match allow a request to change (RFC 9110, 13.1).

    None is the version of a vehicle that is not registered. Raises ProblemError as `entity_tags` does.
    """

    def __init__(self, headers: Mapping[str, str]) -> None:
        self._match = headers.get("if-match")
        self._none_match = headers.get("if-none-match")
        self._wanted = None if self._match is None else entity_tags("If-Match", self._match, weak=False)
        self._unwanted = None if self._none_match is None else entity_tags("If-None-Match", self._none_match, weak=True)

    @override
    def __contains__(self, version: object) -> bool:
        if version is None:
            return self._match is None
        is_wanted = self._match is None or self._wanted is None or version in self._wanted
        is_unwanted = self._none_match is not None and (self._unwanted is None or version in self._unwanted)
        return is_wanted and not is_unwanted

    def __bool__(self) -> bool:
        """Return whether there is a condition."""
        return self._match is not None or self._none_match is not None

    def failure(self, *, is_registered: bool) -> str | None:
        """Return why they do not allow the change, or None if the vehicle has another version than If-Match lists."""
        tags = re.findall(_TAG, self._match or "")
        if any(tag.startswith("W/") for tag in tags):
            return 'If-Match lists a weak tag (W/"…"), which matches nothing: a proxy weakened it. Send it without W/.'
        if any(map(_COMPRESSED.search, tags)):
            return "If-Match lists the tag of a compressed response, which matches nothing: send it without its suffix."
        if not is_registered:
            return "If-Match requires a registered vehicle, but no vehicle with this VIN is registered."
        if self._match is None or self._wanted is None:
            return "If-None-Match lists the current version, or is `*`, and the vehicle is registered."
        return None
