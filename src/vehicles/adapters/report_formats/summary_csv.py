"""A weekly report as CSV."""

import csv
from collections.abc import Iterator
from io import StringIO

from vehicles.adapters.report_formats.summary_json import checksum_of
from vehicles.domain.summary.report import WeeklyReport
from vehicles.domain.vehicle import FuelType
from vehicles.domain.vin.country_names import COUNTRY_NAMES
from vehicles.domain.vin.csv_text import as_csv_text


def render_csv(report: WeeklyReport, checksum: str | None = None) -> bytes:
    """Return the report as a table with one figure per row, so that the tables of several weeks can be concatenated.

    `section` is the name of the field in the JSON, and `key` identifies a figure in its section; manufacturers are
    grouped by name. `vehicles` is empty if unknown. RFC 4180, in UTF-8 with the byte order mark that Excel needs; an
    identifier that programs would read as a number is written as a formula: see `as_csv_text`.
    """
    text = StringIO(newline="")
    rows = csv.writer(text)
    rows.writerow(("week", "complete", "section", "key", "label", "vehicles"))
    begin = (report.week, "true" if report.complete else "false")
    rows.writerows((*begin, *figure) for figure in _rows(report))
    rows.writerow((*begin, "sha256", checksum or checksum_of(report), "SHA-256 of summary.json", None))
    return text.getvalue().encode("utf-8-sig")


def _rows(report: WeeklyReport) -> Iterator[tuple[str, object, str, int | None]]:
    """Yield section, key, label and vehicles."""
    summary, change = report.summary, report.change
    yield "total", "", "Vehicles", summary.total
    yield "registered", "", "Registered in the week", summary.registered
    if change:
        yield "change", "total", f"Change since {change.since}", change.total
        yield "change", "registered", f"Registered since {change.since}", change.registered
        yield "change", "deleted", f"Deleted since {change.since}", change.deleted
    for fuel in FuelType:
        yield "byFuelType", fuel, fuel.label, summary.by_fuel_type[fuel]
    for axles, n in sorted(summary.by_no_of_axles.items()):
        yield "byNoOfAxles", axles, f"{axles} {'axle' if axles == 1 else 'axles'}", n
    for brand in report.by_brand:
        identifiers = " ".join(brand.identifiers)
        yield (
            "byManufacturer",
            brand.name or as_csv_text(identifiers),
            f"{brand.name or 'Not known'} ({identifiers})",
            brand.vehicles,
        )
    for row in report.by_country:
        yield "byCountry", row.country or "", COUNTRY_NAMES[row.country] if row.country else "Not known", row.vehicles
    for week in summary.weeks:
        yield "registeredByWeek", week, f"Registered in {week}", summary.by_week[week]
    for past in report.history:
        yield "history", past.week, f"Vehicles at the end of {past.week}", past.total
