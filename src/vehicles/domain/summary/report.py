"""The weekly report: the figures of a week, compared with the weeks before it."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any, Self
from zoneinfo import ZoneInfo

from vehicles.domain.summary.counts import HISTORY_WEEKS, Summary
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType
from vehicles.domain.vin.countries import find_assignment
from vehicles.domain.vin.manufacturers import find_manufacturer


class ReportFormat(StrEnum):
    """The formats of a report. The values are the suffixes of the files."""

    JSON = "json"
    CSV = "csv"
    HTML = "html"

    @property
    def media_type(self) -> str:
        """The media type, for the header Content-Type."""
        return {"json": "application/json", "csv": "text/csv", "html": "text/html"}[self]


@dataclass(frozen=True, slots=True)
class WeekTotal:
    """The number of vehicles at the end of a week."""

    week: IsoWeek
    total: int


@dataclass(frozen=True, slots=True)
class Change:
    """The difference from the week before.

    A vehicle that was registered and deleted between two reports is counted in neither.
    `deleted` is None if more vehicles were added with earlier timestamps than were deleted, for example by an import
    that keeps timestamps.
    """

    since: IsoWeek
    total: int
    registered: int
    deleted: int | None


@dataclass(frozen=True, slots=True)
class ManufacturerCount:
    """The number of vehicles of a manufacturer. Name and country (ISO 3166 alpha-2) are None if unknown."""

    wmi: str
    name: str | None
    country: str | None
    vehicles: int


@dataclass(frozen=True, slots=True)
class BrandCount:
    """The number of vehicles of all identifiers of a manufacturer. The name is None if the identifier is unknown."""

    name: str | None
    identifiers: tuple[str, ...]
    vehicles: int

    @property
    def label(self) -> str:
        """The name for people."""
        return self.name or f"Not known ({self.identifiers[0]})"


@dataclass(frozen=True, slots=True)
class CountryCount:
    """The number of vehicles of the manufacturers of a country, which is None if unknown."""

    country: str | None
    vehicles: int


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """The figures of a week. They depend only on the summary and the earlier report.

    `complete` is false if the report was made before the end of the week: it is provisional.
    `change` is None if the week before has no complete report: both totals are needed for the number of deletions.
    `history` has the totals of this week and of up to 51 weeks before it, oldest first; weeks without report are left
    out.
    """

    summary: Summary
    complete: bool
    change: Change | None
    history: tuple[WeekTotal, ...]

    @classmethod
    def of(cls, summary: Summary, *, complete: bool, earlier: Self | None) -> Self:
        """Return the report of a summary. `earlier` is the newest report of the weeks before it, if there is one."""
        history = (*_carried_over(summary.week, earlier), WeekTotal(summary.week, summary.total))
        return cls(summary, complete, _change(summary, earlier), history)

    @property
    def week(self) -> IsoWeek:
        """The week of the report."""
        return self.summary.week

    @property
    def by_manufacturer(self) -> tuple[ManufacturerCount, ...]:
        """The counts by manufacturer, most vehicles first."""
        return tuple(
            ManufacturerCount(wmi, _manufacturer(wmi), _country(wmi), n)
            for wmi, n in sorted(self.summary.by_wmi.items(), key=lambda row: (-row[1], row[0]))
        )

    @property
    def by_brand(self) -> tuple[BrandCount, ...]:
        """The counts by name of the manufacturer, most vehicles first. Each unknown identifier has a row of its own."""
        counts: Counter[tuple[str | None, str]] = Counter()
        identifiers = defaultdict(list)
        for row in self.by_manufacturer:
            brand = (row.name, "" if row.name else row.wmi)
            counts[brand] += row.vehicles
            identifiers[brand].append(row.wmi)
        rows = sorted(counts, key=lambda brand: (-counts[brand], brand[0] is None, brand[0] or brand[1]))
        return tuple(BrandCount(brand[0], tuple(sorted(identifiers[brand])), counts[brand]) for brand in rows)

    @property
    def by_country(self) -> tuple[CountryCount, ...]:
        """The counts by country, most vehicles first. Among equals, the unknown country is last."""
        counts: Counter[str | None] = Counter()
        for wmi, n in self.summary.by_wmi.items():
            counts[_country(wmi)] += n
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0] is None, row[0]))
        return tuple(CountryCount(country, n) for country, n in rows)

    def to_dict(self) -> dict[str, Any]:
        """Return the content of the JSON; `docs/summary.schema.json` is its schema.

        Names and countries are added for readers; `from_dict` reads the counts only.
        """
        summary, change = self.summary, self.change
        return {
            "week": str(summary.week),
            "timeZone": str(summary.zone),
            "from": f"{summary.start:%Y-%m-%dT%H:%M:%SZ}",
            "to": f"{summary.end:%Y-%m-%dT%H:%M:%SZ}",
            "complete": self.complete,
            "total": summary.total,
            "registered": summary.registered,
            "change": change and {**asdict(change), "since": str(change.since)},
            "byFuelType": [{"fuelType": str(fuel), "vehicles": summary.by_fuel_type[fuel]} for fuel in FuelType],
            "byNoOfAxles": [{"noOfAxles": axles, "vehicles": n} for axles, n in sorted(summary.by_no_of_axles.items())],
            "byManufacturer": [asdict(row) for row in self.by_manufacturer],
            "byCountry": [asdict(row) for row in self.by_country],
            "registeredByWeek": [{"week": str(week), "vehicles": summary.by_week[week]} for week in summary.weeks],
            "history": [{"week": str(past.week), "total": past.total} for past in self.history],
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """Return the report from the result of `to_dict`. Raises ValueError, TypeError or KeyError for other data."""

        def counts[Key](section: str, name: str, key: Callable[[Any], Key]) -> Counter[Key]:
            return Counter({key(row[name]): row["vehicles"] for row in data[section] if row["vehicles"]})

        summary = Summary(
            IsoWeek.parse(data["week"]),
            ZoneInfo(data["timeZone"]),
            counts("byFuelType", "fuelType", FuelType),
            counts("byNoOfAxles", "noOfAxles", int),
            counts("byManufacturer", "wmi", str),
            counts("registeredByWeek", "week", IsoWeek.parse),
        )
        change = data["change"]
        return cls(
            summary,
            data["complete"],
            change and Change(IsoWeek.parse(change["since"]), change["total"], change["registered"], change["deleted"]),
            tuple(WeekTotal(IsoWeek.parse(row["week"]), row["total"]) for row in data["history"]),
        )


def _change(summary: Summary, earlier: WeeklyReport | None) -> Change | None:
    """Compare with a report that ends when this week begins. After a change of the time zone there is none."""
    if earlier is None or not earlier.complete or earlier.summary.end != summary.start:
        return None
    difference = summary.total - earlier.summary.total
    deleted = summary.registered - difference
    return Change(earlier.week, difference, summary.registered, deleted if deleted >= 0 else None)


def _carried_over(week: IsoWeek, earlier: WeeklyReport | None) -> tuple[WeekTotal, ...]:
    """Return the totals at the ends of earlier weeks, without that of a provisional report."""
    if earlier is None:
        return ()
    oldest = week.shifted(1 - HISTORY_WEEKS)
    history = earlier.history if earlier.complete else earlier.history[:-1]
    return tuple(past for past in history if past.week >= oldest)


def _manufacturer(wmi: str) -> str | None:
    manufacturer = find_manufacturer(wmi)
    return manufacturer.name if manufacturer else None


def _country(wmi: str) -> str | None:
    assignment = find_assignment(wmi[:2])
    return assignment.country if assignment else None
