"""Signatures drawn on a courier's screen: the weakest proof of delivery, kept beside the log, which has their digest.

A drawing is personal data: it can be erased, and then the digest in the log says only that there was one.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa

from db import schema
from db.engine import reading, writing

__all__ = ["Glass", "erase_glass", "glass_of", "keep_glass"]

_glass = schema.glass


@dataclass(frozen=True, slots=True, kw_only=True)
class Glass:
    """What was signed on a screen at one delivery.

    Attributes:
        digest: SHA-256 of the drawing, as ATTACH of the DELIVER has it.
        uid: 8 bytes, of the item.
        drawing: JSON, exactly as the digest covers it: the name that was given, and strokes.
        kept_by: person id of the courier.
    """

    digest: bytes
    uid: bytes
    drawing: str
    kept_by: bytes
    at_ms: int


def keep_glass(engine: sa.Engine, one: Glass) -> None:
    """Store a drawing; once more is harmless."""
    with writing(engine) as conn:
        if conn.execute(sa.select(_glass.c.digest).where(_glass.c.digest == one.digest)).first() is None:
            conn.execute(_glass.insert(), [asdict(one)])


def glass_of(engine: sa.Engine, uid: bytes) -> list[Glass]:
    """List what was signed on a screen for an item, oldest first."""
    with reading(engine) as conn:
        rows = conn.execute(sa.select(_glass).where(_glass.c.uid == uid).order_by(_glass.c.at_ms)).mappings()
        return [Glass(**row) for row in rows]


def erase_glass(engine: sa.Engine, digest: bytes) -> None:
    """Erase a drawing; its digest in the log stays."""
    with writing(engine) as conn:
        conn.execute(_glass.delete().where(_glass.c.digest == digest))
