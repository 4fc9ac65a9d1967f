"""The key: ways to break it, and what comes close."""

from __future__ import annotations

from typing import Any

from custody.certificate import Reason
from custody.event import Field
from custody.fields import EventType as E
from custody.roles import Role
from kt1.drill.bags import close_bag
from kt1.drill.breaks.common import HOUR_MS, breaks, near, offered
from kt1.drill.world import CENTRE, OUTLYING, YEAR_MS, Parcel, Person, World


@breaks("K02")
def key_not_yet(world: World) -> Parcel:
    """The courier's certificate begins tomorrow."""
    late = Person("late", (Role.COURIER,), world.courier.office)
    world.certify(late, not_before=world.now_ms + 24 * HOUR_MS)
    item = world.register()
    item.hand_over(late)
    return item


@breaks("K06")
def countersigning_key(world: World) -> Parcel:
    """A key certified for second signatures takes custody."""
    mate = Person("mate", (Role.COURIER,), world.courier.office)
    world.certify(mate, use=1)
    item = offered(world, mate)
    item.event(E.ACCEPT, by=mate, cites=item.offer)
    return item


@breaks("K03")
def key_expired(world: World) -> Parcel:
    """The courier's training ended this morning."""
    stale = Person("stale", (Role.COURIER,), world.courier.office)
    world.certify(stale, not_after=world.now_ms - HOUR_MS)
    item = world.register()
    item.hand_over(stale)
    return item


@breaks("K04")
def key_revoked(world: World) -> Parcel:
    """The thief of a phone accepts after its key was revoked."""
    item = offered(world)
    world.system(E.KEY_REVOKE, {Field.KID: world.courier.kid, Field.REASON: 1})
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    return item


@breaks("K04")
def key_lost_and_dated_back(world: World) -> Parcel:
    """What the thief of a phone sends says that it was signed before the loss was reported; nothing proves it."""
    item = offered(world)
    raw = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    world.system(E.KEY_REVOKE, {Field.KID: world.courier.kid, Field.REASON: Reason.LOST})
    world.log(raw)
    return item


@breaks("K05")
def bag_taken_with_a_stolen_phone(world: World) -> Parcel:
    """It lies in a bag that somebody took with a phone of which the theft was reported later."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk)
    stolen_ms = world.now_ms
    bag.hand_over(world.courier)
    stolen: dict[int, Any] = {Field.KID: world.courier.kid, Field.REASON: Reason.LOST}
    world.system(E.KEY_REVOKE, stolen | {Field.COMPROMISED: stolen_ms})
    return item


@breaks("K04", "T04")
def key_retired_long_ago(world: World) -> Parcel:
    """A phone that was replaced in routine uploads what it has hours after the limit for late uploads."""
    world.limit(offline_ms=HOUR_MS)
    item = offered(world)
    raw = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    world.system(E.KEY_REVOKE, {Field.KID: world.courier.kid, Field.REASON: Reason.RETIRED})
    world.now_ms += 2 * HOUR_MS
    world.log(raw)
    return item


@breaks("K05")
def key_by_a_stolen_office(world: World) -> Parcel:
    """The office's enrolment key was stolen when it certified the courier who then takes the item."""
    office, mate = _office_and_courier(world)
    item = world.register()
    item.hand_over(mate)
    world.system(
        E.KEY_REVOKE,
        {Field.KID: office.kid, Field.REASON: Reason.LOST, Field.COMPROMISED: world.now_ms - HOUR_MS},
    )
    return item


@breaks("K05")
def key_compromised(world: World) -> Parcel:
    """The phone was stolen an hour before its key was revoked, and used in between."""
    item = world.register()
    item.hand_over(world.courier)
    world.system(
        E.KEY_REVOKE,
        {Field.KID: world.courier.kid, Field.REASON: 1, Field.COMPROMISED: world.now_ms - HOUR_MS},
    )
    return item


@breaks("K06")
def role_missing(world: World) -> Parcel:
    """An inspector takes custody."""
    item = offered(world, world.inspector)
    item.event(E.ACCEPT, by=world.inspector, cites=item.offer)
    return item


@breaks("K06")
def mark_too_high(world: World) -> Parcel:
    """Somebody cleared up to C takes an item marked A."""
    junior = Person("junior", (Role.COURIER,), world.courier.office, secrecy_max=3)
    world.certify(junior)
    item = world.register(secrecy=1)
    item.hand_over(junior)
    return item


