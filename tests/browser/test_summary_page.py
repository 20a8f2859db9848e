"""The page of the summary in a real browser: on a phone, on a desk, in the dark, on paper."""

import re
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.command_line import CommandLine
from tests.support.server_process import HOST, serving
from vehicles.adapters.report_formats.page import render_page
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import Change, WeeklyReport, WeekTotal
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType
from vehicles.testing.strategies import ALPHABET

type Scheme = Literal["light", "dark"]

WEEK: Final = IsoWeek(2026, 47)
CHARTS: Final = (
    "Vehicles over time",
    "Registrations in the last twelve weeks",
    "Vehicles by fuel type",
    "Vehicles by number of axles",
    "Vehicles by manufacturer",
    "Vehicles by country of the manufacturer",
)
PHONE, SMALL_PHONE, DESK = 375, 320, 1280
LEAST_TEXT_CONTRAST: Final = 4.5  # WCAG 2.2, 1.4.3
LEAST_MARK_CONTRAST: Final = 3.0  # WCAG 2.2, 1.4.11

COLOURS_OF_TEXTS: Final = """() => [...document.querySelectorAll("body *")]
  .filter((element) => element.getClientRects().length
    && [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .map((element) => {
    const style = getComputedStyle(element);
    let behind = element;
    while (getComputedStyle(behind).backgroundColor === "rgba(0, 0, 0, 0)" && behind !== document.body) {
      behind = behind.parentElement;
    }
    const drawn = element.namespaceURI.endsWith("svg");
    return [drawn ? style.fill : style.color, getComputedStyle(behind).backgroundColor, element.textContent.trim()];
  })"""
COLOURS_OF_MARKS: Final = """() => [...document.querySelectorAll("rect, circle, polyline")].map((mark) => {
  const style = getComputedStyle(mark);
  const colour = mark.tagName === "polyline" ? style.stroke : style.fill;
  return [colour, getComputedStyle(document.body).backgroundColor, mark.tagName];
})"""
BOXES_OF_TEXTS: Final = """() => [...document.querySelectorAll("svg[role=img]")].map((chart) =>
  [...chart.querySelectorAll("text")].filter((text) => text.getClientRects().length).map((text) => {
    const box = text.getBoundingClientRect();
    return [box.left, box.top, box.right, box.bottom, text.textContent];
  }))"""


