"""Rules about place and presence: where the signer may sign, where the item can be, and whether both were there.

Offices, routes and positions are those of the log's directory as of the entry. What it does not say is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.directory import Way
from custody.event import Entry
from custody.fields import EventType as E
from custody.fields import Field
from custody.geo import Position, distance_m
from custody.machine import AT_HAND
from custody.persons import is_proxy
from custody.step import TAKING, Hit, Step

__all__ = ["controls", "office_scope", "position", "presence", "repeated_node", "route", "travel"]

_KMH: Final = 3_600  # km/h times ms, over this, is metres
_NEAR: Final = frozenset((2, 3))  # PRESENCE: the giver's screen, a slip on paper
_FIRST: Final = frozenset((E.REGISTER, E.CLOSE))
_AT_DOORS: Final = frozenset((E.OFFER, E.DELIVER, E.REFUSE, E.CANCEL))


def office_scope(step: Step) -> Iterator[Hit]:
    """K07: signed at an office where the key does not count."""
    offices = step.certificate.offices
    if offices and step.event.place not in offices:
        yield "K07", f"signed at {step.event.place}, the key counts at {', '.join(map(str, sorted(offices)))}"


def presence(step: Step) -> Iterator[Hit]:
    """X07: taken without having read the offer's nonce off the giver's screen or slip, where the policy asks for it.

    A nonce that is not the offer's is none, asked for or not.
    """
    offer = step.item.offer
    if step.event.type not in TAKING or offer is None or is_proxy(step):
        return
    channel, nonce = step.event.fields.get(Field.PRESENCE, (0, b""))
    if channel in _NEAR and nonce != offer.event.fields[Field.NONCE]:
        yield "X07", "the nonce that was read is not the offer's"
    elif channel not in _NEAR and step.policy.presence:
        yield "X07", "nothing shows that giver and taker stood together"


def travel(step: Step) -> Iterator[Hit]:
    """G01: two steps so far apart that nobody can have carried the item from one to the other in between.

    The time between is taken as long as it can honestly have been: from the claim of the earlier step, less all that
    its clock may be wrong by, to when the log took the later one or to its claim, whichever is later.
    """
    before = step.item.placed
    if before is None or step.event.type not in AT_HAND or before.event.place == step.event.place:
        return
    here, there = _position(step, before.event.place), _position(step, step.event.place)
    if here is None or there is None:
        return
    limits, far_m = step.policy, distance_m(here, there)
    begin_ms = min(before.event.claimed_ms, before.logged_ms) - _error_ms(before, step)
    end_ms = max(step.event.claimed_ms + _error_ms(step.entry, step), step.entry.logged_ms)
    most_m = max(end_ms - begin_ms, 0) * limits.speed_kmh // _KMH + 2 * limits.geo_radius_m
    if far_m > most_m:
        yield "G01", f"{far_m} m from entry {before.index}, in {max(end_ms - begin_ms, 0)} ms at most"


def route(step: Step) -> Iterator[Hit]:
    """G02: at an office that is on no route from the item's origin to its destination."""
    if step.event.type not in AT_HAND or step.event.type in _FIRST:
        return
    way = _way(step)
    if way is None:
        return
    for place in (*_passed(step), step.event.place):
        if place and place not in way.nodes:
            yield "G02", f"office {place} is on no route of the item"
            return


def controls(step: Step) -> Iterator[Hit]:
    """G04: delivered, and no route was followed of which every control node was visited."""
    way = _way(step) if step.event.type is E.DELIVER else None
    if way is None:
        return
    visited = {*step.item.visits[step.item.turned :], step.event.place}
    if all(nodes - visited for nodes in way.controls):
        skipped = sorted(way.controls[0] - visited)
        yield "G04", f"office {', '.join(map(str, skipped))} was not passed"


def position(step: Step) -> Iterator[Hit]:
    """G05: the device was not where its signer says; an item may be given and taken at its bodies' doors as well."""
    geo = step.event.fields.get(Field.GEO)
    place = _position(step, step.event.place)
    if geo is None or place is None:
        return
    known = [place]
    if step.event.type in _AT_DOORS and step.registration:
        bodies = (step.registration.fields.get(f) for f in (Field.SENDER, Field.RECIPIENT))
        doors = [_position(step, code) for code in bodies if code is not None]
        if None in doors:
            return
        known += [door for door in doors if door]
    latitude, longitude, accuracy_m = geo
    far_m = min(distance_m((latitude, longitude), one) for one in known)
    if far_m > step.policy.geo_radius_m + accuracy_m:
        yield "G05", f"{far_m} m from office {step.event.place}, by {accuracy_m} m"


def repeated_node(step: Step) -> Iterator[Hit]:
    """S08: it comes to one office again and again."""
    place, visits = step.event.place, (*step.item.visits, *_passed(step))
    if step.event.type not in AT_HAND or not place or (visits and visits[-1] == place):
        return
    times = visits.count(place) + 1
    if times > step.policy.visits:
        yield "S08", f"at office {place} for the {times}th time"


def _position(step: Step, code: int) -> Position | None:
    org = step.directory.org(code, step.entry.index)
    return org.position if org else None


def _error_ms(entry: Entry, step: Step) -> int:
    """Return by how much the clock of an entry may be wrong: what it declares, as far as a device may, and eps."""
    clock = entry.event.fields.get(Field.CLOCK)
    declared_ms: int = clock[1] if clock else 0
    return min(declared_ms, step.policy.clock_error_ms) + step.policy.eps_ms


def _passed(step: Step) -> tuple[int, ...]:
    """Return the places that the container passed from which the item comes out with this step."""
    return step.closing.visits if step.closing and step.event.type is E.UNLOAD else ()


def _way(step: Step) -> Way | None:
    """Return the way that the item may go: from its counter to the office that serves the addressee, or back."""
    registration, index = step.registration, step.entry.index
    if registration is None or step.is_container:
        return None
    back = step.item.returning
    body = step.directory.org(registration.fields[Field.SENDER if back else Field.RECIPIENT], index)
    start = step.item.visits[step.item.turned] if back and step.item.visits else registration.place
    if body is None or body.served_by is None or not start:
        return None
    return step.directory.way(start, body.served_by, index, backwards=back)
