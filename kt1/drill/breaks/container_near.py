"""Containers: what honest work with them comes close to."""

from __future__ import annotations

from custody.fields import EventType as E
from kt1.drill.bags import close_bag, open_bag
from kt1.drill.breaks.common import near
from kt1.drill.breaks.container import travelled
from kt1.drill.world import Parcel, World


@near("B01", "B02", "B03", "B04", "B09")
def near_container(world: World) -> Parcel:
    """Two items go in, travel, come out, and one is delivered."""
    item, other = world.register(), world.register()
    bag = travelled(world, item, other)
    open_bag(bag, by=world.courier, second=world.witness)
    bag.event(E.RETIRE, by=world.courier, reason=1, label=None)
    item.deliver()
    return item


@near("B05", "B10")
def near_the_container_itself(world: World) -> Parcel:
    """What the container's own chain says of that."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk, mass=4_000)
    bag.hand_over(world.courier, mass=3_905)
    open_bag(bag, by=world.courier, second=world.witness, mass=4_000)
    return bag


@near("B08")
def near_three_deep(world: World) -> Parcel:
    """Three containers around an item, opened one after the other at the other end."""
    item = world.register()
    bags = [close_bag(world, [item], by=world.clerk)]
    for _ in range(2):
        bags.append(close_bag(world, [bags[-1]], by=world.clerk))
    bags[-1].hand_over(world.courier)
    for bag in reversed(bags):
        open_bag(bag, by=world.courier, second=world.witness)
    return item


@near("B02")
def near_other_items_of_the_container(world: World) -> Parcel:
    """What came out as it should is not accused of what was missing beside it."""
    item, other = world.register(), world.register()
    bag = travelled(world, item, other)
    open_bag(bag, by=world.courier, second=world.witness, missing=[item])
    return other


@near("C02", "B06")
def near_container_uploaded_backwards(world: World) -> Parcel:
    """Closed, loaded, handed over and opened without a network; the last event comes first."""
    item = world.register()
    with world.offline() as outbox:
        bag = travelled(world, item)
        open_bag(bag, by=world.courier, second=world.witness)
    for raw in reversed(outbox):
        world.log(raw)
    return item


@near("B05", "S01")
def near_a_late_word_about_the_bag(world: World) -> Parcel:
    """What is tried with a container after it was opened is no fault of what had been in it."""
    item = world.register()
    bag = travelled(world, item)
    open_bag(bag, by=world.courier, second=world.witness)
    bag.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600, seal=bag.seal("S9"))
    return item


@near("P02", "S03")
def near_a_stranger_and_an_old_bag(world: World) -> Parcel:
    """Months later a stranger signs something about the bag: nothing against what had been in it."""
    item = world.register()
    bag = travelled(world, item)
    head, seq = bag.head, bag.seq
    open_bag(bag, by=world.courier, second=world.witness)
    bag.event(E.RETIRE, by=world.courier, reason=1, label=None)
    item.deliver()
    bag.head, bag.seq = head, seq
    bag.event(E.OFFER, by=world.other, offeree=world.recipient.id, expiry=3600)
    return item


@near("X09", "X06")
def near_a_colleague_at_the_opening(world: World) -> Parcel:
    """A colleague scans what lies on the table before the opener has signed that it came out."""
    item = world.register()
    bag = travelled(world, item)
    open_bag(bag, by=world.courier, second=world.witness, unload=False)
    item.event(E.SIGHT, by=world.witness)
    bag.unload(item, by=world.courier)
    item.deliver()
    return item


@near("B11")
def near_reloaded(world: World) -> Parcel:
    """Out of one container and into the next."""
    item = world.register()
    bag = travelled(world, item)
    open_bag(bag, by=world.courier, second=world.witness)
    close_bag(world, [item], by=world.courier)
    return item
