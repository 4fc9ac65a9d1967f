"""Item chains out of the log: loaded from entries, kept while they are hot, folded anew when the past changes.

A chain's findings depend on its entries, on the keys and on the policy. A revocation with a date, or a new
policy, says something new about old entries: the chains concerned are then folded again from the start.
"""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from custody.containers import DEEPEST
from custody.event import Entry, Event, EventType, Field, parse_event
from custody.judge import Chain
from custody.keys import Certificate, KeyRing
from custody.network import Network
from custody.policy import Policy
from custody.roles import Role
from db import schema
from db.store import EntryRow
from db.watch import Accused, accused_of

__all__ = [
    "Anchors",
    "ChainCache",
    "Reach",
    "Rules",
    "containers_of",
    "entries_of",
    "entry_of",
    "fold",
    "fold_item",
    "items_inside",
    "stay_rows",
]

_entry, _item_entry, _checkpoint = schema.entry, schema.item_entry, schema.checkpoint
_stay = schema.stay
_LOG = logging.getLogger(__name__)
_CHAINS = 4_096
_CHUNK = 500
_ANCHORS = 16_384
_OF_ITEMS = (
    sa.select(_item_entry.c.uid, _entry.c.idx, _entry.c.id, _entry.c.body, _entry.c.t_int)
    .join(_entry, _item_entry.c.idx == _entry.c.idx)
    .where(_item_entry.c.uid.in_(sa.bindparam("uids", expanding=True)), _entry.c.idx < sa.bindparam("stop"))
    .order_by(_entry.c.idx)
)
_CONTAINERS = sa.select(_stay.c.uid, _stay.c.container).where(
    _stay.c.uid.in_(sa.bindparam("uids", expanding=True)), _stay.c.idx < sa.bindparam("stop")
)
_INSIDE = sa.select(_stay.c.container, _stay.c.uid).where(
    _stay.c.container.in_(sa.bindparam("containers", expanding=True)), _stay.c.idx < sa.bindparam("stop")
)
_ANCHORS_OF = sa.select(_checkpoint).where(_checkpoint.c.size.in_(sa.bindparam("sizes", expanding=True)))
_ANCHOR = sa.select(_checkpoint.c.root, _checkpoint.c.time_ms).where(
    _checkpoint.c.size == sa.bindparam("size")
)
_BY_ID = sa.select(_entry.c.idx, _entry.c.id, _entry.c.body, _entry.c.t_int).where(
    _entry.c.id == sa.bindparam("id")
)
_ALL = 1 << 62


@dataclass(frozen=True, slots=True)
class Reach:
    """Which earlier entries must be judged anew: those of some keys, or everything."""

    kids: frozenset[bytes] = frozenset()
    everything: bool = False


class Rules:
    """What the whole log says that single chains are judged by: keys, limits, offices."""

    def __init__(self) -> None:
        self.network = Network()

    @property
    def ring(self) -> KeyRing:
        """The certificates."""
        return self.network.ring

    @property
    def policy(self) -> Policy:
        """The limits as of now."""
        return self.network.policy

    def apply(self, entry: Entry) -> Reach:
        """Take a system entry in; returns which earlier entries it says something new about.

        Raises:
            SignatureError: it may not enter the log; nothing has changed.
        """
        event = entry.event
        label = event.type is EventType.KEY_CERT and event.fields.get(Field.KID4)
        renewed = label and self.ring.label_key(label) is not None
        self.network.apply(entry)
        revoked = self.ring.get(event.fields[Field.KID]) if event.type is EventType.KEY_REVOKE else None
        if revoked and (Field.COMPROMISED in event.fields or revoked.revoked_index != entry.index):
            if revoked.kid4 or revoked.roles & {Role.ROOT, Role.ENROL}:
                return Reach(everything=True)
            return Reach(kids=frozenset((revoked.kid,)))
        return Reach(everything=bool(renewed))

    def certificates(self, kids: Iterable[bytes] | None = None) -> list[Certificate]:
        """Return every certificate, or those of some keys."""
        wanted = None if kids is None else set(kids)
        return [c for c in iter(self.ring) if wanted is None or c.kid in wanted]

    def chain(self, uid: bytes, anchors: Anchors, containers: Collection[bytes] = ()) -> Chain:
        """Begin an empty chain under these rules; *containers* are those whose entries it will be given too."""
        return Chain(uid, network=self.network, anchors=anchors, find=anchors.find, containers=containers)


