"""Takes what waits in the outbox to the service, beside the work at the desk; with back-off where it cannot."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from custody.errors import CustodyError
from scanner.station.outbox import Outbox
from web.station.client import Client, DownError, RefusedError, SignedOutError

__all__ = ["Courier", "deliver", "wait_s"]

BATCH: Final = 100
_FIRST_S: Final = 2.0
_IDLE_S: Final = 300.0  # so often the day is asked for anew: what is signed then cites a young checkpoint
_LONGEST_S: Final = 120.0


def wait_s(attempt: int, chance: float) -> float:
    """Return the wait before attempt 1, 2, ... in seconds: doubling, with up to a third of jitter (*chance* 0 to 1)."""
    doubled_s: float = _FIRST_S * 2 ** min(max(attempt, 1) - 1, 10)
    return min(_LONGEST_S, doubled_s) * (1 + chance / 3)


def deliver(outbox: Outbox, client: Client) -> int:
    """Send all that waits, oldest first; give how many were answered. An event sent before is known by its id.

    Raises:
        DownError: no answer, or one that names none of them.
        SignedOutError: the session has ended.
        RefusedError: the whole request was refused.
    """
    done = 0
    while waiting := outbox.waiting()[:BATCH]:
        answers = client.send(waiting)
        named = [one.id for one in waiting if one.id in answers]
        if not named:
            raise DownError("an answer that names no event")
        for identity in named:
            outbox.answer(identity, answers[identity])
        done += len(named)
    return done


class Courier:
    """A thread that delivers whenever there is something, and tries again later where it could not.

    Args:
        outbox: what is to be sent.
        client: where to; its session is the desk's.
        refresh: asks for the day, after what was delivered and every five minutes; or None.
        chance: 0 to 1, for the jitter.
    """

    def __init__(
        self,
        outbox: Outbox,
        client: Client,
        refresh: Callable[[], None] | None = None,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._outbox, self._client, self._refresh, self._chance = outbox, client, refresh, chance
        self._wake, self._ends = threading.Event(), threading.Event()
        self._attempts = self._failures = 0  # in a row, and in all
        self._tried = threading.Condition()
        self._thread = threading.Thread(target=self._run, name="courier", daemon=True)
        self.trouble: CustodyError | None = None  # why the last attempt failed

    def start(self) -> None:
        """Begin, with what an earlier run left."""
        self._thread.start()
        self.go()

    def go(self) -> None:
        """Try now."""
        self._wake.set()

    def answered(self, identity: bytes, timeout_s: float) -> bool:
        """Wait for the answer to an event, or for an attempt that failed; say whether it is there."""
        with self._tried:
            before = self._failures
            self._tried.wait_for(
                lambda: self._outbox.get(identity).answer is not None or self._failures > before, timeout_s
            )
        return self._outbox.get(identity).answer is not None

    def stop(self) -> None:
        """End after the attempt under way; what waits stays in the outbox."""
        self._ends.set()
        self._wake.set()
        self._thread.join(30)

    def _run(self) -> None:
        while not self._ends.is_set():
            pause = _IDLE_S if self.trouble is None else wait_s(self._attempts, self._chance())
            self._wake.wait(pause)
            self._wake.clear()
            if not self._ends.is_set():
                self._attempt()
            if self.trouble is None and self._refresh and not self._ends.is_set():
                with suppress(CustodyError, OSError):  # what was kept still holds
                    self._refresh()

    def _attempt(self) -> None:
        try:
            deliver(self._outbox, self._client)
        except (DownError, SignedOutError, RefusedError, OSError) as error:
            self._attempts += 1
            self._failures += 1
            self.trouble = error if isinstance(error, CustodyError) else DownError(f"outbox: {error}")
        else:
            self._attempts, self.trouble = 0, None
        with self._tried:
            self._tried.notify_all()
