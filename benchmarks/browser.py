"""The first view of the console in Chromium, with a large fleet."""

import sys
import tempfile
from collections.abc import Mapping
from itertools import batched
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import Page

from benchmarks.calls import Rows
from benchmarks.local import OURS, serving
from benchmarks.stub import vehicle
from tests.support.chromium import launching
from vehicles.adapters.sqlite.repository import SQLiteVehicleRepository
from vehicles.settings import DATABASE

SIZE: Final = 200_000
ROUNDS: Final = 15
WINDOW_MS: Final = 1_000  # what a new window needs for itself; somebody who opens a page has had it open for longer
STATIC: Final = "a page of text"
PAGES: Final[Mapping[str, tuple[str, str]]] = {  # their paths, and what is there once they can be used
    STATIC: ("/problems/unknown-path", "h1"),
    "/docs": ("/docs", ".opblock"),
    OURS: ("/console/", "tbody tr:not(.skeleton)"),
}
# Milliseconds from the start of the navigation until the frame after the element is there.
READY: Final = """
const ready = (selector) => new Promise((resolve) => {
  const look = () => document.querySelector(selector)
    ? requestAnimationFrame(() => resolve(performance.now())) : requestAnimationFrame(look);
  look();
});
"""


def console() -> Mapping[str, Rows]:
    """Measure in turns when each page can be used: in a browser that was never there, and when it comes again."""
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in PAGES}
    command = [sys.executable, "-m", "vehicles.entrypoints.cli.main", "serve", "--port", "0"]
    with tempfile.TemporaryDirectory() as folder:
        with SQLiteVehicleRepository(Path(folder) / DATABASE) as repository:
            for batch in batched(map(vehicle, range(SIZE)), 10_000, strict=False):
                repository.add_many(batch)
        with serving(command, folder) as (address, _), launching("MAP * ~NOTFOUND, EXCLUDE 127.0.0.1") as browser:
            for _ in range(ROUNDS):
                for name, (path, selector) in PAGES.items():
                    with browser.new_context() as context:
                        page = context.new_page()
                        page.wait_for_timeout(WINDOW_MS)
                        first, again = (_view(page, address + path, selector) for _ in range(2))
                    times[name].append((first, again))
    medians = {name: tuple(map(median, zip(*each, strict=True))) for name, each in times.items()}
    rows = {
        name: {
            "first time, ms": first,
            f"× {STATIC}": first / medians[STATIC][0],
            "again, ms": again,
            f"again, × {STATIC}": again / medians[STATIC][1],
        }
        for name, (first, again) in medians.items()
    }
    return {f"First view in a browser, {SIZE:,} vehicles in SQLite": rows}


def _view(page: Page, address: str, selector: str) -> float:
    page.goto(address, wait_until="commit")
    return float(page.evaluate(f"{READY} ready({selector!r})"))
