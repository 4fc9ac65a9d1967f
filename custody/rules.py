"""One small named function per finding: each looks at one step of a chain and says what is wrong with it.

A rule yields (code, detail). What a code means, and what to do, stands in `findings.CATALOGUE`; what its
presence does to the step stands in `BLOCKING`. The rules about label and seal are in `cover`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody import cose
from custody.cover import foreign_sight, label_evidence, label_scanned, seal
from custody.errors import CustodyError
from custody.event import SECOND_CONTEXT, ZERO, core_of
from custody.fields import EventType as E
from custody.fields import Field
from custody.keys import Certificate
from custody.machine import OBSERVATIONS, ROLES, TERMINAL, TRANSITIONS, TWO_PERSON, State
from custody.roles import Role, may_handle
from custody.step import TAKING, Hit, Rule, Step

__all__ = ["BLOCKING", "FORK_RULES", "MARKS", "RULES", "is_offeree"]

_CUSTODIAN_ONLY: Final = frozenset(
    (E.RELABEL, E.RESEAL, E.OFFER, E.CANCEL, E.RETURN, E.LOAD, E.UNLOAD, E.VOID)
)


def is_offeree(offeree: bytes | int | None, certificate: Certificate) -> bool:
    """Say whether an offer to a person, or to an office or agency, is one to this certificate's holder."""
    if isinstance(offeree, bytes):
        return offeree == certificate.person
    return offeree is not None and (offeree in certificate.offices or offeree == certificate.agency)


# -- keys and persons --------------------------------------------------------------------------------


def key_validity(step: Step) -> Iterator[Hit]:
    """K02-K05: the key's own time window, and what its revocation says."""
    yield from _validity(step, step.certificate)


def role(step: Step) -> Iterator[Hit]:
    """K06: a role that the step needs, the secrecy mark that the holder may handle, and a key made for signing."""
    if step.certificate.countersigns_only:
        yield "K06", "key is certified for countersigning only"
    needed = ROLES[step.event.type]
    if not step.certificate.roles & needed:
        yield "K06", f"{step.event.type.name} needs one of {', '.join(sorted(r.name for r in needed))}"
    registration = step.event if step.event.type is E.REGISTER else step.registration
    secrecy = registration.fields[Field.SECRECY] if registration else 0
    if step.event.type is not E.SIGHT and not may_handle(step.certificate.secrecy_max, secrecy):
        yield "K06", f"signer may not handle an item marked {' ABC'[secrecy]}"


def person(step: Step) -> Iterator[Hit]:
    """P01: the event's person is the certificate's."""
    if step.event.actor != step.certificate.person:
        yield "P01", f"event says {step.event.actor.hex()}, key belongs to {step.certificate.person.hex()}"


def custodian(step: Step) -> Iterator[Hit]:
    """P02: what only the custodian may sign."""
    kind, item = step.event.type, step.item
    held = item.state not in TERMINAL and item.state is not State.NONE
    inspecting = kind is E.INSPECT and Role.INSPECTOR not in step.certificate.roles
    if held and (kind in _CUSTODIAN_ONLY or inspecting) and step.certificate.person != item.custodian:
        yield "P02", f"item is held by {item.custodian.hex()}"


def offeree(step: Step) -> Iterator[Hit]:
    """P03: only the one to whom it is offered may take or refuse."""
    answering = step.event.type in TAKING or step.event.type is E.REFUSE
    if answering and step.item.offer and not is_offeree(step.item.offeree, step.certificate):
        yield "P03", "item is offered to somebody else"


def countersignature(step: Step) -> Iterator[Hit]:
    """P04: the other signature that the step rests on: the OFFER it cites, or the second person's."""
    kind, fields = step.event.type, step.event.fields
    if kind in TAKING or kind in (E.REFUSE, E.CANCEL):
        offer = step.item.offer
        if not offer or fields.get(Field.CITES) != offer.event.id:
            yield "P04", "no open offer is cited"
    if kind in TWO_PERSON and _second(step) is None:
        yield "P04", "second person's signature is missing or does not verify"


