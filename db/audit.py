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

from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from custody.checkpoint import LogKeys
from custody.cose import kid_of
from custody.errors import CustodyError
from custody.event import Entry, EventType
from custody.quorum import TrustPolicy
from custody.roles import Role
from db import schema
from db.audit_crew import Crew, Desk, rules_of
from db.audit_items import (
    FIRST_SYSTEM_TYPE,
    Tally,
    check_entry,
    check_share,
    compare_item,
    counting_entry,
    shares_of,
    sum_links,
)
from db.audit_notes import KeptNotes, check_anchors, check_cosignatures, sheets_of
from db.audit_rows import Problem, Sum, compare_rows
from db.audit_schema import check_kinds, check_triggers
from db.audit_tree import RANGE, check_tree, sum_entries
from db.chains import Rules, entry_of, items_inside
from db.devices import reach_rows
from db.engine import reading
from db.last_audit import NAME, Seen
from db.links import LINKS
from db.project import certificate_row, org_row
from db.store import entry_rows
from db.watch import accusation_row, accused_since, all_accusations

__all__ = ["Audit", "Problem", "audit"]

_entry, _checkpoint, _state = schema.entry, schema.checkpoint, schema.log_state
_item_entry = schema.item_entry
_DEVICE_HEADS = sa.select(_entry).where(_entry.c.type == int(EventType.DEVICE_HEAD))
_INLINE = 4_000  # entries below which starting processes costs more than it saves
_CHUNK = 5_000
_KEYS = 64  # keys a task
_NAMED = 200  # rows named at most, of each table that leads to entries


@dataclass(slots=True)
class Audit:
    """The outcome.

    Attributes:
        size: entries audited.
        items: items audited.
        problems: what does not hold, sorted; empty is right.
        since: entries that an audit before had verified, None where everything was.
        seen: what the next audit can start from, where everything holds.
    """

    size: int = 0
    items: int = 0
    problems: list[Problem] = field(default_factory=list)
    since: int | None = None
    seen: Seen | None = None

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
    policy: TrustPolicy | None = None,
    last: Seen | None = None,
    workers: int = 1,
    progress: Callable[[int, int], None] | None = None,
) -> Audit:
    """Audit a database.

    Args:
        engine: where it is.
        keys: the log's public keys, best from somewhere else than this database.
        roots: kids of the root keys, from somewhere else; empty to believe the log's first entry.
        notes: checkpoints and receipts kept outside the database, by the name to report them under.
        policy: witnesses of whom a quorum must have cosigned the log (M03).
        last: what an audit before saw: what is still so is not verified again; where anything is not, everything is.
        workers: processes, this one among them.
        progress: called with (entries checked, entries there are).
    """
    outside = dict(notes or {}) | ({NAME: last.note} if last else {})
    result = _audit(engine, keys, roots, outside, policy, last, workers, progress)
    if last and result.problems:
        found = _audit(engine, keys, roots, outside, policy, None, workers, progress)
        result = (
            found if found.problems else result
        )  # what only the last audit says is a problem all the same
    return result


def _audit(
    engine: sa.Engine,
    keys: LogKeys,
    roots: frozenset[bytes],
    notes: Mapping[str, str],
    policy: TrustPolicy | None,
    last: Seen | None,
    workers: int,
    progress: Callable[[int, int], None] | None,
) -> Audit:
    with reading(engine) as conn:
        result = Audit(since=last.size if last else None)
        result.problems += check_triggers(conn)
        result.problems += (wrong := list(check_kinds(conn)))
        if wrong:  # nothing else can be asked of such rows
            result.problems = sorted(set(result.problems))
            return result
        result.size = _check_state(conn, result.problems)
        rules, problems, retold = rules_of(conn, result.size, last.size if last else 0)
        result.problems += problems
        keys = _check_keys(rules, keys, roots, result)
        desk = Desk.at(conn, rules, result.size)
        helpers = workers - 1 if result.size >= _INLINE else 0
        with Crew(engine, desk, helpers=helpers) as crew:
            kept = KeptNotes(notes, keys, sheets_of(conn, keys.log.name))
            problems, checkpoints = check_tree(conn, crew, result.size, keys, kept, last)
            result.problems += problems
            total = _check_views(desk, crew, result, progress, last, retold=retold)
        result.problems += check_cosignatures(conn, policy)
        result.problems += check_anchors(conn, rules.ring)
        _check_system(conn, rules, result, total)
        if not result.problems:
            result.seen = _seen(conn, result.size, total, checkpoints)
    result.problems = sorted(set(result.problems))
    return result


