"""The lunar calendar against days that history recorded."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kt1.lunar import lunar_date

# New Year's days as celebrated; 1968, 1985, 2007 and 2030 differ from China's calendar (UTC+8).
TET = [
    date(1968, 1, 29),
    date(1985, 1, 21),
    date(2007, 2, 17),
    date(2017, 1, 28),
    date(2020, 1, 25),
    date(2023, 1, 22),
    date(2024, 2, 10),
    date(2025, 1, 29),
    date(2026, 2, 17),
    date(2030, 2, 2),
]


@pytest.mark.parametrize("day", TET, ids=str)
def test_tet_is_the_first_day_of_the_first_month(day: date) -> None:
    """Off-hours marks at Tết hang on this."""
    assert lunar_date(day) == (1, 1, False)
    assert lunar_date(day - timedelta(days=1))[1] == 12


@pytest.mark.parametrize("day", [date(2024, 4, 18), date(2025, 4, 7), date(2026, 4, 26)], ids=str)
def test_hung_kings_day(day: date) -> None:
    """A public holiday since 2007."""
    assert lunar_date(day) == (10, 3, False)


def test_leap_month_is_said() -> None:
    """2025 has two sixth months; only one of them is leap."""
    assert lunar_date(date(2025, 6, 25)) == (1, 6, False)
    assert lunar_date(date(2025, 7, 25)) == (1, 6, True)


@given(st.dates(date(1901, 1, 1), date(2099, 12, 30)))
def test_days_follow_each_other(day: date) -> None:
    """Each day is one later than the day before, or the first of a month after 29 or 30 days."""
    today, tomorrow = lunar_date(day), lunar_date(day + timedelta(days=1))
    if tomorrow[0] == 1:
        assert today[0] in {29, 30}
    else:
        assert tomorrow == (today[0] + 1, today[1], today[2])
