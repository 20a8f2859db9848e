"""The commands about the weekly summary: make it, show it."""
# ruff: noqa: PLC0415 — imports stand in the commands, so that `vehicles --help` answers at once

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from vehicles.entrypoints.cli.terminal import Exit, Failure, Session, command, talk, write_json

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from vehicles.domain.summary.report_manifest import ReportForm
    from vehicles.domain.summary.service import WeeklySummaries
    from vehicles.domain.summary.week import IsoWeek

_FORMATS: Final = ("json", "csv", "html")


@command("summarize")
@click.option("--week", default="current", metavar="WEEK", help="current, last, or a week such as 2026-W47.")
@click.option("--again", is_flag=True, help="Count a week anew that has a complete summary, with the fleet of now.")
def summarize(session: Session, *, week: str, again: bool, as_json: bool) -> None:
    """Count the fleet of a week and keep the summary; one made after the week was over is complete, and stays."""
    with session.container() as container:
        summaries = container.summaries()
        chosen = _chosen(summaries, week)
        if not again and summaries.is_complete(chosen):
            talk(f"{chosen} has its complete summary; --again counts it anew, without what was deleted since")
        _show(summaries.summarize(chosen, again=again).content, as_json=as_json)


@command("summary")
@click.option("--week", metavar="WEEK", help="current, last, or a week such as 2026-W47; usually the latest kept.")
@click.option("--open", "in_browser", is_flag=True, help="Show the page in a browser.")
@click.option("--format", "form", type=click.Choice(_FORMATS), help="Write the kept form as it is.")
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the form to this file, whose ending names the form unless --format does.",
)
def summary(  # noqa: PLR0913 — one for each option
    session: Session, *, week: str | None, in_browser: bool, form: str | None, output: Path | None, as_json: bool
) -> None:
    """Show the summary of a week that was kept."""
    from vehicles.domain.summary.report_manifest import ReportForm

    if sum((in_browser, form is not None or output is not None, as_json)) > 1:
        message = "--open, --json, and --format with --output exclude each other"
        raise click.UsageError(message)
    wanted = "html" if in_browser else form or (output.suffix.lower().removeprefix(".") if output else "json")
    if wanted not in _FORMATS:
        message = f"the ending of {output} names no form; give --format {'|'.join(_FORMATS)}"
        raise click.UsageError(message)
    with session.container() as container:
        content = _kept(container.summaries(), week, ReportForm(wanted))
    if in_browser:
        _open(content)
    elif output is not None:
        output.write_bytes(content)
    elif form is not None:
        click.echo(content, nl=False)
    else:
        _show(content, as_json=as_json)


COMMANDS: Final = (summarize, summary)


def _chosen(summaries: WeeklySummaries, name: str) -> IsoWeek:
    from vehicles.domain.errors import InvalidWeek

    try:
        return summaries.week(name)
    except InvalidWeek as error:
        raise click.BadParameter(str(error), param_hint="--week") from error


def _kept(summaries: WeeklySummaries, week: str | None, form: ReportForm) -> bytes:
    from vehicles.domain.errors import ReportNotFound

    try:
        return summaries.get(None if week is None else _chosen(summaries, week), form).content
    except ReportNotFound as error:
        message = f"no summary is kept{'' if week is None else ' of that week'}; `vehicles summarize` makes one"
        raise Failure(message, Exit.NOT_FOUND) from error


def _open(content: bytes) -> None:
    """Show the page from a file that only its owner reads; it stays, for the browser comes for it when it likes."""
    import tempfile
    import webbrowser

    with tempfile.NamedTemporaryFile(prefix="fleet-summary-", suffix=".html", delete=False) as file:
        file.write(content)
    page = Path(file.name)
    if not webbrowser.open(page.as_uri()):
        message = f"no browser could be started; the page is {page}"
        raise Failure(message, Exit.REFUSED)
    talk(f"showing {page}")


def _show(document: bytes, *, as_json: bool) -> None:
    figures = json.loads(document)
    if as_json:
        write_json(figures, indent=2)
    else:
        _show_text(figures)


def _show_text(figures: Mapping[str, object]) -> None:
    click.echo(f"Week {figures['week']}{'' if figures['complete'] else ', not over yet'}")
    click.echo(f"{figures['total']:>9}  vehicles, of which {figures['registered']} were registered in the week")
    match figures["change"]:
        case {"since": since, "total": int(total), "deleted": deleted}:
            click.echo(f"{total:>+9}  since {since}{'' if deleted is None else f', with {deleted} deleted'}")
    for title, table, name in (
        ("By fuel type", "byFuelType", "fuelType"),
        ("By number of axles", "byNoOfAxles", "noOfAxles"),
        ("By maker", "byManufacturer", "wmi"),
        ("By country of the maker", "byCountry", "country"),
    ):
        click.echo(click.style(title, bold=True))
        rows: Sequence[Mapping[str, object]] = figures[table]  # type: ignore[assignment]  # as the summary writes it
        for row in rows:
            click.echo(f"{row['vehicles']:>9}  {row[name] or 'unknown'}  {row.get('name') or ''}".rstrip())
