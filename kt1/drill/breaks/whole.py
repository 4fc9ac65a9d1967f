"""What only the whole log shows of items: ways to do it, and what comes close."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Final

from custody import label, s10
from custody.fields import EventType as E
from custody.fields import Field
from custody.roles import Role
from kt1.drill.bags import close_bag
from kt1.drill.breaks.common import breaks, near
from kt1.drill.world import ACCEPTED, OUTLYING, Parcel, Person, World

_DAY_MS: Final = 86_400_000
_TAG: Final = b"seal tag"
_SALT: Final = b"salt of one lot."


@breaks("L09")
def number_given_out_twice(world: World) -> Parcel:
    """A day after it was delivered, another envelope is registered under its number."""
    world.register().deliver()
    world.now_ms += _DAY_MS
    world.serial -= 1
    return world.register()


@near("L09")
def near_number_come_back(world: World) -> Parcel:
    """The number is registered again after the time within which numbers may not come back."""
    world.register().deliver()
    world.now_ms += 20 * _DAY_MS
    world.limit(reuse_days=20)
    world.serial -= 1
    return world.register()


@breaks("X05")
def seal_on_two_items(world: World) -> Parcel:
    """A seal that is on one envelope on its way is registered on another."""
    world.register(seal_tag=_TAG)
    return world.register(seal_tag=_TAG)


@near("X05")
def near_seal_of_a_cancelled_item(world: World) -> Parcel:
    """The label came out torn: the item is cancelled, and the same sealed envelope registered anew."""
    torn = world.register(seal_tag=_TAG)
    torn.event(E.VOID, by=world.clerk, reason=1)
    return world.register(seal_tag=_TAG)


@near("X05")
def near_seal_put_on_again(world: World) -> Parcel:
    """What is registered of a seal replaced under witness says nothing of the seal that came off."""
    first = world.register(seal_tag=_TAG)
    first.event(E.RESEAL, by=world.clerk, second=world.witness, seal=first.seal("B999"), seal_tag=b"another.")
    return world.register(seal_tag=_TAG)


@near("X05")
def near_seal_named_in_a_blocked_event(world: World) -> Parcel:
    """A courier signs, alone and of an item that another holds, that this envelope's seal is on it now."""
    item, other = world.register(seal_tag=_TAG), world.register()
    other.event(E.RESEAL, by=world.courier, seal=other.seal("Z9"), seal_tag=_TAG)
    return item


@near("X05")
def near_seal_named_under_a_forged_label(world: World) -> Parcel:
    """A courier signs the closing of a bag that there is not, under this envelope's seal and a label of his own."""
    item = world.register(seal_tag=_TAG)
    bag = world.unregistered("S1", service=s10.CONTAINER_SERVICE)
    _close(bag, replace(bag.label, signature=bytes(64)), by=world.other)
    return item


@near("X05")
def near_seal_named_under_a_copied_label(world: World) -> Parcel:
    """A courier copies the label off another's bag, and signs its closing once more under this envelope's seal."""
    item, inside = world.register(seal_tag=_TAG), world.register()
    bag = close_bag(world, [inside], by=world.clerk)
    _close(Parcel(world, bag.label, bag.serial), bag.label, by=world.other)
    return item


@near("L09")
def near_number_on_a_forged_label(world: World) -> Parcel:
    """An issuer elsewhere registers this number of another day, under a label that no key of the network signed."""
    item = world.register()
    issuer = Person("issuer of elsewhere", (Role.ISSUER,), OUTLYING)
    world.certify(issuer)
    forged = replace(item.label, day=item.label.day + 1)
    ghost = Parcel(world, forged, item.serial)
    ghost.event(E.REGISTER, by=issuer, label_raw=forged.raw, **ACCEPTED)
    return item


@breaks("A05", "X05")
def seal_put_on_anew_by_two(world: World) -> Parcel:
    """Two people seal an envelope anew with a seal that another one has."""
    world.register(seal_tag=_TAG)
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"), seal_tag=_TAG)
    return item


@breaks("X04")
def seal_of_no_lot(world: World) -> Parcel:
    """The seal was bought at a market: its number is in no lot that the log knows."""
    _seal_lot(world)
    return world.register(seal="A123999", seal_tag=_tag_of("A123999"))


@breaks("X04")
def seal_without_its_lot(world: World) -> Parcel:
    """The policy asks where seals come from, and the registration does not say."""
    _seal_lot(world)
    return world.register(seal="A123456")


@breaks("X04")
def another_seal_than_issued(world: World) -> Parcel:
    """The tag is of a seal in the drawer; the one on the cover, to which the label commits, is another."""
    _seal_lot(world)
    return world.register(seal="A999999", seal_tag=_tag_of("A123456"))


@near("X04", "X05")
def near_seals_of_a_lot(world: World) -> Parcel:
    """Two items under two seals of the lot; one is sealed anew with a third, read with blanks and small letters."""
    _seal_lot(world)
    world.register(seal="A123401", seal_tag=_tag_of("A123401"))
    item = world.register(seal="A123402", seal_tag=_tag_of("A123402"))
    item.event(
        E.RESEAL,
        by=world.clerk,
        second=world.witness,
        seal=item.seal("a 123-403"),
        seal_tag=_tag_of("a 123-403"),
    )
    item.serial = "A123403"
    item.hand_over(world.courier)
    return item


def _close(bag: Parcel, shown: label.Label, *, by: Person) -> None:
    bag.event(E.CLOSE, by=by, label_raw=shown.raw, manifest=[bytes(32), 1], seal_tag=_TAG)


def _seal_lot(world: World) -> None:
    lot: dict[int, Any] = {
        Field.SEAL_TYPE: 1,
        Field.LOT_PREFIX: "A",
        Field.LOT_RANGE: [123_400, 123_499, 6],
        Field.LOT_SALT: _SALT,
    }
    world.system(E.SEAL_LOT, lot)
    world.limit(seal_lots=1)


def _tag_of(serial: str) -> bytes:
    return label.seal_tag(salt=_SALT, seal_type=1, serial=serial)
