"""A weekly report in any of its formats."""

from vehicles.adapters.report_formats.summary_csv import render_csv
from vehicles.adapters.report_formats.summary_json import render_json
from vehicles.domain.summary.report import ReportFormat, WeeklyReport


def render_report(report: WeeklyReport, report_format: ReportFormat, checksum: str | None = None) -> bytes:
    """Return the report in a format: the same bytes for the same report.

    The other formats name the checksum of a JSON: by default of the one that this function returns. A JSON that is kept
    may differ from that, for it may be older than a manufacturer's name.
    """
    match report_format:
        case ReportFormat.JSON:
            return render_json(report)
        case ReportFormat.CSV:
            return render_csv(report, checksum)
        case ReportFormat.HTML:
            from vehicles.adapters.report_formats.page import render_page  # noqa: PLC0415 — Jinja is slow to import

            return render_page(report, checksum)
