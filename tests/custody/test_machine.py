"""The transition table: its size, and what a bounded search of it proves."""

from __future__ import annotations

import pytest

from custody.event import EventType
from custody.fields import CHAIN_TYPES, ITEM_TYPES
from custody.machine import BEFORE, ROLES, TERMINAL, TRANSITIONS, TWO_PERSON, State
from kt1.drill.breaks.common import officer
from kt1.drill.world import Parcel, World

ITEM_STATES = set(State) - {State.EMPTY}


def test_the_table_has_50_of_189_cells() -> None:
    """9 states x 21 events; what is not allowed is a finding."""
    assert 189 == len(ITEM_STATES) * len(ITEM_TYPES)
    assert 50 == len(TRANSITIONS)
    assert set(ROLES) == CHAIN_TYPES
    assert all(state in ITEM_STATES for state, _ in TRANSITIONS)


def test_every_state_is_reachable_and_every_live_one_can_end() -> None:
    """No dead end, no state that nothing leads to."""
    edges: dict[State, set[State]] = {state: set() for state in ITEM_STATES}
    for (state, _), target in TRANSITIONS.items():
        if target is BEFORE:
            edges[state] |= {State.HELD, State.QUAR}
        elif target is not None:
            edges[state].add(target)

    assert ITEM_STATES - {State.NONE} <= _reach(edges, State.NONE)
    for state in ITEM_STATES - TERMINAL:
        assert _reach(edges, state) & TERMINAL


def test_nothing_leaves_a_terminal_state() -> None:
    """A finished journey is only looked at, remarked upon, and, once delivered, decided."""
    ends = {cell: target for cell, target in TRANSITIONS.items() if cell[0] in TERMINAL}

    assert set(ends.values()) == {None}
    assert {kind for (_, kind) in ends} == {EventType.SIGHT, EventType.CORRECT, EventType.OVERRIDE}


@pytest.mark.parametrize("kind", sorted(ITEM_TYPES - {EventType.REGISTER, EventType.LOAD, EventType.UNLOAD}))
@pytest.mark.parametrize(
    "state", [State.HELD, State.OFFERED, State.QUAR, State.LOST, State.DELIVERED, State.VOID]
)
def test_a_cell_outside_the_table_is_found_and_moves_nothing(
    world: World, state: State, kind: EventType
) -> None:
    """Every reachable cell is driven by a signed event: allowed ones move the item, the others raise S01 or S03."""
    item = _item_in(world, state)
    before = item.chain().item
    assert state is before.state
    signer = {
        EventType.ACCEPT: world.courier,
        EventType.REFUSE: world.courier,
        EventType.DELIVER: world.recipient,
        EventType.SEIZE: world.security,
        EventType.RELEASE: officer(world),
        EventType.DESTROY: world.security,
        EventType.LOSS: world.supervisor,
        EventType.OVERRIDE: world.supervisor,
    }.get(kind, world.clerk)
    second = {
        EventType.DESTROY: officer(world),
        EventType.LOSS: world.second,
        EventType.OVERRIDE: world.second,
    }
    entry = item.event(
        kind,
        by=signer,
        second=second.get(kind, world.witness if kind is not EventType.FOUND else world.supervisor)
        if kind in TWO_PERSON
        else None,
        **_needs(world, item, kind),
    )
    codes = {f.code for f in item.judge().findings if f.index == entry.index}
    after = item.chain().item

    if (state, kind) not in TRANSITIONS or (kind is EventType.VOID and state is not State.HELD):
        assert codes & {"S01", "S03"}
        assert (before.state, before.custodian) == (after.state, after.custodian)
    else:
        assert not codes & {"S01", "S03", "P09"}


def _needs(world: World, item: Parcel, kind: EventType) -> dict[str, object]:
    offer = item.offer or bytes(32)
    needs: dict[EventType, dict[str, object]] = {
        EventType.OFFER: {"offeree": world.courier.id, "expiry": 60},
        EventType.ACCEPT: {"cites": offer},
        EventType.REFUSE: {"cites": offer},
        EventType.CANCEL: {"cites": offer},
        EventType.DELIVER: {"cites": offer},
        EventType.CORRECT: {"cites": item.head, "reason_text": "typing error"},
        EventType.SEIZE: {"reason_text": "suspicious"},
        EventType.OVERRIDE: {
            "offeree": world.courier.id,
            "findings": [f.id for f in item.judge().findings if f.code == "X02"],
            "reason_text": "found",
        },
        EventType.RELABEL: {"label_raw": item.label.raw, "label": None},
    }
    return needs.get(kind, {})


def _item_in(world: World, state: State) -> Parcel:
    item = world.register()
    item.event(EventType.SIGHT, by=world.courier, seal=item.seal(condition=1))  # something to decide
    if state is State.OFFERED:
        item.event(EventType.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    elif state is State.QUAR:
        item.event(EventType.SEIZE, by=world.security, reason_text="suspicious")
    elif state is State.LOST:
        item.event(EventType.LOSS, by=world.supervisor, second=world.second)
    elif state is State.DELIVERED:
        item.deliver()
    elif state is State.VOID:
        item.event(EventType.VOID, by=world.clerk)
    return item


def _reach(edges: dict[State, set[State]], start: State) -> set[State]:
    seen: set[State] = set()
    todo = [start]
    while todo:
        for target in edges[todo.pop()] - seen:
            seen.add(target)
            todo.append(target)
    return seen
