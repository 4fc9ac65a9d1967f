"""One consistent file of a whole database, and back: the file is an SQLite database whatever it was taken from.

So a backup can be audited where it lies, and a site can move from SQLite to PostgreSQL by one backup and one
restore. Key files are not in it: copy DATA/keys apart, to a place that is locked.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import sqlalchemy as sa

from custody.checkpoint import Checkpoint
from custody.merkle import Frontier
from db.desk import ACCEPTED_LOSS, log_access, put_setting
from db.engine import DATABASE_NAME, database_url_of, is_sqlite, open_engine, reading, writing
from db.errors import SiteError
from db.kept import KeptCheckpoint
from db.migrate import check_schema, upgrade
from db.private import make_file, make_private
from db.schema import METADATA
from db.store import entry_rows, last_checkpoint

__all__ = ["Restored", "backup", "copy_tables", "restore"]

_ROWS = 2_000
_WHICH = "Name a file that `tram backup` wrote."


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
    make_file(part)
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


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore came to.

    Attributes:
        size: entries in the log now.
        lost: entries that this site had signed and the backup does not have.
        is_rewritten: the backup differs from what this site signed, besides being shorter or not.
        aside: where the newer checkpoint lies, or None where nothing was lost.
    """

    size: int
    lost: int = 0
    is_rewritten: bool = False
    aside: Path | None = None


def restore(
    file: Path, data: Path, database_url: str | None = None, *, now_ms: int, accept_loss: bool = False
) -> Restored:
    """Put a backup into an empty place. Does not judge it: run the audit afterwards.

    Args:
        file: from `backup`.
        data: the site's directory. Where its `last-checkpoint` is, the backup is compared with it.
        database_url: an empty PostgreSQL instead of a file in *data*.
        now_ms: the time at which a loss is written down, unix ms UTC.
        accept_loss: go on although the backup lacks entries that were signed.

    Raises:
        SiteError: the file is no backup, the place is not empty, or entries would be lost.
        LedgerError: `last-checkpoint` is not a checkpoint.
    """
    _check_backup(file)
    kept = KeptCheckpoint(data)
    source = open_engine(f"sqlite:///{file.resolve()}")
    try:
        found = _compare(source, kept.claim())
        if (found.lost or found.is_rewritten) and not accept_loss:
            raise SiteError(
                _said(found), hint="Look for a newer backup; --accept-loss goes on from this one."
            )
        _fill(source, file, data, database_url)
    finally:
        source.dispose()
    target = open_engine(database_url_of(data, database_url))
    if found.lost or found.is_rewritten:
        found = replace(found, aside=kept.put_aside())
        log_access(target, person=None, action="restore-loss", subject=_said(found), at_ms=now_ms)
        put_setting(target, ACCEPTED_LOSS, str(found.size + found.lost))  # its witnesses know what is gone
    with reading(target) as conn:
        newest = last_checkpoint(conn)
    target.dispose()
    if newest is not None:
        kept.replace(newest.note)
    return found


def _said(found: Restored) -> str:
    if found.is_rewritten:
        return f"the backup of {found.size} entries is not of the log that this site signed"
    return f"the backup ends at {found.size} entries: {found.lost} that this site signed are not in it"


def _compare(source: sa.Engine, claim: Checkpoint | None) -> Restored:
    """Say what a backup lacks of what was signed."""
    with reading(source) as conn:
        size = conn.execute(sa.select(METADATA.tables["log_state"].c.size)).scalar_one()
        if claim is None:
            return Restored(size)
        if claim.size > size:
            return Restored(size, lost=claim.size - size)
        frontier = Frontier()
        for row in entry_rows(conn, 0, claim.size):
            frontier.append(row.id)
    is_same = claim.size == 0 or (frontier.size == claim.size and frontier.root() == claim.root)
    return Restored(size, is_rewritten=not is_same)


def _fill(source: sa.Engine, file: Path, data: Path, database_url: str | None) -> None:
    target = open_engine(database_url_of(data, database_url))
    try:
        if is_sqlite(target):
            place = data / DATABASE_NAME
            if place.exists():
                raise SiteError(
                    f"{place} exists already", hint="Move it away, then restore; compare the two afterwards."
                )
            make_private(data, place)
            shutil.copyfile(file, place)
            upgrade(target)
            return
        make_private(data, None)
        upgrade(target)
        with reading(target) as conn:
            if conn.execute(sa.select(sa.func.count()).select_from(METADATA.tables["entry"])).scalar():
                raise SiteError("the database has a log already", hint="Restore into an empty database.")
        copy_tables(source, target)
    finally:
        target.dispose()


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
        raise SiteError(f"{file} is not there", hint=_WHICH)
    try:
        with closing(sqlite3.connect(f"file:{file.resolve()}?mode=ro", uri=True)) as raw:
            found = raw.execute("PRAGMA quick_check").fetchone()[0]
            raw.execute("SELECT size FROM log_state").fetchone()
    except sqlite3.DatabaseError as error:
        raise SiteError(f"{file} is not a backup: {error}", hint=_WHICH) from None
    if found != "ok":
        raise SiteError(f"{file} is damaged: {found}", hint="Take another copy of it, or an older backup.")
