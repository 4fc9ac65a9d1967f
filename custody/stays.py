"""Stays in containers: which findings of a container concern what was in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from custody.event import Entry
from custody.findings import Finding
from custody.item import Item

__all__ = ["Box", "Stay", "shared"]

_GROUPS: Final = frozenset("LEKCSPTGXDA")
_CODES: Final = frozenset(("B05", "B06", "B07", "B10"))
_MISSING: Final = "B02"


class Box(Protocol):
    """What is asked of a container's chain."""

    item: Item
    entries: list[Entry]

    @property
    def findings(self) -> Sequence[Finding]:
        """Everything found of it."""

    def counts(self, event_id: bytes) -> bool:
        """Whether an event took effect."""


@dataclass(frozen=True, slots=True)
class Stay:
    """A stay in a container, until that was opened, or until the event at *end* took the item out of it closed."""

    container: bytes
    end: int | None = None


def shared(stays: Iterable[Stay], around: Mapping[bytes, Box]) -> Iterator[Finding]:
    """Yield what was found of the containers that something was in, and concerns whatever was in them.

    By the place of an event in the container's chain, not in the log: a late upload is no way around it. What moved
    nothing counts only if it came before the opening: later it is no more than somebody's word.
    """
    for stay in stays:
        box = around[stay.container]
        places = {e.event.id: ref.seq for e in box.entries if (ref := e.event.item(stay.container))}
        for found in box.findings:
            if stay.end is not None and found.index > stay.end:
                continue
            if _concerns(found, places) and not _is_after_opening(found, box, places):
                yield found


def _concerns(found: Finding, places: Mapping[bytes, int]) -> bool:
    """Not what is only about the count; but a container that was missing itself has everything in it missing."""
    if found.code == _MISSING:
        return found.event_id not in places
    return found.code[0] in _GROUPS or found.code in _CODES


def _is_after_opening(found: Finding, box: Box, places: Mapping[bytes, int]) -> bool:
    opened, place = box.item.opened, places.get(found.event_id)
    if opened is None or place is None:
        return False
    if box.counts(found.event_id):
        return place > places[opened.event.id]
    return found.index > opened.index
