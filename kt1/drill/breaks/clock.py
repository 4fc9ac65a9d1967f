"""The time: ways to break it, and what comes close."""

from __future__ import annotations

from custody.fields import EventType as E
from custody.roles import Role
from kt1.drill.breaks.common import HOUR_MS, breaks, near, offered
from kt1.drill.world import Parcel, Person, World


@breaks("T01")
def time_regression(world: World) -> Parcel:
    """The taker's clock is ten minutes behind the giver's."""
    item = offered(world)
    early = [1, world.heads[1][0]]
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 600_000, anchor=early)
    return item


@breaks("T07")
def no_anchor(world: World) -> Parcel:
    """The device cites no checkpoint at all."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=None)
    return item


@breaks("K03", "S04", "T07")
def expired_in_hiding(world: World) -> Parcel:
    """The certificate ended two hours ago; the claim is back-dated and no checkpoint is cited to betray it."""
    stale = Person("stale", (Role.COURIER,), world.courier.office)
    world.certify(stale, not_after=world.now_ms + HOUR_MS)
    item = offered(world, stale)
    signed_ms = world.now_ms
    world.now_ms += 3 * HOUR_MS
    item.event(E.ACCEPT, by=stale, cites=item.offer, t_claim=signed_ms, anchor=None)
    return item


@breaks("T02")
def back_dated(world: World) -> Parcel:
    """Claimed before a checkpoint that the device had already seen."""
    item = offered(world)
    world.now_ms += 40 * 60_000
    world.register()
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 20 * 60_000)
    return item


@breaks("T03")
def future_dated(world: World) -> Parcel:
    """Claimed an hour after the log took it."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms + HOUR_MS)
    return item


@breaks("M05")
def split_view(world: World) -> Parcel:
    """The device saw another log of the same size."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=[len(world.entries), bytes(32)])
    return item


@breaks("M05")
def from_the_future(world: World) -> Parcel:
    """The device cites a size that this log did not have yet."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=[len(world.entries) + 5, bytes(32)])
    return item


@near("T01", "T02", "T03")
def near_clock(world: World) -> Parcel:
    """Clocks that differ by just less than the tolerance."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 119_000)
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600, t_claim=world.now_ms + 119_000)
    return item
