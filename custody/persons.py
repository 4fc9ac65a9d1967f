"""Rules about who signs: keys, qualification, and the two people that a step needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Final

from custody.fields import EventType as E
from custody.fields import Field
from custody.keys import Certificate
from custody.machine import OBSERVATIONS, ROLES, TERMINAL, TWO_PERSON, State
from custody.roles import CUSTODY_ROLES, Role, may_handle
from custody.step import TAKING, Hit, Step

__all__ = [
    "CUSTODIAN_ONLY",
    "author",
    "countersignature",
    "custodian",
    "decision",
    "duties",
    "is_offeree",
    "is_proxy",
    "key_validity",
    "offeree",
    "one_device",
    "person",
    "proof_of_delivery",
    "role",
    "second_courier",
    "second_person",
    "self_handover",
    "soft_key",
]

CUSTODIAN_ONLY: Final = frozenset(
    (E.RELABEL, E.RESEAL, E.OFFER, E.CANCEL, E.RETURN, E.LOAD, E.VOID, E.OPEN, E.RETIRE)
)
"""What nobody but the custodian may sign (P02)."""
_BADGE: Final = 1
_PAIR_MARKS: Final = {0: frozenset[int](), 1: frozenset((1,)), 2: frozenset((1, 2))}
"""Policy two_couriers -> secrecy codes (1 A, 2 B, 3 C) that need two couriers."""


def is_offeree(offeree: bytes | int | None, certificate: Certificate) -> bool:
    """Say whether an offer to a person, or to an office or agency, is one to this certificate's holder."""
    if isinstance(offeree, bytes):
        return offeree == certificate.person
    return offeree is not None and (offeree in certificate.offices or offeree == certificate.agency)


def is_proxy(step: Step) -> bool:
    """Whether the carrier signs the delivery for a recipient: by whoever holds it, with a custody role."""
    carries = step.certificate.person == step.item.custodian and bool(step.certificate.roles & CUSTODY_ROLES)
    offered_away = step.item.offer is not None and not is_offeree(step.item.offeree, step.certificate)
    return step.event.type is E.DELIVER and carries and offered_away


def key_validity(step: Step) -> Iterator[Hit]:
    """K02-K05: the key's own time window, and what its revocation says."""
    yield from _validity(step, step.certificate)


def role(step: Step) -> Iterator[Hit]:
    """K06: a role that the step needs, the secrecy mark that the holder may handle, and a key made for signing."""
    if step.certificate.countersigns_only:
        yield "K06", "key is certified for countersigning only"
    needed = ROLES[step.event.type]
    if step.event.type is E.DELIVER and step.certificate.person != step.item.custodian:
        needed = frozenset((Role.RECIPIENT,))  # only the carrier may deliver on another's proof
    if not step.certificate.roles & needed:
        yield "K06", f"{step.event.type.name} needs one of {', '.join(sorted(r.name for r in needed))}"
    if step.event.type is not E.SIGHT and not may_handle(step.certificate.secrecy_max, step.secrecy):
        yield "K06", f"signer may not handle an item marked {' ABC'[step.secrecy]}"


def soft_key(step: Step) -> Iterator[Hit]:
    """K12: a step of custody under a key that is kept less safely than the policy wants, or nobody says how."""
    kept = step.certificate.key_store
    if step.event.type not in OBSERVATIONS and kept < step.policy.key_store:
        yield "K12", f"key store {kept}, wanted {step.policy.key_store}"


def person(step: Step) -> Iterator[Hit]:
    """P01: the event's person is the certificate's."""
    if step.event.actor != step.certificate.person:
        yield "P01", f"event says {step.event.actor.hex()}, key belongs to {step.certificate.person.hex()}"


def custodian(step: Step) -> Iterator[Hit]:
    """P02: what only the custodian may sign."""
    kind, item = step.event.type, step.item
    held = item.state not in TERMINAL and item.state is not State.NONE
    inspecting = kind is E.INSPECT and Role.INSPECTOR not in step.certificate.roles
    if held and (kind in CUSTODIAN_ONLY or inspecting) and step.certificate.person != item.custodian:
        yield "P02", f"item is held by {item.custodian.hex()}"


