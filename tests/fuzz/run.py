"""Fuzz every parser for a while: python -m tests.fuzz.run --minutes N --seed S [--only NAME] [--distil].

Inputs that broke something land in build/fuzz/faults, those that were new in build/fuzz/found; with --distil
the small ones among the latter become tests/fuzz/corpus, which every test run replays.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import resource
import time
from pathlib import Path
from random import Random

from tests.fuzz import seeds
from tests.fuzz.engine import Session, trace
from tests.fuzz.targets import TARGETS

__all__ = ["distilled", "fuzz"]

_BUILD = Path("build/fuzz")
_SLICE_S = 5.0
_SPACE = 2 << 30
_BUDGET = {"dossier": 16_000, "dossier_steps": 30_000, "fold": 30_000}
_BUDGET_ELSE = 8_000


def fuzz(minutes: float, seed: int, names: list[str]) -> dict[str, Session]:
    """Give each target slices of time in turn until *minutes* are over; return what each came to."""
    sessions = {name: Session(TARGETS[name], Random(f"{seed} {name}")) for name in names}
    for name, session in sessions.items():
        session.begin([*TARGETS[name].seeds(), *seeds.kept(name), *_found(name)])
    ends, told = time.monotonic() + 60 * minutes, time.monotonic()
    while time.monotonic() < ends:
        for session in sessions.values():
            until = min(ends, time.monotonic() + _SLICE_S * session.target.weight)
            while time.monotonic() < until:
                session.step()
        if time.monotonic() > told + 120:
            told = time.monotonic()
            _save(sessions)
    _save(sessions)
    return sessions


def distilled(session: Session) -> list[bytes]:
    """Return few short inputs that reach every outcome, then every line, within the budget of the target."""
    budget = _BUDGET.get(session.target.name, _BUDGET_ELSE)
    start = set(session.target.seeds())
    lines = {line for data in start for line in trace(session.target, data)}
    chosen: list[bytes] = []
    for data in sorted({*session.buckets.values(), *session.reached} - start, key=len):
        new = trace(session.target, data) - lines
        if (new or data in session.buckets.values()) and len(data) * 4 // 3 <= budget:
            chosen.append(data)
            lines |= new
            budget -= len(data) * 4 // 3
    return chosen


def _found(name: str) -> list[bytes]:
    folder = _BUILD / "found" / name
    return [path.read_bytes() for path in sorted(folder.iterdir())] if folder.is_dir() else []


def _save(sessions: dict[str, Session]) -> None:
    for name, session in sessions.items():
        _write(_BUILD / "found" / name, [*session.buckets.values(), *session.reached])
        _write(_BUILD / "faults" / name, list(session.faults.values()))
    table = {
        name: {
            "executions": session.executions,
            "outcomes": len(session.buckets),
            "lines": len(session.lines),
            "slowest_ms": round(session.slowest_s * 1000, 1),
            "faults": list(session.faults),
        }
        for name, session in sessions.items()
    }
    (_BUILD / "report.json").write_text(json.dumps(table, indent=1), "utf-8")


def _write(folder: Path, inputs: list[bytes]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for data in inputs:
        (folder / hashlib.sha256(data).hexdigest()[:16]).write_bytes(data)


def _main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", action="append", choices=list(TARGETS))
    parser.add_argument("--distil", action="store_true")
    args = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (_SPACE, _SPACE))
    sessions = fuzz(args.minutes, args.seed, args.only or list(TARGETS))
    for name, session in sessions.items():
        line = f"{name:18} {session.executions:9} executions {len(session.buckets):4} outcomes"
        print(f"{line} {len(session.lines):5} lines {session.slowest_s * 1000:7.1f} ms at most")  # noqa: T201
        for fault in session.faults:
            print(f"  FAULT {fault}")  # noqa: T201
        if args.distil:
            text = "".join(base64.b64encode(data).decode() + "\n" for data in distilled(session))
            (seeds.CORPUS / f"{name}.txt").write_text(text, "ascii")
    return 1 if any(session.faults for session in sessions.values()) else 0


if __name__ == "__main__":
    raise SystemExit(_main())
