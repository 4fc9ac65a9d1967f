"""What nobody did: the findings that time alone makes, as of a moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.clock import RAISE_OVERDUE, promised_ms
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
_UNDER_WAY: Final = frozenset((State.HELD, State.OFFERED, State.LOADED, State.QUAR))
_MOVED_BY_OTHERS: Final = frozenset((State.NONE, State.LOADED, State.EMPTY)) | TERMINAL


def overdue(item: Item, network: Network, now_ms: int) -> Iterator[Finding]:
    """S05, S07, T08, B07: an offer unanswered, an item that lies or is late, a container that stays closed."""
    limits = network.policy
    if item.offer:
        late = lateness(now_ms - item.offer.logged_ms, limits.offer_open_ms, _RAISE_OFFER)
        yield from _late(item, "S05", item.offer, late)
    elif item.last and not item.is_container and item.state not in _MOVED_BY_OTHERS:
        late = lateness(now_ms - item.last.logged_ms, limits.held_ms, _RAISE_HELD)
        yield from _late(item, "S07", item.last, late)
    if item.registration and item.state in _UNDER_WAY and not item.is_container and not item.returning:
        promised = promised_ms(item.registration.event, limits)
        waited_ms = now_ms - item.registration.event.claimed_ms - limits.eps_ms
        late = None if promised is None else lateness(waited_ms, promised, RAISE_OVERDUE)
        yield from _late(item, "T08", item.registration, late)
    if item.is_container and item.registration and item.state not in (State.EMPTY, State.VOID):
        late = lateness(now_ms - item.registration.logged_ms, limits.closed_ms, _RAISE_CLOSED)
        yield from _late(item, "B07", item.registration, late)


def _late(item: Item, code: str, entry: Entry, severity: Severity | None) -> Iterator[Finding]:
    if severity is not None:
        yield Finding(code=code, uid=item.uid, index=entry.index, event_id=entry.event.id, severity=severity)
