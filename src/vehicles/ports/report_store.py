"""What a place that keeps weekly reports promises."""

from abc import abstractmethod
from dataclasses import dataclass
from typing import Final, Protocol

from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.ports.vehicle_repository import Version

PREFIX: Final = "summaries/year="


@dataclass(frozen=True, slots=True)
class StoredReport:
    """What is kept of a week, and the version it is kept under. `report` is None where it is damaged.

    `checksum` is what the kept bytes say of themselves, and the copies name.
    """

    report: WeeklyReport | None
    version: Version
    checksum: str = ""


class ReportStore(Protocol):
    """Keeps one report for each week.

    A reader sees a report whole, as one write left it, or not at all, also after a crash.
    A write is durable when it returns.
    A store may keep copies in further formats, for people who look into it. Nothing reads them back.
    Each method raises StorageUnavailable where the storage is away, slow, busy or full, and StorageMisconfigured where
    someone has to fix it first; `load` raises StorageCorrupted where a newer version of the registry wrote the report.
    """

    @abstractmethod
    def load(self, week: IsoWeek) -> StoredReport | None:
        """Return what was saved last for the week, checked against damage; None where nothing is kept."""

    @abstractmethod
    def save(self, report: WeeklyReport, *, expected: Version | None) -> None:
        """Keep the report of its week in the place of the expected version; None expects that there is none.

        Of any number of callers that expect the same version exactly one wins, and only that one writes the copies.
        Raises ReportChanged for all others.
        """

    @abstractmethod
    def restore_copies(self, stored: StoredReport) -> None:
        """Write the copies that are missing, or are of another report. One read where all is well."""

    @abstractmethod
    def weeks(self) -> list[IsoWeek]:
        """Return the weeks for which something is kept, newest first."""


def key_of(week: IsoWeek, report_format: ReportFormat = ReportFormat.JSON) -> str:
    """Return where a store of files keeps a report, such as summaries/year=2026/week=47/summary.json."""
    return f"{PREFIX}{week.year:04d}/week={week.number:02d}/summary.{report_format}"
