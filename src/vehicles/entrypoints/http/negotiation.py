"""Two headers of RFC 9110 that a client negotiates by: Accept, and entity tags in If-Match and If-None-Match."""

import re
from collections.abc import Sequence
from typing import Final

from vehicles.domain.errors import Fault
from vehicles.entrypoints.http.problems import Refusal, error_body

ANY: Final = "*"
# RFC 9110, 8.8.3: the opaque part is any visible character but the quotation mark.
_TAG: Final = r'(?:W/)?"[!#-~\u0080-\u00ff]*"'
# RFC 9110, 5.6.1.2: a list may have empty elements. Fifty tags are more than anybody has versions of one thing.
ENTITY_TAGS_PATTERN: Final = rf"^(?:\*|[ \t,]*{_TAG}(?:[ \t]*,[ \t,]*{_TAG}){{0,49}}[ \t,]*)$"
_ENTITY_TAGS: Final = re.compile(ENTITY_TAGS_PATTERN)
_ENTITY_TAG: Final = re.compile(_TAG)


def preferred(accept: str, offered: Sequence[str]) -> str | None:
    """Return the offered media type that an Accept header likes best, the first of equals; None where it likes none.

    >>> preferred("text/html;q=0.8, application/json", ["text/html", "application/json"])
    'application/json'
    >>> preferred("text/*, application/json;q=0", ["application/json"]) is None
    True
    """
    if accept == "*/*":  # what most programs send
        return offered[0]
    ranges = [_media_range(text) for text in accept.split(",") if text.strip()]
    if not ranges:
        return offered[0]
    best, best_quality = None, 0.0
    for media_type in offered:
        # The most specific range that fits decides (RFC 9110, 12.5.1).
        fitting = [
            (len(pattern.replace("*", "")), quality) for pattern, quality in ranges if _fits(media_type, pattern)
        ]
        quality = max(fitting)[1] if fitting else 0.0
        if quality > best_quality:
            best, best_quality = media_type, quality
    return best


def _media_range(text: str) -> tuple[str, float]:
    pattern, *parameters = (part.strip().lower() for part in text.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            try:
                return pattern, min(max(float(parameter[2:]), 0.0), 1.0)
            except ValueError:
                return pattern, 0.0
    return pattern, 1.0


def _fits(media_type: str, pattern: str) -> bool:
    return pattern in {"*/*", media_type, media_type.partition("/")[0] + "/*"}


def entity_tags(name: str, value: str, *, weak: bool) -> frozenset[str] | None:
    """Return the opaque parts of the entity tags in a header; None for `*`, which stands for any.

    If-Match compares strongly, so that weak tags match nothing; If-None-Match compares weakly, with `weak`.
    Raises Refusal (`invalid-parameter`) for what is no list of entity tags.
    """
    if not _ENTITY_TAGS.fullmatch(value):
        fault = Fault("header.entity_tags", 'an entity tag stands in quotation marks, as `ETag` gave it: "3f9c…", or *')
        raise Refusal("invalid-parameter", f"The header {name} is refused.", (error_body("header", name, fault),))
    if value == ANY:
        return None
    tags = _ENTITY_TAG.findall(value)
    return frozenset(tag.removeprefix("W/")[1:-1] for tag in tags if weak or not tag.startswith("W/"))
