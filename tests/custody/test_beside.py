"""Findings whose subject is a device or a pair of people."""

from __future__ import annotations

import random

import pytest

from custody.device import DeviceChain, sign_of
from custody.event import Entry, EventType
from kt1.drill.beside import BESIDE, BESIDE_NEAR_MISSES
from kt1.drill.world import World


@pytest.mark.parametrize("name", BESIDE)
def test_a_break_beside_items_gives_exactly_its_codes(world: World, name: str) -> None:
    """As for the breaks of items: one too few lets it pass, one too many accuses."""
    assert list(BESIDE[name].codes) == [found.code for found in BESIDE[name].make(world)]


@pytest.mark.parametrize("name", BESIDE_NEAR_MISSES)
def test_a_near_miss_beside_items_gives_nothing(world: World, name: str) -> None:
    """Honest devices have holes for a while, and small offices few to choose from."""
    assert [] == BESIDE_NEAR_MISSES[name].make(world)


@pytest.mark.parametrize("seed", range(20))
def test_gaps_are_what_is_missing_whatever_the_order(seed: int) -> None:
    """The fold keeps intervals; a set of places says the same."""
    world, rng = World(), random.Random(seed)
    item = world.register()
    raws = [item.sign(EventType.SIGHT, by=world.courier) for _ in range(30)]
    sent = rng.sample(raws, rng.randrange(1, 30))
    chain = DeviceChain(world.courier.kid)
    places = set()
    for raw in [*sent, *sent[:3]]:
        entry: Entry = world.log(raw)
        chain.add(sign_of(entry))
        link = entry.event.device_link
        assert link
        places.add(link[0])
    missing = set(range(max(places))) - places

    assert missing == {place for gap in chain.gaps for place in range(gap.first, gap.last + 1)}
    assert chain.highest == max(places)


def test_a_pair_is_named_once(world: World) -> None:
    """Who begins chooses: the witness of ten signs with nobody else, and is not named for it."""
    found = BESIDE["always_the_same_witness"].make(world)

    assert 1 == len(found)
    assert "10 of 10" in found[0].detail
