"""The traffic of a province: a stream of signed entries in the order in which they reach the log.

The caller owns the log: it appends each step with the step's own time, and answers `checkpoint()` with the
newest (size, root). Nothing here reads a clock; one seed makes one stream of bytes.
"""

from __future__ import annotations

import heapq
import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count

from custody import ed25519
from custody.roles import Role
from kt1.acceptance import Acceptance
from kt1.clock import DAY_MS, HOUR_MS
from kt1.province import CENTRE
from kt1.register import Person, Register
from kt1.site import Authority, SiteKeys, found_site, grant_for
from kt1.traffic.breaks import BREAKS
from kt1.traffic.journeys import choose_acceptance, honest
from kt1.traffic.scenes import SCENES
from kt1.traffic.world import Checkpoint, Envelope, Journey, Step, World, seed_of

__all__ = ["Plan", "Traffic", "demonstration", "keys_of_seed", "spread_breaks"]

Plot = Callable[[World, Envelope, int], Journey]

_SECOND_MS = 1_000  # signed times of checkpoints are whole seconds
_SCENE_MS = 2 * HOUR_MS
_ZONE_MS = 7 * HOUR_MS
_OPEN_MS = 7 * HOUR_MS
_CLOSE_MS = 17 * HOUR_MS
_USUAL_PER_DAY = 52  # a real province, domain 1.7
_MONTH_DAYS = 30
_DEMO_DAYS = 6
_BREAK_SHARE = 0.6  # planted breaks lie in this first part of the traffic, so that they come to their end


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How much traffic, when, and what goes wrong.

    Attributes:
        items: how many items are accepted.
        start_ms: when the first counter opens, unix milliseconds.
        until_ms: entries that would come later are left out, so that items stay where they are; None for
            the end of every journey.
        per_day: items a day; None for 52, or more where they would take longer than 30 days.
        breaks: item position -> name in `BREAKS`; see `spread_breaks`.
        scenes: how often each of `SCENES` is left standing in the last hours before `until_ms`.
        first_serial: serial of the first item number; the following ones count up.
    """

    items: int
    start_ms: int
    until_ms: int | None = None
    per_day: int | None = None
    breaks: Mapping[int, str] = field(default_factory=dict)
    scenes: int = 0
    first_serial: int = 20_000_000


def spread_breaks(items: int, names: Sequence[str] = tuple(BREAKS)) -> dict[int, str]:
    """Positions for these breaks, evenly over the first part of so many items; fewer if there is no room."""
    room = max(1, int(items * _BREAK_SHARE))
    chosen = names[:room]
    return {room * n // len(chosen): name for n, name in enumerate(chosen)}


def demonstration(now_ms: int) -> Plan:
    """The plan of the demonstration: a week of a province up to now, with every break once."""
    return Plan(
        items=400,
        start_ms=now_ms - now_ms % _SECOND_MS - _DEMO_DAYS * DAY_MS,
        until_ms=now_ms,
        per_day=_USUAL_PER_DAY,
        breaks=spread_breaks(_DEMO_DAYS * _USUAL_PER_DAY),
        scenes=3,
    )


def keys_of_seed(seed: int) -> SiteKeys:
    """The keys of a simulated site. Anyone who knows the seed can make them; never for a real one."""
    rng = random.Random(f"KT1-SITE-v1/{seed}")
    return SiteKeys(
        root=rng.randbytes(32), enrolment=rng.randbytes(32), label=rng.randbytes(32), kid4=rng.randbytes(4)
    )


class Traffic:
    """An iterator of steps: `for step in traffic: ledger.append(step.raw, now_ms=step.at_ms)`.

    On a fresh log append `opening()` first; on a site that has its keys and offices already, `enrolment()`.
    """

    def __init__(
        self, register: Register, keys: SiteKeys, plan: Plan, *, net: bytes, seed: int, checkpoint: Checkpoint
    ) -> None:
        """Plan the traffic; nothing is signed yet.

        Args:
            register: the province.
            keys: the site's enrolment and label keys; root is used by `opening` alone.
            plan: how much, when, what goes wrong.
            net: 8 bytes, the network.
            seed: makes people's keys and every choice.
            checkpoint: called at each signing for the newest (size, root) of the log.
        """
        self.register = register
        self.keys = keys
        self.plan = plan
        self._net = net
        self._seed = seed
        self._rng = random.Random(f"KT1-TRAFFIC-v1/{seed}")
        self._world = World(register, keys, net=net, seed=seed, rng=self._rng, checkpoint=checkpoint)
        self._heap: list[tuple[int, int, Step | None, Journey]] = []
        self._ticket = count()
        self._accepted = count()

    def opening(self) -> Iterator[Step]:
        """The entries of a fresh site, at the start of the plan: keys, offices, agencies, limits, people."""
        now_ms = self.plan.start_ms
        for raw in found_site(self.register, self.keys, net=self._net, now_ms=now_ms, rng=self._rng):
            yield Step(at_ms=now_ms, raw=raw)
        yield from self.enrolment()

    def enrolment(self) -> Iterator[Step]:
        """A certificate for everybody's simulated device."""
        authority = Authority(self._net, self.keys.enrolment, self._rng)
        now_ms = self.plan.start_ms
        for person in self.register.people:
            public = ed25519.public_of(seed_of(self._seed, person.login))
            grant = grant_for(person, public, self.register, now_ms=now_ms - now_ms % _SECOND_MS)
            yield Step(at_ms=now_ms, raw=authority.certify(grant, now_ms=now_ms))

    def person_seeds(self) -> dict[str, bytes]:
        """Login -> 32-byte signing key of everybody's simulated device, for keys.json."""
        return {person.login: seed_of(self._seed, person.login) for person in self.register.people}

    def __iter__(self) -> Iterator[Step]:
        """Yield every step in the order of its time."""
        self._resume(self._open_counters(), self.plan.start_ms, is_new=True)
        if self.plan.until_ms is not None:
            self._resume(self._set_scenes(self.plan.until_ms), self.plan.start_ms, is_new=True)
        last_ms = math.inf if self.plan.until_ms is None else self.plan.until_ms
        while self._heap:
            at_ms, _, step, journey = heapq.heappop(self._heap)
            if at_ms > last_ms:
                return
            if step is not None:
                yield step
            self._resume(journey, at_ms)

    def _push(self, at_ms: int, step: Step | None, journey: Journey) -> None:
        heapq.heappush(self._heap, (at_ms, next(self._ticket), step, journey))

    def _resume(self, journey: Journey, now_ms: int, *, is_new: bool = False) -> None:
        """Let a journey go on to its next wait or step."""
        try:
            move = next(journey) if is_new else journey.send(now_ms)
        except StopIteration:
            return
        if isinstance(move, Step):
            self._push(move.at_ms, move, journey)
        else:
            self._push(max(move, now_ms), None, journey)

    def _open_counters(self) -> Journey:
        """Accept the planned items, between 07:00 and 17:00 of every day."""
        plan, now_ms = self.plan, self.plan.start_ms
        per_day = plan.per_day or max(_USUAL_PER_DAY, math.ceil(plan.items / _MONTH_DAYS))
        gap_ms = (_CLOSE_MS - _OPEN_MS) / per_day
        for position in range(plan.items):
            now_ms = yield _opening(now_ms + round(self._rng.expovariate(1 / gap_ms)))
            acceptance = choose_acceptance(self._world, now_ms)
            clerk = self._world.pick(acceptance.office, Role.ISSUER)
            self._begin(acceptance, clerk, now_ms, cause=plan.breaks.get(position, ""))
        return now_ms

    def _set_scenes(self, until_ms: int) -> Journey:
        """Accept a few items at the centre for the people whom a newcomer plays, and leave them there."""
        world, now_ms = self._world, until_ms - _SCENE_MS
        bodies = [agency for agency in self.register.agencies if agency.office == CENTRE]
        scenes = [scene for _ in range(self.plan.scenes) for scene in SCENES]
        for scene in scenes:
            now_ms = yield now_ms + _SCENE_MS // (len(scenes) + 1)
            acceptance = choose_acceptance(world, now_ms, between=(self._rng.choice(bodies[2:]), bodies[0]))
            self._begin(acceptance, world.first(CENTRE, Role.ISSUER), now_ms, plot=scene)
        return now_ms

    def _begin(
        self, acceptance: Acceptance, clerk: Person, now_ms: int, *, plot: Plot = honest, cause: str = ""
    ) -> None:
        serial = self.plan.first_serial + next(self._accepted)
        envelope = self._world.envelope(acceptance, serial=serial, clerk=clerk, now_ms=now_ms)
        envelope.cause = cause
        chosen = BREAKS[cause].plot if cause else plot
        self._resume(chosen(self._world, envelope, now_ms), now_ms, is_new=True)


def _opening(now_ms: int) -> int:
    """The same moment, or as far into the next day's opening as it lies behind the close."""
    clock_ms = (now_ms + _ZONE_MS) % DAY_MS
    if clock_ms < _OPEN_MS:
        return now_ms - clock_ms + _OPEN_MS
    if clock_ms < _CLOSE_MS:
        return now_ms
    behind_ms = (clock_ms - _CLOSE_MS) % (_CLOSE_MS - _OPEN_MS)
    return now_ms - clock_ms + DAY_MS + _OPEN_MS + behind_ms
