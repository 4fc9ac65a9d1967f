"""Times as people of the network read them: always +07:00, dd/mm/yyyy, 24 hours.

Vietnam has one zone without summer time, so the offset is a constant and no zone table is needed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

__all__ = [
    "DAY_MS",
    "HOUR_MS",
    "MINUTE_MS",
    "ZONE",
    "day_start_ms",
    "local_date",
    "local_time",
    "show_date",
    "show_time",
]

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS

ZONE = timezone(timedelta(hours=7))


def local_time(ms: int) -> datetime:
    """The wall clock of the network at a unix time in milliseconds."""
    return datetime.fromtimestamp(ms / 1000, tz=UTC).astimezone(ZONE)


def local_date(ms: int) -> date:
    """The calendar day of the network at a unix time in milliseconds."""
    return local_time(ms).date()


def day_start_ms(day: date) -> int:
    """Unix milliseconds of 00:00 +07:00 on a day."""
    return int(datetime(day.year, day.month, day.day, tzinfo=ZONE).timestamp()) * 1000


def show_time(ms: int) -> str:
    """A time as "dd/mm/yyyy HH:MM" at +07:00."""
    return local_time(ms).strftime("%d/%m/%Y %H:%M")


def show_date(day: date) -> str:
    """A day as "dd/mm/yyyy"."""
    return day.strftime("%d/%m/%Y")
