"""What a device needs to go without a network: labels and states of many items at once, and the keys in the log."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from custody.event import Event, EventType, Field, parse_event
from custody.label import Label, parse_label
from db import schema
from db.engine import reading

__all__ = ["SystemEntry", "key_entries", "labels_of", "open_findings", "quarantined"]

_entry, _link, _finding = schema.entry, schema.item_entry, schema.finding
_LABELLING: Final = (EventType.REGISTER, EventType.RELABEL, EventType.CLOSE)
_KEYS: Final = (EventType.KEY_CERT, EventType.KEY_REVOKE, EventType.POLICY, EventType.LOGKEY)
_INTO: Final = (EventType.SEIZE, EventType.FOUND)
_OUT_OF: Final = (EventType.RELEASE, EventType.OVERRIDE, EventType.ACCEPT)
_COUNTERSIGN: Final = 1


@dataclass(frozen=True, slots=True)
class SystemEntry:
    """An entry of the log about keys: where it is, when it was logged, its bytes as received."""

    index: int
    logged_ms: int
    body: bytes


def labels_of(engine: sa.Engine, digests: Collection[bytes], uids: Collection[bytes]) -> dict[bytes, Label]:
    """Return, by digest (16 bytes), those labels of some items that were registered."""
    found = (_label(event) for event in _events(engine, uids, _LABELLING))
    return {label.digest: label for label in found if label.digest in digests}


def quarantined(engine: sa.Engine, uids: Collection[bytes]) -> set[bytes]:
    """Return which of some items were seized or found again, and neither released nor taken over since."""
    query = (
        sa.select(_link.c.uid, _entry.c.type)
        .join(_entry, _entry.c.idx == _link.c.idx)
        .where(_link.c.uid.in_(uids), _entry.c.type.in_((*_INTO, *_OUT_OF)))
        .order_by(_link.c.seq, _link.c.idx)
    )
    with reading(engine) as conn:
        last = {uid: kind for uid, kind in conn.execute(query)}  # noqa: C416 -- rows are no pairs to dict()
    return {uid for uid, kind in last.items() if kind in _INTO}


def open_findings(engine: sa.Engine, uids: Collection[bytes]) -> dict[bytes, list[sa.RowMapping]]:
    """Return the findings of some items that nobody has decided, as rows of the view."""
    query = (
        sa.select(_finding)
        .where(_finding.c.uid.in_(uids), _finding.c.resolved_idx.is_(None))
        .order_by(_finding.c.n)
    )
    found: dict[bytes, list[sa.RowMapping]] = {}
    with reading(engine) as conn:
        for row in conn.execute(query).mappings():
            found.setdefault(row["uid"], []).append(row)
    return found


def key_entries(engine: sa.Engine, *, since: int, now_ms: int, limit: int) -> list[SystemEntry]:
    """Return the entries about keys from an index on, oldest first: what a ring of certificates is built of.

    A key that only countersigned, for some minutes, and has ended, is left out: nothing rests on it.
    """
    found: list[SystemEntry] = []
    with reading(engine) as conn:
        while len(found) < limit:  # a stretch of witnesses' keys alone must not hide what comes after it
            query = (
                sa.select(_entry.c.idx, _entry.c.t_int, _entry.c.body)
                .where(_entry.c.type.in_(_KEYS), _entry.c.idx >= since)
                .order_by(_entry.c.idx)
                .limit(limit)
            )
            rows = conn.execute(query).all()
            found += (SystemEntry(r.idx, r.t_int, r.body) for r in rows if not _is_over(r.body, now_ms))
            if len(rows) < limit:
                break
            since = rows[-1].idx + 1
    return found[:limit]


def _is_over(body: bytes, now_ms: int) -> bool:
    fields = parse_event(body).fields
    return bool(fields.get(Field.USE) == _COUNTERSIGN and fields[Field.NOT_AFTER] < now_ms)


def _events(engine: sa.Engine, uids: Collection[bytes], kinds: Collection[EventType]) -> list[Event]:
    query = (
        sa.select(_entry.c.body)
        .distinct()
        .join(_link, _link.c.idx == _entry.c.idx)
        .where(_link.c.uid.in_(uids), _entry.c.type.in_(kinds))
    )
    with reading(engine) as conn:
        return [parse_event(body) for body in conn.execute(query).scalars()]


def _label(event: Event) -> Label:
    return parse_label(event.fields[Field.LABEL_RAW])
