"""A small honest log: it admits, certifies, anchors and judges as the real one does, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

import pytest

from custody.admission import admit, network_of
from custody.errors import CustodyError
from custody.event import Entry, EventType
from custody.judge import Chain, Judgement
from custody.keys import KeyRing
from custody.merkle import Frontier
from custody.policy import Policy
from kt1.clock import day_start_ms
from kt1.province import make_province
from kt1.register import Register
from kt1.traffic import Plan, Traffic, keys_of_seed
from kt1.traffic.world import Step

DAY = date(2026, 11, 1)


@dataclass(slots=True)
class Log:
    """A log in memory, and the chains that its entries make."""

    net: bytes = field(default_factory=lambda: network_of("lam-giang.example/kt1"))
    ring: KeyRing = field(default_factory=KeyRing)
    chains: dict[bytes, Chain] = field(default_factory=dict)
    causes: dict[bytes, str] = field(default_factory=dict)
    last_ms: dict[bytes, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[Step, str]] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    holders: list[bytes] = field(default_factory=list)
    _frontier: Frontier = field(default_factory=Frontier)
    _checkpoints: dict[int, tuple[bytes, int]] = field(default_factory=dict)

    def checkpoint(self) -> tuple[int, bytes] | None:
        """The newest (size, root)."""
        size = len(self.entries)
        return (size, self._checkpoints[size][0]) if size else None

    def append(self, step: Step) -> None:
        """Take a step in, or refuse it."""
        self.steps.append(step)
        try:
            event = admit(step.raw, ring=self.ring, net=self.net)
        except CustodyError as error:
            self.refused.append((step, error.finding))
            return
        entry = Entry(len(self.entries), event, step.at_ms)
        if event.type > EventType.OVERRIDE:
            self.ring.apply(entry)
        self.entries.append(entry)
        self._frontier.append(event.id)
        self._checkpoints[len(self.entries)] = (self._frontier.root(), step.at_ms)
        for ref in event.items:
            self._chain(ref.uid).add(entry)
            self.holders.append(self.chains[ref.uid].item.custodian)
            self.causes[ref.uid] = step.cause
            self.last_ms[ref.uid] = step.at_ms

    def _chain(self, uid: bytes) -> Chain:
        if uid not in self.chains:
            self.chains[uid] = Chain(uid, ring=self.ring, anchors=self._checkpoints.get, policy=Policy())
        return self.chains[uid]

    def judge(self, uid: bytes, *, wait_ms: int = 0) -> Judgement:
        """The verdict on an item, so long after its last event."""
        return self.chains[uid].judge(self.last_ms[uid] + wait_ms)


Run = Callable[..., Log]


@pytest.fixture(scope="session")
def province() -> Register:
    """The demonstration province of seed 1."""
    return make_province(1, day=DAY)


@pytest.fixture(scope="session")
def run(province: Register) -> Run:
    """Run a plan from 1/11/2026 into a fresh log; arguments are those of `Plan`, and the seed."""

    def run_plan(*, seed: int = 1, start_ms: int = day_start_ms(DAY), **plan: object) -> Log:
        log = Log()
        traffic = Traffic(
            province,
            keys_of_seed(seed),
            Plan(start_ms=start_ms, **plan),  # type: ignore[arg-type]
            net=log.net,
            seed=seed,
            checkpoint=log.checkpoint,
        )
        for step in chain(traffic.opening(), traffic):
            log.append(step)
        return log

    return run_plan
