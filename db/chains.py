"""Item chains out of the log: loaded from entries, kept while they are hot, folded anew when the past changes.

A chain's findings depend on its entries, on the keys and on the policy. A revocation with a date, or a new
policy, says something new about old entries: the chains concerned are then folded again from the start.
"""

from __future__ import annotations

import itertools
import logging
from collections import OrderedDict
from collections.abc import Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from custody.event import Entry, Event, EventType, Field, parse_event
from custody.judge import Chain
from custody.keys import Certificate, KeyRing
from custody.network import Network
from custody.policy import Policy
from db import schema
from db.store import EntryRow

__all__ = ["Anchors", "ChainCache", "Reach", "Rules", "entries_of_item", "entry_of", "fold_item"]

_entry, _item_entry, _checkpoint = schema.entry, schema.item_entry, schema.checkpoint
_LOG = logging.getLogger(__name__)
_CHAINS = 4_096
_ANCHORS = 16_384
_OF_ITEM = (
    sa.select(_entry.c.idx, _entry.c.id, _entry.c.body, _entry.c.t_int)
    .join(_item_entry, _item_entry.c.idx == _entry.c.idx)
    .where(_item_entry.c.uid == sa.bindparam("uid"), _item_entry.c.idx < sa.bindparam("stop"))
    .order_by(_entry.c.idx)
)
_OF_ITEMS = (
    sa.select(_item_entry.c.uid, _entry.c.idx, _entry.c.id, _entry.c.body, _entry.c.t_int)
    .join(_entry, _item_entry.c.idx == _entry.c.idx)
    .where(_item_entry.c.uid.in_(sa.bindparam("uids", expanding=True)), _entry.c.idx < sa.bindparam("stop"))
    .order_by(_entry.c.idx)
)
_ANCHOR = sa.select(_checkpoint.c.root, _checkpoint.c.time_ms).where(
    _checkpoint.c.size == sa.bindparam("size")
)
_BY_ID = sa.select(_entry.c.body).where(
    _entry.c.id == sa.bindparam("id"), _entry.c.idx <= sa.bindparam("index")
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
        if event.type is EventType.KEY_REVOKE and Field.COMPROMISED in event.fields:
            revoked = self.ring.get(event.fields[Field.KID])
            if revoked and not revoked.kid4:
                return Reach(kids=frozenset((revoked.kid,)))
            return Reach(everything=True)
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

    def find(self, id_: bytes, index: int) -> Event | None:
        """Return an event by id among the entries up to *index*, or None."""
        row = self.conn.execute(_BY_ID, {"id": id_, "index": index}).first()
        return parse_event(row.body) if row else None

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

    def add(self, uid: bytes, entry: Entry) -> tuple[Chain, int]:
        """Judge *entry* at the end of the item's chain, loaded where it is not at hand.

        Returns:
            The chain, and how many findings it had before.
        """
        chain = self.get(uid, entry.index)
        before = len(chain.findings)
        self._anchors.limit = entry.index
        chain.add(entry)
        return chain, before

    def get(self, uid: bytes, stop: int) -> Chain:
        """Return an item's chain, loaded from entries before *stop* where it is not at hand."""
        chain = self._chains.get(uid)
        if chain is None:
            return self.load(uid, stop, ())
        self._chains.move_to_end(uid)
        return chain

    def load(self, uid: bytes, stop: int, more: Iterable[Entry]) -> Chain:
        """Fold an item's chain anew: its stored entries before *stop*, then *more* that are not stored yet."""
        rows = self._anchors.conn.execute(_OF_ITEM, {"uid": uid, "stop": stop})
        stored = map(entry_of, map(EntryRow._make, rows))
        chain = self._chains[uid] = _fold(self._rules, self._anchors, uid, itertools.chain(stored, more))
        return chain

    def prefetch(self, uids: Iterable[bytes], stop: int) -> None:
        """Load chains that are not at hand, from entries before *stop*, in one query."""
        wanted = [uid for uid in dict.fromkeys(uids) if uid not in self._chains]
        if not wanted:
            return
        entries: dict[bytes, list[Entry]] = {uid: [] for uid in wanted}
        parsed: dict[int, Entry] = {}  # an entry may name a thousand items
        for row in self._anchors.conn.execute(_OF_ITEMS, {"uids": wanted, "stop": stop}):
            entry = parsed.get(row.idx) or entry_of(EntryRow(row.idx, row.id, row.body, row.t_int))
            parsed[row.idx] = entry
            entries[row.uid].append(entry)
        for uid, known in entries.items():
            try:
                self._chains[uid] = _fold(self._rules, self._anchors, uid, known)
            except Exception:  # noqa: BLE001 -- whoever adds to this item meets the error again, alone
                _LOG.exception("item %s cannot be folded", uid.hex())

    def trim(self) -> None:
        """Forget what has not moved for longest; only once its entries are in the tables."""
        while len(self._chains) > _CHAINS:
            self._chains.popitem(last=False)

    def drop(self, uids: Iterable[bytes]) -> None:
        """Forget some chains."""
        for uid in uids:
            self._chains.pop(uid, None)

    def clear(self) -> None:
        """Forget all."""
        self._chains.clear()


def entry_of(row: EntryRow) -> Entry:
    """Return the entry of a stored row."""
    return Entry(row.idx, parse_event(row.body), row.t_int)


def entries_of_item(conn: sa.Connection, uid: bytes) -> list[Entry]:
    """Return every entry that names an item, in log order."""
    rows = conn.execute(_OF_ITEM, {"uid": uid, "stop": _ALL})
    return [entry_of(EntryRow._make(row)) for row in rows]


def fold_item(conn: sa.Connection, rules: Rules, uid: bytes, *, anchors: Anchors | None = None) -> Chain:
    """Return an item's chain as the log has it, folded from the start; empty where no entry names it."""
    return _fold(rules, anchors or Anchors(conn), uid, entries_of_item(conn, uid))


def _fold(rules: Rules, anchors: Anchors, uid: bytes, entries: Iterable[Entry]) -> Chain:
    chain = rules.chain(uid, anchors)
    for entry in entries:
        anchors.limit = entry.index
        chain.add(entry)
    return chain
