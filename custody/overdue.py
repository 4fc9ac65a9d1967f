"""What nobody did: the findings that time alone makes, as of a moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.event import Entry
from custody.findings import Finding, Severity
from custody.item import Item
from custody.machine import TERMINAL, State
from custody.network import Network
from custody.verdict import lateness

__all__ = ["overdue"]

_RAISE_OFFER: Final = 4  # an offer open this many times the limit is high
_RAISE_HELD: Final = 3
_RAISE_CLOSED: Final = 3
_MOVED_BY_OTHERS: Final = frozenset((State.NONE, State.LOADED, State.EMPTY)) | TERMINAL


def overdue(item: Item, network: Network, now_ms: int) -> Iterator[Finding]:
    """S05, S07, B07: an offer that nobody answers, an item that nobody moves, a container that nobody opens."""
    limits = network.policy
    if item.offer:
        late = lateness(now_ms - item.offer.logged_ms, limits.offer_open_ms, _RAISE_OFFER)
        yield from _late(item, "S05", item.offer, late)
    elif item.last and not item.is_container and item.state not in _MOVED_BY_OTHERS:
        late = lateness(now_ms - item.last.logged_ms, limits.held_ms, _RAISE_HELD)
        yield from _late(item, "S07", item.last, late)
    if item.is_container and item.registration and item.state not in (State.EMPTY, State.VOID):
        late = lateness(now_ms - item.registration.logged_ms, limits.closed_ms, _RAISE_CLOSED)
        yield from _late(item, "B07", item.registration, late)


def _late(item: Item, code: str, entry: Entry, severity: Severity | None) -> Iterator[Finding]:
    if severity is not None:
        yield Finding(code=code, uid=item.uid, index=entry.index, event_id=entry.event.id, severity=severity)
