"""Every rule that an event of a chain is judged by, in order, and what its findings do to the event.

One small named function per finding: each looks at one step and yields (code, detail) for what is wrong with it.
They lie by subject: `persons`, `links` (chain and state), `containers`, `clock`, `place`, `cover` (label and seal),
`seals` (lots), `webauthn` (passkeys).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from custody import clock, containers, cover, links, persons, place, promise, seals, webauthn
from custody.fields import CHAIN_TYPES
from custody.fields import EventType as E
from custody.machine import GENESIS, OBSERVATIONS, TWO_PERSON
from custody.step import TAKING, Rule

__all__ = ["BLOCKING", "CONTENT_RULES", "FORK_RULES", "MARKS", "RULES", "RULES_FOR", "is_blocked"]

_STEPS: Final = CHAIN_TYPES - OBSERVATIONS
_ANSWERS: Final = TAKING | {E.REFUSE}
_PAIRS: Final = frozenset(TWO_PERSON)
_HOLDERS: Final = persons.CUSTODIAN_ONLY | {E.INSPECT}


def _only(kind: E) -> frozenset[E]:
    return frozenset((kind,))


RULES: Final[dict[Rule, frozenset[E]]] = {
    persons.key_validity: CHAIN_TYPES,
    persons.role: CHAIN_TYPES,
    persons.soft_key: _STEPS,
    webauthn.user_verified: TAKING,
    place.office_scope: CHAIN_TYPES,
    persons.person: CHAIN_TYPES,
    persons.custodian: _HOLDERS,
    persons.author: _only(E.CORRECT),
    persons.offeree: _ANSWERS,
    persons.countersignature: _ANSWERS | {E.CANCEL} | _PAIRS,
    persons.second_person: _PAIRS,
    persons.second_courier: _only(E.ACCEPT),
    persons.proof_of_delivery: _only(E.DELIVER),
    persons.decision: _only(E.OVERRIDE),
    persons.duties: frozenset((E.LOSS, E.DESTROY, E.RELEASE)),
    persons.self_handover: TAKING | {E.OFFER},
    persons.one_device: TAKING | _PAIRS,
    links.genesis: CHAIN_TYPES,
    links.sequence: CHAIN_TYPES,
    links.transition: CHAIN_TYPES,
    links.offer_expiry: TAKING,
    links.destination: _only(E.DELIVER),
    links.return_loop: _only(E.RETURN),
    place.repeated_node: CHAIN_TYPES,
    containers.contents: _only(E.CLOSE),
    containers.load: _only(E.LOAD),
    containers.unload: _only(E.UNLOAD),
    containers.double_load: _only(E.LOAD),
    containers.opening: _only(E.OPEN),
    clock.time: CHAIN_TYPES,
    clock.late_sync: CHAIN_TYPES,
    clock.stale_anchor: CHAIN_TYPES,
    clock.clock_quality: CHAIN_TYPES,
    promise.late_delivery: _only(E.DELIVER),
    clock.out_of_hours: _STEPS,
    clock.dwell: _STEPS,
    clock.too_fast: TAKING,
    place.travel: CHAIN_TYPES,
    place.route: CHAIN_TYPES,
    place.controls: _only(E.DELIVER),
    place.position: CHAIN_TYPES,
    place.presence: TAKING,
    cover.label_evidence: CHAIN_TYPES,
    cover.label_scanned: CHAIN_TYPES,
    cover.seal: CHAIN_TYPES,
    seals.issued: GENESIS | {E.RESEAL},
    cover.weight: CHAIN_TYPES,
    cover.foreign_sight: _only(E.SIGHT),
    cover.clone: CHAIN_TYPES - GENESIS,
}
"""Each rule, and the events that it can say something about; the order is that of the findings of one event."""

RULES_FOR: Final = {
    kind: tuple(rule for rule, kinds in RULES.items() if kind in kinds) for kind in CHAIN_TYPES
}

_OF_FORKS: Final[tuple[Rule, ...]] = (
    persons.key_validity,
    persons.role,
    persons.person,
    cover.label_evidence,
)
FORK_RULES: Final = dict.fromkeys(CHAIN_TYPES, _OF_FORKS)
"""What is asked of an event on a losing branch: the state it speaks of never was."""

CONTENT_RULES: Final[tuple[Rule, ...]] = (persons.role, persons.second_courier, webauthn.user_verified)
"""What is asked of who takes a container over, for each thing that is in it."""

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
        *("C01", "C03", "S01", "S03", "S06", "L02", "L03", "L08"),
        *("B06", "B08", "B09", "B11"),
    )
)
"""Findings under which a step is kept as evidence but moves nothing: custody stays where it was proven last."""

_UNPROVEN: Final = frozenset(("B03", "B04"))


def is_blocked(kind: E, codes: AbstractSet[str]) -> bool:
    """Say whether an event under these findings moves nothing; a bag that is open is open, whatever was in it."""
    return bool(BLOCKING & codes) or (kind in (E.LOAD, E.UNLOAD) and bool(_UNPROVEN & codes))
