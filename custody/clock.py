"""Rules about time: the claimed time between what the device had seen and when the log took it, and hours."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.fields import Field
from custody.hours import working_ms
from custody.machine import OBSERVATIONS, State
from custody.promise import TIMED
from custody.step import TAKING, Hit, Step

__all__ = [
    "clock_quality",
    "dwell",
    "late_sync",
    "out_of_hours",
    "stale_anchor",
    "time",
    "too_fast",
]

_RESTING: Final = frozenset((State.QUAR, State.LOST))


def time(step: Step) -> Iterator[Hit]:
    """T01-T03, T07 and M05: the claimed time between what the device had seen and when the log took it."""
    claimed_ms, eps_ms = step.event.claimed_ms, step.policy.eps_ms
    answers = step.event.type in TAKING and step.item.offer is not None  # then T11 says it
    if step.parent and not answers and claimed_ms < step.parent.event.claimed_ms - eps_ms:
        yield "T01", f"{step.parent.event.claimed_ms - claimed_ms} ms before the event it follows"
    if step.seen and claimed_ms < step.seen[1] - eps_ms:
        yield "T02", f"{step.seen[1] - claimed_ms} ms before a checkpoint it had seen"
    if claimed_ms > step.entry.logged_ms + eps_ms:
        yield "T03", f"{claimed_ms - step.entry.logged_ms} ms after the log took it"
    anchor = step.event.anchor
    if anchor is None:
        yield "T07", "no checkpoint is cited"
    elif step.seen is None or step.seen[0] != anchor[1]:
        yield "M05", f"the checkpoint of size {anchor[0]} that it cites is not this log's"


def late_sync(step: Step) -> Iterator[Hit]:
    """T04: it came to the log later than a device may be without a network: in working time where hours are logged."""
    signed_ms, logged_ms = step.event.claimed_ms, step.entry.logged_ms
    calendar = step.directory.calendar(step.event.place, step.entry.index)
    waited_ms = working_ms(calendar, signed_ms, logged_ms) if calendar else logged_ms - signed_ms
    if waited_ms > step.policy.offline_ms:
        yield "T04", f"{waited_ms} ms{' of working time' if calendar else ''} after it was signed"


def stale_anchor(step: Step) -> Iterator[Hit]:
    """T05: the newest checkpoint that the device had seen was an old one, and not the newest that there was."""
    anchor, seen = step.event.anchor, step.seen
    if anchor is None or seen is None or anchor[0] == step.entry.index:
        return
    if step.event.claimed_ms - seen[1] > step.policy.anchor_age_ms:
        yield "T05", f"{step.event.claimed_ms - seen[1]} ms after the newest checkpoint it had seen"


def clock_quality(step: Step) -> Iterator[Hit]:
    """T06: the device itself says that its clock may be wrong, or was not set for long."""
    clock = step.event.fields.get(Field.CLOCK)
    if clock is None:
        return
    since_s, uncertainty_ms, _ = clock
    if uncertainty_ms > step.policy.clock_error_ms:
        yield "T06", f"its clock may be wrong by {uncertainty_ms} ms"
    elif since_s * 1000 > step.policy.clock_sync_ms:
        yield "T06", f"its clock was set {since_s} s before"


def out_of_hours(step: Step) -> Iterator[Hit]:
    """T09: a step of custody while the office that it names is closed."""
    calendar = step.directory.calendar(step.event.place, step.entry.index)
    if calendar is None or step.event.type in OBSERVATIONS:
        return
    at_ms, eps_ms = step.event.claimed_ms, step.policy.eps_ms
    if not working_ms(calendar, at_ms - eps_ms, at_ms + eps_ms):
        yield "T09", f"office {step.event.place} is closed"


def dwell(step: Step) -> Iterator[Hit]:
    """T10: it lay at one office, between two steps, for longer than that may work before it goes on.

    What is to be delivered at an agreed hour may lie until then.
    """
    before, place, registration = step.parent, step.event.place, step.registration
    if before is None or step.event.type in OBSERVATIONS or before.event.place != place:
        return
    calendar = step.directory.calendar(place, step.entry.index)
    if calendar is None or step.item.state in _RESTING:
        return
    if registration and registration.fields.get(Field.URGENCY) == TIMED:
        due_ms = registration.fields.get(Field.DUE)
        if due_ms is not None and step.event.claimed_ms <= due_ms + step.policy.due_window_ms:
            return
    worked_ms = working_ms(calendar, before.event.claimed_ms, step.event.claimed_ms)
    if worked_ms > step.policy.dwell_ms:
        yield "T10", f"{worked_ms} ms of working time at office {place}"


def too_fast(step: Step) -> Iterator[Hit]:
    """T11: taken before it was offered."""
    offer = step.item.offer
    if step.event.type not in TAKING or offer is None:
        return
    early_ms = offer.event.claimed_ms - step.event.claimed_ms
    if early_ms > step.policy.eps_ms:
        yield "T11", f"{early_ms} ms before the offer"
