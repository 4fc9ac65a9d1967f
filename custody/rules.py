"""Every rule that an event of a chain is judged by, in order, and what its findings do to the event.

One small named function per finding: each looks at one step and yields (code, detail) for what is wrong with it.
They lie by subject: `persons`, `links` (chain and state), `containers`, `clock`, `place`, `cover` (label and seal).
"""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import Final

from custody import clock, containers, cover, links, persons, place
from custody.fields import EventType as E
from custody.step import Rule

__all__ = ["BLOCKING", "FORK_RULES", "MARKS", "RULES", "is_blocked"]

RULES: Final[tuple[Rule, ...]] = (
    persons.key_validity,
    persons.role,
    persons.soft_key,
    place.office_scope,
    persons.person,
    persons.custodian,
    persons.offeree,
    persons.countersignature,
    persons.second_person,
    persons.second_courier,
    persons.proof_of_delivery,
    persons.decision,
    persons.self_handover,
    persons.one_device,
    links.genesis,
    links.sequence,
    links.transition,
    links.offer_expiry,
    links.destination,
    links.return_loop,
    place.repeated_node,
    containers.contents,
    containers.load,
    containers.unload,
    containers.double_load,
    containers.opening,
    clock.time,
    clock.late_sync,
    clock.stale_anchor,
    clock.clock_quality,
    clock.late_delivery,
    clock.out_of_hours,
    clock.dwell,
    clock.too_fast,
    place.travel,
    place.route,
    place.controls,
    place.position,
    place.presence,
    cover.label_evidence,
    cover.label_scanned,
    cover.seal,
    cover.weight,
    cover.foreign_sight,
    cover.clone,
)

FORK_RULES: Final[tuple[Rule, ...]] = (
    persons.key_validity,
    persons.role,
    persons.person,
    cover.label_evidence,
)
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
        *("C01", "C03", "S01", "S03", "S06", "L02", "L03", "L08"),
        *("B06", "B08", "B09", "B11"),
    )
)
"""Findings under which a step is kept as evidence but moves nothing: custody stays where it was proven last."""

_UNPROVEN: Final = frozenset(("B03", "B04"))


def is_blocked(kind: E, codes: AbstractSet[str]) -> bool:
    """Say whether an event under these findings moves nothing; a bag that is open is open, whatever was in it."""
    return bool(BLOCKING & codes) or (kind in (E.LOAD, E.UNLOAD) and bool(_UNPROVEN & codes))
