"""Engines: the same code over SQLite (WAL, FULL) and PostgreSQL, chosen by one URL.

Reads run under `reading`, writes under `writing`: on SQLite a write transaction takes the write lock at BEGIN
(never by upgrading a reader, which SQLite may refuse), on PostgreSQL both are plain transactions.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

__all__ = ["DATABASE_NAME", "database_url_of", "hasty", "is_sqlite", "open_engine", "reading", "writing"]

DATABASE_NAME = "tram.db"
_BUSY_TIMEOUT_MS = 20_000
_CACHE_KIB = 32_768
_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={_BUSY_TIMEOUT_MS}",
    f"PRAGMA cache_size=-{_CACHE_KIB}",
)


def database_url_of(data: Path, database_url: str | None = None) -> str:
    """Return the URL a site uses: the one given, or the SQLite file in *data*."""
    if not database_url:
        return f"sqlite:///{(data / DATABASE_NAME).resolve()}"
    return _with_driver(database_url)


def open_engine(url: str, *, pool_size: int = 20) -> sa.Engine:
    """Make an engine for *url*; opens no connection yet.

    Args:
        url: `sqlite:///FILE` or `postgresql://...`.
        pool_size: connections kept; as many more may be opened under load.
    """
    url = _with_driver(url)
    engine = sa.create_engine(
        url, pool_size=pool_size, max_overflow=pool_size, pool_pre_ping=not _sqlite_url(url)
    )
    if _sqlite_url(url):
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    return engine


def _with_driver(url: str) -> str:
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def is_sqlite(bind: sa.Engine | sa.Connection) -> bool:
    """Whether *bind* speaks to SQLite."""
    return bind.dialect.name == "sqlite"


@contextmanager
def reading(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Hold one consistent snapshot for reading; nothing is written at the end."""
    bound = engine if is_sqlite(engine) else engine.execution_options(isolation_level="REPEATABLE READ")
    with bound.connect() as conn:
        yield conn


@contextmanager
def hasty(engine: sa.Engine) -> Iterator[None]:
    """Do not wait for the disk meanwhile: only for data that can be made again, such as a simulation.

    A power cut inside the block may lose what was appended in it. PostgreSQL goes on as ever.
    """
    if not is_sqlite(engine):
        yield
        return
    engine.dispose()
    sa.event.listen(engine, "connect", _loosen)
    try:
        yield
    finally:
        sa.event.remove(engine, "connect", _loosen)
        engine.dispose()


@contextmanager
def writing(engine: sa.Engine) -> Iterator[sa.Connection]:
    """Hold one write transaction: durable when the block ends, rolled back when it raises."""
    with engine.execution_options(tram_write=True).begin() as conn:
        yield conn


def _sqlite_url(url: str) -> bool:
    return url.startswith("sqlite:")


def _prepare_sqlite(raw: Any, _record: object) -> None:
    raw.isolation_level = None  # we say BEGIN ourselves
    cursor = raw.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    cursor.close()


def _loosen(raw: Any, _record: object) -> None:
    raw.execute("PRAGMA synchronous=OFF")


def _begin_sqlite(conn: sa.Connection) -> None:
    wants_lock = conn.get_execution_options().get("tram_write", False)
    conn.exec_driver_sql("BEGIN IMMEDIATE" if wants_lock else "BEGIN")
