"""The watch over the whole log: whom it accuses, and that any part with both entries gives the same."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from custody.event import Entry, EventType, Field
from custody.part import accusations_in
from custody.roles import Role
from custody.verify import verify_dossier
from custody.watch import NUMBER, SEAL, Accusation, Watch, traces_of
from kt1.drill.breaks import BREAKS, NEAR_MISSES
from kt1.drill.world import RECIPIENT, SENDER, Parcel, Person, World

_TAG = b"seal tag"
_DAY_MS = 86_400_000


def _accused(world: World, entries: list[Entry] | None = None) -> list[Accusation]:
    watch = Watch(world.network)
    return [one for entry in entries or world.entries for one in watch.add(entry)]


def test_both_items_of_a_seal_used_twice_are_accused(world: World) -> None:
    """Whichever of the two is the false one, nobody can tell from the log."""
    first, second = world.register(seal_tag=_TAG), world.register(seal_tag=_TAG)

    assert ["X05"] == first.codes() == second.codes()
    assert {first.uid, second.uid} == {one.uid for one in _accused(world)}


def test_a_third_item_accuses_itself_alone(world: World) -> None:
    """Else one bad reel of seals would pile up findings on the first item without end."""
    items = [world.register(seal_tag=_TAG) for _ in range(4)]

    assert [1, 1, 1, 1] == [len(item.codes()) for item in items]


def test_a_device_that_never_counts_accuses_its_first_item_once(world: World) -> None:
    """A broken device signs every event as its first: each later one stands against its own item."""
    items = []
    for _ in range(5):
        items.append(world.register())
        world.clerk.dseq, world.clerk.dprev = 0, bytes(32)

    assert [["D01"]] * 5 == [item.codes() for item in items]


def test_a_stranger_puts_nobodys_item_in_question(world: World) -> None:
    """A courier cannot register: what he signs as registrations is on its own chain, not on honest ones."""
    item = world.register(seal_tag=_TAG)
    item.deliver()
    world.now_ms += _DAY_MS
    world.serial -= 1
    ghost = world.register(by=world.courier, seal_tag=_TAG)

    assert [] == item.codes()
    assert ["K06"] == ghost.codes()
    assert [] == traces_of(world.entries[-1], world.network)


@pytest.mark.parametrize(
    "name",
    ["number_on_a_forged_label"]
    + [f"seal_named_{how}" for how in ("in_a_blocked_event", "under_a_forged_label", "under_a_copied_label")],
)
def test_what_moves_nothing_accuses_nobody(world: World, name: str) -> None:
    """Else one courier's word would break any item of the network: not before it nor after."""
    NEAR_MISSES[name](world)

    assert [] == _accused(world)


def test_a_forged_entry_before_the_true_one_shields_nothing(world: World) -> None:
    """Who registers a number under a false label first does not hide that two true ones follow."""
    ghost = world.unregistered()
    forged = replace(ghost.label, signature=bytes(64))
    facts: dict[str, Any] = {"kind": 1, "secrecy": 3, "urgency": 0, "declared": 3}
    facts |= {"sender": SENDER, "recipient": RECIPIENT}
    ghost.event(EventType.REGISTER, by=world.clerk, label_raw=forged.raw, **facts)
    world.serial -= 1
    first = world.register(seal_tag=_TAG)
    world.now_ms += _DAY_MS
    world.serial -= 1
    second = world.register(seal_tag=_TAG)

    assert [(first.uid, "L09"), (first.uid, "X05")] == [
        (one.uid, one.code) for one in _accused(world) if one.uid == first.uid
    ]
    assert {"L09", "X05"} <= set(second.codes())


def test_a_key_revoked_before_accuses_nobody(world: World) -> None:
    """A stolen phone's registrations are blocked, so they are no second story of anybody's seal."""
    item = world.register(seal_tag=_TAG)
    thief = _second_clerk(world)
    world.system(EventType.KEY_REVOKE, {Field.KID: thief.kid, Field.REASON: 1})
    world.register(by=thief, seal_tag=_TAG)

    assert [] == item.codes()


def test_a_dossier_shows_that_the_other_seal_was_off(world: World) -> None:
    """An event that builds on another item brings its registration along; that it was cancelled comes with it."""
    torn = world.register(seal_tag=_TAG)
    registered = torn.head
    torn.event(EventType.VOID, by=world.clerk, reason=1)
    item = world.register(seal_tag=_TAG)
    stray = Parcel(world, item.label, item.serial, head=registered, seq=0)
    stray.event(EventType.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    report = verify_dossier(item.dossier())

    assert "" == report.failure
    assert report.judgement is not None
    assert ["C05"] == [found.code for found in report.judgement.findings] == item.codes()


def test_a_registration_leaves_a_trace_of_its_number_and_its_seal(world: World) -> None:
    """By these it is found again without a look at any other entry."""
    item = world.register(seal_tag=_TAG)
    item.deliver()

    assert [(NUMBER, item.uid[:6], item.uid), (SEAL, _TAG, item.uid)] == [
        trace for entry in world.entries for trace in traces_of(entry, world.network)
    ]


def test_a_part_with_both_entries_gives_the_same_accusation() -> None:
    """A stranger's dossier holds few entries of the log: what it accuses, the log accuses too."""
    rng = random.Random(3)
    for name in ("key_in_two_devices", "device_set_back_and_counted_on", "seal_on_two_items"):
        world = World()
        BREAKS[name](world)
        whole = _accused(world)
        pair = {index for one in whole for index in (one.index, one.other)}
        for _ in range(20):
            part = [e for e in world.entries if e.index in pair or rng.random() < 0.5]
            assert whole == _accused(world, part)


def test_the_first_item_is_accused_in_its_own_dossier_by_an_entry_that_does_not_name_it(world: World) -> None:
    """The later entry is about another item; the dossier carries it all the same, as an exhibit."""
    first = world.register()
    place = world.clerk.dseq, world.clerk.dprev
    first.event(EventType.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    other = world.register(by=_second_clerk(world))
    other.event(EventType.OFFER, by=other.holder or world.clerk, offeree=world.courier.id, expiry=3600)
    world.clerk.dseq, world.clerk.dprev = place
    second = world.register()
    report = verify_dossier(first.dossier())

    assert "" == report.failure
    assert report.judgement is not None
    assert [("D01", world.entries[-1].index)] == [(f.code, f.index) for f in report.judgement.findings]
    assert ["D01"] == second.codes()
    assert [] == other.codes()


def test_what_concerns_a_seal_is_over_when_its_journey_is(world: World) -> None:
    """After the delivery the seal is cut: the number may be read again on the next reel."""
    world.register(seal_tag=_TAG).deliver()
    again = world.register(seal_tag=_TAG)

    assert [] == again.codes()


def test_accusations_are_asked_for_by_item(world: World) -> None:
    """An item's dossier takes up what is said of it and of no other."""
    first = world.register(seal_tag=_TAG)
    world.register(seal_tag=_TAG)

    found = accusations_in(world.entries, {first.uid}, world.network)
    assert [(first.uid, "X05")] == [(one.uid, one.code) for one in found]
    assert "entry 13" in found[0].detail


def _second_clerk(world: World) -> Person:
    clerk = Person("second clerk", (Role.ISSUER, Role.CLERK), world.clerk.office)
    world.certify(clerk)
    return clerk
