"""Files that only the service's account may read: names, password hashes and sign-ins lie in the database.

SQLite gives its -wal and -shm files the mode of the database file.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from threading import get_ident

from db.errors import KeyFileError

__all__ = ["check_private", "make_file", "make_private", "put_file", "write_new"]

_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def make_private(folder: Path, file: Path | None) -> None:
    """Make a folder of mode 0700, and in it an empty file of mode 0600.

    A folder that is there already is closed to others too.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    if file is not None:
        make_file(file)


def make_file(file: Path) -> None:
    """Make an empty file of mode 0600.

    Raises:
        FileExistsError: it is there already.
    """
    os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))


def write_new(file: Path, text: str) -> None:
    """Write a file of mode 0600 that is not there yet, durably, its name too.

    Raises:
        FileExistsError: it is there already.
    """
    handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
        opened.flush()
        os.fsync(opened.fileno())
    _sync_folder(file.parent)


def put_file(file: Path, text: str) -> None:
    """Put a file of mode 0600 in the place of one, durably: whoever looks finds the old one or the new one."""
    writer = f"{os.getpid()}-{get_ident()}"  # others who write it now have parts of their own
    part = file.with_name(f".{file.name}.{writer}.part")
    part.unlink(missing_ok=True)
    write_new(part, text)
    part.replace(file)
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def check_private(file: Path) -> None:
    """Refuse a file that others may use.

    Raises:
        KeyFileError: its mode lets group or others in.
    """
    mode = file.stat().st_mode
    if os.name == "posix" and mode & _OTHERS:
        raise KeyFileError(
            f"{file} may be used by others (mode {stat.S_IMODE(mode):04o})",
            hint=f"It holds names and sign-ins: chmod 600 {file}; chmod 700 {file.parent}",
        )
