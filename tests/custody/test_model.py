"""A bounded model check: everything that three people can do to one item, and to one container.

The moves are those of `Item.move`; who may make them is said here once more, in the words of the design's table, so
that two hands had to agree. A state of the search is (state, who answers, to whom it is offered, what it was before
the offer, whether it is on its way back, whether it is in a container).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import pytest

from custody.event import Entry
from custody.fields import CONTAINER_TYPES, ITEM_TYPES, Field
from custody.fields import EventType as E
from custody.item import Item
from custody.keys import Certificate
from custody.machine import CONTAINER_TRANSITIONS, TERMINAL, TRANSITIONS, State
from kt1.drill.world import World

_PEOPLE = (b"person 1", b"person 2", b"person 3")
_CHANGES_PERSON = {E.REGISTER, E.CLOSE, E.ACCEPT, E.DELIVER, E.SEIZE, E.FOUND, E.OVERRIDE, E.UNLOAD}
_CUSTODIAN = {E.RELABEL, E.RESEAL, E.OFFER, E.CANCEL, E.LOAD, E.UNLOAD, E.RETURN, E.VOID, E.OPEN, E.RETIRE}
_OFFEREE = {E.ACCEPT, E.REFUSE, E.DELIVER}


class _Event(NamedTuple):
    """As much of an event as moves an item."""

    type: E
    fields: dict[int, Any]
    place: int = 0
    id: bytes = b""


@dataclass(frozen=True)
class _Entry:
    event: _Event
    index: int = 0


class _Person(NamedTuple):
    person: bytes
    offices: tuple[int, ...] = ()


class _Move(NamedTuple):
    kind: E | str
    by: bytes
    before: tuple[Any, ...]
    after: tuple[Any, ...]


def _key(item: Item) -> tuple[Any, ...]:
    before = item.before_offer if item.offer else None
    return item.state, item.custodian, item.offeree, before, item.returning, item.load is not None


def _signers(item: Item, kind: E) -> tuple[bytes, ...]:
    """Say who may sign: the design's column "signer"."""
    if kind in _CUSTODIAN and item.state is not State.NONE:
        return (item.custodian,)
    if kind in _OFFEREE:
        offeree = cast(bytes, item.offeree)
        return (offeree, item.custodian) if kind is E.DELIVER else (offeree,)
    return _PEOPLE


def _choices(item: Item, kind: E, by: bytes) -> Iterator[dict[int, Any]]:
    """Yield the fields by which an event can differ: to whom it is offered or given."""
    label: dict[int, Any] = {Field.LABEL_RAW: _LABEL, Field.SEAL: [bytes(8), 0], Field.CONTAINER: b"the bag!"}
    for other in _PEOPLE if kind in (E.OFFER, E.OVERRIDE) else (b"",):
        if kind is not E.OFFER or other != by:
            yield label | {Field.OFFEREE: other}


_LABEL = World().register().label.raw


def _moves(item: Item, table: dict[tuple[State, E], State | None]) -> Iterator[tuple[E | str, bytes, Item]]:
    for state, kind in table:
        if state is not item.state:
            continue
        for by in _signers(item, kind):
            for fields in _choices(item, kind, by):
                after = item.snapshot()
                entry = cast(Entry, _Entry(_Event(kind, fields)))
                after.move(entry, cast(Certificate, _Person(by)))
                yield kind, by, after
    if item.state is State.LOADED:  # somebody takes over the container it is in
        for by in _PEOPLE:
            after = item.snapshot()
            after.put_in_hands_of(by, ())
            yield "container taken", by, after


def _explore(table: dict[tuple[State, E], State | None]) -> tuple[set[tuple[Any, ...]], list[_Move]]:
    start = Item(bytes(8))
    known, todo, edges = {_key(start)}, [start], []
    while todo:
        item = todo.pop()
        for kind, by, after in _moves(item, table):
            edges.append(_Move(kind, by, _key(item), _key(after)))
            if _key(after) not in known:
                known.add(_key(after))
                todo.append(after)
    return known, edges


@pytest.mark.parametrize(
    "table, kinds, states, edges",
    [(TRANSITIONS, ITEM_TYPES, 67, 1_455), (CONTAINER_TRANSITIONS, ITEM_TYPES | CONTAINER_TYPES, 31, 690)],
    ids=["item", "container"],
)
def test_everything_that_three_people_can_do(
    table: dict[tuple[State, E], State | None], kinds: frozenset[E], states: int, edges: int
) -> None:
    """One answers for it at all times, changes hands only where it may, and every way comes to an end."""
    known, moves = _explore(table)

    assert {kind for _, kind in table} <= kinds
    assert {state for state, _ in table} | TERMINAL & {key[0] for key in known} == {key[0] for key in known}
    assert all((key[1] in _PEOPLE) == (key[0] is not State.NONE) for key in known)
    assert {m.kind for m in moves if m.before[1] != m.after[1]} <= _CHANGES_PERSON | {"container taken"}
    assert all(m.before[:2] == m.after[:2] for m in moves if m.before[0] in TERMINAL)
    assert known == _can_end(moves)
    assert (states, edges) == (len(known), len(set(moves)))


def _can_end(moves: list[_Move]) -> set[tuple[Any, ...]]:
    """Return the states from which a terminal one can be reached."""
    into: dict[tuple[Any, ...], set[tuple[Any, ...]]] = {}
    for move in moves:
        into.setdefault(move.after, set()).add(move.before)
    todo = [key for key in into if key[0] in TERMINAL]
    found = set(todo)
    while todo:
        for key in into.get(todo.pop(), set()) - found:
            found.add(key)
            todo.append(key)
    return found
