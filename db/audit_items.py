"""The audit's wide part: item by item, a range of uids a task.

Every entry about items is read once, checked with the first item it names (canonical form, leaf hash, signature, the
columns beside it), and folded into the chain of each; every item's rows in the views are compared with its chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from custody.admission import verify_event
from custody.errors import CustodyError, SignatureError
from custody.event import Entry, Event, parse_event
from custody.network import Network
from db import schema
from db.audit_crew import Desk
from db.audit_rows import Problem, Sum, compare_rows
from db.chains import Rules, containers_of, fold
from db.itemrows import finding_rows, is_shown, item_row
from db.links import LINKS
from db.watch import Accused, accused_of

__all__ = [
    "FIRST_SYSTEM_TYPE",
    "Tally",
    "check_entry",
    "check_share",
    "compare_item",
    "counting_entry",
    "shares_of",
    "sum_links",
]

FIRST_SYSTEM_TYPE: Final = 64
_SHARE: Final = 200  # items a task
_CHUNK: Final = 500  # entries a query
_entry, _item_entry, _device_entry = schema.entry, schema.item_entry, schema.device_entry
_item, _finding = schema.item, schema.finding
_Uids = tuple[bytes, bytes | None]  # from the first up to but not with the second; None is the end
_Rows = tuple[tuple[Any, ...], ...]
_ENTRIES = (
    sa.select(_entry).where(_entry.c.idx.in_(sa.bindparam("indices", expanding=True))).order_by(_entry.c.idx)
)
_ITEM_VALUES = itemgetter(*(column.name for column in _item.c))
_FINDING_VALUES = itemgetter(*(column.name for column in _finding.c))
_NOTHING: Final[tuple[_Rows, _Rows]] = ((), ())
_WORDS: Final = list(_finding.c).index(_finding.c.detail)


@dataclass(slots=True)
class Tally:
    """What a task found over its share of items.

    Attributes:
        items: how many.
        suspects: items whose views differ: to be looked at again.
        checked: indices of the entries checked.
        entries: sum over the rows of the entries checked.
        shares: the ranges of uids, each with a digest of its rows in `item` and `finding`.
        links: what those entries say the views hold by which entries are found.
    """

    items: int = 0
    problems: list[Problem] = field(default_factory=list)
    suspects: list[bytes] = field(default_factory=list)
    checked: list[int] = field(default_factory=list)
    entries: Sum = field(default_factory=Sum)
    shares: list[tuple[str, str | None, str]] = field(default_factory=list)
    links: dict[str, Sum] = field(default_factory=lambda: {table.name: Sum() for table in LINKS})

    def add(self, other: Tally) -> None:
        """Add what another task found, `checked` excepted."""
        self.items += other.items
        self.problems += other.problems
        self.suspects += other.suspects
        self.entries.merge(other.entries)
        self.shares += other.shares
        for name, total in other.links.items():
            self.links[name].merge(total)

    def take(self, row: Any, entry: Entry, network: Network) -> None:
        """Count an entry that was checked, with its row."""
        self.checked.append(entry.index)
        self.entries.add(counting_entry(row))
        self.link(entry, network)

    def link(self, entry: Entry, network: Network) -> None:
        """Add up the rows by which an entry is found."""
        for table, rows_of in LINKS.items():
            for row in rows_of(entry, network):
                self.links[table.name].add(row.values())


def counting_entry(row: Any) -> tuple[Any, ...]:
    """Return the values of a row of `entry` that a sum is over; the id stands for the body."""
    return (row.idx, row.id, row.type, row.kid, row.t_claim, row.t_int)


def check_entry(row: Any, rules: Rules) -> tuple[Event | None, list[Problem]]:
    """Check one row of `entry`: canonical form, leaf hash, columns and, for item events, the signature."""
    try:
        event = parse_event(row.body)
    except CustodyError as error:
        return None, [Problem("entry", f"idx={row.idx}", error.finding or "M07", f"body: {error}")]
    return event, _check_parsed(row, event, rules)


def _check_parsed(row: Any, event: Event, rules: Rules) -> list[Problem]:
    problems: list[Problem] = []
    stored = (row.id, row.type, row.kid, row.t_claim)
    wanted = (event.id, event.type, event.kid, event.claimed_ms)
    if stored != wanted:
        names = ("id", "type", "kid", "t_claim")
        problems = [
            Problem("entry", f"idx={row.idx}", "M07", f"{name} differs from the signed bytes")
            for name, was, value in zip(names, stored, wanted, strict=True)
            if was != value
        ]
    if event.type < FIRST_SYSTEM_TYPE:
        try:
            verify_event(event, _public_of(event, row.idx, rules))
        except SignatureError as error:
            problems.append(Problem("entry", f"idx={row.idx}", error.finding, str(error)))
    return problems


def _public_of(event: Event, index: int, rules: Rules) -> bytes:
    certificate = rules.ring.get(event.kid, index)
    if certificate is None:
        raise SignatureError(f"no certificate for key {event.kid.hex()}", finding="K01")
    return certificate.public


def shares_of(conn: sa.Connection, table: sa.Table = _item_entry, size: int = _SHARE) -> Iterator[_Uids]:
    """Yield ranges of the first key of a table that together hold every row, *size* different keys each."""
    key, *_ = table.primary_key
    query = sa.select(key).distinct().where(key >= sa.bindparam("first")).order_by(key).limit(1).offset(size)
    first: bytes | None = b""
    while first is not None:
        last = conn.execute(query, {"first": first}).scalar()
        yield first, last
        first = last


def check_share(
    desk: Desk, first: bytes, last: bytes | None, since: int = 0, known: str | None = None
) -> Tally:
    """Check the items of a range of uids: their entries, and their rows in `item_entry`, `item` and `finding`.

    Args:
        desk: what to work with.
        first: the first uid.
        last: the uid after the last one, None for all that follow.
        since: entries before this one were verified by an audit before.
        known: digest of the range's views then, if nothing but new entries of its own can have changed them.
    """
    tally = Tally()
    stored = _stored(desk.conn, first, last)
    digest = hashlib.sha256(repr(sorted(stored.items())).encode()).hexdigest()
    tally.shares.append((first.hex(), None if last is None else last.hex(), digest))
    entries: dict[bytes, list[Entry]] = {}
    linked: dict[int, set[tuple[bytes, int]]] = {}
    for uid, seq, index in _rows_of(desk.conn, _item_entry, first, last):
        if index < desk.stop:
            entries.setdefault(uid, [])
            linked.setdefault(index, set()).add((uid, seq))
    tally.items = len(entries)
    if known == digest and max(linked, default=-1) < since:
        return tally
    for row, links in _linked_rows(desk.conn, linked):
        try:
            event = parse_event(row.body)
        except CustodyError:
            tally.problems += check_entry(row, desk.rules)[1]
            tally.checked.append(row.idx)
            continue
        entry = Entry(row.idx, event, row.t_int)
        for ref in event.items:
            if (ref.uid, ref.seq) in links:
                links.remove((ref.uid, ref.seq))
                entries[ref.uid].append(entry)
                if ref is event.items[0] and row.idx >= since:  # once, with the first item it names
                    tally.problems += _check_parsed(row, event, desk.rules)
                    tally.take(row, entry, desk.rules.network)
        tally.problems += [_surplus(uid, seq, row.idx) for uid, seq in sorted(links)]
    desk.anchors.prefetch(chain.from_iterable(entries.values()))
    tally.suspects = _differing(desk, entries, stored)
    return tally


def _surplus(uid: bytes, seq: int, index: int) -> Problem:
    return Problem("item_entry", f"uid={uid.hex()}, seq={seq}, idx={index}", "M11", "row is surplus")


def _linked_rows(
    conn: sa.Connection, linked: Mapping[int, set[tuple[bytes, int]]]
) -> Iterator[tuple[Any, set[tuple[bytes, int]]]]:
    """Yield each entry with the (uid, seq) that lead to it; in log order."""
    indices = sorted(linked)
    for start in range(0, len(indices), _CHUNK):
        for row in conn.execute(_ENTRIES, {"indices": indices[start : start + _CHUNK]}):
            yield row, linked[row.idx]


def _differing(
    desk: Desk, entries: Mapping[bytes, Sequence[Entry]], stored: Mapping[bytes, tuple[_Rows, _Rows]]
) -> list[bytes]:
    """Return the items of a range whose rows are not what their chain makes them."""
    around = containers_of(desk.conn, entries, desk.stop)
    boxes = sorted(set(chain.from_iterable(around.values())))
    accused = _accused(desk, {*entries, *boxes})
    boxed: dict[bytes, dict[int, Entry]] = {box: {} for box in boxes}
    for entry in _entries_naming(desk, boxes) if boxes else ():
        for ref in entry.event.items:
            boxed.get(ref.uid, {})[entry.index] = entry
    differing = []
    for uid, own in entries.items():
        merged = {entry.index: entry for entry in own}
        for box in around[uid]:
            merged |= boxed[box]
        known = [merged[index] for index in sorted(merged)]
        if _wanted(desk, uid, known, around[uid], accused) != stored.get(uid, _NOTHING):
            differing.append(uid)
    return differing + [uid for uid in stored if uid not in entries]


def compare_item(desk: Desk, uid: bytes) -> list[Problem]:
    """Name every column of `item`, and every row of `finding`, that differs from a fold of the chain."""
    around = containers_of(desk.conn, [uid], desk.stop)[uid]
    mine = {uid, *around}
    items, findings = _wanted(desk, uid, _entries_naming(desk, mine), around, _accused(desk, mine))
    stored_items, stored_findings = _stored(desk.conn, uid, uid + b"\0").get(uid, _NOTHING)
    return compare_rows(_item, items, stored_items) + compare_rows(_finding, findings, stored_findings)


def _entries_naming(desk: Desk, uids: Collection[bytes]) -> list[Entry]:
    """Return the readable entries that name one of some items."""
    query = sa.select(_item_entry).where(_item_entry.c.uid.in_(sorted(uids)), _item_entry.c.idx < desk.stop)
    linked: dict[int, set[tuple[bytes, int]]] = {}
    for uid, seq, index in desk.conn.execute(query):
        linked.setdefault(index, set()).add((uid, seq))
    found = []
    for row, _ in _linked_rows(desk.conn, linked):
        try:
            found.append(Entry(row.idx, parse_event(row.body), row.t_int))
        except CustodyError:
            continue  # named already
    return found


def _accused(desk: Desk, uids: Collection[bytes]) -> list[Accused]:
    """Return what the watch has against some items, by the table that is compared with it elsewhere."""
    return accused_of(desk.conn, uids, desk.stop, is_audit=True)


def _wanted(
    desk: Desk, uid: bytes, entries: Sequence[Entry], around: Collection[bytes], accused: Sequence[Accused]
) -> tuple[_Rows, _Rows]:
    folded = fold(desk.rules, desk.anchors, uid, entries, around, accused)
    if not entries or not is_shown(folded):
        return _NOTHING
    return (
        (_ITEM_VALUES(item_row(folded)),),
        tuple([_counting(_FINDING_VALUES(row)) for row in finding_rows(folded)]),
    )


def _stored(conn: sa.Connection, first: bytes, last: bytes | None) -> dict[bytes, tuple[_Rows, _Rows]]:
    """Return the rows of `item` and `finding` of a range of uids, as values that count."""
    items: dict[bytes, list[Any]] = {}
    findings: dict[bytes, list[Any]] = {}
    for row in _rows_of(conn, _item, first, last):
        items.setdefault(row[0], []).append(tuple(row))
    for row in _rows_of(conn, _finding, first, last):
        findings.setdefault(row[0], []).append(_counting(tuple(row)))
    return {
        uid: (tuple(items.get(uid, ())), tuple(findings.get(uid, ())))
        for uid in items.keys() | findings.keys()
    }


def _counting(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Return the values that count: the detail of a finding is words, which a later version may say otherwise."""
    return (*row[:_WORDS], "", *row[_WORDS + 1 :])


def _rows_of(conn: sa.Connection, table: sa.Table, first: bytes, last: bytes | None) -> Iterable[Any]:
    """Return the rows of a table whose first key is in a range, in the order of its keys."""
    key, *_ = table.primary_key
    query = sa.select(table).where(key >= first).order_by(*table.primary_key)
    return conn.execute(query if last is None else query.where(key < last))


def sum_links(desk: Desk, table: str, first: bytes, last: bytes | None) -> Sum:
    """Add up the rows of a view in a range of its first key."""
    total = Sum()
    for row in _rows_of(desk.conn, schema.METADATA.tables[table], first, last):
        if row.idx < desk.stop:
            total.add(row)
    return total
