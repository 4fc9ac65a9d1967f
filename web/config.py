"""What a site's service is told once, at start, and nowhere else."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from db.clockguard import monotonic_ms
from db.keybox import Passphrase

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
        passphrase: opens the site's key files, where they are sealed.
        secure_cookie: send the session cookie over https only.
        clock: gives unix milliseconds; tests hand in their own.
        monotonic: gives milliseconds that no setting of the clock changes; None where time is simulated.
        is_clock_accepted: an operator has looked at the clock; a month since the newest checkpoint is right.
        session_ms: a session ends this long after its last use.
        lock_after: bad sign-ins that lock a login at one address.
        lock_login_after: bad sign-ins from all addresses together that lock a login.
        lock_ms: how long they stay locked.
        lock_window_ms: how long a bad sign-in counts.
        body_bytes: largest request body of the API but for pictures.
        picture_bytes: largest picture sent to the decoder.
        witness_every_s: seconds between two rounds to the log's witnesses.
        verifiers: processes beside this one that verify the signatures of large uploads.
        rate_per_minute: API requests a minute of one session, event uploads aside.
    """

    data: Path
    database_url: str | None = None
    passphrase: Passphrase | None = None
    secure_cookie: bool = False
    clock: Callable[[], int] = system_clock
    monotonic: Callable[[], int] | None = monotonic_ms
    is_clock_accepted: bool = False
    session_ms: int = 12 * 3_600_000
    lock_after: int = 6
    lock_login_after: int = 60
    lock_ms: int = 15 * 60_000
    lock_window_ms: int = 60 * 60_000
    body_bytes: int = 4_000_000
    picture_bytes: int = 12_000_000
    witness_every_s: float = 60.0
    verifiers: int = 0
    rate_per_minute: int = 600
