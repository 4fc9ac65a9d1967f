"""Distances, ways, and what a dossier must carry of them."""

from __future__ import annotations

from math import asin, cos, radians, sin, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.directory import Directory, Way
from custody.event import EventType, Field
from custody.geo import Position, distance_m
from custody.ground import ground_for
from kt1.drill.breaks import BREAKS
from kt1.drill.terrain import AWAY, FAR, keep_hours, lay_out, spot
from kt1.drill.world import CENTRE, OUTLYING, RECIPIENT, SENDER, World

RADIUS_M = 6_371_009
places = st.tuples(st.integers(9_800_000, 11_400_000), st.integers(28_200_000, 28_950_000))
anywhere = st.tuples(st.integers(0, 18_000_000), st.integers(0, 36_000_000))


def haversine_m(here: Position, there: Position) -> float:
    """Return the great-circle distance, with floats."""
    (a, b), (c, d) = (tuple(radians(part / 100_000) for part in one) for one in (here, there))
    a, c = a - radians(90), c - radians(90)
    return 2 * RADIUS_M * asin(sqrt(sin((a - c) / 2) ** 2 + cos(a) * cos(c) * sin((b - d) / 2) ** 2))


@given(places, places)
def test_distance_is_never_longer_than_the_earth_says(here: Position, there: Position) -> None:
    """An honest courier is never accused by rounding; two percent are given away."""
    true_m = haversine_m(here, there)

    assert 0.98 * true_m - 3 <= distance_m(here, there) <= 1.0002 * true_m + 1


@given(anywhere, anywhere)
def test_distance_is_the_same_there_and_back(here: Position, there: Position) -> None:
    """Whoever signs first; and no position there is makes it fail."""
    assert distance_m(here, there) == distance_m(there, here)
    assert distance_m(here, here) == 0


@pytest.mark.parametrize(
    "here, there, metres",
    [
        ((11_102_850, 28_585_420), (10_077_690, 28_666_010), 1_142_950),  # Hà Nội, Sài Gòn
        ((9_000_000, 0), (9_000_000, 36_000_000), 0),  # once around
        ((18_000_000, 0), (0, 0), 20_015_100),  # pole to pole
    ],
)
def test_distances_by_heart(here: Position, there: Position, metres: int) -> None:
    """The same whole numbers for every implementation."""
    assert distance_m(here, there) == metres


def directory(world: World) -> Directory:
    """Return what the log says of offices and routes."""
    return world.network.directory


@pytest.mark.parametrize(
    "start, end, backwards, nodes",
    [
        (CENTRE, FAR, False, {CENTRE, OUTLYING, FAR}),
        (CENTRE, OUTLYING, False, {CENTRE, OUTLYING}),
        (FAR, CENTRE, True, {CENTRE, OUTLYING, FAR}),
        (FAR, CENTRE, False, None),
        (CENTRE, AWAY, True, None),
        (CENTRE, CENTRE, False, None),
    ],
)
def test_a_way_is_what_lies_between(start: int, end: int, *, backwards: bool, nodes: set[int] | None) -> None:
    """In the order of the route; nothing is known of offices that no route joins, nor of a round nobody named."""
    world = World()
    lay_out(world)
    way = directory(world).way(start, end, len(world.entries), backwards=backwards)

    assert (set(way.nodes) if way else None) == nodes


def test_a_way_is_as_of_the_entry_and_a_round_is_its_office() -> None:
    """What is logged later changes nothing that was asked before, in whatever order it is asked."""
    world = World()
    before = len(world.entries)
    world.system(EventType.ROUTE, {Field.ROUTE_ID: 7, Field.STOPS: [CENTRE]})

    assert directory(world).way(CENTRE, CENTRE, before + 1) == Way(frozenset({CENTRE}), (frozenset(),))
    assert directory(world).way(CENTRE, CENTRE, before) is None


def test_a_dossier_carries_the_ground_it_stands_on_and_no_more() -> None:
    """Offices, bodies and hours of the journey; nothing of an office far from it."""
    world = World()
    lay_out(world)
    for office in (CENTRE, AWAY):
        keep_hours(world, office=office)
    world.system(EventType.ROUTE, {Field.ROUTE_ID: 2, Field.STOPS: [AWAY, FAR]})
    item = world.register()
    item.hand_over(world.other)
    named = [
        entry.event.fields.get(Field.ORG_ID) or tuple(entry.event.fields[Field.STOPS])
        for entry in ground_for([e for e in world.entries if e.event.item(item.uid)], world.entries)
    ]

    assert named == [CENTRE, OUTLYING, FAR, SENDER, RECIPIENT, (CENTRE, OUTLYING, FAR), CENTRE]


def test_what_the_directory_does_not_say_is_not_judged() -> None:
    """No positions, no routes, no hours: no finding of place, on whatever journey."""
    for name in ("impossible_travel", "off_route", "control_skipped"):
        world = World()
        item, _ = BREAKS[name](world)
        bare = World()
        again = [e for e in world.entries if e.event.type not in (EventType.ORG, EventType.ROUTE)]
        for entry in again[len(bare.entries) :]:
            bare.now_ms = entry.logged_ms
            bare.log(entry.event.raw)
        item.world = bare

        assert {code for code in item.codes() if code[0] == "G"} == set()


def test_positions_are_where_they_should_be() -> None:
    """The drill's own ground: 24 km to the first office, as its picture says."""
    centre, outlying = spot(CENTRE), spot(OUTLYING)

    assert 24_000 < distance_m((centre[0], centre[1]), (outlying[0], outlying[1])) < 25_000
