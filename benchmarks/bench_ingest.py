"""Ingest in process: verified, judged, durable, with receipt, against this machine's raw Ed25519 verify rate.

`python -m benchmarks.bench_ingest` prints a table and writes build/bench/ingest.json.
"""

from __future__ import annotations

import datetime as dt
import itertools
import os
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks.load import Load, Report, interleave
from custody import ed25519
from db.audit import audit
from db.settle import settle
from db.site import Site, create_site
from kt1.province import make_province

_ORIGIN = "bench.tram.example/log"
_VERIFIES = 4_000
_SINGLE_THREADS = 16
_BULK = 100
_BULK_THREADS = 4
_HOPS = 3
_IGNORED = frozenset(("T09",))  # whoever measures at night is out of office hours
_ITEMS = int(os.environ.get("ITEMS", "1200"))


def main() -> None:
    """Run, print, write."""
    report = Report("ingest")
    report.add("verify_raw_per_s", raw_verify())
    with tempfile.TemporaryDirectory() as folder:
        register = make_province(1, day=dt.datetime.now(dt.UTC).date())
        site = create_site(Path(folder) / "site", origin=_ORIGIN, register=register)
        load = Load.of(site, actors=16)
        settle()
        bulk = load.chains(_ITEMS, hops=_HOPS)
        single = load.chains(_ITEMS // 4, hops=_HOPS)
        alone = interleave(load.chains(40, hops=_HOPS))
        seconds, latencies = timed_calls(site, [[raw] for raw in alone], threads=1)
        report.add("one_thread_per_s", len(alone) / seconds)
        report.add("one_thread_p50_ms", percentile(latencies, 50))
        seconds, latencies = shared(site, single, _SINGLE_THREADS)
        count = sum(map(len, single))
        report.add("single_per_s", count / seconds)
        report.add("single_p50_ms", percentile(latencies, 50))
        report.add("single_p99_ms", percentile(latencies, 99))
        seconds, latencies = in_bulk(site, bulk, _BULK_THREADS)
        count = sum(map(len, bulk))
        report.add("bulk_per_s", count / seconds)
        report.add("bulk_p50_ms", percentile(latencies, 50))
        report.add("bulk_p99_ms", percentile(latencies, 99))
        report.add("verify_raw_again_per_s", raw_verify())
        raw = statistics.mean((report.figures["verify_raw_per_s"], report.figures["verify_raw_again_per_s"]))
        report.add("bulk_of_raw_verify", report.figures["bulk_per_s"] / raw)
        for workers in (1, 2):
            started = time.perf_counter()
            found = audit(site.engine, site.log_keys, workers=workers)
            assert found.holds, found.problems[:3]
            report.add(f"audit_{workers}_per_s", found.size / (time.perf_counter() - started))
        report.add("audit_2_of_raw_verify_2", report.figures["audit_2_per_s"] / (2 * raw))
        report.add("entries", found.size)
        report.add("bytes_per_entry", (Path(folder) / "site/tram.db").stat().st_size / found.size)
        site.close()
    report.write()


def raw_verify() -> float:
    """Ed25519 verifications a second, one core, messages as long as an event's."""
    rng = random.Random(1)
    seed, message = rng.randbytes(32), rng.randbytes(260)
    public, signature = ed25519.public_of(seed), ed25519.sign(seed, message)
    started = time.perf_counter()
    for _ in range(_VERIFIES):
        assert ed25519.verify(public, message, signature)
    return _VERIFIES / (time.perf_counter() - started)


def shared(site: Site, chains: Sequence[list[bytes]], threads: int) -> tuple[float, list[float]]:
    """One entry a call; each thread walks its own items, so that every chain stays in order."""
    parts = [interleave(list(chains[n::threads])) for n in range(threads)]
    return timed_threads([calls_of(site, [[raw] for raw in part]) for part in parts])


def in_bulk(site: Site, chains: Sequence[list[bytes]], threads: int) -> tuple[float, list[float]]:
    """A hundred entries a call, as an outbox sends them after a day without network."""
    parts = [interleave(list(chains[n::threads])) for n in range(threads)]
    batches = [[part[i : i + _BULK] for i in range(0, len(part), _BULK)] for part in parts]
    return timed_threads([calls_of(site, batch) for batch in batches])


def timed_calls(site: Site, batches: Sequence[list[bytes]], *, threads: int) -> tuple[float, list[float]]:
    """Append batches in order, dealt out to threads."""
    return timed_threads([calls_of(site, batches[n::threads]) for n in range(threads)])


def calls_of(site: Site, batches: Sequence[list[bytes]]) -> Callable[[], list[float]]:
    """Return a task that appends batches one after the other and gives the latencies in ms."""

    def run() -> list[float]:
        latencies = []
        for batch in batches:
            started = time.perf_counter()
            results = site.ledger.append(batch)
            latencies.append((time.perf_counter() - started) * 1000)
            assert all(
                r.status == "stored" and r.receipt and _IGNORED.issuperset(r.findings) for r in results
            )
        return latencies

    return run


def timed_threads(tasks: Sequence[Callable[[], list[float]]]) -> tuple[float, list[float]]:
    """Run tasks at once; returns seconds for all, and every latency."""
    latencies: list[list[float]] = [[] for _ in tasks]

    def run(n: int) -> None:
        latencies[n] = tasks[n]()

    workers = [threading.Thread(target=run, args=(n,)) for n in range(len(tasks))]
    started = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    seconds = time.perf_counter() - started
    assert all(latencies)
    return seconds, list(itertools.chain.from_iterable(latencies))


def percentile(values: Sequence[float], percent: int) -> float:
    """The value below which *percent* of all lie."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


if __name__ == "__main__":
    main()
