"""What nobody did: the findings that time alone makes, as of a moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from custody.event import Entry
from custody.findings import Finding, Severity
from custody.hours import worked_since_ms, working_ms
from custody.item import Item
from custody.machine import TERMINAL, State
from custody.network import Network
from custody.promise import RAISE_OVERDUE, promised_ms, took_ms
from custody.verdict import lateness

__all__ = ["RAISE_HELD", "overdue", "rested_ms", "stuck_since_ms"]

_RAISE_OFFER: Final = 4  # an offer open this many times the limit is high
RAISE_HELD: Final = 3
_RAISE_CLOSED: Final = 3
_UNDER_WAY: Final = frozenset((State.HELD, State.OFFERED, State.LOADED, State.QUAR))
_MOVED_BY_OTHERS: Final = frozenset((State.NONE, State.LOADED, State.EMPTY)) | TERMINAL


def overdue(item: Item, boxes: Sequence[Item], network: Network, now_ms: int) -> Iterator[Finding]:
    """S05, S07, T08, B07: an offer unanswered, an item that lies or is late, a container that stays closed.

    Args:
        item: what is judged.
        boxes: the containers around it, the innermost first; while it is in one, these wait in its place.
        network: the limits.
        now_ms: as of when.
    """
    yield from _waiting(item, boxes, network, now_ms)
    for box in boxes:
        yield from _waiting(box, (), network, now_ms)
    if item.registration and item.state in _UNDER_WAY and not item.is_container and not item.returning:
        limits = network.policy
        promised = promised_ms(item.registration.event, limits)
        waited_ms = took_ms(item.registration.event, item.tried_ms, now_ms) - limits.eps_ms
        late = None if promised is None else lateness(waited_ms, promised, RAISE_OVERDUE)
        yield from _late(item, "T08", item.registration, late)


def _waiting(item: Item, boxes: Sequence[Item], network: Network, now_ms: int) -> Iterator[Finding]:
    limits, quiet = network.policy, _quiet_since(item, boxes)
    if item.offer:
        late = lateness(now_ms - item.offer.logged_ms, limits.offer_open_ms, _RAISE_OFFER)
        yield from _late(item, "S05", item.offer, late)
    elif quiet:
        late = lateness(rested_ms(network, quiet, now_ms), limits.held_ms, RAISE_HELD)
        yield from _late(item, "S07", quiet, late)
    if item.is_container and item.registration and item.state not in (State.EMPTY, State.VOID):
        late = lateness(rested_ms(network, item.registration, now_ms), limits.closed_ms, _RAISE_CLOSED)
        yield from _late(item, "B07", item.registration, late)


def _quiet_since(item: Item, boxes: Sequence[Item]) -> Entry | None:
    """Return the entry after which its holder should have done something: also the opening it did not come out of."""
    if item.state is State.LOADED and boxes and boxes[0].opened:
        return boxes[0].opened
    return None if item.is_container or item.state in _MOVED_BY_OTHERS else item.last


def rested_ms(network: Network, since: Entry, now_ms: int) -> int:
    """Return how long nothing has happened: in working time where the log says the office's hours, else plainly."""
    calendar = network.directory.calendar(since.event.place)
    return working_ms(calendar, since.logged_ms, now_ms) if calendar else now_ms - since.logged_ms


def stuck_since_ms(network: Network, now_ms: int, times: int = 1) -> tuple[int, dict[int, int]]:
    """Return since when an item has lain too long now (S07), and for each office with hours since when there.

    What moved last at that moment or before is found: for a database, which cannot ask the calendar.

    Args:
        network: limits and hours.
        now_ms: as of when.
        times: so many times too long.
    """
    limit_ms, directory = times * network.policy.held_ms, network.directory
    hours = {office: directory.calendar(office) for office in directory.offices_with_hours()}
    return now_ms - limit_ms - 1, {
        office: worked_since_ms(calendar, now_ms, limit_ms + 1)
        for office, calendar in hours.items()
        if calendar
    }


def _late(item: Item, code: str, entry: Entry, severity: Severity | None) -> Iterator[Finding]:
    if severity is not None:
        yield Finding(code=code, uid=item.uid, index=entry.index, event_id=entry.event.id, severity=severity)
