"""The ISO week (ISO 8601): Monday to Sunday, of the year that holds its Thursday. It turns at midnight UTC."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final, Self

from vehicles.domain.errors import Fault, InvalidWeek

FIRST_YEAR: Final = 1900
LAST_YEAR: Final = 9998
_FORM: Final = re.compile(r"([0-9]{4})-W([0-9]{2})")
_WEEK: Final = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, order=True)
class IsoWeek:
    """A week of an ISO year, ordered by time. Raises InvalidWeek where the year has no such week.

    >>> week = IsoWeek.parse("2026-W01")
    >>> str(week), str(week.shifted(-1)), week.start.isoformat()
    ('2026-W01', '2025-W52', '2025-12-29T00:00:00+00:00')
    """

    year: int
    number: int

    def __post_init__(self) -> None:
        """Refuse a week 53 that the year does not have, and years that nobody means."""
        try:
            date.fromisocalendar(self.year, self.number, 1)
        except ValueError:
            valid = False
        else:
            valid = FIRST_YEAR <= self.year <= LAST_YEAR
        if not valid:
            detail = f"there is no week {self.number} of {self.year} between {FIRST_YEAR} and {LAST_YEAR}"
            raise InvalidWeek(Fault("week.unknown", detail))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the week that a text such as 2026-W47 names. Raises InvalidWeek."""
        match = _FORM.fullmatch(text)
        if match is None:
            raise InvalidWeek(Fault("week.form", "a week is written as year and number, such as 2026-W47"))
        return cls(int(match[1]), int(match[2]))

    @classmethod
    def containing(cls, moment: datetime) -> Self:
        """Return the week in which an aware moment lies. Raises InvalidWeek for a year out of bounds."""
        try:
            year, number, _ = moment.astimezone(UTC).isocalendar()
        except OverflowError as error:
            raise _out_of_bounds() from error
        return cls(year, number)

    @classmethod
    def named(cls, text: str, now: datetime) -> Self:
        """Return the week that people name: current, last (the one that has just ended), or one to `parse`."""
        match text:
            case "current":
                return cls.containing(now)
            case "last":
                return cls.containing(now).shifted(-1)
            case _:
                return cls.parse(text)

    @property
    def start(self) -> datetime:
        """The first moment of the week, in UTC."""
        monday = date.fromisocalendar(self.year, self.number, 1)
        return datetime(monday.year, monday.month, monday.day, tzinfo=UTC)

    @property
    def end(self) -> datetime:
        """The first moment after the week, in UTC."""
        return self.start + _WEEK

    def shifted(self, weeks: int) -> Self:
        """Return the week so many weeks later, or earlier where the number is negative. Raises InvalidWeek."""
        try:
            monday = self.start + weeks * _WEEK
        except OverflowError as error:
            raise _out_of_bounds() from error
        return type(self).containing(monday)

    def __str__(self) -> str:
        """Return the form of ISO 8601, such as 2026-W47."""
        return f"{self.year:04d}-W{self.number:02d}"


def _out_of_bounds() -> InvalidWeek:
    return InvalidWeek(Fault("week.unknown", f"the week is not between {FIRST_YEAR} and {LAST_YEAR}"))
