"""The forms of a weekly report that need nothing but the standard library, and what is read back from the first."""

import csv
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from io import StringIO

from vehicles.domain.errors import StorageCorrupted
from vehicles.domain.summary.report import EarlierReport, WeeklyReport, WeekTotal
from vehicles.domain.summary.report_manifest import UNREADABLE
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType
from vehicles.domain.vin.country_names import COUNTRY_NAMES


def json_form(report: WeeklyReport) -> bytes:
    """Return the report as UTF-8 JSON: the form that the next week reads, described in docs/summary.schema.json."""
    return json.dumps(_figures(report), ensure_ascii=False, indent=2).encode() + b"\n"


def csv_form(report: WeeklyReport) -> bytes:
    """Return the report as a table of one figure a row, so that those of many weeks can be put below each other.

    `section` is the name of the field of the JSON form, and `key` tells the figures of a section apart; `vehicles` is
    empty where it cannot be told. RFC 4180, in UTF-8 with the mark that Excel needs to see that it is.
    """
    text = StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(("week", "complete", "section", "key", "label", "vehicles"))
    begin = (report.summary.week, "true" if report.complete else "false")
    rows.writerows((*begin, *figure) for figure in _rows(report))
    return text.getvalue().encode("utf-8-sig")


def read_json_form(document: bytes) -> EarlierReport:
    """Return what a later week needs to know of a kept report. Raises StorageCorrupted where it is not one."""
    reason = "A kept summary is not the JSON document that the registry writes"
    try:
        match json.loads(document):
            case {"week": str(week), "to": str(end), "complete": bool(complete), "history": [_, *_] as history}:
                totals = tuple(map(_read_total, history))
                return EarlierReport(IsoWeek.parse(week), datetime.fromisoformat(end), complete, totals)
    except UNREADABLE as error:
        raise StorageCorrupted(reason) from error
    raise StorageCorrupted(reason)


def _rows(report: WeeklyReport) -> Iterator[tuple[str, object, str, int | None]]:
    """Yield section, key, label and vehicles. A label names its key, since Excel reads 1E9, a manufacturer, as 10⁹."""
    summary, change = report.summary, report.change
    yield "total", "", "Vehicles", summary.total
    yield "registered", "", "Registered in the week", summary.registered
    if change:
        yield "change", "total", f"Change since {change.since}", change.total
        yield "change", "registered", f"Registered since {change.since}", change.registered
        yield "change", "deleted", f"Deleted since {change.since}", change.deleted
    for fuel in FuelType:
        yield "byFuelType", fuel, fuel.capitalize(), summary.by_fuel_type[fuel]
    for axles, n in sorted(summary.by_no_of_axles.items()):
        yield "byNoOfAxles", axles, f"{axles} {'axle' if axles == 1 else 'axles'}", n
    for maker in report.by_manufacturer:
        yield "byManufacturer", maker.wmi, f"{maker.name or 'Not known'} ({maker.wmi})", maker.vehicles
    for row in report.by_country:
        yield "byCountry", row.country or "", COUNTRY_NAMES[row.country] if row.country else "Not known", row.vehicles
    for week in summary.weeks:
        yield "registeredByWeek", week, f"Registered in {week}", summary.by_week[week]
    for past in report.history:
        yield "history", past.week, f"Vehicles at the end of {past.week}", past.total


def _read_total(row: object) -> WeekTotal:
    match row:
        case {"week": str(week), "total": int(total)}:
            return WeekTotal(IsoWeek.parse(week), total)
    raise ValueError(row)


def _figures(report: WeeklyReport) -> Mapping[str, object]:
    summary, change = report.summary, report.change
    return {
        "week": str(summary.week),
        "timeZone": str(summary.zone),
        "from": f"{summary.start:%Y-%m-%dT%H:%M:%SZ}",
        "to": f"{summary.end:%Y-%m-%dT%H:%M:%SZ}",
        "complete": report.complete,
        "total": summary.total,
        "registered": summary.registered,
        "change": change
        and {
            "since": str(change.since),
            "total": change.total,
            "registered": change.registered,
            "deleted": change.deleted,
        },
        "byFuelType": [{"fuelType": fuel, "vehicles": summary.by_fuel_type[fuel]} for fuel in FuelType],
        "byNoOfAxles": [{"noOfAxles": axles, "vehicles": n} for axles, n in sorted(summary.by_no_of_axles.items())],
        "byManufacturer": [
            {"wmi": row.wmi, "name": row.name, "country": row.country, "vehicles": row.vehicles}
            for row in report.by_manufacturer
        ],
        "byCountry": [{"country": row.country, "vehicles": row.vehicles} for row in report.by_country],
        "registeredByWeek": [{"week": str(week), "vehicles": summary.by_week[week]} for week in summary.weeks],
        "history": [{"week": str(past.week), "total": past.total} for past in report.history],
    }