def second_person(step: Step) -> Iterator[Hit]:
    """P07: the second signer is somebody else, of the same office, with a role that may witness."""
    second = _second(step) if step.event.type in TWO_PERSON else None
    if second is None:
        return
    first = step.certificate
    faults = [code for code, _ in _validity(step, second)]
    if second.person == first.person:
        yield "P07", "both signatures are of one person"
    elif not second.roles & TWO_PERSON[step.event.type]:
        yield "P07", "second signer has no role for this"
    elif first.offices and second.offices and not set(first.offices) & set(second.offices):
        yield "P07", "second signer is of another office"
    elif faults:
        yield "P07", f"second signer's key: {', '.join(faults)}"


def decision(step: Step) -> Iterator[Hit]:
    """S01, P09: an OVERRIDE decides something open, and puts the item into a third, certified person's hands."""
    if step.event.type is not E.OVERRIDE:
        return
    chosen, second = step.event.fields[Field.OFFEREE], _second(step)
    if not step.open_findings & set(step.event.fields[Field.FINDINGS]):
        yield "S01", "no open finding is cited"
    if not isinstance(chosen, bytes) or not step.ring.knows(chosen):
        yield "S01", "nobody is certified under the person named"
    registrar = step.item.registration.event.actor if step.item.registration else b""
    deciders = {step.certificate.person, second.person if second else b""}
    if deciders & {chosen, registrar}:
        yield "P09", "who decides may neither hold the item nor have registered it"


def self_handover(step: Step) -> Iterator[Hit]:
    """P05: giver and taker are two people."""
    kind, signer = step.event.type, step.certificate.person
    if kind is E.OFFER and step.event.fields[Field.OFFEREE] == signer:
        yield "P05", "offered to oneself"
    if kind in TAKING and step.item.offer and step.item.custodian == signer:
        yield "P05", "taken by the giver"


# -- chain and state ---------------------------------------------------------------------------------


def genesis(step: Step) -> Iterator[Hit]:
    """C01: seq 0 is a REGISTER on nothing, and only that."""
    ref = step.event.item(step.item.uid)
    first = ref is not None and ref.prev == ZERO
    if step.event.type is E.REGISTER:
        if not first or step.seq != 0:
            yield "C01", "a registration that is not the first event"
    elif first and step.event.type not in OBSERVATIONS and step.item.state is State.NONE:
        yield "C01", f"chain begins with {step.event.type.name}"


def sequence(step: Step) -> Iterator[Hit]:
    """C03: one more than the event it builds on."""
    if step.parent is None:
        return
    ref = step.parent.event.item(step.item.uid)
    if ref is not None and step.seq != ref.seq + 1:
        yield "C03", f"position {step.seq} follows {ref.seq}"


def transition(step: Step) -> Iterator[Hit]:
    """S01-S03: the cell of the table, and the two that a table cannot say."""
    kind, item = step.event.type, step.item
    allowed = (item.state, kind) in TRANSITIONS
    if kind is E.VOID and allowed and item.last and item.registration:
        fresh = item.last.event.type in (E.REGISTER, E.RELABEL)
        allowed = fresh and item.registration.event.actor == step.certificate.person
    if not allowed and item.state in TERMINAL and kind not in OBSERVATIONS:
        yield "S03", f"{kind.name} of an item {item.state.name}"
    elif not allowed:
        yield "S01", f"{kind.name} is not possible while {item.state.name}"
    if kind is E.SIGHT and item.state in TERMINAL:
        yield "S02", f"seen while {item.state.name}"


def offer_expiry(step: Step) -> Iterator[Hit]:
    """S04: taken after the offer had run out, by a time that the taker cannot have invented."""
    offer = step.item.offer
    if step.event.type in TAKING and offer:
        ends_ms = offer.event.claimed_ms + offer.event.fields[Field.EXPIRY] * 1000
        if step.as_of_ms > ends_ms:
            yield "S04", f"{step.as_of_ms - ends_ms} ms after the offer ended"


