"""The journeys of `breaks`: honest up to the point where something is done that must not be."""

from __future__ import annotations

from dataclasses import replace

from custody import ed25519
from custody.event import EventType, Field
from custody.label import Label, commit_seal, issue_label
from custody.roles import Role
from custody.s10 import pack_number
from kt1.clock import HOUR_MS, MINUTE_MS
from kt1.province import CENTRE
from kt1.register import Person
from kt1.site import grant_for
from kt1.traffic.journeys import accept, carry, deliver, hand_over, offer, replace_label, sign_for, take
from kt1.traffic.times import day_of_ms, until_open
from kt1.traffic.world import MANUAL, SEAL_TYPE, Device, Envelope, Journey, Step, World

_FORGER = bytes(range(32))  # the seed of somebody who prints labels
_DAMAGED = 1  # seal condition


def bring(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Accept the envelope, and bring it to a courier at the recipient's office."""
    now_ms = yield from accept(world, envelope, now_ms)
    recipient = world.register.agency_by_code[envelope.acceptance.recipient]
    return (yield from carry(world, envelope, recipient.office, now_ms))


def finish(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Have the holder deliver the envelope to its recipient."""
    return (yield from deliver(world, envelope, envelope.acceptance.recipient, now_ms))


def _colleague(world: World, envelope: Envelope) -> Person:
    return world.pick(envelope.office, Role.COURIER, but=envelope.holder)


def _label(world: World, envelope: Envelope, seed: bytes) -> Label:
    """Another label for the same item, under any key that calls itself the label key."""
    return issue_label(
        number=envelope.number,
        instance=envelope.label.instance + 1,
        day=envelope.label.day,
        nonce=world.rng.randbytes(6),
        kid4=world.keys.kid4,
        seal_commitment=envelope.label.seal_commitment,
        seed=seed,
    )


# -- who holds it ------------------------------------------------------------------------------------


def unscanned_hop(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A courier passes the envelope to another without a scan, who then delivers it."""
    now_ms = yield from bring(world, envelope, now_ms)
    envelope.holder, envelope.beside = _colleague(world, envelope), True
    return (yield from finish(world, envelope, now_ms))


def missing_event(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A handover was scanned, but the device that holds it never uploads it."""
    now_ms = yield from bring(world, envelope, now_ms)
    colleague = _colleague(world, envelope)
    now_ms = yield from offer(world, envelope, colleague, now_ms)
    world.act(EventType.ACCEPT, envelope, colleague, now_ms, {Field.CITES: envelope.offer})
    envelope.holder = colleague
    return (yield from finish(world, envelope, now_ms))


def wrong_taker(world: World, envelope: Envelope, now_ms: int, taken: list[bytes] | None = None) -> Journey:
    """A certified courier takes what was offered to another; the id of that event is added to *taken*."""
    now_ms = yield from bring(world, envelope, now_ms)
    named = _colleague(world, envelope)
    now_ms = yield from offer(world, envelope, named, now_ms)
    others = world.register.staff(office=envelope.office, role=Role.COURIER)
    taker = next(one for one in others if one not in (named, envelope.holder))
    changes = {Field.CITES: envelope.offer}
    envelope.beside = True
    step = world.act(EventType.ACCEPT, envelope, taker, now_ms, changes)
    envelope.beside = False
    if taken is not None:
        taken.append(step.id)
    return (yield step)


def stranger_signs(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Somebody without a certificate signs that they took the envelope: the log refuses the entry."""
    now_ms = yield from bring(world, envelope, now_ms)
    colleague = _colleague(world, envelope)
    now_ms = yield from offer(world, envelope, colleague, now_ms)
    seq, head = envelope.seq, envelope.head
    stranger = Device(colleague, world.rng.randbytes(32), 0)
    step = world.act(EventType.ACCEPT, envelope, stranger, now_ms, {Field.CITES: envelope.offer})
    now_ms = yield replace(step, is_refused=True)
    envelope.seq, envelope.head = seq, head
    now_ms = yield from take(world, envelope, colleague, now_ms)
    return (yield from finish(world, envelope, now_ms))


def self_handover(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A courier offers the envelope to themself."""
    now_ms = yield from bring(world, envelope, now_ms)
    envelope.beside = True
    now_ms = yield from offer(world, envelope, envelope.holder, now_ms)
    envelope.beside = False
    return (yield from finish(world, envelope, now_ms))


def one_signature(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A courier takes the envelope without the giver's offer."""
    now_ms = yield from bring(world, envelope, now_ms)
    colleague = _colleague(world, envelope)
    now_ms = yield from offer(world, envelope, colleague, now_ms)
    envelope.offer = world.rng.randbytes(32)
    return (yield from take(world, envelope, colleague, now_ms))


def two_stories(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """One courier offers the same envelope, from the same point of its chain, to two people at once."""
    now_ms = yield from bring(world, envelope, now_ms)
    seq, head, seen = envelope.seq, envelope.head, world.checkpoint()
    first, second = _colleague(world, envelope), world.receiver(envelope.acceptance.recipient)
    now_ms = yield from offer(world, envelope, first, now_ms)
    kept = (envelope.seq, envelope.head, envelope.offer_nonce)
    envelope.seq, envelope.head = seq, head
    changes = {
        Field.OFFEREE: second.id,
        Field.EXPIRY: 3_600,
        Field.ANCHOR: list(seen) if seen else None,
    }
    now_ms = yield world.act(EventType.OFFER, envelope, envelope.holder, now_ms, changes)
    envelope.seq, envelope.head, envelope.offer_nonce = kept
    return (yield from take(world, envelope, first, now_ms))


def borrowed_name(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """An offer names another person than the one whose key signed it."""
    now_ms = yield from bring(world, envelope, now_ms)
    colleague = _colleague(world, envelope)
    changes = {Field.OFFEREE: colleague.id, Field.EXPIRY: 3_600, Field.ACTOR: colleague.id}
    return (yield world.act(EventType.OFFER, envelope, envelope.holder, now_ms, changes))


def unqualified_taker(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """An inspector, who may look but not hold, takes the envelope."""
    now_ms = yield from bring(world, envelope, now_ms)
    inspector = world.pick(CENTRE, Role.INSPECTOR)
    now_ms = yield from offer(world, envelope, inspector, now_ms)
    return (yield from take(world, envelope, inspector, now_ms))


def wrong_body(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Somebody of another body, who came to the office for their own mail, signs for the envelope."""
    now_ms = yield from bring(world, envelope, now_ms)
    addressee = envelope.acceptance.recipient
    rank = world.secrecy_max(addressee).rank
    wrong = next(
        one.code
        for one in world.register.agencies
        if one.code != addressee
        and one.office == envelope.office
        and world.secrecy_max(one.code).rank >= rank
    )
    receiver = world.receiver(wrong)
    now_ms = yield from offer(world, envelope, receiver, now_ms)
    now_ms = yield now_ms + MINUTE_MS
    return (yield from sign_for(world, envelope, receiver, now_ms))


# -- keys --------------------------------------------------------------------------------------------


def _second_device(world: World, person: Person, now_ms: int, *, lasts_ms: int) -> tuple[Device, Step]:
    device = Device(person, world.rng.randbytes(32), 0)
    public = ed25519.public_of(device.seed)
    grant = grant_for(person, public, world.register, now_ms=now_ms - HOUR_MS)
    limited = replace(grant, not_after_ms=now_ms + lasts_ms)
    return device, Step(at_ms=now_ms, raw=world.authority.certify(limited, now_ms=now_ms))


def expired_key(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A courier whose qualification has run out gives the envelope on."""
    now_ms = yield from bring(world, envelope, now_ms)
    device, certificate = _second_device(world, envelope.holder, now_ms, lasts_ms=MINUTE_MS)
    yield certificate
    now_ms = yield now_ms + HOUR_MS
    changes = {Field.OFFEREE: _colleague(world, envelope).id, Field.EXPIRY: 3_600}
    return (yield world.act(EventType.OFFER, envelope, device, now_ms, changes))


def revoked_key(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A stolen device signs after its key was revoked."""
    now_ms = yield from bring(world, envelope, now_ms)
    device, certificate = _second_device(world, envelope.holder, now_ms, lasts_ms=24 * HOUR_MS)
    now_ms = yield certificate
    now_ms = yield Step(at_ms=now_ms + MINUTE_MS, raw=world.authority.revoke(device.kid, now_ms=now_ms))
    changes = {Field.OFFEREE: _colleague(world, envelope).id, Field.EXPIRY: 3_600}
    return (yield world.act(EventType.OFFER, envelope, device, now_ms, changes))


# -- label and seal ----------------------------------------------------------------------------------


def _sight(world: World, envelope: Envelope, label: Label, now_ms: int) -> Journey:
    """A clerk at the centre scans a second envelope that bears the same number."""
    changes = {Field.LABEL_RAW: label.raw, Field.LABEL: None, Field.SEAL: None, Field.PLACE: CENTRE}
    clerk = world.pick(CENTRE, Role.CLERK)
    return (yield world.act(EventType.SIGHT, envelope, clerk, now_ms, changes))


def forged_label(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A second envelope turns up: right number, right form, but signed by a forger."""
    now_ms = yield from bring(world, envelope, now_ms)
    now_ms = yield from _sight(world, envelope, _label(world, envelope, _FORGER), now_ms)
    return (yield from finish(world, envelope, now_ms))


def unregistered_label(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A label turns up that the true label key signed, but that nobody registered."""
    now_ms = yield from bring(world, envelope, now_ms)
    now_ms = yield from _sight(world, envelope, _label(world, envelope, world.keys.label), now_ms)
    return (yield from finish(world, envelope, now_ms))


def superseded_label(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The label was replaced under witness, and later the old one is scanned."""
    now_ms = yield from bring(world, envelope, now_ms)
    old = envelope.label
    now_ms = yield from replace_label(world, envelope, now_ms)
    new, envelope.label = envelope.label, old
    now_ms = yield from hand_over(world, envelope, _colleague(world, envelope), now_ms)
    envelope.label = new
    return (yield from finish(world, envelope, now_ms))


def no_witness(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A courier puts on a new seal alone."""
    now_ms = yield from bring(world, envelope, now_ms)
    envelope.beside = True
    now_ms = yield world.act(EventType.RESEAL, envelope, envelope.holder, now_ms)
    envelope.beside = False
    return (yield from finish(world, envelope, now_ms))


def own_witness(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A courier puts on a new seal and witnesses it with their own signature."""
    now_ms = yield from bring(world, envelope, now_ms)
    holder, envelope.beside = envelope.holder, True
    now_ms = yield world.act(EventType.RESEAL, envelope, holder, now_ms, None, holder)
    envelope.beside = False
    return (yield from finish(world, envelope, now_ms))


def manual_entry(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The label cannot be read, and the number is typed."""
    now_ms = yield from bring(world, envelope, now_ms)
    receiver = world.receiver(envelope.acceptance.recipient)
    now_ms = yield from offer(world, envelope, receiver, now_ms)
    changes = {Field.CITES: envelope.offer, Field.METHOD: MANUAL, Field.LABEL: None}
    return (yield world.act(EventType.DELIVER, envelope, receiver, now_ms, changes))


def seal_differs(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The taker reads another seal number than the one put on at acceptance."""
    now_ms = yield from bring(world, envelope, now_ms)
    envelope.seal = commit_seal(
        nonce=envelope.label.nonce,
        item=pack_number(envelope.number),
        seal_type=SEAL_TYPE,
        serial="KT99999999",
    )
    return (yield from finish(world, envelope, now_ms))


def seal_damaged(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The recipient reports a damaged seal."""
    return (yield from _deliver_with_seal(world, envelope, now_ms, [envelope.seal, _DAMAGED]))


def seal_unchecked(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The recipient signs without a look at the seal."""
    return (yield from _deliver_with_seal(world, envelope, now_ms, None))


def _deliver_with_seal(
    world: World, envelope: Envelope, now_ms: int, seal: list[bytes | int] | None
) -> Journey:
    now_ms = yield from bring(world, envelope, now_ms)
    receiver = world.receiver(envelope.acceptance.recipient)
    now_ms = yield from offer(world, envelope, receiver, now_ms)
    changes = {Field.CITES: envelope.offer, Field.SEAL: seal}
    return (yield world.act(EventType.DELIVER, envelope, receiver, now_ms, changes))


# -- time --------------------------------------------------------------------------------------------


def late_scan(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The envelope is seen at the centre after it was delivered."""
    now_ms = yield from bring(world, envelope, now_ms)
    now_ms = yield from finish(world, envelope, now_ms)
    now_ms = yield now_ms + 5 * HOUR_MS
    changes = {Field.PLACE: CENTRE, Field.SEAL: None}
    return (yield world.act(EventType.SIGHT, envelope, world.pick(CENTRE, Role.CLERK), now_ms, changes))


def moved_after_delivery(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A courier offers an envelope that was delivered hours ago."""
    now_ms = yield from bring(world, envelope, now_ms)
    courier = envelope.holder
    now_ms = yield from finish(world, envelope, now_ms)
    envelope.holder = courier
    now_ms = yield until_open(now_ms + 5 * HOUR_MS)
    return (yield from offer(world, envelope, _colleague(world, envelope), now_ms))


def back_dated(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A recipient claims to have signed three hours earlier than the device can have."""
    return (yield from _deliver_at(world, envelope, now_ms, -3 * HOUR_MS))


def future_dated(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A recipient's device claims a time two hours ahead."""
    return (yield from _deliver_at(world, envelope, now_ms, 2 * HOUR_MS))


def _deliver_at(world: World, envelope: Envelope, now_ms: int, shift_ms: int) -> Journey:
    now_ms = yield from bring(world, envelope, now_ms)
    ten_ms = day_of_ms(now_ms) + 10 * HOUR_MS  # the offices were open three hours before, and are in two
    now_ms = yield max(now_ms, ten_ms)
    receiver = world.receiver(envelope.acceptance.recipient)
    now_ms = yield from offer(world, envelope, receiver, now_ms)
    changes = {Field.CITES: envelope.offer, Field.T_CLAIM: now_ms + shift_ms}
    return (yield world.act(EventType.DELIVER, envelope, receiver, now_ms, changes))


def split_view(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A device was shown another log than the one that its event comes into."""
    now_ms = yield from bring(world, envelope, now_ms)
    seen = world.checkpoint()
    size = seen[0] if seen else 1
    changes = {
        Field.OFFEREE: _colleague(world, envelope).id,
        Field.EXPIRY: 3_600,
        Field.ANCHOR: [size, world.rng.randbytes(32)],
    }
    return (yield world.act(EventType.OFFER, envelope, envelope.holder, now_ms, changes))


def forgotten_offer(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """An offer that nobody answers."""
    now_ms = yield from accept(world, envelope, now_ms)
    courier = world.pick(envelope.office, Role.COURIER)
    return (yield from offer(world, envelope, courier, now_ms))


def forgotten_item(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """An envelope that stays in somebody's bag."""
    now_ms = yield from accept(world, envelope, now_ms)
    courier = world.pick(envelope.office, Role.COURIER)
    return (yield from hand_over(world, envelope, courier, now_ms + MINUTE_MS))
