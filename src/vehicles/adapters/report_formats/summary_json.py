"""A weekly report as JSON: the one source of all other formats, and what the store reads back.

    {
      "schema": 1,
      "sha256": "…",
      "week": "2026-W47",
      …

The SHA-256 is that of the document without its 64 digits, so that any damage shows, whichever byte it hits.
"""

import json
import re
from hashlib import sha256
from typing import Final

from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.summary.report import WeeklyReport

SCHEMA: Final = 1
_HEAD: Final = re.compile(rb'\{\n  "schema": ([0-9]+),\n  "sha256": "([0-9a-f]{64})",\n')


def render_json(report: WeeklyReport) -> bytes:
    """Return the report as UTF-8 JSON; `docs/summary.schema.json` describes it."""
    document = {"schema": SCHEMA, "sha256": "", **report.to_dict()}
    unsigned = json.dumps(document, ensure_ascii=False, indent=2).encode() + b"\n"
    return unsigned.replace(b'"sha256": ""', b'"sha256": "%b"' % sha256(unsigned).hexdigest().encode(), 1)


def checksum_of(report: WeeklyReport) -> str:
    """Return the SHA-256 that the JSON of the report carries, in hex. The other formats name it."""
    return checksum_in(render_json(report))


def checksum_in(document: bytes) -> str:
    """Return the SHA-256 that a document carries, in hex; nothing where it carries none."""
    head = _HEAD.match(document)
    return head[2].decode() if head else ""


def read_json(content: bytes) -> WeeklyReport | None:
    """Return the report that a document holds; None where it is damaged.

    Raises StorageCorrupted where a newer version of the registry wrote it.
    """
    head = _HEAD.match(content)
    if head is None or sha256(content[: head.start(2)] + content[head.end(2) :]).hexdigest().encode() != head[2]:
        return None
    if int(head[1]) > SCHEMA:
        raise StorageCorrupted("A report was written by a newer version of the registry")
    try:
        return WeeklyReport.from_dict(json.loads(content))
    except (KeyError, TypeError, ValueError):
        return None
