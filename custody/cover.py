"""Rules about what is on the cover: the label and the seal, as registered and as seen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody import label
from custody.errors import CustodyError, SignatureError
from custody.event import Entry
from custody.fields import EventType as E
from custody.fields import Field
from custody.geo import distance_m
from custody.keys import Certificate
from custody.machine import GENESIS, State
from custody.step import TAKING, Hit, Step

__all__ = ["clone", "foreign_sight", "is_foreign_sight", "label_evidence", "label_scanned", "seal", "weight"]

_MANUAL: Final = 4
_INTO_HAND: Final = TAKING | {E.SEIZE, E.FOUND}
_BAG_TOLERANCE: Final = 10
_AT_ONCE_MS: Final = 5 * 60_000  # between two offices whose distance the log does not say
_MS_KMH_OF_A_METRE: Final = 3_600


def label_evidence(step: Step) -> Iterator[Hit]:
    """L02-L05: a whole label in the event (registration, replacement, or a suspicious one that was seen)."""
    raw = step.event.fields.get(Field.LABEL_RAW)
    if raw is None:
        return
    try:
        seen = label.parse_label(raw)
    except CustodyError as error:
        yield "L02", str(error)
        return
    key = step.ring.label_key(seen.kid4, step.entry.index)
    if seen.uid != step.item.uid:
        yield "L02", f"label is of item {seen.number}"
    elif key is None:
        yield "L03", f"label key {seen.kid4.hex()} is unknown"
    else:
        yield from _label_under_key(step, seen, key)


def label_scanned(step: Step) -> Iterator[Hit]:
    """L05-L07, L10: the label that the signer scanned, by its digest."""
    digest, item = step.event.fields.get(Field.LABEL), step.item
    if digest is not None and item.registration and len(step.event.items) == 1:
        if digest not in item.labels:
            yield "L05", "label with this digest was never registered"
        elif item.labels[digest] < item.instance:
            yield "L06", f"instance {item.labels[digest]} was replaced by {item.instance}"
        if item.state is State.VOID:
            yield "L07", "item was cancelled"
    if step.event.type in TAKING and step.event.fields.get(Field.METHOD) == _MANUAL:
        yield "L10", "number was typed"


def seal(step: Step) -> Iterator[Hit]:
    """X01-X03, B05: the seal as read, against the one that should be there."""
    kind, item = step.event.type, step.item
    seen = step.event.seal if len(step.event.items) == 1 else None
    if seen is None:
        if kind in _INTO_HAND:
            yield "X03", "seal was not read"
        return
    commitment, condition = seen
    if kind not in (*GENESIS, E.RESEAL) and item.registration and commitment != item.seal_commitment:
        yield "B05" if item.is_container else "X01", "commitment differs from the one registered"
    if condition:
        yield "X02", f"condition {condition}"


def weight(step: Step) -> Iterator[Hit]:
    """X08, B10: weighed again, and it is another weight."""
    now_g, registration = step.event.fields.get(Field.MASS), step.registration
    if now_g is None or registration is None or len(step.event.items) > 1:
        return
    was_g, tolerance_g = registration.fields.get(Field.MASS), step.policy.mass_tolerance_g
    if step.is_container:
        tolerance_g *= _BAG_TOLERANCE
    if was_g is not None and abs(now_g - was_g) > tolerance_g:
        yield "B10" if step.is_container else "X08", f"{now_g} g, registered with {was_g} g"


def foreign_sight(step: Step) -> Iterator[Hit]:
    """X09: seen, under a genuine label, by who has no part in where it is, or while in a closed container."""
    if is_foreign_sight(step):
        seen_by = min(step.certificate.offices, default=step.certificate.agency)
        yield "X09", f"seen by {seen_by}, held in office {min(step.item.offices, default='unknown')}"


def is_foreign_sight(step: Step) -> bool:
    """Say whether the item, or the closed container it is in, was elsewhere when it was seen under a genuine label."""
    item, certificate = step.item, step.certificate
    if step.event.type is not E.SIGHT or _label_seen(step) not in item.labels:
        return False
    travelling = (
        item.state in (State.HELD, State.OFFERED, State.LOADED) and certificate.person != item.custodian
    )
    return travelling and _is_foreign(step)


def clone(step: Step) -> Iterator[Hit]:
    """X06: scanned by its holder and by somebody elsewhere, so near in time that it cannot be one envelope."""
    item, sighting = step.item, step.current.foreign
    if sighting is None or step.event.type in GENESIS or step.certificate.person != item.custodian:
        return
    is_scanned = step.event.fields.get(Field.METHOD) != _MANUAL and _label_seen(step) in item.labels
    if is_scanned and item.custodian == step.current.custodian and not _is_one_way(step, sighting):
        yield "X06", f"entry {sighting.index} saw it elsewhere"


def _is_one_way(step: Step, sighting: Entry) -> bool:
    """Whether an envelope can have been carried between two scans of its label."""
    here, there = step.event.place, sighting.event.place
    if not here or not there or here == there:
        return True
    gap_ms = abs(step.event.claimed_ms - sighting.event.claimed_ms)
    ends = [step.directory.org(code, step.entry.index) for code in (here, there)]
    positions = [org.position for org in ends if org and org.position]
    if len(positions) < len(ends):
        return gap_ms > _AT_ONCE_MS
    limits = step.policy
    most_m = (gap_ms + 2 * limits.eps_ms) * limits.speed_kmh // _MS_KMH_OF_A_METRE + 2 * limits.geo_radius_m
    return distance_m(positions[0], positions[1]) <= most_m


def _label_seen(step: Step) -> bytes | None:
    raw = step.event.fields.get(Field.LABEL_RAW)
    return label.digest_of(raw) if raw else step.event.fields.get(Field.LABEL)


def _is_foreign(step: Step) -> bool:
    here, agency, registration = set(step.certificate.offices), step.certificate.agency, step.registration
    if here:
        return bool(step.item.offices) and not here & set(step.item.offices)
    parties = {registration.fields.get(f) for f in (Field.SENDER, Field.RECIPIENT)} if registration else set()
    return agency is not None and agency not in parties


def _label_under_key(step: Step, seen: label.Label, key: Certificate) -> Iterator[Hit]:
    try:
        label.verify_label(seen, key.public)
    except SignatureError as error:
        yield "L02", str(error)
        return
    if step.event.type is E.SIGHT:
        if seen.digest not in step.item.labels:
            yield "L05", "label is signed but was never registered"
        return
    issued_ms = step.entry.logged_ms
    is_revoked = key.revoked_index is not None and key.revoked_index < step.entry.index
    if is_revoked or not key.not_before_ms <= issued_ms <= key.not_after_ms:
        yield "L04", f"label key {seen.kid4.hex()} was not valid"
    elif key.compromised_ms is not None and issued_ms >= key.compromised_ms:
        yield "L04", f"label key {seen.kid4.hex()} was compromised"
    yield from _label_fits(step, seen)


def _label_fits(step: Step, seen: label.Label) -> Iterator[Hit]:
    """X01, L08: a new label speaks of the seal on the cover, and follows the one it replaces."""
    before = step.item.label
    if step.event.type in GENESIS:
        bound = step.event.fields[Field.SEAL][0]
        if seen.seal_commitment not in (label.UNSEALED, bound):
            yield "X01", "the label commits to another seal than the registration"
    elif before and (seen.instance != before.instance + 1 or seen.nonce != before.nonce):
        yield "L08", f"instance {seen.instance} does not follow instance {before.instance}"
    elif seen.seal_commitment not in (label.UNSEALED, step.item.seal_commitment):
        yield "X01", "the new label commits to another seal than the one on the cover"
