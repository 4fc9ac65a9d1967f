"""Breaks that are no item's: of a device, or of two people; what comes close to them beside.

Each is a function World -> findings, and says which codes must be among them, no more and no fewer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from custody.device import DeviceChain, sign_of
from custody.event import EventType as E
from custody.event import Field, sign_event
from custody.findings import Finding
from custody.pairs import EXCEPTIONS, patterns
from custody.roles import Role
from kt1.drill.world import Person, World

__all__ = ["BESIDE", "BESIDE_NEAR_MISSES", "Beside"]

_HOUR_MS: Final = 3_600_000
_TIMES: Final = 10
_Make = Callable[[World], list[Finding]]


@dataclass(frozen=True, slots=True)
class Beside:
    """A named break, or near miss, whose subject is no item.

    Attributes:
        make: does it in a world, and returns what is found.
        codes: the findings that must be there; of a near miss those that must not.
    """

    make: _Make
    codes: tuple[str, ...]

    @property
    def text(self) -> str:
        """What happens, one sentence or two."""
        return self.make.__doc__ or ""


def events_held_back(world: World) -> list[Finding]:
    """Three events that the courier's device signed never come."""
    _sign(world, unsent=3)
    return _found(world, world.courier, after_ms=49 * _HOUR_MS)


def near_events_that_come_late(world: World) -> list[Finding]:
    """What was missing comes after a day, in any order."""
    for raw in reversed(_sign(world, unsent=3)):
        world.log(raw)
    return _found(world, world.courier, after_ms=49 * _HOUR_MS)


def near_events_that_may_still_come(world: World) -> list[Finding]:
    """A day without a network is within the limit."""
    _sign(world, unsent=3)
    return _found(world, world.courier, after_ms=47 * _HOUR_MS)


def near_events_that_were_refused(world: World) -> list[Finding]:
    """The device did send them; the log did not take them, and kept them beside."""
    first = world.courier.dseq
    _sign(world, unsent=3)
    return _found(world, world.courier, after_ms=49 * _HOUR_MS, explained=range(first, first + 3))


def tail_held_back(world: World) -> list[Finding]:
    """At the end of the shift the device reports two events more than ever arrived."""
    _sign(world, unsent=2, head=True)
    return _found(world, world.courier, after_ms=49 * _HOUR_MS)


def near_tail_that_arrives(world: World) -> list[Finding]:
    """The report of the shift's end overtakes the last two events."""
    for raw in _sign(world, unsent=2, head=True):
        world.log(raw)
    return _found(world, world.courier, after_ms=49 * _HOUR_MS)


def holder_not_heard_of(world: World) -> list[Finding]:
    """Somebody holds items, and nothing has come from the device for more than a day."""
    _sign(world)
    return _found(world, world.courier, after_ms=25 * _HOUR_MS, holding=True)


def near_nobody_waits_for_it(world: World) -> list[Finding]:
    """A device in a drawer is silent; its person holds nothing."""
    _sign(world)
    return _found(world, world.courier, after_ms=25 * _HOUR_MS)


def app_of_last_year(world: World) -> list[Finding]:
    """The device signs with a version below the least that the policy admits."""
    world.limit(app=2_001_000)
    _sign(world, app=1_009_003)
    return _found(world, world.courier)


def near_app_as_asked_for(world: World) -> list[Finding]:
    """The very version that the policy asks for is new enough."""
    world.limit(app=2_001_000)
    _sign(world, app=2_001_000)
    return _found(world, world.courier)


def always_the_same_witness(world: World) -> list[Finding]:
    """The clerk has every seal replaced before one witness, though a colleague is there."""
    _hire(world)
    return _resealed(world, [world.witness] * _TIMES)


def near_witnesses_take_turns(world: World) -> list[Finding]:
    """Two colleagues witness about as often."""
    colleague = _hire(world)
    return _resealed(world, [world.witness, colleague] * _TIMES)


def near_nobody_else_is_there(world: World) -> list[Finding]:
    """Two people run the office; there is nobody else to ask."""
    first, second = (Person(name, (Role.ISSUER, Role.CLERK), 220_202) for name in ("alone", "alone with her"))
    world.certify(first)
    world.certify(second)
    return _resealed(world, [second] * _TIMES, by=first)


def near_a_few_times(world: World) -> list[Finding]:
    """What happened seldom says nothing of anybody."""
    _hire(world)
    return _resealed(world, [world.witness] * (world.policy.pair_least - 1))


def _sign(world: World, *, unsent: int = 0, head: bool = False, app: int | None = None) -> list[bytes]:
    """Have the courier sign: looks that are not sent, then one thing that is; return what was not sent."""
    item = world.register()
    looks = [item.sign(E.SIGHT, by=world.courier) for _ in range(unsent)]
    if head:
        courier = world.courier
        fields = {Field.ACTOR: courier.id, Field.DEVICE: [courier.dseq, courier.dprev]}
        world.log(sign_event(world.common(E.DEVICE_HEAD) | fields, seed=courier.seed))
    else:
        item.event(E.SIGHT, by=world.courier, app=app)
    return looks


def _found(
    world: World,
    person: Person,
    *,
    after_ms: int = 0,
    holding: bool = False,
    explained: range = range(0),
) -> list[Finding]:
    chain = DeviceChain(person.kid)
    for entry in world.entries:
        if entry.event.kid == person.kid:
            chain.add(sign_of(entry))
    return chain.findings(world.now_ms + after_ms, world.policy, holding=holding, explained=explained)


def _hire(world: World) -> Person:
    colleague = Person("colleague at the counter", (Role.CLERK,), world.clerk.office)
    world.certify(colleague)
    return colleague


def _resealed(world: World, witnesses: list[Person], *, by: Person | None = None) -> list[Finding]:
    clerk = by or world.clerk
    for n, witness in enumerate(witnesses):
        item = world.register(by=clerk)
        item.event(E.RESEAL, by=clerk, second=witness, seal=item.seal(f"B{n}"))
    acts = [entry for entry in world.entries if entry.event.type in EXCEPTIONS]
    return [one.finding for one in patterns(acts, world.ring, world.policy, world.now_ms)]


BESIDE: Final = {
    "events_held_back": Beside(events_held_back, ("D02",)),
    "tail_held_back": Beside(tail_held_back, ("D03",)),
    "holder_not_heard_of": Beside(holder_not_heard_of, ("D04",)),
    "app_of_last_year": Beside(app_of_last_year, ("D05",)),
    "always_the_same_witness": Beside(always_the_same_witness, ("P08",)),
}
"""Breaks by name."""

BESIDE_NEAR_MISSES: Final = {
    "events_that_come_late": Beside(near_events_that_come_late, ("D02",)),
    "events_that_may_still_come": Beside(near_events_that_may_still_come, ("D02",)),
    "events_that_were_refused": Beside(near_events_that_were_refused, ("D02",)),
    "tail_that_arrives": Beside(near_tail_that_arrives, ("D03",)),
    "nobody_waits_for_it": Beside(near_nobody_waits_for_it, ("D04",)),
    "app_as_asked_for": Beside(near_app_as_asked_for, ("D05",)),
    "witnesses_take_turns": Beside(near_witnesses_take_turns, ("P08",)),
    "nobody_else_is_there": Beside(near_nobody_else_is_there, ("P08",)),
    "a_few_times": Beside(near_a_few_times, ("P08",)),
}
"""Near misses by name; none gives any finding."""
