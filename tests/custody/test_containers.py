"""Containers: whatever order a day's uploads come in, each item is where it is, and each dossier is its own."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from custody.containers import manifest_leaf
from custody.dossier import unpack
from custody.event import EventType, parse_event
from custody.fields import CONTAINER_TYPES, ITEM_TYPES
from custody.machine import CONTAINER_TRANSITIONS, TERMINAL, State
from custody.verify import verify_dossier
from kt1.drill.bags import close_bag, open_bag, salt_of
from kt1.drill.breaks.common import officer
from kt1.drill.world import Parcel, Person, World


def _day() -> tuple[World, list[Parcel], list[bytes]]:
    """Two items in two containers, one within the other; none of it is in the log yet."""
    world = World()
    item, other = world.register(), world.register()
    with world.offline() as outbox:
        inner = close_bag(world, [item, other], by=world.clerk)
        outer = close_bag(world, [inner], by=world.clerk)
        outer.hand_over(world.courier)
        open_bag(outer, by=world.courier, second=world.witness)
        open_bag(inner, by=world.courier, second=world.witness)
        item.deliver()
    return world, [item, other, inner, outer], outbox


_LENGTH = len(_day()[2])


@given(st.permutations(range(_LENGTH)))
@settings(max_examples=40, deadline=None)
def test_any_order_of_upload_comes_to_the_same_chains(order: list[int]) -> None:
    """Two containers, a handover and a delivery, uploaded in any order by anybody: nothing against anyone."""
    world, parcels, outbox = _day()
    for number in order:
        world.log(outbox[number])
    chains = [parcel.chain() for parcel in parcels]

    assert [State.DELIVERED, State.HELD, State.EMPTY, State.EMPTY] == [c.item.state for c in chains]
    assert [world.recipient.id] + [world.courier.id] * 3 == [c.item.custodian for c in chains]
    assert ["INTACT"] * 4 == [p.judge().verdict.value for p in parcels]


@given(st.permutations(range(_LENGTH)), st.integers(0, _LENGTH - 1))
@settings(max_examples=40, deadline=None)
def test_a_fold_of_part_and_then_the_rest_is_a_fold_of_all(order: list[int], cut: int) -> None:
    """The service adds to a chain that it keeps; a rebuild begins anew: both say the same."""
    world, parcels, outbox = _day()
    for number in order[:cut]:
        world.log(outbox[number])
    kept = parcels[0].chain()
    for number in order[cut:]:
        entry = world.log(outbox[number])
        mine = any(entry.event.item(uid) for uid in (parcels[0].uid, *kept.containers))
        if mine and entry.event.type in (EventType.LOAD, EventType.UNLOAD):
            kept = parcels[0].chain()  # perhaps a container more: it is folded anew
        elif mine:
            kept.add(entry)
    now_ms = world.now_ms

    assert parcels[0].chain().judge(now_ms) == kept.judge(now_ms)


def test_a_dossier_names_no_other_item_of_the_container(world: World) -> None:
    """E20: evidence of one envelope, and not of the fifty that travelled with it."""
    item, other = world.register(), world.register()
    bag = close_bag(world, [item, other], by=world.clerk)
    bag.hand_over(world.courier)
    open_bag(bag, by=world.courier, second=world.witness, missing=[other])
    data = item.dossier()
    named = {ref.uid for raw in unpack(data).entries.values() for ref in parse_event(raw).items}

    assert {item.uid, bag.uid} == named
    assert other.uid not in data
    assert "" == verify_dossier(data).failure


def test_a_leaf_tells_nothing_without_its_salt(world: World) -> None:
    """Whoever knows an item and its chain cannot ask the manifest whether it was in it."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk)
    ref = bag.contents[item.uid][1]

    assert manifest_leaf(ref, bytes(16)) != manifest_leaf(ref, salt_of(ref))


def test_what_is_in_a_container_is_held_by_who_holds_that(world: World) -> None:
    """E16: in every state exactly one person answers for an item."""
    item = world.register()
    inner = close_bag(world, [item], by=world.clerk)
    outer = close_bag(world, [inner], by=world.clerk)
    outer.hand_over(world.courier)
    on_the_way = item.chain().item
    outer.event(EventType.SEIZE, by=world.security, reason_text="suspicious cover")
    seized = item.chain()

    assert (State.LOADED, world.courier.id) == (on_the_way.state, on_the_way.custodian)
    assert world.security.id == seized.item.custodian
    assert seized.held
    assert ["A03"] == [f.code for f in seized.findings]


def test_an_item_leaves_a_container_by_decision(world: World) -> None:
    """Two supervisors take a missing item out of the empty container it was said to be in."""
    item, other = world.register(), world.register()
    bag = close_bag(world, [item, other], by=world.clerk)
    bag.hand_over(world.courier)
    open_bag(bag, by=world.courier, second=world.witness, missing=[item])
    broken = item.judge()
    item.event(
        EventType.OVERRIDE,
        by=world.supervisor,
        second=world.second,
        offeree=world.clerk.id,
        findings=[f.id for f in broken.findings],
        reason_text="it had never left the counter",
    )

    assert "BROKEN" == broken.verdict
    assert "NOTED" == item.judge().verdict
    assert (State.HELD, world.clerk.id) == (item.chain().item.state, item.chain().item.custodian)


