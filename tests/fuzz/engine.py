"""The loop: mutate, run, look at what happened, keep what is new."""

from __future__ import annotations

import re
import resource
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from types import FrameType
from typing import Any, Final

from custody import errors
from tests.fuzz.mutate import mutate
from tests.fuzz.targets import Target

__all__ = ["MAX_SECONDS", "Outcome", "Session", "observe", "trace"]

MAX_SECONDS: Final = 1.0
MAX_GROWTH: Final = 64 << 10  # kB that one input may add to the peak of the process
_CORE: Final = tuple(str(Path(errors.__file__).parents[1] / name) for name in ("custody", "db"))
_PARTICULARS: Final = re.compile(r"'.*|\".*|\b[0-9a-f]{6,}\b|\d+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one input did.

    Attributes:
        bucket: type and shape of the error, "ok" where there was none.
        fault: why it should not have, or "".
    """

    bucket: str
    fault: str = ""


def observe(target: Target, data: bytes) -> Outcome:
    """Run one input and hold it to what is documented: errors, processor time, memory."""
    peak, began = _peak_kb(), time.process_time()
    bucket, fault = "ok", ""
    try:
        target.run(data)
    except target.errors as error:
        bucket = shape_of(error)
        fault = _root_fault(error)
    except Exception as error:  # noqa: BLE001 - whatever else it raises is what we are looking for
        bucket = fault = f"{type(error).__name__}: {error}"[:400]
    seconds, growth = time.process_time() - began, _peak_kb() - peak
    if seconds > MAX_SECONDS:
        fault = fault or f"took {seconds:.2f} s"
    if growth > MAX_GROWTH:
        fault = fault or f"took {growth >> 10} MB"
    return Outcome(bucket, fault)


def shape_of(error: Exception) -> str:
    """Return type, finding and place of an error: where in the core it was raised, and what was behind it."""
    frame, place = error.__traceback__, ""
    while frame is not None:
        if frame.tb_frame.f_code.co_filename.startswith(_CORE):
            place = f"{Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
        frame = frame.tb_next
    words = "" if place else _PARTICULARS.sub("#", str(error))[:60]
    kinds = f"{type(error).__name__} {type(error.__cause__).__name__}"
    return f"{kinds} {getattr(error, 'finding', '')} {place}{words}"


def trace(target: Target, data: bytes) -> set[tuple[str, int]]:
    """Return the lines of the core that an input reaches."""
    seen: set[tuple[str, int]] = set()

    def local(frame: FrameType, event: str, _arg: Any) -> Any:
        if event == "line":
            seen.add((frame.f_code.co_filename, frame.f_lineno))
        return local

    def enter(frame: FrameType, _event: str, _arg: Any) -> Any:
        return local if frame.f_code.co_filename.startswith(_CORE) else None

    before = sys.gettrace()
    sys.settrace(enter)
    try:
        target.run(data)
    except Exception:  # noqa: BLE001, S110 - `observe` has judged it already
        pass
    finally:
        sys.settrace(before)
    return seen


@dataclass(slots=True)
class Session:
    """The fuzzing of one target.

    Attributes:
        target: the parser.
        rng: all choices come from it.
        pool: inputs to mutate, whole ones first.
        buckets: outcomes seen, with the shortest input of each.
        lines: lines reached.
        executions: inputs tried.
        faults: fault -> input.
        slowest_s: longest processor time of one input.
    """

    target: Target
    rng: Random
    pool: list[bytes] = field(default_factory=list)
    buckets: dict[str, bytes] = field(default_factory=dict)
    lines: set[tuple[str, int]] = field(default_factory=set)
    reached: list[bytes] = field(default_factory=list)
    executions: int = 0
    faults: dict[str, bytes] = field(default_factory=dict)
    slowest_s: float = 0.0

    def begin(self, inputs: list[bytes]) -> None:
        """Take in the inputs to start from."""
        for data in inputs:
            self._take(data, traced=True, start=True)

    def step(self) -> None:
        """Try one new input."""
        parent = self.rng.choice(self.pool)
        data = mutated(self.target.kind, parent, self.rng, self.pool)[: self.target.most]
        self._take(data, traced=self.executions % 16 == 0)

    def _take(self, data: bytes, *, traced: bool, start: bool = False) -> None:
        began = time.process_time()
        outcome = observe(self.target, data)
        self.slowest_s = max(self.slowest_s, time.process_time() - began)
        self.executions += 1
        if outcome.fault:
            self.faults.setdefault(_PARTICULARS.sub("#", outcome.fault)[:60], data)
            return
        new = outcome.bucket not in self.buckets
        if new or len(data) < len(self.buckets[outcome.bucket]):
            self.buckets[outcome.bucket] = data
        if traced or new:
            lines = trace(self.target, data) - self.lines
            if lines:
                self.lines |= lines
                if not start:
                    self.reached.append(data)
            new = new or bool(lines)
        if (new or start) and len(self.pool) < 4_000:
            self.pool.append(data)


def mutated(kind: str, parent: bytes, rng: Random, pool: list[bytes]) -> bytes:
    """Mutate an input; "cbor_after_3" keeps three bytes of choice before the CBOR."""
    if kind != "cbor_after_3":
        return mutate(kind, parent, rng, pool)
    head = rng.randbytes(3) if rng.random() < 0.3 else parent[:3]
    others = [rng.choice(pool)[3:] for _ in range(3)]
    return head + mutate("cbor", parent[3:], rng, others)


def _peak_kb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _root_fault(error: BaseException) -> str:
    """A documented error that hides that memory or the stack ran out is a fault all the same."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, MemoryError):
            return f"hides {type(cause).__name__}"
        cause = cause.__cause__
    return ""