@breaks("K12")
def soft_key(world: World) -> Parcel:
    """The policy wants keys that cannot be taken out of a browser; the taker's lies in a file."""
    mate = Person("mate", (Role.COURIER,), world.courier.office)
    world.certify(mate, key_store=1)
    item = offered(world, mate)
    world.limit(key_store=2)
    item.event(E.ACCEPT, by=mate, cites=item.offer)
    return item


@breaks("K07")
def key_of_another_office(world: World) -> Parcel:
    """A courier of the centre takes an item at another office, where the key does not count."""
    item = offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, place=OUTLYING)
    return item


@near("K12")
def near_soft_key(world: World) -> Parcel:
    """The policy wants keys in a browser, and that is where the taker's lies."""
    mate = Person("mate", (Role.COURIER,), world.courier.office)
    world.certify(mate, key_store=2)
    item = offered(world, mate)
    world.limit(key_store=2)
    item.event(E.ACCEPT, by=mate, cites=item.offer)
    item.event(E.SIGHT, by=world.supervisor)
    return item


@near("K07")
def near_second_office(world: World) -> Parcel:
    """A courier whose key counts at both ends of the road signs at each."""
    mate = Person("mate", (Role.COURIER,), world.courier.office)
    world.certify(mate, offices=[CENTRE, OUTLYING])
    item = world.register()
    item.hand_over(mate)
    item.event(E.OFFER, by=mate, offeree=world.other.id, expiry=3600, place=OUTLYING)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    return item


@near("K04")
def near_retired(world: World) -> Parcel:
    """A phone is replaced in routine; what it signed that morning is uploaded an hour later."""
    item = offered(world)
    raw = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    world.system(E.KEY_REVOKE, {Field.KID: world.courier.kid, Field.REASON: Reason.RETIRED})
    world.now_ms += HOUR_MS
    world.log(raw)
    return item


@near("K05")
def near_stolen_office(world: World) -> Parcel:
    """The office's key was stolen after it certified the courier."""
    office, mate = _office_and_courier(world)
    item = world.register()
    item.hand_over(mate)
    world.system(
        E.KEY_REVOKE, {Field.KID: office.kid, Field.REASON: Reason.LOST, Field.COMPROMISED: world.now_ms}
    )
    return item


@near("K08")
def near_second_phone(world: World) -> Parcel:
    """Another office certifies a second phone for a courier of the centre, who signs for it with the first one."""
    far, mate = Person("far office", (Role.ENROL,), OUTLYING), _SecondPhone(world.courier)
    world.certify(far)
    world.certify(mate, by=far, approvals=[world.courier], device_id=b"2nd fone")
    item = world.register()
    item.hand_over(world.other)
    item.hand_over(mate)
    return item


class _SecondPhone(Person):
    """The same person with another key."""

    def __init__(self, owner: Person) -> None:
        super().__init__("second phone", owner.roles, OUTLYING)
        self.owner = owner

    @property
    def id(self) -> bytes:
        """The owner's."""
        return self.owner.id


def _office_and_courier(world: World) -> tuple[Person, Person]:
    """An office's enrolment key, and a courier whom it certified."""
    office = Person("office", (Role.ENROL,), world.courier.office)
    mate = Person("mate", (Role.COURIER,), world.courier.office)
    world.certify(office)
    world.certify(mate, by=office)
    return office, mate


@near("K04", "K05")
def near_revoked(world: World) -> Parcel:
    """The key is lost after it was last used, and revoked as of then."""
    item = world.register()
    item.hand_over(world.courier)
    item.hand_over(world.other)
    world.system(
        E.KEY_REVOKE,
        {Field.KID: world.courier.kid, Field.REASON: 1, Field.COMPROMISED: world.now_ms + HOUR_MS},
    )
    return item


@near("K02", "K03")
def near_expiry(world: World) -> Parcel:
    """Used an hour before the certificate ends."""
    person = Person("nearly", (Role.COURIER,), world.courier.office)
    world.certify(person, not_after=world.now_ms + HOUR_MS, not_before=world.now_ms - YEAR_MS)
    item = world.register()
    item.hand_over(person)
    return item
