"""How the tables are written down: kinds of columns, and names of constraints."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

__all__ = ["METADATA", "big", "binary", "integer", "serial", "table", "text"]

METADATA = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    },
)
_Big = sa.BigInteger().with_variant(sa.Integer, "sqlite")  # SQLite: only INTEGER is the rowid


def big(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    """Return a column of 64-bit integers."""
    return sa.Column(name, _Big, primary_key=key, autoincrement=False, nullable=null and not key)


def integer(name: str, *, null: bool = False, key: bool = False) -> sa.Column[int]:
    """Return a column of integers."""
    return sa.Column(name, sa.Integer, primary_key=key, autoincrement=False, nullable=null and not key)


def binary(name: str, *, null: bool = False, key: bool = False) -> sa.Column[bytes]:
    """Return a column of bytes."""
    return sa.Column(name, sa.LargeBinary, primary_key=key, nullable=null and not key)


def text(name: str, *, null: bool = False, key: bool = False) -> sa.Column[str]:
    """Return a column of text."""
    return sa.Column(name, sa.Text, primary_key=key, nullable=null and not key)


def serial() -> sa.Column[int]:
    """Return a column `id` that numbers rows by itself."""
    return sa.Column("id", _Big, primary_key=True, autoincrement=True)


def table(name: str, *columns: Any, rowid: bool = True) -> sa.Table:
    """Return a table; in SQLite without rowids where its key is all that it is found by."""
    return sa.Table(name, METADATA, *columns, sqlite_with_rowid=rowid)