def report_of(total: int, *, fuels: int = 6, makers: int = 7, axles: int = 4, weeks: int = 52) -> WeeklyReport:
    """Return a report of a fleet that is spread over so many of each, with a history of so many weeks."""
    wmis = [f"W{second}{third}" for second in ALPHABET[10:] for third in ALPHABET][:makers]
    summary = Summary(
        WEEK,
        ZoneInfo("Europe/Berlin"),
        spread(total, list(FuelType)[:fuels]),
        spread(total, list(range(1, axles + 1))),
        spread(total, wmis),
    )
    summary.by_week = +Counter({week: total // (7 + place) for place, week in enumerate(summary.weeks)})
    history = tuple(WeekTotal(WEEK.shifted(-back), total - total * back // 400) for back in reversed(range(weeks)))
    change = Change(WEEK.shifted(-1), -total // 1000, summary.registered, total // 1000 + summary.registered)
    return WeeklyReport(summary, total != 1, change if total > 1 else None, history)


def spread[Key](total: int, keys: list[Key]) -> Counter[Key]:
    """Return a half of the total for the first key, a quarter for the second, and the rest for the last."""
    counts: Counter[Key] = Counter()
    for key in keys[:-1]:
        counts[key] = (total - counts.total()) // 2 or min(1, total - counts.total())
    counts[keys[-1]] += total - counts.total()
    return +counts


REPORTS: Final = {
    "none": report_of(0, weeks=1),
    "one": report_of(1, weeks=2),
    "one fuel type": report_of(830, fuels=1, weeks=9),
    "a fleet": report_of(25_000),
    "300 manufacturers": report_of(120_000, makers=300, axles=99),
    "40 million": report_of(40_000_000),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    for name, report in REPORTS.items():
        (folder / f"{name}.html").write_bytes(render_page(report))
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    opened = browser.new_page()
    yield opened
    opened.close()


def show(page: Page, folder: Path, name: str, width: int = DESK, scheme: Scheme = "light") -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme=scheme)
    page.goto((folder / f"{name}.html").as_uri())


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours as CSS writes them (WCAG 2.2, relative luminance)."""
    lighter, darker = sorted(map(luminance, (one, other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    channels = [int(number) / 255 for number in re.findall(r"\d+", colour)[:3]]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return sum(weight * part for weight, part in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def charts_of(name: str) -> list[str]:
    """Return the charts of a page; a first summary has none of a single dot."""
    return list(CHARTS[1:] if len(REPORTS[name].history) == 1 else CHARTS)


@pytest.mark.parametrize("name", REPORTS)
def test_charts_have_names(page: Page, folder: Path, name: str) -> None:
    show(page, folder, name)
    images = re.findall(r'img "(.*)"', page.locator("body").aria_snapshot())
    assert charts_of(name) == [next(chart for chart in CHARTS if image.startswith(chart)) for image in images]


@pytest.mark.parametrize("name", REPORTS)
def test_charts_have_texts(page: Page, folder: Path, name: str) -> None:
    show(page, folder, name)
    images = re.findall(r'img "(.*)"', page.locator("body").aria_snapshot())
    assert [image for image in images if not re.search(r"\d|No vehicles", image)] == []


@pytest.mark.parametrize("name", REPORTS)
def test_every_chart_has_a_table(page: Page, folder: Path, name: str) -> None:
    show(page, folder, name)
    tables = [section.get_by_role("table").count() for section in page.locator("section").all()]
    assert tables == [1] * len(charts_of(name))


def test_bars_are_as_long_as_they_count(page: Page, folder: Path) -> None:
    show(page, folder, "a fleet")
    widths = [bar.bounding_box() for bar in page.locator("#byFuelType rect").all()]
    longest, second, *_ = [box["width"] for box in widths if box]
    assert second / longest == pytest.approx(0.5, abs=0.01)


def test_columns_are_as_high_as_they_count(page: Page, folder: Path) -> None:
    show(page, folder, "a fleet")
    heights = [bar.bounding_box() for bar in page.locator("#registeredByWeek rect").all()]
    first, *_, last = [box["height"] for box in heights if box]
    assert last / first == pytest.approx(7 / 18, abs=0.01)


def test_line_goes_from_edge_to_edge(page: Page, folder: Path) -> None:
    show(page, folder, "a fleet")
    line = page.locator("#history polyline").bounding_box()
    scale = page.locator("#history .scale").first.bounding_box()
    assert line is not None
    assert scale is not None
    assert (line["x"], line["width"]) == pytest.approx((scale["x"], scale["width"]), abs=2)


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", (SMALL_PHONE, PHONE, DESK))
def test_nothing_scrolls_sideways(page: Page, folder: Path, name: str, width: int) -> None:
    show(page, folder, name, width)
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", (PHONE, DESK))
def test_texts_of_charts_do_not_touch(page: Page, folder: Path, name: str, width: int) -> None:
    show(page, folder, name, width)
    charts: list[list[tuple[float, float, float, float, str]]] = page.evaluate(BOXES_OF_TEXTS)
    touching = [
        (one[4], other[4])
        for chart in charts
        for one, other in combinations(chart, 2)
        if min(one[2], other[2]) - max(one[0], other[0]) > 0.5 and min(one[3], other[3]) - max(one[1], other[1]) > 0.5
    ]
    assert touching == []


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_texts_stand_out(page: Page, folder: Path, name: str, scheme: Scheme) -> None:
    show(page, folder, name, scheme=scheme)
    colours: list[list[Any]] = page.evaluate(COLOURS_OF_TEXTS)
    assert len(colours) > 50
    assert [each for each in colours if contrast(each[0], each[1]) < LEAST_TEXT_CONTRAST] == []


@pytest.mark.parametrize("scheme", ("light", "dark"))
def test_marks_stand_out(page: Page, folder: Path, scheme: Scheme) -> None:
    show(page, folder, "300 manufacturers", scheme=scheme)
    colours: list[list[Any]] = page.evaluate(COLOURS_OF_MARKS)
    assert {each[2] for each in colours} == {"rect", "circle", "polyline"}
    assert [each for each in colours if contrast(each[0], each[1]) < LEAST_MARK_CONTRAST] == []


@pytest.mark.parametrize(("scheme", "dark"), (("light", False), ("dark", True)))
def test_page_follows_the_scheme(page: Page, folder: Path, scheme: Scheme, *, dark: bool) -> None:
    show(page, folder, "a fleet", scheme=scheme)
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark is (luminance(background) < 0.1)


def test_page_asks_for_nothing_else(page: Page, folder: Path) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    show(page, folder, "a fleet")
    assert [url for url in asked if not url.startswith("data:")] == [(folder / "a fleet.html").as_uri()]


def test_page_has_no_complaints(page: Page, folder: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    show(page, folder, "a fleet")
    assert complaints == []


def test_served_page_has_no_complaints(page: Page, tmp_path: Path) -> None:
    # The server's policy lets nothing load that the page might need.
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text))
    CommandLine(tmp_path).run("summarize")
    with serving(tmp_path) as server:
        answer = page.goto(f"http://{HOST}:{server.port}/summary")
    assert answer is not None
    bar = page.locator("#registeredByWeek .table").evaluate("(table) => getComputedStyle(table).maxHeight")
    assert (answer.headers["content-type"], bar, complaints) == ("text/html; charset=utf-8", "400px", [])


@pytest.mark.parametrize("name", REPORTS)
def test_tables_are_printed_whole(page: Page, folder: Path, name: str) -> None:
    show(page, folder, name, width=688, scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    hidden = (
        "[...document.querySelectorAll('.table')].filter((each) => each.scrollHeight > each.clientHeight + 1).length"
    )
    assert page.evaluate(hidden) == 0


def test_paper_stays_white(page: Page, folder: Path) -> None:
    show(page, folder, "a fleet", scheme="dark")
    page.emulate_media(media="print", color_scheme="dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_sheets_do_not_overlap(page: Page, folder: Path) -> None:
    show(page, folder, "300 manufacturers", width=688)
    page.emulate_media(media="print")
    boxes = [section.bounding_box() for section in page.locator("section").all()]
    ends = [(box["y"], box["y"] + box["height"]) for box in boxes if box]
    inner = page.evaluate(
        "[...document.querySelectorAll('section')].map((each) => Math.max(...[...each.querySelectorAll('table, svg')]"
        ".map((part) => part.getBoundingClientRect().bottom + scrollY)))"
    )
    assert [place for place, (_, end) in enumerate(ends) if inner[place] > end + 1] == []


def test_paper_is_a4(page: Page, folder: Path) -> None:
    show(page, folder, "a fleet")
    document = page.pdf(prefer_css_page_size=True)
    (box,) = set(re.findall(rb"/MediaBox ?\[([^]]*)\]", document))
    assert [float(number) for number in box.split()] == pytest.approx([0, 0, 595, 842], abs=1)


def test_cut_tables_are_reached_by_keyboard(page: Page, folder: Path) -> None:
    show(page, folder, "300 manufacturers")
    region = page.get_by_role("region", name="Vehicles by manufacturer")
    region.focus()
    page.keyboard.press("End")
    expect(region.get_by_role("row").last).to_be_in_viewport()