def author(step: Step) -> Iterator[Hit]:
    """P02: an event of the item is corrected by who signed it, or by a supervisor; one not here yet says nothing."""
    if step.event.type is not E.CORRECT:
        return
    cited = step.find(step.event.fields[Field.CITES], step.now)
    if cited is None:
        return
    is_own = cited.item(step.item.uid) and cited.actor == step.certificate.person
    if not is_own and Role.SUPERVISOR not in step.certificate.roles:
        yield "P02", "what it corrects is not an event of its signer about this item"


def offeree(step: Step) -> Iterator[Hit]:
    """P03: only the one to whom it is offered may take or refuse."""
    answering = step.event.type in TAKING or step.event.type is E.REFUSE
    if not answering or not step.item.offer or is_proxy(step):
        return
    if not is_offeree(step.item.offeree, step.certificate):
        yield "P03", "item is offered to somebody else"


def countersignature(step: Step) -> Iterator[Hit]:
    """P04, C09: the other signature that the step rests on: the OFFER it cites, or the second person's."""
    kind, cited = step.event.type, step.cited
    if kind in TAKING or kind in (E.REFUSE, E.CANCEL):
        offer = step.item.offer
        if not offer or cited != offer.event.id:
            yield "P04", "no open offer is cited"
            if cited is not None and step.find(cited, step.entry.index) is None:
                yield "C09", f"event {cited.hex()[:16]} that it cites is not in the log"
    if kind in TWO_PERSON and step.second() is None:
        yield "P04", "second person's signature is missing or does not verify"


def second_person(step: Step) -> Iterator[Hit]:
    """P07, K05: the second signer is somebody else, of the same office, with a role and a key that may witness."""
    needed = TWO_PERSON.get(step.event.type)
    second = step.second() if needed else None
    if second is None or needed is None:
        return
    first = step.certificate
    faults = list(_validity(step, second))
    if second.person == first.person:
        yield "P07", "both signatures are of one person"
    elif not second.roles & needed:
        yield "P07", "second signer has no role for this"
    elif first.offices and second.offices and not set(first.offices) & set(second.offices):
        yield "P07", "second signer is of another office"
    else:
        yield from _faults_of("second signer", faults, "P07")


def second_courier(step: Step) -> Iterator[Hit]:
    """P04, P07, K05: where the policy asks for two couriers, a second one signs the taking of a secret item."""
    marks = _PAIR_MARKS.get(step.policy.two_couriers, frozenset((1, 2, 3)))
    is_courier = Role.COURIER in step.certificate.roles
    if step.event.type is not E.ACCEPT or not is_courier or step.secrecy not in marks:
        return
    second = step.second()
    if second is None or Role.COURIER not in second.roles or second.person == step.certificate.person:
        yield "P04", f"an item marked {' ABC'[step.secrecy]} is taken by two couriers"
    else:
        yield from _faults_of("second courier", list(_validity(step, second)), "P07")


def proof_of_delivery(step: Step) -> Iterator[Hit]:
    """S06, K05: a carrier who signs the delivery shows the recipient's badge signature, or a scan of theirs."""
    if step.event.type is not E.DELIVER or not is_proxy(step):
        return
    proof = step.event.fields.get(Field.PROOF)
    if proof == _BADGE:
        second = step.second()
        if second is None or Role.RECIPIENT not in second.roles or not is_offeree(step.item.offeree, second):
            yield "S06", "no signature of the recipient's badge"
        elif not may_handle(second.secrecy_max, step.secrecy):
            yield "S06", f"badge is of somebody who may not handle an item marked {' ABC'[step.secrecy]}"
        else:
            yield from _faults_of("badge", list(_validity(step, second)), "S06")
    elif proof is None or not step.event.fields.get(Field.ATTACH):
        yield "S06", "neither a recipient's signature nor the digest of its scan"


