"""Office hours and holidays: scans outside them are marked, never refused (A16, C7)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, time, timedelta

from kt1.clock import local_time
from kt1.lunar import lunar_date

__all__ = ["Calendar"]

_SATURDAY = 5
# Labour Code 2019, article 112: New Year, Victory day, Labour day, National day. The second day of the
# National holiday and the exact days off at Tết are decided each year: `Calendar.extra_holidays`.
_FIXED_HOLIDAYS = frozenset({(1, 1), (30, 4), (1, 5), (2, 9)})
_KINGS_DAY = (10, 3)  # Hùng Kings' day, lunar
_TET_DAYS = 4  # first days of the first lunar month; with the eve, five days of rest


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When offices of the agencies are staffed. The hours are configuration, not law.

    Attributes:
        hours: spans of the working day, local time; the end of a span is outside it.
        extra_holidays: further days off, as announced each year.
    """

    hours: tuple[tuple[time, time], ...] = ((time(7, 30), time(11, 30)), (time(13, 30), time(17, 0)))
    extra_holidays: frozenset[date] = frozenset()

    def is_holiday(self, day: date) -> bool:
        """Whether a day is a public holiday, Tết included; a Sunday by itself is none."""
        if (day.day, day.month) in _FIXED_HOLIDAYS or day in self.extra_holidays:
            return True
        moon_day, month, is_leap = lunar_date(day)
        if (moon_day, month) == _KINGS_DAY and not is_leap:
            return True
        if month == 1 and moon_day <= _TET_DAYS:
            return True
        return lunar_date(day + timedelta(days=1))[:2] == (1, 1)

    def minutes(self, weekday: int) -> list[tuple[int, int]]:
        """The spans of a weekday (0 = Monday), in minutes after midnight; none at weekends."""
        spans = self.hours if weekday < _SATURDAY else ()
        return [(first.hour * 60 + first.minute, last.hour * 60 + last.minute) for first, last in spans]

    def is_off_hours(self, ms: int) -> bool:
        """Whether a unix time in milliseconds falls on a night, a weekend or a holiday (C7).

        At such times the off-hours contact of an agency receives, and the scan is marked so that it can be
        reported. Nothing is refused and no clock stops (A16).
        """
        moment = local_time(ms)
        if moment.weekday() >= _SATURDAY or self.is_holiday(moment.date()):
            return True
        clock = moment.time().replace(tzinfo=None)
        return not any(first <= clock < last for first, last in self.hours)
