"""What a place that keeps reports promises."""

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, NewType, Protocol

from vehicles.domain.errors import Fault, InvalidReportKey

Tag = NewType("Tag", str)
"""Names one content of one report. Opaque; equal tags under one key mean equal bytes."""

LONGEST_KEY: Final = 200
_KEY_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_=./")


@dataclass(frozen=True, slots=True)
class Report:
    """The bytes of a report as they were written, and their tag."""

    content: bytes
    tag: Tag


class ReportStore(Protocol):
    """Keeps reports, files of a few hundred kilobytes, under keys such as `summaries/year=2026/week=47/summary.json`.

    A reader sees a report whole, as one write left it, or not at all, also after a crash.
    A write is durable when it returns.
    Every method checks its key with `check_key` and raises InvalidReportKey.
    Each raises StorageUnavailable where the storage is away, slow, busy or full, and StorageMisconfigured where someone
    has to set it right first.
    """

    @abstractmethod
    def read(self, key: str) -> Report:
        """Return the report that was written last. Raises ReportNotFound."""

    @abstractmethod
    def write(self, key: str, content: bytes, *, media_type: str) -> Tag:
        """Keep the content, in the place of any that is there, and return its tag."""

    @abstractmethod
    def write_if(self, key: str, content: bytes, *, media_type: str, expected: Tag | None) -> Tag:
        """Keep the content only where the report now there has the expected tag; None expects that there is none.

        Of any number of callers that expect the same tag exactly one wins. Raises ReportChanged for all others.
        """

    @abstractmethod
    def keys(self, prefix: str = "") -> Iterator[str]:
        """Yield the keys that begin with the prefix, in ascending order. The prefix is not checked."""


def check_key(key: str) -> None:
    """Raise InvalidReportKey unless the key is a relative path that every store takes, such as `summaries/latest.json`.

    Folders are named by lower case letters, digits and `-_=`, the report itself also by dots, of which it has at least
    one, none of them first; so a report never stands where another one needs a folder.
    """
    *folders, name = key.split("/")
    if (
        len(key) > LONGEST_KEY
        or not _KEY_CHARACTERS.issuperset(key)
        or any(not folder or "." in folder for folder in folders)
        or "." not in name[1:]
        or name[0] == "."
    ):
        detail = (
            f"a key has at most {LONGEST_KEY} characters of a-z, 0-9, -, _ and =, parted by single slashes, "
            "and ends in a name with a dot, such as summaries/latest.json"
        )
        raise InvalidReportKey(Fault("report.key", detail))
