"""The page of a weekly report: one HTML file with inline charts, rendered with Jinja."""

from collections.abc import Callable
from functools import cache
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from vehicles.adapters.report_formats.charts import HEIGHT, LEFT, MAX_BARS, bars_of, columns_of, line_of
from vehicles.adapters.report_formats.summary_json import checksum_of
from vehicles.domain.summary.report import ReportFormat, WeeklyReport
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType
from vehicles.domain.vin.country_names import COUNTRY_NAMES

# A row takes about 130 bytes; the page must stay below 200 KB.
MAX_MANUFACTURERS: Final = 1000
RECENT_WEEKS: Final = 12
"""The number of weeks that are printed in the table of the fleet over time."""
_NOT_KNOWN: Final = "Not known"
# Not from the C library, whose names depend on the locale.
_MONTHS: Final = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


type Link = Callable[[IsoWeek, ReportFormat], str]
"""Returns the reference to the report of a week in a format, relative to the page."""


def render_page(report: WeeklyReport, checksum: str | None = None, link: Link | None = None) -> bytes:
    """Return the page in UTF-8: without external resources and scripts, and always the same for the same report.

    With `link`, it has links to the other weeks and formats.
    """
    summary = report.summary
    fuels = sorted(FuelType, key=lambda fuel: -summary.by_fuel_type[fuel])
    page = _template().render(
        report=report,
        summary=summary,
        fuels=fuels,
        max_manufacturers=MAX_MANUFACTURERS,
        fleet_line=line_of(report.history),
        week_columns=columns_of([(f"{week.number}", summary.by_week[week]) for week in summary.weeks]),
        fuel_bars=bars_of([(fuel.label, summary.by_fuel_type[fuel]) for fuel in fuels]),
        axle_bars=bars_of(_axles(report), others="other numbers"),
        manufacturer_bars=bars_of([(brand.label, brand.vehicles) for brand in report.by_brand]),
        country_bars=bars_of([(_country(row.country), row.vehicles) for row in report.by_country]),
        link=link,
        formats=ReportFormat,
        recent_weeks=RECENT_WEEKS,
        checksum=checksum or checksum_of(report),
        height=HEIGHT,
        left=LEFT,
    )
    return page.encode()


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("vehicles", "adapters/report_formats"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"number": "{:,}".format, "signed": _signed, "days": _days, "country": _country}
    environment.globals["share"] = _share
    return environment.get_template("summary.html")


def _signed(value: int) -> str:
    return f"{value:+,}".replace("-", "\N{MINUS SIGN}") if value else "0"


def _share(part: int, whole: int) -> str:
    """Return a share in percent. A part above zero is never shown as 0 %, and one below the whole never as 100 %."""
    if not whole:
        return "\N{EN DASH}"
    percent = part * 100 / whole
    if part and percent < 0.1:  # noqa: PLR2004 — the last visible digit
        return "< 0.1\N{NO-BREAK SPACE}%"
    if part < whole and percent > 99.9:  # noqa: PLR2004 — as above
        return "> 99.9\N{NO-BREAK SPACE}%"
    return f"{percent:.1f}\N{NO-BREAK SPACE}%"


def _days(week: IsoWeek) -> str:
    """Return the first and last day of a week for people, with a common month or year only once."""
    monday = week.monday
    sunday = monday.fromordinal(monday.toordinal() + 6)
    begin = f"{monday.day}"
    if monday.month != sunday.month:
        begin += f" {_MONTHS[monday.month - 1]}"
    if monday.year != sunday.year:
        begin += f" {monday.year}"
    return f"{begin} to {sunday.day} {_MONTHS[sunday.month - 1]} {sunday.year}"


def _country(code: str | None) -> str:
    return COUNTRY_NAMES[code] if code else _NOT_KNOWN


def _axles(report: WeeklyReport) -> list[tuple[str, int]]:
    """Return the vehicles per number of axles, in order. If there are too many numbers, the rarest come last."""
    counts = report.summary.by_no_of_axles
    rare = sorted(counts, key=lambda axles: (-counts[axles], axles))[MAX_BARS:]
    order = sorted(counts, key=lambda axles: (axles in rare, axles))
    return [(f"{axles} {'axle' if axles == 1 else 'axles'}", counts[axles]) for axles in order]
