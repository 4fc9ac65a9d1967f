"""Honest journeys: how an envelope goes from counter to counter to the hands of its recipient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from custody.event import EventType, Field
from custody.label import commit_seal, issue_label
from custody.roles import Role
from custody.s10 import pack_number
from kt1.acceptance import Acceptance, Check, CheckResult, register_facts
from kt1.clock import DAY_MS, HOUR_MS, MINUTE_MS
from kt1.province import CENTRE
from kt1.register import Agency, Person
from kt1.service import Kind, Reason, Secrecy, Urgency
from kt1.traffic.world import SEAL_TYPE, Envelope, Journey, World

__all__ = [
    "accept",
    "carry",
    "choose_acceptance",
    "deliver",
    "go_home",
    "hand_over",
    "honest",
    "offer",
    "path_of",
    "replace_label",
    "replace_seal",
    "take",
    "to_courier",
    "until_daylight",
]

_OFFER_S = 4 * 3_600
_ZONE_MS = 7 * HOUR_MS
_DAWN_MS = 6 * HOUR_MS
_DUSK_MS = 20 * HOUR_MS

_KINDS = (Kind.LETTER, Kind.PACKET, Kind.PARCEL)
_SECRECY_WEIGHTS = {Secrecy.NONE: 6, Secrecy.C: 3, Secrecy.B: 2, Secrecy.A: 1}
_MASS_G = {Kind.LETTER: (15, 400), Kind.PACKET: (200, 3_000), Kind.PARCEL: (1_500, 12_000)}


def until_daylight(now_ms: int) -> int:
    """The same moment, or the next dawn where couriers are off the road (20:00 to 06:00 at +07:00)."""
    clock_ms = (now_ms + _ZONE_MS) % DAY_MS
    if _DAWN_MS <= clock_ms < _DUSK_MS:
        return now_ms
    return now_ms - clock_ms + _DAWN_MS + (DAY_MS if clock_ms >= _DUSK_MS else 0)


def choose_acceptance(
    world: World, now_ms: int, *, between: tuple[Agency, Agency] | None = None
) -> Acceptance:
    """A plausible form, *between* these bodies or any two, that `check_acceptance` finds no fault with."""
    rng = world.rng
    sender, recipient = between or rng.sample(world.register.agencies, 2)
    kind = rng.choices(_KINDS, (8, 2, 1))[0]
    limit = min(world.secrecy_max(code).rank for code in (sender.code, recipient.code))
    marks = [mark for mark in Secrecy if mark.rank <= limit]
    secrecy = rng.choices(marks, [_SECRECY_WEIGHTS[mark] for mark in marks])[0]
    urgency = rng.choices(tuple(Urgency), (8, 2, 1))[0]
    is_checked = kind is not Kind.LETTER
    return Acceptance(
        kind=int(kind),
        secrecy=int(secrecy),
        urgency=int(urgency),
        due_ms=now_ms + rng.randint(24, 60) * HOUR_MS if urgency is Urgency.TIMED else None,
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


def offer(world: World, envelope: Envelope, taker: Person, now_ms: int) -> Journey:
    """The holder offers the envelope to somebody."""
    changes = {Field.OFFEREE: taker.id, Field.EXPIRY: _OFFER_S}
    step = world.act(EventType.OFFER, envelope, envelope.holder, now_ms, changes)
    envelope.offer = step.id
    return (yield step)


def take(world: World, envelope: Envelope, taker: Person, now_ms: int) -> Journey:
    """The one to whom it was offered takes it."""
    step = world.act(EventType.ACCEPT, envelope, taker, now_ms, {Field.CITES: envelope.offer})
    envelope.holder = taker
    return (yield step)


def hand_over(world: World, envelope: Envelope, taker: Person, now_ms: int) -> Journey:
    """OFFER and ACCEPT, seconds apart; now and then a first offer is refused, or taken back."""
    rng = world.rng
    if rng.random() < 0.03:
        now_ms = yield from offer(world, envelope, taker, now_ms)
        now_ms = yield now_ms + 20_000
        kind, who = rng.choice(((EventType.CANCEL, envelope.holder), (EventType.REFUSE, taker)))
        now_ms = yield world.act(kind, envelope, who, now_ms, {Field.CITES: envelope.offer})
    now_ms = yield now_ms + rng.randint(1_000, 30_000)
    now_ms = yield from offer(world, envelope, taker, now_ms)
    now_ms = yield now_ms + rng.randint(3_000, 90_000)
    return (yield from take(world, envelope, taker, now_ms))


def to_courier(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A clerk gives the envelope to a courier of the same office, at the next run."""
    now_ms = yield until_daylight(now_ms + world.rng.randint(20, 240) * MINUTE_MS)
    courier = world.pick(envelope.office, Role.COURIER, but=envelope.holder)
    return (yield from hand_over(world, envelope, courier, now_ms))


