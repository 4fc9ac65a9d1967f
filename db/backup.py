"""One consistent file of a whole database, and back: the file is an SQLite database whatever it was taken from.

So a backup can be audited where it lies, and a site can move from SQLite to PostgreSQL by one backup and one
restore. Key files are not in it: copy DATA/keys apart, to a place that is locked.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from db.engine import DATABASE_NAME, database_url_of, is_sqlite, open_engine, reading, writing
from db.errors import SiteError
from db.migrate import check_schema, upgrade
from db.schema import METADATA

__all__ = ["backup", "copy_tables", "restore"]

_ROWS = 2_000


def backup(engine: sa.Engine, file: Path) -> int:
    """Write *file*, durably and at once: a reader sees the whole backup or none.

    Returns:
        The size of the log in it.

    Raises:
        SiteError: the file exists, or the database is not at this program's schema.
    """
    if file.exists():
        raise SiteError(f"{file} exists already", hint="Backups are not overwritten: give a new name.")
    check_schema(engine)
    part = file.with_name(file.name + ".part")
    part.unlink(missing_ok=True)
    if is_sqlite(engine):
        _copy_file(engine, part)
    else:
        _copy_rows(engine, part)
    with closing(sqlite3.connect(part)) as raw:
        raw.execute("PRAGMA journal_mode=DELETE")  # one file, no -wal beside it
        size: int = raw.execute("SELECT size FROM log_state").fetchone()[0]
    with part.open("rb") as handle:
        os.fsync(handle.fileno())
    part.rename(file)
    return size


def restore(file: Path, data: Path, database_url: str | None = None) -> int:
    """Put a backup into an empty place. Does not judge it: run the audit afterwards.

    Returns:
        The size of the log restored.

    Raises:
        SiteError: the file is no backup, or the place is not empty.
    """
    _check_backup(file)
    data.mkdir(parents=True, exist_ok=True)
    target = open_engine(database_url_of(data, database_url))
    if is_sqlite(target):
        place = data / DATABASE_NAME
        if place.exists():
            raise SiteError(f"{place} exists already", hint="Restore into an empty directory, then compare.")
        shutil.copyfile(file, place)
        upgrade(target)
    else:
        upgrade(target)
        with reading(target) as conn:
            if conn.execute(sa.select(sa.func.count()).select_from(METADATA.tables["entry"])).scalar():
                raise SiteError("the database has a log already", hint="Restore into an empty database.")
        source = open_engine(f"sqlite:///{file.resolve()}")
        copy_tables(source, target)
        source.dispose()
    with reading(target) as conn:
        size: int = conn.execute(sa.select(METADATA.tables["log_state"].c.size)).scalar_one()
    target.dispose()
    return size


def copy_tables(source: sa.Engine, target: sa.Engine) -> None:
    """Copy every row of every table from one snapshot of *source* into the empty tables of *target*."""
    with reading(source) as read, writing(target) as write:
        for table in METADATA.sorted_tables:
            with read.execute(sa.select(table).execution_options(yield_per=_ROWS)) as rows:
                for chunk in rows.mappings().partitions(_ROWS):
                    write.execute(table.insert(), [dict(row) for row in chunk])
            column = table.autoincrement_column
            if column is not None and not is_sqlite(write):
                highest = write.execute(sa.select(sa.func.max(column))).scalar()
                if highest is not None:
                    sequence = sa.func.pg_get_serial_sequence(table.name, column.name)
                    write.execute(sa.select(sa.func.setval(sequence, highest)))


def _copy_file(engine: sa.Engine, part: Path) -> None:
    raw = engine.raw_connection()
    try:
        with closing(sqlite3.connect(part)) as into:
            raw.driver_connection.backup(into)  # type: ignore[union-attr]  # one step: one snapshot
    finally:
        raw.close()


def _copy_rows(engine: sa.Engine, part: Path) -> None:
    target = open_engine(f"sqlite:///{part.resolve()}")
    upgrade(target)
    copy_tables(engine, target)
    target.dispose()


def _check_backup(file: Path) -> None:
    if not file.is_file():
        raise SiteError(f"{file} is not there")
    try:
        with closing(sqlite3.connect(f"file:{file.resolve()}?mode=ro", uri=True)) as raw:
            found = raw.execute("PRAGMA quick_check").fetchone()[0]
            raw.execute("SELECT size FROM log_state").fetchone()
    except sqlite3.DatabaseError as error:
        raise SiteError(f"{file} is not a backup: {error}") from None
    if found != "ok":
        raise SiteError(f"{file} is damaged: {found}")