class Anchors:
    """Root and time of a checkpoint by its size, as far as the entry being judged could know.

    `limit` is that entry's index: a checkpoint that did not exist yet proves nothing about when it was signed.
    """

    def __init__(self, conn: sa.Connection) -> None:
        self.conn = conn
        self.limit = 0
        self.pending: dict[bytes, Entry] = {}  # appended in this transaction, not stored yet
        self._known: OrderedDict[int, tuple[bytes, int]] = OrderedDict()

    def __call__(self, size: int) -> tuple[bytes, int] | None:
        """Return (root, signed time in ms), or None where there was no such checkpoint."""
        if size > self.limit:
            return None
        known = self._known.get(size)
        if known is None:
            row = self.conn.execute(_ANCHOR, {"size": size}).first()
            if row is None:
                return None
            known = (row.root, row.time_ms)
            self.remember(size, *known)
        return known

    def prefetch(self, entries: Iterable[Entry]) -> None:
        """Read the checkpoints that entries cite in a few queries."""
        cited = {anchor[0] for entry in entries if (anchor := entry.event.anchor)}
        sizes = sorted(cited - self._known.keys())
        for start in range(0, len(sizes), _CHUNK):
            for row in self.conn.execute(_ANCHORS_OF, {"sizes": sizes[start : start + _CHUNK]}):
                self.remember(row.size, row.root, row.time_ms)

    def find(self, id_: bytes, index: int) -> Event | None:
        """Return an event by id among the entries up to *index*, or None."""
        found = self.find_entry(id_)
        return found.event if found and found.index <= index else None

    def find_entry(self, id_: bytes) -> Entry | None:
        """Return an entry by id, or None."""
        fresh = self.pending.get(id_)
        if fresh is None:
            row = self.conn.execute(_BY_ID, {"id": id_}).first()
            fresh = entry_of(EntryRow._make(row)) if row else None
        return fresh

    def remember(self, size: int, root: bytes, time_ms: int) -> None:
        """Keep one that was just written or read."""
        self._known[size] = (root, time_ms)
        if len(self._known) > _ANCHORS:
            self._known.popitem(last=False)

    def forget(self) -> None:
        """Drop what is kept, after a transaction that did not stand."""
        self._known.clear()


class ChainCache:
    """The chains of items that move now, least recently used first out."""

    def __init__(self, rules: Rules, anchors: Anchors) -> None:
        self._rules = rules
        self._anchors = anchors
        self._chains: OrderedDict[bytes, Chain] = OrderedDict()
        self._boxed: set[bytes] = set()  # those that were in a container
        self.accused: list[Accused] = []  # in this transaction, not stored yet

    @property
    def pending(self) -> dict[bytes, Entry]:
        """Entries by id that are appended, and not stored yet."""
        return self._anchors.pending

    def add(self, uid: bytes, entry: Entry) -> Chain:
        """Judge *entry* at the end of the item's chain, loaded where it is not at hand."""
        chain = self.get(uid, entry.index)
        self._anchors.limit = entry.index
        chain.add(entry)
        return chain

    def get(self, uid: bytes, stop: int) -> Chain:
        """Return an item's chain, loaded from entries before *stop* where it is not at hand."""
        chain = self._chains.get(uid)
        if chain is None:
            return self.load(uid, stop, ())
        self._chains.move_to_end(uid)
        return chain

    def load(self, uid: bytes, stop: int, more: Sequence[Entry]) -> Chain:
        """Fold an item's chain anew: its stored entries before *stop*, then *more* that are not stored yet.

        The entries of the containers it was in are folded beside it; *more* may hold those of any item.
        """
        around = containers_of(self._anchors.conn, [uid], stop, more)[uid]
        mine = {uid, *around}
        stored = entries_of(self._anchors.conn, mine, stop)
        fresh = [entry for entry in more if any(ref.uid in mine for ref in entry.event.items)]
        accused = [*accused_of(self._anchors.conn, mine, stop), *self.accused]
        chain = self._chains[uid] = fold(self._rules, self._anchors, uid, [*stored, *fresh], around, accused)
        if around:
            self._boxed.add(uid)
        return chain

    def prefetch(self, uids: Iterable[bytes], stop: int) -> None:
        """Load chains that are not at hand, from entries before *stop*, in one query."""
        wanted = [uid for uid in dict.fromkeys(uids) if uid not in self._chains]
        if not wanted:
            return
        conn = self._anchors.conn
        around = containers_of(conn, wanted, stop)
        entries: dict[bytes, list[Entry]] = {uid: [] for uid in wanted if not around[uid]}
        parsed: dict[int, Entry] = {}  # an entry may name a thousand items
        for row in conn.execute(_OF_ITEMS, {"uids": list(entries), "stop": stop}):
            entry = parsed.get(row.idx) or entry_of(EntryRow(row.idx, row.id, row.body, row.t_int))
            parsed[row.idx] = entry
            entries[row.uid].append(entry)
        accused = accused_of(conn, [uid for uid, known in entries.items() if known], stop)
        for uid, known in entries.items():
            try:
                self._chains[uid] = fold(self._rules, self._anchors, uid, known, (), accused)
            except Exception:  # noqa: BLE001 -- whoever adds to this item meets the error again, alone
                _LOG.exception("item %s cannot be folded", uid.hex())

    def trim(self) -> None:
        """Forget what has not moved for longest; only once its entries are in the tables."""
        while len(self._chains) > _CHAINS:
            self._chains.popitem(last=False)

    def drop(self, uids: Iterable[bytes]) -> None:
        """Forget some chains, and those that have them beside them as containers."""
        gone = set(uids)
        for uid in gone:
            self._chains.pop(uid, None)
        self._boxed &= self._chains.keys()
        for uid in [uid for uid in self._boxed if not gone.isdisjoint(self._chains[uid].containers)]:
            del self._chains[uid]

    def clear(self) -> None:
        """Forget all."""
        self._chains.clear()


