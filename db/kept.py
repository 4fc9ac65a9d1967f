"""The newest signed checkpoint, kept beside the database: what shows that the database has lost its tail.

A log cut off at an older checkpoint is a whole log in itself: nothing inside the database can tell. So the last
note this site signed lies in `DATA/last-checkpoint`, written after COMMIT and before anybody is answered. It may
fall behind the database by what a crash cut short; it is never ahead of it.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from custody.checkpoint import Checkpoint, LogKeys, open_checkpoint, parse_checkpoint
from custody.errors import CustodyError
from custody.note import open_note
from db.errors import LedgerError

__all__ = ["KeptCheckpoint"]

_NAME = "last-checkpoint"
_HINT = (
    "Stop the service and look for the newer database. If there is none: `tram restore FILE --accept-loss` "
    "goes on from an older one and writes down what was lost."
)


class KeptCheckpoint:
    """The file `last-checkpoint` of one site."""

    def __init__(self, data: Path) -> None:
        """Name the site's directory; nothing is read yet."""
        self.path = data / _NAME
        self._durable = True
        self._mine = (-1, -1)

    def read(self) -> str | None:
        """Return the note, or None where none was ever kept."""
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def claim(self) -> Checkpoint | None:
        """Return what the note says without checking who signed it.

        Raises:
            LedgerError: the file holds something else.
        """
        note = self.read()
        try:
            return None if note is None else parse_checkpoint(open_note(note).text)
        except CustodyError as error:
            raise LedgerError(f"{self.path}: {error}", finding="M02", hint=_HINT) from error

    def check(
        self, note: str | None, size: int, root_at: Callable[[int], bytes | None], keys: LogKeys
    ) -> None:
        """Compare the log with a note that was read before it: another process may append in between.

        Args:
            note: from `read`.
            size: entries in the database.
            root_at: gives the root that the database's entries have at a smaller size.
            keys: the log's public keys.

        Raises:
            LedgerError: the log is shorter than the note (M06), differs from it (M04), or the note is not the
                log's (M02).
        """
        if note is None:
            return
        try:
            kept, _time_ms = open_checkpoint(note, keys)
        except CustodyError as error:
            raise LedgerError(f"{self.path}: {error}", finding="M02", hint=_HINT) from error
        if kept.size > size:
            lost = kept.size - size
            text = (
                f"database is rolled back: it has {size} entries, {kept.size} are signed, {lost} are missing"
            )
            raise LedgerError(text, finding="M06", hint=_HINT)
        if kept.size and root_at(kept.size) != kept.root:
            text = f"entries up to {kept.size} are not the ones that were signed: history was rewritten"
            raise LedgerError(text, finding="M04", hint=_HINT)

    def write(self, note: str, size: int) -> None:
        """Replace the note of a smaller size: a reader sees the old one or the new one, never half of one."""
        other = self.read() if self._is_foreign() else None
        if other and _size_of(other) >= size:
            return  # another process was faster
        part = self.path.with_name(f".{_NAME}-{os.getpid()}-{threading.get_ident()}")
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            os.write(handle, note.encode())  # few calls: each lets other threads in, while a commit waits
            if self._durable:
                os.fsync(handle)
            mine = os.fstat(handle)
            self._mine = (mine.st_ino, mine.st_mtime_ns)
        finally:
            os.close(handle)
        part.replace(self.path)

    def _is_foreign(self) -> bool:
        """Whether the file is another than the one this process wrote last."""
        try:
            found = self.path.stat()
        except FileNotFoundError:
            return True
        return (found.st_ino, found.st_mtime_ns) != self._mine

    def replace(self, note: str) -> None:
        """Begin anew from *note*, after a restore."""
        self.path.unlink(missing_ok=True)
        self.write(note, 0)

    def put_aside(self) -> Path | None:
        """Keep the note under a name of its own: it is the evidence of what an accepted loss took away."""
        claim = self.claim()
        if claim is None:
            return None
        aside = self.path.with_name(f"{_NAME}.lost-{claim.size}")
        return self.path.replace(aside)

    @contextmanager
    def hasty(self) -> Iterator[None]:
        """Do not wait for the disk meanwhile; as `db.engine.hasty`."""
        self._durable = False
        try:
            yield
        finally:
            self._durable = True


def _size_of(note: str) -> int:
    parts = note.split("\n", 2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0
