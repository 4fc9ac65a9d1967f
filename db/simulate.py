"""A province's simulated traffic in a site of its own, with every key that signed in it."""

from __future__ import annotations

import datetime as dt
import json
import random
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from custody.cose import kid_of
from custody.ed25519 import public_of
from custody.event import EventType
from db import schema
from db.drill import province_outcomes, run_drill, write_outcomes
from db.engine import reading
from db.errors import SiteError
from db.keystore import CLOCK, LOG
from db.site import Site, create_site
from db.watchlist import device_findings, pair_findings
from kt1.clock import DAY_MS, local_date
from kt1.province import make_province
from kt1.register import Register
from kt1.rules import Limits
from kt1.traffic import Plan, Step, Traffic, keys_of_seed, spread_breaks
from kt1.traffic.breaks import BREAKS

__all__ = [
    "ORIGIN",
    "Clock",
    "Feed",
    "found_province",
    "play",
    "province_of",
    "simulate",
    "simulate_breaks",
    "summary",
    "text_of",
]

Progress = Callable[[int, int], None]

ORIGIN: Final = "simulated.tram.example/lam-giang"
_START: Final = dt.datetime(2026, 2, 1, 17, tzinfo=dt.UTC)  # a Monday at +07:00, two weeks before Tết
_STEPS: Final = 12  # entries an item, about
_BATCH: Final = 256
_BATCH_MS: Final = 60_000  # entries that reach the log within a minute share a checkpoint
_MANY: Final = 2_000  # from so many items on, those that come within ten minutes do
_LONG_BATCH_MS: Final = 600_000
_BREAKS_SERIAL: Final = 40_000_000
_OVER: Final = ("DELIVERED", "DESTROYED", "VOID", "EMPTY")
_GRAVE: Final = frozenset("CHM")
_entry, _finding, _item = schema.entry, schema.finding, schema.item
_DONE = _finding.c.resolved_idx.is_not(None)
_TYPES = sa.select(_entry.c.type, sa.func.count()).group_by(_entry.c.type)
_FINDINGS = sa.select(_finding.c.code, _finding.c.severity, _DONE, sa.func.count()).group_by(
    _finding.c.code, _finding.c.severity, _DONE
)
_STATES = sa.select(_item.c.is_container, _item.c.state, sa.func.count()).group_by(
    _item.c.is_container, _item.c.state
)
_UNDER_WAY = sa.select(_item.c.uid).where(_item.c.state.not_in(_OVER))


@dataclass(slots=True)
class Clock:
    """A clock that is set by the traffic."""

    now_ms: int

    def __call__(self) -> int:
        """Return the time, unix ms UTC."""
        return self.now_ms


@dataclass(slots=True)
class Feed:
    """The way of simulated steps into a log: together where they come together, each held to what it expects.

    Attributes:
        site: the site.
        clock: its clock; goes with the steps.
        batch_ms: steps that reach the log within so many ms of each other share a checkpoint.
        entries: how many the log took.
        refused: how many it refused, as it should.
        repeated: how many it had already.
    """

    site: Site
    clock: Clock
    batch_ms: int = _BATCH_MS
    entries: int = 0
    refused: int = 0
    repeated: int = 0
    _waiting: list[Step] = field(default_factory=list)
    _newest: tuple[int, bytes] | None = None

    def checkpoint(self) -> tuple[int, bytes] | None:
        """Return (size, root) of the newest checkpoint."""
        if self._newest is None:
            self._newest = self.site.ledger.anchor()
        return self._newest

    def take(self, steps: Iterable[Step], on_append: Callable[[], None] = lambda: None) -> None:
        """Append steps, each at its own time or within `batch_ms` after it.

        Raises:
            SiteError: the log refuses what it should take, or the other way round.
        """
        for step in steps:
            first = self._waiting[0].at_ms if self._waiting else step.at_ms
            if len(self._waiting) >= _BATCH or step.at_ms - first > self.batch_ms:
                self._append()
                on_append()
            self.clock.now_ms = max(self.clock.now_ms, step.at_ms)
            self._waiting.append(step)
        self._append()

    def _append(self) -> None:
        steps, self._waiting = self._waiting, []
        results = self.site.ledger.append([step.raw for step in steps], submitted_by="simulation")
        for step, result in zip(steps, results, strict=True):
            wanted = "refused" if step.is_refused else "duplicate" if step.is_repeat else "stored"
            if result.status != wanted:
                raise SiteError(
                    f"simulated entry of {step.number} is {result.status}: {result.error or 'taken'}"
                )
            self.entries += wanted == "stored"
            self.refused += wanted == "refused"
            self.repeated += wanted == "duplicate"
        self._newest = None


