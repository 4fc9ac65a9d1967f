"""The views from the log alone, in one transaction: as if every entry came in again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from custody.event import Entry, EventType, parse_event
from db import schema, store
from db.bulk import insert_rows
from db.chains import Rules
from db.devices import reach_rows
from db.engine import writing
from db.links import LINKS
from db.memory import system_entries
from db.project import certificate_row, org_row, write_items
from db.watch import accusation_row, all_accusations

__all__ = ["Rebuilt", "rebuild"]

_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """How much was made anew."""

    entries: int
    items: int
    findings: int


def rebuild(engine: sa.Engine, *, progress: Callable[[int, int], None] | None = None) -> Rebuilt:
    """Throw the views away and make them anew. Appends wait until it is done.

    Args:
        engine: where the site is.
        progress: called with (entries read, entries there are).

    Raises:
        FormatError: an entry is not what it was; run the audit.
        LedgerError: a system entry does not hold.
    """
    with writing(engine) as conn:
        size = store.lock_state(conn).size
        for table in schema.VIEW_TABLES:
            conn.execute(table.delete())
        rules = system_entries(conn)
        for start in range(0, size, _CHUNK):
            _write_links(conn, rules, start, min(start + _CHUNK, size))
            if progress:
                progress(min(start + _CHUNK, size), size)
        insert_rows(conn, schema.device, reach_rows(conn, size))
        accused = all_accusations(conn, rules.network, size)
        insert_rows(conn, schema.accusation, [accusation_row(one) for one in accused])
        rows = [certificate_row(c) for c in rules.certificates()]
        if rows:
            conn.execute(schema.certificate.insert(), rows)
        write_items(conn, rules)
        counts = [conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in _COUNTED]
    return Rebuilt(size, *counts)


_COUNTED = (schema.item, schema.finding)


def _write_links(conn: sa.Connection, rules: Rules, start: int, stop: int) -> None:
    orgs = {}
    rows: dict[sa.Table, list[dict[str, Any]]] = {table: [] for table in LINKS}
    for row in store.entry_rows(conn, start, stop):
        entry = Entry(row.idx, parse_event(row.body), row.t_int)
        for table, rows_of in LINKS.items():
            rows[table] += rows_of(entry, rules.network)
        if entry.event.type is EventType.ORG:
            org = org_row(entry)
            orgs[org["kind"], org["id"]] = org
    for table, found in rows.items():
        insert_rows(conn, table, found)
    for (kind, number), org in orgs.items():
        conn.execute(schema.org.delete().where(schema.org.c.kind == kind, schema.org.c.id == number))
        conn.execute(schema.org.insert(), [org])
