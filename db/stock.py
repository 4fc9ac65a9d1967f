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
from db.numbered import Numbered

__all__ = ["LABELS", "Stock", "add_stock", "stock_of"]

_stock, _item = schema.label_stock, schema.item
_IS_BOUND = sa.exists().where(_item.c.uid == _stock.c.uid)


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


LABELS = Numbered(Stock, _stock, _IS_BOUND)
"""The labels of all offices: by batch, free ones, and striking off."""


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