def _seen(conn: sa.Connection, size: int, total: Tally, checkpoints: str) -> Seen | None:
    """Return what was seen, for the next audit; None for an empty log."""
    note = conn.execute(sa.select(_checkpoint.c.note).where(_checkpoint.c.size == size)).scalar()
    if note is None:
        return None
    return Seen(
        size=size,
        note=note,
        entries=f"{total.entries.value:x}",
        checkpoints=checkpoints,
        links={name: f"{one.value:x}" for name, one in total.links.items()},
        shares=tuple(total.shares),
    )


def _check_state(conn: sa.Connection, problems: list[Problem]) -> int:
    """(1) One row of state; as many entries, without a gap, as it says; one epoch an append."""
    rows = conn.execute(sa.select(_state)).all()
    count, highest = conn.execute(sa.select(sa.func.count(), sa.func.max(_entry.c.idx))).one()
    appends, signed = conn.execute(sa.select(sa.func.count(), sa.func.max(_checkpoint.c.size))).one()
    size = 0 if highest is None else int(highest) + 1
    problems += [Problem("log_state", f"id={row.id}", "M08", "is surplus") for row in rows if row.id != 1]
    state = next((row for row in rows if row.id == 1), None)
    if state is None:
        problems.append(Problem("log_state", "id=1", "M08", "is missing"))
    else:
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
    promised = max(signed or 0, state.size if state else 0)
    problems += [
        Problem("entry", f"idx={index}", "M06", "is missing")
        for index in range(size, min(promised, size + _NAMED))
    ]
    if (signed or 0) != size:
        problems.append(
            Problem("checkpoint", f"size={signed}", "M06", f"newest checkpoint, entries reach {size}")
        )
    return size


def _check_keys(rules: Rules, keys: LogKeys, roots: frozenset[bytes], result: Audit) -> LogKeys:
    """The log's own keys are certified in it, under a root that the reader knows; returns those that followed too."""
    if not result.size:
        return keys
    for key in (keys.log, keys.clock):
        found = rules.ring.get(kid_of(key.public))
        if found is None or Role.LOG not in found.roles:
            result.problems.append(
                Problem("entry", "KEY_CERT", "K01", f"{key.name} has no certificate of the log")
            )
    if roots and not roots & {c.kid for c in rules.certificates() if Role.ROOT in c.roles}:
        result.problems.append(Problem("entry", "idx=0", "K08", "root key is not the one this site has"))
    try:
        return keys.followed(rules.ring.log_changes)
    except CustodyError as error:
        result.problems.append(Problem("entry", "LOGKEY", error.finding, str(error)))
        return keys


def _check_system(conn: sa.Connection, rules: Rules, result: Audit, total: Tally) -> None:
    """(2) and (5) for system entries: their columns, and the views of keys and bodies."""
    orgs: dict[tuple[int, int], dict[str, Any]] = {}
    query = sa.select(_entry).where(_entry.c.type >= 64, _entry.c.idx < result.size).order_by(_entry.c.idx)
    for row in conn.execute(query):
        event, problems = check_entry(row, rules)
        result.problems += problems
        if row.idx >= (result.since or 0):
            total.entries.add(counting_entry(row))
        if event is not None and event.type is EventType.ORG:
            wanted = org_row(Entry(row.idx, event, row.t_int))
            orgs[wanted["kind"], wanted["id"]] = wanted
    certificates = [certificate_row(c) for c in rules.certificates()]
    result.problems += _compare_table(conn, schema.certificate, certificates)
    result.problems += _compare_table(conn, schema.org, list(orgs.values()))


def _check_views(
    desk: Desk,
    crew: Crew,
    result: Audit,
    progress: Callable[[int, int], None] | None,
    last: Seen | None,
    *,
    retold: bool,
) -> Tally:
    """(2) and (5) for items; *retold* says that nothing is known of any item's views."""
    total, since = Tally(), min(last.size, result.size) if last else 0
    seen, done = bytearray(b"\1" * since + bytes(result.size - since)), 0
    shares: Iterable[tuple[Any, ...]] = shares_of(desk.conn)
    if last:
        total = _check_old(crew, result, last)
        shares = _shares_since(desk.conn, last, everything=retold)
    for tally in crew.run(check_share, shares):
        total.add(tally)
        done += len(tally.checked) if not last else tally.items
        for index in tally.checked:
            seen[index] = 1
        if progress:
            progress(min(done, result.size), result.size)
    result.items = total.items
    result.problems += total.problems
    _check_links(desk, crew, result, seen, total)
    conn, network = desk.conn, desk.rules.network
    accused = [accusation_row(one) for one in all_accusations(conn, network, result.size, is_audit=True)]
    result.problems += _compare_table(conn, schema.accusation, accused)
    result.problems += _compare_table(conn, schema.device, reach_rows(conn, result.size))
    for uid in sorted(set(total.suspects)):  # again, in this snapshot: a service may have gone on meanwhile
        result.problems += compare_item(desk, uid)
    if progress:
        progress(result.size, result.size)
    return total


