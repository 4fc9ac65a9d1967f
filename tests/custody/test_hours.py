"""Working time is counted alike by everybody: by a slow count of minutes too."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.directory import Calendar
from custody.hours import LONGEST_DAYS, day_number, worked_since_ms, working_ms

MINUTE_MS, DAY_MS = 60_000, 86_400_000
ZONE = dt.timezone(dt.timedelta(hours=7))
FIRST = dt.datetime(2024, 1, 1, tzinfo=ZONE)

spans = st.tuples(st.integers(0, 1_440), st.integers(0, 1_440))
calendars = st.builds(
    Calendar,
    st.dictionaries(st.integers(0, 6), st.lists(spans, max_size=3).map(tuple)),
    st.frozensets(st.integers(-3, 12), max_size=5),
    st.frozensets(st.integers(-3, 12), max_size=3),
)
minutes = st.integers(-3 * 1_440, 10 * 1_440)


def at(minute: int) -> int:
    """Return unix ms of a minute after midnight of Monday 01/01/2024 at +07:00."""
    return int(FIRST.timestamp() * 1000) + minute * MINUTE_MS


def is_open(calendar: Calendar, minute: int) -> bool:
    """Ask the calendar about one minute, as a person would."""
    moment = FIRST + dt.timedelta(minutes=minute)
    day, of_day = (moment.date() - FIRST.date()).days, moment.hour * 60 + moment.minute
    weekday = 0 if day in calendar.workdays else moment.weekday()
    if day in calendar.holidays and day not in calendar.workdays:
        return False
    return any(begin <= of_day < end for begin, end in calendar.hours.get(weekday, ()))


@given(calendars, minutes, st.integers(0, 3 * 1_440))
def test_working_time_is_the_number_of_open_minutes(calendar: Calendar, start: int, length: int) -> None:
    """Overlapping hours count once; holidays and exchanged days are honoured."""
    slow = sum(is_open(calendar, minute) for minute in range(start, start + length))

    assert working_ms(calendar, at(start), at(start + length)) == slow * MINUTE_MS


@given(calendars, minutes, minutes, minutes, st.integers(0, MINUTE_MS - 1))
def test_working_time_adds_up(calendar: Calendar, a: int, b: int, c: int, odd_ms: int) -> None:
    """No cut in between gains or loses a millisecond."""
    first, middle, last = sorted((at(a) + odd_ms, at(b), at(c)))
    halves = working_ms(calendar, first, middle) + working_ms(calendar, middle, last)

    assert working_ms(calendar, first, last) == halves
    assert 0 <= halves <= last - first


@given(calendars, minutes, minutes)
def test_time_that_runs_backwards_is_none(calendar: Calendar, a: int, b: int) -> None:
    """A clock that was set back has not worked."""
    assert working_ms(calendar, at(max(a, b)), at(min(a, b))) == 0


def test_only_so_many_days_are_counted() -> None:
    """A claimed time in the year 2099 costs no more than a year's count."""
    always = Calendar(dict.fromkeys(range(7), ((0, 1_440),)), frozenset(), frozenset())

    assert working_ms(always, at(0), at(0) + 80 * 365 * DAY_MS) == (LONGEST_DAYS + 1) * DAY_MS


@pytest.mark.parametrize("minute, day", [(0, 0), (1_439, 0), (1_440, 1), (-1, -1)])
def test_days_turn_over_at_midnight_here(minute: int, day: int) -> None:
    """At +07:00, not in Greenwich."""
    assert day_number(at(minute)) == day


@given(calendars, minutes, st.integers(1, 4_000 * MINUTE_MS), st.integers(-2, 2), st.integers(0, 9 * 1_440))
def test_a_database_finds_what_the_calendar_finds(
    calendar: Calendar, end: int, worked_ms: int, near: int, before: int
) -> None:
    """One moment for each office tells what has lain too long, to the millisecond."""
    since = worked_since_ms(calendar, at(end), worked_ms)

    for moment in (since + near, at(end - before)):
        if moment > at(end) - (LONGEST_DAYS - 1) * DAY_MS:
            assert (moment <= since) == (working_ms(calendar, moment, at(end)) >= worked_ms)
