"""A day without a network: the same honest events, uploaded in any order, come to the same chain."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from custody.event import EventType, parse_event
from custody.judge import Judgement
from custody.machine import State
from kt1.drill.terrain import keep_hours, lay_out
from kt1.drill.world import Parcel, Person, World

E = EventType


@dataclass
class Day:
    """What devices signed while they had no network; nothing of it is in the log yet."""

    world: World
    item: Parcel
    raws: list[bytes] = field(default_factory=list)

    def sign(self, kind: EventType, by: Person, second: Person | None = None, **more: Any) -> bytes:
        """Sign on the head with the checkpoint of the morning; move the head as the device does."""
        morning = [len(self.world.entries), self.world.heads[len(self.world.entries)][0]]
        raw = self.item.sign(kind, by=by, second=second, anchor=morning, **more)
        self.raws.append(raw)
        if kind not in (E.SIGHT, E.INSPECT, E.CORRECT):
            self.item.head, self.item.seq = parse_event(raw).id, self.item.seq + 1
        return raw

    def hand_over(self, giver: Person, taker: Person) -> None:
        """Two devices, one after the other."""
        offer = parse_event(self.sign(E.OFFER, giver, offeree=taker.id, expiry=40_000)).id
        kind = E.DELIVER if taker is self.world.recipient else E.ACCEPT
        self.sign(kind, taker, cites=offer)


def _day() -> Day:
    world = World()
    lay_out(world, controls=())
    keep_hours(world)
    item = world.register()
    day = Day(world, item)
    mate = Person("mate", (world.courier.roles[0],), world.courier.office)
    world.certify(mate)
    day.sign(E.INSPECT, world.clerk)
    day.hand_over(world.clerk, world.courier)
    day.sign(E.SIGHT, world.courier)
    refused = parse_event(day.sign(E.OFFER, world.courier, offeree=mate.id, expiry=40_000)).id
    day.sign(E.REFUSE, mate, cites=refused, reason=1)
    day.hand_over(world.courier, mate)
    day.sign(E.RESEAL, mate, world.witness, seal=item.seal("B777"))
    item.serial = "B777"
    day.sign(E.SIGHT, mate)
    day.hand_over(mate, world.recipient)
    return day


def _upload(day: Day, order: list[int]) -> Judgement:
    for number in order:
        day.world.log(day.raws[number])
    return day.item.judge()


_LENGTH = len(_day().raws)


@given(st.permutations(range(_LENGTH)))
@settings(max_examples=60, deadline=None)
def test_any_order_of_upload_comes_to_the_same_chain(order: list[int]) -> None:
    """Delivered, to the recipient, and nothing that counts against anybody."""
    day = _day()
    judgement = _upload(day, order)
    item = day.item.chain().item
    against = [
        (f.code, f.detail) for f in judgement.findings if f.severity in "CHM" and f.resolved_by is None
    ]

    assert against == []
    assert judgement.verdict == "NOTED"  # for the new seal alone, whatever came late
    assert (item.state, item.custodian, item.head) == (State.DELIVERED, day.world.recipient.id, day.item.head)


@given(st.permutations(range(_LENGTH)), st.integers(0, _LENGTH - 1))
@settings(max_examples=60, deadline=None)
def test_an_event_that_never_comes_is_a_gap_or_an_observation(order: list[int], lost: int) -> None:
    """Leave any one out: either it was an observation, or the last step, or the chain says what is missing."""
    day = _day()
    judgement = _upload(day, [number for number in order if number != lost])
    gone = parse_event(day.raws[lost])
    is_link = gone.type not in (E.SIGHT, E.INSPECT, E.CORRECT)
    is_last = lost == _LENGTH - 1

    assert (judgement.verdict == "BROKEN") == (is_link and not is_last)
    assert ("C02" in {f.code for f in judgement.findings if f.resolved_by is None}) == (
        is_link and not is_last
    )


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_whatever_is_signed_there_is_one_responsible_person(data: st.DataObject) -> None:
    """E16: after any events by anybody, right or wrong, exactly one certified person answers for the item."""
    world = World()
    item = world.register()
    people = [world.clerk, world.courier, world.other, world.recipient, world.supervisor, world.security]
    kinds = [E.OFFER, E.ACCEPT, E.REFUSE, E.CANCEL, E.DELIVER, E.RETURN, E.SEIZE, E.RELEASE, E.SIGHT, E.VOID]
    moves = {E.ACCEPT, E.DELIVER, E.SEIZE}
    for _ in range(data.draw(st.integers(1, 8))):
        kind, by = data.draw(st.sampled_from(kinds)), data.draw(st.sampled_from(people))
        needs: dict[str, Any] = {}
        if kind is E.OFFER:
            needs = {"offeree": data.draw(st.sampled_from(people)).id, "expiry": 3600}
        elif kind in (E.ACCEPT, E.REFUSE, E.CANCEL, E.DELIVER):
            needs = {"cites": item.offer or bytes(32)}
        elif kind is E.SEIZE:
            needs = {"reason_text": "looked odd"}
        before = item.chain().item
        item.head, item.seq = before.head, before.seq
        item.event(kind, by=by, **needs)
        after = item.chain().item

        assert after.custodian in {person.id for person in people}
        if after.custodian != before.custodian:
            assert kind in moves
            assert after.custodian == by.id
            assert after.last is not None
            assert after.last.event.type is kind
