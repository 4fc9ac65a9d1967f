"""Containers: ways in which what was closed in one is not what comes out, and what comes close."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from custody.event import Field, ItemRef
from custody.fields import EventType as E
from custody.label import Label, parse_label
from custody.roles import Role
from kt1.drill.bags import Bag, close_bag, manifest_of, open_bag
from kt1.drill.breaks.common import HOUR_MS, breaks
from kt1.drill.world import Parcel, Person, World


def travelled(world: World, *items: Parcel) -> Bag:
    """Close items into a container at the centre and hand it to the courier."""
    bag = close_bag(world, items, by=world.clerk)
    bag.hand_over(world.courier)
    return bag


def label_of(world: World, uids: Iterable[bytes]) -> Label:
    """Return the label of a container by its CLOSE."""
    closes = (e.event for e in world.entries if e.event.type is E.CLOSE and any(map(e.event.item, uids)))
    return parse_label(next(closes).fields[Field.LABEL_RAW])


def ref_of(item: Parcel) -> ItemRef:
    """Return the place in its chain at which an item would be loaded now."""
    return ItemRef(item.uid, item.seq + 1, item.head)


@breaks("B04", "B09", "C08", "P02")
def in_a_bag_by_word_alone(world: World) -> Parcel:
    """A courier who does not hold it signs it into a bag of others on its way, and out of that again."""
    item, secret = world.register(), world.register(secrecy=1)
    bag = travelled(world, secret)
    cites = bag.closing
    open_bag(bag, by=world.courier, second=world.witness)
    unproven: dict[str, Any] = {"container": bag.uid, "leaf": [0, bytes(16), []]}
    item.event(E.LOAD, by=world.other, cites=cites, **unproven)
    item.event(E.UNLOAD, by=world.other, cites=bag.opening, **unproven)
    return item


@breaks("B01")
def another_list(world: World) -> Parcel:
    """The list at opening names as many things, none missing, and is another one."""
    item, other = world.register(), world.register()
    bag = close_bag(world, [item], by=world.clerk)
    root, count = manifest_of([replace(bag.contents[item.uid][1], uid=other.uid)])
    open_bag(bag, by=world.clerk, second=world.witness, manifest=[root, count])
    return bag


@breaks("B01", "B02")
def item_missing(world: World) -> Parcel:
    """Two went in, one came out."""
    item, other = world.register(), world.register()
    bag = travelled(world, item, other)
    open_bag(bag, by=world.courier, second=world.witness, missing=[item])
    return bag


@breaks("B02")
def the_missing_item(world: World) -> Parcel:
    """The one that did not come out."""
    item, other = world.register(), world.register()
    bag = travelled(world, item, other)
    open_bag(bag, by=world.courier, second=world.witness, missing=[item])
    return item


@breaks("B01", "B03")
def one_too_many(world: World) -> Parcel:
    """A container gives out more than was closed in it."""
    item, other = world.register(), world.register()
    bag = travelled(world, item)
    open_bag(bag, by=world.courier, second=world.witness, surplus=[other])
    return bag


@breaks("B03", "S01")
def the_surplus_item(world: World) -> Parcel:
    """The clerk has it by the log; it came out of a container."""
    item, other = world.register(), world.register()
    bag = travelled(world, item)
    open_bag(bag, by=world.courier, second=world.witness, surplus=[other])
    return other


@breaks("B04")
def not_in_the_list(world: World) -> Parcel:
    """Loaded into a container whose manifest does not have it."""
    item, other = world.register(), world.register()
    bag = close_bag(world, [other], by=world.clerk)
    bag.load(item, by=world.clerk)
    return item


@breaks("B05")
def bag_seal_differs(world: World) -> Parcel:
    """The courier takes a container whose seal has another number."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk)
    bag.hand_over(world.courier, seal=bag.seal("S2"))
    return item


@breaks("B06")
def moved_while_closed(world: World) -> Parcel:
    """The courier of a closed container offers an item that is in it."""
    item = world.register()
    travelled(world, item)
    item.event(E.OFFER, by=world.courier, offeree=world.recipient.id, expiry=3600)
    return item


@breaks("B08")
def four_deep(world: World) -> Parcel:
    """A container in a container in a container in a container."""
    item = world.register()
    inner: Parcel = item
    for _ in range(4):
        inner = close_bag(world, [inner], by=world.clerk)
    return item


@breaks("B09")
def loaded_by_another(world: World) -> Parcel:
    """The clerk loads what she holds into a container that the courier closed."""
    item, other = world.register(), world.register()
    other.hand_over(world.courier)
    bag = close_bag(world, [other, item], by=world.courier, load=False)
    bag.load(item, by=world.clerk)
    return item


@breaks("B09")
def unloaded_by_another(world: World) -> Parcel:
    """Somebody else signs that it came out."""
    item = world.register()
    bag = travelled(world, item)
    open_bag(bag, by=world.courier, second=world.witness, unload=False)
    bag.unload(item, by=world.other)
    return item


@breaks("B10")
def bag_weighs_less(world: World) -> Parcel:
    """The container weighs half a kilogram less when it is taken over."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk, mass=4_000)
    bag.hand_over(world.courier, mass=3_500)
    return item


@breaks("B06", "B11")
def in_two_containers(world: World) -> Parcel:
    """Closed into a second container while the first is still closed."""
    item, other = world.register(), world.register()
    close_bag(world, [item], by=world.clerk)
    second = close_bag(world, [other, item], by=world.clerk, load=False)
    second.load(item, by=world.clerk)
    return item


@breaks("P04")
def opened_alone(world: World) -> Parcel:
    """A container opened without a witness."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk)
    bag.event(E.OPEN, by=world.clerk, manifest=manifest_of([ref for _, ref in bag.contents.values()]))
    return item


