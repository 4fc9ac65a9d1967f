"""The few statements of every append, on SQLite by the driver itself: they run once a commit, for everybody who waits.

SQLAlchemy's preparation of a statement costs more than SQLite's execution of it. Only inside `writing`, where the
transaction has begun; errors are those of SQLAlchemy.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from functools import cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite

from db.engine import is_sqlite

__all__ = ["many", "run"]

_DIALECT = sqlite.dialect()


def run(conn: sa.Connection, statement: sa.Executable, values: dict[str, Any]) -> tuple[Sequence[Any], int]:
    """Execute one statement; returns its rows, as tuples, and how many rows it changed.

    Args:
        conn: inside `writing`.
        statement: a constant of its module: it is compiled once.
        values: one for each bound parameter; a list for an expanding one.
    """
    if not is_sqlite(conn):
        result = conn.execute(statement, values)
        return (result.all() if result.returns_rows else ()), result.rowcount
    values = {name: _padded(value) if isinstance(value, list) else value for name, value in values.items()}
    sizes = tuple((name, len(value)) for name, value in values.items() if isinstance(value, list))
    text, names, fixed = _compiled(statement, sizes)
    flat: list[Any] = []
    for name in names:
        value = values[name] if name in values else fixed[name]
        flat.extend(value if isinstance(value, list) else (value,))
    cursor = _call(conn, text, flat, many=False)
    return cursor.fetchall(), cursor.rowcount


def many(conn: sa.Connection, text: str, rows: Sequence[tuple[Any, ...]]) -> None:
    """Execute a statement of the driver's own form for each of many rows."""
    if is_sqlite(conn):
        _call(conn, text, rows, many=True)
    else:
        conn.exec_driver_sql(text, list(rows))


def _call(conn: sa.Connection, text: str, values: Sequence[Any], *, many: bool) -> sqlite3.Cursor:
    raw: Any = conn.connection.dbapi_connection
    try:
        found: sqlite3.Cursor = raw.executemany(text, values) if many else raw.execute(text, values)
    except sqlite3.Error as error:
        raise sa.exc.DBAPIError.instance(text, None, error, sqlite3.Error, dialect=conn.dialect) from error
    return found


@cache
def _compiled(
    statement: sa.Executable, sizes: tuple[tuple[str, int], ...]
) -> tuple[str, tuple[str, ...], dict[str, Any]]:
    """Return the text with as many question marks as lists are long, the parameters in order, and fixed values."""
    compiled: Any = statement.compile(dialect=_DIALECT)  # type: ignore[attr-defined]
    text = str(compiled)
    for name, size in sizes:
        text = text.replace(f"(__[POSTCOMPILE_{name}])", "(" + ", ".join("?" * size) + ")")
    return text, tuple(compiled.positiontup), dict(compiled.params)


def _padded(values: list[Any]) -> list[Any]:
    """Repeat the last value of an IN list up to a power of two, so that there are few different statements."""
    return values + values[-1:] * ((1 << (len(values) - 1).bit_length()) - len(values)) if values else values
