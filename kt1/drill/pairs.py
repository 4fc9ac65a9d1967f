"""Two breaks of one item: the second is done to what the first has left, so that neither can hide the other.

pair = both(BREAKS["fork"], BREAKS["seal_damaged"])
assert pair is None or pair.verdict != "INTACT"
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from custody.errors import CustodyError
from custody.fields import EventType as E
from custody.judge import Judgement
from custody.machine import State
from kt1.drill.breaks.common import Break
from kt1.drill.world import Parcel, Person, World

__all__ = ["Pair", "Start", "both", "start"]


class _Sequel(World):
    """A world in which the next item to be accepted is one that is there already."""

    again: Parcel | None

    def register(self, **more: Any) -> Parcel:
        """Return the item that is there, once; one that would have been accepted otherwise is not to be had."""
        item, self.again = self.again, None
        if item and more:
            raise LookupError(f"item was not accepted with {', '.join(more)}")
        return item or super().register(**more)


@dataclass(frozen=True, slots=True)
class Start:
    """An item after its first break.

    Attributes:
        item: the item.
        wait_ms: how long after it the first break shows.
    """

    item: Parcel
    wait_ms: int


@dataclass(frozen=True, slots=True)
class Pair:
    """What two breaks come to.

    Attributes:
        item: the item that both were done to.
        judgement: on it, once both show.
    """

    item: Parcel
    judgement: Judgement


def start(first: Break) -> Start:
    """Do the first break, and bring the item back to the counter's clerk if honest steps can."""
    item = first.make(World())
    _back_to_clerk(item)
    return Start(item, first.wait_ms)


def both(first: Start, second: Break) -> Pair | None:
    """Do *second* to a copy of what *first* left; None where it cannot be done to it, or is about something else."""
    item = deepcopy(first.item, {id(entry): entry for entry in first.item.world.entries})
    world = item.world
    world.__class__, before = _Sequel, len(world.entries)
    world.again = item  # type: ignore[attr-defined]
    try:
        second.make(world)
    except (CustodyError, AssertionError, LookupError, StopIteration):
        return None  # the log did not let it in, or there is nobody who could do it
    if not any(entry.event.item(item.uid) for entry in world.entries[before:]):
        return None
    return Pair(item, item.judge(max(first.wait_ms, second.wait_ms)))


def _back_to_clerk(item: Parcel) -> None:
    """Take an offer back and hand the item to the clerk, by whoever answers for it."""
    world, clerk = item.world, item.world.clerk
    holder = _stand_at_head(item)
    if item.chain().item.state is State.OFFERED and holder:
        item.event(E.CANCEL, by=holder, cites=item.offer)
    if holder and holder is not clerk and item.chain().item.state is State.HELD:
        item.event(E.OFFER, by=holder, offeree=clerk.id, expiry=3600)
        item.event(E.ACCEPT, by=clerk, cites=item.offer)
    _stand_at_head(item)
    world.now_ms += 60_000


def _stand_at_head(item: Parcel) -> Person | None:
    """Let the next step build on the newest event that counts; return who holds the item, if he is of the drill."""
    now = item.chain().item
    if now.last:
        item.head, item.seq = now.head, now.seq
    people = [person for person in vars(item.world).values() if isinstance(person, Person)]
    item.holder = next((person for person in people if person.id == now.custodian), item.holder)
    return next((person for person in people if person.id == now.custodian), None)
