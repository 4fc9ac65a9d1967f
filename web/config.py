"""What a site's service is told once, at start, and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Config", "system_clock"]


def system_clock() -> int:
    """Give the machine's time in unix milliseconds, UTC."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Config:
    """Settings of one running service.

    Attributes:
        data: the site's folder (database, keys).
        database_url: an SQLAlchemy URL, or None for the file in `data`.
        secure_cookie: send the session cookie over https only.
        clock: gives unix milliseconds; tests hand in their own.
        session_ms: a session ends this long after its last use.
        lock_after: bad sign-ins that lock a login and an address.
        lock_ms: how long they stay locked.
        body_bytes: largest request body of the API but for pictures.
        picture_bytes: largest picture sent to the decoder.
        rate_per_minute: API requests a minute of one session, event uploads aside.
    """

    data: Path
    database_url: str | None = None
    secure_cookie: bool = False
    clock: Callable[[], int] = system_clock
    session_ms: int = 12 * 3_600_000
    lock_after: int = 6
    lock_ms: int = 15 * 60_000
    body_bytes: int = 4_000_000
    picture_bytes: int = 12_000_000
    rate_per_minute: int = 600
