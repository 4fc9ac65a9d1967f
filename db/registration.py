"""What a clerk's device registered, compared with what was accepted at the counter (A1, A2, A5).

The form is checked before a label is issued; the REGISTER comes back signed by a device that could say otherwise.
A well-signed entry is evidence and stays. The difference is written down in the same transaction, and the item waits
until a supervisor has looked. So it does where somebody else than the named person has received it (E13).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa

from custody.event import Entry, Event, EventType, Field
from db import schema
from db.desk import Draft
from db.engine import reading, writing
from db.named import Named, taken_by_others

__all__ = [
    "Mismatch",
    "decide_mismatch",
    "held_uids",
    "keep_acceptance",
    "mismatches_of",
    "note_mismatches",
    "open_mismatches",
]

_draft, _named, _mismatch = schema.draft, schema.named, schema.mismatch
_DRAFTS = sa.select(_draft).where(
    _draft.c.uid.in_(sa.bindparam("uids", expanding=True)), _draft.c.instance == 0
)
_TAKER = "taker"
_NAMES = {Field.LABEL_RAW: "label", Field.ACTOR: "issuer", Field.PLACE: "office"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A registration that is not what was accepted, or a delivery to another than the named person.

    Attributes:
        uid: 8 bytes.
        idx: the REGISTER or DELIVER.
        fields: what differs; "draft" where nothing was accepted at all, "taker" where another received.
        decided_by: the supervisor who let it stand, or None.
    """

    id: int
    uid: bytes
    idx: int
    fields: tuple[str, ...]
    at_ms: int
    decided_by: bytes | None
    decided_ms: int | None
    reason: str | None

    @property
    def token(self) -> bytes:
        """8 bytes that name it as a finding's id names that."""
        material = b"KT1-MISMATCH-v1\0" + self.uid + self.idx.to_bytes(8, "big")
        return hashlib.sha256(material).digest()[:8]


def keep_acceptance(engine: sa.Engine, draft: Draft, named: Named | None) -> None:
    """Keep what was accepted and whom alone it is for, at once, in the place of an acceptance that was given up."""
    with writing(engine) as conn:
        conn.execute(_draft.delete().where(_draft.c.uid == draft.uid, _draft.c.instance == draft.instance))
        conn.execute(_named.delete().where(_named.c.uid == draft.uid))
        conn.execute(_draft.insert(), [asdict(draft)])
        if named:
            conn.execute(_named.insert(), [asdict(named)])


def note_mismatches(conn: sa.Connection, marked: Sequence[tuple[bytes, Entry]]) -> None:
    """Compare what has begun to count with what the counter knows, within the transaction that made it count.

    Args:
        conn: of the transaction.
        marked: items with their REGISTER, compared with the draft, or DELIVER, compared with who alone may receive.
    """
    deliveries = [pair for pair in marked if pair[1].event.type is EventType.DELIVER]
    rows = _registered_otherwise(conn, [pair for pair in marked if pair[1].event.type is EventType.REGISTER])
    if deliveries:
        rows += [_row(uid, entry, [_TAKER]) for uid, entry in taken_by_others(conn, deliveries)]
    known = _noted(conn, rows) if rows else set()
    if fresh := [row for row in rows if (row["uid"], row["idx"]) not in known]:
        conn.execute(_mismatch.insert(), fresh)


def _noted(conn: sa.Connection, rows: Sequence[dict[str, Any]]) -> set[tuple[bytes, int]]:
    """Return which of the rows are there: what counted, ceased to and counts again was noted the first time."""
    query = sa.select(_mismatch.c.uid, _mismatch.c.idx).where(
        _mismatch.c.uid.in_({row["uid"] for row in rows})
    )
    return {(row.uid, row.idx) for row in conn.execute(query)}


def _registered_otherwise(
    conn: sa.Connection, registrations: Sequence[tuple[bytes, Entry]]
) -> list[dict[str, Any]]:
    if not registrations:
        return []
    uids = [uid for uid, _ in registrations]
    drafts = {row["uid"]: Draft(**row) for row in conn.execute(_DRAFTS, {"uids": uids}).mappings()}
    rows = []
    for uid, entry in registrations:
        draft = drafts.get(uid)
        fields = _differing(draft, entry.event) if draft else ["draft"]
        if fields:
            rows.append(_row(uid, entry, fields))
    return rows


def _row(uid: bytes, entry: Entry, fields: Sequence[str]) -> dict[str, Any]:
    return {"uid": uid, "idx": entry.index, "fields": ", ".join(fields), "at_ms": entry.logged_ms}


def _differing(draft: Draft, event: Event) -> list[str]:
    """Name what an event says otherwise than its draft, in the order of the fields."""
    wanted = {int(key): value for key, value in json.loads(draft.form).items()}
    wanted.pop(Field.SEAL, None)  # compared below, as bytes
    wanted |= {Field.LABEL_RAW: draft.label, Field.ACTOR: draft.created_by}
    seal = event.seal
    found = {key: event.fields.get(key) for key in wanted}
    names = [key for key in sorted(wanted) if found[key] != wanted[key]]
    named = [_NAMES.get(Field(key), Field(key).name.lower()) for key in names]
    return named + ([] if seal and seal[0] == draft.seal_commitment else ["seal"])


def mismatches_of(engine: sa.Engine, uid: bytes) -> list[Mismatch]:
    """List an item's mismatches, oldest first."""
    return _select(engine, _mismatch.c.uid == uid)


def open_mismatches(engine: sa.Engine, *, limit: int = 200) -> list[Mismatch]:
    """List what nobody has decided yet, oldest first."""
    return _select(engine, _mismatch.c.decided_ms.is_(None), limit=limit)


def held_uids() -> sa.Select[tuple[bytes]]:
    """Return the query of the items that wait for a decision."""
    return sa.select(_mismatch.c.uid).where(_mismatch.c.decided_ms.is_(None))


def decide_mismatch(engine: sa.Engine, uid: bytes, *, by: bytes, reason: str, now_ms: int) -> int:
    """Let an item's registration stand as it is; returns how many differences waited for it."""
    where = (_mismatch.c.uid == uid, _mismatch.c.decided_ms.is_(None))
    with writing(engine) as conn:
        values = {"decided_by": by, "decided_ms": now_ms, "reason": reason}
        return conn.execute(_mismatch.update().where(*where).values(**values)).rowcount


def _select(engine: sa.Engine, where: sa.ColumnElement[bool], *, limit: int = 200) -> list[Mismatch]:
    with reading(engine) as conn:
        rows = conn.execute(
            sa.select(_mismatch).where(where).order_by(_mismatch.c.id).limit(limit)
        ).mappings()
        return [Mismatch(**dict(row) | {"fields": tuple(row["fields"].split(", "))}) for row in rows]
