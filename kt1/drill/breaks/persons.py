"""The persons: ways to break it, and what comes close."""

from __future__ import annotations

from typing import Any

from custody import label
from custody.event import Field
from custody.fields import EventType as E
from custody.roles import Role
from kt1.drill.breaks.common import breaks, near, offered
from kt1.drill.world import Parcel, Person, World


@breaks("P01")
def somebody_elses_name(world: World) -> Parcel:
    """The event names another person than the key's."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, actor=world.other.id)
    return item


@breaks("P02")
def not_custodian(world: World) -> Parcel:
    """Somebody gives away what another holds."""
    item = world.register()
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600)
    return item


@breaks("P03")
def wrong_offeree(world: World) -> Parcel:
    """A certified stranger takes what was offered to another."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    return item


@breaks("P04")
def one_sided(world: World) -> Parcel:
    """The taker cites no offer."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier)
    return item


@breaks("P05")
def self_handover(world: World) -> Parcel:
    """The clerk offers to herself."""
    item = world.register()
    item.event(E.OFFER, by=world.clerk, offeree=world.clerk.id, expiry=3600)
    return item


@breaks("P04")
def no_witness(world: World) -> Parcel:
    """A seal replaced by one person alone."""
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, seal=item.seal("B999"))
    return item


@breaks("P07")
def witness_of_stolen_phone(world: World) -> Parcel:
    """The witness's key was compromised when it countersigned."""
    stolen_ms = world.now_ms
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    world.system(E.KEY_REVOKE, {Field.KID: world.witness.kid, Field.REASON: 1, Field.COMPROMISED: stolen_ms})
    return item


@breaks("A04", "S01")
def void_on_the_way(world: World) -> Parcel:
    """Another office's counter relabels an item in mid-journey and cancels it."""
    far = Person("far", (Role.ISSUER, Role.CLERK), world.other.office)
    mate = Person("far mate", (Role.CLERK,), world.other.office)
    world.certify(far)
    world.certify(mate)
    item = world.register()
    item.hand_over(far)
    fresh = label.issue_label(
        number=item.label.number,
        instance=1,
        day=item.label.day,
        nonce=item.label.nonce,
        kid4=world.kid4,
        seal_commitment=item.label.seal_commitment,
        seed=world.labels.seed,
    )
    item.label = fresh
    item.event(E.RELABEL, by=far, second=mate, label_raw=fresh.raw, label=None)
    item.event(E.VOID, by=far, reason=1)
    return item


@breaks("P09", "X02")
def decided_by_who_registered(world: World) -> Parcel:
    """A supervisor who also works at the counter overrides what she registered."""
    both = Person("both", (Role.ISSUER, Role.SUPERVISOR), world.clerk.office)
    world.certify(both)
    item = world.register(by=both)
    item.event(E.SIGHT, by=world.courier, seal=item.seal(condition=1))
    _decide(world, item, by=both)
    return item


@breaks("P09", "X02")
def decided_for_oneself(world: World) -> Parcel:
    """The deciding supervisor takes the item herself."""
    item = world.register()
    item.event(E.SIGHT, by=world.courier, seal=item.seal(condition=1))
    _decide(world, item, offeree=world.supervisor.id)
    return item


@breaks("S01")
def decided_about_nothing(world: World) -> Parcel:
    """An override on an item with nothing to decide."""
    item = world.register()
    _decide(world, item, findings=[bytes(8)])
    return item


@breaks("S01", "X02")
def decided_to_nobody(world: World) -> Parcel:
    """An override into the hands of a person that nobody certified."""
    item = world.register()
    item.event(E.SIGHT, by=world.courier, seal=item.seal(condition=1))
    _decide(world, item, offeree=bytes(8))
    return item


def _decide(world: World, item: Parcel, *, by: Person | None = None, **more: Any) -> None:
    fields = {
        "offeree": world.courier.id,
        "findings": [f.id for f in item.judge().findings],
        "reason_text": "looked at together",
    }
    item.event(E.OVERRIDE, by=by or world.supervisor, second=world.second, **(fields | more))


@breaks("P07")
def wrong_witness(world: World) -> Parcel:
    """The witness is of another office."""
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=world.other, seal=item.seal("B999"))
    return item


@near("P03", "X09")
def near_office(world: World) -> Parcel:
    """Offered to an office, taken by somebody of it."""
    item = world.register()
    item.event(E.OFFER, by=world.clerk, offeree=world.other.office, expiry=3600)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    return item
