"""The tables: what may be changed, what may never be there."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from db import migrate
from db.engine import is_sqlite, reading, writing
from db.errors import SiteError
from db.schema import METADATA
from db.triggers import APPEND_ONLY

ROWS = {
    "entry": {"idx": 0, "id": b"i", "body": b"b", "type": 1, "kid": b"k", "t_claim": 1, "t_int": 1},
    "checkpoint": {"size": 1, "root": b"r", "note": "n", "time_ms": 1},
    "tile": {"level": 0, "n": 0, "hashes": b"h"},
    "cosignature": {"size": 1, "witness": "w", "line": "l", "n": 1},
    "refused": {"hash": b"h", "code": "E01", "reason": "r", "at_ms": 1, "body": b"b"},
    "access_log": {"action": "look", "subject": "ZK000000005VN", "at_ms": 1},
    "scan_attempt": {"text": "", "outcome": "forged", "at_ms": 1},
    "print_log": {"uid": b"u", "instance": 0, "format": "pdf", "reason": "r", "by": b"p", "at_ms": 1},
}


def test_migrations_lead_to_the_metadata(engine: sa.Engine) -> None:
    """Head equals the tables that the code uses, column by column and index by index."""
    migrate.upgrade(engine)

    assert migrate.differences(engine) == []
    assert migrate.revision_of(engine) == migrate.head()


def test_migrations_go_down_and_up_again(engine: sa.Engine) -> None:
    """A schema taken back leaves nothing behind, triggers included."""
    migrate.upgrade(engine)
    migrate.downgrade(engine, "base")

    with engine.connect() as conn:
        assert set(sa.inspect(conn).get_table_names()) == {"alembic_version"}
    migrate.upgrade(engine)
    assert migrate.differences(engine) == []


def test_an_older_database_is_refused(engine: sa.Engine) -> None:
    """A program that does not know a schema must not write to it."""
    with pytest.raises(SiteError, match="schema is empty"):
        migrate.check_schema(engine)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize("verb", ["update", "delete", "replace"])
def test_the_log_is_append_only(engine: sa.Engine, table: str, verb: str) -> None:
    """UPDATE, DELETE and replacement abort, whoever tries."""
    migrate.upgrade(engine)
    row = ROWS[table]
    target = METADATA.tables[table]
    with writing(engine) as conn:
        conn.execute(target.insert(), [row])
    column = next(iter(row))
    replace = "INSERT OR REPLACE INTO {t} SELECT * FROM {t}" if is_sqlite(engine) else "TRUNCATE {t}"
    statements = {"update": "UPDATE {t} SET {c} = {c}", "delete": "DELETE FROM {t}", "replace": replace}

    with pytest.raises(sa.exc.DBAPIError, match="append-only"), writing(engine) as conn:
        conn.exec_driver_sql(statements[verb].format(t=table, c=column))
    with reading(engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(target)).scalar() == 1


def test_no_table_has_room_for_content() -> None:
    """No content, abstract or title of a document is stored anywhere (A3, E7)."""
    words = (
        "content",
        "abstract",
        "subject_line",
        "summary",
        "trich_yeu",
        "noi_dung",
        "title",
        "image",
        "photo",
    )
    names = {f"{table.name}.{column.name}" for table in METADATA.sorted_tables for column in table.c}

    assert not {name for name in names if any(word in name for word in words)}
