"""Triggers that make a table append-only, on SQLite and on PostgreSQL: as they are made, and as they should be.

They stop a mistake and a careless hand, not a person who may drop triggers: for that one there is the audit, which
compares what is there with what is made here. SQLite's INSERT OR REPLACE deletes without firing delete triggers,
so an insert over an existing key is stopped too.
"""

from __future__ import annotations

from typing import Final

import sqlalchemy as sa

from db.engine import is_sqlite

__all__ = ["APPEND_ONLY", "FUNCTION", "sqlite_triggers", "stored_triggers", "triggers_of"]

APPEND_ONLY: Final[dict[str, tuple[tuple[str, ...], ...]]] = {  # table -> every unique key of it
    "entry": (("idx",), ("id",)),
    "checkpoint": (("size",),),
    "tile": (("level", "n"),),
    "cosignature": (("size", "witness"), ("n",)),
    "refused": (("id",),),
    "access_log": (("id",),),
    "scan_attempt": (("id",),),
    "print_log": (("id",),),
}
FUNCTION: Final = """
CREATE OR REPLACE FUNCTION tram_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""
_ON: Final = "enabled"
_SQLITE = sa.text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
_POSTGRESQL = sa.text(
    "SELECT t.tgname, t.tgenabled IN ('O', 'A') AND p.proname = 'tram_append_only' AND t.tgtype & 58 = 58 "
    "AND p.prosrc LIKE '%RAISE EXCEPTION%' "
    "FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE NOT t.tgisinternal"
)


def sqlite_triggers(table: str) -> dict[str, str]:
    """Return the statements that make *table* append-only on SQLite, by the trigger's name."""
    same = (" AND ".join(f"{column} = NEW.{column}" for column in key) for key in APPEND_ONLY[table])
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in same)  # noqa: S608 -- our names
    return {
        f"{table}_no_{name}": (
            f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        for name, event, when in (
            ("update", "UPDATE", ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", f"WHEN {taken} "),
        )
    }


def triggers_of(dialect: str) -> dict[str, tuple[str, str]]:
    """Return every trigger that a database must have: name -> (table, what `stored_triggers` says of it)."""
    if dialect == "sqlite":
        return {n: (table, sql) for table in APPEND_ONLY for n, sql in sqlite_triggers(table).items()}
    return {f"{table}_append_only": (table, _ON) for table in APPEND_ONLY}


def stored_triggers(conn: sa.Connection) -> dict[str, str]:
    """Return the triggers that a database has: name -> its statement, or whether it stands in the way."""
    if is_sqlite(conn):
        return {name: " ".join(sql.split()) for name, sql in conn.execute(_SQLITE)}
    return {name: _ON if works else "without effect" for name, works in conn.execute(_POSTGRESQL)}
