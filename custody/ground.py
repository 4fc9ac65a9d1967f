"""The ground under a verdict: the offices, routes, hours and seal lots in the log that rules about place and time ask.

A dossier carries these and no others: every version of each, since an entry is judged by the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from custody.directory import DIRECTORY_TYPES, is_between
from custody.event import Entry
from custody.fields import EventType as E
from custody.fields import Field

__all__ = ["ground_for"]

_BODIES: Final = (Field.SENDER, Field.RECIPIENT)


def ground_for(events: Iterable[Entry], system: Iterable[Entry]) -> list[Entry]:
    """Return those *system* entries (in log order) that say something of the places that *events* speak of.

    The offices named, the sender and the addressee, the offices that serve them, the hours of all of these, the routes
    from the counter to the addressee's office (where it was turned back: from there to the sender's), and the seal lots
    where a seal names one.
    """
    chain = list(events)
    known = [entry for entry in system if entry.event.type in DIRECTORY_TYPES]
    bodies = {e.event.fields[f] for e in chain if e.event.type is E.REGISTER for f in _BODIES}
    served = {code: _served_by(known, code) for code in bodies}
    codes = bodies.union({entry.event.place for entry in chain}, *served.values())
    pairs = set(_pairs(chain, served))
    routes = {
        e.event.fields[Field.ROUTE_ID]
        for e in known
        if e.event.type is E.ROUTE
        for start, end, backwards in pairs
        if is_between(e.event.fields[Field.STOPS], start, end, backwards=backwards)
    }
    is_tagged = any(Field.SEAL_TAG in entry.event.fields for entry in chain)
    return [entry for entry in known if _concerns(entry, codes, routes, lots=is_tagged)]


def _served_by(known: Iterable[Entry], code: int) -> set[int]:
    """Return every office that ever served a body."""
    orgs = (e.event.fields for e in known if e.event.type is E.ORG)
    return {f[Field.SERVED_BY] for f in orgs if f[Field.ORG_ID] == code and Field.SERVED_BY in f}


def _pairs(chain: Iterable[Entry], served: dict[int, set[int]]) -> Iterator[tuple[int, int, bool]]:
    """Yield (start, end, backwards) of every way that the rules may ask for."""
    events = [entry.event for entry in chain]
    is_back = any(event.type is E.RETURN for event in events)
    turned = {event.place for event in events} if is_back else set()
    for event in events:
        if event.type is E.REGISTER:
            sender, recipient = (event.fields[field] for field in _BODIES)
            yield from ((event.place, end, False) for end in served[recipient])
            yield from ((start, end, True) for start in turned for end in served[sender])


def _concerns(entry: Entry, codes: set[int], routes: set[int], *, lots: bool) -> bool:
    fields = entry.event.fields
    if entry.event.type is E.ROUTE:
        return fields[Field.ROUTE_ID] in routes
    if entry.event.type is E.SEAL_LOT:
        return lots
    return fields[Field.ORG_ID] in codes
