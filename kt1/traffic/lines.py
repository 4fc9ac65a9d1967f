"""Devices over the days: without a network and back, the last word of a shift, a new key in time."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from custody.roles import Role
from kt1.clock import DAY_MS, HOUR_MS, MINUTE_MS
from kt1.province import CENTRE
from kt1.register import Person
from kt1.traffic.times import is_workday
from kt1.traffic.world import Journey, World

__all__ = ["evenings", "go_offline", "outages"]

_OVERNIGHT: Final = 0.1  # how often a device is only switched on again the next morning
_SHUFFLED: Final = 0.3
_TWICE: Final = 0.2
_EVENING_MS: Final = 17 * HOUR_MS + 30 * MINUTE_MS
_MORNING_MS: Final = 7 * HOUR_MS
_OUTAGE: Final = 0.01  # how often a day an office's line is cut
_RENEWAL: Final = 1 / 60
"""How often a day somebody gets a new key: about every other month."""


def go_offline(world: World, person: Person, now_ms: int, *, until_ms: int) -> None:
    """Cut a device off: what it signs until then cites what it had seen, and comes to the log in one go."""
    device = world.device(person)
    if device.outbox is not None:
        return
    if world.rng.random() < _OVERNIGHT:
        until_ms += 14 * HOUR_MS
    device.anchor, device.outbox, device.synced_ms = world.checkpoint(), [], now_ms
    world.spawn(_upload(world, device.kid, until_ms), until_ms)


def _upload(world: World, kid: bytes, now_ms: int) -> Journey:
    """All that waited: mostly in order, sometimes in another one, sometimes twice."""
    device, rng = world.devices[kid], world.rng
    waited, device.outbox = device.outbox or [], None
    if rng.random() < _SHUFFLED:
        rng.shuffle(waited)
    for step in waited:
        now_ms = yield replace(step, at_ms=now_ms, kid=b"")
    if rng.random() < _TWICE:
        for step in waited:
            now_ms = yield replace(step, at_ms=now_ms, kid=b"", is_repeat=True)
    return now_ms


def outages(world: World, office: int, now_ms: int) -> Journey:
    """Now and then the line of an office is cut for some hours of a workday."""
    rng = world.rng
    midnight_ms = now_ms - (now_ms + 7 * HOUR_MS) % DAY_MS
    while not world.is_done:
        now_ms = yield max(now_ms, midnight_ms + rng.randint(8, 14) * HOUR_MS)
        if is_workday(now_ms) and rng.random() < _OUTAGE:
            until_ms = now_ms + rng.randint(90, 300) * MINUTE_MS
            for person in world.workers(office):
                go_offline(world, person, now_ms, until_ms=until_ms + rng.randrange(10 * MINUTE_MS))
        midnight_ms += DAY_MS
    return now_ms


def evenings(world: World, now_ms: int) -> Journey:
    """At the end of each day, Tết included, every device says how much it signed, and the log is put on paper.

    Some people get a new key then.
    """
    rng = world.rng
    midnight_ms = now_ms - (now_ms + 7 * HOUR_MS) % DAY_MS
    while True:
        now_ms = yield max(now_ms, midnight_ms + _EVENING_MS + rng.randrange(20 * MINUTE_MS))
        for device in list(world.devices.values()):
            if device.outbox is None and device.signed and world.device(device.person) is device:
                now_ms = yield world.last_word(device, now_ms)
                if world.has_spells and rng.random() < _RENEWAL:
                    world.spawn(world.renew(device.person, now_ms), now_ms + MINUTE_MS)
        now_ms = yield from world.stamp(rng.choice(world.staff(CENTRE, Role.SUPERVISOR)), CENTRE, now_ms)
        if world.is_done:
            return now_ms
        midnight_ms += DAY_MS
