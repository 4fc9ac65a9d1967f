"""Signatures of large batches, verified in processes of their own beside the one that judges.

libsodium lets other threads run while it verifies, but the thread that comes back waits for the interpreter as long
as another one judges: threads verifying one by one made a bulk upload slower than no threads at all. A helper gets a
whole batch and answers it whole. Only the arithmetic is done there; what is verified under which key, and what
follows, is decided here. Without helpers the answers are the same.
"""

from __future__ import annotations

import logging
import multiprocessing
import os
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from multiprocessing.process import BaseProcess
from typing import Final

from custody import ed25519

__all__ = ["Claim", "Verifiers", "default_helpers", "verify_all"]

Claim = tuple[bytes, bytes, bytes]
"""Public key, message, signature."""
_LOG = logging.getLogger(__name__)
_LEAST: Final = 32  # a smaller batch is verified sooner than it is sent
_WAIT_S: Final = 30.0
_MOST: Final = 4


def default_helpers() -> int:
    """Return how many helpers this machine has cores for, beside the one that judges."""
    return min((os.cpu_count() or 1) - 1, _MOST)


class Verifiers:
    """A few processes that verify."""

    def __init__(self, helpers: int) -> None:
        """Engage *helpers* processes; 0 verifies everything here. They start with the first large batch."""
        self._helpers = helpers
        self._pool: ProcessPoolExecutor | None = None
        self._ready: Future[list[bool]] | None = None
        self._lock = threading.Lock()

    def verify(self, claims: Sequence[Claim]) -> list[bool]:
        """Say of each claim whether the signature holds, in order."""
        pool = self._started() if len(claims) >= _LEAST else None
        if pool is None:
            return verify_all(claims)
        try:
            return pool.submit(verify_all, list(claims)).result(_WAIT_S)
        except Exception:  # noqa: BLE001 -- a helper that is gone changes the time, not the answer
            _LOG.exception("verifying goes on without helpers")
            self.close()
            return verify_all(claims)

    @property
    def is_ready(self) -> bool:
        """Whether the next large batch goes to a helper."""
        with self._lock:
            return bool(self._pool and self._ready and self._ready.done())

    def processes(self) -> list[BaseProcess]:
        """Return the helpers that were started."""
        with self._lock:
            return list((self._pool._processes or {}).values()) if self._pool else []  # noqa: SLF001 -- no other way

    def close(self) -> None:
        """Let the helpers go; from now on everything is verified here."""
        with self._lock:
            self._helpers, pool, self._pool = 0, self._pool, None
        if pool:
            pool.shutdown(wait=False, cancel_futures=True)

    def _started(self) -> ProcessPoolExecutor | None:
        """Return the helpers once they run; until then nobody waits for them."""
        with self._lock:
            if self._helpers <= 0:
                return None
            if self._pool is None:
                self._pool = ProcessPoolExecutor(
                    self._helpers, mp_context=multiprocessing.get_context("spawn")
                )
                self._ready = self._pool.submit(verify_all, [])
            return self._pool if self._ready and self._ready.done() else None


def verify_all(claims: Sequence[Claim]) -> list[bool]:
    """Verify here."""
    return [ed25519.verify(*claim) for claim in claims]
