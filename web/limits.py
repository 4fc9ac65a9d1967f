"""Token buckets in memory: how often one caller may do one thing.

The service is one process, so memory is enough; sign-in locks, which must survive a restart, are in the database.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

__all__ = ["Buckets"]

_CALLERS_MAX = 10_000


@dataclass(slots=True)
class _Bucket:
    tokens: float
    seen_ms: int


class Buckets:
    """Buckets by caller, the longest unused forgotten first."""

    def __init__(self) -> None:
        """Begin with every bucket full."""
        self._held: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = Lock()

    def wait_ms(self, caller: str, *, per_minute: int, now_ms: int, cost: int = 1) -> int:
        """Take tokens where there is one; give 0, or how long to wait until there is.

        What costs more than there is leaves a debt that later requests wait for: so nothing is too large to ever pass.

        Args:
            caller: who and what, e.g. "decode:session:17".
            per_minute: tokens that come back each minute, and the most that can be saved up.
            now_ms: unix ms.
            cost: tokens it takes.
        """
        with self._lock:
            bucket = self._held.pop(caller, None) or _Bucket(float(per_minute), now_ms)
            gained = max(now_ms - bucket.seen_ms, 0) * per_minute / 60_000
            bucket.tokens, bucket.seen_ms = min(per_minute, bucket.tokens + gained), now_ms
            self._held[caller] = bucket
            if len(self._held) > _CALLERS_MAX:
                self._held.popitem(last=False)
            if bucket.tokens >= 1:
                bucket.tokens -= cost
                return 0
            return int((1 - bucket.tokens) * 60_000 / per_minute) + 1