@breaks("K06")
def carried_by_the_uncleared(world: World) -> Parcel:
    """A container with an item marked A goes to a courier cleared up to C."""
    junior = Person("junior", (Role.COURIER,), world.courier.office, secrecy_max=3)
    world.certify(junior)
    item = world.register(secrecy=1)
    bag = close_bag(world, [item], by=world.clerk)
    bag.hand_over(junior)
    return item


@breaks("A06")
def container_lost(world: World) -> Parcel:
    """Whatever is in a lost container is lost."""
    item = world.register()
    bag = travelled(world, item)
    bag.event(E.LOSS, by=world.supervisor, second=world.second, seal=None, label=None)
    return item


@breaks("X09")
def seen_in_a_closed_container(world: World) -> Parcel:
    """It is in a closed container, and somebody scans it."""
    item = world.register()
    travelled(world, item)
    item.event(E.SIGHT, by=world.other)
    return item


@breaks("B07", wait_ms=80 * HOUR_MS)
def forgotten_container(world: World) -> Parcel:
    """Closed on Monday, and still closed on Thursday night."""
    item = world.register()
    travelled(world, item)
    return item


@breaks("S07", wait_ms=30 * HOUR_MS)
def never_taken_out(world: World) -> Parcel:
    """The opener says that everything was there, and this item is not seen again."""
    item = world.register()
    bag = travelled(world, item)
    open_bag(bag, by=world.courier, second=world.witness, unload=False)
    return item


@breaks("S07", wait_ms=30 * HOUR_MS)
def never_taken_out_of_a_bag_put_away(world: World) -> Parcel:
    """The item is not seen again, and the label of the bag it was in is withdrawn."""
    item = never_taken_out.make(world)
    bag = Bag(world, label_of(world, item.chain().containers), "S1")
    bag.head, bag.seq = bag.chain().item.head, bag.chain().item.seq
    bag.event(E.RETIRE, by=world.courier, reason=1, label=None)
    return item


@breaks("B02")
def missing_and_put_away_before_its_load_came(world: World) -> Parcel:
    """Missing at the opening; its LOAD is uploaded when the bag's label has been withdrawn."""
    item, other = world.register(), world.register()
    with world.offline() as outbox:
        bag = travelled(world, item, other)
        open_bag(bag, by=world.courier, second=world.witness, missing=[item])
        bag.event(E.RETIRE, by=world.courier, reason=1, label=None)
    for raw in [outbox[0], *outbox[2:], outbox[1]]:
        world.log(raw)
    return item


@breaks("B02")
def in_a_bag_that_was_missing(world: World) -> Parcel:
    """The inner bag did not come out of the outer one: nor did what is in it."""
    item, other = world.register(), world.register()
    inner = close_bag(world, [item], by=world.clerk)
    outer = close_bag(world, [inner, other], by=world.clerk)
    outer.hand_over(world.courier)
    open_bag(outer, by=world.courier, second=world.witness, missing=[inner])
    return item


@breaks("P04")
def one_courier_for_a_bag_with_a_secret(world: World) -> Parcel:
    """Two couriers take what is marked A, also in a bag."""
    world.limit(two_couriers=1)
    item = world.register(secrecy=1)
    travelled(world, item)
    return item


@breaks("K06")
def inner_bag_carried_by_the_uncleared(world: World) -> Parcel:
    """The inner bag went through uncleared hands before it came into the outer one."""
    junior = Person("junior", (Role.COURIER,), world.courier.office, secrecy_max=3)
    world.certify(junior)
    item = world.register(secrecy=1)
    inner = close_bag(world, [item], by=world.clerk)
    inner.hand_over(junior)
    close_bag(world, [inner], by=junior)
    return item


@breaks("C01")
def an_item_closed_as_a_container(world: World) -> Parcel:
    """A courier closes a container under the label of an item that was never registered."""
    item = world.register()
    ghost = world.unregistered()
    ghost.event(
        E.CLOSE, by=world.courier, label_raw=ghost.label.raw, label=None, manifest=manifest_of([ref_of(item)])
    )
    return ghost


@breaks("B05", "C02", "C02", "C02", "C06", "C06", "C06")
def bag_seal_differs_uploaded_first(world: World) -> Parcel:
    """The taker of a container with another seal uploads before the giver."""
    item = world.register()
    with world.offline() as outbox:
        bag = close_bag(world, [item], by=world.clerk)
        bag.hand_over(world.courier, seal=bag.seal("S2"))
    for raw in reversed(outbox):
        world.log(raw)
    return item


@breaks("K06")
def carried_by_the_uncleared_in_between(world: World) -> Parcel:
    """The uncleared courier has passed it on before the LOAD of the item marked A is uploaded."""
    junior = Person("junior", (Role.COURIER,), world.courier.office, secrecy_max=3)
    world.certify(junior)
    item = world.register(secrecy=1)
    with world.offline() as outbox:
        bag = close_bag(world, [item], by=world.clerk)
        bag.hand_over(junior)
        bag.hand_over(world.courier)
    for raw in [*outbox[:1], *outbox[2:], outbox[1]]:
        world.log(raw)
    return item


@breaks("S01")
def offered_when_open(world: World) -> Parcel:
    """An empty container is handed on as if it were closed."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk)
    open_bag(bag, by=world.clerk, second=world.witness)
    bag.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return bag
