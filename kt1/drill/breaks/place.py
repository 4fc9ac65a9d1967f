"""The place: ways to break it, and what comes close."""

from __future__ import annotations

from custody.fields import EventType as E
from kt1.drill.breaks.common import breaks, near, offered
from kt1.drill.world import Parcel, World


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
