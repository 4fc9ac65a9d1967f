"""The fold over one item's entries: what state it is in, what is wrong, and the verdict.

A verdict is a pure function of (entries in log order, keys, checkpoints, policy, now). The same fold runs when
an event comes in, in the audit, in the rebuilding of views, and in a stranger's check of a dossier.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from custody import cbor, label
from custody.event import ZERO, Entry, Event, ItemRef
from custody.fields import EventType as E
from custody.fields import Field
from custody.findings import CATALOGUE, Finding, Severity
from custody.item import Item
from custody.keys import KeyRing
from custody.machine import BEFORE, OBSERVATIONS, SAME, TERMINAL, TRANSITIONS, State
from custody.policy import Policy
from custody.rules import BLOCKING, FORK_RULES, MARKS, RULES
from custody.step import Anchors, Rule, Step

__all__ = ["Chain", "Judgement", "Verdict"]

_RAISE_OFFER: Final = 4  # an offer open this many times the limit is high
_RAISE_HELD: Final = 3
_RACING: Final = frozenset((E.ACCEPT, E.DELIVER, E.REFUSE, E.CANCEL))
_MEANING: Final = (Field.OFFEREE, Field.CITES, Field.LABEL_RAW, Field.SEAL)
_TAKES: Final = frozenset((E.REGISTER, E.ACCEPT, E.DELIVER, E.SEIZE, E.FOUND))


class Verdict(StrEnum):
    """The one word on a chain."""

    INTACT = "INTACT"
    NOTED = "NOTED"
    QUESTIONED = "QUESTIONED"
    BROKEN = "BROKEN"


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict and what it rests on.

    Attributes:
        verdict: the word.
        findings: by (index, code).
        digest: SHA-256 over the canonical list of (index, code, severity, resolved_by), to compare verifiers.
    """

    verdict: Verdict
    findings: tuple[Finding, ...]
    digest: bytes

    def rows(self) -> list[list[object]]:
        """Return the canonical list [index, code, severity, resolved_by or -1] that the digest is over."""
        return _rows(self.findings)


