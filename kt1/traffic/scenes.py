"""Envelopes left waiting for the people whom a newcomer plays, so that every screen has something to do."""

from __future__ import annotations

from collections.abc import Callable

from custody.roles import Role
from kt1.clock import MINUTE_MS
from kt1.province import CENTRE
from kt1.traffic.journeys import accept, hand_over, offer
from kt1.traffic.world import Envelope, Journey, World

__all__ = ["SCENES", "at_the_counter", "offered_to_courier", "offered_to_receiver", "with_courier"]


def at_the_counter(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """Accepted, and still with the clerk."""
    return (yield from accept(world, envelope, now_ms))


def offered_to_courier(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The clerk offers it to the first courier of the centre, who has not answered yet."""
    now_ms = yield from accept(world, envelope, now_ms)
    now_ms = yield now_ms + MINUTE_MS
    return (yield from offer(world, envelope, world.first(CENTRE, Role.COURIER), now_ms))


def with_courier(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The first courier of the centre has it in the bag."""
    now_ms = yield from accept(world, envelope, now_ms)
    now_ms = yield now_ms + MINUTE_MS
    return (yield from hand_over(world, envelope, world.first(CENTRE, Role.COURIER), now_ms))


def offered_to_receiver(world: World, envelope: Envelope, now_ms: int) -> Journey:
    """The courier stands before the receiver, who has not signed yet."""
    now_ms = yield from with_courier(world, envelope, now_ms)
    now_ms = yield now_ms + MINUTE_MS
    receiver = world.register.receivers(envelope.acceptance.recipient)[0]
    return (yield from offer(world, envelope, receiver, now_ms))


SCENES: tuple[Callable[[World, Envelope, int], Journey], ...] = (
    at_the_counter,
    offered_to_courier,
    with_courier,
    offered_to_receiver,
)
