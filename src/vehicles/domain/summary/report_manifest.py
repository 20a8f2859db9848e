"""How the forms of a summary are kept: in a folder of their own, made valid by a manifest, found by the latest.

    summaries/year=2026/week=47/run=3f9c0a1be2d45678/summary.json   …csv   …html
    summaries/year=2026/week=47/manifest.json
    summaries/latest.json

They are written in this order. The folder is named by what is in it, so that runs never write different bytes under
one key, and a manifest names forms that belong together, whoever else is writing or is cut off.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Final, Self

from vehicles.domain.errors import InvalidWeek, StorageCorrupted
from vehicles.domain.summary.week import IsoWeek

LATEST_KEY: Final = "summaries/latest.json"
WEEKS_PREFIX: Final = "summaries/year="
# No JSON, no week, no moment, or brackets nested deeper than the reader goes.
UNREADABLE: Final = (ValueError, RecursionError)
_MANIFEST_KEY: Final = re.compile(r"summaries/year=([0-9]{4})/week=([0-9]{2})/manifest\.json")
_RUN_DIGITS: Final = 16


class ReportForm(StrEnum):
    """The forms that a summary is kept in, by the ends of their names."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"

    @property
    def media_type(self) -> str:
        """The media type, as it goes into a header."""
        return {ReportForm.JSON: "application/json", ReportForm.CSV: "text/csv", ReportForm.HTML: "text/html"}[self]


@dataclass(frozen=True, slots=True)
class KeptForm:
    """Where a form is kept, and what makes sure that it is the one: its size in bytes and its SHA-256 in hex."""

    key: str
    size: int
    checksum: str

    def demand(self, content: bytes) -> None:
        """Raise StorageCorrupted unless the content is that of the form."""
        if _checksum(content) != self.checksum:
            reason = f"What is kept under {self.key} is not what its manifest says"
            raise StorageCorrupted(reason)


@dataclass(frozen=True, slots=True)
class Manifest:
    """The forms that make the summary of a week. `complete` is false where it was made before the week was over."""

    week: IsoWeek
    complete: bool
    forms: Mapping[ReportForm, KeptForm]

    @classmethod
    def of(cls, week: IsoWeek, contents: Mapping[ReportForm, bytes], *, complete: bool) -> Self:
        """Return the manifest of the contents, which says where they are to be kept."""
        checksums = {form: _checksum(content) for form, content in contents.items()}
        run = _checksum("".join(checksums[form] for form in ReportForm).encode())[:_RUN_DIGITS]
        forms = {
            form: KeptForm(f"{folder_of(week)}/run={run}/summary.{form}", len(content), checksums[form])
            for form, content in contents.items()
        }
        return cls(week, complete, forms)

    @classmethod
    def read(cls, document: bytes) -> Self:
        """Return the manifest that a document is. Raises StorageCorrupted where it is none."""
        reason = "The manifest of a summary is not the JSON document that the registry writes"
        try:
            match json.loads(document):
                case {"week": str(week), "complete": bool(complete), "forms": dict(forms)}:
                    kept = {form: _read_form(forms[form]) for form in ReportForm}
                    return cls(IsoWeek.parse(week), complete, kept)
        except (*UNREADABLE, KeyError) as error:
            raise StorageCorrupted(reason) from error
        raise StorageCorrupted(reason)

    @property
    def document(self) -> bytes:
        """The manifest as it is kept."""
        forms = {
            form: {"key": kept.key, "mediaType": form.media_type, "bytes": kept.size, "sha256": kept.checksum}
            for form, kept in self.forms.items()
        }
        return _document({"week": str(self.week), "complete": self.complete, "forms": forms})


def manifest_key(week: IsoWeek) -> str:
    """Return the key that the manifest of a week is kept under."""
    return f"{folder_of(week)}/manifest.json"


def weeks_of(keys: Iterable[str]) -> list[IsoWeek]:
    """Return the weeks whose manifests are among the keys, newest first."""
    return sorted(filter(None, map(_week_of, keys)), reverse=True)


def write_pointer(week: IsoWeek) -> bytes:
    """Return the document of `LATEST_KEY`: which week is the latest, and where its manifest is kept."""
    return _document({"week": str(week), "manifest": manifest_key(week)})


def read_pointer(document: bytes) -> IsoWeek:
    """Return the week that the document of `LATEST_KEY` names. Raises StorageCorrupted where it is not one."""
    reason = "The pointer to the latest summary is not the JSON document that the registry writes"
    try:
        match json.loads(document):
            case {"week": str(week)}:
                return IsoWeek.parse(week)
    except UNREADABLE as error:
        raise StorageCorrupted(reason) from error
    raise StorageCorrupted(reason)


def folder_of(week: IsoWeek) -> str:
    """Return the folder of all that is kept of a week."""
    return f"{WEEKS_PREFIX}{week.year:04d}/week={week.number:02d}"


def _week_of(key: str) -> IsoWeek | None:
    match = _MANIFEST_KEY.fullmatch(key)
    try:
        return match and IsoWeek(int(match[1]), int(match[2]))
    except InvalidWeek:
        return None  # somebody else's folder


def _read_form(described: object) -> KeptForm:
    match described:
        case {"key": str(key), "bytes": int(size), "sha256": str(checksum)}:
            return KeptForm(key, size, checksum)
    raise ValueError(described)


def _document(content: object) -> bytes:
    return json.dumps(content, indent=2).encode() + b"\n"


def _checksum(content: bytes) -> str:
    return sha256(content).hexdigest()
