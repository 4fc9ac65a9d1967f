"""The audit's first look: is each value of the kind its column says, and are the append-only triggers there?

SQLite stores what it is given: a text in a column of bytes would later be compared, sorted and hashed as if it were
bytes. So kinds come first, and nothing else is asked of a database in which one is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa

from db import schema
from db.audit_rows import Problem, show
from db.engine import is_sqlite
from db.triggers import stored_triggers, triggers_of

__all__ = ["check_kinds", "check_triggers"]

_NAMED = 200  # rows named at most, a table


def check_kinds(conn: sa.Connection) -> Iterator[Problem]:
    """Name each row of the log and the views with a value of another kind than its column's (SQLite only)."""
    if not is_sqlite(conn):
        return
    for table in (*schema.LOG_TABLES, *schema.VIEW_TABLES):
        columns = list(table.c)
        kinds = [sa.func.typeof(column) for column in columns]
        wrong = sa.or_(*(kind.not_in(_allowed(c)) for kind, c in zip(kinds, columns, strict=True)))
        keys = [sa.func.quote(column) for column in table.primary_key]
        for row in conn.execute(sa.select(*keys, *kinds).where(wrong).limit(_NAMED)):
            names = [column.name for column in table.primary_key]
            where = ", ".join(f"{k}={v}" for k, v in zip(names, row[: len(keys)], strict=True))
            for column, kind in zip(columns, row[len(keys) :], strict=True):
                if kind not in _allowed(column):
                    detail = f"{column.name} is stored as {kind}, not as {_allowed(column)[0]}"
                    yield Problem(table.name, where, "M07" if table in schema.LOG_TABLES else "M11", detail)


def _allowed(column: sa.Column[object]) -> tuple[str, ...]:
    kind = "blob" if isinstance(column.type, sa.LargeBinary) else "text"
    if isinstance(column.type, (sa.Integer, sa.BigInteger)):
        kind = "integer"
    return (kind, "null") if column.nullable else (kind,)


def check_triggers(conn: sa.Connection) -> Iterator[Problem]:
    """Name each append-only trigger that is missing, switched off or another than the one we made."""
    found = stored_triggers(conn)
    for name, (table, wanted) in triggers_of(conn.dialect.name).items():
        if name not in found:
            yield Problem(table, f"trigger {name}", "M11", "is missing: rows could be changed or deleted")
        elif found[name] != wanted:
            yield Problem(table, f"trigger {name}", "M11", f"is another one: {show(found[name])}")
