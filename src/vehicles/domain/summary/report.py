"""The weekly report: all figures of a week, set beside the weeks before it."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from vehicles.domain.summary.counts import HISTORY_WEEKS, Summary
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vin.countries import find_assignment
from vehicles.domain.vin.manufacturers import find_manufacturer


@dataclass(frozen=True, slots=True)
class WeekTotal:
    """How many vehicles there were at the end of a week."""

    week: IsoWeek
    total: int


@dataclass(frozen=True, slots=True)
class EarlierReport:
    """What a later week needs to know of an earlier report.

    `end` is the first moment after its week, `complete` is false where it was made before that moment.
    `history` ends with the week itself.
    """

    week: IsoWeek
    end: datetime
    complete: bool
    history: tuple[WeekTotal, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """The difference to the week before.

    A vehicle that was registered and deleted between two reports is in neither.
    `deleted` is None where more vehicles came in with an earlier moment of registration than went: an import that
    keeps timestamps does that.
    """

    since: IsoWeek
    total: int
    registered: int
    deleted: int | None


@dataclass(frozen=True, slots=True)
class ManufacturerCount:
    """How many vehicles are of a manufacturer; name and country (ISO 3166 alpha-2) are None where nobody knows them."""

    wmi: str
    name: str | None
    country: str | None
    vehicles: int


@dataclass(frozen=True, slots=True)
class CountryCount:
    """How many vehicles are of manufacturers of a country; None where the country is not known."""

    country: str | None
    vehicles: int


@dataclass(frozen=True, slots=True)
class WeeklyReport:
    """The figures of a week: the same summary and earlier report give the same.

    `complete` is false where it was made before the week was over. `change` is None where the week before has no
    complete report: what was deleted follows from both totals, so that it cannot be told from one.
    `history` has the totals of this week and of up to 51 before it, oldest first; a week without report is a gap.
    """

    summary: Summary
    complete: bool
    change: Change | None
    history: tuple[WeekTotal, ...]

    @classmethod
    def of(cls, summary: Summary, *, complete: bool, earlier: EarlierReport | None) -> Self:
        """Set the summary beside the newest report of the weeks before it."""
        return cls(summary, complete, _change(summary, earlier), (*_carried(summary.week, earlier), _own(summary)))

    @property
    def by_manufacturer(self) -> tuple[ManufacturerCount, ...]:
        """The manufacturers, most vehicles first."""
        return tuple(
            ManufacturerCount(wmi, _manufacturer(wmi), _country(wmi), n)
            for wmi, n in sorted(self.summary.by_wmi.items(), key=lambda row: (-row[1], row[0]))
        )

    @property
    def by_country(self) -> tuple[CountryCount, ...]:
        """The countries, most vehicles first; among equals the unknown one stands last."""
        counts: Counter[str | None] = Counter()
        for wmi, n in self.summary.by_wmi.items():
            counts[_country(wmi)] += n
        rows = sorted(counts.items(), key=lambda row: (-row[1], row[0] is None, row[0]))
        return tuple(CountryCount(country, n) for country, n in rows)


def _own(summary: Summary) -> WeekTotal:
    return WeekTotal(summary.week, summary.total)


def _change(summary: Summary, earlier: EarlierReport | None) -> Change | None:
    """Compare with a report that ends where this week begins; a change of the time zone leaves a gap between them."""
    if earlier is None or not earlier.complete or earlier.end != summary.start:
        return None
    difference = summary.total - earlier.history[-1].total
    deleted = summary.registered - difference
    return Change(earlier.week, difference, summary.registered, deleted if deleted >= 0 else None)


def _carried(week: IsoWeek, earlier: EarlierReport | None) -> Iterator[WeekTotal]:
    """Yield what the history takes over: totals at the ends of weeks, so none of a week that was not over."""
    if earlier is None:
        return
    oldest = week.shifted(1 - HISTORY_WEEKS)
    for past in earlier.history if earlier.complete else earlier.history[:-1]:
        if past.week >= oldest:
            yield past


def _manufacturer(wmi: str) -> str | None:
    manufacturer = find_manufacturer(wmi)
    return manufacturer.name if manufacturer else None


def _country(wmi: str) -> str | None:
    assignment = find_assignment(wmi[:2])
    return assignment.country if assignment else None
