"""Refuses a server clock that jumped ahead: a time once signed by the log cannot be taken back.

The log's time never goes backwards, so one checkpoint signed in the far future would date every later entry
there, and with it end every certificate. A clock set back does no such harm: the log waits at its last time.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable

from db.errors import ClockError

__all__ = ["ClockGuard", "monotonic_ms"]

_LOG = logging.getLogger(__name__)
_LEAP_MS = 3_600_000  # more than an hour ahead of the time that passed is a jump
_QUIET_MS = 4 * 86_400_000  # a long weekend is nothing to speak of
_GAP_MS = 30 * 86_400_000  # a service stands still for a weekend, not for a month


def monotonic_ms() -> int:
    """Return milliseconds since some moment; goes on while the machine sleeps where the system can tell."""
    clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return time.clock_gettime_ns(clock) // 1_000_000


class ClockGuard:
    """Holds a running service's clock to the time that has passed since it started."""

    def __init__(
        self, now_ms: int, last_ms: int, monotonic: Callable[[], int], *, is_accepted: bool = False
    ) -> None:
        """Compare the clock at the start with the log's last signed time.

        Args:
            now_ms: the clock, unix ms UTC.
            last_ms: signed time of the newest checkpoint; 0 for an empty log.
            monotonic: milliseconds that no setting of the clock changes.
            is_accepted: an operator has looked at the clock.

        Raises:
            ClockError: the gap is more than 30 days and nobody has accepted it.
        """
        self._monotonic = monotonic
        self._start_ms = now_ms - monotonic()
        gap_ms = now_ms - last_ms if last_ms else 0
        if gap_ms > _GAP_MS and not is_accepted:
            raise ClockError(
                f"the clock says {_shown(now_ms)}, {gap_ms // 86_400_000} days after the last checkpoint",
                hint="Compare the clock. If it is right, start with --clock-ok.",
            )
        if gap_ms > _QUIET_MS:
            days = gap_ms // 86_400_000
            _LOG.warning("the clock says %s, %s days after the last checkpoint", _shown(now_ms), days)

    def check(self, now_ms: int) -> None:
        """Let a time be signed.

        Raises:
            ClockError: the clock is more than an hour ahead of the time that has passed.
        """
        ahead_ms = now_ms - self._monotonic() - self._start_ms
        if ahead_ms > _LEAP_MS:
            raise ClockError(
                f"the clock jumped {ahead_ms // 1000} seconds ahead to {_shown(now_ms)}; nothing is signed"
            )


def _shown(ms: int) -> str:
    try:
        return dt.datetime.fromtimestamp(ms / 1000, dt.UTC).isoformat(timespec="seconds")
    except (OverflowError, ValueError, OSError):
        return f"{ms} ms"
