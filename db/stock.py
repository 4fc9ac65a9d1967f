"""Labels printed in advance: each office's list of numbers that are taken but not yet bound to an item.

Whether one is bound is what the log says (a REGISTER or CLOSE of its uid), not a column; what is lost or spoilt is
struck off here with who, when and why, and stays in the list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from db import schema
from db.engine import reading, writing

__all__ = ["Batch", "Stock", "add_stock", "batches_of", "free_of", "stock_of", "void_stock"]

_stock, _item = schema.label_stock, schema.item
_IS_BOUND = sa.exists().where(_item.c.uid == _stock.c.uid)
_IS_FREE = (_stock.c.void_ms.is_(None), ~_IS_BOUND)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """One label printed in advance.

    Attributes:
        uid: 8 bytes.
        number: S10.
        label: 92 bytes, seal commitment zero.
        office: code of the office that may bind it.
        batch: number of the first label made in the same go.
        created_by: person id.
        void_by: who struck it off, or None.
        reason: why.
    """

    uid: bytes
    number: str
    label: bytes
    office: int
    batch: str
    created_by: bytes
    created_ms: int
    void_by: bytes | None = None
    void_ms: int | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Labels made in one go, counted: all, bound to an item, struck off, and still to be used."""

    batch: str
    last: str
    created_by: bytes
    created_ms: int
    count: int
    bound: int
    void: int

    @property
    def free(self) -> int:
        """How many can still be bound."""
        return self.count - self.bound - self.void


def add_stock(engine: sa.Engine, labels: Iterable[Stock]) -> None:
    """Store labels that are about to be printed."""
    with writing(engine) as conn:
        conn.execute(_stock.insert(), [asdict(label) for label in labels])


def stock_of(engine: sa.Engine, number: str) -> tuple[Stock, bool] | None:
    """Return the label of a number printed in advance and whether it is bound to an item, or None."""
    with reading(engine) as conn:
        query = sa.select(_stock, _IS_BOUND.label("is_bound")).where(_stock.c.number == number)
        row = conn.execute(query).mappings().first()
    if row is None:
        return None
    values = dict(row)
    is_bound = bool(values.pop("is_bound"))
    return Stock(**values), is_bound


def batches_of(engine: sa.Engine, office: int, *, limit: int = 100) -> list[Batch]:
    """List an office's batches, newest first."""
    is_bound = sa.case((_IS_BOUND, 1), else_=0)
    is_void = sa.case((sa.and_(_stock.c.void_ms.is_not(None), ~_IS_BOUND), 1), else_=0)
    inner = (
        sa.select(
            _stock.c.batch,
            _stock.c.number,
            _stock.c.created_by,
            _stock.c.created_ms,
            is_bound.label("is_bound"),
            is_void.label("is_void"),
        )
        .where(_stock.c.office == office)
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
        return [
            Batch(**dict(row) | {"bound": int(row["bound"]), "void": int(row["void"])})
            for row in conn.execute(query).mappings()
        ]


def free_of(engine: sa.Engine, office: int, batch: str) -> list[Stock]:
    """List a batch's labels that are neither bound nor struck off, by number; of another office none."""
    where = (_stock.c.office == office, _stock.c.batch == batch, *_IS_FREE)
    with reading(engine) as conn:
        rows = conn.execute(sa.select(_stock).where(*where).order_by(_stock.c.number)).mappings()
        return [Stock(**dict(row)) for row in rows]


def void_stock(
    engine: sa.Engine, office: int, first: str, last: str, *, by: bytes, reason: str, now_ms: int
) -> list[str]:
    """Strike off an office's free labels from one number to another, both included; return those struck off."""
    where = (_stock.c.office == office, _stock.c.number.between(first, last), *_IS_FREE)
    with writing(engine) as conn:
        numbers = list(conn.scalars(sa.select(_stock.c.number).where(*where).order_by(_stock.c.number)))
        if numbers:
            values = {"void_by": by, "void_ms": now_ms, "reason": reason}
            conn.execute(_stock.update().where(*where).values(**values))
        return numbers
