"""The ISO week: its form, its edges, its order."""

import copy
import pickle
from datetime import UTC, datetime, time, timedelta, timezone
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
def test_moment_lies_in_its_week(moment: datetime, zone: ZoneInfo) -> None:
    week = IsoWeek.containing(moment, zone)

    assert week.start(zone) <= moment < week.end(zone)


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


@pytest.mark.parametrize(
    ("zone", "text"), (("Pacific/Kiritimati", "2027-W01"), ("UTC", "2026-W53"), ("America/New_York", "2026-W53"))
)
def test_year_turns_by_zone(zone: str, text: str) -> None:
    moment = datetime(2027, 1, 3, 12, tzinfo=UTC)  # a Sunday, and the last day of ISO year 2026, but not everywhere

    assert text == str(IsoWeek.containing(moment, ZoneInfo(zone)))


@given(weeks())
def test_week_starts_monday_midnight(week: IsoWeek) -> None:
    start = week.start(UTC)

    assert (start.weekday(), start.time(), week.end(UTC) - start) == (0, time.min, timedelta(days=7))


@given(weeks(), st.integers(-1000, 1000))
def test_shift_is_undone(week: IsoWeek, by: int) -> None:
    shifted = week.shifted(by)

    assert (week, by) == (shifted.shifted(-by), week.weeks_until(shifted))


@given(weeks(), weeks())
def test_order_is_that_of_time(one: IsoWeek, other: IsoWeek) -> None:
    assert {one < other} == {one.start(UTC) < other.start(UTC), str(one) < str(other)}


@given(weeks())
def test_week_survives_copying(week: IsoWeek) -> None:
    assert {week} == {pickle.loads(pickle.dumps(week)), copy.deepcopy(week)}  # noqa: S301 — just pickled here


@pytest.mark.parametrize(
    ("moment", "text"),
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
def test_new_year_keeps_its_week(moment: datetime, text: str) -> None:
    assert text == str(IsoWeek.containing(moment, UTC))


def test_other_zones_are_converted() -> None:
    # Monday in Auckland is still Sunday in UTC.
    moment = datetime(2021, 1, 4, 9, 0, tzinfo=timezone(timedelta(hours=13)))

    assert str(IsoWeek.containing(moment, UTC)) == "2020-W53"


@pytest.mark.parametrize("year", range(1990, 2060))
def test_long_years_have_53(year: int) -> None:
    assert (53 if year in LONG_YEARS else 52) == IsoWeek(year + 1, 1).shifted(-1).number


UNKNOWN = ("2026-W00", "2026-W54", "2026-W99", "1899-W52", "0000-W01", "9999-W01", "2019-W53", "2021-W53", "2027-W53")
OTHER_FORMS = (
    *("", "2026", "2026-47", "2026W47", "2026-w47", "2026-W7", "2026-W047", "26-W47", "2026-W47\n", " 2026-W47"),
    *("2026-W47-1", "+2026-W47", "2026-W4\u0667", "\uff12026-W47", "2026\u2010W47", "9" * 3000),
)


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_weeks_are_refused(text: str) -> None:
    with pytest.raises(InvalidWeek) as refusal:
        IsoWeek.parse(text)

    assert refusal.value.code == "week.unknown"


@pytest.mark.parametrize("text", OTHER_FORMS)
def test_other_forms_are_refused(text: str) -> None:
    fault = Fault("week.form", "a week is written as year and number, such as 2026-W47")
    with pytest.raises(InvalidWeek) as refusal:
        IsoWeek.parse(text)

    assert refusal.value.faults == (fault,)


@given(st.text())
def test_any_text_is_answered(text: str) -> None:
    try:
        found = str(IsoWeek.parse(text))
    except InvalidWeek:
        found = text

    assert text == found


@pytest.mark.parametrize(
    ("text", "start"), (("1900-W01", "1900-01-01T00:00:00+00:00"), ("9998-W01", "9997-12-29T00:00:00+00:00"))
)
def test_bounds_are_weeks(text: str, start: str) -> None:
    assert start == IsoWeek.parse(text).start(UTC).isoformat()


def test_last_week_has_an_end() -> None:
    assert datetime(9999, 1, 4, tzinfo=UTC) == IsoWeek(LAST_YEAR, 53).end(UTC)


@pytest.mark.parametrize("by", (1, 1000, 10**6, 10**12))
def test_shift_stays_in_bounds(by: int) -> None:
    for edge, shift in ((IsoWeek(FIRST_YEAR, 1), -by), (IsoWeek(LAST_YEAR, 53), by)):
        with pytest.raises(InvalidWeek, match="between 1900 and 9998") as refusal:
            edge.shifted(shift)
        assert refusal.value.code == "week.unknown"


@pytest.mark.parametrize(
    "moment",
    (
        datetime(1899, 12, 31, 23, 59, 59, 999999, tzinfo=UTC),
        datetime.min.replace(tzinfo=UTC),
        datetime.max.replace(tzinfo=UTC),
        datetime.min.replace(tzinfo=timezone(timedelta(hours=12))),
        datetime.max.replace(tzinfo=timezone(timedelta(hours=-12))),
    ),
)
def test_moments_out_of_bounds(moment: datetime) -> None:
    with pytest.raises(InvalidWeek):
        IsoWeek.containing(moment, UTC)


def test_refusal_names_the_week() -> None:
    with pytest.raises(InvalidWeek, match=r"no week 54 of 2026 between 1900 and 9998"):
        IsoWeek(2026, 54)