class Chain:
    """One item's chain, grown entry by entry in log order.

    An event whose predecessor is not in the log is parked under a C02, and judged when that one arrives: a late
    upload heals the gap it explains. Does not check signatures of the events themselves: see `admission`.
    """

    def __init__(self, uid: bytes, *, ring: KeyRing, anchors: Anchors, policy: Policy) -> None:
        """Begin an empty chain for *uid* (8 bytes)."""
        self.item = Item(uid)
        self.entries: list[Entry] = []
        self.findings: list[Finding] = []
        self._ring = ring
        self._anchors = anchors
        self._policy = policy
        self._seen: set[bytes] = set()
        self._line: dict[bytes, Entry] = {}
        self._next: dict[bytes, Entry] = {}
        self._states: dict[bytes, Item] = {}
        self._beside: dict[bytes, Entry] = {}
        self._parked: dict[bytes, list[Entry]] = {}
        self._waiting: set[bytes] = set()

    def add(self, entry: Entry) -> list[Finding]:
        """Judge the next entry of the log that names this item; return the findings it opened.

        An entry already here changes nothing.
        """
        if entry.event.id in self._seen:
            return []
        self._seen.add(entry.event.id)
        self.entries.append(entry)
        before = len(self.findings)
        self._place(entry)
        self._unpark(entry)
        return self.findings[before:]

    def judge(self, now_ms: int) -> Judgement:
        """Return the verdict as of *now_ms*, with the findings that only time makes."""
        findings = sorted((*self.findings, *self._overdue(now_ms)), key=lambda f: (f.index, f.code))
        digest = hashlib.sha256(cbor.encode(_rows(findings))).digest()
        return Judgement(_verdict(findings), tuple(findings), digest)

    @property
    def held(self) -> bool:
        """Whether the next release must wait for a supervisor: an unresolved C or H."""
        grave = (Severity.CRITICAL, Severity.HIGH)
        return any(f.severity in grave and f.resolved_by is None for f in self.findings)

    def _place(self, entry: Entry) -> None:
        """Put the entry where it belongs: on the line, beside it, or parked until its predecessor comes.

        Only what takes effect is on the line and can be built upon. What is blocked stays beside it as evidence:
        it can neither take the head from the rightful party nor be the first of two stories.
        """
        event, item = entry.event, self.item
        ref = event.item(item.uid)
        if ref is None:
            return
        if not (ref.prev in self._line or ref.prev in self._beside or ref.prev == ZERO):
            self._park(entry, ref.prev)
        elif ref.prev in self._beside and event.type not in OBSERVATIONS:
            self._open(entry, "C08", f"builds on {ref.prev.hex()[:16]}, which did not count")
            self._judge_step(entry, ref, item, FORK_RULES)
            self._beside[event.id] = entry
        elif event.type in OBSERVATIONS:
            self._observe(entry, ref)
        else:
            self._step(entry, ref)

    def _park(self, entry: Entry, prev: bytes) -> None:
        """Keep an entry aside until the one it cites arrives."""
        if prev not in self._waiting:
            self._open(entry, "C02", f"event {prev.hex()[:16]} is not in the log")
        self._waiting.add(entry.event.id)
        self._parked.setdefault(prev, []).append(entry)

    def _observe(self, entry: Entry, ref: ItemRef) -> None:
        """Judge an observation against the state it speaks of; with no predecessor named, that is today's."""
        if not BLOCKING & self._judge_step(entry, ref, self._states.get(ref.prev, self.item), RULES):
            self._take_effect(entry)

    def _step(self, entry: Entry, ref: ItemRef) -> None:
        """Judge a custody event against the state it builds on; let it count if nothing stands against it."""
        event, item = entry.event, self.item
        if ref.prev != item.head:
            before = self._states.get(ref.prev, Item(item.uid))
            if not BLOCKING & self._judge_step(entry, ref, before, RULES):
                first = self._next[ref.prev]
                detail = f"{first.event.type.name} of entry {first.index} follows the same event"
                self._open(entry, "C04", detail, _grade_fork(first.event, event))
            self._beside[event.id] = entry
        elif BLOCKING & self._judge_step(entry, ref, item, RULES):
            self._beside[event.id] = entry
        else:
            self._take_effect(entry)
            self._next[ref.prev] = self._line[event.id] = entry
            item.head, item.seq, item.last = event.id, ref.seq, entry
            self._states[event.id] = item.snapshot()

    def _judge_step(self, entry: Entry, ref: ItemRef, item: Item, rules: tuple[Rule, ...]) -> set[str]:
        """Open what the rules find against *item*; return their codes."""
        certificate = self._ring.get(entry.event.kid, entry.index)
        if certificate is None:
            self._open(entry, "K01", f"no certificate for key {entry.event.kid.hex()}")
            return set(BLOCKING)
        parent = self._line.get(ref.prev) or self._beside.get(ref.prev)
        deciding = entry.event.type is E.OVERRIDE
        undecided = {f.id for f in self.findings if deciding and f.resolved_by is None}
        step = Step(
            item, entry, ref.seq, parent, certificate, self._ring, self._anchors, self._policy, undecided
        )
        hits = [hit for rule in rules for hit in rule(step)]
        for code, detail in hits:
            self._open(entry, code, detail)
        return {code for code, _ in hits}

    def _take_effect(self, entry: Entry) -> None:
        """Leave the mark of an act, close what it decides, and move the item."""
        kind, fields = entry.event.type, entry.event.fields
        if kind in MARKS:
            self._open(entry, MARKS[kind], fields.get(Field.REASON_TEXT, ""))
        if kind is E.OVERRIDE:
            cited = set(fields[Field.FINDINGS])
            self._resolve(lambda f: f.id in cited and f.code != "A01", entry.index)
        elif kind is E.RELEASE:
            self._resolve(lambda f: f.code == "A03", entry.index)
        elif kind is E.REGISTER:  # what was said of the item before it existed is settled by its existence
            self._resolve(lambda f: f.index < entry.index and f.code[0] != "L", entry.index)
        if kind not in OBSERVATIONS:
            self._move(entry)

    def _move(self, entry: Entry) -> None:
        """Move the item as the table says."""
        kind, item = entry.event.type, self.item
        target = TRANSITIONS[item.state, kind]
        if kind is E.OFFER:
            item.offer, item.before_offer = entry, item.state
        elif kind is E.RETURN:
            item.returning = True
        self._hold(entry)
        self._bind(entry)
        if target is BEFORE:
            item.state = item.before_offer
        elif target is not SAME:
            item.state = target
        if item.state is not State.OFFERED:
            item.offer = None

    def _hold(self, entry: Entry) -> None:
        """Say who answers for the item from now."""
        event, item = entry.event, self.item
        certificate = self._ring.get(event.kid, entry.index)
        if event.type in _TAKES and certificate:
            item.custodian, item.offices = certificate.person, certificate.offices
        elif event.type is E.OVERRIDE and item.state not in TERMINAL:
            item.custodian, item.offices = event.fields[Field.OFFEREE], ()

    def _bind(self, entry: Entry) -> None:
        """Take over the label and the seal that an event puts on the cover."""
        kind, fields, item = entry.event.type, entry.event.fields, self.item
        if kind is E.REGISTER:
            item.registration = entry
        if kind in (E.REGISTER, E.RESEAL):
            item.seal_commitment = fields[Field.SEAL][0]
        if kind in (E.REGISTER, E.RELABEL):
            item.label = label.parse_label(fields[Field.LABEL_RAW])
            item.labels = {**item.labels, item.label.digest: item.label.instance}

    def _unpark(self, entry: Entry) -> None:
        """Judge the events that waited for this one, and close their C02."""
        if entry.event.id in self._waiting:
            return
        for child in self._parked.pop(entry.event.id, ()):
            self._waiting.discard(child.event.id)
            self._heal(child, entry.index)
            self._place(child)
            self._unpark(child)

    def _heal(self, child: Entry, index: int) -> None:
        """Close the C02 of a child whose predecessor has come: an upload that was late, no break."""
        self._resolve(lambda f: f.code == "C02" and f.event_id == child.event.id, index, Severity.INFO)

    def _resolve(self, pick: Callable[[Finding], bool], index: int, severity: Severity | None = None) -> None:
        self.findings = [
            replace(f, resolved_by=index, severity=severity or f.severity)
            if f.resolved_by is None and pick(f)
            else f
            for f in self.findings
        ]

    def _open(self, entry: Entry, code: str, detail: str, severity: Severity | None = None) -> None:
        self.findings.append(
            Finding(
                code=code,
                uid=self.item.uid,
                index=entry.index,
                event_id=entry.event.id,
                detail=detail,
                severity=severity or CATALOGUE[code].severity,
            )
        )

    def _overdue(self, now_ms: int) -> Iterator[Finding]:
        """S05, S07: what nobody did."""
        item, limits = self.item, self._policy
        if item.offer:
            late = _lateness(now_ms - item.offer.logged_ms, limits.offer_open_ms, _RAISE_OFFER)
            if late:
                yield self._late("S05", item.offer, late)
        elif item.last and item.state not in TERMINAL and item.state is not State.NONE:
            late = _lateness(now_ms - item.last.logged_ms, limits.held_ms, _RAISE_HELD)
            if late:
                yield self._late("S07", item.last, late)

    def _late(self, code: str, entry: Entry, severity: Severity) -> Finding:
        return Finding(
            code=code, uid=self.item.uid, index=entry.index, event_id=entry.event.id, severity=severity
        )