def _check_old(crew: Crew, result: Audit, last: Seen) -> Tally:
    """What an audit before verified is still there: bodies hash to their ids, and the rows add up as they did."""
    total, size = Tally(), min(last.size, result.size)
    for part, problems in crew.run(
        sum_entries, ((start, min(start + RANGE, size)) for start in range(0, size, RANGE))
    ):
        total.entries.merge(part)
        result.problems += problems
    if f"{total.entries.value:x}" != last.entries:
        where = f"idx<{last.size}"
        result.problems.append(Problem("entry", where, "M07", "rows are not those audited before"))
    if total.links.keys() != last.links.keys():
        result.problems.append(Problem(NAME, "links", "M11", "kept by another version"))
        return total
    total.links = {name: last.sum_of(name) for name in last.links}
    return total


def _shares_since(conn: sa.Connection, last: Seen, *, everything: bool) -> Iterator[tuple[Any, ...]]:
    """Yield the ranges of uids, each with its digest of before unless something else than its own entries counts."""
    also = sorted(_concerned_since(conn, last.size))
    for first, end, digest in last.ranges():
        at = bisect_left(also, first)
        is_other = at < len(also) and (end is None or also[at] < end)
        yield first, end, last.size, None if everything or is_other else digest


def _concerned_since(conn: sa.Connection, since: int) -> set[bytes]:
    """Return what is in containers that new entries name, and what the watch has against anything since."""
    named = sa.select(_item_entry.c.uid).where(_item_entry.c.idx >= since)
    held = sa.select(schema.stay.c.container).where(schema.stay.c.container.in_(named)).distinct()
    found = set(accused_since(conn, since))
    for container in conn.execute(held).scalars().all():
        found.update(items_inside(conn, container, 1 << 62))
    return found


def _check_links(desk: Desk, crew: Crew, result: Audit, seen: bytearray, total: Tally) -> None:
    """Entries that no item led to, and the views that lead to entries."""
    conn = desk.conn
    for index in conn.execute(sa.select(_entry.c.idx).where(_entry.c.type >= FIRST_SYSTEM_TYPE)).scalars():
        if 0 <= index < result.size:
            seen[index] = 1
    index = seen.find(0)
    while index >= 0:
        row = conn.execute(sa.select(_entry).where(_entry.c.idx == index)).first()
        if row is not None:
            event, problems = check_entry(row, desk.rules)
            result.problems += problems
            if event is not None:
                total.take(row, Entry(index, event, row.t_int), desk.rules.network)
        index = seen.find(0, index + 1)
    fresh = (_entry.c.idx >= (result.since or 0), _entry.c.idx < result.size)
    for row in conn.execute(_DEVICE_HEADS.where(*fresh)):
        event = check_entry(row, desk.rules)[0]
        if event is not None:
            total.link(Entry(row.idx, event, row.t_int), desk.rules.network)
    _compare_links(desk, crew, result, total)


def _compare_links(desk: Desk, crew: Crew, result: Audit, total: Tally) -> None:
    """The views by which entries are found, against what the entries amount to."""
    conn = desk.conn
    for table in LINKS:
        stored = Sum()
        ranges = ((table.name, *one) for one in shares_of(conn, table, _KEYS))
        for part in crew.run(sum_links, ranges):
            stored.merge(part)
        if stored != total.links[table.name]:
            result.problems += _name_links(desk, table, result.size)


def _name_links(desk: Desk, table: sa.Table, size: int) -> list[Problem]:
    """Name the rows of a view of `LINKS` that differ; only asked for when some do."""
    conn = desk.conn
    stored = {hash(tuple(row)) for row in conn.execute(sa.select(table))}
    wanted: set[int] = set()
    problems: list[Problem] = []
    for row in _wanted_links(desk, table, size):
        wanted.add(hash(row))
        if hash(row) not in stored and len(problems) < _NAMED:
            problems += compare_rows(table, [row], [])
    for row in conn.execute(sa.select(table)):
        if hash(tuple(row)) not in wanted and len(problems) < 2 * _NAMED:
            problems += compare_rows(table, [], [tuple(row)])
    return problems


def _wanted_links(desk: Desk, table: sa.Table, size: int) -> Iterator[tuple[Any, ...]]:
    for row in entry_rows(desk.conn, 0, size):
        try:
            entry = entry_of(row)
        except CustodyError:
            continue  # named already
        for one in LINKS[table](entry, desk.rules.network):
            yield tuple(one[column.name] for column in table.c)


def _compare_table(conn: sa.Connection, table: sa.Table, rows: list[dict[str, Any]]) -> list[Problem]:
    wanted = [tuple(row[column.name] for column in table.c) for row in rows]
    return compare_rows(table, wanted, [tuple(row) for row in conn.execute(sa.select(table))])
