"""The ISO week: its form, its edges, its order."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vehicles.domain.errors import Fault, InvalidWeek
from vehicles.domain.summary.week import FIRST_YEAR, LAST_YEAR, IsoWeek
from vehicles.testing.strategies import timestamps, weeks, zones

TICK = timedelta(microseconds=1)
BERLIN = ZoneInfo("Europe/Berlin")
# Years of 53 weeks: those whose Thursdays are 53 (a calendar says so).
LONG_YEARS = (1992, 1998, 2004, 2009, 2015, 2020, 2026, 2032, 2037, 2043, 2048, 2054)


@given(weeks())
def test_text_round_trips(week: IsoWeek) -> None:
    assert week == IsoWeek.parse(str(week))


@given(timestamps(), zones())
def test_timestamp_lies_in_its_week(timestamp: datetime, zone: ZoneInfo) -> None:
    week = IsoWeek.containing(timestamp, zone)

    assert week.start(zone) <= timestamp < week.end(zone)


@given(weeks(), zones())
def test_bounds_belong_to_the_week(week: IsoWeek, zone: ZoneInfo) -> None:
    start, end = week.start(zone), week.end(zone)

    assert {week} == {IsoWeek.containing(start, zone), IsoWeek.containing(end - TICK, zone)}
    assert (end, UTC, UTC) == (week.shifted(1).start(zone), start.tzinfo, end.tzinfo)


@pytest.mark.parametrize(
    ("text", "hours"), (("2026-W13", 167), ("2026-W14", 168), ("2026-W43", 169), ("2026-W44", 168), ("2026-W53", 168))
)
def test_clock_changes_bend_weeks(text: str, hours: int) -> None:
    week = IsoWeek.parse(text)

    assert timedelta(hours=hours) == week.end(BERLIN) - week.start(BERLIN)


def test_leap_over_midnight_starts_week() -> None:
    # In Iran the clocks went from Sunday 24:00 to Monday 1:00 on 22 March 2021.
    assert IsoWeek(2021, 12).start(ZoneInfo("Asia/Tehran")) == datetime(2021, 3, 21, 20, 30, tzinfo=UTC)


@given(weeks(), st.integers(-1000, 1000))
def test_shift_is_undone(week: IsoWeek, by: int) -> None:
    shifted = week.shifted(by)

    assert (week, by) == (shifted.shifted(-by), week.weeks_until(shifted))


@pytest.mark.parametrize(
    ("timestamp", "text"),
    (
        (datetime(2020, 12, 31, tzinfo=UTC), "2020-W53"),
        (datetime(2021, 1, 3, 23, 59, 59, 999999, tzinfo=UTC), "2020-W53"),
        (datetime(2021, 1, 4, tzinfo=UTC), "2021-W01"),
        (datetime(2025, 12, 29, tzinfo=UTC), "2026-W01"),
        (datetime(2026, 1, 1, tzinfo=UTC), "2026-W01"),
        (datetime(2026, 12, 31, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 3, 23, 59, 59, 999999, tzinfo=UTC), "2026-W53"),
        (datetime(2027, 1, 4, tzinfo=UTC), "2027-W01"),
    ),
)
def test_new_year_keeps_its_week(timestamp: datetime, text: str) -> None:
    assert text == str(IsoWeek.containing(timestamp, UTC))


@pytest.mark.parametrize("year", range(1990, 2060))
def test_long_years_have_53(year: int) -> None:
    assert (53 if year in LONG_YEARS else 52) == IsoWeek(year + 1, 1).shifted(-1).number


@pytest.mark.parametrize(
    "text",
    ("2026-W00", "2026-W54", "2026-W99", "1899-W52", "0000-W01", "9999-W01", "2019-W53", "2021-W53", "2027-W53"),
)
def test_unknown_weeks_are_rejected(text: str) -> None:
    with pytest.raises(InvalidWeek, match=r"there is no week \d+ of \d+ between 1900 and 9998") as error:
        IsoWeek.parse(text)

    assert error.value.code == "week.unknown"


@pytest.mark.parametrize(
    "text",
    (
        *("", "2026", "2026-47", "2026W47", "2026-w47", "2026-W7", "2026-W047", "26-W47", "2026-W47\n", " 2026-W47"),
        *("2026-W47-1", "+2026-W47", "2026-W4\u0667", "\uff12026-W47", "2026\u2010W47", "9" * 3000),
    ),
)
def test_other_forms_are_rejected(text: str) -> None:
    fault = Fault("week.form", "a week is written as year and number, such as 2026-W47")
    with pytest.raises(InvalidWeek) as error:
        IsoWeek.parse(text)

    assert error.value.faults == (fault,)


def test_last_week_has_an_end() -> None:
    assert datetime(9999, 1, 4, tzinfo=UTC) == IsoWeek(LAST_YEAR, 53).end(UTC)


@pytest.mark.parametrize("by", (1, 1000, 10**6, 10**12))
def test_shift_stays_in_bounds(by: int) -> None:
    for edge, shift in ((IsoWeek(FIRST_YEAR, 1), -by), (IsoWeek(LAST_YEAR, 53), by)):
        with pytest.raises(InvalidWeek, match="between 1900 and 9998") as error:
            edge.shifted(shift)
        assert error.value.code == "week.unknown"


@pytest.mark.parametrize(
    "timestamp",
    (
        datetime(1899, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=12))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    ),
)
def test_timestamps_out_of_bounds(timestamp: datetime) -> None:
    with pytest.raises(InvalidWeek):
        IsoWeek.containing(timestamp, UTC)
