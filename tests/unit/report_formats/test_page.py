"""The page of the summary, as text: its figures, its size, its bytes. In a browser: tests/integration."""

import csv
import json
import re
from collections import Counter
from datetime import UTC, datetime
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.page_figures import csv_figures, json_figures, page_figures
from vehicles.adapters.report_formats.page import MAX_MANUFACTURERS, _share, render_page
from vehicles.adapters.report_formats.summary_csv import render_csv
from vehicles.adapters.report_formats.summary_json import render_json
from vehicles.domain.summary.counts import Summary
from vehicles.domain.summary.report import Change, WeeklyReport, WeekTotal
from vehicles.domain.summary.week import IsoWeek
from vehicles.domain.vehicle import FuelType, Vehicle
from vehicles.domain.vin.country_names import COUNTRY_NAMES
from vehicles.domain.vin.manufacturers import find_manufacturer
from vehicles.testing.strategies import ALPHABET, fleets, timestamps

WEEK = IsoWeek(2026, 47)
BEFORE = WEEK.shifted(-1)
NEAR = timestamps(datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 12, 31, tzinfo=UTC))
ANY_CHANGE = st.none() | st.builds(
    Change, st.just(BEFORE), st.integers(-(10**6), 10**6), st.just(0), st.none() | st.integers(0, 10**6)
)


@st.composite
def reports(draw: st.DrawFn) -> WeeklyReport:
    """Any report, of any fleet and any history, with numbers as they come and as large ones."""
    summary = Summary.of(WEEK, UTC, draw(fleets(registered_at=NEAR)))
    larger = draw(st.sampled_from((0, 1_000, 2_000_000)))
    for _ in range(larger.bit_length()):
        summary = summary.merge(summary)
    change = draw(ANY_CHANGE)
    if change:
        change = Change(change.since, change.total, summary.registered, change.deleted)
    offsets = sorted(draw(st.sets(st.integers(1, 51), max_size=51)), reverse=True)
    past = [WeekTotal(WEEK.shifted(-offset), draw(st.integers(0, 10**8))) for offset in offsets]
    return WeeklyReport(summary, draw(st.booleans()), change, (*past, WeekTotal(WEEK, summary.total)))


def report_of(wmis: Counter[str]) -> WeeklyReport:
    total = wmis.total()
    summary = Summary(WEEK, UTC, Counter({FuelType.DIESEL: total}), Counter({2: total}), wmis)
    return WeeklyReport(summary, True, None, (WeekTotal(WEEK, total),))  # noqa: FBT003 — a field


def many(count: int) -> Counter[str]:
    """Return so many manufacturers with a vehicle each."""
    wmis = (f"{first}{second}{third}" for first in "BCDFGAEM" for second in ALPHABET for third in ALPHABET)
    return Counter({wmi: 1 for wmi, _ in zip(wmis, range(count), strict=False)})


# --- the same figures in all formats


@given(reports())
def test_every_format_has_the_figures(report: WeeklyReport) -> None:
    figures = json_figures(json.loads(render_json(report)))

    assert figures == csv_figures(render_csv(report)) == page_figures(render_page(report))


@given(reports())
def test_every_format_shows_completeness(report: WeeklyReport) -> None:
    rows = render_csv(report).decode("utf-8-sig").splitlines()[1:]
    shown = (all(row.split(",")[1] == "true" for row in rows), b"Provisional" not in render_page(report))

    assert (report.complete, report.complete) == shown


@given(fleets(registered_at=NEAR, min_size=1))
def test_formats_hide_all_vins(fleet: list[Vehicle]) -> None:
    summary = Summary.of(WEEK, UTC, fleet)
    report = WeeklyReport.of(summary, complete=True, earlier=None)
    written = (render_csv(report) + render_page(report)).decode()

    assert [vehicle for vehicle in fleet if str(vehicle.vin) in written or vehicle.vin.vis in written] == []


# --- CSV


