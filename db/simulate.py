"""A province's simulated traffic in a site of its own, with every key that signed in it."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custody.cose import kid_of
from custody.ed25519 import public_of
from db.errors import SiteError
from db.keystore import CLOCK, LOG
from db.site import Site, create_site
from kt1.province import make_province
from kt1.traffic import Plan, Traffic, keys_of_seed, spread_breaks
from kt1.traffic.world import Step

__all__ = ["Clock", "feed", "simulate"]

_ORIGIN = "simulated.tram.example/lam-giang"
_START = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
_STEPS = 7  # entries an item, about
_BATCH = 64
_BATCH_MS = 1_000  # entries that reach the log within a second share a checkpoint


@dataclass(slots=True)
class Clock:
    """A clock that is set by the traffic."""

    now_ms: int

    def __call__(self) -> int:
        """Return the time, unix ms UTC."""
        return self.now_ms


def simulate(
    out: Path,
    *,
    items: int,
    seed: int,
    clean: bool,
    progress: Callable[[int, int], None] | None = None,
) -> dict[str, Any]:
    """Make a site at *out* and let a province work in it.

    Args:
        out: directory of the new site.
        items: how many are accepted.
        seed: the same seed makes the same events; log keys too.
        clean: nothing is broken on purpose.
        progress: called with (entries so far, a guess of how many there will be).

    Returns:
        Figures: entries, items, refused, and the names of the breaks planted.

    Raises:
        SiteError: there is a site at *out*.
    """
    start_ms = int(_START.timestamp() * 1000)
    clock, keys = Clock(start_ms), keys_of_seed(seed)
    register = make_province(seed, day=_START.date())
    rng = random.Random(f"TRAM-SIMULATE-v1/{seed}")  # noqa: S311 -- simulated keys are published
    site = create_site(out, origin=_ORIGIN, register=register, keys=keys, rng=rng, now=clock, is_demo=True)
    plan = Plan(items=items, start_ms=start_ms, breaks={} if clean else spread_breaks(items))

    traffic = Traffic(register, keys, plan, net=site.net, seed=seed, checkpoint=site.ledger.anchor)
    _write_keys(out / "keys.json", site, traffic)
    with site.hasty():
        counts = feed(site, clock, traffic, guess=items * _STEPS, progress=progress)
    site.close()
    return {**counts, "items": items, "breaks": sorted(set(plan.breaks.values())), "out": str(out)}


def feed(
    site: Site,
    clock: Clock,
    traffic: Traffic,
    *,
    guess: int = 0,
    progress: Callable[[int, int], None] | None = None,
    on_step: Callable[[Step], None] | None = None,
) -> dict[str, int]:
    """Certify everybody and append the traffic, each entry at its own time.

    Raises:
        SiteError: the log refuses what it should take, or the other way round.
    """
    for step in traffic.enrolment():
        clock.now_ms = max(clock.now_ms, step.at_ms)
        _append(site, [step])
    entries = refused = 0
    waiting: list[Step] = []
    for step in traffic:
        if waiting and (len(waiting) >= _BATCH or step.at_ms - waiting[0].at_ms > _BATCH_MS):
            refused += _append(site, waiting)
            entries += len(waiting)
            waiting = []
            if progress:
                progress(entries, max(guess, entries))
        clock.now_ms = max(clock.now_ms, step.at_ms)
        waiting.append(step)
        if on_step:
            on_step(step)
    refused += _append(site, waiting)
    return {"entries": entries + len(waiting), "refused": refused}


def _append(site: Site, steps: list[Step]) -> int:
    """Append, and hold the log to what each step expects; returns how many it refused."""
    results = site.ledger.append([step.raw for step in steps], submitted_by="simulation")
    for step, result in zip(steps, results, strict=True):
        if (result.status == "refused") != step.is_refused:
            raise SiteError(f"simulated entry of {step.number} is {result.status}: {result.error or 'taken'}")
    return sum(result.status == "refused" for result in results)


def _write_keys(path: Path, site: Site, traffic: Traffic) -> None:
    """Write every simulated private key. The site is worth nothing afterwards: that is what it is for."""
    keys = traffic.keys
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
                **_key(traffic.person_seeds()[person.login]),
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
