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
from kt1.service import Urgency
from kt1.site import Authority, SiteKeys, found_site, grant_for
from kt1.traffic.breaks import BREAKS
from kt1.traffic.journeys import choose_acceptance, honest
from kt1.traffic.lines import evenings, outages
from kt1.traffic.offices import office_days, ordinary
from kt1.traffic.scenes import SCENES
from kt1.traffic.times import CLOSING_MS, OPENING_MS, ZONE_MS, is_workday, until_open
from kt1.traffic.world import LATENCY_MS, Checkpoint, Envelope, Journey, Scale, Step, World

__all__ = ["Plan", "Traffic", "demonstration", "keys_of_seed", "spread_breaks"]

Plot = Callable[[World, Envelope, int], Journey]

_SECOND_MS = 1_000  # signed times of checkpoints are whole seconds
_SCENE_MS = 2 * HOUR_MS
_LAST_ORDERS_MS = CLOSING_MS - HOUR_MS // 2
_NIGHT_SHARE = 0.02  # of a day's items come at night, and as many on a day on which the offices are closed
_USUAL_PER_DAY = 52  # a real province, domain 1.7
_RUN_DAYS = 100
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
        per_day: items a workday; None for 52, or more where they would take longer than 100 days.
        breaks: item position -> name in `BREAKS`; see `spread_breaks`.
        scenes: how often each of `SCENES` is left standing in the last hours before `until_ms`.
        bags: ordinary envelopes travel in bags and on rounds; without, every one from hand to hand.
        is_calm: no device loses its network, and none gets a new key; so that a planted break shows itself alone.
        first_serial: serial of the first item number; the following ones count up.
    """

    items: int
    start_ms: int
    until_ms: int | None = None
    per_day: int | None = None
    breaks: Mapping[int, str] = field(default_factory=dict)
    scenes: int = 0
    first_serial: int = 20_000_000
    bags: bool = True
    is_calm: bool = False

    @property
    def a_day(self) -> int:
        """Items a workday."""
        return self.per_day or max(_USUAL_PER_DAY, math.ceil(self.items / _RUN_DAYS))


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
        self._rng = random.Random(f"KT1-TRAFFIC-v1/{seed}")
        self._world = World(
            register,
            keys,
            net=net,
            seed=seed,
            rng=self._rng,
            checkpoint=checkpoint,
            scale=Scale(
                first_serial=plan.first_serial,
                per_day=plan.a_day,
                has_spells=not (plan.is_calm or plan.breaks),
            ),
        )
        self._heap: list[tuple[int, int, Step | None, Journey | None, bool]] = []
        self._ticket = count()

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
            device = self._world.device(person)
            public = ed25519.public_of(device.seed)
            whole_ms = now_ms - now_ms % _SECOND_MS
            grant = grant_for(person, public, self.register, now_ms=whole_ms, device=device.id)
            yield Step(at_ms=now_ms, raw=authority.certify(grant, now_ms=now_ms))

    def person_seeds(self) -> dict[str, bytes]:
        """Login -> 32-byte signing key of everybody's simulated device as it is now, for keys.json."""
        return self._world.person_seeds()

    def __iter__(self) -> Iterator[Step]:
        """Yield every step in the order of its time."""
        start_ms = self.plan.start_ms
        self._resume(self._open_counters(), start_ms, is_new=True)
        if self.plan.until_ms is not None:
            self._resume(self._set_scenes(self.plan.until_ms), start_ms, is_new=True)
        for journey in self._background(start_ms):
            self._resume(journey, start_ms, is_new=True)
        last_ms = math.inf if self.plan.until_ms is None else self.plan.until_ms
        while self._heap:
            at_ms, _, step, going, is_new = heapq.heappop(self._heap)
            if at_ms > last_ms:
                return
            if step is not None:
                yield step
            if going is not None:
                self._resume(going, at_ms, is_new=is_new)

    def _background(self, start_ms: int) -> Iterator[Journey]:
        """What goes on beside the envelopes."""
        if not self.plan.bags or not self.plan.items:
            return
        for office in self.register.offices:
            yield office_days(self._world, office.code, start_ms)
            if self._world.has_spells:
                yield outages(self._world, office.code, start_ms)
        yield evenings(self._world, start_ms)

    def _push(self, at_ms: int, step: Step | None, journey: Journey | None, *, is_new: bool = False) -> None:
        heapq.heappush(self._heap, (at_ms, next(self._ticket), step, journey, is_new))

    def _resume(self, journey: Journey, now_ms: int, *, is_new: bool = False) -> None:
        """Let a journey go on to its next wait or step, and begin those that it sets off."""
        try:
            move = next(journey) if is_new else journey.send(now_ms)
        except StopIteration:
            move = None
        if isinstance(move, Step):
            self._post(move, now_ms, journey)
        elif move is not None:
            self._push(max(move, now_ms), None, journey)
        spawned, self._world.spawned = self._world.spawned, []
        for at_ms, other in spawned:
            self._push(max(at_ms, now_ms), None, other, is_new=True)

    def _post(self, step: Step, now_ms: int, journey: Journey) -> None:
        """Send a step, or keep it on its device until that has a network; whoever signed it goes on meanwhile."""
        device = self._world.devices.get(step.kid)
        if device is not None and device.outbox is not None:
            device.outbox.append(step)
            self._push(now_ms + LATENCY_MS, None, journey)
        elif step.at_ms <= now_ms + LATENCY_MS or not step.kid:
            self._push(max(step.at_ms, now_ms), step, journey)
        else:
            self._push(step.at_ms, step, None)
            self._push(now_ms + LATENCY_MS, None, journey)

    def _open_counters(self) -> Journey:
        """Accept the planned items: on workdays while the counters are open, urgent ones at any hour."""
        plan, rng, position = self.plan, self._rng, 0
        now_ms = yield until_open(plan.start_ms)
        while position < plan.items:
            day_ms = now_ms - (now_ms + ZONE_MS) % DAY_MS
            for at_ms, urgencies in self._arrivals(day_ms, now_ms)[: plan.items - position]:
                now_ms = yield at_ms
                cause = plan.breaks.get(position, "")
                acceptance = choose_acceptance(
                    self._world, now_ms, urgencies=(Urgency.NONE,) if cause else urgencies
                )
                clerk = rng.choice(self._world.on_duty(acceptance.office, now_ms))
                self._begin(acceptance, clerk, now_ms, cause=cause)
                position += 1
            now_ms = yield day_ms + DAY_MS
        self._world.is_closed = True
        return now_ms

    def _arrivals(self, day_ms: int, now_ms: int) -> list[tuple[int, tuple[Urgency, ...]]]:
        """When envelopes come to the counters on a day, and how urgent they may be."""
        rng, every, urgent = self._rng, tuple(Urgency), (Urgency.EXPRESS, Urgency.TIMED)
        first, last = max(day_ms + OPENING_MS, now_ms), day_ms + _LAST_ORDERS_MS
        by_day = self.plan.a_day if is_workday(day_ms) and first < last else 0
        by_night = math.ceil(self.plan.a_day * _NIGHT_SHARE) if self.plan.bags else 0
        times = [(rng.randrange(first, last), every) for _ in range(by_day)]
        times += [(rng.randrange(max(day_ms, now_ms), day_ms + DAY_MS), urgent) for _ in range(by_night)]
        return sorted(times)

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
        self, acceptance: Acceptance, clerk: Person, now_ms: int, *, plot: Plot | None = None, cause: str = ""
    ) -> None:
        envelope = self._world.envelope(acceptance, clerk=clerk, now_ms=now_ms)
        envelope.cause = cause
        usual = ordinary if self.plan.bags and not envelope.is_urgent else honest
        chosen = BREAKS[cause].plot if cause else plot or usual
        self._resume(chosen(self._world, envelope, now_ms), now_ms, is_new=True)
