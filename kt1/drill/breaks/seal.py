"""The seal, and who saw the envelope: ways to break it, and what comes close."""

from __future__ import annotations

from custody.fields import EventType as E
from custody.roles import Role
from kt1.drill.breaks.common import breaks, near, offered, relabel
from kt1.drill.world import Parcel, Person, World


@breaks("X01")
def seal_differs(world: World) -> Parcel:
    """The number on the seal is another one."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, seal=item.seal("A123457"))
    return item


@breaks("X02")
def seal_damaged(world: World) -> Parcel:
    """The right seal, torn."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, seal=item.seal(condition=1))
    return item


@breaks("X03")
def seal_unchecked(world: World) -> Parcel:
    """Nobody looked."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, seal=None)
    return item


@breaks("X09")
def seen_by_another_body(world: World) -> Parcel:
    """The registry of a body that is neither sender nor addressee says that it has it."""
    outsider = Person("outsider", (Role.RECIPIENT,), 0, agency=7777)
    world.certify(outsider)
    item = world.register()
    item.event(E.SIGHT, by=outsider)
    return item


@breaks("X09")
def seen_elsewhere(world: World) -> Parcel:
    """Another office scans it, while its holder sits at the centre."""
    item = world.register()
    item.event(E.SIGHT, by=world.other)
    return item


@near("P04", "P07", "X01")
def near_reseal(world: World) -> Parcel:
    """Sealed anew under witness, and handed on under the new seal."""
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    item.serial = "B999"
    item.hand_over(world.courier)
    return item


@near("X01")
def near_seal(world: World) -> Parcel:
    """The same seal, read with other letters and blanks."""
    item = world.register(seal="VN 0042-A")
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, seal=item.seal("vn0042a"))
    return item


@near("L06", "X01")
def near_looks_before_change(world: World) -> Parcel:
    """Looks from before a new seal and a new label, uploaded after them."""
    item = world.register()
    old_seal = item.sign(E.SIGHT, by=world.courier)
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    item.serial = "B999"
    old_label = item.sign(E.SIGHT, by=world.courier)
    relabel(world, item, seal_commitment=item.seal()[0])
    world.log(old_seal)
    world.log(old_label)
    return item
