"""What was promised at acceptance: by when an item is at its addressee's door, to be delivered (T08).

The time runs to the first attempt: what was tried in time and delivered later is on time. Of an agreed hour only an
attempt at about that hour is one: whoever comes before it finds nobody waiting.
"""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from custody.event import Entry, Event
from custody.fields import EventType as E
from custody.fields import Field
from custody.found import Found
from custody.item import Item
from custody.keys import Certificate
from custody.network import Network
from custody.policy import Policy
from custody.step import Hit, Step

__all__ = ["ATTEMPTS", "RAISE_OVERDUE", "TIMED", "late_delivery", "note_attempt", "promised_ms", "took_ms"]

RAISE_OVERDUE: Final = 2
"""What takes this many times what was promised is high."""
ATTEMPTS: Final = frozenset((5, 7, 8, 9, 10, 11))
"""Values of REASON that say why an item could not be delivered at its addressee's door."""
_EXPRESS: Final = 1
TIMED: Final = 2
"""Value of URGENCY: delivered at an agreed hour."""
_UNTRUE: Final = frozenset(("T01", "T02", "T03"))
_BY_HOLDER: Final = frozenset((E.SIGHT, E.INSPECT, E.CANCEL))


def promised_ms(registration: Event, policy: Policy) -> int | None:
    """Return how long after acceptance an item must be at its addressee's, by its urgency; None: nothing is promised.

    Args:
        registration: the REGISTER.
        policy: the limits; where one is 0, that urgency is not judged.
    """
    urgency, due_ms = registration.fields.get(Field.URGENCY), registration.fields.get(Field.DUE)
    if urgency == TIMED and due_ms is not None:
        return int(max(due_ms - registration.claimed_ms, 0) + policy.due_window_ms)
    limit_ms = policy.express_ms if urgency == _EXPRESS else policy.ordinary_ms
    return limit_ms or None


def took_ms(registration: Event, tried_ms: int | None, until_ms: int) -> int:
    """Return how long after acceptance it was first tried to deliver it, or until *until_ms* if that was earlier."""
    return min(until_ms, until_ms if tried_ms is None else tried_ms) - registration.claimed_ms


def late_delivery(step: Step) -> Iterator[Hit]:
    """T08: later at the addressee's door than was promised at acceptance; on the way back nothing is promised."""
    registration = step.registration
    if step.event.type is not E.DELIVER or registration is None or step.item.returning:
        return
    limit_ms = promised_ms(registration, step.policy)
    took = took_ms(registration, step.item.tried_ms, step.event.claimed_ms)
    if limit_ms is not None and took > limit_ms + step.policy.eps_ms:
        yield "T08", f"{took} ms after acceptance, promised within {limit_ms}"


def note_attempt(
    entry: Entry, state: Item, codes: AbstractSet[str], item: Item, found: Found, network: Network
) -> None:
    """Note on *item* that it was tried to deliver it, and take back that it is late where that comes to light later.

    Args:
        entry: an event that counts.
        state: the state of the item that it speaks of.
        codes: what was found against it; one whose time cannot be true is no attempt.
        item: the item now.
        found: its findings.
        network: keys and limits.
    """
    certificate, registration = network.ring.get(entry.event.kid, entry.index), item.registration
    if certificate is None or registration is None or codes & _UNTRUE:
        return
    if not _is_attempt(entry.event, certificate, state, network.policy_at(entry.index)):
        return
    tried_ms = entry.event.claimed_ms if item.tried_ms is None else min(item.tried_ms, entry.event.claimed_ms)
    item.tried_ms = tried_ms

    took = took_ms(registration.event, None, tried_ms)
    for one in [late for late in found.all if late.code == "T08"]:
        limits = network.policy_at(one.index)
        limit_ms = promised_ms(registration.event, limits)
        if limit_ms is None or took <= limit_ms + limits.eps_ms:
            found.heal("T08", one.event_id, entry.index)


def _is_attempt(event: Event, certificate: Certificate, item: Item, policy: Policy) -> bool:
    """Say whether an event is an attempt to deliver an item on its way out.

    Its holder says with one of the `ATTEMPTS` why nobody took it, or somebody of the addressee refuses it.
    """
    registration = item.registration.event if item.registration else None
    if registration is None or item.is_container or item.returning:
        return False
    if event.type is E.REFUSE:
        is_there = certificate.agency == registration.fields[Field.RECIPIENT]
    else:
        is_held = event.type in _BY_HOLDER and certificate.person == item.custodian
        is_there = is_held and event.fields.get(Field.REASON) in ATTEMPTS
    due_ms = registration.fields.get(Field.DUE) if registration.fields.get(Field.URGENCY) == TIMED else None
    return is_there and (due_ms is None or event.claimed_ms >= due_ms - policy.due_window_ms - policy.eps_ms)
