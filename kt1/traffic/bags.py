"""Bags: closed over what goes the same way, carried as one, opened before a witness at the other end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

from custody import merkle
from custody.containers import manifest_leaf
from custody.event import EventType, Field
from custody.roles import Role
from kt1.clock import MINUTE_MS
from kt1.register import Person
from kt1.traffic.journeys import hand_over
from kt1.traffic.world import Bag, Journey, Sealed, World

__all__ = ["close_bag", "open_bag", "take_bag"]

_SALT_BYTES: Final = 16
_CANVAS_G: Final = 800
_SCALE_G: Final = 40  # two scales for bags differ by less
_SCAN_MS: Final = (1_500, 6_000)
_EMPTIED: Final = 1  # field REASON of a RETIRE


def close_bag(
    world: World, clerk: Person, things: Sequence[Sealed], destination: int, now_ms: int, *, made: list[Bag]
) -> Journey:
    """The clerk closes a bag over things that they hold and loads each; the bag is added to *made*."""
    rng = world.rng
    bag = world.bag(clerk, office=clerk.office, destination=destination, now_ms=now_ms)
    bag.contents = [(thing, thing.ref, rng.randbytes(_SALT_BYTES)) for thing in things]
    bag.mass_g = _CANVAS_G + sum(thing.mass_g for thing in things)
    changes: dict[Field, Any] = {
        Field.LABEL_RAW: bag.label.raw,
        Field.LABEL: None,
        Field.MANIFEST: [merkle.root_of(_leaves(bag)), len(things)],
        Field.MASS: bag.mass_g,
    }
    step = world.act(EventType.CLOSE, bag, clerk, now_ms, changes)
    bag.closing = step.id
    now_ms = yield replace(step, label=bag.label)
    now_ms = yield from _each(world, bag, EventType.LOAD, clerk, now_ms)
    made.append(bag)
    return now_ms


def take_bag(world: World, bag: Bag, taker: Person, now_ms: int) -> Journey:
    """The holder gives the bag to somebody; both weigh it."""
    weighed = max(bag.mass_g + world.rng.randint(-_SCALE_G, _SCALE_G), 0)
    return (yield from hand_over(world, bag, taker, now_ms, mass_g=weighed))


def open_bag(world: World, bag: Bag, now_ms: int) -> Journey:
    """The holder opens the bag before a colleague, takes out all that was closed in it, and withdraws its label."""
    clerk = bag.holder
    witness = world.pick(clerk.office, Role.CLERK, but=clerk)
    now_ms = yield now_ms + world.rng.randint(2, 10) * MINUTE_MS
    changes = {Field.MANIFEST: [merkle.root_of(_leaves(bag)), len(bag.contents)]}
    step = world.act(EventType.OPEN, bag, clerk, now_ms, changes, witness)
    bag.opening = step.id
    now_ms = yield step
    now_ms = yield from _each(world, bag, EventType.UNLOAD, clerk, now_ms)
    gone = {Field.REASON: _EMPTIED, Field.LABEL: None, Field.SEAL: None}
    return (yield world.act(EventType.RETIRE, bag, clerk, now_ms + MINUTE_MS, gone))


def _each(world: World, bag: Bag, kind: EventType, clerk: Person, now_ms: int) -> Journey:
    """A LOAD or an UNLOAD of each thing, with the proof that the manifest has it."""
    leaves = _leaves(bag)
    tree: dict[tuple[int, int], bytes] = {}

    def node(level: int, n: int) -> bytes:
        if level == 0:
            return leaves[n]
        if (level, n) not in tree:
            tree[level, n] = merkle.node_hash(node(level - 1, 2 * n), node(level - 1, 2 * n + 1))
        return tree[level, n]

    cited = bag.closing if kind is EventType.LOAD else bag.opening
    for position, (thing, _, salt) in enumerate(bag.contents):
        now_ms = yield now_ms + world.rng.randint(*_SCAN_MS)
        path = merkle.inclusion_path(position, len(leaves), node)
        thing.office = clerk.office
        changes = {
            Field.CONTAINER: bag.uid,
            Field.CITES: cited,
            Field.LEAF: [position, salt, list(path)],
        }
        now_ms = yield world.act(kind, thing, clerk, now_ms, changes)
        thing.holder = clerk
    return now_ms


def _leaves(bag: Bag) -> list[bytes]:
    return [manifest_leaf(ref, salt) for _, ref, salt in bag.contents]
