"""The ISO week (ISO 8601): Monday to Sunday; it belongs to the year of its Thursday.

Its start and end depend on the time zone: a week in which the clocks change has 167 or 169 hours.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Final, Self

from vehicles.domain.errors import Fault, InvalidWeek

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 9998
_PATTERN: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """A week of an ISO year, ordered by time. Raises InvalidWeek if the year has no such week.

    >>> week = IsoWeek.parse("2026-W01")
    >>> str(week), str(week.shifted(-1)), str(week.monday)
    ('2026-W01', '2025-W52', '2025-12-29')
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        # 28 December is always in the last week of its ISO year.
        known_year = FIRST_YEAR <= self.year <= LAST_YEAR
        if not (known_year and 1 <= self.number <= date(self.year, 12, 28).isocalendar().week):
            detail = f"there is no week {self.number} of {self.year} between {FIRST_YEAR} and {LAST_YEAR}"
            raise InvalidWeek(Fault("week.unknown", detail))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the week of a string such as 2026-W47. Raises InvalidWeek."""
        match = _PATTERN.fullmatch(text)
        if match is None:
            raise InvalidWeek(Fault("week.form", "a week is written as year and number, such as 2026-W47"))
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def containing(cls, timestamp: datetime, zone: tzinfo) -> Self:
        """Return the week of an aware timestamp in a time zone. Raises InvalidWeek outside the years 1900 to 9998."""
        try:
            return cls.of_day(timestamp.astimezone(zone).date())
        except OverflowError as error:
            raise _out_of_bounds() from error

    @classmethod
    def of_day(cls, day: date) -> Self:
        """Return the week of a day. Raises InvalidWeek."""
        year, number, _ = day.isocalendar()
        return cls(year, number)

    @property
    def monday(self) -> date:
        """The first day of the week."""
        return date.fromisocalendar(self.year, self.number, 1)

    def start(self, zone: tzinfo) -> datetime:
        """Return the start of the week in a time zone, in UTC."""
        return _midnight(self.monday, zone)

    def end(self, zone: tzinfo) -> datetime:
        """Return the end of the week in a time zone, exclusive, in UTC."""
        return _midnight(self.monday + _WEEK, zone)

    def shifted(self, weeks: int) -> Self:
        """Return the week that many weeks later, or earlier if the number is negative. Raises InvalidWeek."""
        try:
            return self.of_day(self.monday + weeks * _WEEK)
        except OverflowError as error:
            raise _out_of_bounds() from error

    def weeks_until(self, other: Self) -> int:
        """Return the number of weeks until another one, negative if that is earlier."""
        return (other.monday - self.monday) // _WEEK

    def __str__(self) -> str:
        return f"{self.year:04d}-W{self.number:02d}"


def _midnight(day: date, zone: tzinfo) -> datetime:
    # If the clocks skip midnight, the result is the time of the change (PEP 495, fold 0).
    return datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)


def _out_of_bounds() -> InvalidWeek:
    return InvalidWeek(Fault("week.unknown", f"the week is not between {FIRST_YEAR} and {LAST_YEAR}"))
