"""The views from the log alone, in one transaction: as if every entry came in again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa

from custody.event import Entry, EventType, parse_event
from db import schema, store
from db.chains import stay_rows
from db.engine import writing
from db.memory import system_entries
from db.project import certificate_row, device_row, item_rows, org_row, write_items

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
        for start in range(0, size, _CHUNK):
            _write_links(conn, start, min(start + _CHUNK, size))
            if progress:
                progress(min(start + _CHUNK, size), size)
        rules = system_entries(conn)
        rows = [certificate_row(c) for c in rules.certificates()]
        if rows:
            conn.execute(schema.certificate.insert(), rows)
        write_items(conn, rules)
        counts = [conn.execute(sa.select(sa.func.count()).select_from(t)).scalar_one() for t in _COUNTED]
    return Rebuilt(size, *counts)


_COUNTED = (schema.item, schema.finding)


def _write_links(conn: sa.Connection, start: int, stop: int) -> None:
    links, devices, stays, orgs = [], [], [], {}
    for row in store.entry_rows(conn, start, stop):
        entry = Entry(row.idx, parse_event(row.body), row.t_int)
        links += item_rows(entry)
        stays += stay_rows(entry)
        device = device_row(entry)
        if device:
            devices.append(device)
        if entry.event.type is EventType.ORG:
            org = org_row(entry)
            orgs[org["kind"], org["id"]] = org
    for table, rows in ((schema.item_entry, links), (schema.device_entry, devices), (schema.stay, stays)):
        if rows:
            conn.execute(table.insert(), rows)
    for (kind, number), org in orgs.items():
        conn.execute(schema.org.delete().where(schema.org.c.kind == kind, schema.org.c.id == number))
        conn.execute(schema.org.insert(), [org])
