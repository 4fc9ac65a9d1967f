"""What only the whole log shows: two entries that may both be true of their own item, and cannot both be honest.

A `Watch` is fed entries in log order, of the whole log or of any part of it. Each accusation rests on two entries
and comes out of every part that has both, so whoever holds the two can check it: a dossier carries them (ADR 10).
What rests on something *missing* from the log is no business of this file: see `device`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final

from custody import label
from custody.errors import CustodyError
from custody.event import ZERO, Entry, Event
from custody.fields import EventType as E
from custody.fields import Field
from custody.keys import Certificate
from custody.machine import ROLES, TWO_PERSON
from custody.network import Network
from custody.roles import may_handle
from custody.s10 import is_container
from custody.step import second_signer

__all__ = [
    "CODES",
    "NUMBER",
    "SEAL",
    "SEAL_TYPES",
    "Accusation",
    "Watch",
    "could_take_effect",
    "detail_of",
    "shared_seals",
    "traces_of",
]

NUMBER: Final = 1
"""Kind of trace: an item number (6 bytes, packed) was registered."""
SEAL: Final = 2
"""Kind of trace: a seal (8-byte tag) was put on something."""

_ITEM_BYTES: Final = 6
_DAY_MS: Final = 86_400_000
_GENESIS: Final = frozenset((E.REGISTER, E.CLOSE))
_SEALING: Final = _GENESIS | {E.RESEAL}
_ENDING: Final = frozenset((E.DELIVER, E.DESTROY, E.VOID, E.OPEN, E.RETIRE))
SEAL_TYPES: Final = _SEALING | _ENDING
"""Events that put a seal on, replace it, or end its work: all that X05 rests on."""

_DETAILS: Final[dict[str, str]] = {
    "D01": "entry {other} is at the same place of the same device's chain",
    "L09": "entry {other} registered the same number",
    "X05": "entry {other} put the same seal on something else",
}
CODES: Final = frozenset(_DETAILS)
"""What a watch can find."""


@dataclass(frozen=True, slots=True, order=True)
class Accusation:
    """A finding that rests on two entries.

    Attributes:
        index: the later entry, on which the finding rests.
        uid: item or container accused, 8 bytes, named by one of the two.
        code: D01, L09 or X05.
        other: index of the first entry with which it cannot be.
    """

    index: int
    uid: bytes
    code: str
    other: int

    @property
    def detail(self) -> str:
        """The words of the finding."""
        return detail_of(self.code, self.other)


def detail_of(code: str, other: int) -> str:
    """Return the words of an accusation that rests on entry *other* too."""
    return _DETAILS[code].format(other=other)


@dataclass(slots=True)
class _Place:
    """A place of a device's chain, as the first entry took it."""

    index: int
    uids: tuple[bytes, ...]
    is_taken_twice: bool = False


