"""The ground under a verdict: the offices, routes, hours and seal lots in the log that rules about place and time ask.

A dossier carries these and no others: every version of each, since an entry is judged by the one before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from custody.directory import DIRECTORY_TYPES, is_between, seal_lot
from custody.event import Entry
from custody.fields import EventType as E
from custody.fields import Field
from custody.policy import limit_numbers
from custody.seals import find_seal

__all__ = ["ground_for"]

_SEAL_LOTS: Final = limit_numbers()["seal_lots"]
_BODIES: Final = (Field.SENDER, Field.RECIPIENT)


def ground_for(events: Iterable[Entry], system: Iterable[Entry]) -> list[Entry]:
    """Return those *system* entries (in log order) that say something of the places that *events* speak of.

    The offices named, the sender and the addressee, the offices that serve them, the hours of all of these, the routes
    from the counter to the addressee's office (where it was turned back: from there to the sender's), and the lots that
    their seals come from, where seals are asked for their lot.
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
    lots = _lots(chain, known) if any(map(_asks_for_lots, system)) else set()
    return [entry for entry in known if entry.index in lots or _concerns(entry, codes, routes)]


def _asks_for_lots(entry: Entry) -> bool:
    return entry.event.type is E.POLICY and bool(entry.event.fields[Field.LIMITS].get(_SEAL_LOTS))


def _lots(chain: Iterable[Entry], known: Iterable[Entry]) -> set[int]:
    """Return the indices of the lots that have the seals of some events."""
    tags = {e.event.fields[Field.SEAL_TAG] for e in chain if Field.SEAL_TAG in e.event.fields}
    lots = [(e.index, seal_lot(e)) for e in known if e.event.type is E.SEAL_LOT]
    return {index for index, lot in lots for tag in tags if any(find_seal(tag, [lot]))}


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


def _concerns(entry: Entry, codes: set[int], routes: set[int]) -> bool:
    fields = entry.event.fields
    if entry.event.type is E.ROUTE:
        return fields[Field.ROUTE_ID] in routes
    return fields.get(Field.ORG_ID) in codes
