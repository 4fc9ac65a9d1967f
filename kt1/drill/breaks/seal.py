"""The seal, and who saw the envelope: ways to break it, and what comes close."""

from __future__ import annotations

from custody.fields import EventType as E
from custody.roles import Role
from kt1.drill.bags import close_bag, open_bag
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


@breaks("A03", "X03")
def seized_unseen(world: World) -> Parcel:
    """Security takes it away, and does not look at the seal."""
    item = world.register()
    item.event(E.SEIZE, by=world.security, reason_text="powder on the cover", seal=None)
    return item


@breaks("A06", "A07", "X03")
def found_unseen(world: World) -> Parcel:
    """Who finds it says nothing of the seal, which may have been off meanwhile."""
    item = _lost(world)
    item.event(E.FOUND, by=world.witness, second=world.second, seal=None)
    return item


@near("X03")
def near_taken_out_unseen(world: World) -> Parcel:
    """Out of a bag that its holder has opened, whose own seal was read: nobody else answers for it than before."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk)
    bag.hand_over(world.courier)
    open_bag(bag, by=world.courier, second=world.witness, unload=False)
    bag.unload(item, by=world.courier, seal=None)
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


@breaks("X06", "X09")
def two_of_one_label(world: World) -> Parcel:
    """Another office scans it, and a minute later its holder does."""
    item = world.register()
    item.event(E.SIGHT, by=world.other)
    item.event(E.INSPECT, by=world.clerk)
    return item


@breaks("X09")
def scanned_after_a_foreign_sight(world: World) -> Parcel:
    """Its holder came by that office, and scans it an hour later elsewhere: it may be one envelope."""
    item = world.register()
    item.event(E.SIGHT, by=world.other)
    world.now_ms += 60 * 60_000
    item.event(E.INSPECT, by=world.clerk)
    return item


@breaks("X09")
def typed_after_a_foreign_sight(world: World) -> Parcel:
    """The holder goes on without scanning: there may still be one envelope only."""
    item = world.register()
    item.event(E.SIGHT, by=world.other)
    item.event(E.INSPECT, by=world.clerk, method=4)
    return item


@breaks("X08")
def weighs_more(world: World) -> Parcel:
    """Eleven grams more than at the counter."""
    item = world.register(mass=120)
    item.hand_over(world.courier, mass=131)
    return item


@near("X08")
def near_another_scale(world: World) -> Parcel:
    """Two scales that differ by ten grams."""
    item = world.register(mass=120)
    item.hand_over(world.courier, mass=110)
    return item


@near("X06", "X09")
def near_seen_and_taken(world: World) -> Parcel:
    """The next office scans it before it accepts it, once it has been handed over there."""
    item = world.register()
    item.event(E.OFFER, by=world.clerk, offeree=world.other.id, expiry=3600)
    item.event(E.INSPECT, by=world.clerk)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    world.now_ms += 20 * 60_000
    item.event(E.INSPECT, by=world.other)
    return item


def _lost(world: World) -> Parcel:
    item = world.register()
    item.event(E.LOSS, by=world.supervisor, second=world.second, reason_text="not in the cabinet")
    return item
