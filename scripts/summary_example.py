"""Write docs/example: the summary of a sample fleet in all formats, and a screenshot of the page."""

import os
import shutil
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from playwright.sync_api import sync_playwright

from vehicles.adapters.memory import InMemoryReportStore, InMemoryVehicleRepository
from vehicles.adapters.report_formats.render import render_report
from vehicles.domain.summary.counts import HISTORY_WEEKS
from vehicles.domain.summary.report import ReportFormat
from vehicles.domain.summary.service import WeeklySummaries
from vehicles.domain.summary.week import IsoWeek
from vehicles.entrypoints.cli.sample import sample_vehicles
from vehicles.ports.vehicle_repository import StoredVehicle, Version

FOLDER: Final = Path(__file__).parents[1] / "docs" / "example"
VEHICLES: Final = 25_000
SEED: Final = 7
YEAR_END: Final = datetime(2026, 1, 1, tzinfo=UTC)
WIDTH: Final = 1000


def example() -> Mapping[ReportFormat, bytes]:
    """Return the summary of the last week of the sample's year in each format, with a history of 52 weeks."""
    repository = InMemoryVehicleRepository()
    repository.add_many([StoredVehicle(vehicle, Version("1")) for vehicle in sample_vehicles(VEHICLES, SEED, YEAR_END)])
    summaries = WeeklySummaries(repository, InMemoryReportStore(), lambda: YEAR_END, UTC)
    last = IsoWeek.containing(YEAR_END, UTC).shifted(-1)
    for back in reversed(range(HISTORY_WEEKS)):
        summaries.summarize(last.shifted(-back))
    return {each: render_report(summaries.get(last), each) for each in ReportFormat}


def main() -> None:
    """Write all formats, then the screenshot."""
    FOLDER.mkdir(exist_ok=True)
    for report_format, content in example().items():
        (FOLDER / f"summary.{report_format}").write_bytes(content)
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox", "--disable-gpu"])
        page = launched.new_page(viewport={"width": WIDTH, "height": 900})
        page.goto((FOLDER / "summary.html").as_uri())
        page.screenshot(path=FOLDER / "summary.png", full_page=True)
        launched.close()


if __name__ == "__main__":
    main()
