"""The daily map of open items: logged by the log's own key, and made again from the log to see whether it was true."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from custody.event import Entry, EventType, Field, sign_event
from custody.headmap import Head, is_open, root_of
from custody.machine import State
from db import schema
from db.audit_crew import rules_of
from db.audit_rows import Problem
from db.batch import Result
from db.chains import Anchors, containers_of, entries_of, entry_of, fold
from db.engine import reading
from db.errors import SiteError
from db.itemrows import is_shown, item_row
from db.site import Site
from db.store import EntryRow, last_checkpoint
from db.watch import accused_of
from kt1.clock import DAY_MS

__all__ = ["check_headmap", "heads_at", "heads_now", "log_daily", "log_headmap", "newest_headmap"]

_item, _item_entry, _entry = schema.item, schema.item_entry, schema.entry


def heads_now(conn: sa.Connection) -> list[Head]:
    """Return the heads of all open items by the views, ascending."""
    query = sa.select(_item.c.uid, _item.c.seq, _item.c.head, _item.c.state).order_by(_item.c.uid)
    rows = ((row, State[row.state]) for row in conn.execute(query))
    return [Head(row.uid, row.seq, row.head, state) for row, state in rows if is_open(state)]


def heads_at(conn: sa.Connection, size: int) -> list[Head]:
    """Return the heads of all items that were open when the log had *size* entries, from the log alone, ascending."""
    rules, _, _ = rules_of(conn, size)
    anchors, found = Anchors(conn), []
    uids = sa.select(_item_entry.c.uid).where(_item_entry.c.idx < size).distinct().order_by(_item_entry.c.uid)
    for uid in conn.execute(uids).scalars().all():
        around = containers_of(conn, [uid], size)[uid]
        mine = {uid, *around}
        chain = fold(rules, anchors, uid, entries_of(conn, mine, size), around, accused_of(conn, mine, size))
        if chain.entries and is_shown(chain):
            row = item_row(chain)
            if is_open(state := State[row["state"]]):
                found.append(Head(uid, row["seq"], row["head"], state))
    return found


def log_headmap(site: Site) -> Result:
    """Log the map of what is open now.

    Raises:
        SiteError: the log is empty, or refuses it.
    """
    with reading(site.engine) as conn:  # one snapshot: views and checkpoint belong together
        head = last_checkpoint(conn)
        root, count = root_of(heads_now(conn))
    if head is None:
        raise SiteError("the log is empty")
    pair, _ = site.log_keys.at(head.size)
    fields: dict[int, Any] = {
        Field.TYPE: int(EventType.HEADMAP),
        Field.NET: site.net,
        Field.T_CLAIM: site.now(),
        Field.NONCE: site.rng.randbytes(8),
        Field.HEADS: [root, count],
        Field.ANCHOR: [head.size, head.root],
    }
    raw = sign_event(fields, seed=site.ledger.signer.seed_of(pair.log.public))
    result = site.ledger.append([raw])[0]
    if result.error is not None:
        raise SiteError(f"the log refuses it: {result.error}", hint=f"Finding {result.findings[0]}.")
    return result


def log_daily(site: Site) -> Result | None:
    """Log a map where the newest one is a day old, or none was logged and the log is a day old.

    Raises:
        SiteError: the log refuses it.
    """
    with reading(site.engine) as conn:
        newest = newest_headmap(conn)
        first_ms = conn.execute(sa.select(sa.func.min(_entry.c.t_int))).scalar()
    last_ms = newest.logged_ms if newest else first_ms
    if last_ms is None or site.now() - last_ms < DAY_MS:
        return None
    return log_headmap(site)


def newest_headmap(conn: sa.Connection) -> Entry | None:
    """Return the newest HEADMAP entry, or None."""
    query = sa.select(_entry).where(_entry.c.type == int(EventType.HEADMAP)).order_by(_entry.c.idx.desc())
    row = conn.execute(query.limit(1)).first()
    return entry_of(EntryRow(row.idx, row.id, row.body, row.t_int)) if row else None


def check_headmap(conn: sa.Connection) -> tuple[Entry, Problem | None] | None:
    """Make the newest map again; return its entry and what is wrong with it, or None where none was logged.

    Folds every item once: minutes for a large log.
    """
    entry = newest_headmap(conn)
    if entry is None:
        return None
    size = entry.event.fields[Field.ANCHOR][0]
    if size > entry.index:
        return entry, Problem("entry", f"idx={entry.index}", "M09", f"map is of size {size}, beyond itself")
    root, count = root_of(heads_at(conn, size))
    if [root, count] == list(entry.event.fields[Field.HEADS]):
        return entry, None
    said = entry.event.fields[Field.HEADS][1]
    detail = f"map of {said} open items as of {size} entries; the log gives {count} under another root"
    return entry, Problem("entry", f"idx={entry.index}", "M09", detail)
