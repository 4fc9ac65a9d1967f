"""Office hours: C7's three scans, Tết, and the edges of a day."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from kt1.clock import ZONE
from kt1.hours import Calendar


def at(text: str) -> int:
    """Unix milliseconds of a local time "yyyy-mm-dd HH:MM"."""
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp()) * 1000


@pytest.mark.parametrize(
    "moment",
    [
        "2026-11-20 23:00",  # a night, C7
        "2026-11-22 09:00",  # a Sunday, C7
        "2026-09-02 09:00",  # National day, C7
        "2026-02-16 09:00",  # the eve of Tết
        "2026-02-20 09:00",  # the fourth day
        "2026-04-26 09:00",  # Hùng Kings' day
        "2026-11-20 07:29",
        "2026-11-20 11:30",
        "2026-11-20 17:00",
    ],
)
def test_off_hours(moment: str) -> None:
    """Such a scan is marked, so that it can be reported (C7)."""
    assert Calendar().is_off_hours(at(moment))


@pytest.mark.parametrize("moment", ["2026-11-20 07:30", "2026-11-20 16:59", "2026-02-23 09:00"])
def test_office_hours(moment: str) -> None:
    """An ordinary working day stays unmarked, the fifth working day of the new year too."""
    assert not Calendar().is_off_hours(at(moment))


def test_holidays_of_a_year_can_be_added() -> None:
    """The government names further days off each year."""
    assert Calendar(extra_holidays=frozenset({date(2026, 9, 1)})).is_off_hours(at("2026-09-01 09:00"))
    assert not Calendar().is_off_hours(at("2026-09-01 09:00"))
