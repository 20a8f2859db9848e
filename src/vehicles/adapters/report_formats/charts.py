"""The geometry of the charts on the page of a summary: from numbers to coordinates, without markup.

X coordinates are percentages of the width, so that a chart fits any screen or paper while the size of its text stays
the same. Y coordinates are pixels.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from vehicles.domain.summary.report import WeekTotal

HEIGHT: Final = 264.0
TOP: Final = 22.0  # room for a number above the highest mark
BOTTOM: Final = 240.0  # the labels of the weeks are below
LEFT: Final = 11.0  # percent; the labels of the scale are to the left
MAX_BARS: Final = 10
_MAX_STEPS: Final = 4
_MAX_DOTS: Final = 14
_LABEL_GAPS: Final = 3
_COLUMN_SHARE: Final = 0.68
_MAX_NARROW: Final = 3  # characters: twelve columns on 340 pixels have 25 each
_THOUSAND: Final = 1000
_SMALL: Final = 100  # the scale of a smaller fleet begins at zero
_MIN_SPAN: Final = 50  # a scale spans at least a fiftieth of the fleet, so that one vehicle does not look like many

type Ticks = list[tuple[float, str]]
"""The lines of a scale, lowest first: the y coordinate and the label of each."""


class Bar(NamedTuple):
    """A horizontal bar; its width is a percentage of the longest bar, or None for the sum of the other rows."""

    label: str
    vehicles: int
    width: float | None


class Column(NamedTuple):
    """A vertical bar."""

    x: float
    width: float
    y: float
    height: float
    middle: float
    number: str
    label: str


class Columns(NamedTuple):
    """Vertical bars on a scale from zero. If `wide`, the numbers would overlap on a phone."""

    ticks: Ticks
    columns: list[Column]
    wide: bool


class Line(NamedTuple):
    """A line over weeks, divided into pieces by missing weeks.

    `pieces` are coordinates in the syntax of SVG, with x from 0 to 100 between the edges of the scale.
    `dots` are coordinates, and `last` those of the last week. `labels` are x coordinates, texts and values of SVG's
    text-anchor. `begin` is the lowest number on the scale.
    """

    ticks: Ticks
    pieces: list[str]
    dots: list[tuple[float, float]]
    last: tuple[float, float]
    labels: list[tuple[float, str, str]]
    begin: int


class Scale(NamedTuple):
    """A scale in even steps of one, two or five times a power of ten."""

    low: int
    high: int
    step: int

    @classmethod
    def over(cls, low: int, high: int) -> "Scale":
        """Return the scale with the fewest steps, one to four, that contains both numbers."""
        unit = 1
        while True:
            for step in (unit, 2 * unit, 5 * unit):
                first, last = low // step, -(-max(high, low + 1) // step)
                if last - first <= _MAX_STEPS:
                    return cls(first * step, last * step, step)
            unit *= 10

    def y(self, value: int) -> float:
        """Return the y coordinate of a value."""
        return round(BOTTOM - (value - self.low) / (self.high - self.low) * (BOTTOM - TOP), 2)

    @property
    def ticks(self) -> Ticks:
        """The lines of the scale."""
        return [(self.y(value), short(value, digits=4)) for value in range(self.low, self.high + 1, self.step)]


def short(number: int, digits: int = 3) -> str:
    """Return a whole number in few characters, rounded to `digits` digits.

    >>> short(999), short(1250), short(24999), short(999999), short(40000000)
    ('999', '1.25k', '25k', '1M', '40M')
    """
    value, unit = float(number), ""
    for larger in ("k", "M", "G", "T"):
        if float(f"{value:.{digits}g}") < _THOUSAND:
            break
        value, unit = value / _THOUSAND, larger
    return f"{value:.{digits}g}{unit}"


def bars_of(rows: Sequence[tuple[str, int]], *, others: str = "others") -> list[Bar]:
    """Return a bar per row. Of many rows, the first ten have a bar each, and the others are added up in one."""
    shown, rest = rows[:MAX_BARS], rows[MAX_BARS:]
    if len(rest) == 1:
        shown, rest = rows, ()
    longest = max([*(vehicles for _, vehicles in shown), 1])
    bars = [Bar(label, vehicles, round(vehicles / longest * 100, 2)) for label, vehicles in shown]
    if rest:
        bars.append(Bar(f"{len(rest):,} {others}", sum(vehicles for _, vehicles in rest), None))
    return bars


def columns_of(rows: Sequence[tuple[str, int]]) -> Columns:
    """Return a column per row, all of the same width."""
    scale = Scale.over(0, max(vehicles for _, vehicles in rows))
    each = (100 - LEFT) / len(rows)
    width = round(each * _COLUMN_SHARE, 2)
    columns = []
    for place, (label, vehicles) in enumerate(rows):
        middle = round(LEFT + each * (place + 0.5), 2)
        y = scale.y(vehicles)
        x = round(middle - width / 2, 2)
        columns.append(Column(x, width, y, round(BOTTOM - y, 2), middle, short(vehicles), label))
    return Columns(scale.ticks, columns, any(len(column.number) > _MAX_NARROW for column in columns))


def line_of(history: Sequence[WeekTotal]) -> Line:
    """Return the line through the totals of the weeks.

    The scale begins at zero, unless the totals are so close together that the line would be flat.
    """
    scale = _scale_of([past.total for past in history])
    first = history[0].week
    span = first.weeks_until(history[-1].week)

    def across(offset: int) -> float:
        return round(offset / span * 100, 2) if span else 50.0

    def within(offset: int) -> float:
        return round(LEFT + across(offset) * (100 - LEFT) / 100, 2)

    places = [(first.weeks_until(past.week), scale.y(past.total)) for past in history]
    pieces = [[places[0]]]
    for before, place in pairwise(places):
        if place[0] - before[0] > 1:
            pieces.append([])
        pieces[-1].append(place)
    marked = places if len(places) <= _MAX_DOTS else [piece[0] for piece in pieces if len(piece) == 1]
    dots = [(within(offset), y) for offset, y in marked]
    labelled = sorted({round(span * gaps / _LABEL_GAPS) for gaps in range(_LABEL_GAPS + 1)})
    anchors = {0: "start", span: "end"} if span else {}
    return Line(
        scale.ticks,
        [" ".join(f"{across(offset):g},{y:g}" for offset, y in piece) for piece in pieces if len(piece) > 1],
        dots,
        (within(span), places[-1][1]),
        [(within(offset), str(first.shifted(offset)), anchors.get(offset, "middle")) for offset in labelled],
        scale.low,
    )


def _scale_of(totals: Sequence[int]) -> Scale:
    low, high = min(totals), max(totals)
    if low * 2 < high or high < _SMALL:
        return Scale.over(0, high)
    return Scale.over(min(low, high - high // _MIN_SPAN), high)
