"""Cosignatures of witnesses, kept beside the checkpoints they are of."""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from custody.note import NoteKey, add_lines
from custody.quorum import TrustPolicy
from db import schema
from db.engine import writing
from db.store import CheckpointRow, lock_state

__all__ = ["COUNT", "add_cosignature", "cosigned_note", "largest_by", "newest_cosigned", "written"]

COUNT: Final = "cosignatures"
"""Setting: how many rows were ever written, so that a missing one is missed."""
_row, _checkpoint, _setting = schema.cosignature, schema.checkpoint, schema.setting
_LOOKED_AT: Final = 200  # newest cosigned sizes among which a quorum is looked for


def written(conn: sa.Connection) -> int:
    """Return how many cosignatures were ever stored."""
    value = conn.execute(sa.select(_setting.c.value).where(_setting.c.name == COUNT)).scalar()
    return int(value) if value and value.isdigit() else 0


def add_cosignature(engine: sa.Engine, size: int, key: NoteKey, line: str) -> None:
    """Store a cosignature that was verified; a second one by the same witness of the same size is dropped."""
    with writing(engine) as conn:
        lock_state(conn)  # several witnesses may answer at once
        query = sa.select(_row.c.n).where(_row.c.size == size, _row.c.witness == key.vkey)
        if conn.execute(query).first():
            return
        n = written(conn) + 1
        conn.execute(_row.insert(), [{"size": size, "witness": key.vkey, "line": line, "n": n}])
        conn.execute(_setting.delete().where(_setting.c.name == COUNT))
        conn.execute(_setting.insert(), [{"name": COUNT, "value": str(n)}])


def largest_by(conn: sa.Connection, key: NoteKey) -> int:
    """Return the largest size that a witness has cosigned, 0 for none."""
    return conn.execute(sa.select(sa.func.max(_row.c.size)).where(_row.c.witness == key.vkey)).scalar() or 0


def cosigned_note(conn: sa.Connection, size: int, note: str) -> str:
    """Return the checkpoint *note* of *size* with every cosignature there is of it."""
    query = sa.select(_row.c.line).where(_row.c.size == size).order_by(_row.c.n)
    return add_lines(note, conn.execute(query).scalars())


def newest_cosigned(conn: sa.Connection, policy: TrustPolicy | None = None) -> CheckpointRow | None:
    """Return the newest checkpoint that is cosigned, and by enough of them where a *policy* says so, or None.

    Its note bears the cosignatures.
    """
    names = {one.key.vkey: one.name for one in policy.witnesses.values()} if policy else {}
    signed: dict[int, set[str]] = {}
    sizes = sa.select(_row.c.size).distinct().order_by(_row.c.size.desc()).limit(_LOOKED_AT)
    for row in conn.execute(sa.select(_row.c.size, _row.c.witness).where(_row.c.size.in_(sizes))):
        signed.setdefault(row.size, set()).add(names.get(row.witness, ""))
    for size in sorted(signed, reverse=True):
        if policy is None or policy.is_met(signed[size]):
            found = conn.execute(sa.select(_checkpoint).where(_checkpoint.c.size == size)).first()
            if found:
                return CheckpointRow(
                    found.size, found.root, cosigned_note(conn, size, found.note), found.time_ms
                )
    return None