def entry_of(row: EntryRow) -> Entry:
    """Return the entry of a stored row."""
    return Entry(row.idx, parse_event(row.body), row.t_int)


def containers_of(
    conn: sa.Connection, uids: Iterable[bytes], stop: int, more: Iterable[Entry] = ()
) -> dict[bytes, set[bytes]]:
    """Return the containers that each item was in, and those that these were in, by entries before *stop*."""
    direct: dict[bytes, set[bytes]] = {}
    for entry in more:
        for row in stay_rows(entry):
            direct.setdefault(row["uid"], set()).add(row["container"])
    wanted = list(dict.fromkeys(uids))
    todo = set(wanted)
    asked: set[bytes] = set()
    for _ in range(DEEPEST + 1):
        asked |= todo
        for uid, container in conn.execute(_CONTAINERS, {"uids": sorted(todo), "stop": stop}):
            direct.setdefault(uid, set()).add(container)
        todo = {c for uid in todo for c in direct.get(uid, ())} - asked
    return {uid: _closure(uid, direct) for uid in wanted}


def items_inside(conn: sa.Connection, uid: bytes, stop: int, more: Iterable[Entry] = ()) -> list[bytes]:
    """Return whatever was ever loaded into a container, and into those in it."""
    direct: dict[bytes, set[bytes]] = {}
    for entry in more:
        for row in stay_rows(entry):
            direct.setdefault(row["container"], set()).add(row["uid"])
    found: set[bytes] = set()
    todo = {uid}
    for _ in range(DEEPEST + 1):
        for container, item in conn.execute(_INSIDE, {"containers": sorted(todo), "stop": stop}):
            direct.setdefault(container, set()).add(item)
        todo = {item for c in todo for item in direct.get(c, ())} - found - {uid}
        found |= todo
    return sorted(found)


def stay_rows(entry: Entry) -> list[dict[str, Any]]:
    """Return the rows of `stay` that an entry amounts to: one for each item that a LOAD or UNLOAD names."""
    if entry.event.type not in (EventType.LOAD, EventType.UNLOAD):
        return []
    container = entry.event.fields[Field.CONTAINER]
    return [{"container": container, "uid": ref.uid, "idx": entry.index} for ref in entry.event.items]


def entries_of(conn: sa.Connection, uids: Collection[bytes], stop: int = _ALL) -> list[Entry]:
    """Return every entry before *stop* that names one of some items, once, in log order."""
    found: dict[int, Entry] = {}
    for row in conn.execute(_OF_ITEMS, {"uids": sorted(uids), "stop": stop}):
        if row.idx not in found:
            found[row.idx] = entry_of(EntryRow(row.idx, row.id, row.body, row.t_int))
    return list(found.values())


def fold_item(conn: sa.Connection, rules: Rules, uid: bytes, *, anchors: Anchors | None = None) -> Chain:
    """Return an item's chain as the log has it, folded from the start; empty where no entry names it."""
    around = containers_of(conn, [uid], _ALL)[uid]
    mine = {uid, *around}
    accused = accused_of(conn, mine, _ALL)
    return fold(rules, anchors or Anchors(conn), uid, entries_of(conn, mine), around, accused)


def fold(
    rules: Rules,
    anchors: Anchors,
    uid: bytes,
    entries: Iterable[Entry],
    around: Collection[bytes] = (),
    accused: Iterable[Accused] = (),
) -> Chain:
    """Return the chain of an item from its entries and those of the containers *around* it, in log order.

    Args:
        rules: keys, limits, offices.
        anchors: checkpoints.
        uid: item or container.
        entries: those that name it or a container around it.
        around: containers that it was in, and those that these were in.
        accused: what the watch says of any item, in log order.
    """
    chain = rules.chain(uid, anchors, around)
    waiting = deque(accused)
    for entry in entries:
        while waiting and waiting[0].entry.index < entry.index:
            _accuse(chain, waiting.popleft())
        anchors.limit = entry.index
        chain.add(entry)
    for one in waiting:
        _accuse(chain, one)
    return chain


def _accuse(chain: Chain, one: Accused) -> None:
    chain.accuse(one.accusation.uid, one.entry, one.accusation.code, one.accusation.detail)


def _closure(uid: bytes, direct: Mapping[bytes, set[bytes]]) -> set[bytes]:
    found: set[bytes] = set()
    todo = {uid}
    for _ in range(DEEPEST + 1):
        todo = {container for one in todo for container in direct.get(one, ())} - found - {uid}
        found |= todo
    return found