def simulate(
    out: Path,
    *,
    items: int,
    seed: int,
    clean: bool,
    database_url: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make a site at *out* and let a province work in it.

    Args:
        out: directory of the new site.
        items: how many are accepted.
        seed: the same seed makes the same events; log keys too.
        clean: nothing is broken on purpose.
        database_url: a PostgreSQL instead of a file in *out*.
        progress: called with (entries so far, a guess of how many there will be).

    Returns:
        Figures of `summary`, and the names of the breaks planted.

    Raises:
        SiteError: there is a site at *out*.
    """
    started = time.perf_counter()
    site, feed = found_province(out, seed=seed, database_url=database_url)
    feed.batch_ms = _BATCH_MS if items < _MANY else _LONG_BATCH_MS
    plan = Plan(items=items, start_ms=feed.clock.now_ms, breaks={} if clean else spread_breaks(items))
    with site.hasty():
        play(feed, plan, seed=seed, progress=progress)
    figures = summary(feed, seconds=time.perf_counter() - started)
    site.close()
    return {**figures, "items": items, "breaks": sorted(set(plan.breaks.values())), "out": str(out)}


def simulate_breaks(
    out: Path,
    *,
    items: int,
    seed: int,
    database_url: str | None = None,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Make a site with honest traffic at *out*, then do every named break and near miss in it; write breaks.json.

    Returns:
        Figures of `summary`; `planted` and `near_misses`, how many; `differ`, the names of those of which not
        exactly what should be was found in the views, the log and the dossier alike.

    Raises:
        SiteError: there is a site at *out*, or its log refuses what it should take.
    """
    started = time.perf_counter()
    site, feed = found_province(out, seed=seed, database_url=database_url)
    with site.hasty():
        play(feed, Plan(items=items, start_ms=feed.clock.now_ms), seed=seed, progress=progress)
        start_ms, count = feed.clock.now_ms + DAY_MS, 2 * len(BREAKS)
        plan = Plan(items=count, start_ms=start_ms, breaks=spread_breaks(count), first_serial=_BREAKS_SERIAL)
        steps = play(feed, plan, seed=seed, progress=progress, spare=1)  # no device may begin its chain anew
        outcomes = [*province_outcomes(site, steps), *run_drill(site, feed.clock, progress=progress)]
        site.enter(site.enrolment().set_limits(Limits(), now_ms=feed.clock.now_ms))
    write_outcomes(out / "breaks.json", outcomes)
    figures = summary(feed, seconds=time.perf_counter() - started)
    site.close()
    return {
        **figures,
        "items": items,
        "planted": sum(one.kind == "break" for one in outcomes),
        "near_misses": sum(one.kind != "break" for one in outcomes),
        "differ": [f"{one.kind} {one.name}" for one in outcomes if not one.agrees],
        "out": str(out),
    }


def found_province(out: Path, *, seed: int, database_url: str | None = None) -> tuple[Site, Feed]:
    """Make the site of a simulated province, at 00:00 +07:00 of its first day; nobody can sign yet.

    Raises:
        SiteError: there is a site at *out*.
    """
    clock = Clock(int(_START.timestamp() * 1000))
    rng = random.Random(f"TRAM-SIMULATE-v1/{seed}")  # noqa: S311 -- simulated keys are published
    site = create_site(
        out,
        origin=ORIGIN,
        register=province_of(seed),
        database_url=database_url,
        keys=keys_of_seed(seed),
        rng=rng,
        now=clock,
        is_demo=True,
    )
    return site, Feed(site, clock)


def province_of(seed: int) -> Register:
    """Return the register of the simulated province."""
    return make_province(seed, day=local_date(int(_START.timestamp() * 1000)))


def play(
    feed: Feed, plan: Plan, *, seed: int, progress: Progress | None = None, spare: int = 0
) -> list[Step]:
    """Certify everybody, append the traffic of a plan, and write its keys; return the steps of planted breaks.

    Args:
        feed: the way into the site's log.
        plan: how much, when, what goes wrong.
        seed: of the site.
        progress: called with (entries so far, a guess of how many there will be).
        spare: 0 for the people's own devices, of which keys.json says the keys; others for other devices of theirs.
    """
    traffic = Traffic(
        province_of(seed),
        keys_of_seed(seed),
        plan,
        net=feed.site.net,
        seed=seed + spare,
        checkpoint=feed.checkpoint,
    )
    guess, planted = plan.items * _STEPS, list[Step]()

    def said() -> None:
        if progress:
            progress(feed.entries, max(guess, feed.entries))

    def noted() -> Iterator[Step]:
        for step in traffic:
            if step.cause:
                planted.append(step)
            yield step

    feed.take(traffic.enrolment())
    feed.take(noted(), said)
    if not spare:
        _write_keys(feed.site.data / "keys.json", feed.site, traffic)
    return planted


# -- figures -----------------------------------------------------------------------------------------


def summary(feed: Feed, *, seconds: float) -> dict[str, Any]:
    """Return what the site holds: items, bags, entries, events by type, findings, speed, size on disk.

    `findings` counts by "CODE severity", those that are resolved by themselves; `overdue` those that time alone
    makes as of the end of the run, of what is still on its way; `watched` those of devices and of pairs of people, once
    a gap in a device's chain may stay open no longer. `grave` is how many of weight nothing resolves.
    """
    site = feed.site
    with reading(site.engine) as conn:
        types = {EventType(kind).name: n for kind, n in conn.execute(_TYPES)}
        found = {(code, severity, bool(done)): n for code, severity, done, n in conn.execute(_FINDINGS)}
        things = {(bool(bag), state): n for bag, state, n in conn.execute(_STATES)}
        waiting = [uid for (uid,) in conn.execute(_UNDER_WAY)]
        rules, now_ms = site.ledger.rules, feed.clock.now_ms
        watched = device_findings(conn, rules, now_ms + rules.policy.gap_ms + 1, with_ended=True)
        watched += pair_findings(conn, rules, now_ms)
    size = feed.checkpoint()
    late = Counter(late for uid in waiting for late in _late(site, uid, now_ms))
    strange = Counter(f"{one.finding.code} {one.finding.severity.value}" for one in watched)
    grave = sum(n for (_, severity, done), n in found.items() if severity in _GRAVE and not done)
    grave += sum(one.finding.severity.value in _GRAVE for one in watched)
    return {
        "entries": size[0] if size else 0,
        "refused": feed.refused,
        "repeated": feed.repeated,
        "bags": sum(n for (bag, _), n in things.items() if bag),
        "under_way": len(waiting),
        "events": dict(sorted(types.items(), key=lambda pair: -pair[1])),
        "findings": {
            f"{code} {severity}": n for (code, severity, done), n in sorted(found.items()) if not done
        },
        "resolved": {f"{code} {severity}": n for (code, severity, done), n in sorted(found.items()) if done},
        "overdue": dict(sorted(late.items())),
        "watched": dict(sorted(strange.items())),
        "grave": grave,
        "seconds": round(seconds, 1),
        "entries_per_s": round(feed.entries / seconds) if seconds else 0,
        "bytes": sum(file.stat().st_size for file in site.data.rglob("*") if file.is_file()),
    }


def text_of(made: dict[str, Any]) -> str:
    """Write figures for people."""
    lines = [
        f"{made['items']:,} items, {made['bags']:,} bags, {made['entries']:,} entries in {made['out']}",
        f"{made['seconds']} s: {made['items'] / made['seconds']:.1f} items/s, {made['entries_per_s']} entries/s",
        f"{made['bytes'] / 1e6:.1f} MB on disk",
        f"refused {made['refused']}, sent twice {made['repeated']}, still under way {made['under_way']}",
    ]
    for what in ("events", "findings", "resolved", "overdue", "watched"):
        counts = [f"{name} {n:,}" for name, n in made[what].items()]
        lines.append(f"{what}: {', '.join(counts) or 'none'}")
    lines.append(f"findings of weight that nothing resolved: {made['grave']}")
    if "planted" in made:
        differ = ", ".join(made["differ"]) or "none"
        lines.append(
            f"{made['planted']} breaks and {made['near_misses']} near misses, of which differ: {differ}"
        )
    return "\n".join(lines)


def _late(site: Site, uid: bytes, now_ms: int) -> list[str]:
    chain = site.ledger.chain(uid)
    kept = {finding.id for finding in chain.findings}
    return [f"{f.code} {f.severity.value}" for f in chain.judge(now_ms).findings if f.id not in kept]


def _write_keys(path: Path, site: Site, traffic: Traffic) -> None:
    """Write every simulated private key. The site is worth nothing afterwards: that is what it is for."""
    keys, seeds = traffic.keys, traffic.person_seeds()
    named = {"root": keys.root, "enrolment": keys.enrolment, "label": keys.label}
    named |= {"log": site.keys.read(LOG), "clock": site.keys.read(CLOCK)}
    content = {
        "origin": site.origin,
        "net": site.net.hex(),
        "log_key": site.log_keys.log.vkey,
        "clock_key": site.log_keys.clock.vkey,
        "kid4": keys.kid4.hex(),
        "site": {name: _key(seed) for name, seed in named.items()},
        "people": {
            person.login: {
                **_key(seeds[person.login]),
                "person": person.id.hex(),
                "roles": sorted(role.name for role in person.roles),
                "office": person.office,
                "agency": person.agency,
            }
            for person in traffic.register.people
        },
    }
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _key(seed: bytes) -> dict[str, str]:
    public = public_of(seed)
    return {"seed": seed.hex(), "public_key": public.hex(), "kid": kid_of(public).hex()}
