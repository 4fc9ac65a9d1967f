"""Triggers that make a table append-only, on SQLite and on PostgreSQL.

They stop a mistake and a careless hand, not a person who may drop triggers: for that one there is the audit.
SQLite's INSERT OR REPLACE deletes without firing delete triggers, so an insert over an existing key is
stopped too.
"""

from __future__ import annotations

from alembic import op

__all__ = ["protect", "unprotect"]

_FUNCTION = """
CREATE OR REPLACE FUNCTION tram_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$
"""


def protect(table: str, keys: tuple[tuple[str, ...], ...]) -> None:
    """Abort UPDATE, DELETE and replacement on *table*.

    Args:
        table: its name.
        keys: every unique key of the table, as column names.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.execute(_FUNCTION)
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tram_append_only()"
        )
        return
    same = (" AND ".join(f"{column} = NEW.{column}" for column in key) for key in keys)
    taken = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {key})" for key in same)  # noqa: S608 -- our names
    for name, event in (("update", "UPDATE"), ("delete", "DELETE"), ("replace", "INSERT")):
        when = f"WHEN {taken}" if name == "replace" else ""
        op.execute(
            f"CREATE TRIGGER {table}_no_{name} BEFORE {event} ON {table} {when} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )


def unprotect(table: str) -> None:
    """Take the triggers of *table* away again, before it is dropped."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        return
    for verb in ("update", "delete", "replace"):
        op.execute(f"DROP TRIGGER {table}_no_{verb}")