@dataclass(slots=True)
class Watch:
    """A fold over entries in log order; all it keeps is by what two entries could share.

    Attributes:
        network: the keys and limits, as of the newest entry added or later.
    """

    network: Network
    _places: dict[tuple[bytes, int | bytes], _Place] = field(default_factory=dict)
    _registered: dict[bytes, dict[bytes, list[Entry]]] = field(default_factory=dict)
    _acts: dict[bytes, list[Entry]] = field(default_factory=dict)
    _wearers: dict[bytes, dict[bytes, None]] = field(default_factory=dict)
    _counted: dict[int, bool] = field(default_factory=dict)

    def add(self, entry: Entry) -> list[Accusation]:
        """Return the accusations that rest on the next entry and one before it, each once, in order."""
        found = [*self._fork(entry)]
        if entry.event.type in SEAL_TYPES and _may(entry, self.network):
            found += self._registered_again(entry)
            found += self._sealed(entry)
        return sorted({(a.uid, a.code): a for a in reversed(found)}.values()) if found else []

    def _fork(self, entry: Entry) -> Iterator[Accusation]:
        """D01: one key at one place of its chain twice, or building twice on the same event.

        Whoever the first entry names is accused by the second; those after it accuse their own items alone.
        """
        link = entry.event.device_link
        if link is None:
            return
        for key in ((entry.event.kid, link[0]), (entry.event.kid, link[1])):
            mine = tuple(ref.uid for ref in entry.event.items)
            first = self._places.setdefault(key, _Place(entry.index, mine))
            if first.index == entry.index:
                continue
            accused = mine if first.is_taken_twice else (*mine, *first.uids)
            first.is_taken_twice = True
            yield from (Accusation(entry.index, uid, "D01", first.index) for uid in accused)

    def _registered_again(self, entry: Entry) -> Iterator[Accusation]:
        """L09: a number registered for another item, sooner than numbers come back."""
        uid = _registered(entry.event)
        if uid is None:
            return
        known = self._registered.setdefault(uid[:_ITEM_BYTES], {})
        before = known.setdefault(uid, [])
        before.append(entry)
        if len(known) == 1 or self._first(before) is not entry:
            return  # the second registration of one item is the business of its chain
        reuse_ms = self.network.policy_at(entry.index).reuse_days * _DAY_MS
        firsts = ((first, u) for u, same in known.items() if u != uid and (first := self._first(same)))
        others = [(r.index, u) for r, u in firsts if entry.logged_ms - r.logged_ms < reuse_ms]
        yield from _accuse(entry, uid, "L09", sorted(others))

    def _first(self, entries: list[Entry]) -> Entry | None:
        return next((entry for entry in entries if self._counts(entry)), None)

    def _sealed(self, entry: Entry) -> Iterator[Accusation]:
        """X05: a seal put on while it is on something else, which has it still and has not ended its journey."""
        event = entry.event
        for ref in event.items:
            self._acts.setdefault(ref.uid, []).append(entry)
        uid, tag = _sealed(event), event.fields.get(Field.SEAL_TAG)
        if uid is None or tag is None:
            return
        wearers = self._wearers.setdefault(tag, {})
        wearers[uid] = None
        if len(wearers) == 1 or self._worn(uid) != (tag, entry.index):
            return
        worn = ((found, u) for u in wearers if u != uid and (found := self._worn(u)))
        others = [(index, u) for (one, index), u in worn if one == tag]
        yield from _accuse(entry, uid, "X05", sorted(others))

    def _worn(self, uid: bytes) -> tuple[bytes, int] | None:
        """Return (tag, index) of the seal that is on something now, by what could have taken effect."""
        worn: tuple[bytes, int] | None = None
        is_begun = False
        for entry in filter(self._counts, self._acts.get(uid, ())):
            event = entry.event
            is_genesis = event.type in _GENESIS
            if is_genesis and is_begun:
                continue  # a chain begins once: a copied label puts no seal on
            is_begun |= is_genesis
            tag = event.fields.get(Field.SEAL_TAG)
            if _sealed(event) == uid and tag is not None:
                worn = tag, entry.index
            elif not is_genesis:
                worn = None
        return worn

    def _counts(self, entry: Entry) -> bool:
        """Whether an entry could have taken effect; asked only of those that share something with another."""
        counts = self._counted.get(entry.index)
        if counts is None:
            counts = self._counted[entry.index] = could_take_effect(entry, self.network)
        return counts


def traces_of(entry: Entry, network: Network) -> list[tuple[int, bytes, bytes]]:
    """Return (kind, key, uid) of what an entry leaves for a `Watch` over later ones, by which it is found again."""
    if entry.event.type not in _SEALING or not _may(entry, network):
        return []
    event = entry.event
    traces = []
    uid, sealed, tag = _registered(event), _sealed(event), event.fields.get(Field.SEAL_TAG)
    if uid is not None:
        traces.append((NUMBER, uid[:_ITEM_BYTES], uid))
    if sealed is not None and tag is not None:
        traces.append((SEAL, tag, sealed))
    return traces


def _accuse(entry: Entry, uid: bytes, code: str, others: list[tuple[int, bytes]]) -> Iterator[Accusation]:
    """Accuse *uid*, and the one other that nothing else has accused yet; *others* are (index, uid), oldest first."""
    if not others:
        return
    first, other = others[0]
    yield Accusation(entry.index, uid, code, first)
    if len(others) == 1:
        yield Accusation(entry.index, other, code, first)


