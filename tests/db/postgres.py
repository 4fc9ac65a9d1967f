"""A PostgreSQL cluster of one's own for a test session: temporary directory, unix socket only."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["PostgresMissingError", "running_cluster"]

_ROOT = Path("/usr/lib/postgresql")
_ACCOUNT = "postgres"
_SETTINGS = ("listen_addresses=''", "shared_buffers=32MB", "max_connections=120", "fsync=on", "timezone=UTC")


class PostgresMissingError(Exception):
    """This machine has no PostgreSQL server to start."""


@contextmanager
def running_cluster() -> Iterator[str]:
    """Start a cluster and yield a URL with a place for the database's name: `url.format(name=...)`.

    Raises:
        PostgresMissingError: no server binaries, or nobody to run them as.
    """
    binaries = _binaries()
    home = Path(tempfile.mkdtemp(prefix="tram-pg-"))
    data = home / "data"
    if os.geteuid() == 0:
        shutil.chown(home, _ACCOUNT)
    try:
        _run(binaries / "initdb", "-D", data, "-A", "trust", "-U", _ACCOUNT, "-E", "UTF8", "--no-sync")
        options = " ".join(f"-c {setting}" for setting in (*_SETTINGS, f"unix_socket_directories={home}"))
        _run(binaries / "pg_ctl", "-D", data, "-w", "-l", home / "log", "-o", options, "start")
        try:
            yield f"postgresql+psycopg://{_ACCOUNT}@/{{name}}?host={home}"
        finally:
            _run(binaries / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _binaries() -> Path:
    found = sorted(_ROOT.glob("*/bin/initdb")) if _ROOT.is_dir() else []
    if not found:
        raise PostgresMissingError("PostgreSQL is not installed (apt-get install postgresql)")
    if os.geteuid() == 0:
        try:
            pwd.getpwnam(_ACCOUNT)
        except KeyError:
            raise PostgresMissingError("no account postgres to run the server as") from None
    return found[-1].parent


def _run(*command: object) -> None:
    account = {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        [str(part) for part in command],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,  # the server keeps a pipe open
        stderr=subprocess.DEVNULL,
        cwd="/",
        **account,  # type: ignore[call-overload]
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed with {done.returncode}")
