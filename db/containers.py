"""What the views say of containers: which one something is in, and what was put into one."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from db import schema
from db.engine import reading

__all__ = ["Content", "contents", "number_of"]

_item, _stay = schema.item, schema.stay


@dataclass(frozen=True, slots=True)
class Content:
    """One thing that was put into a container: its number, and whether it still is inside."""

    number: str
    is_inside: bool


def number_of(engine: sa.Engine, container: bytes | None) -> str:
    """Return a container's number, or "" where there is none."""
    if container is None:
        return ""
    with reading(engine) as conn:
        return conn.execute(sa.select(_item.c.number).where(_item.c.uid == container)).scalar() or ""


def contents(engine: sa.Engine, container: bytes) -> list[Content]:
    """Return what was ever loaded into a container, by number."""
    loaded = sa.select(_stay.c.uid).where(_stay.c.container == container)
    query = sa.select(_item.c.number, _item.c.container).where(_item.c.uid.in_(loaded))
    with reading(engine) as conn:
        rows = conn.execute(query.order_by(_item.c.number)).all()
    return [Content(row.number, row.container == container) for row in rows]
