"""The audit's wide part: item by item, in as many processes as there are cores.

Every entry about items is checked once, with the first item it names: canonical form, leaf hash, signature and
the columns beside it; and every item's rows in the views are compared with a fold of its chain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy as sa

from custody.admission import verify_event
from custody.errors import CustodyError, SignatureError
from custody.event import Entry, Event, parse_event
from custody.fields import CHAIN_TYPES
from db import schema
from db.chains import Anchors, Rules, containers_of, entry_of, fold, stay_rows
from db.engine import open_engine, reading
from db.project import device_row, finding_rows, is_shown, item_row, item_rows
from db.store import EntryRow

__all__ = [
    "Problem",
    "Sum",
    "Tally",
    "check_entry",
    "check_items",
    "check_items_at",
    "compare_item",
    "compare_rows",
    "rules_of",
    "show",
]

_entry, _item_entry = schema.entry, schema.item_entry
_item, _finding = schema.item, schema.finding
_MODULUS = 1 << 256
_LINKS = sa.select(_item_entry.c.uid, _item_entry.c.idx).where(
    _item_entry.c.uid.in_(sa.bindparam("uids", expanding=True)), _item_entry.c.idx < sa.bindparam("stop")
)
_ENTRIES = (
    sa.select(_entry).where(_entry.c.idx.in_(sa.bindparam("indices", expanding=True))).order_by(_entry.c.idx)
)
_CHUNK = 2_000
_SYSTEM = sa.select(_entry).where(_entry.c.type >= 64).order_by(_entry.c.idx)


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that does not hold.

    Attributes:
        table: where it is.
        row: which row, by its key.
        code: finding code: M02 checkpoint, M07 entry, M08 tile or root, M11 view, or the code of an entry's fault.
        detail: what differs.
    """

    table: str
    row: str
    code: str
    detail: str

    def __str__(self) -> str:
        """One line for people."""
        return f"{self.code} {self.table} {self.row}: {self.detail}"


@dataclass(slots=True)
class Sum:
    """A sum over rows in which order does not matter: two tables with equal sums have equal rows."""

    value: int = 0

    def add(self, row: Iterable[Any]) -> None:
        """Add a row's values: bytes, integers and text, whose repr is unambiguous."""
        digest = hashlib.sha256(repr(tuple(row)).encode()).digest()
        self.value = (self.value + int.from_bytes(digest, "big")) % _MODULUS

    def merge(self, other: Sum) -> None:
        """Add another sum."""
        self.value = (self.value + other.value) % _MODULUS


@dataclass(slots=True)
class Tally:
    """What one process found over its share of items."""

    problems: list[Problem] = field(default_factory=list)
    suspects: list[bytes] = field(default_factory=list)  # items whose views differ: to be looked at again
    checked: list[int] = field(default_factory=list)  # indices of the entries checked
    item_entries: Sum = field(default_factory=Sum)  # what the entries say these tables hold
    device_entries: Sum = field(default_factory=Sum)
    stays: Sum = field(default_factory=Sum)

    def add_links(self, entry: Entry) -> None:
        """Add the rows of `item_entry` and `device_entry` that an entry amounts to."""
        for row in item_rows(entry):
            self.item_entries.add(row.values())
        for row in stay_rows(entry):
            self.stays.add(row.values())
        device = device_row(entry)
        if device:
            self.device_entries.add(device.values())


def rules_of(conn: sa.Connection, stop: int) -> tuple[Rules, list[Problem]]:
    """Return keys and policy of the first *stop* entries, and what is wrong with the system entries."""
    rules, problems = Rules(), []
    for row in conn.execute(_SYSTEM):
        if row.idx >= stop:
            break
        try:
            entry = entry_of(EntryRow(row.idx, row.id, row.body, row.t_int))
            verify_event(entry.event, rules.ring.public_of(entry.event))
            rules.apply(entry)
        except CustodyError as error:
            problems.append(Problem("entry", f"idx={row.idx}", error.finding or "M07", str(error)))
    return rules, problems


def check_entry(row: Any, rules: Rules) -> tuple[Event | None, list[Problem]]:
    """Check one row of `entry`: canonical form, leaf hash, columns and, for item events, the signature."""
    where = f"idx={row.idx}"
    try:
        event = parse_event(row.body)
    except CustodyError as error:
        return None, [Problem("entry", where, error.finding or "M07", f"body: {error}")]
    wanted = {"id": event.id, "type": int(event.type), "kid": event.kid, "t_claim": event.claimed_ms}
    problems = [
        Problem("entry", where, "M07", f"{name} differs from the signed bytes")
        for name, value in wanted.items()
        if getattr(row, name) != value
    ]
    if event.type in CHAIN_TYPES:
        try:
            verify_event(event, _public_of(event, row.idx, rules))
        except SignatureError as error:
            problems.append(Problem("entry", where, error.finding, str(error)))
    return event, problems


def _public_of(event: Event, index: int, rules: Rules) -> bytes:
    certificate = rules.ring.get(event.kid, index)
    if certificate is None:
        raise SignatureError(f"no certificate for key {event.kid.hex()}", finding="K01")
    return certificate.public


def check_items_at(url: str, uids: Sequence[bytes], stop: int) -> Tally:
    """Check some items in a process of its own, which opens the database once."""
    engine, rules = _opened(url, stop)
    with reading(engine) as conn:
        return check_items(conn, rules, uids, stop)


@cache
def _opened(url: str, stop: int) -> tuple[sa.Engine, Rules]:
    engine = open_engine(url, pool_size=1)
    with reading(engine) as conn:
        return engine, rules_of(conn, stop)[0]


