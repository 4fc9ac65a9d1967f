"""The persons: ways to break it, and what comes close."""

from __future__ import annotations

from typing import Any

from custody import label
from custody.certificate import Reason
from custody.event import Field
from custody.fields import EventType as E
from custody.roles import Role
from kt1.drill.breaks.common import breaks, near, offered, officer
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
def witness_of_revoked_key(world: World) -> Parcel:
    """The witness's key had been revoked when it countersigned."""
    item = world.register()
    world.system(E.KEY_REVOKE, {Field.KID: world.witness.kid, Field.REASON: Reason.LOST})
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    return item


@breaks("P07")
def second_courier_of_revoked_key(world: World) -> Parcel:
    """Two couriers take an item marked A; the key of one had been revoked."""
    item, mate = _pair(world)
    world.system(E.KEY_REVOKE, {Field.KID: mate.kid, Field.REASON: Reason.LOST})
    item.hand_over(world.courier, second=mate)
    return item


@breaks("K05")
def second_courier_of_stolen_phone(world: World) -> Parcel:
    """Two couriers take an item marked A; that the phone of one was stolen by then is reported later."""
    item, mate = _pair(world)
    stolen_ms = world.now_ms
    item.hand_over(world.courier, second=mate)
    stolen: dict[int, Any] = {Field.KID: mate.kid, Field.REASON: Reason.LOST}
    world.system(E.KEY_REVOKE, stolen | {Field.COMPROMISED: stolen_ms})
    item.holder = world.courier
    item.hand_over(world.other, second=world.courier)
    return item


@near("P04", "P07", "K05")
def near_two_couriers(world: World) -> Parcel:
    """Two couriers take an item marked A."""
    item, mate = _pair(world)
    item.hand_over(world.courier, second=mate)
    return item


def _pair(world: World) -> tuple[Parcel, Person]:
    """An item marked A where two couriers are asked for, and a second courier."""
    world.limit(two_couriers=1)
    mate = Person("mate", (Role.COURIER,), world.courier.office)
    world.certify(mate)
    return world.register(secrecy=1), mate


@breaks("A05", "K05")
def witness_of_stolen_phone(world: World) -> Parcel:
    """The witness's key was compromised when it countersigned; the new seal stays, and what followed on it."""
    stolen_ms = world.now_ms
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    item.serial = "B999"
    item.hand_over(world.courier)
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


@breaks("S01", "X02")
def decided_to_somebody_certified_later(world: World) -> Parcel:
    """An override into the hands of a person whose certificate comes afterwards."""
    item, chosen = _damaged(world), Person("new", (Role.COURIER,), world.courier.office)
    _decide(world, item, offeree=chosen.id)
    world.certify(chosen)
    return item


@breaks("K06", "X02")
def decided_to_somebody_not_cleared(world: World) -> Parcel:
    """An override puts an item marked A into the hands of somebody cleared up to C."""
    item, junior = (
        _damaged(world, secrecy=1),
        Person("junior", (Role.COURIER,), world.courier.office, secrecy_max=3),
    )
    world.certify(junior)
    _decide(world, item, offeree=junior.id)
    return item


@breaks("K06", "X02")
def decided_to_a_reader(world: World) -> Parcel:
    """An override into the hands of an inspector, who takes nothing into custody."""
    item = _damaged(world)
    _decide(world, item, offeree=world.inspector.id)
    return item


@breaks("K06", "X02")
def decided_to_somebody_revoked(world: World) -> Parcel:
    """An override into the hands of a courier whose only key had been revoked."""
    item = _damaged(world)
    world.system(E.KEY_REVOKE, {Field.KID: world.courier.kid, Field.REASON: Reason.UNQUALIFIED})
    _decide(world, item)
    return item


@breaks("A01", "X02")
def decided_and_taken(world: World) -> Parcel:
    """An override as it should be, of an item marked A; what becomes of the chosen one's key later changes nothing."""
    item = _damaged(world, secrecy=1)
    _decide(world, item)
    world.system(E.KEY_REVOKE, {Field.KID: world.courier.kid, Field.REASON: Reason.UNQUALIFIED})
    return item


def _damaged(world: World, **more: Any) -> Parcel:
    """An item of which a witness says that its seal is damaged."""
    item = world.register(**more)
    item.event(E.SIGHT, by=world.witness, seal=item.seal(condition=1))
    return item


@breaks("A03", "P09")
def released_by_who_seized(world: World) -> Parcel:
    """One officer of security takes an item aside and lets it go again, alone."""
    item = _seized(world)
    item.event(E.RELEASE, by=world.security)
    return item


@breaks("A03")
def released_by_another(world: World) -> Parcel:
    """A second officer lets go what the first one seized, and it travels on."""
    item = _seized(world)
    item.event(E.RELEASE, by=officer(world))
    item.holder = world.security
    item.hand_over(world.courier)
    return item


@breaks("A03", "P09")
def destroyed_by_who_registered(world: World) -> Parcel:
    """An officer who also works at the counter has a hand in destroying what she registered."""
    both = Person("counter and security", (Role.ISSUER, Role.SECURITY), world.clerk.office)
    world.certify(both)
    item = world.register(by=both)
    item.event(E.SEIZE, by=world.security, reason_text="powder on the cover")
    item.event(E.DESTROY, by=world.security, second=both)
    return item


@breaks("A03")
def destroyed_by_two(world: World) -> Parcel:
    """Two officers who had no hand in it destroy what one of them seized."""
    item = _seized(world)
    item.event(E.DESTROY, by=world.security, second=officer(world))
    return item


@breaks("P09")
def lost_by_who_registered(world: World) -> Parcel:
    """A supervisor who also works at the counter declares lost what she registered."""
    both = Person("both", (Role.ISSUER, Role.SUPERVISOR), world.clerk.office)
    world.certify(both)
    item = world.register(by=both)
    item.event(E.LOSS, by=world.supervisor, second=both, seal=None, label=None)
    return item


@breaks("A06")
def lost_by_two(world: World) -> Parcel:
    """Two supervisors who had no hand in it declare it lost."""
    item = world.register()
    item.event(E.LOSS, by=world.supervisor, second=world.second, seal=None, label=None)
    return item


def _seized(world: World) -> Parcel:
    item = world.register()
    item.event(E.SEIZE, by=world.security, reason_text="powder on the cover")
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
