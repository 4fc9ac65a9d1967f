"""The state: ways to break it, and what comes close."""

from __future__ import annotations

from typing import Any

from custody.certificate import Reason
from custody.event import Field
from custody.fields import EventType as E
from custody.roles import Role
from kt1.drill.breaks.common import HOUR_MS, breaks, near, offered
from kt1.drill.world import RECIPIENT, Parcel, Person, World


@breaks("P04", "S01")
def unscanned_hop(world: World) -> Parcel:
    """The courier has it, though nobody offered it."""
    item = world.register()
    item.event(E.ACCEPT, by=world.courier)
    return item


@breaks("S02")
def seen_after_delivery(world: World) -> Parcel:
    """A delivered item turns up at another office."""
    item = world.register()
    item.deliver()
    item.event(E.SIGHT, by=world.other)
    return item


@breaks("K06", "S03")
def moved_after_delivery(world: World) -> Parcel:
    """A delivered item is offered again."""
    item = world.register()
    item.deliver()
    item.event(E.OFFER, by=world.recipient, offeree=world.courier.id, expiry=3600)
    return item


@breaks("S04")
def accepted_too_late(world: World) -> Parcel:
    """The offer had run out before the taker's device last saw the log."""
    item = offered(world)
    world.now_ms += 2 * HOUR_MS
    world.register()
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    return item


@near("S01", "S05", "P02")
def near_refusal(world: World) -> Parcel:
    """Refused once, taken back once, then handed over."""
    item = offered(world)
    item.event(E.REFUSE, by=world.courier, cites=item.offer, reason=1)
    item.event(E.OFFER, by=world.clerk, offeree=world.other.id, expiry=3600)
    item.event(E.CANCEL, by=world.clerk, cites=item.offer)
    item.hand_over(world.courier)
    return item


@breaks("P02")
def corrected_by_a_stranger(world: World) -> Parcel:
    """A courier of another office remarks that what the clerk signed was wrong."""
    item = world.register()
    item.event(E.CORRECT, by=world.other, cites=item.head, reason_text="the seal was fine")
    return item


@breaks("P02")
def corrected_another(world: World) -> Parcel:
    """Its holder corrects an event of his about another item."""
    item, other = world.register(), world.register()
    item.event(E.CORRECT, by=world.clerk, cites=other.head, reason_text="the seal was fine")
    return item


@near("P02")
def near_corrected(world: World) -> Parcel:
    """The one who signed something puts it right, by a remark that comes before that; then a supervisor does."""
    item = world.register()
    with world.offline() as outbox:
        looked = item.event(E.SIGHT, by=world.clerk)
        item.event(E.CORRECT, by=world.clerk, cites=looked.event.id, reason_text="typed by the trainee")
    for raw in reversed(outbox):
        world.log(raw)
    item.event(E.CORRECT, by=world.supervisor, cites=item.head, reason_text="the shift was another")
    return item


@near("S01", "S02", "P02")
def near_late_looks(world: World) -> Parcel:
    """Observations that arrive long after what they saw: each is judged by the state it speaks of."""
    item = world.register()
    at_clerk = item.sign(E.INSPECT, by=world.clerk)
    item.hand_over(world.courier)
    offer = item.offer
    at_courier = item.sign(E.SIGHT, by=world.courier)
    item.hand_over(world.other)
    world.log(at_clerk)
    world.log(at_courier)
    item.deliver()
    world.log(item.sign(E.CORRECT, by=world.clerk, cites=offer, reason_text="typed by the trainee"))
    return item


@breaks("S06")
def delivered_without_proof(world: World) -> Parcel:
    """The courier signs the delivery alone, and shows nothing of the recipient."""
    item = world.register()
    item.hand_over(world.courier)
    item.event(E.OFFER, by=world.courier, offeree=world.recipient.id, expiry=3600)
    item.event(E.DELIVER, by=world.courier, cites=item.offer)
    return item


@breaks("S06")
def badge_of_somebody_else(world: World) -> Parcel:
    """The badge that countersigned is not the recipient's."""
    item = world.register()
    item.hand_over(world.courier)
    item.event(E.OFFER, by=world.courier, offeree=world.recipient.id, expiry=3600)
    item.event(E.DELIVER, by=world.courier, second=world.foreign, cites=item.offer, proof=1)
    return item


