"""The files of a report, the same in every store.

summaries/year=2026/week=47/summary.json     the report
summaries/year=2026/week=47/summary.csv      copies for people who browse the storage:
summaries/year=2026/week=47/summary.html     they contain the SHA-256 of the JSON, and are never read back
"""

import re
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Final

from vehicles.adapters.report_formats.render import render_report
from vehicles.adapters.report_formats.summary_json import checksum_in, read_json
from vehicles.domain.errors import InvalidWeek, ReportChanged, StorageUnavailable
from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.report_store import PREFIX, ReportStore, StoredReport, key_of
from vehicles.ports.vehicle_repository import Version

_KEY: Final = re.compile(r"summaries/year=([0-9]{4})/week=([0-9]{2})/summary\.json")
_COPIES: Final = tuple(each for each in ReportFormat if each is not ReportFormat.JSON)
_MAX_ATTEMPTS: Final = 10


class ReportFiles(ReportStore):
    """A report store on versioned files. Each adapter implements reading, writing and listing of files."""

    @abstractmethod
    def _read(self, key: str) -> tuple[bytes, Version] | None:
        """Return a file and its version, or None if there is none."""

    @abstractmethod
    def _write(self, key: str, content: bytes, media_type: str, *, expected: Version | None) -> Version:
        """Replace the expected version of a file, and return the new version.

        Raises ReportChanged, with the key, if the file has another version.
        """

    def _keys(self, prefix: str) -> Iterable[str]:
        """Yield the keys that begin with the prefix."""
        return self._versions(prefix)

    @abstractmethod
    def _versions(self, prefix: str) -> Mapping[str, Version]:
        """Return the versions of the files whose keys begin with the prefix, in one read."""

    def _version_of(self, content: bytes) -> Version:
        """Return the version that a file with this content usually has."""
        return Version(sha256(content).hexdigest())

    def load(self, week: IsoWeek) -> StoredReport | None:
        """Raises StorageCorrupted if a newer version of the registry wrote the report."""
        found = self._read(key_of(week))
        if found is None:
            return None
        content, version = found
        report = read_json(content)
        return StoredReport(report if report and report.week == week else None, version, checksum_in(content))

    def save(self, report: WeeklyReport, *, expected: Version | None) -> None:
        content = render_report(report, ReportFormat.JSON)
        key, media_type = key_of(report.week), ReportFormat.JSON.media_type
        try:
            version = self._write(key, content, media_type, expected=expected)
        except ReportChanged:
            raise ReportChanged(str(report.week)) from None
        self.restore_copies(StoredReport(report, version, checksum_in(content)))

    def restore_copies(self, stored: StoredReport) -> None:
        """Each write is conditional on the version that was listed together with the JSON."""
        report = stored.report
        if report is None:
            return
        contents = copies_of(report, stored.checksum)
        wanted = {key: self._version_of(content) for key, content in contents.items()}
        has_written = False
        for _ in range(_MAX_ATTEMPTS):
            there = self._versions(_folder_of(report.week))
            if there.get(key_of(report.week)) != stored.version:
                # Another report has replaced this one, and its writer writes the copies. But that writer may have
                # listed the copies of an equal report before we replaced them.
                if has_written and (newer := self.load(report.week)):
                    self.restore_copies(newer)
                return
            wrong = [key for key, version in wanted.items() if there.get(key) != version]
            if not wrong:
                return
            with suppress(ReportChanged):
                for key in wrong:
                    media_type = ReportFormat(key.rpartition(".")[2]).media_type
                    wanted[key] = self._write(key, contents[key], media_type, expected=there.get(key))
                    has_written = True
        raise StorageUnavailable(f"Too many concurrent writes of the copies of the report of {report.week}")

    def faults(self) -> Iterator[str]:
        """Read every report and its copies, and yield a description of each fault."""
        for week in self.weeks():
            stored = self.load(week)
            if stored and stored.report:
                there = self._versions(_folder_of(week))
                for key, content in copies_of(stored.report, stored.checksum).items():
                    if there.get(key) != self._version_of(content):
                        yield f"{key} is missing or outdated; `vehicles summarize --week {week}` restores it"
            elif stored:
                yield f"{key_of(week)} is damaged; `vehicles summarize --week {week}` counts the week again"

    def weeks(self) -> list[IsoWeek]:
        return sorted(_weeks_of(self._keys(PREFIX)), reverse=True)


def _folder_of(week: IsoWeek) -> str:
    return key_of(week).removesuffix("summary.json")


def _link_from(here: IsoWeek) -> Callable[[IsoWeek, ReportFormat], str]:
    """Return the function that refers from the page of a week to the files of another, or of the same week."""

    def link(week: IsoWeek, report_format: ReportFormat) -> str:
        return f"summary.{report_format}" if week == here else f"../../../{key_of(week, report_format)}"

    return link


def copies_of(report: WeeklyReport, checksum: str | None = None) -> dict[str, bytes]:
    """Return the copies of a report by their keys. `checksum` is that of the stored JSON, if there is one."""
    link = _link_from(report.week)
    return {key_of(report.week, each): render_report(report, each, link, checksum) for each in _COPIES}


def _weeks_of(keys: Iterable[str]) -> Iterator[IsoWeek]:
    for key in keys:
        if match := _KEY.fullmatch(key):
            with suppress(InvalidWeek):  # not a folder of ours
                yield IsoWeek(int(match[1]), int(match[2]))
