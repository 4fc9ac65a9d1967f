"""The audit, and the start of the service, at several sizes, against this machine's raw verify rate in the same run.

`python -m benchmarks.bench_audit [--sizes 10000,100000] [--large]` prints a table and writes build/bench/audit.json;
`--large` adds 1.6 million entries, a province's year (about a quarter of an hour to make them).

Every entry is signed and appended as any other, without waiting for the disk. Each measurement runs in a process of
its own, so that its peak of memory is its own: of the audit that of its largest process.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TypeVar

from benchmarks.bench_ingest import raw_verify
from benchmarks.load import Load, Report, interleave
from db.audit import audit
from db.last_audit import LastAudit
from db.settle import settle
from db.site import create_site, log_keys_of, open_database, open_site
from kt1.province import make_province

_SIZES = (10_000, 100_000)
_LARGE = 1_600_000
_HOPS = 3
_MONDAY_MS = 1_772_420_400_000  # 2026-03-02 10:00 at +07:00: offices are open
_ENTRIES_AN_ITEM = 1 + 2 * _HOPS
_AT_ONCE = 500
_WORKERS = os.cpu_count() or 1
_MIB = 1024.0
_T = TypeVar("_T")


def main() -> None:
    """Run, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", default=",".join(map(str, _SIZES)), help="entries, separated by commas")
    parser.add_argument("--large", action="store_true", help=f"also {_LARGE:,} entries")
    asked = parser.parse_args()
    sizes = sorted({*map(int, asked.sizes.split(",")), *((_LARGE,) if asked.large else ())})
    report = Report("audit")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(report, Path(folder) / "site", size)
    report.write()


def measure(report: Report, data: Path, size: int) -> None:
    """Make a log and take its figures."""
    name = f"{size // 1000}k"
    started = time.perf_counter()
    entries = apart(make_log, data, size)
    report.add(f"{name}_made_per_s", entries / (time.perf_counter() - started))
    report.add(f"{name}_entries", entries)
    report.add(f"{name}_bytes_per_entry", (data / "tram.db").stat().st_size / entries)
    before = together_verify()
    for workers in sorted({1, _WORKERS}):
        seconds, memory = apart(run_audit, data, workers, None)
        report.add(f"{name}_audit_{workers}_per_s", entries / seconds)
        report.add(f"{name}_audit_{workers}_mib", memory)
    raw = (before + together_verify()) / 2
    report.add(f"{name}_verify_raw_{_WORKERS}_per_s", raw)
    report.add(f"{name}_audit_of_raw", report.figures[f"{name}_audit_{_WORKERS}_per_s"] / raw)
    apart(run_audit, data, _WORKERS, "full")
    seconds, memory = apart(run_audit, data, _WORKERS, "since")
    report.add(f"{name}_since_last_s", seconds)
    report.add(f"{name}_since_last_mib", memory)
    seconds, memory = apart(run_start, data)
    report.add(f"{name}_start_s", seconds)
    report.add(f"{name}_start_mib", memory)


def apart(task: Callable[..., _T], *given: object) -> _T:
    """Run a task in a fresh process."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(task, *given).result()


def make_log(data: Path, size: int) -> int:
    """Make a site whose log has about *size* entries; returns how many."""
    register = make_province(1, day=dt.date(2026, 3, 2))
    site = create_site(data, origin="bench.tram.example/audit", register=register, now=lambda: _MONDAY_MS)
    load = Load.of(site, actors=64)
    settle()
    with site.hasty():
        left = (size - site.ledger.newest().size) // _ENTRIES_AN_ITEM
        while left > 0:
            entries = interleave(load.chains(min(left, 1_000), hops=_HOPS))
            left -= 1_000
            for start in range(0, len(entries), _AT_ONCE):
                results = site.ledger.append(entries[start : start + _AT_ONCE])
                assert all(r.status == "stored" and not r.findings for r in results), results[0]
    entries_made = site.ledger.newest().size
    site.close()
    return entries_made


def run_audit(data: Path, workers: int, last: str | None) -> tuple[float, float]:
    """Audit; returns seconds, and MiB of the largest process. *last* is "full" or "since" to keep a last audit."""
    settle()
    engine = open_database(data)
    keys, kept = log_keys_of(engine, data), LastAudit(data)
    started = time.perf_counter()
    found = audit(
        engine,
        keys,
        workers=workers,
        last=kept.read() if last == "since" else None,
    )
    seconds = time.perf_counter() - started
    assert found.holds, found.problems[:3]
    assert (found.since is not None) == (last == "since")
    if last == "full":
        assert found.seen
        kept.write(found.seen)
    return seconds, memory_mib()


def run_start(data: Path) -> tuple[float, float]:
    """Open the site as the service does; returns seconds and MiB."""
    started = time.perf_counter()
    site = open_site(data)
    seconds = time.perf_counter() - started
    assert site.ledger.newest().size
    site.close()
    return seconds, memory_mib()


def memory_mib() -> float:
    """Peak of this process, or of the largest of its helpers, in MiB."""
    kinds = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    return max(resource.getrusage(kind).ru_maxrss for kind in kinds) / _MIB


def together_verify() -> float:
    """Ed25519 verifications a second of as many processes at once as there are cores."""
    with ProcessPoolExecutor(_WORKERS, mp_context=multiprocessing.get_context("spawn")) as pool:
        list(pool.map(_idle, range(_WORKERS)))
        return sum(pool.map(_verify, range(_WORKERS)))


def _idle(_n: int) -> None:
    time.sleep(0.3)  # until every process is there


def _verify(_n: int) -> float:
    return raw_verify()


if __name__ == "__main__":
    main()
