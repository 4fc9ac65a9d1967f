"""Rules about the chain and the state: what follows what, and which step is possible when."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.event import ZERO, Event
from custody.fields import CONTAINER_TYPES, Field
from custody.fields import EventType as E
from custody.findings import Severity
from custody.machine import GENESIS, OBSERVATIONS, TERMINAL, State
from custody.s10 import is_container
from custody.step import TAKING, Hit, Step

__all__ = [
    "destination",
    "genesis",
    "grade_fork",
    "offer_expiry",
    "return_loop",
    "sequence",
    "transition",
]

_RACING: Final = frozenset((E.ACCEPT, E.DELIVER, E.REFUSE, E.CANCEL))
_MEANING: Final = (
    *(Field.OFFEREE, Field.CITES, Field.LABEL_RAW, Field.SEAL, Field.CONTAINER),
    *(Field.MANIFEST, Field.MISSING, Field.PROOF, Field.FINDINGS),
)


def genesis(step: Step) -> Iterator[Hit]:
    """C01: seq 0 is a REGISTER (a CLOSE of a container) on nothing, and only that."""
    ref = step.event.item(step.item.uid)
    first = ref is not None and ref.prev == ZERO
    if step.event.type in GENESIS:
        if not first or step.seq != 0:
            yield "C01", f"{step.event.type.name} is not the first event"
        elif is_container(step.item.uid) is not (step.event.type is E.CLOSE):
            yield "C01", f"{step.event.type.name} under a number that is not of its kind"
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
    """S01-S03, B06: the cell of the table, and the two that a table cannot say."""
    kind, item = step.event.type, step.item
    allowed = (item.state, kind) in step.table
    if kind is E.VOID and allowed and item.last and item.registration:
        fresh = item.last.event.type in (E.REGISTER, E.RELABEL)
        allowed = fresh and item.registration.event.actor == step.certificate.person
    if not allowed and item.state is State.LOADED and kind not in CONTAINER_TYPES:
        yield "B06", f"{kind.name} while in container {item.container.hex() if item.container else ''}"
    elif not allowed and item.state in TERMINAL and kind not in OBSERVATIONS:
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
    if step.event.type is not E.DELIVER or registration is None or step.is_container:
        return
    wanted = registration.fields[Field.SENDER if step.item.returning else Field.RECIPIENT]
    agencies = {step.certificate.agency}
    if step.certificate.person == step.item.custodian:  # the carrier signs: who was it offered to
        offeree = step.item.offeree
        agencies = (
            {offeree} if isinstance(offeree, int) else step.ring.agencies_of(offeree or b"", step.entry.index)
        )
    if wanted not in agencies:
        named = ", ".join(str(a) for a in sorted(a for a in agencies if a is not None)) or "none"
        yield "G03", f"taken for agency {named}, addressed to {wanted}"


def return_loop(step: Step) -> Iterator[Hit]:
    """S08: turned back more often than once, by policy."""
    if step.event.type is E.RETURN and step.item.returns >= step.policy.returns:
        yield "S08", f"turned back {step.item.returns + 1} times"


def grade_fork(first: Event, second: Event) -> Severity:
    """Grade two stories: one key saying the same twice (a double tap), an honest race of two people, or a lie."""
    kinds = {first.type, second.type}
    if first.kid == second.kid and len(kinds) == 1:
        same = all(first.fields.get(f) == second.fields.get(f) for f in _MEANING)
        return Severity.LOW if same else Severity.CRITICAL
    return Severity.HIGH if kinds <= _RACING and first.kid != second.kid else Severity.CRITICAL
