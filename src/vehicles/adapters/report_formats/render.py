"""A weekly report in any of its formats."""

from typing import TYPE_CHECKING

from vehicles.adapters.report_formats.summary_csv import render_csv
from vehicles.adapters.report_formats.summary_json import render_json
from vehicles.domain.summary.report import ReportFormat, WeeklyReport

if TYPE_CHECKING:
    from vehicles.adapters.report_formats.page import Link


def render_report(
    report: WeeklyReport, report_format: ReportFormat, link: "Link | None" = None, checksum: str | None = None
) -> bytes:
    """Return the report in a format: always the same bytes for the same report. `link` is for the page.

    CSV and HTML contain the `checksum` of the JSON, by default of the JSON that this function renders. A stored JSON
    may differ from it, because manufacturers may have got names since.
    """
    match report_format:
        case ReportFormat.JSON:
            return render_json(report)
        case ReportFormat.CSV:
            return render_csv(report, checksum)
        case ReportFormat.HTML:
            from vehicles.adapters.report_formats.page import render_page  # noqa: PLC0415 — Jinja is slow to import

            return render_page(report, checksum, link)