def test_what_was_found_at_opening_is_decided_at_the_container(world: World) -> None:
    """B01 to B03 stay until two supervisors have looked; the container stays open."""
    item, other = world.register(), world.register()
    bag = close_bag(world, [item], by=world.clerk)
    open_bag(bag, by=world.clerk, second=world.witness, surplus=[other])
    bag.event(
        EventType.OVERRIDE,
        by=world.supervisor,
        second=world.second,
        offeree=world.courier.id,
        findings=[f.id for f in bag.judge().findings],
        reason_text="the trainee had not scanned it",
    )

    assert "NOTED" == bag.judge().verdict
    assert State.EMPTY is bag.chain().item.state


_KINDS = sorted((ITEM_TYPES | CONTAINER_TYPES) - {EventType.LOAD, EventType.UNLOAD})


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize(
    "state", [State.HELD, State.OFFERED, State.QUAR, State.LOST, State.EMPTY, State.VOID]
)
def test_a_cell_outside_the_table_moves_nothing(world: World, state: State, kind: EventType) -> None:
    """Every reachable cell is driven by a signed event."""
    bag = _bag_in(world, state)
    before = bag.chain().item
    signer, second = _people(world, bag, kind)
    entry = bag.event(kind, by=signer, second=second, **_needs(world, bag, kind))
    codes = {f.code for f in bag.judge().findings if f.index == entry.index}
    after = bag.chain().item

    assert state is before.state
    if (state, kind) in CONTAINER_TRANSITIONS:
        assert not codes & {"S01", "S03", "C01", "B06", "P09"}
    else:
        assert codes & {"S01", "S03", "C01"}
        assert (before.state, before.custodian) == (after.state, after.custodian)


def test_every_live_state_of_a_container_can_end() -> None:
    """It can be opened or withdrawn from wherever it is."""
    edges: dict[State, set[State]] = {}
    for (state, _), target in CONTAINER_TRANSITIONS.items():
        edges.setdefault(state, set()).update([target] if target is not None else [])
    edges[State.OFFERED] |= {State.HELD, State.QUAR}
    for state in edges:
        seen, todo = {state}, [state]
        while todo:
            for target in edges.get(todo.pop(), set()) - seen:
                seen.add(target)
                todo.append(target)
        assert seen & TERMINAL, state


def test_a_bodys_registry_may_see_a_bag(world: World) -> None:
    """A bag has neither sender nor addressee: whoever of a body reads its label, it is not theirs (X09)."""
    item = world.register()
    bag = close_bag(world, [item], by=world.clerk)
    bag.event(EventType.SIGHT, by=world.recipient)

    assert ["X09"] == bag.codes()
    assert ["X09"] == item.codes()


def _bag_in(world: World, state: State) -> Parcel:
    bag = close_bag(world, [world.register()], by=world.clerk)
    bag.event(EventType.SIGHT, by=world.courier, seal=bag.seal(condition=1))  # something to decide
    if state is State.OFFERED:
        bag.event(EventType.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    elif state is State.QUAR:
        bag.event(EventType.SEIZE, by=world.security, reason_text="suspicious")
        bag.holder = world.security
    elif state is State.LOST:
        bag.event(EventType.LOSS, by=world.supervisor, second=world.second)
    elif state in (State.EMPTY, State.VOID):
        open_bag(bag, by=world.clerk, second=world.witness)
    if state is State.VOID:
        bag.event(EventType.RETIRE, by=world.clerk, reason=1)
    return bag


def _people(world: World, bag: Parcel, kind: EventType) -> tuple[Person, Person | None]:
    holder = bag.holder or world.clerk
    signers = {
        EventType.ACCEPT: world.courier,
        EventType.REFUSE: world.courier,
        EventType.SEIZE: world.security,
        EventType.RELEASE: officer(world),
        EventType.DESTROY: world.security,
        EventType.LOSS: world.supervisor,
        EventType.OVERRIDE: world.supervisor,
    }
    seconds = {
        EventType.RELABEL: world.witness,
        EventType.RESEAL: world.witness,
        EventType.OPEN: world.witness,
        EventType.DESTROY: world.security,
        EventType.LOSS: world.second,
        EventType.OVERRIDE: world.second,
        EventType.FOUND: world.supervisor,
    }
    return signers.get(kind, holder), seconds.get(kind)


def _needs(world: World, bag: Parcel, kind: EventType) -> dict[str, object]:
    cites: dict[str, object] = {"cites": bag.offer or bytes(32)}
    needs: dict[EventType, dict[str, object]] = {
        EventType.REGISTER: {
            "label_raw": bag.label.raw,
            "kind": 1,
            "secrecy": 0,
            "urgency": 0,
            "sender": 1,
            "recipient": 2,
            "declared": 3,
            "label": None,
        },
        EventType.OFFER: {"offeree": world.courier.id, "expiry": 60},
        EventType.ACCEPT: cites,
        EventType.REFUSE: cites,
        EventType.CANCEL: cites,
        EventType.DELIVER: cites,
        EventType.CORRECT: {"cites": bag.head, "reason_text": "typing error"},
        EventType.SEIZE: {"reason_text": "suspicious"},
        EventType.OVERRIDE: {
            "offeree": world.courier.id,
            "findings": [f.id for f in bag.judge().findings if f.code == "X02"],
            "reason_text": "found",
        },
        EventType.RELABEL: {"label_raw": bag.label.raw, "label": None},
        EventType.CLOSE: {"label_raw": bag.label.raw, "manifest": [bytes(32), 1]},
        EventType.OPEN: {"manifest": [bytes(32), 1]},
        EventType.RETIRE: {"reason": 1},
    }
    return needs.get(kind, {})
