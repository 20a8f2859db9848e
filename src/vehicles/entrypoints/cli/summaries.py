"""The commands about the weekly summary: make it, show it."""
# ruff: noqa: PLC0415 — commands import what they need, so that `vehicles --help` is fast

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vehicles.domain.errors import InvalidWeek, ReportNotFound
from vehicles.domain.vehicle import FuelType
from vehicles.entrypoints.cli.terminal import Exit, Failure, Session, command, echo_err, write_json

if TYPE_CHECKING:
    from vehicles.domain.summary.report import WeeklyReport
    from vehicles.domain.summary.service import WeeklySummaries
    from vehicles.domain.summary.week import IsoWeek

_FORMATS: Final = ("json", "csv", "html")
_MANUFACTURERS: Final = 10


@command("summarize")
@click.option("--week", default="current", metavar="WEEK", help="current, last, or a week such as 2026-W47.")
@click.option("--again", is_flag=True, help="Recount a week that has a complete summary, with the current fleet.")
def summarize(session: Session, *, week: str, again: bool, as_json: bool) -> None:
    """Count the fleet of a week and save the summary. A summary made after the end of the week is final."""
    from vehicles.domain.summary.report import ReportFormat
    from vehicles.domain.summary.service import Outcome

    with session.container() as container:
        summaries = container.summaries()
        chosen = _chosen(summaries, week)
        made = summaries.summarize(chosen, again=again)
        if made.outcome is Outcome.ALREADY_COMPLETE:
            echo_err(f"{chosen} already has a complete summary; --again recounts it, without vehicles deleted since")
        if made.outcome is Outcome.ALWAYS_EMPTY:
            echo_err(f"no summary of {chosen} is saved: no vehicle is known to have been registered by its end")
        if as_json:
            click.echo(container.render_report()(made.report, ReportFormat.JSON), nl=False)
        else:
            _show(made.report)


@command("summary")
@click.option("--week", metavar="WEEK", help="current, last, or a week such as 2026-W47; by default the latest.")
@click.option("--open", "in_browser", is_flag=True, help="Show the page in a browser.")
@click.option("--format", "report_format", type=click.Choice(_FORMATS), help="Write the summary in this format.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file; the suffix chooses the format unless --format does.",
)
def summary(  # noqa: PLR0913 — one for each option
    session: Session,
    *,
    week: str | None,
    in_browser: bool,
    report_format: str | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Show a saved summary."""
    from vehicles.domain.summary.report import ReportFormat

    if sum((in_browser, report_format is not None or output is not None, as_json)) > 1:
        raise click.UsageError("--open, --json, and --format or --output cannot be combined")
    by_suffix = output.suffix.lower().removeprefix(".") if output else "json"
    wanted = "html" if in_browser else report_format or by_suffix
    if wanted not in _FORMATS:
        raise click.UsageError(f"the suffix of {output} is not a known format; give --format {'|'.join(_FORMATS)}")
    with session.container() as container:
        report = _kept(container.summaries(), week)
        content = container.render_report()(report, ReportFormat(wanted))
        if in_browser:
            _open(content)
        elif output is not None:
            output.write_bytes(content)
        elif report_format is not None or as_json:
            click.echo(content, nl=False)
        else:
            _show(report)


@command("fleet")
def fleet(session: Session, *, as_json: bool) -> None:
    """Show the number of vehicles, and the main figures of the latest summary."""
    with session.container() as container:
        overview = container.summaries().overview()
    if as_json:
        from vehicles.entrypoints.http.fleets.overview import fleet_body

        write_json(fleet_body(overview))
        return
    click.echo(f"{overview.total:>9}  vehicles{', estimated' if overview.is_estimate else ''}")
    if report := overview.latest:
        summary = report.summary
        _show_counts(f"By fuel type, {_named(report)}", [(summary.by_fuel_type[fuel], fuel) for fuel in FuelType])
        _show_counts("By manufacturer", [(brand.vehicles, brand.label) for brand in report.by_brand[:_MANUFACTURERS]])
    else:
        echo_err("there is no summary yet; `vehicles summarize` makes one")


def _chosen(summaries: WeeklySummaries, name: str) -> IsoWeek:
    try:
        return summaries.week(name)
    except InvalidWeek as error:
        raise click.BadParameter(str(error), param_hint="--week") from error


def _kept(summaries: WeeklySummaries, week: str | None) -> WeeklyReport:
    try:
        return summaries.get(None if week is None else _chosen(summaries, week))
    except ReportNotFound as error:
        message = f"there is no summary{'' if week is None else ' of that week'}; `vehicles summarize` makes one"
        raise Failure(message, Exit.NOT_FOUND) from error


def _open(content: bytes) -> None:
    """Show the page from a temporary file, readable by its owner only. The browser loads it later, so it is kept."""
    import tempfile
    import webbrowser

    with tempfile.NamedTemporaryFile(prefix="fleet-summary-", suffix=".html", delete=False) as file:
        file.write(content)
    page = Path(file.name)
    if not webbrowser.open(page.as_uri()):
        raise Failure(f"no browser could be started; the page is {page}", Exit.REFUSED)
    echo_err(f"showing {page}")


def _show(report: WeeklyReport) -> None:
    summary, change = report.summary, report.change
    click.echo(_named(report))
    click.echo(f"{summary.total:>9}  vehicles, {summary.registered} of them registered in the week")
    if change:
        deleted = "" if change.deleted is None else f", with {change.deleted} deleted"
        click.echo(f"{change.total:>+9}  since {change.since}{deleted}")
    tables: dict[str, list[tuple[int, str]]] = {
        "By fuel type": [(summary.by_fuel_type[fuel], fuel) for fuel in FuelType],
        "By number of axles": [(n, str(axles)) for axles, n in sorted(summary.by_no_of_axles.items())],
        "By manufacturer": [(brand.vehicles, brand.label) for brand in report.by_brand],
        "By country of the manufacturer": [(row.vehicles, row.country or "unknown") for row in report.by_country],
    }
    for title, rows in tables.items():
        _show_counts(title, rows)


def _named(report: WeeklyReport) -> str:
    return f"Week {report.week}{'' if report.complete else ', provisional'}"


def _show_counts(title: str, rows: list[tuple[int, str]]) -> None:
    click.echo(click.style(title, bold=True))
    for vehicles, label in rows:
        click.echo(f"{vehicles:>9}  {label}".rstrip())
