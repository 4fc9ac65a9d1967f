"""Rows of the log: what one append writes, and what readers fetch. No judgement, no locks, no memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import sqlalchemy as sa

from custody.event import Entry
from db import schema
from db.bulk import insert_rows
from db.engine import is_sqlite
from db.errors import AppendError, LedgerError
from db.hot import run

__all__ = [
    "CheckpointRow",
    "EntryRow",
    "LogState",
    "bodies",
    "entry_rows",
    "find",
    "last_checkpoint",
    "lock_state",
    "read_state",
    "swap_state",
    "tile_of",
    "write_checkpoint",
    "write_entries",
    "write_tiles",
]

_entry, _state, _tile, _checkpoint = schema.entry, schema.log_state, schema.tile, schema.checkpoint
_CHUNK = 5_000
_READ_STATE = sa.select(_state.c.size, _state.c.root, _state.c.epoch).where(_state.c.id == 1)
_LOCK_STATE = _READ_STATE.with_for_update()
_FIND = sa.select(_entry.c.id, _entry.c.idx).where(_entry.c.id.in_(sa.bindparam("ids", expanding=True)))
_RANGE = (
    sa.select(_entry.c.idx, _entry.c.id, _entry.c.body, _entry.c.t_int)
    .where(_entry.c.idx >= sa.bindparam("start"), _entry.c.idx < sa.bindparam("stop"))
    .order_by(_entry.c.idx)
)
_SWAP = (
    sa.update(_state)
    .where(_state.c.id == 1, _state.c.epoch == sa.bindparam("was"))
    .values(size=sa.bindparam("new_size"), root=sa.bindparam("new_root"), epoch=sa.bindparam("now"))
)
_INSERT_TILE = sa.insert(_tile)
_INSERT_CHECKPOINT = sa.insert(_checkpoint)
_LAST_CHECKPOINT = sa.select(_checkpoint).order_by(_checkpoint.c.size.desc()).limit(1)


class LogState(NamedTuple):
    """The one row that every append swaps."""

    size: int
    root: bytes
    epoch: int


class EntryRow(NamedTuple):
    """An entry as stored."""

    idx: int
    id: bytes
    body: bytes
    t_int: int


class CheckpointRow(NamedTuple):
    """A checkpoint as stored."""

    size: int
    root: bytes
    note: str
    time_ms: int


def read_state(conn: sa.Connection) -> LogState:
    """Return the log's state.

    Raises:
        LedgerError: the row is missing: nobody made this log, or somebody removed it.
    """
    row = conn.execute(_READ_STATE).first()
    if row is None:
        raise LedgerError("log_state has no row")
    return LogState(*row)


def lock_state(conn: sa.Connection) -> LogState:
    """Return the log's state, held until the transaction ends (SQLite holds it since BEGIN IMMEDIATE)."""
    rows, _count = run(conn, _READ_STATE if is_sqlite(conn) else _LOCK_STATE, {})
    if not rows:
        raise LedgerError("log_state has no row")
    return LogState(*rows[0])


def swap_state(conn: sa.Connection, was: LogState, *, size: int, root: bytes) -> LogState:
    """Replace the state we read by the next.

    Raises:
        AppendError: another process was there first; nothing of this transaction may stand.
    """
    epoch = was.epoch + 1
    values = {"was": was.epoch, "new_size": size, "new_root": root, "now": epoch}
    if run(conn, _SWAP, values)[1] != 1:
        raise AppendError(f"another process appended after size {was.size}")
    return LogState(size, root, epoch)


def find(conn: sa.Connection, ids: Sequence[bytes]) -> dict[bytes, int]:
    """Return the indices of those *ids* that the log has."""
    found: dict[bytes, int] = {}
    for start in range(0, len(ids), _CHUNK):
        found.update(
            (id_, idx) for id_, idx in run(conn, _FIND, {"ids": list(ids[start : start + _CHUNK])})[0]
        )
    return found


def write_entries(conn: sa.Connection, entries: Iterable[Entry]) -> None:
    """Insert entries."""
    insert_rows(
        conn,
        _entry,
        [
            {
                "idx": entry.index,
                "id": entry.event.id,
                "body": entry.event.raw,
                "type": int(entry.event.type),
                "kid": entry.event.kid,
                "t_claim": entry.event.claimed_ms,
                "t_int": entry.logged_ms,
            }
            for entry in entries
        ],
    )


def write_tiles(conn: sa.Connection, tiles: Sequence[tuple[int, int, bytes]]) -> None:
    """Insert full tiles, given as (level, n, hashes)."""
    if tiles:
        conn.execute(_INSERT_TILE, [{"level": level, "n": n, "hashes": hashes} for level, n, hashes in tiles])


def write_checkpoint(conn: sa.Connection, row: CheckpointRow) -> None:
    """Insert a checkpoint."""
    run(conn, _INSERT_CHECKPOINT, row._asdict())


def last_checkpoint(conn: sa.Connection) -> CheckpointRow | None:
    """Return the newest checkpoint, or None for an empty log."""
    row = conn.execute(_LAST_CHECKPOINT).first()
    return CheckpointRow(*row) if row else None


def tile_of(conn: sa.Connection, level: int, n: int) -> bytes:
    """Return a full tile.

    Raises:
        LedgerError: it is not stored.
    """
    query = sa.select(_tile.c.hashes).where(_tile.c.level == level, _tile.c.n == n)
    hashes: bytes | None = conn.execute(query).scalar()
    if hashes is None:
        raise LedgerError(f"tile {level}/{n} is missing")
    return hashes


def entry_rows(conn: sa.Connection, start: int, stop: int) -> Iterator[EntryRow]:
    """Yield entries in log order, a few thousand at a time."""
    for first in range(start, stop, _CHUNK):
        rows = conn.execute(_RANGE, {"start": first, "stop": min(first + _CHUNK, stop)}).all()
        yield from map(EntryRow._make, rows)


def bodies(conn: sa.Connection, start: int, stop: int) -> list[bytes]:
    """Return the signed bytes of a range of entries."""
    return [row.body for row in entry_rows(conn, start, stop)]
