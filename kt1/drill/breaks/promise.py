"""What was promised at acceptance: ways to break it, and what comes close."""

from __future__ import annotations

from typing import Any

from custody.fields import EventType as E
from kt1.drill.breaks.common import HOUR_MS, MINUTE_MS, breaks, near
from kt1.drill.terrain import move_to
from kt1.drill.world import Parcel, Person, World
from kt1.service import Reason


@breaks("T08")
def late_delivery(world: World) -> Parcel:
    """An urgent item, delivered after seven hours; six were promised."""
    world.limit(express_ms=6 * HOUR_MS)
    item = world.register(urgency=1)
    return _delivered(world, item, hours=7)


@breaks("T08")
def still_not_delivered(world: World) -> Parcel:
    """An appointed hour that has passed, and the item is with a courier."""
    item = _appointed(world, after_ms=HOUR_MS)
    move_to(world, world.now_ms + 2 * HOUR_MS)
    return item


@near("T08")
def near_late_delivery(world: World) -> Parcel:
    """Half an hour after the appointed one; nothing is promised to what is not urgent."""
    world.limit(express_ms=6 * HOUR_MS)
    item = world.register(urgency=2, due=world.now_ms + HOUR_MS)
    move_to(world, world.now_ms + 84 * MINUTE_MS)
    item.deliver()
    return item


def _urgent(world: World) -> Parcel:
    """An urgent item on its way; six hours were promised."""
    world.limit(express_ms=6 * HOUR_MS)
    item = world.register(urgency=1)
    item.hand_over(world.courier)
    return item


def _appointed(world: World, *, after_ms: int) -> Parcel:
    """An item on its way for an agreed hour."""
    item = world.register(urgency=2, due=world.now_ms + after_ms)
    item.hand_over(world.courier)
    return item


def _delivered(world: World, item: Parcel, *, hours: int) -> Parcel:
    """So many hours later it is delivered."""
    move_to(world, world.now_ms + hours * HOUR_MS)
    item.deliver()
    return item


def _tried(world: World, item: Parcel, courier: Person, hours: int, **more: Any) -> None:
    """The holder stands before a closed door, so many hours from now."""
    move_to(world, world.now_ms + hours * HOUR_MS)
    item.event(E.SIGHT, by=courier, reason=int(Reason.NOBODY_THERE), **more)


@near("T08")
def near_tried_in_time(world: World) -> Parcel:
    """Nobody was there after four hours of the six, and the urgent item was taken after nine."""
    item = _urgent(world)
    _tried(world, item, world.courier, 4)
    return _delivered(world, item, hours=5)


@near("T08")
def near_refused_in_time(world: World) -> Parcel:
    """The addressee's own clerk would not take it in time, and takes it the next day."""
    world.limit(express_ms=6 * HOUR_MS)
    item = world.register(urgency=1)
    item.event(E.OFFER, by=world.clerk, offeree=world.recipient.id, expiry=3600)
    item.event(E.REFUSE, by=world.recipient, cites=item.offer, reason=int(Reason.COVER))
    return _delivered(world, item, hours=20)


@near("T08", "C02")
def near_tried_in_time_told_later(world: World) -> Parcel:
    """The phone that was at the door in time has no network until the item is delivered."""
    item = _urgent(world)
    with world.offline() as outbox:
        _tried(world, item, world.courier, 4)
    move_to(world, world.now_ms + 5 * HOUR_MS)
    item.deliver()
    for raw in outbox:
        world.log(raw)
    return item


@near("T08")
def near_tried_at_the_agreed_hour(world: World) -> Parcel:
    """Nobody was there ten minutes before the appointed hour; it was delivered in the afternoon."""
    item = _appointed(world, after_ms=3 * HOUR_MS + 10 * MINUTE_MS)
    _tried(world, item, world.courier, 3)
    return _delivered(world, item, hours=5)


@breaks("T08")
def tried_before_the_agreed_hour(world: World) -> Parcel:
    """At the door two hours before the appointed one, when nobody waited, and then too late."""
    item = _appointed(world, after_ms=3 * HOUR_MS)
    _tried(world, item, world.courier, 1)
    return _delivered(world, item, hours=5)


@breaks("T08")
def tried_too_late(world: World) -> Parcel:
    """The first attempt comes after the time that was promised; the item still lies with the courier."""
    item = _urgent(world)
    _tried(world, item, world.courier, 7)
    move_to(world, world.now_ms + 9 * HOUR_MS)
    return item


@breaks("T08", "X09")
def tried_by_another(world: World) -> Parcel:
    """Somebody who does not hold it says that nobody was there."""
    item = _urgent(world)
    _tried(world, item, world.other, 4)
    return _delivered(world, item, hours=5)


@breaks("T02", "T08")
def tried_in_time_by_a_backdated_word(world: World) -> Parcel:
    """Late, and then a closed door is claimed for an hour before the newest checkpoint that the device had seen."""
    item = _urgent(world)
    move_to(world, world.now_ms + 7 * HOUR_MS)
    item.event(
        E.SIGHT,
        by=world.courier,
        reason=int(Reason.NOBODY_THERE),
        t_claim=world.now_ms - 3 * HOUR_MS,
    )
    item.deliver()
    return item


@near("T08")
def near_turned_back_late(world: World) -> Parcel:
    """Nobody was there; on the way back no time was promised."""
    item = world.register(urgency=2, due=world.now_ms + HOUR_MS)
    item.event(E.RETURN, by=world.clerk, reason=2)
    move_to(world, world.now_ms + 3 * HOUR_MS)
    return item
