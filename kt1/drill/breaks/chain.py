"""The chain: ways to break it, and what comes close."""

from __future__ import annotations

from dataclasses import replace

from custody import s10
from custody.event import parse_event
from custody.fields import EventType as E
from kt1.drill.breaks.common import breaks, near, offered
from kt1.drill.world import Parcel, World


@breaks("C01", "S01")
def no_genesis(world: World) -> Parcel:
    """A chain that begins with an offer."""
    item = world.register()
    ghost = Parcel(world, replace(item.label, day=item.label.day + 1), item.serial)
    ghost.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return ghost


@breaks("C05")
def built_on_another_item(world: World) -> Parcel:
    """The event names as its predecessor one that is about another envelope."""
    item, other = world.register(), world.register()
    item.head = other.head
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return item


@breaks("C09", "P04")
def cites_what_nobody_has(world: World) -> Parcel:
    """The taker says that he answers an offer which the log lacks."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=bytes(31) + b"!")
    return item


@near("C02", "C09")
def near_gap_that_closes(world: World) -> Parcel:
    """The taker's phone uploads before the giver's."""
    item = world.register()
    with world.offline() as outbox:
        item.hand_over(world.courier)
    for raw in reversed(outbox):
        world.log(raw)
    return item


@breaks("C02")
def missing_hop(world: World) -> Parcel:
    """A handover that only the devices know: the next one builds on it."""
    item = offered(world)
    unsent = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    item.head, item.seq = parse_event(unsent).id, item.seq + 1
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600)
    return item


@breaks("C03")
def wrong_position(world: World) -> Parcel:
    """The event claims to be further along the chain."""
    item = world.register()
    item.seq += 3
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return item


@breaks("C04", "C07")
def fork(world: World) -> Parcel:
    """Two offers of one item from one head."""
    item = world.register()
    head, seq = item.head, item.seq
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.head, item.seq = head, seq
    item.event(E.OFFER, by=world.clerk, offeree=world.other.id, expiry=3600)
    return item


@breaks("C04", "C07", "C08")
def tail_after_fork(world: World) -> Parcel:
    """The loser of a fork goes on."""
    item = fork.make(world)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    return item


@near("C02", "C08")
def near_late_upload(world: World) -> Parcel:
    """The taker goes on while the log waits for his own acceptance; it comes last."""
    item = offered(world)
    raw = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    item.head, item.seq = parse_event(raw).id, item.seq + 1
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    world.log(raw)
    return item


@near("C04", "C07")
def near_fork(world: World) -> Parcel:
    """Two people look at the item while it is offered: observations fork nothing."""
    item = offered(world)
    item.event(E.SIGHT, by=world.witness)
    item.event(E.SIGHT, by=world.supervisor)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    return item


@near("C02", "P02")
def near_look_first(world: World) -> Parcel:
    """The taker looks before he accepts, and his device sends the look first."""
    item = offered(world)
    accept = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    item.head, item.seq = parse_event(accept).id, item.seq + 1
    item.event(E.INSPECT, by=world.courier)
    world.log(accept)
    return item


@near("C04", "C07")
def near_double_tap(world: World) -> Parcel:
    """The giver taps twice and says the same thing twice."""
    item = world.register()
    head, seq = item.head, item.seq
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    first = item.head, item.seq, item.offer
    item.head, item.seq = head, seq
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.head, item.seq, item.offer = first
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    return item


@near("C01", "C04")
def near_poisoned_number(world: World) -> Parcel:
    """Somebody signed nonsense about a number before it was given out."""
    item = world.register()
    ghost = Parcel(
        world, replace(item.label, item=s10.pack_number(s10.make_number(world.serial + 1))), item.serial
    )
    ghost.event(E.REFUSE, by=world.recipient, cites=bytes(32), reason=1)
    return world.register()


@near("C04", "C08", "P04")
def near_built_on_the_second_tap(world: World) -> Parcel:
    """The screen showed the second of two equal offers: who takes by it takes."""
    item = world.register()
    head, seq = item.head, item.seq
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.head, item.seq = head, seq
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    item.holder = world.courier
    item.deliver()
    return item
