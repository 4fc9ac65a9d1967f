"""One service for each folder: an advisory lock on a file in it, held as long as the service runs.

Two services on one database would each be right about the log (every append is fenced by `log_state`), but each
counts sign-ins, rates and sessions' last use for itself, and the checkpoint outside the database would be written by
both. Who starts a second one has most likely forgotten the first. The system drops the lock with the process.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from db.errors import SiteError

__all__ = ["served_here"]

_NAME: Final = "serving.lock"


@contextmanager
def served_here(data: Path) -> Iterator[None]:
    """Hold a site's folder as the one service of it.

    Raises:
        SiteError: another process holds it.
    """
    handle = os.open(data / _NAME, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(handle, 20).decode("ascii", "replace").strip() or "unknown"
            raise SiteError(
                f"another service serves {data} (process {holder})",
                hint="Stop it first, or name another folder with --data: one service for each.",
            ) from None
        os.ftruncate(handle, 0)
        os.write(handle, f"{os.getpid()}\n".encode())
        yield
    finally:
        os.close(handle)