@breaks("S06")
def badge_revoked(world: World) -> Parcel:
    """The recipient's badge had been reported lost when it countersigned."""
    item = _carried(world)
    world.system(E.KEY_REVOKE, {Field.KID: world.recipient.kid, Field.REASON: Reason.LOST})
    return _badge(world, item, world.recipient)


@breaks("S06")
def badge_expired(world: World) -> Parcel:
    """The recipient's badge had run out when it countersigned."""
    item, badge = _carried(world), Person("old badge", (Role.RECIPIENT,), 0, agency=RECIPIENT)
    world.certify(badge, not_after=world.now_ms - 1000)
    return _badge(world, item, badge)


@breaks("S06")
def badge_not_cleared(world: World) -> Parcel:
    """An item marked A is left with somebody of the right body who is cleared up to C."""
    item = _carried(world, secrecy=1)
    badge = Person("junior badge", (Role.RECIPIENT,), 0, agency=RECIPIENT, secrecy_max=3)
    world.certify(badge)
    return _badge(world, item, badge)


@breaks("A08", "K05")
def badge_stolen(world: World) -> Parcel:
    """That the recipient's badge was stolen by then is reported later: it is asked about, and stays delivered."""
    item, stolen_ms = _carried(world), world.now_ms
    _badge(world, item, world.recipient)
    stolen: dict[int, Any] = {Field.KID: world.recipient.kid, Field.REASON: Reason.LOST}
    world.system(E.KEY_REVOKE, stolen | {Field.COMPROMISED: stolen_ms})
    return item


def _carried(world: World, **more: Any) -> Parcel:
    item = world.register(**more)
    item.hand_over(world.courier)
    return item


def _badge(world: World, item: Parcel, badge: Person) -> Parcel:
    """The courier delivers, and somebody's badge countersigns."""
    item.event(E.OFFER, by=world.courier, offeree=badge.id, expiry=3600)
    item.event(E.DELIVER, by=world.courier, second=badge, cites=item.offer, proof=1)
    return item


@breaks("A08")
def signed_on_glass(world: World) -> Parcel:
    """The recipient signed on the courier's screen: it counts, and it is marked."""
    item = world.register()
    item.hand_over(world.courier)
    item.event(E.OFFER, by=world.courier, offeree=world.recipient.id, expiry=3600)
    item.event(E.DELIVER, by=world.courier, cites=item.offer, proof=2, attach=[bytes(32)])
    return item


@breaks("A08")
def signed_by_badge(world: World) -> Parcel:
    """The recipient's badge countersigned on the courier's device."""
    item = world.register()
    item.hand_over(world.courier)
    item.event(E.OFFER, by=world.courier, offeree=7002, expiry=3600)
    item.event(E.DELIVER, by=world.courier, second=world.recipient, cites=item.offer, proof=1)
    return item


@breaks("G03", "A08")
def left_with_another_body(world: World) -> Parcel:
    """The courier leaves it with a body to which it is not addressed, who signs on glass."""
    item = world.register()
    item.hand_over(world.courier)
    item.event(E.OFFER, by=world.courier, offeree=world.foreign.id, expiry=3600)
    item.event(E.DELIVER, by=world.courier, cites=item.offer, proof=2, attach=[bytes(32)])
    return item


@breaks("A08", "G03")
def body_changed_afterwards(world: World) -> Parcel:
    """It is left with somebody of another body, who is certified for the addressee's later."""
    item = _carried(world)
    item.event(E.OFFER, by=world.courier, offeree=world.foreign.id, expiry=3600)
    item.event(E.DELIVER, by=world.courier, cites=item.offer, proof=3, attach=[bytes(32)])
    world.certify(world.foreign, agency=RECIPIENT)
    return item


@breaks("A08")
def body_changed_before(world: World) -> Parcel:
    """It is left with somebody who came to the addressee's body from another, and goes back later."""
    world.certify(world.foreign, agency=RECIPIENT)
    item = _carried(world)
    item.event(E.OFFER, by=world.courier, offeree=world.foreign.id, expiry=3600)
    item.event(E.DELIVER, by=world.courier, cites=item.offer, proof=3, attach=[bytes(32)])
    world.certify(world.foreign)
    return item


@breaks("S08")
def sent_back_and_forth(world: World) -> Parcel:
    """Turned back, and turned back again."""
    item = world.register()
    item.hand_over(world.courier)
    item.event(E.RETURN, by=world.courier, reason=2)
    item.hand_over(world.other)
    item.event(E.RETURN, by=world.other, reason=2)
    return item