def could_take_effect(entry: Entry, network: Network) -> bool:
    """Say whether an entry of `SEAL_TYPES` could have taken effect, as far as it shows by itself.

    What it shows is the same for ever and in every part of the log: its signers' certificates as of its index, their
    revocations before it, and the label. Nobody's item is put in question by what moves nothing (ADR 8).
    """
    kind, certificate = entry.event.type, network.ring.get(entry.event.kid, entry.index)
    if certificate is None or not _may(entry, network):
        return False
    if kind in _SEALING and not _is_valid(certificate, entry):
        return False
    if kind in _GENESIS and not _begins(entry, network, certificate):
        return False
    return kind not in TWO_PERSON or _is_seconded(entry, network, certificate)


def shared_seals(entries: Iterable[Entry]) -> set[bytes]:
    """Return what some entries of a part put the same seal on, as two or more things.

    Whether one of them had it still, the `SEAL_TYPES` of its chain say: a part that has these gives what the log gives.
    """
    wearers: dict[bytes, set[bytes]] = {}
    for entry in entries:
        uid, tag = _sealed(entry.event), entry.event.fields.get(Field.SEAL_TAG)
        if uid is not None and tag is not None:
            wearers.setdefault(tag, set()).add(uid)
    return {uid for uids in wearers.values() if len(uids) > 1 for uid in uids}


def _may(entry: Entry, network: Network) -> bool:
    """Whether its signer may do such a thing at all: a stranger's word puts nobody else's item in question."""
    certificate = network.ring.get(entry.event.kid, entry.index)
    if certificate is None or certificate.person != entry.event.actor:
        return False
    return bool(certificate.roles & ROLES[entry.event.type])


def _is_valid(certificate: Certificate, entry: Entry) -> bool:
    """Whether a key may sign (K02-K04, K06), by what no later entry changes; a revoked one may not, however late."""
    event, revoked = entry.event, certificate.revoked_index
    latest_ms = event.claimed_ms if event.anchor else max(event.claimed_ms, entry.logged_ms)
    in_time = certificate.not_before_ms <= entry.logged_ms and latest_ms <= certificate.not_after_ms
    return in_time and not certificate.countersigns_only and (revoked is None or revoked > entry.index)


def _begins(entry: Entry, network: Network, certificate: Certificate) -> bool:
    """Whether a REGISTER or CLOSE begins a chain, under a label that the network issued (C01, K06, L02, L03)."""
    event, uid = entry.event, _registered(entry.event)
    ref = event.item(uid) if uid else None
    if ref is None or ref.seq != 0 or ref.prev != ZERO:
        return False
    if is_container(ref.uid) is not (event.type is E.CLOSE):
        return False
    if not may_handle(certificate.secrecy_max, event.fields.get(Field.SECRECY, 0)):
        return False
    try:
        seen = label.parse_label(event.fields[Field.LABEL_RAW])
        key = network.ring.label_key(seen.kid4, entry.index)
        if key is None or key.kid4 != seen.kid4:
            return False
        label.verify_label(seen, key.public)
    except CustodyError:
        return False
    return True


def _is_seconded(entry: Entry, network: Network, first: Certificate) -> bool:
    """Whether somebody else of the same office, with a role for it, signed as second (P04, P07)."""
    second = second_signer(entry.event, network.ring, entry.index)
    if second is None or second.person == first.person:
        return False
    revoked = second.revoked_index
    is_near = not first.offices or not second.offices or bool(set(first.offices) & set(second.offices))
    is_alive = second.not_before_ms <= entry.logged_ms and (revoked is None or revoked > entry.index)
    return is_near and is_alive and bool(second.roles & TWO_PERSON[entry.event.type])


def _registered(event: Event) -> bytes | None:
    """Return the item or container that an event registers under its label, or None."""
    raw = event.fields.get(Field.LABEL_RAW)
    if event.type not in _GENESIS or raw is None:
        return None
    uid: bytes = raw[5:11] + raw[12:14]  # number and day, docs/spec/label.md
    return uid if event.item(uid) else None


def _sealed(event: Event) -> bytes | None:
    """Return what an event puts a seal on: one thing, as one seal closes one cover."""
    if event.type in _GENESIS:
        return _registered(event)
    is_one = event.type is E.RESEAL and len(event.items) == 1
    return event.items[0].uid if is_one else None
