"""The watch over the whole log (`custody.watch`) on stored rows.

A `Watch` says the same of any part of the log that has both entries of a pair. So nothing of it is kept between
appends: for the entries that come in, those before them with which they could clash are looked up and fed to it
first. An honest log has none.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import sqlalchemy as sa

from custody.errors import CustodyError
from custody.event import Entry, Event, parse_event
from custody.fields import Field
from custody.network import Network
from custody.watch import CODES, NUMBER, SEAL, SEAL_TYPES, Accusation, Watch, shared_seals, traces_of
from db import schema
from db.engine import is_sqlite

__all__ = [
    "PREV_BYTES",
    "Accused",
    "accusation_row",
    "accused_of",
    "accused_since",
    "all_accusations",
    "look_back",
    "pairs_of",
    "seals_beside",
    "trace_rows",
]

_entry, _item_entry, _device_entry = schema.entry, schema.item_entry, schema.device_entry
_trace, _accusation = schema.trace, schema.accusation
_CHUNK = 2_000
PREV_BYTES = 16  # kept of an id in `device_entry`: enough that nobody makes two with the same
_PLACES = 256
_BEFORE: sa.BindParameter[int] = sa.bindparam("stop")


@cache
def _places_sql(count: int, mark: str) -> str:
    """Return the query for the first and another entry at each of *count* places; more of them say nothing new.

    A join in this order: SQLite reads the whole table for `(kid, dseq) IN (...)`, and where it may choose the order.
    """
    values = ", ".join([f"({mark}, {mark}, {mark})"] * count)
    halves = [
        f"SELECT d.kid, {dseq}, MIN(d.idx), MAX(d.idx) FROM wanted CROSS JOIN device_entry AS d "  # noqa: S608
        f"WHERE d.kid = wanted.kid AND d.{key} = wanted.{key} AND d.idx < {mark} GROUP BY d.kid, d.{key}"
        for key, dseq in (("dseq", "d.dseq"), ("prev", "-1"))
    ]
    return f"WITH wanted(kid, dseq, prev) AS (VALUES {values}) {halves[0]} UNION ALL {halves[1]}"


def _places(
    conn: sa.Connection, links: Iterable[tuple[bytes, int, bytes]], stop: int
) -> Iterator[tuple[bytes, int, int, int]]:
    """Yield (kid, dseq, first index, another index) of places that entries before *stop* have taken.

    Where it is the event before that was built upon already, dseq is -1.
    """
    wanted = list(dict.fromkeys(links))
    for start in range(0, len(wanted), _PLACES):
        part = wanted[start : start + _PLACES]
        count = 1 << (len(part) - 1).bit_length()  # few different statements
        part += part[-1:] * (count - len(part))
        statement = _places_sql(count, "?" if is_sqlite(conn) else "%s")
        values = (*(value for link in part for value in link), stop, stop)
        for row in conn.exec_driver_sql(statement, values):
            yield row[0], row[1], row[2], row[3]


def _shared(table: sa.Table, keys: Sequence[sa.Column[Any]], what: sa.Column[Any]) -> sa.Subquery:
    """Return the *keys* under which a table has more than one *what*."""
    count = sa.func.count() if what is table.c.idx else sa.func.count(sa.distinct(what))
    return sa.select(*keys).where(table.c.idx < _BEFORE).group_by(*keys).having(count > 1).subquery()


_TRACED = sa.select(_trace.c.kind, _trace.c.uid, _trace.c.idx).where(
    _trace.c.kind == sa.bindparam("kind"),
    _trace.c.key.in_(sa.bindparam("keys", expanding=True)),
    _trace.c.idx < _BEFORE,
)
_SEALINGS = (
    sa.select(_entry.c.idx)
    .join(_item_entry, _item_entry.c.idx == _entry.c.idx)
    .where(
        _item_entry.c.uid.in_(sa.bindparam("uids", expanding=True)),
        _entry.c.type.in_([int(kind) for kind in SEAL_TYPES]),
        _entry.c.idx < _BEFORE,
    )
)
_ENTRIES = (
    sa.select(_entry.c.idx, _entry.c.body, _entry.c.t_int)
    .where(_entry.c.idx.in_(sa.bindparam("indices", expanding=True)))
    .order_by(_entry.c.idx)
)
_ACCUSED = (
    sa.select(_accusation, _entry.c.body, _entry.c.t_int)
    .join(_entry, _entry.c.idx == _accusation.c.idx)
    .where(_accusation.c.uid.in_(sa.bindparam("uids", expanding=True)), _accusation.c.idx < _BEFORE)
    .order_by(_accusation.c.idx, _accusation.c.uid, _accusation.c.code)
)


@dataclass(frozen=True, slots=True)
class Accused:
    """An accusation, and the entry on which it rests."""

    accusation: Accusation
    entry: Entry


def trace_rows(entry: Entry, network: Network) -> list[dict[str, Any]]:
    """Return the rows of `trace` that an entry amounts to."""
    return [
        {"key": key, "kind": kind, "idx": entry.index, "uid": uid}
        for kind, key, uid in traces_of(entry, network)
    ]


def accusation_row(one: Accusation) -> dict[str, Any]:
    """Return the row of `accusation`."""
    return {"idx": one.index, "uid": one.uid, "code": one.code, "other": one.other}


def look_back(
    conn: sa.Connection, events: Iterable[Event], stop: int
) -> tuple[list[Entry], set[tuple[bytes, int]]]:
    """Return the entries before *stop* with which some events could clash; and which of their places are taken.

    Returns:
        Entries in log order; (kid, dseq) of those of the events' places that the log has already.
    """
    known = list(events)
    links = [(event.kid, link[0], link[1][:PREV_BYTES]) for event in known if (link := event.device_link)]
    indices: set[int] = set()
    taken: set[tuple[bytes, int]] = set()
    if links:
        for kid, dseq, *pair in _places(conn, links, stop):
            indices.update(pair)
            taken.add((kid, dseq))
    numbers = {event.fields[Field.LABEL_RAW][5:11] for event in known if Field.LABEL_RAW in event.fields}
    tags = {event.fields[Field.SEAL_TAG] for event in known if Field.SEAL_TAG in event.fields}
    indices |= {row.idx for row in _traced(conn, NUMBER, numbers, stop)}
    uids = {row.uid for row in _traced(conn, SEAL, tags, stop)}
    return list(_load(conn, indices | _sealings(conn, uids, stop))), taken


def all_accusations(
    conn: sa.Connection, network: Network, stop: int, *, is_audit: bool = False
) -> list[Accusation]:
    """Return every accusation among the entries before *stop*: what a watch over all of them says.

    Only entries that share a place, a number or a seal with another are looked at.

    Args:
        conn: a snapshot.
        network: keys and limits of those entries.
        stop: how many entries there are.
        is_audit: leave out what cannot be read; the audit has named it.

    Raises:
        FormatError: an entry is not what it was.
    """
    indices: set[int] = set()
    for column in (_device_entry.c.dseq, _device_entry.c.prev):
        same = _shared(_device_entry, (_device_entry.c.kid, column), _device_entry.c.idx)
        query = sa.select(_device_entry.c.idx).join(
            same, sa.and_(_device_entry.c.kid == same.c[0], column == same.c[1])
        )
        indices.update(conn.execute(query.where(_device_entry.c.idx < _BEFORE), {"stop": stop}).scalars())
    uids: set[bytes] = set()
    same = _shared(_trace, (_trace.c.kind, _trace.c.key), _trace.c.uid)
    query = sa.select(_trace).join(same, sa.and_(_trace.c.kind == same.c[0], _trace.c.key == same.c[1]))
    for row in conn.execute(query.where(_trace.c.idx < _BEFORE), {"stop": stop}):
        if row.kind == NUMBER:
            indices.add(row.idx)
        else:
            uids.add(row.uid)
    watch = Watch(network)
    entries = _load(conn, indices | _sealings(conn, uids, stop), is_audit=is_audit)
    return [one for entry in entries for one in watch.add(entry)]


def accused_of(
    conn: sa.Connection, uids: Collection[bytes], stop: int, *, is_audit: bool = False
) -> list[Accused]:
    """Return what is said of some items and containers by entries before *stop*, in the order it was.

    Args:
        conn: a snapshot.
        uids: the items and containers.
        stop: how many entries are looked at.
        is_audit: leave out what cannot be read; the audit has named it.

    Raises:
        FormatError: an entry is not what it was.
    """
    if not uids:
        return []
    rows = conn.execute(_ACCUSED, {"uids": sorted(uids), "stop": stop})
    read = ((row, _entry_of(row, is_audit=is_audit)) for row in rows)
    return [
        Accused(Accusation(row.idx, row.uid, row.code, row.other), entry)
        for row, entry in read
        if entry is not None and row.code in CODES
    ]


def pairs_of(conn: sa.Connection, uids: Collection[bytes], stop: int) -> list[Entry]:
    """Return the entries, of both sides, on which rests what is said of some items by entries before *stop*."""
    accused = accused_of(conn, uids, stop)
    return [*(one.entry for one in accused), *_load(conn, {one.accusation.other for one in accused})]


def seals_beside(conn: sa.Connection, entries: Iterable[Entry], stop: int) -> list[Entry]:
    """Return what says, of the things on which *entries* put one seal, whether it was on one of them still."""
    return list(_load(conn, _sealings(conn, shared_seals(entries), stop)))


def accused_since(conn: sa.Connection, start: int) -> list[bytes]:
    """Return the items and containers that entries from *start* on have something against."""
    query = sa.select(_accusation.c.uid).where(_accusation.c.idx >= start).distinct()
    return list(conn.execute(query).scalars())


def _traced(conn: sa.Connection, kind: int, keys: Collection[bytes], stop: int) -> Iterable[sa.Row[Any]]:
    if not keys:
        return ()
    return conn.execute(_TRACED, {"kind": kind, "keys": sorted(keys), "stop": stop})


def _sealings(conn: sa.Connection, uids: Collection[bytes], stop: int) -> set[int]:
    if not uids:
        return set()
    return set(conn.execute(_SEALINGS, {"uids": sorted(uids), "stop": stop}).scalars())


def _load(conn: sa.Connection, indices: Iterable[int], *, is_audit: bool = False) -> Iterator[Entry]:
    wanted = sorted(indices)
    for start in range(0, len(wanted), _CHUNK):
        for row in conn.execute(_ENTRIES, {"indices": wanted[start : start + _CHUNK]}):
            entry = _entry_of(row, is_audit=is_audit)
            if entry is not None:
                yield entry


def _entry_of(row: Any, *, is_audit: bool) -> Entry | None:
    try:
        return Entry(row.idx, parse_event(row.body), row.t_int)
    except CustodyError:
        if not is_audit:
            raise
        return None
