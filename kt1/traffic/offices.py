"""A day at an office: what waits in its tray goes out in bags with the mail runs, and to doors with the rounds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final, TypeVar

from custody.event import EventType, Field
from kt1.clock import DAY_MS, HOUR_MS, MINUTE_MS
from kt1.province import CENTRE
from kt1.register import Person
from kt1.service import Reason, Secrecy
from kt1.traffic.bags import close_bag, open_bag, take_bag
from kt1.traffic.journeys import BADGE, hand_over, look, offer, prepare, sign_for, turn_back
from kt1.traffic.lines import go_offline
from kt1.traffic.times import CLOSING_MS, ZONE_MS, is_workday, next_workday
from kt1.traffic.world import Bag, Envelope, Journey, Sealed, World

__all__ = ["office_days", "ordinary"]

_T = TypeVar("_T")
_TIMES: Final = {
    True: "08:00 shift, 08:10 round, 09:00 run, 10:30 round, 13:45 round, 14:00 run, 15:00 round",
    False: "08:00 shift, 08:15 run, 08:30 round, 10:45 round, 13:30 run, 15:00 round",
}
"""Local times of the mail runs and the delivery rounds, at the centre and at the outlying offices."""
_PER_BAG: Final = 40
_LOADING_MS: Final = 25 * MINUTE_MS  # from the time of a mail run until it leaves
_BAG_G: Final = 40_000
_PER_ROUND: Final = 25
_TWICE: Final = 2  # attempts at a door before it goes back
_BACK_MS: Final = 40 * MINUTE_MS  # before closing time a round turns home
_GLASS, _PAPER = 2, 3  # field PROOF
_OFFLINE: Final = 0.12  # how often a courier is without a network on a round


def ordinary(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """An envelope that is not urgent: accepted, and put into the tray, from where `office_days` takes it."""
    world.pending += 1
    now_ms = yield from prepare(world, envelope, now_ms)
    if envelope.agency:
        world.shelve(envelope)
    else:
        world.pending -= 1
    return now_ms


def office_days(world: World, office: int, now_ms: int) -> Journey:
    """Every workday of an office, until the counters have closed for good and nothing is on its way."""
    midnight_ms = now_ms - (now_ms + ZONE_MS) % DAY_MS
    if not is_workday(midnight_ms):
        midnight_ms = next_workday(midnight_ms)
    while not world.is_done:
        for after_ms, what in _timetable(is_centre=office == CENTRE):
            at_ms = midnight_ms + after_ms + world.rng.randrange(10 * MINUTE_MS)
            if at_ms < now_ms:
                continue
            now_ms = yield at_ms
            for journey in _WORK[what](world, office, now_ms):
                world.spawn(journey, now_ms)
        midnight_ms = next_workday(midnight_ms)
    return now_ms


@cache
def _timetable(*, is_centre: bool) -> list[tuple[int, str]]:
    """(ms after midnight, what) of an office's day."""
    rows = [row.split() for row in _TIMES[is_centre].split(",")]
    return [((int(at[:2]) * 60 + int(at[3:])) * MINUTE_MS, what) for at, what in rows]


def _by_holder(things: Iterable[Sealed]) -> dict[str, list[Sealed]]:
    held: dict[str, list[Sealed]] = {}
    for thing in things:
        held.setdefault(thing.holder.login, []).append(thing)
    return held


def _parts(things: list[_T], size: int) -> Iterator[list[_T]]:
    for start in range(0, len(things), size):
        yield things[start : start + size]


def _bagfuls(things: list[Sealed]) -> Iterator[list[Sealed]]:
    """Cut things into parts that a courier can carry."""
    part, mass_g = list[Sealed](), 0
    for thing in things:
        if part and (len(part) >= _PER_BAG or mass_g + thing.mass_g > _BAG_G):
            yield part
            part, mass_g = [], 0
        part.append(thing)
        mass_g += thing.mass_g
    if part:
        yield part


def _is_secret(thing: Sealed) -> bool:
    """Whether it travels in a bag of its own where nothing else goes its way: what is marked A or B."""
    return isinstance(thing, Envelope) and thing.acceptance.secrecy in (Secrecy.A, Secrecy.B)


