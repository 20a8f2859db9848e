"""The weekly report: the summary of a week, set beside the week before, as the JSON document that is kept."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from vehicles.domain.countries import find_assignment
from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.manufacturers import find_manufacturer
from vehicles.domain.summary import Summary
from vehicles.domain.vehicle import FuelType
from vehicles.domain.week import IsoWeek

LATEST_KEY: Final = "summaries/latest.json"
MEDIA_TYPE: Final = "application/json"

# No JSON, no week, or brackets nested deeper than the reader goes.
_UNREADABLE: Final = (ValueError, RecursionError)


def summary_key(week: IsoWeek) -> str:
    """Return the key that the summary of a week is kept under."""
    return f"summaries/year={week.year:04d}/week={week.number:02d}/summary.json"


@dataclass(frozen=True, slots=True)
class Headline:
    """What the following week needs to know of a week's report.

    `complete` is false where the report was made before the week was over.
    """

    week: IsoWeek
    total: int
    complete: bool

    @classmethod
    def of(cls, document: bytes) -> Self:
        """Read the headline from a kept report. Raises StorageCorrupted where it is not one."""
        reason = "A kept summary is not the JSON document that the registry writes"
        try:
            match json.loads(document):
                case {"week": str(week), "total": int(total), "complete": bool(complete)}:
                    return cls(IsoWeek.parse(week), total, complete)
        except _UNREADABLE as error:
            raise StorageCorrupted(reason) from error
        raise StorageCorrupted(reason)


def write_pointer(week: IsoWeek) -> bytes:
    """Return the document of `LATEST_KEY`: which week is the latest, and where its summary is kept."""
    return json.dumps({"week": str(week), "summary": summary_key(week)}, indent=2).encode() + b"\n"


def read_pointer(document: bytes) -> IsoWeek:
    """Return the week that the document of `LATEST_KEY` names. Raises StorageCorrupted where it is not one."""
    reason = "The pointer to the latest summary is not the JSON document that the registry writes"
    try:
        match json.loads(document):
            case {"week": str(week)}:
                return IsoWeek.parse(week)
    except _UNREADABLE as error:
        raise StorageCorrupted(reason) from error
    raise StorageCorrupted(reason)


def write_report(summary: Summary, *, complete: bool, before: Headline | None) -> bytes:
    """Return the report as UTF-8 JSON: the same summary and headline give the same bytes.

    `before` is the headline of the week before. Where it is missing or incomplete, `change` is null: what is deleted
    between two weeks follows from both totals, so that it cannot be told from one.
    A vehicle that was registered and deleted between two reports is in neither. `deleted` is null where more vehicles
    came in with an earlier moment of registration than went: an import that keeps timestamps does that.
    """
    figures = _figures(summary, complete=complete, before=before)
    return json.dumps(figures, ensure_ascii=False, indent=2).encode() + b"\n"


def _figures(summary: Summary, *, complete: bool, before: Headline | None) -> Mapping[str, object]:
    change = None
    if before is not None and before.complete:
        difference = summary.total - before.total
        deleted = summary.registered - difference
        change = {
            "since": str(before.week),
            "total": difference,
            "registered": summary.registered,
            "deleted": deleted if deleted >= 0 else None,
        }
    return {
        "week": str(summary.week),
        "from": f"{summary.week.start:%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{summary.week.end:%Y-%m-%dT%H:%M:%SZ}",
        "complete": complete,
        "total": summary.total,
        "registered": summary.registered,
        "change": change,
        "byFuelType": [{"fuelType": fuel, "vehicles": summary.by_fuel_type[fuel]} for fuel in FuelType],
        "byNoOfAxles": [{"noOfAxles": axles, "vehicles": n} for axles, n in sorted(summary.by_no_of_axles.items())],
        "byManufacturer": [
            {"wmi": wmi, "name": _manufacturer(wmi), "country": _country(wmi), "vehicles": n}
            for wmi, n in sorted(summary.by_wmi.items(), key=lambda row: (-row[1], row[0]))
        ],
        "byCountry": _by_country(summary),
        "registeredByWeek": [{"week": str(week), "vehicles": summary.by_week[week]} for week in summary.weeks],
    }


def _by_country(summary: Summary) -> list[Mapping[str, object]]:
    counts: dict[str | None, int] = {}
    for wmi, n in summary.by_wmi.items():
        country = _country(wmi)
        counts[country] = counts.get(country, 0) + n
    # The unknown country stands last among equals.
    rows = sorted(counts.items(), key=lambda row: (-row[1], row[0] or "~"))
    return [{"country": country, "vehicles": n} for country, n in rows]


def _manufacturer(wmi: str) -> str | None:
    manufacturer = find_manufacturer(wmi)
    return manufacturer.name if manufacturer else None


def _country(wmi: str) -> str | None:
    assignment = find_assignment(wmi[:2])
    return assignment.country if assignment else None
