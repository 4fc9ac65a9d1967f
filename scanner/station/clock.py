"""Honest time: what the time is by the service's clock, and by how much that may be wrong, with no service in reach.

The rules are those of web/client/src/dayclock.ts. Each answer of the service is a beacon. From it on two clocks count:
a steady one that nobody can set, and that of the machine, which can be set. Where they differ, the machine was set, or
it has slept and its steady clock stood still, and nothing here can tell which: what they differ by is the uncertainty,
until the next beacon. What is known is kept for the next run; as long as the machine was not started anew, its steady
clock goes on.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from math import ceil, isfinite
from pathlib import Path
from typing import Any, Final

__all__ = ["UNKNOWN_MS", "HonestClock", "Moment", "Sources", "machine_sources"]

UNKNOWN_MS: Final = 2**40
"""The most that field CLOCK holds: 34 years."""

_DRIFT: Final = 1e-4  # no quartz is worse
_JUMP_MS: Final = 500.0  # clocks are read one after the other, and set by tiny steps all the time
_LONGEST_SLEEP_MS: Final = 20 * 3_600_000.0  # a machine that seems to have slept longer has been set
_KEEP_MS: Final = 15_000.0
_LATEST_MS: Final = 4.1e12  # the year 2099
_BOOT: Final = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True)
class Moment:
    """A moment by the service's clock, as it is signed.

    Attributes:
        ms: best guess, unix ms.
        uncertainty_ms: the true time is within so much of it; `UNKNOWN_MS` says nothing.
        since_s: since the last beacon.
        epoch: how often a steady clock began anew for this station; 0 where there never was a beacon.
    """

    ms: int
    uncertainty_ms: int
    since_s: int
    epoch: int

    @property
    def field(self) -> list[int]:
        """What field CLOCK holds."""
        return [self.since_s, self.uncertainty_ms, self.epoch]


@dataclass(frozen=True, slots=True)
class Sources:
    """The clocks of a machine.

    Attributes:
        wall_ms: unix ms as the machine has them; may be set.
        steady_ms: nobody can set it.
        boot: names what the steady clock counts from; "" where the next run has another one.
    """

    wall_ms: Callable[[], float]
    steady_ms: Callable[[], float]
    boot: str = ""


@dataclass(frozen=True, slots=True)
class _State:
    """What was known at some time: of a beacon, and what both clocks showed."""

    beacon_ms: float  # by the service's clock
    elapsed_ms: float  # since then, by the better of both clocks
    doubt_ms: float  # by how much that may be wrong
    wall_ms: float
    steady_ms: float
    epoch: int
    boot: str


class HonestClock:
    """The clock of one station; several threads may ask it.

    Args:
        sources: what counts.
        load: gives what was kept, "" where nothing was.
        save: keeps a text for the next run.
    """

    def __init__(self, sources: Sources, load: Callable[[], str], save: Callable[[str], None]) -> None:
        self._sources, self._save = sources, save
        self._mutex = threading.RLock()
        self._state = self._taken_up(load())

    def read(self) -> tuple[float, float]:
        """Return (steady ms, wall ms) of now, to be given back with the answer to what is asked now."""
        return self._sources.steady_ms(), self._sources.wall_ms()

    def beacon(self, service_ms: float, asked: tuple[float, float]) -> None:
        """Take what the service said in its answer to what was asked at *asked*; the better of two beacons holds."""
        with self._mutex:
            steady_ms, wall_ms = self.read()
            trip_ms, wall_trip_ms = steady_ms - asked[0], max(wall_ms - asked[1], 0.0)
            longest_ms = max(trip_ms, wall_trip_ms)  # it may have slept on the way, or been set
            guess_ms = (trip_ms + _slept_ms(wall_trip_ms - trip_ms)) / 2
            doubt_ms = longest_ms - guess_ms
            now, state = self.now(), self._state
            is_wrong = abs(service_ms - now.ms) > now.uncertainty_ms + longest_ms
            if state is None or doubt_ms <= now.uncertainty_ms or is_wrong:
                epoch = state.epoch if state else 1
                beacon_ms = service_ms + guess_ms
                self._keep(_State(beacon_ms, 0.0, doubt_ms, wall_ms, steady_ms, epoch, self._sources.boot))

    def now(self) -> Moment:
        """Return what time it is. Each jump of one clock against the other is found, and none hides another."""
        with self._mutex:
            steady_ms, wall_ms = self.read()
            state = self._state
            if state is None:
                return Moment(round(wall_ms), UNKNOWN_MS, 0, 0)
            passed_ms = steady_ms - state.steady_ms
            jump_ms = wall_ms - state.wall_ms - passed_ms
            if abs(jump_ms) > _JUMP_MS or passed_ms > _KEEP_MS:
                elapsed_ms = state.elapsed_ms + passed_ms + _slept_ms(jump_ms)
                doubt_ms = state.doubt_ms + abs(jump_ms)
                state = replace(
                    state, elapsed_ms=elapsed_ms, doubt_ms=doubt_ms, wall_ms=wall_ms, steady_ms=steady_ms
                )
                self._keep(state)
                passed_ms = jump_ms = 0.0
            elapsed_ms = state.elapsed_ms + passed_ms
            doubt_ms = state.doubt_ms + abs(jump_ms) + elapsed_ms * _DRIFT
            return Moment(
                ms=round(state.beacon_ms + elapsed_ms),
                uncertainty_ms=min(ceil(doubt_ms) + 1, UNKNOWN_MS),
                since_s=max(0, int(elapsed_ms // 1000)),
                epoch=state.epoch,
            )

    def _keep(self, state: _State) -> None:
        self._state = state
        with suppress(OSError):  # the next run knows less, and says so
            self._save(json.dumps(asdict(state)))

    def _taken_up(self, text: str) -> _State | None:
        """Return what the run before this one knew; nothing counted in between but the clocks of the machine."""
        try:
            kept = json.loads(text or "null")
            state = _State(**kept) if kept else None
            if state is None or not _is_sound(asdict(state)):
                return None
        except (ValueError, TypeError, OverflowError):
            return None
        steady_ms = self._sources.steady_ms()
        if state.boot and state.boot == self._sources.boot and state.steady_ms <= steady_ms:
            return state
        return replace(state, epoch=state.epoch + 1, steady_ms=steady_ms, boot=self._sources.boot)


def _is_sound(kept: dict[str, Any]) -> bool:
    numbers = [value for name, value in kept.items() if name != "boot"]
    are_numbers = all(isinstance(one, int | float) and not isinstance(one, bool) for one in numbers)
    if not (isinstance(kept["boot"], str) and are_numbers and all(map(isfinite, numbers))):
        return False
    is_a_time = 0 <= kept["beacon_ms"] <= _LATEST_MS and 0 <= kept["elapsed_ms"] <= _LATEST_MS
    return is_a_time and kept["doubt_ms"] >= 0 and isinstance(kept["epoch"], int) and kept["epoch"] >= 1


def _slept_ms(jump_ms: float) -> float:
    """Return what of a jump of the machine's clock against the steady one is taken for sleep."""
    return jump_ms if _JUMP_MS < jump_ms < _LONGEST_SLEEP_MS else 0.0


def machine_sources() -> Sources:
    """Return the clocks of this machine; on Linux the steady one counts sleep too, and goes on from run to run."""
    boot = ""
    with suppress(OSError):
        boot = _BOOT.read_text(encoding="ascii").strip()
    steady = getattr(time, "CLOCK_BOOTTIME", None)
    if steady is None or not boot:
        return Sources(lambda: time.time_ns() / 1e6, lambda: time.monotonic_ns() / 1e6)
    return Sources(lambda: time.time_ns() / 1e6, lambda: time.clock_gettime_ns(steady) / 1e6, boot)
