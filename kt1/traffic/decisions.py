"""Journeys that need a decision: security seizes, supervisors declare a loss or let an item go on."""

from __future__ import annotations

from custody.event import EventType, Field
from custody.findings import CATALOGUE, Finding
from custody.roles import Role
from kt1.clock import HOUR_MS
from kt1.province import CENTRE
from kt1.traffic.journeys import hand_over
from kt1.traffic.plots import bring, finish, wrong_taker
from kt1.traffic.times import until_open
from kt1.traffic.world import Envelope, Journey, World

__all__ = ["destroyed", "found_again", "lost", "overridden", "seized", "seized_and_released"]

_LOST_AT_CENTRE = "không thấy khi kiểm đếm cuối ca"


def _security(world: World, kind: EventType, envelope: Envelope, now_ms: int, reason: str = "") -> Journey:
    officer = world.pick(CENTRE, Role.SECURITY)
    changes = {Field.REASON_TEXT: reason} if reason else {}
    step = world.act(kind, envelope, officer, now_ms, changes)
    envelope.holder = officer
    return (yield step)


def seized(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Security takes the envelope out of its journey."""
    now_ms = yield from bring(world, envelope, now_ms)
    return (yield from _security(world, EventType.SEIZE, envelope, now_ms, "có bột lạ trên bì ngoài"))


def seized_and_released(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Security examines the envelope, and another officer lets it go on."""
    now_ms = yield from seized(world, envelope, now_ms)
    now_ms = yield until_open(now_ms + 2 * HOUR_MS)
    other = world.pick(CENTRE, Role.SECURITY, but=envelope.holder)
    now_ms = yield world.act(EventType.RELEASE, envelope, other, now_ms)
    courier = world.pick(envelope.office, Role.COURIER)
    now_ms = yield from hand_over(world, envelope, courier, now_ms)
    return (yield from finish(world, envelope, now_ms))


def destroyed(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Two officers of security destroy a dangerous envelope."""
    now_ms = yield from seized(world, envelope, now_ms)
    now_ms = yield until_open(now_ms + 2 * HOUR_MS)
    second = world.pick(CENTRE, Role.SECURITY, but=envelope.holder)
    return (yield world.act(EventType.DESTROY, envelope, envelope.holder, now_ms, None, second))


def _lose(world: World, envelope: Envelope, now_ms: int) -> Journey:
    now_ms = yield from bring(world, envelope, now_ms)
    first = world.pick(CENTRE, Role.SUPERVISOR)
    second = world.pick(CENTRE, Role.SUPERVISOR, but=first)
    changes = {Field.REASON_TEXT: _LOST_AT_CENTRE, Field.SEAL: None, Field.LABEL: None}
    return (yield world.act(EventType.LOSS, envelope, first, now_ms, changes, second))


def lost(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Two supervisors declare the envelope lost."""
    return (yield from _lose(world, envelope, now_ms))


def found_again(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A lost envelope is found by a clerk, before a supervisor."""
    now_ms = yield from _lose(world, envelope, now_ms)
    now_ms = yield until_open(now_ms + 9 * HOUR_MS)
    clerk = world.pick(CENTRE, Role.CLERK)
    supervisor = world.pick(CENTRE, Role.SUPERVISOR)
    here = {Field.PLACE: CENTRE}
    return (yield world.act(EventType.FOUND, envelope, clerk, now_ms, here, supervisor))


def overridden(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """A break is looked into, and two supervisors let the envelope go on to its recipient."""
    taken: list[bytes] = []
    now_ms = yield from wrong_taker(world, envelope, now_ms, taken)
    resolved = Finding(
        code="P03",
        uid=envelope.uid,
        index=0,
        event_id=taken[0],
        severity=CATALOGUE["P03"].severity,
    )
    now_ms = yield until_open(now_ms + 2 * HOUR_MS)
    first = world.pick(CENTRE, Role.SUPERVISOR)
    second = world.pick(CENTRE, Role.SUPERVISOR, but=first)
    changes = {
        Field.OFFEREE: envelope.holder.id,
        Field.FINDINGS: [resolved.id],
        Field.REASON_TEXT: "đã nghe hai bưu tá, niêm phong nguyên vẹn",
    }
    now_ms = yield world.act(EventType.OVERRIDE, envelope, first, now_ms, changes, second)
    return (yield from finish(world, envelope, now_ms))