def destination(step: Step) -> Iterator[Hit]:
    """G03: delivered to the body it is addressed to, or on the way back to its sender."""
    registration = step.registration
    if step.event.type is not E.DELIVER or registration is None:
        return
    wanted = registration.fields[Field.SENDER if step.item.returning else Field.RECIPIENT]
    if step.certificate.agency != wanted:
        yield "G03", f"taken for agency {step.certificate.agency or 'none'}, addressed to {wanted}"


# -- time --------------------------------------------------------------------------------------------


def time(step: Step) -> Iterator[Hit]:
    """T01-T03, T07 and M05: the claimed time between what the device had seen and when the log took it."""
    claimed_ms, eps_ms = step.event.claimed_ms, step.policy.eps_ms
    if step.parent and claimed_ms < step.parent.event.claimed_ms - eps_ms:
        yield "T01", f"{step.parent.event.claimed_ms - claimed_ms} ms before the event it follows"
    if step.seen and claimed_ms < step.seen[1] - eps_ms:
        yield "T02", f"{step.seen[1] - claimed_ms} ms before a checkpoint it had seen"
    if claimed_ms > step.entry.logged_ms + eps_ms:
        yield "T03", f"{claimed_ms - step.entry.logged_ms} ms after the log took it"
    anchor = step.event.anchor
    if anchor is None:
        yield "T07", "no checkpoint is cited"
    elif step.seen is None or step.seen[0] != anchor[1]:
        yield "M05", f"the checkpoint of size {anchor[0]} that it cites is not this log's"


def _validity(step: Step, certificate: Certificate) -> Iterator[Hit]:
    logged_ms, index = step.entry.logged_ms, step.entry.index
    if logged_ms < certificate.not_before_ms:
        yield "K02", f"logged {certificate.not_before_ms - logged_ms} ms before the key was valid"
    latest_ms = max(step.as_of_ms, step.event.claimed_ms)
    if latest_ms > certificate.not_after_ms:
        yield "K03", f"signed {latest_ms - certificate.not_after_ms} ms after the certificate ended"
    revoked, compromised_ms = certificate.revoked_index, certificate.compromised_ms
    if revoked is not None and index > revoked:
        yield "K04", f"key was revoked by entry {revoked}"
    elif revoked is not None and compromised_ms is not None and logged_ms >= compromised_ms:
        yield "K05", f"key was compromised {logged_ms - compromised_ms} ms before"


def _second(step: Step) -> Certificate | None:
    raw = step.event.fields.get(Field.SECOND)
    if raw is None:
        return None
    try:
        message = cose.parse_sign1(raw, detached=core_of(step.event.fields), context=SECOND_CONTEXT)
        certificate = step.ring.get(message.kid, step.entry.index)
        if certificate:
            cose.verify_sign1(message, certificate.public)
    except CustodyError:
        return None
    return certificate


RULES: Final[tuple[Rule, ...]] = (
    key_validity,
    role,
    person,
    custodian,
    offeree,
    countersignature,
    second_person,
    decision,
    self_handover,
    genesis,
    sequence,
    transition,
    offer_expiry,
    destination,
    time,
    label_evidence,
    label_scanned,
    seal,
    foreign_sight,
)

FORK_RULES: Final[tuple[Rule, ...]] = (key_validity, role, person, label_evidence)
"""What is asked of an event on a losing branch: the state it speaks of never was."""

MARKS: Final = {
    E.OVERRIDE: "A01",
    E.CORRECT: "A02",
    E.SEIZE: "A03",
    E.RELABEL: "A04",
    E.RESEAL: "A05",
    E.LOSS: "A06",
    E.FOUND: "A07",
}
"""Acts that leave a permanent mark when they take effect."""

BLOCKING: Final = frozenset(
    (
        *("K02", "K03", "K04", "K06", "P01", "P02", "P03", "P04", "P05", "P07", "P09"),
        *("C01", "C03", "S01", "S03", "L02", "L03", "L08"),
    )
)
"""Findings under which a step is kept as evidence but moves nothing: custody stays where it was proven last."""
