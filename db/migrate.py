"""Bring a database to the newest schema, in one transaction."""

from __future__ import annotations

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from db.engine import writing
from db.errors import SiteError
from db.schema import METADATA

__all__ = ["check_schema", "differences", "downgrade", "head", "revision_of", "upgrade"]


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Run the migrations up to *revision*; does nothing where the database is there already."""
    if revision == "head" and revision_of(engine) == head():
        return
    with writing(engine) as conn:
        command.upgrade(_config(conn), revision)


def downgrade(engine: sa.Engine, revision: str) -> None:
    """Take the schema back to *revision*; the log's rows go with the log's tables."""
    with writing(engine) as conn:
        command.downgrade(_config(conn), revision)


def head() -> str:
    """Return the newest revision this program knows."""
    return ScriptDirectory.from_config(_config(None)).get_current_head() or ""


def revision_of(engine: sa.Engine) -> str | None:
    """Return the revision of a database, or None for an empty one."""
    with engine.connect() as conn:
        return MigrationContext.configure(conn).get_current_revision()


def check_schema(engine: sa.Engine) -> None:
    """Refuse a database that is older or newer than this program.

    Raises:
        SiteError: its revision is not the newest known here.
    """
    found = revision_of(engine)
    if found != head():
        raise SiteError(
            f"database schema is {found or 'empty'}, this program needs {head()}",
            hint="An older one: copy the database file, then `tram migrate`.",
        )


def differences(engine: sa.Engine) -> list[object]:
    """List how a migrated database differs from the metadata; empty is right."""
    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        return list(compare_metadata(context, METADATA))


def _config(conn: sa.Connection | None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    config.attributes["connection"] = conn
    return config