def test_csv_rows_are_as_documented() -> None:
    rows = render_csv(report_of(Counter({"1E9": 2, "WMA": 1}))).decode("utf-8").split("\r\n")

    assert rows[:3] == [
        "\N{BYTE ORDER MARK}week,complete,section,key,label,vehicles",
        "2026-W47,true,total,,Vehicles,3",
        "2026-W47,true,registered,,Registered in the week,0",
    ]
    assert [row for row in rows if ",byManufacturer," in row] == [
        '2026-W47,true,byManufacturer,"=""1E9""",Not known (1E9),2',
        "2026-W47,true,byManufacturer,MAN Truck & Bus,MAN Truck & Bus (WMA),1",
    ]


@pytest.mark.parametrize("identifier", ("1E9", "007", "123", "129E45"))
def test_csv_keeps_identifier_as_text(identifier: str) -> None:
    content = render_csv(report_of(Counter({identifier: 1}))).decode("utf-8-sig")
    (key,) = (row["key"] for row in csv.DictReader(StringIO(content, newline="")) if row["section"] == "byManufacturer")

    assert key == f'="{identifier}"'


@given(reports())
def test_no_cell_is_a_formula(report: WeeklyReport) -> None:
    text = StringIO(render_csv(report).decode("utf-8-sig"), newline="")
    cells = (re.sub('^="([0-9E]+)"$', r"\1", cell) for row in csv.reader(text) for cell in row)

    assert [cell for cell in cells if cell[:1] in {"=", "@", "+", "\t", "\r"} or re.match("-[^0-9]", cell)] == []


def test_no_name_is_a_formula() -> None:
    heads = (first + second + third for first in ALPHABET for second in ALPHABET for third in ALPHABET)
    names = {manufacturer.name for manufacturer in map(find_manufacturer, heads) if manufacturer}

    assert {name for name in names | set(COUNTRY_NAMES.values()) if not name[0].isalpha()} == set()


# --- the page


@pytest.mark.parametrize("count", (0, 1, 300, MAX_MANUFACTURERS, 8 * 33 * 33))
def test_page_stays_small(count: int) -> None:
    assert len(render_page(report_of(many(count)))) < 200_000


def test_page_names_what_it_leaves_out() -> None:
    page = render_page(report_of(many(MAX_MANUFACTURERS + 1234))).decode()

    assert "1,234 more manufacturers with 1,234 vehicles are in summary.csv" in page
    assert 'id="cut"' not in render_page(report_of(many(MAX_MANUFACTURERS))).decode()


@given(reports())
def test_page_asks_for_nothing(report: WeeklyReport) -> None:
    page = render_page(report).decode()

    assert re.findall(r"<script|<iframe|<img|<a |@import|url\(|https?:|src=", page) == []


def test_names_are_escaped() -> None:
    assert "MAN Truck &amp; Bus" in render_page(report_of(Counter({"WMA": 1}))).decode()


def test_chart_adds_up_a_manufacturer() -> None:
    page = render_page(report_of(Counter({"WDB": 2, "W1T": 3, "SU9": 4}))).decode()

    assert re.findall(r"<desc id=\"manufacturers-chart-text\">(.*?)</desc>", page, re.DOTALL)[0].strip() == (
        "Mercedes-Benz: 5; Not known (SU9): 4."
    )


@pytest.mark.parametrize(
    ("week", "days"),
    (
        ("2026-W47", "16 to 22 November 2026"),
        ("2026-W44", "26 October to 1 November 2026"),
        ("2026-W01", "29 December 2025 to 4 January 2026"),
    ),
)
def test_days_are_named(week: str, days: str) -> None:
    report = WeeklyReport.of(Summary(IsoWeek.parse(week), UTC), complete=True, earlier=None)

    assert days in render_page(report).decode()


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    (
        (0, 0, "\N{EN DASH}"),
        (0, 5, "0.0 %"),
        (1, 8, "12.5 %"),
        (5, 5, "100.0 %"),
        (1, 40_000_000, "< 0.1 %"),
        (39_999_999, 40_000_000, "> 99.9 %"),
    ),
)
def test_share_never_misleads(part: int, whole: int, text: str) -> None:
    assert text == _share(part, whole).replace("\N{NO-BREAK SPACE}", " ")
