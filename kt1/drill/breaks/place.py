"""The place: ways to break it, and what comes close."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from custody.event import Field, parse_event
from custody.fields import EventType as E
from kt1.drill.bags import close_bag, open_bag
from kt1.drill.breaks.common import HOUR_MS, MINUTE_MS, breaks, near, offered
from kt1.drill.terrain import AWAY, FAR, lay_out, runner_of, spot
from kt1.drill.world import CENTRE, OUTLYING, RECIPIENT, Parcel, Person, World


@breaks("G03")
def wrong_destination(world: World) -> Parcel:
    """Delivered to the registered recipient of another body."""
    item = offered(world, world.foreign)
    item.event(E.DELIVER, by=world.foreign, cites=item.offer)
    return item


@near("G03", "S08")
def near_return(world: World) -> Parcel:
    """Turned back once, and delivered to its sender."""
    item = world.register()
    item.hand_over(world.courier)
    item.event(E.RETURN, by=world.courier, reason=2)
    item.event(E.OFFER, by=world.courier, offeree=world.foreign.id, expiry=3600)
    item.event(E.DELIVER, by=world.foreign, cites=item.offer)
    return item


@breaks("G01")
def impossible_travel(world: World) -> Parcel:
    """Taken at the centre; five minutes later, 24 km away, it is offered."""
    item, runner = _on_the_road(world)
    world.now_ms += 4 * MINUTE_MS
    _offer(item, runner, OUTLYING)
    return item


@near("G01")
def near_fast_ride(world: World) -> Parcel:
    """As fast as the road allows, by two clocks that are wrong as far as they may be."""
    lay_out(world)
    runner = runner_of(world)
    item = offered(world, runner)
    fast_ms, slow_ms = world.now_ms + 119_000, world.now_ms + 12 * MINUTE_MS - 119_000
    item.event(E.ACCEPT, by=runner, cites=item.offer, place=CENTRE, t_claim=fast_ms)
    world.now_ms += 11 * MINUTE_MS
    _offer(item, runner, OUTLYING, t_claim=slow_ms)
    return item


@near("G01")
def near_uncertain_clock(world: World) -> Parcel:
    """The courier's clock is eight minutes fast, and says that it may be wrong by ten; he took it without a network."""
    lay_out(world)
    runner = runner_of(world)
    item = offered(world, runner)
    fast_ms, doubt = world.now_ms + 8 * MINUTE_MS, [60, 10 * MINUTE_MS, 1]
    raw = item.sign(E.ACCEPT, by=runner, cites=item.offer, place=CENTRE, t_claim=fast_ms, clock=doubt)
    item.head, item.seq = parse_event(raw).id, item.seq + 1
    world.now_ms += 10 * MINUTE_MS
    world.log(raw)
    world.now_ms += 2 * MINUTE_MS
    _offer(item, runner, OUTLYING)
    return item


@breaks("G02")
def off_route(world: World) -> Parcel:
    """The courier turns up at an office that is on no route of the item."""
    item, runner = _on_the_road(world)
    world.now_ms += 2 * HOUR_MS
    _offer(item, runner, AWAY)
    return item


@breaks("G02")
def off_route_in_a_bag(world: World) -> Parcel:
    """Nobody scanned the item there, but the bag it was in was: it is found when the item comes out."""
    item, runner = _on_the_road(world)
    bag = close_bag(world, [item], by=runner, load=False, place=CENTRE)
    bag.load(item, by=runner, place=CENTRE)
    world.now_ms += 2 * HOUR_MS
    mate = runner_of(world, "mate")
    bag.event(E.OFFER, by=runner, offeree=mate.id, expiry=3600, place=AWAY)
    bag.event(E.ACCEPT, by=mate, cites=bag.offer, place=AWAY)
    world.now_ms += 2 * HOUR_MS
    open_bag(bag, by=mate, second=runner, unload=False, place=OUTLYING)
    bag.unload(item, by=mate, place=OUTLYING)
    return item


@near("G02", "G04")
def near_route(world: World) -> Parcel:
    """Office by office to the door of its body, past the control."""
    item, runner = _on_the_road(world)
    for place in (OUTLYING, FAR):
        world.now_ms += 2 * HOUR_MS
        mate = runner_of(world, f"mate at {place}")
        _offer(item, runner, place, to=mate)
        item.event(E.ACCEPT, by=mate, cites=item.offer, place=place)
        runner = mate
    item.deliver()
    return item


