"""The ground that a register says: where offices and bodies are, which ways items may go, and when offices are open.

As fields of ORG, ROUTE and CALENDAR entries: codes, numbers and days, no names. A register without runs names no
route, and one without hours no calendar: then nothing of the kind is judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from custody.event import Field
from kt1.clock import local_date
from kt1.register import Register

__all__ = ["calendars_of", "path_between", "routes_of"]

_YEARS = 3  # this year and the two after it: a calendar is renewed before it ends
_FIRST = date(2024, 1, 1)
_DAY = timedelta(days=1)
_WEEK = 7


def path_between(register: Register, origin: int, destination: int) -> list[int]:
    """The offices from one to another by the fewest runs, both ends included; empty where no runs lead there."""
    before: dict[int, int] = {origin: origin}
    edge = [origin]
    while edge and destination not in before:
        reached = [(r.origin, r.destination) for r in register.routes if r.origin in edge]
        edge = []
        for start, end in reached:
            if end not in before:
                before[end] = start
                edge.append(end)
    if destination not in before:
        return []
    path = [destination]
    while path[0] != origin:
        path.insert(0, before[path[0]])
    return path


def routes_of(register: Register) -> Iterator[dict[int, Any]]:
    """Fields of a ROUTE for every two offices joined by runs, past all between; and for the round of each office."""
    if not register.routes:
        return
    codes = [office.code for office in register.offices if office.kt1_from is not None]
    pairs = [(origin, destination) for origin in codes for destination in codes]
    paths = [path for pair in pairs if (path := path_between(register, *pair))]
    for number, path in enumerate(paths, start=1):
        fields: dict[int, Any] = {Field.ROUTE_ID: number, Field.STOPS: path}
        if len(path) > 2:
            fields[Field.MANDATORY] = path[1:-1]
        yield fields


def calendars_of(register: Register, *, now_ms: int) -> Iterator[dict[int, Any]]:
    """Fields of a CALENDAR for every office: its hours of each weekday, and three years' holidays from *now_ms* on."""
    duty = register.duty
    if duty is None:
        return
    first = local_date(now_ms).replace(month=1, day=1)
    days = [first + n * _DAY for n in range(_YEARS * 366) if (first + n * _DAY).year < first.year + _YEARS]
    holidays = [(day - _FIRST).days for day in days if duty.is_holiday(day)]
    spans = [(weekday, *span) for weekday in range(_WEEK) for span in duty.minutes(weekday)]
    for office in register.offices:
        if office.kt1_from is not None:
            yield {
                Field.ORG_ID: office.code,
                Field.HOURS: [list(span) for span in spans],
                Field.HOLIDAYS: holidays,
            }
