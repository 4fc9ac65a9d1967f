"""The Vietnamese lunar calendar, as far as holidays need it: Tết and the Hùng Kings' day.

Astronomical rules: a month begins on the day of the new moon at +07:00, the eleventh month holds the winter
solstice, and in a year of thirteen months the first one without a major solar term is the leap month. New
moon and sun longitude by J. Meeus, Astronomical Algorithms (1991), chapters 47 and 24, in the shortened
series that Hồ Ngọc Đức published for this calendar; good to minutes from 1900 to 2100.
"""

from __future__ import annotations

import math
from datetime import date, timedelta

__all__ = ["lunar_date"]

_ZONE_DAYS = 7 / 24
_SYNODIC_DAYS = 29.530588853
_FIRST_NEW_MOON = 2415021.076998695  # Julian day of the new moon of 1 January 1900
_JULIAN_OF_ORDINAL = 1721424.5  # Julian day of date.fromordinal(0), at 00:00 UTC
_TERMS = 12


def _new_moon(k: int) -> date:
    """The day, at +07:00, of the k-th new moon after 1 January 1900."""
    t = k / 1236.85
    radians = math.pi / 180
    mean = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2 - 0.000000155 * t**3
    mean += 0.00033 * math.sin((166.56 + 132.87 * t - 0.009173 * t**2) * radians)
    sun = (359.2242 + 29.10535608 * k - 0.0000333 * t**2 - 0.00000347 * t**3) * radians
    moon = (306.0253 + 385.81691806 * k + 0.0107306 * t**2 + 0.00001236 * t**3) * radians
    node = (21.2964 + 390.67050646 * k - 0.0016528 * t**2 - 0.00000239 * t**3) * radians
    true = (0.1734 - 0.000393 * t) * math.sin(sun) + 0.0021 * math.sin(2 * sun)
    true += -0.4068 * math.sin(moon) + 0.0161 * math.sin(2 * moon) - 0.0004 * math.sin(3 * moon)
    true += 0.0104 * math.sin(2 * node) - 0.0051 * math.sin(sun + moon)
    true += -0.0074 * math.sin(sun - moon) + 0.0004 * math.sin(2 * node + sun)
    true += -0.0004 * math.sin(2 * node - sun) - 0.0006 * math.sin(2 * node + moon)
    true += 0.0010 * math.sin(2 * node - moon) + 0.0005 * math.sin(2 * moon + sun)
    delta = -0.000278 + 0.000265 * t + 0.000262 * t**2  # dynamical to universal time, days
    return _day_of(mean + true - delta)


def _day_of(julian: float) -> date:
    return date.fromordinal(math.floor(julian - _JULIAN_OF_ORDINAL + _ZONE_DAYS))


def _major_term(day: date) -> int:
    """Which twelfth of the ecliptic the sun is in at 00:00 +07:00; 9 begins at the winter solstice."""
    t = (day.toordinal() + _JULIAN_OF_ORDINAL - _ZONE_DAYS - 2451545.0) / 36525
    radians = math.pi / 180
    anomaly = (357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3) * radians
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t**2) * math.sin(anomaly)
    longitude += (0.019993 - 0.000101 * t) * math.sin(2 * anomaly) + 0.000290 * math.sin(3 * anomaly)
    return math.floor(longitude % 360 / 30)


def _month_eleven(year: int) -> int:
    """Number of the new moon that begins the month with the winter solstice of a solar year."""
    days = date(year, 12, 31).toordinal() + _JULIAN_OF_ORDINAL - _FIRST_NEW_MOON
    k = math.floor(days / _SYNODIC_DAYS)
    return k - 1 if _major_term(_new_moon(k)) >= 9 else k


def _leap_offset(first: int) -> int:
    """How many months after the eleventh the leap month of a thirteen-month year comes."""
    offset = 1
    while _major_term(_new_moon(first + offset)) != _major_term(_new_moon(first + offset + 1)):
        offset += 1
    return offset


def lunar_date(day: date) -> tuple[int, int, bool]:
    """The lunar day (1 to 30), month (1 to 12), and whether that month is the leap one.

    Args:
        day: a day of 1900 to 2100 in the solar calendar.
    """
    k = math.floor((day.toordinal() + _JULIAN_OF_ORDINAL - _FIRST_NEW_MOON) / _SYNODIC_DAYS) + 1
    while _new_moon(k) > day:
        k -= 1
    year = day.year if _new_moon(_month_eleven(day.year)) <= day else day.year - 1
    first, following = _month_eleven(year), _month_eleven(year + 1)
    offset = k - first
    is_leap = False
    if following - first > _TERMS:
        leap = _leap_offset(first)
        is_leap = offset == leap
        offset -= offset >= leap
    return (day - _new_moon(k) + timedelta(days=1)).days, (offset + 10) % _TERMS + 1, is_leap
