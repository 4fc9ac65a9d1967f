"""Honest journeys: how an envelope goes from counter to counter to the hands of its recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from custody.event import EventType, Field
from custody.label import commit_seal, issue_label
from custody.roles import Role
from custody.s10 import pack_number
from kt1.acceptance import Acceptance, Check, CheckResult, register_facts
from kt1.clock import HOUR_MS, MINUTE_MS
from kt1.province import CENTRE
from kt1.register import Agency, Person
from kt1.service import Kind, Reason, Secrecy, Urgency
from kt1.traffic.times import until_open
from kt1.traffic.world import SEAL_TYPE, Envelope, Journey, Sealed, World

__all__ = [
    "BADGE",
    "accept",
    "carry",
    "choose_acceptance",
    "deliver",
    "hand_over",
    "honest",
    "look",
    "offer",
    "path_of",
    "prepare",
    "replace_label",
    "replace_seal",
    "sign_for",
    "take",
    "to_courier",
    "turn_back",
]

BADGE = 1
"""Field PROOF: the recipient's badge countersigned."""
_OFFER_S = 4 * 3_600
_SCALE_G = 8  # two scales for letters differ by less
_TRIPS = 0.03  # how often a first offer is refused, or taken back
_TO_OFFICE = 0.1  # how often something is offered to whoever is at the counter
_AGREED_H = (8, 54)  # hours to an agreed time of delivery
_WINDOW_MS = 20 * MINUTE_MS  # around an agreed time of delivery

_KINDS = (Kind.LETTER, Kind.PACKET, Kind.PARCEL)
_SECRECY_WEIGHTS = {Secrecy.NONE: 6, Secrecy.C: 3, Secrecy.B: 2, Secrecy.A: 1}
_URGENCY_WEIGHTS = {Urgency.NONE: 8, Urgency.EXPRESS: 2, Urgency.TIMED: 1}
_MASS_G = {Kind.LETTER: (15, 400), Kind.PACKET: (200, 3_000), Kind.PARCEL: (1_500, 12_000)}


def choose_acceptance(
    world: World,
    now_ms: int,
    *,
    between: tuple[Agency, Agency] | None = None,
    urgencies: tuple[Urgency, ...] = tuple(Urgency),
) -> Acceptance:
    """A plausible form, *between* these bodies or any two, that `check_acceptance` finds no fault with."""
    rng = world.rng
    sender, recipient = between or rng.sample(world.register.agencies, 2)
    kind = rng.choices(_KINDS, (8, 2, 1))[0]
    limit = min(world.secrecy_max(code).rank for code in (sender.code, recipient.code))
    marks = [mark for mark in Secrecy if mark.rank <= limit]
    secrecy = rng.choices(marks, [_SECRECY_WEIGHTS[mark] for mark in marks])[0]
    urgency = rng.choices(urgencies, [_URGENCY_WEIGHTS[one] for one in urgencies])[0]
    is_checked = kind is not Kind.LETTER
    return Acceptance(
        kind=int(kind),
        secrecy=int(secrecy),
        urgency=int(urgency),
        due_ms=now_ms + rng.randint(*_AGREED_H) * HOUR_MS if urgency is Urgency.TIMED else None,
        office=sender.office,
        sender=sender.code,
        sender_clerk=sender.contacts[0].name,
        recipient=recipient.code,
        seal=f"KT{rng.randrange(10**8):08d}",
        mass_g=rng.randint(*_MASS_G[kind]),
        is_liable=True,
        is_sealed=True,
        has_two_covers=secrecy is Secrecy.A,
        is_stamped=secrecy is not Secrecy.NONE,
        check=int(Check.X_RAY if is_checked else Check.NONE),
        check_result=int(CheckResult.PASSED if is_checked else CheckResult.NONE),
    )


def path_of(origin: int, destination: int) -> list[int]:
    """The offices an item passes: outlying offices meet at the centre."""
    middle = [] if CENTRE in {origin, destination} else [CENTRE]
    return [origin] if origin == destination else [origin, *middle, destination]