def decision(step: Step) -> Iterator[Hit]:
    """S01, K06, P09: an OVERRIDE decides something open, and puts the item into a third, entitled person's hands."""
    if step.event.type is not E.OVERRIDE:
        return
    chosen, second = step.event.fields[Field.OFFEREE], step.second()
    if not step.open_findings & set(step.event.fields[Field.FINDINGS]):
        yield "S01", "no open finding is cited"
    if not isinstance(chosen, bytes) or not step.ring.knows(chosen, step.entry.index):
        yield "S01", "nobody is certified under the person named"
    elif step.table.get((step.item.state, E.OVERRIDE)) is State.HELD and not _may_hold(step, chosen):
        yield "K06", f"person {chosen.hex()} may not hold an item marked {' ABC'[step.secrecy]}"
    registrar = step.registration.actor if step.registration else b""
    deciders = {step.certificate.person, second.person if second else b""}
    if deciders & {chosen, registrar}:
        yield "P09", "who decides may neither hold the item nor have registered it"


def duties(step: Step) -> Iterator[Hit]:
    """P09: who registered an item does not declare it lost or destroy it; who seized it does not release it alone."""
    kind, signer, registration = step.event.type, step.certificate.person, step.registration
    if kind is E.RELEASE and step.item.state is State.QUAR and signer == step.item.custodian:
        yield "P09", "who seized or found the item does not release it"
    if kind in (E.LOSS, E.DESTROY) and registration:
        second = step.second()
        if registration.actor in (signer, second.person if second else b""):
            yield "P09", f"who registered the item does not sign its {kind.name}"


def self_handover(step: Step) -> Iterator[Hit]:
    """P05: giver and taker are two people."""
    kind, signer = step.event.type, step.certificate.person
    if kind is E.OFFER and step.event.fields[Field.OFFEREE] == signer:
        yield "P05", "offered to oneself"
    if kind in TAKING and step.item.offer and step.item.custodian == signer and not is_proxy(step):
        yield "P05", "taken by the giver"


def one_device(step: Step) -> Iterator[Hit]:
    """P06: two signatures come from two devices; a key certified for countersigning may share one."""
    mine = step.certificate.device
    if step.event.type in TAKING and step.item.offer and not is_proxy(step):
        giver = step.ring.get(step.item.offer.event.kid, step.item.offer.index)
        if mine and giver and giver.device == mine and giver.person != step.certificate.person:
            yield "P06", f"offered and taken on device {mine.hex()}"
    second = step.second() if step.event.type in TWO_PERSON else None
    shared = second is not None and bool(mine) and second.device == mine and not second.countersigns_only
    if shared and second and second.person != step.certificate.person:
        yield "P06", f"both signatures come from device {mine.hex()}"


def _validity(step: Step, certificate: Certificate) -> Iterator[Hit]:
    return certificate.faults(
        index=step.entry.index,
        logged_ms=step.entry.logged_ms,
        as_of_ms=step.as_of_ms,
        claimed_ms=step.event.claimed_ms,
        offline_ms=step.policy.offline_ms,
    )


def _faults_of(whose: str, faults: Collection[Hit], code: str) -> Iterator[Hit]:
    """Yield *code* where the other key did not count, else K05 where it is in doubt: that moves nothing back."""
    ended = [fault for fault, _ in faults if fault != "K05"]
    if ended:
        yield code, f"key of the {whose}: {', '.join(ended)}"
    else:
        yield from ((fault, f"key of the {whose}: {detail}") for fault, detail in faults)


def _may_hold(step: Step, person: bytes) -> bool:
    """Whether a key of *person* that counts then is of somebody who may have the item in hand."""
    return any(
        bool(one.roles & CUSTODY_ROLES)
        and not one.countersigns_only
        and may_handle(one.secrecy_max, step.secrecy)
        and all(code == "K05" for code, _ in _validity(step, one))
        for one in step.ring.of_person(person, step.entry.index)
    )