def _destination(world: World, thing: Sealed) -> int:
    if isinstance(thing, Envelope):
        return world.register.agency_by_code[thing.agency].office
    return thing.destination if isinstance(thing, Bag) else thing.office


# -- shifts ------------------------------------------------------------------------------------------


def _shifts(world: World, office: int, now_ms: int) -> Iterable[Journey]:
    """Whoever is not on duty this week gives what they still hold to somebody who is."""
    on_duty = world.on_duty(office, now_ms)
    for things in _by_holder(world.take_from_tray(office, lambda one: one.holder not in on_duty)).values():
        yield _relieve(world, things, world.rng.choice(on_duty), now_ms)


def _relieve(world: World, things: list[Sealed], clerk: Person, now_ms: int) -> Journey:
    for thing in things:
        now_ms = yield from hand_over(world, thing, clerk, now_ms)
        world.shelve(thing)
    return now_ms


# -- mail runs ---------------------------------------------------------------------------------------


def _runs(world: World, office: int, now_ms: int) -> Iterable[Journey]:
    """Each clerk closes bags over what they hold for other offices."""
    leaving = world.take_from_tray(office, lambda one: _destination(world, one) != office)
    for things in _by_holder(leaving).values():
        yield _bag_up(world, office, things, now_ms)
    for start, end in world.minutes:
        if start == office:
            yield _run(world, office, end, now_ms + _LOADING_MS)


def _bag_up(world: World, office: int, things: list[Sealed], now_ms: int) -> Journey:
    """Bags for each next office; what goes beyond the centre lies in a bag of its own within."""
    clerk, ways = things[0].holder, dict[int, list[Sealed]]()
    for thing in things:
        ways.setdefault(_destination(world, thing), []).append(thing)
    made: list[Bag] = []
    if office != CENTRE:
        outer = ways.pop(CENTRE, [])
        for destination, within in ways.items():
            inner: list[Bag] = []
            for part in _bagfuls(within):
                if len(part) > 1 or _is_secret(part[0]):
                    now_ms = yield from close_bag(world, clerk, part, destination, now_ms, made=inner)
                else:
                    outer += part
            outer += inner
        ways = {CENTRE: outer}
    for destination, chosen in ways.items():
        for part in _bagfuls(chosen):
            now_ms = yield from close_bag(world, clerk, part, destination, now_ms + MINUTE_MS, made=made)
    for bag in made:
        world.yards.setdefault((office, bag.destination), []).append(bag)
    return now_ms


def _run(world: World, office: int, destination: int, now_ms: int) -> Journey:
    """A courier takes the bags that are ready to another office, where the clerks open them."""
    now_ms = yield now_ms
    minutes = world.minutes[office, destination]
    if not world.yards.get((office, destination)):
        return now_ms
    while (courier := world.engage(office, now_ms, now_ms + (2 * minutes + 90) * MINUTE_MS)) is None:
        now_ms = yield now_ms + 10 * MINUTE_MS
    bags = world.yards.pop((office, destination), [])
    for bag in bags:
        now_ms = yield from take_bag(world, bag, courier, now_ms)
    now_ms = yield now_ms + (minutes + world.rng.randint(0, 30)) * MINUTE_MS
    for bag in bags:
        bag.office = destination
        clerk = world.rng.choice(world.on_duty(destination, now_ms))
        now_ms = yield from take_bag(world, bag, clerk, now_ms)
        world.spawn(_unpack(world, bag, now_ms), now_ms)
    return now_ms


def _unpack(world: World, bag: Bag, now_ms: int) -> Journey:
    """Open the bag, and those in it that were closed for this office; the rest goes into the tray."""
    now_ms = yield from open_bag(world, bag, now_ms)
    for thing, _, _ in bag.contents:
        if isinstance(thing, Bag) and thing.destination == bag.destination:
            now_ms = yield from _unpack(world, thing, now_ms)
            continue
        if isinstance(thing, Envelope):
            now_ms = yield from look(world, thing, thing.holder, now_ms)
        world.shelve(thing)
    return now_ms


# -- rounds ------------------------------------------------------------------------------------------


