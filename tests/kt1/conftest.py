"""A small honest log: it admits, certifies, anchors and judges as the real one does, in memory."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from itertools import chain

import pytest

from custody.admission import admit, network_of
from custody.errors import CustodyError
from custody.event import Entry, Event
from custody.fields import CHAIN_TYPES, EventType, Field
from custody.judge import Chain, Judgement
from custody.merkle import Frontier
from custody.network import Network
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
    network: Network = field(default_factory=Network)
    chains: dict[bytes, Chain] = field(default_factory=dict)
    causes: dict[bytes, str] = field(default_factory=dict)
    last_ms: dict[bytes, int] = field(default_factory=dict)
    entries: list[Entry] = field(default_factory=list)
    refused: list[tuple[Step, str]] = field(default_factory=list)
    repeated: list[Step] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    _frontier: Frontier = field(default_factory=Frontier)
    _checkpoints: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    _by_id: dict[bytes, Entry] = field(default_factory=dict)

    def checkpoint(self) -> tuple[int, bytes] | None:
        """The newest (size, root)."""
        size = len(self.entries)
        return (size, self._checkpoints[size][0]) if size else None

    def append(self, step: Step) -> None:
        """Take a step in, or refuse it."""
        self.steps.append(step)
        try:
            event = admit(step.raw, ring=self.network.ring, net=self.net)
        except CustodyError as error:
            self.refused.append((step, error.finding))
            return
        if event.id in self._by_id:
            self.repeated.append(step)
            return
        entry = Entry(len(self.entries), event, step.at_ms)
        if event.type not in CHAIN_TYPES:
            self.network.apply(entry)
        self.entries.append(entry)
        self._by_id[event.id] = entry
        self._frontier.append(event.id)
        self._checkpoints[len(self.entries)] = (self._frontier.root(), step.at_ms)
        for ref in event.items:
            self.causes[ref.uid] = step.cause
            self.last_ms[ref.uid] = step.at_ms

    def find(self, id_: bytes, index: int) -> Event | None:
        """An event by id among the entries up to *index*."""
        entry = self._by_id.get(id_)
        return entry.event if entry and entry.index <= index else None

    def fold(self) -> None:
        """Make the chains of all that the entries name, each with the entries of the containers it was in."""
        boxes: dict[bytes, set[bytes]] = {}
        for entry in self.entries:
            if entry.event.type in (EventType.LOAD, EventType.UNLOAD):
                container = entry.event.fields[Field.CONTAINER]
                boxes.setdefault(entry.event.items[0].uid, set()).add(container)
        inside: dict[bytes, list[bytes]] = {}
        for uid in self.causes:
            around = _closure(uid, boxes)
            self.chains[uid] = Chain(
                uid, network=self.network, anchors=self._checkpoints.get, find=self.find, containers=around
            )
            for one in (uid, *around):
                inside.setdefault(one, []).append(uid)
        for entry in self.entries:
            for uid in {uid for ref in entry.event.items for uid in inside[ref.uid]}:
                self.chains[uid].add(entry)

    def judge(self, uid: bytes, *, wait_ms: int = 0) -> Judgement:
        """The verdict on an item, so long after its last event."""
        return self.chains[uid].judge(self.last_ms[uid] + wait_ms)


def _closure(uid: bytes, boxes: dict[bytes, set[bytes]]) -> set[bytes]:
    found, todo = set[bytes](), {uid}
    while todo:
        todo = {box for one in todo for box in boxes.get(one, ())} - found
        found |= todo
    return found


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
        log.fold()
        return log

    return run_plan
