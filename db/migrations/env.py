"""Alembic's entry: runs on the connection handed in by `db.migrate`, never on one of its own."""

from __future__ import annotations

from alembic import context

from db.schema import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    transactional_ddl=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
