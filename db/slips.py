"""Paper slips: numbers printed in advance by an office, and what was later recorded from one.

The log has only the digest of a record, in the event that was signed for it: names on a slip are personal data and
can be erased. A slip is used once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from db import schema
from db.engine import reading, writing
from db.numbered import Numbered

__all__ = [
    "SLIPS",
    "Slip",
    "add_slips",
    "bind_slip",
    "slip_of",
    "slips_on",
]

_slip = schema.slip


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """One numbered slip.

    Attributes:
        number: as `kt1.slips` makes it.
        office: code of the office that printed it.
        batch: number of the first slip taken in the same go.
        void_by: who struck it off, or None; *reason* says why.
        uid: item that it was used for, or None while it is free.
        digest: SHA-256 of *record*, as ATTACH of the signed event has it.
        record: JSON, exactly as the digest covers it: names and time that stand on the slip.
        bound_by: person id of who recorded it.
    """

    number: str
    office: int
    batch: str
    created_by: bytes
    created_ms: int
    void_by: bytes | None = None
    void_ms: int | None = None
    reason: str | None = None
    uid: bytes | None = None
    digest: bytes | None = None
    record: str | None = None
    bound_by: bytes | None = None
    bound_ms: int | None = None

    @property
    def is_free(self) -> bool:
        """Whether it may still be used."""
        return self.void_ms is None and self.uid is None


SLIPS = Numbered(Slip, _slip, _slip.c.uid.is_not(None))
"""The slips of all offices: by batch, free ones, and striking off."""


def add_slips(engine: sa.Engine, slips: Iterable[Slip]) -> None:
    """Store slips that are about to be printed."""
    with writing(engine) as conn:
        conn.execute(_slip.insert(), [asdict(slip) for slip in slips])


def slip_of(engine: sa.Engine, number: str) -> Slip | None:
    """Return the slip of a number, or None."""
    with reading(engine) as conn:
        row = conn.execute(sa.select(_slip).where(_slip.c.number == number)).mappings().first()
    return Slip(**row) if row else None


def slips_on(engine: sa.Engine, uid: bytes) -> list[Slip]:
    """List the slips recorded for an item, oldest first."""
    with reading(engine) as conn:
        query = sa.select(_slip).where(_slip.c.uid == uid).order_by(_slip.c.bound_ms, _slip.c.number)
        return [Slip(**row) for row in conn.execute(query).mappings()]


def bind_slip(
    engine: sa.Engine, number: str, *, uid: bytes, digest: bytes, record: str, by: bytes, now_ms: int
) -> bool:
    """Use a free slip for an item; the same record once more is harmless. False where it is used or struck off."""
    values = {"uid": uid, "digest": digest, "record": record, "bound_by": by, "bound_ms": now_ms}
    with writing(engine) as conn:
        done = conn.execute(_slip.update().where(_slip.c.number == number, SLIPS.is_free).values(**values))
        if done.rowcount:
            return True
        kept = conn.execute(sa.select(_slip.c.uid, _slip.c.digest).where(_slip.c.number == number)).first()
        return kept is not None and (kept.uid, kept.digest) == (uid, digest)
