"""The geometry of the charts on the summary's page: numbers to places, and no markup.

Across, places are percentages of the drawing, so that it fits a phone as it fits a sheet of paper while its letters
keep their size; down, they are pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from vehicles.domain.summary.report import WeekTotal
from vehicles.domain.summary.week import IsoWeek

HEIGHT: Final = 264.0
TOP: Final = 22.0  # room for a number above the highest mark
BOTTOM: Final = 240.0  # below stand the weeks
LEFT: Final = 11.0  # percent: before stand the numbers of the scale
MOST_BARS: Final = 10
_MOST_STEPS: Final = 4
_MOST_DOTS: Final = 14
_MOST_LABELS: Final = 4
_COLUMN_SHARE: Final = 0.68
_MOST_NARROW: Final = 3  # characters: twelve columns on 340 pixels have 25 each
_THOUSAND: Final = 1000
_SMALL: Final = 100  # so few vehicles are shown from nought
_LEAST_SPAN: Final = 50  # a fiftieth of the fleet is the least that a scale spans, lest a single vehicle look like much


@dataclass(frozen=True, slots=True)
class Tick:
    """A line of the scale."""

    y: float
    label: str


@dataclass(frozen=True, slots=True)
class Label:
    """A text under the drawing; `anchor` is SVG's text-anchor."""

    x: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar that lies: its width is a percentage of the longest. The others together have none, for they are many."""

    label: str
    vehicles: int
    width: float | None


@dataclass(frozen=True, slots=True)
class Column:
    """A bar that stands."""

    x: float
    width: float
    y: float
    height: float
    middle: float
    number: str
    label: str


@dataclass(frozen=True, slots=True)
class Columns:
    """Bars that stand side by side on a scale from nought; their numbers may be too wide for a phone."""

    ticks: tuple[Tick, ...]
    columns: tuple[Column, ...]

    @property
    def wide(self) -> bool:
        """Whether numbers would touch each other on a phone."""
        return any(len(column.number) > _MOST_NARROW for column in self.columns)


@dataclass(frozen=True, slots=True)
class Dot:
    """A mark of a line."""

    x: float
    y: float


@dataclass(frozen=True, slots=True)
class Line:
    """A line over weeks, in pieces where weeks are missing.

    `lines` are pairs of coordinates as SVG writes them, across from 0 to 100 between the edges of the scale.
    `begin` is the number at which the scale begins.
    """

    ticks: tuple[Tick, ...]
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    last: Dot
    labels: tuple[Label, ...]
    begin: int


@dataclass(frozen=True, slots=True)
class Scale:
    """A scale in even steps of one, two or five times a power of ten."""

    low: int
    high: int
    step: int

    @classmethod
    def over(cls, low: int, high: int) -> "Scale":
        """Return the scale with the fewest steps, at most four, that holds both; it is never empty."""
        step = 1
        while True:
            for factor in (1, 2, 5):
                width = step * factor
                first, last = low // width, -(-max(high, low + 1) // width)
                if last - first <= _MOST_STEPS:
                    return cls(first * width, last * width, width)
            step *= 10

    def y(self, value: int) -> float:
        """Return the height at which a value stands."""
        return round(BOTTOM - (value - self.low) / (self.high - self.low) * (BOTTOM - TOP), 2)

    @property
    def ticks(self) -> tuple[Tick, ...]:
        """The lines of the scale, lowest first."""
        return tuple(Tick(self.y(value), short(value, digits=4)) for value in range(self.low, self.high + 1, self.step))


def short(number: int, digits: int = 3) -> str:
    """Return a whole number in as few characters as tell it to so many digits.

    >>> short(999), short(1250), short(24999), short(999999), short(40000000)
    ('999', '1.25k', '25k', '1M', '40M')
    """
    value, unit = float(number), ""
    for larger in ("k", "M", "G", "T"):
        if float(f"{value:.{digits}g}") < _THOUSAND:
            break
        value, unit = value / _THOUSAND, larger
    return f"{value:.{digits}g}{unit}"


def bars_of(rows: Sequence[tuple[str, int]], *, others: str = "others") -> tuple[Bar, ...]:
    """Return a bar for each row; of many rows one for each of the first ten; the others are added up."""
    shown, rest = rows[:MOST_BARS], rows[MOST_BARS:]
    if len(rest) == 1:
        shown, rest = rows, ()
    longest = max([*(vehicles for _, vehicles in shown), 1])
    bars = [Bar(label, vehicles, round(vehicles / longest * 100, 2)) for label, vehicles in shown]
    if rest:
        bars.append(Bar(f"{len(rest):,} {others}", sum(vehicles for _, vehicles in rest), None))
    return tuple(bars)


def columns_of(rows: Sequence[tuple[str, int]]) -> Columns:
    """Return a column for each row, all equally wide."""
    scale = Scale.over(0, max(vehicles for _, vehicles in rows))
    each = (100 - LEFT) / len(rows)
    width = round(each * _COLUMN_SHARE, 2)
    columns = []
    for place, (label, vehicles) in enumerate(rows):
        middle = round(LEFT + each * (place + 0.5), 2)
        y = scale.y(vehicles)
        left = round(middle - width / 2, 2)
        columns.append(Column(left, width, y, round(BOTTOM - y, 2), middle, short(vehicles), label))
    return Columns(scale.ticks, tuple(columns))


def line_of(history: Sequence[WeekTotal]) -> Line:
    """Return the line through the totals, each at its week.

    The scale begins at nought, except for totals so close together that the line would be flat.
    """
    scale = _scale_of([past.total for past in history])
    first, last = history[0].week, history[-1].week
    span = first.weeks_until(last)

    def x(week: IsoWeek) -> float:
        return round(first.weeks_until(week) / span * 100, 2) if span else 50.0

    pieces = [[history[0]]]
    for before, past in pairwise(history):
        if before.week.weeks_until(past.week) > 1:
            pieces.append([])
        pieces[-1].append(past)
    marked = history if len(history) <= _MOST_DOTS else [piece[0] for piece in pieces if len(piece) == 1]
    parts = min(span, _MOST_LABELS - 1)
    labelled = [first.shifted(round(span * part / parts)) for part in range(parts + 1)] if parts else [first]
    anchors = ["start", *["middle"] * (parts - 1), "end"] if parts else ["middle"]
    return Line(
        scale.ticks,
        tuple(
            " ".join(f"{x(past.week):g},{scale.y(past.total):g}" for past in piece)
            for piece in pieces
            if len(piece) > 1
        ),
        tuple(Dot(_outer(x(past.week)), scale.y(past.total)) for past in marked),
        Dot(_outer(x(last)), scale.y(history[-1].total)),
        tuple(Label(_outer(x(week)), str(week), anchor) for week, anchor in zip(labelled, anchors, strict=True)),
        scale.low,
    )


def _scale_of(totals: Sequence[int]) -> Scale:
    low, high = min(totals), max(totals)
    if low * 2 < high or high < _SMALL:
        return Scale.over(0, high)
    return Scale.over(min(low, high - high // _LEAST_SPAN), high)


def _outer(x: float) -> float:
    return round(LEFT + x * (100 - LEFT) / 100, 2)