def _grade_fork(first: Event, second: Event) -> Severity:
    """Grade two stories: one key saying the same twice (a double tap), an honest race of two people, or a lie."""
    kinds = {first.type, second.type}
    if first.kid == second.kid and len(kinds) == 1:
        same = all(first.fields.get(f) == second.fields.get(f) for f in _MEANING)
        return Severity.LOW if same else Severity.CRITICAL
    return Severity.HIGH if kinds <= _RACING and first.kid != second.kid else Severity.CRITICAL


def _rows(findings: Iterable[Finding]) -> list[list[object]]:
    return [
        [f.index, f.code, f.severity.value, -1 if f.resolved_by is None else f.resolved_by] for f in findings
    ]


def _lateness(waited_ms: int, limit_ms: int, factor: int) -> Severity | None:
    if waited_ms <= limit_ms:
        return None
    return Severity.HIGH if waited_ms > factor * limit_ms else Severity.MEDIUM


def _verdict(findings: list[Finding]) -> Verdict:
    open_ = [f.severity for f in findings if f.resolved_by is None]
    if Severity.CRITICAL in open_:
        return Verdict.BROKEN
    if Severity.HIGH in open_ or open_.count(Severity.MEDIUM) > 1:
        return Verdict.QUESTIONED
    if any(f.severity is not Severity.INFO for f in findings):
        return Verdict.NOTED
    return Verdict.INTACT