def _rounds(world: World, office: int, now_ms: int) -> Iterable[Journey]:
    """Couriers take out what is addressed to bodies of this office."""
    local = world.take_from_tray(office, lambda one: _destination(world, one) == office)
    for things in _by_holder(local).values():
        envelopes = [one for one in things if isinstance(one, Envelope)]
        for part in _parts(sorted(envelopes, key=lambda one: one.agency), _PER_ROUND):
            yield _round(world, office, part, now_ms)


def _round(world: World, office: int, envelopes: list[Envelope], now_ms: int) -> Journey:
    """From the clerk to the courier, from door to door, and home with what could not be delivered."""
    rng = world.rng
    closing_ms = now_ms - (now_ms + ZONE_MS) % DAY_MS + CLOSING_MS
    courier = world.engage(office, now_ms, now_ms + 3 * HOUR_MS)
    if courier is None:  # all are on the road: the next round takes them
        for envelope in envelopes:
            world.shelve(envelope)
        return now_ms
    for envelope in envelopes:
        now_ms = yield from hand_over(world, envelope, courier, now_ms)
    if world.has_spells and rng.random() < _OFFLINE:
        go_offline(world, courier, now_ms, until_ms=max(closing_ms, now_ms) + rng.randrange(HOUR_MS))
    door = 0
    for envelope in envelopes:
        if envelope.agency != door:
            door = envelope.agency
            now_ms = yield now_ms + rng.randint(5, 20) * MINUTE_MS
        if now_ms < closing_ms - _BACK_MS:
            now_ms = yield from _at_door(world, envelope, now_ms)
    now_ms = yield now_ms + rng.randint(5, 20) * MINUTE_MS
    for envelope in envelopes:
        if envelope.holder is courier:
            now_ms = yield from _bring_back(world, envelope, now_ms)
    world.busy_ms[courier.login] = now_ms
    return now_ms


def _at_door(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Nobody is there, or they do not want it, or they sign: on their own device, by badge, on glass or on paper."""
    rng, courier, receiver = world.rng, envelope.holder, world.receiver(envelope.agency)
    going_back = envelope.agency == envelope.acceptance.sender
    envelope.attempts, envelope.door = envelope.attempts + 1, envelope.agency
    now_ms = yield now_ms + rng.randint(5_000, 60_000)
    chance = rng.random()
    named = receiver.agency if chance > 0.85 and receiver.agency else receiver
    now_ms = yield from offer(world, envelope, named, now_ms)
    now_ms = yield now_ms + rng.randint(5_000, 90_000)
    if chance < 0.02:
        gone = {Field.CITES: envelope.offer, Field.REASON: int(Reason.NOBODY_THERE)}
        return (yield world.act(EventType.CANCEL, envelope, courier, now_ms, gone))
    if chance < 0.04 and not going_back:
        no = {Field.CITES: envelope.offer, Field.REASON: int(Reason.NOT_FOR_ME)}
        now_ms = yield world.act(EventType.REFUSE, envelope, receiver, now_ms, no)
        envelope.attempts = _TWICE
        return now_ms
    world.pending -= 1
    if chance < 0.13:
        return (yield from sign_for(world, envelope, receiver, now_ms, {Field.PROOF: BADGE}, by=courier))
    if chance < 0.2:
        scan = hashlib.sha256(envelope.head).digest()
        proof = {Field.PROOF: rng.choice((_GLASS, _PAPER)), Field.ATTACH: [scan]}
        return (yield from sign_for(world, envelope, receiver, now_ms, proof, by=courier))
    return (yield from sign_for(world, envelope, receiver, now_ms))


def _bring_back(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Back to the counter; after two attempts it is sent back to its sender."""
    envelope.door = 0
    if envelope.attempts >= _TWICE and envelope.agency != envelope.acceptance.sender:
        reason = world.rng.choice((Reason.NOBODY_THERE, Reason.NOT_FOR_ME))
        now_ms = yield from turn_back(world, envelope, reason, now_ms)
    clerk = world.rng.choice(world.on_duty(envelope.office, now_ms))
    now_ms = yield from hand_over(world, envelope, clerk, now_ms)
    world.shelve(envelope)
    return now_ms


_WORK: Final = {"run": _runs, "round": _rounds, "shift": _shifts}
