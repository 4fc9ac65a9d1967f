"""The audit: does what is stored still say what was signed? Each row that does not is named.

  (0) every value is of the kind its column says, and no append-only trigger is missing
  (1) log_state, entries, checkpoints, and notes kept outside the database agree on the length of the log
  (2) every entry is canonical, certified and signed, and its columns are what its bytes say
  (3) ids fold into tiles, tiles into tiles, and into the root of every checkpoint
  (4) every checkpoint is signed by the log and its clock, at the times the entries bear, and every cosignature holds
  (5) every row of every view is what a replay of the log makes it

Takes one snapshot, so a service may go on appending. Does not ask witnesses, nor compare with paper. A log cut off at
an older checkpoint is whole in itself: only a note from outside, `last-checkpoint` or a receipt, tells.
"""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from custody.checkpoint import LogKeys, open_checkpoint
from custody.cose import kid_of
from custody.errors import CustodyError
from custody.event import Entry, EventType
from custody.merkle import EMPTY_ROOT, Frontier
from custody.roles import Role
from db import schema
from db.audit_items import (
    Problem,
    Sum,
    Tally,
    check_entry,
    check_items,
    check_items_at,
    compare_item,
    compare_rows,
    rules_of,
)
from db.audit_notes import KeptNotes, check_cosignatures
from db.audit_schema import check_kinds, check_triggers
from db.chains import Rules, entry_of
from db.engine import reading
from db.project import certificate_row, device_row, item_rows, org_row
from db.store import entry_rows
from db.tree import TILE_WIDTH, tile_root

__all__ = ["Audit", "Problem", "audit"]

_entry, _checkpoint, _tile, _state = schema.entry, schema.checkpoint, schema.tile, schema.log_state
_item_entry, _device_entry = schema.item_entry, schema.device_entry
_SHARE = 400  # items a task
_INLINE = 4_000  # entries below which starting processes costs more than it saves
_CHUNK = 5_000
_NAMED = 200  # rows of item_entry and device_entry named at most


@dataclass(slots=True)
class Audit:
    """The outcome.

    Attributes:
        size: entries audited.
        items: items audited.
        problems: what does not hold, sorted; empty is right.
    """

    size: int = 0
    items: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def holds(self) -> bool:
        """Whether everything is as it was signed."""
        return not self.problems