def accept(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The clerk registers the envelope at the counter."""
    facts = register_facts(envelope.acceptance)
    changes: dict[Field, Any] = {Field.LABEL_RAW: envelope.label.raw, Field.LABEL: None, **facts}
    step = world.act(EventType.REGISTER, envelope, envelope.holder, now_ms, changes)
    return (yield replace(step, acceptance=envelope.acceptance, label=envelope.label))


def offer(
    world: World, thing: Sealed, taker: Person | int, now_ms: int, *, mass_g: int | None = None
) -> Journey:
    """The holder offers the thing to somebody, or to whoever is of an office or a body."""
    offeree = taker if isinstance(taker, int) else taker.id
    changes = {Field.OFFEREE: offeree, Field.EXPIRY: _OFFER_S, Field.MASS: mass_g}
    step = world.act(EventType.OFFER, thing, thing.holder, now_ms, changes)
    thing.offer = step.id
    return (yield step)


def take(world: World, thing: Sealed, taker: Person, now_ms: int, *, mass_g: int | None = None) -> Journey:
    """The one to whom it was offered takes it."""
    changes = {Field.CITES: thing.offer, Field.MASS: mass_g}
    step = world.act(EventType.ACCEPT, thing, taker, now_ms, changes)
    thing.holder = taker
    return (yield step)


def hand_over(
    world: World, thing: Sealed, taker: Person, now_ms: int, *, mass_g: int | None = None
) -> Journey:
    """OFFER and ACCEPT, seconds apart; now and then a first offer is refused, or taken back."""
    rng = world.rng
    if rng.random() < _TRIPS:
        now_ms = yield from offer(world, thing, taker, now_ms)
        now_ms = yield now_ms + 20_000
        kind, who = rng.choice(((EventType.CANCEL, thing.holder), (EventType.REFUSE, taker)))
        now_ms = yield world.act(kind, thing, who, now_ms, {Field.CITES: thing.offer})
    now_ms = yield now_ms + rng.randint(1_000, 20_000)
    is_clerk = Role.CLERK in taker.roles
    named = taker.office if is_clerk and rng.random() < _TO_OFFICE else taker
    now_ms = yield from offer(world, thing, named, now_ms, mass_g=mass_g)
    now_ms = yield now_ms + rng.randint(2_000, 40_000)
    return (yield from take(world, thing, taker, now_ms, mass_g=mass_g))


def _waiting(envelope: Envelope, now_ms: int) -> int:
    """When work on the envelope goes on: at once where it is urgent, else when the offices are open."""
    return now_ms if envelope.is_urgent else until_open(now_ms)


def to_courier(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A clerk gives the envelope to a courier of the same office, at the next run."""
    longest = 40 if envelope.is_urgent else 240
    now_ms = yield _waiting(envelope, now_ms + world.rng.randint(10, longest) * MINUTE_MS)
    courier = world.pick(envelope.office, Role.COURIER, but=envelope.holder)
    return (yield from hand_over(world, envelope, courier, now_ms))


def _ride(world: World, envelope: Envelope, office: int, now_ms: int) -> Journey:
    """The courier carries it to the next office and hands it to a clerk there."""
    minutes = world.minutes[envelope.office, office]
    now_ms = yield _waiting(envelope, now_ms + (minutes + world.rng.randint(0, 30)) * MINUTE_MS)
    envelope.office = office
    clerk = world.pick(office, Role.CLERK)
    now_ms = yield from hand_over(world, envelope, clerk, now_ms)
    return (yield from look(world, envelope, clerk, now_ms))


def look(world: World, envelope: Envelope, clerk: Person, now_ms: int) -> Journey:
    """Now and then the one who has it scans it once more, weighs it, or puts a remark right."""
    rng = world.rng
    chance = 1.0 if envelope.cause else rng.random()
    if chance < 0.04:
        now_ms = yield world.act(EventType.SIGHT, envelope, clerk, now_ms + MINUTE_MS)
    elif chance < 0.06:
        weighed = {Field.MASS: max(envelope.mass_g + rng.randint(-_SCALE_G, _SCALE_G), 0)}
        now_ms = yield world.act(EventType.INSPECT, envelope, clerk, now_ms + MINUTE_MS, weighed)
    elif chance < 0.065:
        remark = {Field.CITES: envelope.head, Field.REASON_TEXT: "ghi nhầm ca trực"}
        now_ms = yield world.act(EventType.CORRECT, envelope, clerk, now_ms + MINUTE_MS, remark)
    return now_ms


def carry(world: World, envelope: Envelope, destination: int, now_ms: int) -> Journey:
    """From wherever it is to the hands of a courier of the destination's office."""
    for office in path_of(envelope.office, destination)[1:]:
        if Role.COURIER not in envelope.holder.roles:
            now_ms = yield from to_courier(world, envelope, now_ms)
        now_ms = yield from _ride(world, envelope, office, now_ms)
    if Role.COURIER not in envelope.holder.roles:
        now_ms = yield from to_courier(world, envelope, now_ms)
    return now_ms


def deliver(world: World, envelope: Envelope, agency: int, now_ms: int) -> Journey:
    """The courier offers it to a receiver of an agency, who signs for it; at the agreed time, if one was."""
    rng = world.rng
    now_ms = yield _waiting(envelope, now_ms + rng.randint(20, 60 if envelope.is_urgent else 180) * MINUTE_MS)
    due_ms = envelope.acceptance.due_ms
    if due_ms is not None and now_ms < due_ms - _WINDOW_MS:
        now_ms = yield due_ms - rng.randrange(_WINDOW_MS)
    receiver, envelope.door = world.receiver(agency), agency
    now_ms = yield from offer(world, envelope, receiver, now_ms)
    now_ms = yield now_ms + rng.randint(5_000, 600_000)
    return (yield from sign_for(world, envelope, receiver, now_ms))


def sign_for(
    world: World,
    envelope: Envelope,
    receiver: Person,
    now_ms: int,
    more: Mapping[Field, Any] | None = None,
    *,
    by: Person | None = None,
) -> Journey:
    """DELIVER, by the receiver, or by the courier on the receiver's badge where *by* is that courier."""
    changes: dict[Field, Any] = {Field.CITES: envelope.offer, **(more or {})}
    second = receiver if changes.get(Field.PROOF) == BADGE else None
    step = world.act(EventType.DELIVER, envelope, by or receiver, now_ms, changes, second)
    envelope.holder = receiver
    return (yield step)


def turn_back(world: World, envelope: Envelope, reason: Reason, now_ms: int) -> Journey:
    """The holder sends it back to its sender."""
    step = world.act(EventType.RETURN, envelope, envelope.holder, now_ms, {Field.REASON: int(reason)})
    envelope.agency, envelope.attempts = envelope.acceptance.sender, 0
    return (yield step)


def _refused(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The receiver does not want it, and it goes back to its sender, who signs for it."""
    receiver = world.receiver(envelope.acceptance.recipient)
    now_ms = yield from offer(world, envelope, receiver, now_ms)
    changes = {Field.CITES: envelope.offer, Field.REASON: int(Reason.NOT_FOR_ME)}
    now_ms = yield world.act(EventType.REFUSE, envelope, receiver, now_ms + MINUTE_MS, changes)
    now_ms = yield from turn_back(world, envelope, Reason.NOT_FOR_ME, now_ms + MINUTE_MS)
    sender = world.register.agency_by_code[envelope.acceptance.sender]
    now_ms = yield from carry(world, envelope, sender.office, now_ms)
    return (yield from deliver(world, envelope, sender.code, now_ms))


def replace_label(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A new label under witness; it keeps number, day and nonce, so that uid and seal stay."""
    old = envelope.label
    new = issue_label(
        number=envelope.number,
        instance=old.instance + 1,
        day=old.day,
        nonce=old.nonce,
        kid4=world.keys.kid4,
        seal_commitment=old.seal_commitment,
        seed=world.keys.label,
    )
    holder = envelope.holder
    witness = world.pick(holder.office, _trade(holder), but=holder)
    changes = {Field.LABEL_RAW: new.raw, Field.LABEL: None}
    step = world.act(EventType.RELABEL, envelope, holder, now_ms, changes, witness)
    envelope.labels.append(old)
    envelope.label = new
    return (yield replace(step, label=new))


def replace_seal(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A new seal under witness, as after a safety check of the outer bag."""
    envelope.seal = commit_seal(
        nonce=envelope.label.nonce,
        item=pack_number(envelope.number),
        seal_type=SEAL_TYPE,
        serial=f"KT{world.rng.randrange(10**8):08d}",
    )
    holder = envelope.holder
    witness = world.pick(holder.office, _trade(holder), but=holder)
    return (yield world.act(EventType.RESEAL, envelope, holder, now_ms, None, witness))


def _trade(person: Person) -> Role:
    return Role.COURIER if Role.COURIER in person.roles else Role.CLERK


def prepare(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """At the counter: registered, and now and then cancelled, labelled anew or sealed anew."""
    now_ms = yield from accept(world, envelope, now_ms)
    fate = world.rng.random()
    if fate < 0.01:
        void = world.act(EventType.VOID, envelope, envelope.holder, now_ms + 2 * MINUTE_MS)
        envelope.agency = 0
        return (yield void)
    if fate < 0.025:
        now_ms = yield from replace_label(world, envelope, now_ms + MINUTE_MS)
    elif fate < 0.035:
        now_ms = yield from replace_seal(world, envelope, now_ms + MINUTE_MS)
    return now_ms


def honest(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A whole journey from hand to hand, as urgent envelopes travel, with the small accidents of honest work."""
    now_ms = yield from prepare(world, envelope, now_ms)
    if not envelope.agency:
        return now_ms
    recipient = world.register.agency_by_code[envelope.agency]
    now_ms = yield from carry(world, envelope, recipient.office, now_ms)
    if world.rng.random() < 0.03:
        return (yield from _refused(world, envelope, now_ms))
    return (yield from deliver(world, envelope, recipient.code, now_ms))
