"""Putting the triggers of `db.triggers` on tables, and taking them away."""

from __future__ import annotations

from alembic import op

from db.triggers import FUNCTION, sqlite_triggers

__all__ = ["protect", "unprotect"]


def protect(table: str) -> None:
    """Abort UPDATE, DELETE and replacement on *table*."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tram_append_only()"
        )
        return
    for statement in sqlite_triggers(table).values():
        op.execute(statement)


def unprotect(table: str) -> None:
    """Take the triggers of *table* away again, before it is dropped."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
        return
    for name in sqlite_triggers(table):
        op.execute(f"DROP TRIGGER {name}")
