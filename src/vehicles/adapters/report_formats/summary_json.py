"""A weekly report as JSON: the source of all other formats, and the only one that is read back.

    {
      "schema": 1,
      "sha256": "…",
      "week": "2026-W47",
      …

The SHA-256 is that of the document without these 64 digits. So damage to any byte is detected.
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
    """Return the SHA-256 in the JSON of the report, in hex. The other formats contain it."""
    return checksum_in(render_json(report))


def checksum_in(document: bytes) -> str:
    """Return the SHA-256 in a document, in hex, or an empty text if there is none."""
    head = _HEAD.match(document)
    return head[2].decode() if head else ""


def read_json(content: bytes) -> WeeklyReport | None:
    """Return the report in a document, or None if the document is damaged.

    Raises StorageCorrupted if a newer version of the registry wrote it.
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
