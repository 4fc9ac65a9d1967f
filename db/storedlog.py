"""What is read of the log straight from its tables, without keys, tree or locks."""

from __future__ import annotations

import sqlalchemy as sa

from custody.event import Entry, parse_event
from custody.tiles import bundle_of
from db import schema, store
from db.engine import reading

__all__ = ["StoredLog"]


class StoredLog:
    """The entries and checkpoints of one database."""

    def __init__(self, engine: sa.Engine) -> None:
        """Name the database; nothing is read yet."""
        self.engine = engine

    def checkpoint(self) -> str:
        """Return the newest signed checkpoint."""
        with reading(self.engine) as conn:
            row = store.last_checkpoint(conn)
        if row is None:
            raise IndexError("the log has no checkpoint yet")
        return row.note

    def checkpoint_at(self, size: int) -> store.CheckpointRow | None:
        """Return the checkpoint of exactly *size* entries, or None where there was none."""
        with reading(self.engine) as conn:
            row = conn.execute(sa.select(schema.checkpoint).where(schema.checkpoint.c.size == size)).first()
        return store.CheckpointRow(*row) if row else None

    def head(self) -> store.CheckpointRow | None:
        """Return the newest checkpoint with its size, root and time."""
        with reading(self.engine) as conn:
            return store.last_checkpoint(conn)

    def anchor(self) -> tuple[int, bytes] | None:
        """Return (size, root) of the newest checkpoint, what events cite; None for an empty log."""
        head = self.head()
        return (head.size, head.root) if head else None

    def entries(self, start: int, stop: int) -> list[Entry]:
        """Return a range of entries, parsed; what is beyond the end is left out."""
        with reading(self.engine) as conn:
            return [Entry(r.idx, parse_event(r.body), r.t_int) for r in store.entry_rows(conn, start, stop)]

    def bodies(self, start: int, stop: int) -> list[bytes]:
        """Return the signed bytes of a range of entries."""
        with reading(self.engine) as conn:
            return store.bodies(conn, start, stop)

    def entry_bundle(self, n: int, width: int) -> bytes:
        """Return *width* entries of bundle *n*.

        Raises:
            IndexError: the log does not reach that far.
        """
        found = self.bodies(n * 256, n * 256 + width)
        if not 0 < width <= 256 or len(found) != width:
            raise IndexError(f"bundle {n} has no {width} entries")
        return bundle_of(found)
