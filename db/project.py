"""The views: rows made of chains and system entries, the same way when an event comes in and in a rebuild."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa

from custody.cose import kid_of
from custody.event import Entry, Event, EventType, Field, parse_event
from custody.findings import Finding
from custody.judge import Chain
from custody.keys import Certificate
from custody.machine import TWO_PERSON
from custody.watch import Accusation, Watch
from db import schema
from db.bulk import insert_rows
from db.chains import Anchors, ChainCache, Rules, fold_item, items_inside, stay_rows
from db.devices import Devices
from db.hot import run
from db.itemrows import finding_rows, is_shown, item_row
from db.links import item_rows
from db.watch import Accused, accusation_row, look_back, trace_rows

__all__ = [
    "Projection",
    "certificate_row",
    "org_row",
    "write_items",
]

_item, _finding, _certificate, _org = schema.item, schema.finding, schema.certificate, schema.org
_item_entry, _device_entry, _stay = schema.item_entry, schema.device_entry, schema.stay
_entry = schema.entry
_CHUNK = 500
_MARKED = frozenset((EventType.REGISTER, EventType.DELIVER))
_LOADED = sa.select(_stay.c.idx).where(_stay.c.container == sa.bindparam("container")).limit(1)
_SECONDED = sorted({*TWO_PERSON, EventType.ACCEPT, EventType.DELIVER})
"""Types of events that a second person may sign."""


def certificate_row(certificate: Certificate) -> dict[str, Any]:
    """Return the row of `certificate`."""
    return {
        "idx": certificate.index,
        "kid": certificate.kid,
        "public": certificate.public,
        "person": certificate.person,
        "device": certificate.device,
        "roles": json.dumps(sorted(int(role) for role in certificate.roles)),
        "offices": json.dumps(list(certificate.offices)),
        "agency": certificate.agency,
        "secrecy_max": certificate.secrecy_max,
        "not_before_ms": certificate.not_before_ms,
        "not_after_ms": certificate.not_after_ms,
        "kid4": certificate.kid4,
        "revoked_idx": certificate.revoked_index,
        "compromised_ms": certificate.compromised_ms,
    }


def org_row(entry: Entry) -> dict[str, Any]:
    """Return the row of `org` that an ORG entry amounts to."""
    fields = entry.event.fields
    return {
        "kind": fields[Field.ORG_KIND],
        "id": fields[Field.ORG_ID],
        "not_before_ms": fields.get(Field.NOT_BEFORE),
        "not_after_ms": fields.get(Field.NOT_AFTER),
        "idx": entry.index,
    }


class Projection:
    """Folds entries into rows and writes them in one go, within the transaction that appends the entries."""

    def __init__(self, conn: sa.Connection, rules: Rules, chains: ChainCache) -> None:
        self._conn = conn
        self._rules = rules
        self._chains = chains
        self._touched: dict[bytes, Chain] = {}
        self._stored: dict[bytes, list[Finding]] = {}  # findings in the table
        self._late: list[tuple[bytes, Entry]] = []  # marked ones stored before, that did not count
        self._entries: list[Entry] = []
        self._stays: list[dict[str, Any]] = []
        self._item_entries: list[dict[str, Any]] = []
        self._traces: list[dict[str, Any]] = []
        self._devices = Devices()
        self._past: list[Entry] = []
        self._watch = Watch(rules.network)
        self._orgs: dict[tuple[int, int], dict[str, Any]] = {}
        self._kids: set[bytes] = set()
        self._kids_anew: set[bytes] = set()
        self._boxes: set[bytes] = set()
        self._all_anew = False
        chains.pending.clear()
        chains.accused.clear()

    def look_back(self, events: Iterable[Event], stop: int) -> None:
        """Show the watch what entries before *stop* could clash with these; call once, before `add`."""
        self._past, taken = look_back(self._conn, events, stop)
        self._devices.taken = taken
        for entry in self._past:
            self._watch.add(entry)

    def add_system(self, entry: Entry) -> None:
        """Take a system entry in.

        Raises:
            SignatureError: it may not enter the log; nothing has changed.
        """
        reach = self._rules.apply(entry)
        self._chains.pending[entry.event.id] = entry
        self._kids_anew |= reach.kids
        self._all_anew |= reach.everything
        self._devices.add(entry)
        for one in self._watch.add(entry):
            self._accuse(one, entry)
        event = entry.event
        if event.type is EventType.ORG:
            row = org_row(entry)
            self._orgs[row["kind"], row["id"]] = row
        elif event.type is EventType.KEY_CERT:
            self._kids.add(kid_of(event.fields[Field.PUBLIC]))
        elif event.type is EventType.KEY_REVOKE:
            self._kids.add(event.fields[Field.KID])

    def add(self, entry: Entry) -> list[str]:
        """Judge an entry about items; returns the codes of the findings it opened, each once, sorted.

        What is in a container that the entry names is judged with it.
        """
        codes: set[str] = set()
        self._chains.pending[entry.event.id] = entry  # what waited for it finds it
        self._surround(entry)
        for uid in self._concerned(entry):
            if uid not in self._touched:
                self._note(self._chains.get(uid, entry.index))
            chain = self._touched[uid] = self._chains.add(uid, entry)
            codes.update(one.code for one in chain.findings if one.index == entry.index)
        for one in self._watch.add(entry):
            self._accuse(one, entry)
            if entry.event.item(one.uid):
                codes.add(one.code)
        self._entries.append(entry)
        self._stays += (stays := stay_rows(entry))
        self._boxes.update(row["container"] for row in stays)
        self._item_entries += item_rows(entry)
        self._traces += trace_rows(entry, self._rules.network)
        self._devices.add(entry)
        return sorted(codes)

    def _accuse(self, one: Accusation, entry: Entry) -> None:
        """Open what the watch found, on the item accused and on whatever is in it, if it is a container."""
        start = self._start(entry)
        for uid in (one.uid, *self._inside(one.uid, start)):
            if uid not in self._touched:
                self._touched[uid] = self._note(self._chains.get(uid, start))
            self._touched[uid].accuse(one.uid, entry, one.code, one.detail)
        self._chains.accused.append(Accused(one, entry))

    def _inside(self, uid: bytes, start: int) -> list[bytes]:
        """Return what was ever in an item, if it is a container or may be one."""
        item = self._chains.get(uid, start).item
        if not item.is_container and (item.registration is not None or not self._is_loaded_into(uid)):
            return []
        return items_inside(self._conn, uid, start, self._entries)

    def _is_loaded_into(self, uid: bytes) -> bool:
        """Whether any entry says that something was loaded into this."""
        return uid in self._boxes or bool(run(self._conn, _LOADED, {"container": uid})[0])

    def _surround(self, entry: Entry) -> None:
        """Fold an item anew with the entries of a container that it, or what it is in, is loaded into."""
        start = self._start(entry)
        for row in stay_rows(entry):
            inside = items_inside(self._conn, row["uid"], start, self._entries)
            for uid in (row["uid"], *inside):
                chain = self._chains.get(uid, start)
                if row["container"] in chain.containers:
                    continue
                self._note(chain)
                self._touched[uid] = self._chains.load(uid, start, [*self._entries, entry])

    def _concerned(self, entry: Entry) -> list[bytes]:
        """Return the items that an entry names, then what is in those of them that are containers."""
        named = [ref.uid for ref in entry.event.items]
        for uid in list(named):
            named += [one for one in self._inside(uid, self._start(entry)) if one not in named]
        return named

    def _note(self, chain: Chain) -> Chain:
        """Keep what the table has of a chain before this transaction, and return the chain."""
        uid = chain.item.uid
        if uid not in self._stored:
            self._stored[uid] = list(chain.findings) if is_shown(chain) else []
            of_kind = (entry for entry in chain.entries if entry.event.type in _MARKED)
            self._late += [(uid, entry) for entry in of_kind if not chain.counts(entry.event.id)]
        return chain

    def _start(self, entry: Entry) -> int:
        """Return the index from which on entries are not stored yet."""
        return self._entries[0].index if self._entries else entry.index

    def undo(self, entry: Entry, earlier: Sequence[Entry]) -> None:
        """Take out an entry whose judging failed half way: its items' chains are folded anew without it.

        Args:
            entry: the one that failed.
            earlier: those of this transaction before it, not stored yet.
        """
        stop = earlier[0].index if earlier else entry.index
        self._chains.pending.pop(entry.event.id, None)
        self._chains.accused[:] = [one for one in self._chains.accused if one.entry.index < entry.index]
        self._watch = Watch(self._rules.network)
        for known in (*self._past, *earlier):
            self._watch.add(known)
        for uid in (ref.uid for ref in entry.event.items):
            self._chains.drop([uid])
            chain = self._chains.load(uid, stop, earlier)
            if uid in self._touched:
                self._touched[uid] = chain

    def marked(self) -> list[tuple[bytes, Entry]]:
        """Return what registered or delivered an item since this transaction, with the item; each such pair once.

        An entry of an earlier transaction is among them where what it waited for has come.
        """
        fresh = [(ref.uid, e) for e in self._entries if e.event.type in _MARKED for ref in e.event.items]
        pairs = ((uid, e, self._touched.get(uid)) for uid, e in (*self._late, *fresh))
        return [(uid, e) for uid, e, chain in pairs if chain and chain.counts(e.event.id)]

    def codes_of(self, event: Event, index: int, size: int) -> list[str]:
        """Return the codes that an entry opened in a log of *size* entries by now, each once, sorted."""
        chains = [self._chains.get(ref.uid, size) for ref in event.items]
        return sorted({f.code for chain in chains for f in chain.findings if f.index == index})

    def write(self) -> None:
        """Write the rows; where old entries are to be judged anew, fold all items again from the start."""
        conn = self._conn
        insert_rows(conn, _item_entry, self._item_entries)
        insert_rows(conn, _stay, self._stays)
        self._devices.write(conn)
        insert_rows(conn, schema.trace, self._traces)
        insert_rows(conn, schema.accusation, [accusation_row(one.accusation) for one in self._chains.accused])
        insert_rows(conn, _org, list(self._orgs.values()), upsert=True)
        if self._kids:
            changed_keys = self._rules.certificates(self._kids)
            insert_rows(conn, _certificate, [certificate_row(c) for c in changed_keys], upsert=True)
        if self._all_anew:
            self._chains.clear()
            write_items(conn, self._rules)
            return
        shown = {uid: chain for uid, chain in self._touched.items() if is_shown(chain)}
        insert_rows(conn, _item, [item_row(chain) for chain in shown.values()], upsert=True)
        fresh: list[dict[str, Any]] = []
        for uid, chain in shown.items():
            stored, found = self._stored[uid], chain.findings
            if found[: len(stored)] != stored:  # one was resolved or healed: all are written again
                conn.execute(_finding.delete().where(_finding.c.uid == uid))
                stored = []
            if len(found) > len(stored):
                fresh += finding_rows(chain, len(stored))
        insert_rows(conn, _finding, fresh)
        if self._kids_anew:
            uids = _uids_signed_by(conn, self._rules, self._kids_anew)
            self._chains.drop(uids)
            write_items(conn, self._rules, uids)
        self._chains.trim()


def write_items(conn: sa.Connection, rules: Rules, uids: Sequence[bytes] | None = None) -> None:
    """Write `item` and `finding` anew, for some items or for every one that `item_entry` names."""
    if uids is None:
        conn.execute(_finding.delete())
        conn.execute(_item.delete())
        uids = list(conn.execute(sa.select(_item_entry.c.uid).distinct()).scalars())
    else:
        for uid in uids:
            conn.execute(_finding.delete().where(_finding.c.uid == uid))
            conn.execute(_item.delete().where(_item.c.uid == uid))
    anchors = Anchors(conn)
    for start in range(0, len(uids), _CHUNK):
        folded = (fold_item(conn, rules, uid, anchors=anchors) for uid in uids[start : start + _CHUNK])
        chains = [chain for chain in folded if is_shown(chain)]
        insert_rows(conn, _item, [item_row(chain) for chain in chains])
        insert_rows(conn, _finding, [row for chain in chains for row in finding_rows(chain)])


def _uids_signed_by(conn: sa.Connection, rules: Rules, kids: Collection[bytes]) -> list[bytes]:
    """Return whatever some keys signed something about, first or second, and what was in it."""
    query = (
        sa.select(_item_entry.c.uid)
        .distinct()
        .join(_device_entry, _device_entry.c.idx == _item_entry.c.idx)
        .where(_device_entry.c.kid.in_(sorted(kids)))
    )
    found = set(conn.execute(query).scalars()) | _countersigned_by(conn, rules, kids)
    inside = sa.select(_stay.c.uid).where(_stay.c.container.in_(sa.bindparam("around", expanding=True)))
    todo = set(found)
    while todo:
        todo = set(conn.execute(inside, {"around": sorted(todo)}).scalars()) - found
        found |= todo
    return sorted(found)


def _countersigned_by(conn: sa.Connection, rules: Rules, kids: Collection[bytes]) -> set[bytes]:
    """Return the items of events that some keys signed as second, since they are not believed any more."""
    certificates = [found for kid in kids if (found := rules.ring.get(kid))]
    since_ms = min((one.compromised_ms or 0 for one in certificates), default=0)
    query = sa.select(_entry.c.body).where(_entry.c.type.in_(_SECONDED), _entry.c.t_int >= since_ms)
    events = (parse_event(body) for body in conn.execute(query).scalars())
    return {ref.uid for event in events if event.second_kid in kids for ref in event.items}
