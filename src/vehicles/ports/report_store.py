"""The port for storing weekly reports."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Final, Protocol

from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.vehicle_repository import Version

PREFIX: Final = "summaries/year="


@dataclass(frozen=True, slots=True)
class StoredReport:
    """The stored report of a week and its version. `report` is None if the report is damaged.

    `checksum` is the SHA-256 in the stored report; the copies contain it too.
    """

    report: WeeklyReport | None
    version: Version
    checksum: str = ""


class ReportStore(Protocol):
    """Stores one report per week.

    Writes are atomic, also in a crash: a reader sees a complete report or none. A write is durable when it returns.
    A store may keep copies in other formats, for people who browse the storage. The registry never reads them.
    Every method raises StorageUnavailable if the storage is unreachable, slow, busy or full, and StorageMisconfigured
    if someone has to fix it first. `load` raises StorageCorrupted if a newer version of the registry wrote the report.
    """

    @abstractmethod
    def load(self, week: IsoWeek) -> StoredReport | None:
        """Return the last saved report of the week, checked for damage, or None if there is none."""

    @abstractmethod
    def save(self, report: WeeklyReport, *, expected: Version | None) -> None:
        """Replace the expected version of the report of its week; None expects that there is no report.

        Of concurrent callers that expect the same version, exactly one wins, and only the winner writes the copies.
        Raises ReportChanged for all others.
        """

    @abstractmethod
    def restore_copies(self, stored: StoredReport) -> None:
        """Write the copies that are missing or belong to another report. It takes one read if there are none."""

    @abstractmethod
    def weeks(self) -> list[IsoWeek]:
        """Return the weeks that have a report, damaged or not, newest first."""


def key_of(week: IsoWeek, report_format: ReportFormat = ReportFormat.JSON) -> str:
    """Return the key of a report in a store of files, such as summaries/year=2026/week=47/summary.json."""
    return f"{PREFIX}{week.year:04d}/week={week.number:02d}/summary.{report_format}"