def check_items(conn: sa.Connection, rules: Rules, uids: Sequence[bytes], stop: int) -> Tally:
    """Check some items: their entries, and their rows in `item` and `finding`."""
    tally, anchors = Tally(), Anchors(conn)
    entries: dict[bytes, list[Entry]] = {uid: [] for uid in uids}
    for row, linked in _rows(conn, uids, stop):
        try:
            event = parse_event(row.body)
        except CustodyError:
            tally.problems += check_entry(row, rules)[1]
            tally.checked.append(row.idx)
            continue
        entry = Entry(row.idx, event, row.t_int)
        for uid in linked:
            entries[uid].append(entry)
        if event.items and event.items[0].uid in linked:  # once, with the first item it names
            tally.problems += check_entry(row, rules)[1]
            tally.checked.append(row.idx)
            tally.add_links(entry)
    stored, around = _stored(conn, uids), containers_of(conn, uids, stop)
    for uid, chain_entries in entries.items():
        if around[uid]:
            chain_entries = _entries_naming(conn, rules, {uid, *around[uid]}, stop)  # noqa: PLW2901
        if _wanted(rules, anchors, uid, chain_entries, around[uid]) != stored.get(uid, ((), ())):
            tally.suspects.append(uid)
    return tally


def _rows(conn: sa.Connection, uids: Sequence[bytes], stop: int) -> Iterator[tuple[Any, set[bytes]]]:
    """Yield each entry that names one of the items, once, with those items; in log order."""
    linked: dict[int, set[bytes]] = {}
    for uid, index in conn.execute(_LINKS, {"uids": list(uids), "stop": stop}):
        linked.setdefault(index, set()).add(uid)
    indices = sorted(linked)
    for start in range(0, len(indices), _CHUNK):
        for row in conn.execute(_ENTRIES, {"indices": indices[start : start + _CHUNK]}):
            yield row, linked[row.idx]


def compare_item(conn: sa.Connection, rules: Rules, uid: bytes, stop: int) -> list[Problem]:
    """Name every column of `item`, and every row of `finding`, that differs from a fold of the chain."""
    around = containers_of(conn, [uid], stop)[uid]
    entries = _entries_naming(conn, rules, {uid, *around}, stop)
    (items, findings) = _wanted(rules, Anchors(conn), uid, entries, around)
    stored_items, stored_findings = _stored(conn, [uid]).get(uid, ((), ()))
    return compare_rows(_item, items, stored_items) + compare_rows(_finding, findings, stored_findings)


def _entries_naming(conn: sa.Connection, rules: Rules, uids: Collection[bytes], stop: int) -> list[Entry]:
    """Return the readable entries that name one of some items."""
    rows = ((row, check_entry(row, rules)[0]) for row, _ in _rows(conn, sorted(uids), stop))
    return [Entry(row.idx, event, row.t_int) for row, event in rows if event is not None]


def _wanted(
    rules: Rules, anchors: Anchors, uid: bytes, entries: Sequence[Entry], around: Collection[bytes]
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    chain = fold(rules, anchors, uid, entries, around)
    if not is_shown(chain):
        return (), ()
    return (_tuple(_item, item_row(chain)),), tuple(_tuple(_finding, row) for row in finding_rows(chain))


def _stored(
    conn: sa.Connection, uids: Sequence[bytes]
) -> dict[bytes, tuple[tuple[Any, ...], tuple[Any, ...]]]:
    items: dict[bytes, list[Any]] = {}
    findings: dict[bytes, list[Any]] = {}
    wanted = list(uids)
    for row in conn.execute(sa.select(_item).where(_item.c.uid.in_(wanted))):
        items.setdefault(row.uid, []).append(tuple(row))
    query = sa.select(_finding).where(_finding.c.uid.in_(wanted)).order_by(_finding.c.uid, _finding.c.n)
    for row in conn.execute(query):
        findings.setdefault(row.uid, []).append(_counting(_finding, row))
    return {uid: (tuple(items.get(uid, ())), tuple(findings.get(uid, ()))) for uid in wanted}


def _tuple(table: sa.Table, row: dict[str, Any]) -> tuple[Any, ...]:
    return _counting(table, [row[column.name] for column in table.c])


def _counting(table: sa.Table, row: Sequence[Any]) -> tuple[Any, ...]:
    """Return the values that count: the detail of a finding is words, which a later version may say otherwise."""
    return tuple(
        "" if column is _finding.c.detail else value for column, value in zip(table.c, row, strict=True)
    )


def compare_rows(table: sa.Table, wanted: Iterable[Any], stored: Iterable[Any]) -> list[Problem]:
    """Name the rows and columns in which what is *stored* in a table differs from what is *wanted*."""
    name, columns = table.name, [column.name for column in table.c]
    keys = [column.name for column in table.primary_key]
    at = [columns.index(key) for key in keys]
    mine = {tuple(row[i] for i in at): row for row in wanted}
    theirs = {tuple(row[i] for i in at): row for row in stored}
    problems = []
    for key in sorted(mine.keys() | theirs.keys(), key=repr):
        where = ", ".join(f"{k}={show(v)}" for k, v in zip(keys, key, strict=True))
        if key not in theirs:
            problems.append(Problem(name, where, "M11", "row is missing"))
        elif key not in mine:
            problems.append(Problem(name, where, "M11", "row is surplus"))
        else:
            problems += [
                Problem(name, where, "M11", f"{column} is {show(b)}, the log says {show(a)}")
                for column, a, b in zip(columns, mine[key], theirs[key], strict=True)
                if a != b
            ]
    return problems


def show(value: object) -> str:
    """Write a value for people."""
    return value.hex() if isinstance(value, bytes) else repr(value)
