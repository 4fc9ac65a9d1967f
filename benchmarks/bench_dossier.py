"""One item's evidence, ten events of it: how fast it is made and verified, and how large it is.

`python -m benchmarks.bench_dossier` prints a table and writes build/bench/dossier.json. The browser's verifier is
measured by its own tests.
"""

from __future__ import annotations

import datetime as dt
import resource
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.load import Load, Report, interleave
from custody.event import EventType
from custody.verify import verify_dossier
from db.dossier import dossier_of
from db.site import create_site
from kt1.province import make_province

_EVENTS = 10
_MONDAY_MS = 1_772_420_400_000  # 2026-03-02 10:00 at +07:00: offices are open
_BESIDE = 400  # other items in the log
_ROUNDS = 25


def main() -> None:
    """Run, print, write."""
    report = Report("dossier")
    with tempfile.TemporaryDirectory() as folder:
        register = make_province(1, day=dt.date(2026, 3, 2))
        site = create_site(
            Path(folder) / "site",
            origin="bench.tram.example/dossier",
            register=register,
            now=lambda: _MONDAY_MS,
        )
        load = Load.of(site, actors=8)
        with site.hasty():
            site.ledger.append(interleave(load.chains(_BESIDE, hops=3)))
            item = load.item()
            entries = [load.register(item)]
            for taker in (1, 2, 3, 4):
                entries += [load.offer(item, taker), load.accept(item, taker)]
            entries.append(load.sign(load.actors[item.holder], EventType.INSPECT, item))
            assert len(entries) == _EVENTS
            for raw in entries:
                assert site.ledger.append([raw])[0].status == "stored"
        data = dossier_of(site, item.uid)
        found = verify_dossier(data)
        assert found.passed == len(found.steps), found.failure
        report.add("events", len(entries))
        report.add("bytes", len(data))
        report.add("make_ms", median_ms(lambda: dossier_of(site, item.uid)))
        report.add("verify_ms", median_ms(lambda: verify_dossier(data)))
        report.add("memory_mib", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        site.close()
    report.write()


def median_ms(task: Callable[[], object]) -> float:
    """Median time of a task, ms; the first run, which fills caches, is not counted."""
    task()
    times = []
    for _ in range(_ROUNDS):
        started = time.perf_counter()
        task()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


if __name__ == "__main__":
    main()
