"""The views of devices: which places of each key's chain of events the log has, and how far each key has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from custody.event import Entry
from db import schema
from db.bulk import insert_rows
from db.watch import PREV_BYTES

__all__ = ["Devices", "device_row", "device_rows", "reach_rows"]

_device, _device_entry, _entry = schema.device, schema.device_entry, schema.entry
_KNOWN = sa.select(_device).where(_device.c.kid.in_(sa.bindparam("kids", expanding=True)))


def device_row(entry: Entry) -> dict[str, Any] | None:
    """Return the row of `device_entry`, or None where the entry says nothing of its device's chain."""
    link = entry.event.device_link
    if link is None:
        return None
    return {"kid": entry.event.kid, "dseq": link[0], "idx": entry.index, "prev": link[1][:PREV_BYTES]}


def device_rows(entry: Entry) -> list[dict[str, Any]]:
    """Return the row of `device_entry` that an entry amounts to, or none."""
    row = device_row(entry)
    return [row] if row else []


@dataclass(slots=True)
class Devices:
    """What the entries of one transaction say of devices.

    Attributes:
        taken: (kid, dseq) that the log has; of those places that the transaction's entries are at.
    """

    taken: set[tuple[bytes, int]] = field(default_factory=set)
    _rows: list[dict[str, Any]] = field(default_factory=list)
    _reach: dict[bytes, dict[str, Any]] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Take an entry in."""
        row = device_row(entry)
        if row is None:
            return
        kid, place = row["kid"], (row["kid"], row["dseq"])
        self._rows.append(row)
        mine = self._reach.setdefault(kid, {"kid": kid, "places": 0, "dseq": 0})
        mine["places"] += place not in self.taken
        mine["dseq"] = max(mine["dseq"], row["dseq"])
        mine["idx"], mine["ms"] = entry.index, entry.logged_ms
        self.taken.add(place)

    def write(self, conn: sa.Connection) -> None:
        """Write the rows."""
        if not self._rows:
            return
        for known in conn.execute(_KNOWN, {"kids": list(self._reach)}):
            mine = self._reach[known.kid]
            mine["places"] += known.places
            mine["dseq"] = max(mine["dseq"], known.dseq)
        insert_rows(conn, _device_entry, self._rows)
        insert_rows(conn, _device, list(self._reach.values()), upsert=True)


def reach_rows(conn: sa.Connection, stop: int) -> list[dict[str, Any]]:
    """Return the rows of `device` that `device_entry` before *stop* amounts to."""
    kid, dseq, index = _device_entry.c.kid, _device_entry.c.dseq, _device_entry.c.idx
    places, newest = sa.func.count(sa.distinct(dseq)), sa.func.max(index)
    of_each = (
        sa.select(kid, places.label("places"), sa.func.max(dseq).label("dseq"), newest.label("idx"))
        .where(index < stop)
        .group_by(kid)
        .subquery()
    )
    query = sa.select(of_each, _entry.c.t_int.label("ms")).join(_entry, _entry.c.idx == of_each.c.idx)
    return [dict(row) for row in conn.execute(query.order_by(of_each.c.kid)).mappings()]