@near("G02", "G04")
def near_control_in_a_bag(world: World) -> Parcel:
    """It passes the control in a bag, which alone is scanned there."""
    item, runner = _on_the_road(world)
    bag = close_bag(world, [item], by=runner, load=False, place=CENTRE)
    bag.load(item, by=runner, place=CENTRE)
    mate = runner_of(world, "mate")
    world.now_ms += 2 * HOUR_MS
    bag.event(E.OFFER, by=runner, offeree=mate.id, expiry=3600, place=OUTLYING)
    bag.event(E.ACCEPT, by=mate, cites=bag.offer, place=OUTLYING)
    world.now_ms += 2 * HOUR_MS
    open_bag(bag, by=mate, second=runner, unload=False, place=FAR)
    bag.unload(item, by=mate, place=FAR)
    item.deliver()
    return item


@near("G02", "G04")
def near_turned_back(world: World) -> Parcel:
    """Turned back half way, and brought home along the same road: what it had not reached it need not pass."""
    item, runner = _on_the_road(world, controls=[FAR])
    world.now_ms += 2 * HOUR_MS
    item.event(E.RETURN, by=runner, reason=2, place=OUTLYING)
    world.now_ms += 2 * HOUR_MS
    item.event(E.OFFER, by=runner, offeree=world.foreign.id, expiry=3600, place=CENTRE)
    item.event(E.DELIVER, by=world.foreign, cites=item.offer)
    return item


@breaks("G04")
def control_skipped(world: World) -> Parcel:
    """The courier drives past the office at which everything is checked."""
    item, runner = _on_the_road(world)
    world.now_ms += 2 * HOUR_MS
    _offer(item, runner, FAR, to=world.recipient)
    item.event(E.DELIVER, by=world.recipient, cites=item.offer)
    return item


@breaks("G05")
def device_elsewhere(world: World) -> Parcel:
    """The taker says centre; the device says five kilometres from there."""
    lay_out(world)
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, geo=[*spot(CENTRE, north_m=5_000), 300])
    return item


@near("G05")
def near_the_office(world: World) -> Parcel:
    """Two streets away, by a device that knows no better; then at the addressee's door, far from any office."""
    lay_out(world, controls=())
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, geo=[*spot(CENTRE, north_m=1_400), 500])
    runner = runner_of(world)
    item.hand_over(runner, place=CENTRE)
    world.now_ms += 3 * HOUR_MS
    _offer(item, runner, FAR, to=world.recipient, geo=[*spot(RECIPIENT), 20])
    return item


@breaks("S08")
def back_and_forth(world: World) -> Parcel:
    """Between two offices, again and again."""
    return _shuttle(world, (OUTLYING, CENTRE, OUTLYING, CENTRE, OUTLYING, CENTRE))


@near("S08")
def near_back_and_forth(world: World) -> Parcel:
    """Once forth, once back, and once more: tiresome, but it happens."""
    return _shuttle(world, (OUTLYING, CENTRE, OUTLYING, CENTRE, OUTLYING))


@breaks("X07")
def not_together(world: World) -> Parcel:
    """The policy asks for the giver's screen; the taker had the offer from the service."""
    world.limit(presence=1)
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, presence=[1, _nonce(world)])
    return item


@breaks("X07")
def nonce_of_another_offer(world: World) -> Parcel:
    """The taker says that it was read off the giver's screen, but it is not this offer's."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, presence=[2, b"invented"])
    return item


@near("X07")
def near_together(world: World) -> Parcel:
    """Off the giver's screen, then off a slip of paper."""
    world.limit(presence=1)
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, presence=[2, _nonce(world)])
    item.event(E.OFFER, by=world.courier, offeree=world.recipient.id, expiry=3600)
    item.event(E.DELIVER, by=world.recipient, cites=item.offer, presence=[3, _nonce(world)])
    return item


def _on_the_road(
    world: World, *, controls: Iterable[int] = (OUTLYING,), **more: Any
) -> tuple[Parcel, Person]:
    """Lay the ground, register an item at the centre, and let a courier take it there."""
    lay_out(world, controls=controls)
    runner = runner_of(world)
    item = world.register()
    item.hand_over(runner, place=CENTRE, **more)
    return item, runner


def _offer(item: Parcel, by: Person, place: int, *, to: Person | None = None, **more: Any) -> None:
    whom = to or item.world.other
    item.event(E.OFFER, by=by, offeree=whom.id, expiry=3600, place=place, **more)


def _shuttle(world: World, places: Iterable[int]) -> Parcel:
    item, mate = world.register(), runner_of(world, "mate")
    item.hand_over(runner_of(world), place=CENTRE)
    for place in places:
        giver = item.holder
        assert giver
        _offer(item, giver, place, to=mate)
        item.event(E.ACCEPT, by=mate, cites=item.offer, place=place)
        mate = giver
    return item


def _nonce(world: World) -> bytes:
    value: bytes = world.entries[-1].event.fields[Field.NONCE]
    return value
