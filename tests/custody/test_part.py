"""What of a log is in a dossier: the journey of what an item was in as proven, and of no other thing."""

from __future__ import annotations

import random
from typing import Any

import pytest

from custody.dossier import unpack
from custody.event import Entry, EventType
from custody.part import journey
from custody.verify import verify_dossier
from kt1.drill.bags import Bag, close_bag, open_bag
from kt1.drill.world import Parcel, World

_UNPROVEN: dict[str, Any] = {"leaf": [0, bytes(16), []]}


def _shown(world: World, item: Parcel, bag: Bag) -> list[str]:
    """Return what of a bag is in an item's dossier, which holds."""
    data = item.dossier()
    report = verify_dossier(data)
    assert "" == report.failure
    assert report.judgement is not None
    assert item.codes() == [found.code for found in report.judgement.findings]
    indices = unpack(data).entries
    return [e.event.type.name for e in world.entries if e.index in indices and e.event.item(bag.uid)]


def _abroad(world: World) -> Bag:
    """Close a secret item into a bag that goes on its way and is opened."""
    bag = close_bag(world, [world.register(secrecy=1)], by=world.clerk)
    bag.hand_over(world.courier)
    bag.event(EventType.SIGHT, by=world.witness)
    open_bag(bag, by=world.courier, second=world.witness)
    return bag


def _stray(item: Parcel) -> Parcel:
    return Parcel(item.world, item.label, item.serial, head=item.head, seq=item.seq)


def test_a_load_that_proves_nothing_shows_no_more_than_the_closing_it_cites(world: World) -> None:
    """Else whoever wants to know where a bag went signs an item of his own into it, and asks for the dossier."""
    item, bag = world.register(), _abroad(world)
    _stray(item).event(EventType.LOAD, by=world.other, container=bag.uid, cites=bag.closing, **_UNPROVEN)

    assert ["CLOSE"] == _shown(world, item, bag)


def test_an_unload_of_what_was_not_in_it_shows_how_its_opening_came_to_be(world: World) -> None:
    """The line that the opening stands on, so that it is known to be in the log; not who saw the bag."""
    item, bag = world.register(), _abroad(world)
    _stray(item).event(EventType.UNLOAD, by=world.other, container=bag.uid, cites=bag.opening, **_UNPROVEN)

    assert ["CLOSE", "OFFER", "ACCEPT", "OPEN"] == _shown(world, item, bag)


def test_a_load_into_a_bag_that_is_not_in_the_log_is_still_waited_for(world: World) -> None:
    """Both readers wait for the closing that it cites."""
    item, bag = world.register(), _abroad(world)
    _stray(item).event(EventType.LOAD, by=world.clerk, container=bag.uid, cites=bytes(32), **_UNPROVEN)

    assert ["CLOSE"] == _shown(world, item, bag)
    assert ["C02"] == item.codes()


def test_a_bag_signed_into_anothers_bag_does_not_show_that_one(world: World) -> None:
    """What is in a bag follows it only where its manifest says so."""
    item, bag = world.register(), _abroad(world)
    mine = close_bag(world, [item], by=world.clerk)
    _stray(mine).event(
        EventType.LOAD, by=world.other, container=bag.uid, cites=bag.closing, label=None, **_UNPROVEN
    )

    assert ["CLOSE"] == _shown(world, item, bag)
    assert ["CLOSE", "LOAD"] == _shown(world, item, mine)


def test_what_was_in_two_bags_shows_both_journeys(world: World) -> None:
    """As proven by the manifests of both."""
    item = world.register()
    inner = close_bag(world, [item], by=world.clerk)
    outer = close_bag(world, [inner], by=world.clerk)
    outer.hand_over(world.courier)

    assert ["CLOSE", "LOAD"] == _shown(world, item, inner)
    assert ["CLOSE", "OFFER", "ACCEPT"] == _shown(world, item, outer)


@pytest.mark.parametrize("seed", range(8))
def test_in_whatever_order_it_comes_to_the_log_the_dossier_says_the_same(seed: int) -> None:
    """Late uploads of a bag's steps move nothing in what was only said to be in it."""
    world, rng = World(), random.Random(seed)
    item = world.register()
    with world.offline() as outbox:
        bag = _abroad(world)
        stray = _stray(item)
        for kind, cites in ((EventType.LOAD, bag.closing), (EventType.UNLOAD, bag.opening)):
            stray.event(kind, by=world.other, container=bag.uid, cites=cites, **_UNPROVEN)
    rng.shuffle(outbox)
    for raw in outbox:
        world.log(raw)
        _shown(world, item, bag)


def test_the_journey_is_a_part_of_the_log_in_its_order(world: World) -> None:
    """Each entry once."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk)
    world.register()
    around, shown = journey(world.entries, item.uid)
    named: list[Entry] = [e for e in world.entries if e.event.item(item.uid) or e.event.item(bag.uid)]

    assert {bag.uid} == around
    assert named == shown