def _ride(world: World, envelope: Envelope, office: int, now_ms: int) -> Journey:
    """The courier carries it to the next office and hands it to a clerk there."""
    minutes = world.minutes[envelope.office, office]
    now_ms = yield until_daylight(now_ms + (minutes + world.rng.randint(0, 30)) * MINUTE_MS)
    envelope.office = office
    clerk = world.pick(office, Role.CLERK)
    if world.rng.random() < 0.05:
        world.device(envelope.holder).offline_until_ms = now_ms + world.rng.randint(5, 90) * MINUTE_MS
    now_ms = yield from hand_over(world, envelope, clerk, now_ms)
    if world.rng.random() < 0.04:
        now_ms = yield world.act(EventType.SIGHT, envelope, clerk, now_ms)
    if world.rng.random() < 0.02:
        now_ms = yield world.act(EventType.INSPECT, envelope, clerk, now_ms)
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
    """The courier offers it to a receiver of an agency, who signs for it."""
    now_ms = yield until_daylight(now_ms + world.rng.randint(20, 180) * MINUTE_MS)
    receiver = world.receiver(agency)
    now_ms = yield from offer(world, envelope, receiver, now_ms)
    now_ms = yield now_ms + world.rng.randint(5_000, 600_000)
    changes = {Field.CITES: envelope.offer}
    now_ms = yield world.act(EventType.DELIVER, envelope, receiver, now_ms, changes)
    envelope.holder = receiver
    return now_ms


def _fail_to_deliver(world: World, envelope: Envelope, now_ms: int) -> Journey:
    now_ms = yield until_daylight(now_ms + world.rng.randint(15, 90) * MINUTE_MS)
    receiver = world.receiver(envelope.acceptance.recipient)
    now_ms = yield from offer(world, envelope, receiver, now_ms)
    now_ms = yield now_ms + 60_000
    changes = {Field.CITES: envelope.offer, Field.REASON: int(Reason.NOBODY_THERE)}
    return (yield world.act(EventType.REFUSE, envelope, receiver, now_ms, changes))


def go_home(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The way back to the sender, who signs for it."""
    changes = {Field.REASON: int(Reason.NOBODY_THERE)}
    now_ms = yield world.act(EventType.RETURN, envelope, envelope.holder, now_ms, changes)
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


def honest(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A whole journey, with the small accidents of honest work: nothing of medium gravity comes of it."""
    rng = world.rng
    now_ms = yield from accept(world, envelope, now_ms)
    fate = rng.random()
    if fate < 0.01:
        now_ms = yield now_ms + 120_000
        return (yield world.act(EventType.VOID, envelope, envelope.holder, now_ms))
    if fate < 0.03:
        now_ms = yield from replace_label(world, envelope, now_ms)
    elif fate < 0.04:
        now_ms = yield from replace_seal(world, envelope, now_ms)
    recipient = world.register.agency_by_code[envelope.acceptance.recipient]
    now_ms = yield from carry(world, envelope, recipient.office, now_ms)
    if fate > 0.95:
        now_ms = yield from _fail_to_deliver(world, envelope, now_ms)
        now_ms = yield until_daylight(now_ms + 6 * HOUR_MS)
    if fate > 0.97:
        return (yield from go_home(world, envelope, now_ms))
    return (yield from deliver(world, envelope, recipient.code, now_ms))
