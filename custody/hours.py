"""Working time: how much of the time between two moments an office was open, by its calendar in the log.

Whole numbers only, in the one time zone of the country (+07:00, no summer time), so that every verifier counts alike.
"""

from __future__ import annotations

from typing import Final

from custody.directory import Calendar

__all__ = ["LONGEST_DAYS", "day_number", "worked_since_ms", "working_ms"]

LONGEST_DAYS: Final = 400
"""Days that are counted at most: what lies further apart is beyond every limit, or nothing a clock said."""
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
_ZONE_MS: Final = 7 * 3_600_000
_FIRST_DAY: Final = 19_723  # 2024-01-01, a Monday, in days since 1970-01-01
_WEEK: Final = 7


def day_number(at_ms: int) -> int:
    """Return the day of a moment at +07:00, in days since 2024-01-01; below 0 before."""
    return (at_ms + _ZONE_MS) // _DAY_MS - _FIRST_DAY


def working_ms(calendar: Calendar, from_ms: int, to_ms: int) -> int:
    """Return how many ms between two moments (unix ms) an office works; 0 where the second is not the later one.

    Counts the first `LONGEST_DAYS` days only.
    """
    first, last = day_number(from_ms), day_number(to_ms)
    worked = 0
    for day in range(first, min(last, first + LONGEST_DAYS) + 1):
        midnight_ms = (day + _FIRST_DAY) * _DAY_MS - _ZONE_MS
        counted_ms = from_ms
        for begin, end in _spans(calendar, day):
            begin_ms = max(midnight_ms + begin * _MINUTE_MS, counted_ms)
            end_ms = min(midnight_ms + end * _MINUTE_MS, to_ms)
            if end_ms > begin_ms:
                worked += end_ms - begin_ms
                counted_ms = end_ms
    return worked


def worked_since_ms(calendar: Calendar, to_ms: int, worked_ms: int) -> int:
    """Return the latest moment from which at least *worked_ms* (1 or more) is worked until *to_ms*.

    So that `working_ms(calendar, at, to_ms) >= worked_ms` is `at <= worked_since_ms(calendar, to_ms, worked_ms)`, which
    a database can ask. Where an office does not work as much in `LONGEST_DAYS` days: 0.
    """
    last, left_ms = day_number(to_ms), worked_ms
    for day in range(last, last - LONGEST_DAYS, -1):
        midnight_ms = (day + _FIRST_DAY) * _DAY_MS - _ZONE_MS
        counted_ms = to_ms
        for begin, end in sorted(_spans(calendar, day), key=lambda span: span[1], reverse=True):
            end_ms = min(midnight_ms + end * _MINUTE_MS, counted_ms)
            begin_ms = midnight_ms + begin * _MINUTE_MS
            if end_ms - begin_ms >= left_ms:
                return end_ms - left_ms
            if end_ms > begin_ms:
                left_ms -= end_ms - begin_ms
                counted_ms = begin_ms
    return 0


def _spans(calendar: Calendar, day: int) -> list[tuple[int, int]]:
    """Return the hours of a day, earliest first; a day worked in place of another has Monday's."""
    if day in calendar.workdays:
        return sorted(calendar.hours.get(0, ()))
    if day in calendar.holidays:
        return []
    return sorted(calendar.hours.get(day % _WEEK, ()))
