"""The geometry of the charts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.adapters.report_formats.charts import (
    BOTTOM,
    LEFT,
    MAX_BARS,
    TOP,
    Scale,
    bars_of,
    columns_of,
    line_of,
    short,
)
from vehicles.domain.summary.report import WeekTotal
from vehicles.domain.summary.week import IsoWeek

WEEK = IsoWeek(2026, 47)
NUMBERS = st.integers(0, 10**9)


def history(*totals: int | None) -> list[WeekTotal]:
    """Return totals of weeks that follow each other; None is a gap."""
    return [WeekTotal(WEEK.shifted(place), total) for place, total in enumerate(totals) if total is not None]


# --- scale


@given(NUMBERS, NUMBERS)
def test_scale_holds_all_in_few_round_steps(one: int, other: int) -> None:
    low, high = sorted((one, other))
    scale = Scale.over(low, high)

    assert scale.low <= low <= high <= scale.high
    assert 2 <= len(scale.ticks) <= 5
    assert str(scale.step).rstrip("0") in {"1", "2", "5"}


@pytest.mark.parametrize(
    ("low", "high", "labels"),
    (
        (0, 0, ["0", "1"]),
        (0, 1, ["0", "1"]),
        (0, 47, ["0", "20", "40", "60"]),
        (0, 25_000, ["0", "10k", "20k", "30k"]),
        (24_500, 25_000, ["24.4k", "24.6k", "24.8k", "25k"]),
        (39_200_000, 40_000_000, ["39.2M", "39.4M", "39.6M", "39.8M", "40M"]),
    ),
)
def test_scale_is_labelled(low: int, high: int, labels: list[str]) -> None:
    assert labels == [label for _, label in Scale.over(low, high).ticks]


@pytest.mark.parametrize(
    ("number", "text"),
    (
        *((0, "0"), (999, "999"), (1_000, "1k"), (1_234, "1.23k"), (999_499, "999k"), (999_500, "1M")),
        *((40_000_000, "40M"), (7 * 10**9, "7G"), (7 * 10**15, "7e+03T")),
    ),
)
def test_number_is_shortened(number: int, text: str) -> None:
    assert text == short(number)


# --- bars that lie


@given(st.lists(NUMBERS, max_size=40))
def test_bars_add_up_and_stay_inside(numbers: list[int]) -> None:
    bars = bars_of([("row", number) for number in numbers])

    assert sum(numbers) == sum(bar.vehicles for bar in bars)
    assert all(0 <= (bar.width or 0) <= 100 for bar in bars)


@pytest.mark.parametrize(("rows", "bars"), ((0, 0), (1, 1), (10, 10), (11, 11), (12, 11), (300, 11)))
def test_others_stand_together(rows: int, bars: int) -> None:
    assert bars == len(bars_of([("row", 1)] * rows))


def test_others_are_counted() -> None:
    *shown, others = bars_of([("row", 5)] * 300)

    assert [bar.width for bar in shown] == [100] * MAX_BARS
    assert (others.label, others.vehicles, others.width) == ("290 others", 5 * (300 - MAX_BARS), None)


def test_longest_bar_is_full() -> None:
    assert [bar.width for bar in bars_of([("one", 8), ("two", 2), ("three", 0)])] == [100, 25, 0]


# --- columns


@given(st.lists(NUMBERS, min_size=1, max_size=12))
def test_columns_stand_inside(numbers: list[int]) -> None:
    columns = columns_of([("week", number) for number in numbers]).columns

    assert {BOTTOM} == {round(column.y + column.height, 2) for column in columns}
    assert all(column.x >= LEFT and column.x + column.width <= 100 and column.y >= TOP for column in columns)


@pytest.mark.parametrize(("numbers", "wide"), (([999, 5], False), ([1_000, 5], False), ([1_234, 5], True)))
def test_wide_numbers_are_marked(numbers: list[int], *, wide: bool) -> None:
    assert wide is columns_of([("week", number) for number in numbers]).wide


# --- the line


@given(st.lists(NUMBERS, min_size=1, max_size=52))
def test_line_stays_inside(totals: list[int]) -> None:
    line = line_of(history(*totals))
    places = [tuple(map(float, pair.split(","))) for piece in line.pieces for pair in piece.split()]

    assert all(0 <= x <= 100 and TOP <= y <= BOTTOM for x, y in places)


def test_gaps_split_the_line() -> None:
    line = line_of(history(5, 6, None, 7, None, None, 8, 9))

    assert [len(piece.split()) for piece in line.pieces] == [2, 2]


def test_gap_keeps_its_width() -> None:
    (piece,) = line_of(history(5, None, None, 8, 9)).pieces

    assert [pair.split(",")[0] for pair in piece.split()] == ["75", "100"]


def test_lonely_week_has_a_dot() -> None:
    alone = [*[None] * 3, 7, None]
    line = line_of(history(*range(20), *alone, *range(20)))

    assert len(line.dots) == 1


def test_first_week_stands_in_the_middle() -> None:
    line = line_of(history(5))

    assert (line.pieces, line.last[0], line.labels[0][1]) == ([], round(LEFT + (100 - LEFT) / 2, 2), str(WEEK))


@pytest.mark.parametrize(("weeks", "labels"), ((2, [0, 1]), (3, [0, 1, 2]), (4, [0, 1, 2, 3]), (52, [0, 17, 34, 51])))
def test_weeks_are_labelled(weeks: int, labels: list[int]) -> None:
    line = line_of(history(*[5] * weeks))

    assert [str(WEEK.shifted(place)) for place in labels] == [text for _, text, _ in line.labels]


def test_labels_stay_inside() -> None:
    assert [anchor for _, _, anchor in line_of(history(*[5] * 9)).labels] == ["start", "middle", "middle", "end"]


@pytest.mark.parametrize(
    ("totals", "begin"),
    (
        *(((0,), 0), ((1,), 0), ((99, 98), 0), ((100, 1000), 0)),
        *(((25_000, 24_990), 24_400), ((20_000, 25_000), 20_000), ((40_000_000,), 39_200_000)),
    ),
)
def test_line_begins_sensibly(totals: tuple[int, ...], begin: int) -> None:
    assert begin == line_of(history(*totals)).begin
