"""Numbers that an office takes and prints before they are needed: counted by batch, listed, struck off.

Labels (`db.stock`) and paper slips (`db.slips`) are such; they differ in their columns and in when one is used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import sqlalchemy as sa

from db.engine import reading, writing

__all__ = ["Batch", "Numbered"]

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Numbers taken in one go, counted: all, used (*bound*), struck off (*void*), and still to be used."""

    batch: str
    last: str
    created_by: bytes
    created_ms: int
    count: int
    bound: int
    void: int

    @property
    def free(self) -> int:
        """How many can still be used."""
        return self.count - self.bound - self.void


@dataclass(frozen=True, slots=True)
class Numbered(Generic[_T]):
    """A table with number, office, batch, created_by, created_ms, void_by, void_ms and reason.

    Attributes:
        row: makes one of the columns of its row.
        table: where they are.
        is_bound: whether one is used.
    """

    row: Callable[..., _T]
    table: sa.Table
    is_bound: sa.ColumnElement[bool]

    @property
    def is_free(self) -> sa.ColumnElement[bool]:
        """Whether one is neither used nor struck off."""
        return sa.and_(self.table.c.void_ms.is_(None), sa.not_(self.is_bound))

    def batches(self, engine: sa.Engine, office: int, *, limit: int = 100) -> list[Batch]:
        """List an office's batches, newest first."""
        columns, is_void = self.table.c, sa.and_(self.table.c.void_ms.is_not(None), sa.not_(self.is_bound))
        inner = (
            sa.select(
                *(columns.batch, columns.number, columns.created_by, columns.created_ms),
                sa.case((self.is_bound, 1), else_=0).label("is_bound"),
                sa.case((is_void, 1), else_=0).label("is_void"),
            )
            .where(columns.office == office)
            .subquery()
        )
        query = (
            sa.select(
                inner.c.batch,
                sa.func.max(inner.c.number).label("last"),
                inner.c.created_by,
                sa.func.max(inner.c.created_ms).label("created_ms"),
                sa.func.count().label("count"),
                sa.func.sum(inner.c.is_bound).label("bound"),
                sa.func.sum(inner.c.is_void).label("void"),
            )
            .group_by(inner.c.batch, inner.c.created_by)
            .order_by(sa.desc("created_ms"), sa.desc("batch"))
            .limit(limit)
        )
        with reading(engine) as conn:
            rows = [dict(row) for row in conn.execute(query).mappings()]
        return [Batch(**row | {"bound": int(row["bound"]), "void": int(row["void"])}) for row in rows]

    def free(self, engine: sa.Engine, office: int, batch: str) -> list[_T]:
        """List what is free of a batch, by number; of another office none."""
        columns = self.table.c
        where = (columns.office == office, columns.batch == batch, self.is_free)
        with reading(engine) as conn:
            query = sa.select(self.table).where(*where).order_by(columns.number)
            return [self.row(**dict(row)) for row in conn.execute(query).mappings()]

    def void(
        self, engine: sa.Engine, office: int, first: str, last: str, *, by: bytes, reason: str, now_ms: int
    ) -> int:
        """Strike off an office's free numbers from one to another, both included; return how many."""
        columns = self.table.c
        where = (columns.office == office, columns.number.between(first, last), self.is_free)
        values = {"void_by": by, "void_ms": now_ms, "reason": reason}
        with writing(engine) as conn:
            return int(conn.execute(self.table.update().where(*where).values(**values)).rowcount)
