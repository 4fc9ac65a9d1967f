"""One entry about to be judged: what every rule is given, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

from custody.event import Entry, Event
from custody.fields import EventType
from custody.item import Item
from custody.keys import Certificate, KeyRing
from custody.policy import Policy

__all__ = ["TAKING", "Anchors", "Hit", "Rule", "Step"]

Hit = tuple[str, str]
"""(code, detail)."""
Anchors = Callable[[int], tuple[bytes, int] | None]
"""Size -> (root, signed time in ms) of the log's checkpoint of that size, or None where there was none."""

TAKING: Final = frozenset((EventType.ACCEPT, EventType.DELIVER))


@dataclass(frozen=True, slots=True)
class Step:
    """One entry about to be judged against the state before it."""

    item: Item
    entry: Entry
    seq: int
    parent: Entry | None
    certificate: Certificate
    ring: KeyRing
    anchors: Anchors
    policy: Policy
    open_findings: AbstractSet[bytes]

    @property
    def event(self) -> Event:
        """The event of the entry."""
        return self.entry.event

    @property
    def as_of_ms(self) -> int:
        """When limits are judged: the time of the checkpoint it cites, or of its entry where it cites none."""
        return self.seen[1] if self.seen else self.entry.logged_ms

    @property
    def seen(self) -> tuple[bytes, int] | None:
        """(root, signed time in ms) of this log at the size that the event cites, if it had that size by then."""
        anchor = self.event.anchor
        return self.anchors(anchor[0]) if anchor and anchor[0] <= self.entry.index else None

    @property
    def registration(self) -> Event | None:
        """The REGISTER event of the item, or None."""
        return self.item.registration.event if self.item.registration else None


Rule = Callable[[Step], Iterator[Hit]]
