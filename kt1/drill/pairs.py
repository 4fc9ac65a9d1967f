"""Two breaks of one item: the second is done to what the first has left, so that neither can hide the other.

first = start(BREAKS["fork"])
assert both(first, BREAKS["seal_damaged"]).verdict == "BROKEN"
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

from custody.errors import CustodyError
from custody.fields import EventType as E
from custody.judge import Judgement
from custody.machine import State
from kt1.drill.breaks.common import Break
from kt1.drill.world import Parcel, Person, World

__all__ = ["Start", "both", "start"]

_ITEMS: Final = 2  # no break accepts more before the one that it is done to


class _Sequel(World):
    """A world in which one of the next items to be accepted is one that is there already."""

    again: Parcel | None
    spared: int

    def register(self, **more: Any) -> Parcel:
        """Return the item that is there, once, after as many others as are spared; it cannot be had otherwise."""
        if self.again is None or self.spared:
            self.spared -= 1
            return super().register(**more)
        if more:
            raise LookupError(f"item was not accepted with {', '.join(more)}")
        item, self.again = self.again, None
        return item


@dataclass(frozen=True, slots=True)
class Start:
    """An item after its first break.

    Attributes:
        item: the item.
        wait_ms: how long after it the first break shows.
    """

    item: Parcel
    wait_ms: int


def start(first: Break) -> Start:
    """Do the first break, and bring the item back to the counter's clerk if honest steps can."""
    item = first.make(World())
    _back_to_clerk(item)
    return Start(item, first.wait_ms)


def both(first: Start, second: Break) -> Judgement | None:
    """Do *second* to a copy of what *first* left, and judge that; None where it cannot be done or does not touch it."""
    item = None
    for spared in range(_ITEMS):
        way = _sequel(first, second, spared)
        if way and (item is None or way[1]):
            item = way[0]
        if way and way[1]:
            break
    return item.judge(max(first.wait_ms, second.wait_ms)) if item else None


def _sequel(first: Start, second: Break, spared: int) -> tuple[Parcel, bool] | None:
    """Let the item be what *second* accepts after *spared* others; return it, and whether it is what that is about."""
    item = deepcopy(first.item, {id(entry): entry for entry in first.item.world.entries})
    world, before = item.world, len(item.world.entries)
    world.__class__ = _Sequel
    world.__dict__.update(again=item, spared=spared)
    try:
        other = second.make(world)
    except (CustodyError, AssertionError, LookupError, StopIteration):
        return None  # the log did not let it in, or there is nobody who could do it
    touched = any(entry.event.item(item.uid) for entry in world.entries[before:])
    return (item, item is other) if touched else None


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
