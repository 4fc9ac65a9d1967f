"""What the log says of the province's ground: positions, ways, hours; so that rules about place can be judged."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from custody.directory import Directory
from custody.event import Entry, EventType, Field, parse_event
from custody.geo import distance_m
from custody.hours import day_number, working_ms
from kt1.clock import DAY_MS, HOUR_MS, day_start_ms
from kt1.ground import calendars_of, path_between, routes_of
from kt1.hours import Calendar
from kt1.province import CENTRE
from kt1.register import Register
from kt1.site import SiteKeys, found_site

NOW_MS = day_start_ms(date(2026, 11, 1))
KEYS = SiteKeys(root=bytes(32), enrolment=bytes([1]) * 32, label=bytes([2]) * 32, kid4=b"KEY1")
LATER = 10_000


@pytest.fixture(scope="module")
def directory(province: Register) -> Directory:
    """The directory of the province as it is founded."""
    known = Directory()
    raws = found_site(province, KEYS, net=bytes(8), now_ms=NOW_MS, rng=random.Random(1))
    for index, raw in enumerate(raws):
        known.apply(Entry(index, parse_event(raw), NOW_MS))
    return known


def test_every_body_is_near_the_office_that_serves_it(province: Register, directory: Directory) -> None:
    """So that a courier can be at both within an hour."""
    for agency in province.agencies:
        body = directory.org(agency.code, LATER)
        assert body
        office = directory.org(body.served_by or 0, LATER)
        assert office
        assert body.position
        assert office.position
        assert 0 < distance_m(body.position, office.position) < 4_000


def test_the_vans_drive_no_faster_than_the_rules_allow(province: Register, directory: Directory) -> None:
    """The invented map and the invented minutes agree: between 25 and 60 km/h as the crow flies."""
    for run in province.routes:
        ends = [directory.org(code, LATER) for code in (run.origin, run.destination)]
        here, there = (end.position for end in ends if end and end.position)
        assert 25 < distance_m(here, there) * 60 / 1000 / run.minutes < 60


def test_there_is_a_way_between_any_two_offices(province: Register, directory: Directory) -> None:
    """Outlying offices meet at the centre, past which nothing goes unseen; a local item stays where it is."""
    codes = [office.code for office in province.offices]
    for start in codes:
        for end in codes:
            way = directory.way(start, end, LATER)
            assert way
            assert way.nodes == {start, end} | ({CENTRE} if start != end else set())
            assert start == end or CENTRE in {start, end} or all(CENTRE in nodes for nodes in way.controls)


def test_a_register_without_runs_or_hours_says_nothing_of_them(province: Register) -> None:
    """A site of one office, founded on a form, is not judged by roads that nobody entered."""
    bare = replace(province, routes=(), duty=None)

    assert list(routes_of(bare)) == []
    assert list(calendars_of(bare, now_ms=NOW_MS)) == []
    assert path_between(bare, CENTRE, 990_200) == []


def test_offices_rest_at_weekends_and_over_tet(province: Register, directory: Directory) -> None:
    """Tết 2027 begins on 6 February, and its eve counts."""
    calendar = directory.calendar(CENTRE, LATER)
    assert calendar
    friday_ms, sunday_ms = day_start_ms(date(2026, 11, 6)), day_start_ms(date(2026, 11, 8))

    assert working_ms(calendar, friday_ms, friday_ms + DAY_MS) == 15 * HOUR_MS
    assert working_ms(calendar, sunday_ms, sunday_ms + DAY_MS) == 0
    eve_ms = day_start_ms(date(2027, 2, 5))
    assert working_ms(calendar, eve_ms, eve_ms + 5 * DAY_MS) == 0
    assert {day_number(day_start_ms(date(year, 9, 2))) for year in (2026, 2027, 2028)} <= calendar.holidays


def test_a_calendar_says_the_hours_of_each_weekday() -> None:
    """As minutes after midnight, split over noon."""
    assert Calendar().minutes(0) == [(450, 690), (810, 1_020)]
    assert Calendar().minutes(6) == []


def test_nobody_is_accused_over_tet(run: Callable[..., Any]) -> None:
    """Items rest where they are for days, and the log is nearly quiet: at no moment does the wall turn red."""
    start_ms = day_start_ms(date(2027, 2, 1))
    for hours in (7 * 24 + 12, 10 * 24 + 7):
        now_ms = start_ms + hours * HOUR_MS
        log = run(items=400, per_day=40, start_ms=start_ms, until_ms=now_ms)
        assert len(log.chains) > 100
        found = [one for chain in log.chains.values() for one in chain.judge(now_ms).findings]
        grave = [one for one in found if one.severity in "CHM" and one.code != "C02"]  # C02: not uploaded yet
        assert [(one.code, one.detail) for one in grave] == []


def test_every_ground_entry_is_signed_by_the_enrolment_key(province: Register) -> None:
    """Whoever may name offices may say where they are."""
    raws = list(found_site(province, KEYS, net=bytes(8), now_ms=NOW_MS, rng=random.Random(1)))
    events = [parse_event(raw) for raw in raws]
    kinds = [event.type for event in events]

    assert kinds.count(EventType.ROUTE) == 49
    assert kinds.count(EventType.CALENDAR) == 7
    assert len({e.kid for e in events if e.type in (EventType.ORG, EventType.ROUTE, EventType.CALENDAR)}) == 1
    assert all(Field.POSITION in event.fields for event in events if event.type is EventType.ORG)
