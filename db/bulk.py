"""Many rows in one call: the driver's own executemany under a Core connection, the hot path of an append.

SQLAlchemy's parameter processing costs more than the insert itself; bytes, integers and text need none.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa

from db.engine import is_sqlite
from db.hot import many
from db.schema import METADATA

__all__ = ["insert_rows"]


def insert_rows(
    conn: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]], *, upsert: bool = False
) -> None:
    """Insert rows that all have the same keys in the same order; *upsert* replaces those with the same key."""
    if rows:
        statement = _statement(table.name, tuple(rows[0]), "?" if is_sqlite(conn) else "%s", upsert=upsert)
        many(conn, statement, [tuple(row.values()) for row in rows])


@cache
def _statement(name: str, columns: tuple[str, ...], mark: str, *, upsert: bool) -> str:
    table = METADATA.tables[name]
    keys = [column.name for column in table.primary_key]
    marks = ", ".join([mark] * len(columns))
    tail = ""
    if upsert:
        values = ", ".join(f"{column} = excluded.{column}" for column in columns if column not in keys)
        tail = f" ON CONFLICT ({', '.join(keys)}) DO UPDATE SET {values}"
    return f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks}){tail}"  # noqa: S608 -- our own names
