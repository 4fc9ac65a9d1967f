"""Who signs exceptions with whom: two people who always do it together could agree on one (P08, a heuristic).

Signatures cannot stop two people who agree. That somebody has most of the exceptions they begin signed by one partner,
though others were there to ask, is a reason to look, never a proof: it is shown to those who supervise, and is in no
item's verdict. It is counted from who begins, since they choose whom to ask: a witness takes what comes.
"""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from custody.event import Entry
from custody.fields import EventType as E
from custody.findings import CATALOGUE, Finding
from custody.keys import Certificate, KeyRing
from custody.machine import TWO_PERSON
from custody.policy import Policy
from custody.rules import MARKS

__all__ = ["EXCEPTIONS", "WINDOW_MS", "Pattern", "patterns"]

EXCEPTIONS: Final = frozenset(TWO_PERSON) & frozenset(MARKS)
"""Acts of two people that leave a mark. Opening a bag leaves none: two colleagues of a small office do it every day."""
WINDOW_MS: Final = 90 * 86_400_000
"""How far back is looked: a quarter of a year."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """Two people who sign exceptions together, seen from the one who begins them.

    Attributes:
        person: 8-byte id of who began them.
        partner: of who signed as second.
        shared: how many of *person*'s *partner* signed.
        total: how many *person* began.
        newest: the newest of the shared ones.
    """

    person: bytes
    partner: bytes
    shared: int
    total: int
    newest: Entry

    @property
    def finding(self) -> Finding:
        """P08; `Finding.uid` names the pair."""
        pair = b"KT1-PAIR-v1\0" + self.person + self.partner
        return Finding(
            code="P08",
            uid=hashlib.sha256(pair).digest()[:8],
            index=self.newest.index,
            event_id=self.newest.event.id,
            detail=f"{self.shared} of {self.total} exceptions",
            severity=CATALOGUE["P08"].severity,
        )


def patterns(entries: Iterable[Entry], ring: KeyRing, policy: Policy, now_ms: int) -> list[Pattern]:
    """Return the pairs above the policy's limits, the most telling first.

    Args:
        entries: the `EXCEPTIONS` of the window that took effect, in log order; others are left out.
        ring: the certificates.
        policy: the limits as of now.
        now_ms: as of when somebody else could have been asked.
    """
    begun: dict[bytes, Counter[bytes]] = defaultdict(Counter)
    newest: dict[tuple[bytes, bytes], Entry] = {}
    kinds: dict[bytes, set[E]] = defaultdict(set)
    for entry in entries:
        both = _signers(entry, ring)
        if both:
            begun[both[0]][both[1]] += 1
            newest[both] = entry
            kinds[both[0]].add(entry.event.type)
    found = []
    for person, partners in begun.items():
        partner, shared = min(partners.items(), key=lambda one: (-one[1], one[0]))
        total = partners.total()
        is_much = shared >= policy.pair_least and shared * 100 > policy.pair_share * total
        if is_much and _others(ring, person, partner, kinds[person], now_ms):
            found.append(Pattern(person, partner, shared, total, newest[person, partner]))
    return sorted(found, key=lambda one: (-one.shared, one.person))


def _signers(entry: Entry, ring: KeyRing) -> tuple[bytes, bytes] | None:
    """Return the two people of an exception, or None where it is none, or one of the keys is unknown."""
    second_kid = entry.event.second_kid
    if entry.event.type not in EXCEPTIONS or second_kid is None:
        return None
    first, second = ring.get(entry.event.kid, entry.index), ring.get(second_kid, entry.index)
    if first is None or second is None or first.person == second.person:
        return None
    return first.person, second.person


def _others(ring: KeyRing, person: bytes, partner: bytes, kinds: Iterable[E], now_ms: int) -> bool:
    """Whether somebody else of *person*'s office could have signed with them."""
    needed = frozenset(role for kind in kinds for role in TWO_PERSON[kind])
    offices = {office for c in ring if c.person == person for office in c.offices}
    return any(c.person not in (person, partner) and _could(c, needed, offices, now_ms) for c in ring)


def _could(certificate: Certificate, needed: frozenset[object], offices: set[int], now_ms: int) -> bool:
    is_near = not offices or bool(offices & set(certificate.offices))
    return certificate.lives(now_ms) and bool(certificate.roles & needed) and is_near