def audit(
    engine: sa.Engine,
    keys: LogKeys,
    *,
    roots: frozenset[bytes] = frozenset(),
    notes: Mapping[str, str] | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Audit:
    """Audit a whole database.

    Args:
        engine: where it is.
        keys: the log's public keys, best from somewhere else than this database.
        roots: kids of the root keys, from somewhere else; empty to believe the log's first entry.
        notes: checkpoints and receipts kept outside the database, by the name to report them under.
        workers: processes for the items.
        progress: called with (items done, items there are).
    """
    with reading(engine) as conn:
        result = Audit()
        result.problems += check_triggers(conn)
        result.problems += (wrong := list(check_kinds(conn)))
        if wrong:  # nothing else can be asked of such rows
            result.problems = sorted(set(result.problems))
            return result
        result.size = _check_state(conn, result.problems)
        rules, problems = rules_of(conn, result.size)
        result.problems += problems
        _check_keys(rules, keys, roots, result)
        _check_fold(conn, keys, result, notes or {})
        result.problems += check_cosignatures(conn)
        _check_tiles(conn, result)
        _check_system(conn, rules, result)
        _check_views(conn, engine, rules, result, workers, progress)
    result.problems = sorted(set(result.problems))
    return result


def _check_state(conn: sa.Connection, problems: list[Problem]) -> int:
    """(1) One row of state; as many entries, without a gap, as it says; one epoch an append."""
    rows = conn.execute(sa.select(_state)).all()
    count, highest = conn.execute(sa.select(sa.func.count(), sa.func.max(_entry.c.idx))).one()
    appends, signed = conn.execute(sa.select(sa.func.count(), sa.func.max(_checkpoint.c.size))).one()
    size = 0 if highest is None else int(highest) + 1
    if len(rows) != 1 or rows[0].id != 1:
        problems.append(Problem("log_state", "id=1", "M08", f"{len(rows)} rows, none or another id"))
    else:
        state = rows[0]
        if state.size != size:
            problems.append(
                Problem("log_state", "id=1", "M06", f"size is {state.size}, entries reach {size}")
            )
        if state.epoch != appends:
            detail = f"{appends} checkpoints after {state.epoch} appends"
            problems.append(Problem("log_state", "id=1", "M11", f"epoch: {detail}"))
            problems.append(Problem("checkpoint", "count", "M06", detail))
    if count != size:
        problems.append(Problem("entry", f"idx<{size}", "M06", f"{size - count} entries are missing"))
    if (signed or 0) != size:
        problems.append(
            Problem("checkpoint", f"size={signed}", "M06", f"newest checkpoint, entries reach {size}")
        )
    return size


def _check_keys(rules: Rules, keys: LogKeys, roots: frozenset[bytes], result: Audit) -> None:
    """The log's own keys are certified in it, under a root that the reader knows."""
    if not result.size:
        return
    for key in (keys.log, keys.clock):
        found = rules.ring.get(kid_of(key.public))
        if found is None or Role.LOG not in found.roles:
            result.problems.append(
                Problem("entry", "KEY_CERT", "K01", f"{key.name} has no certificate of the log")
            )
    if roots and not roots & {c.kid for c in rules.certificates() if Role.ROOT in c.roles}:
        result.problems.append(Problem("entry", "idx=0", "K08", "root key is not the one this site has"))


def _check_fold(conn: sa.Connection, keys: LogKeys, result: Audit, notes: Mapping[str, str]) -> None:
    """(3) and (4): the root and the signed time of every checkpoint, and the times that entries bear."""
    frontier, problems = Frontier(), result.problems
    kept = KeptNotes(notes, keys)
    ids = _entry_ids(conn, result.size)
    last_ms, root = 0, EMPTY_ROOT
    for row in conn.execute(sa.select(_checkpoint).order_by(_checkpoint.c.size)):
        where = f"size={row.size}"
        while frontier.size < row.size:
            entry = next(ids, None)
            if entry is None:
                break
            frontier.append(entry.id)
            kept.pass_by(frontier, entry.id)
            if entry.t_int != row.time_ms:
                detail = f"t_int is {entry.t_int}, its checkpoint was signed at {row.time_ms}"
                problems.append(Problem("entry", f"idx={entry.idx}", "M07", detail))
        if frontier.size != row.size:
            problems.append(Problem("checkpoint", where, "M06", f"log has {frontier.size} entries"))
            continue
        root = frontier.root()
        problems += _check_note(row, keys, root)
        if row.time_ms < last_ms:
            problems.append(
                Problem("checkpoint", where, "M02", f"signed {last_ms - row.time_ms} ms before an older one")
            )
        last_ms = row.time_ms
    problems += kept.problems(frontier.size)
    stored = conn.execute(sa.select(_state.c.root)).scalar()
    if stored != root:
        problems.append(Problem("log_state", "id=1", "M08", "root is not that of the entries"))


def _check_note(row: Any, keys: LogKeys, root: bytes) -> Iterator[Problem]:
    where = f"size={row.size}"
    if row.root != root:
        yield Problem("checkpoint", where, "M08", "root is not that of the entries")
    try:
        signed, time_ms = open_checkpoint(row.note, keys)
    except CustodyError as error:
        yield Problem("checkpoint", where, error.finding or "M02", f"note: {error}")
        return
    if (signed.size, signed.root) != (row.size, root):
        yield Problem("checkpoint", where, "M08", f"note is signed over size {signed.size} and another root")
    if time_ms != row.time_ms:
        yield Problem("checkpoint", where, "M02", f"time_ms is {row.time_ms}, signed is {time_ms}")


def _check_tiles(conn: sa.Connection, result: Audit) -> None:
    """(3) Every full tile is there, and is the fold of what is below it."""
    ids: Iterable[bytes] = (row.id for row in _entry_ids(conn, result.size))
    level, count = 0, result.size // TILE_WIDTH
    while True:
        query = sa.select(_tile).where(_tile.c.level == level).order_by(_tile.c.n)
        stored = {row.n: row.hashes for row in conn.execute(query)}
        folded = []
        hashes = iter(ids)
        for n in range(count):
            wanted = b"".join(next(hashes, b"") for _ in range(TILE_WIDTH))
            found = stored.pop(n, None)
            if found != wanted:
                detail = "is missing" if found is None else "differs from what is below it"
                result.problems.append(Problem("tile", f"level={level}, n={n}", "M08", detail))
            folded.append(tile_root(wanted) if len(wanted) == TILE_WIDTH * 32 else b"")
        result.problems += [Problem("tile", f"level={level}, n={n}", "M08", "is surplus") for n in stored]
        if not count:
            break
        ids, count, level = folded, count // TILE_WIDTH, level + 1
    surplus = conn.execute(
        sa.select(_tile.c.level, _tile.c.n).where((_tile.c.level > level) | (_tile.c.level < 0))
    )
    result.problems += [Problem("tile", f"level={r.level}, n={r.n}", "M08", "is surplus") for r in surplus]


def _check_system(conn: sa.Connection, rules: Rules, result: Audit) -> None:
    """(2) and (5) for system entries: their columns, and the views of keys and bodies."""
    orgs: dict[tuple[int, int], dict[str, Any]] = {}
    query = sa.select(_entry).where(_entry.c.type >= 64, _entry.c.idx < result.size).order_by(_entry.c.idx)
    for row in conn.execute(query):
        event, problems = check_entry(row, rules)
        result.problems += problems
        if event is not None and event.type is EventType.ORG:
            wanted = org_row(Entry(row.idx, event, row.t_int))
            orgs[wanted["kind"], wanted["id"]] = wanted
    certificates = [certificate_row(c) for c in rules.certificates()]
    result.problems += _compare_table(conn, schema.certificate, certificates)
    result.problems += _compare_table(conn, schema.org, list(orgs.values()))


def _check_views(
    conn: sa.Connection,
    engine: sa.Engine,
    rules: Rules,
    result: Audit,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> None:
    """(2) and (5) for items."""
    uids = sorted(conn.execute(sa.select(_item_entry.c.uid).distinct()).scalars())
    result.items = len(uids)
    total, seen = Tally(), bytearray(result.size)
    done = 0
    for count, tally in _tallies(conn, engine, rules, uids, result.size, workers):
        done += count
        total.problems += tally.problems
        total.suspects += tally.suspects
        total.item_entries.merge(tally.item_entries)
        total.device_entries.merge(tally.device_entries)
        for index in tally.checked:
            seen[index] = 1
        if progress:
            progress(done, len(uids))
    result.problems += total.problems
    _check_links(conn, rules, result, seen, total)
    known = set(uids)
    for table in (schema.item, schema.finding):
        strays = set(conn.execute(sa.select(table.c.uid).distinct()).scalars()) - known
        total.suspects += strays
    for uid in sorted(set(total.suspects)):  # again, in this snapshot: a service may have gone on meanwhile
        result.problems += compare_item(conn, rules, uid, result.size)


def _tallies(
    conn: sa.Connection, engine: sa.Engine, rules: Rules, uids: Sequence[bytes], size: int, workers: int
) -> Iterator[tuple[int, Tally]]:
    shares = [uids[start : start + _SHARE] for start in range(0, len(uids), _SHARE)]
    if workers < 2 or size < _INLINE:
        for share in shares:
            yield len(share), check_items(conn, rules, share, size)
        return
    url = engine.url.render_as_string(hide_password=False)
    with ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn")) as pool:
        tasks: list[tuple[int, Future[Tally]]] = [
            (len(share), pool.submit(check_items_at, url, share, size)) for share in shares
        ]
        for count, task in tasks:
            yield count, task.result()


def _check_links(conn: sa.Connection, rules: Rules, result: Audit, seen: bytearray, total: Tally) -> None:
    """Entries that no item led to, and the two views that lead to entries."""
    system = set(conn.execute(sa.select(_entry.c.idx).where(_entry.c.type >= 64)).scalars())
    lost = [index for index, mark in enumerate(seen) if not mark and index not in system]
    for start in range(0, len(lost), _SHARE):
        for row in conn.execute(sa.select(_entry).where(_entry.c.idx.in_(lost[start : start + _SHARE]))):
            event, problems = check_entry(row, rules)
            result.problems += problems
            if event is not None:
                total.add_links(Entry(row.idx, event, row.t_int))
    for table, wanted in ((_item_entry, total.item_entries), (_device_entry, total.device_entries)):
        stored = Sum()
        for row in conn.execute(sa.select(table)):
            stored.add(row)
        if stored != wanted:
            result.problems += _name_links(conn, table, result.size)


def _name_links(conn: sa.Connection, table: sa.Table, size: int) -> list[Problem]:
    """Name the rows of `item_entry` or `device_entry` that differ; only asked for when some do."""
    wanted: list[tuple[Any, ...]] = []
    for row in entry_rows(conn, 0, size):
        try:
            entry = entry_of(row)
        except CustodyError:
            continue  # named already
        device = device_row(entry)
        rows = item_rows(entry) if table is _item_entry else [device] if device else []
        wanted += [tuple(r[column.name] for column in table.c) for r in rows]
    stored = [tuple(row) for row in conn.execute(sa.select(table))]
    return compare_rows(table, wanted, stored)[:_NAMED]


def _compare_table(conn: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> list[Problem]:
    wanted = [tuple(row[column.name] for column in table.c) for row in rows]
    return compare_rows(table, wanted, [tuple(row) for row in conn.execute(sa.select(table))])


def _entry_ids(conn: sa.Connection, size: int) -> Iterator[Any]:
    query = sa.select(_entry.c.idx, _entry.c.id, _entry.c.t_int).order_by(_entry.c.idx)
    for start in range(0, size, _CHUNK):
        yield from conn.execute(query.where(_entry.c.idx >= start, _entry.c.idx < start + _CHUNK)).all()
