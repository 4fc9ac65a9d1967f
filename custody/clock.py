"""Rules about time: the claimed time between what the device had seen and when the log took it."""

from __future__ import annotations

from collections.abc import Iterator

from custody.step import Hit, Step

__all__ = ["time"]


def time(step: Step) -> Iterator[Hit]:
    """T01-T03, T07 and M05: the claimed time between what the device had seen and when the log took it."""
    claimed_ms, eps_ms = step.event.claimed_ms, step.policy.eps_ms
    if step.parent and claimed_ms < step.parent.event.claimed_ms - eps_ms:
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
