"""What only the whole log shows: two entries that may both be true of their own item, and cannot both be honest.

A `Watch` is fed entries in log order, of the whole log or of any part of it. Each accusation rests on two entries
and comes out of every part that has both, so whoever holds the two can check it: a dossier carries them (ADR 10).
What rests on something *missing* from the log is no business of this file: see `device`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from custody.event import Entry, Event
from custody.fields import EventType as E
from custody.fields import Field
from custody.machine import ROLES
from custody.network import Network

__all__ = ["CODES", "NUMBER", "SEAL", "SEAL_TYPES", "Accusation", "Watch", "detail_of", "traces_of"]

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


@dataclass(frozen=True, slots=True)
class _Registration:
    index: int
    logged_ms: int


@dataclass(slots=True)
class Watch:
    """A fold over entries in log order; all it keeps is by what two entries could share.

    Attributes:
        network: the keys and limits, as of the newest entry added or later.
    """

    network: Network
    _places: dict[tuple[bytes, int | bytes], _Place] = field(default_factory=dict)
    _registered: dict[bytes, dict[bytes, _Registration]] = field(default_factory=dict)
    _worn: dict[bytes, tuple[bytes, int]] = field(default_factory=dict)
    _wearers: dict[bytes, dict[bytes, None]] = field(default_factory=dict)

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
        if uid in known:
            return  # the second registration of one item is the business of its chain
        reuse_ms = self.network.policy_at(entry.index).reuse_days * _DAY_MS
        others = [(r.index, u) for u, r in known.items() if entry.logged_ms - r.logged_ms < reuse_ms]
        known[uid] = _Registration(entry.index, entry.logged_ms)
        yield from _accuse(entry, uid, "L09", others)

    def _sealed(self, entry: Entry) -> Iterator[Accusation]:
        """X05: a seal put on while it is on something else, which has it still and has not ended its journey."""
        event = entry.event
        for ref in event.items:
            if event.type not in _GENESIS:
                self._worn.pop(ref.uid, None)
        uid, tag = _sealed(event), event.fields.get(Field.SEAL_TAG)
        if uid is None or tag is None:
            return
        wearers = self._wearers.setdefault(tag, {})
        worn = ((self._worn[u], u) for u in wearers if u != uid and u in self._worn)
        others = sorted((index, u) for (one, index), u in worn if one == tag)
        wearers[uid] = None
        self._worn[uid] = (tag, entry.index)
        yield from _accuse(entry, uid, "X05", others)


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


def _may(entry: Entry, network: Network) -> bool:
    """Whether its signer may do such a thing at all: a stranger's word puts nobody else's item in question."""
    certificate = network.ring.get(entry.event.kid, entry.index)
    if certificate is None or certificate.person != entry.event.actor:
        return False
    return bool(certificate.roles & ROLES[entry.event.type])


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
