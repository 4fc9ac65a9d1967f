"""When the simulated province works: +07:00, workdays without Saturdays, Sundays, holidays and Tết."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from kt1.clock import DAY_MS, HOUR_MS, MINUTE_MS, local_date
from kt1.hours import Calendar

__all__ = ["CLOSING_MS", "OPENING_MS", "ZONE_MS", "day_of_ms", "is_workday", "next_workday", "until_open"]

ZONE_MS: Final = 7 * HOUR_MS
OPENING_MS: Final = 7 * HOUR_MS + 30 * MINUTE_MS
CLOSING_MS: Final = 17 * HOUR_MS
_SATURDAY: Final = 5
_CALENDAR: Final = Calendar()


def day_of_ms(now_ms: int) -> int:
    """00:00 +07:00 of the day of a moment, unix ms."""
    return now_ms - (now_ms + ZONE_MS) % DAY_MS


def is_workday(now_ms: int) -> bool:
    """Whether offices work on the day of a moment."""
    return _works(day_of_ms(now_ms))


@lru_cache(maxsize=1024)
def _works(midnight_ms: int) -> bool:
    day = local_date(midnight_ms)
    return day.weekday() < _SATURDAY and not _CALENDAR.is_holiday(day)


def next_workday(now_ms: int) -> int:
    """00:00 +07:00 of the first workday after the day of a moment, unix ms."""
    midnight_ms = day_of_ms(now_ms) + DAY_MS
    while not _works(midnight_ms):
        midnight_ms += DAY_MS
    return midnight_ms


def until_open(now_ms: int) -> int:
    """The same moment where the offices are open (workdays 07:30 to 17:00), or when they open next."""
    midnight_ms = day_of_ms(now_ms)
    clock_ms = now_ms - midnight_ms
    if not _works(midnight_ms) or clock_ms >= CLOSING_MS:
        return next_workday(now_ms) + OPENING_MS
    return max(now_ms, midnight_ms + OPENING_MS)
