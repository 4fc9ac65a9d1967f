"""Every rule fires on its break, and on nothing that honest people do."""

from __future__ import annotations

from typing import Any

import pytest

from custody import cbor
from custody.admission import admit, network_of
from custody.errors import SignatureError
from custody.event import EventType, Field, core_of, parse_event
from custody.findings import CATALOGUE, Severity
from custody.judge import Chain
from custody.machine import State
from custody.network import Network
from custody.roles import Role
from custody.verify import verify_dossier
from kt1.drill.breaks import BREAKS, NEAR_MISSES
from kt1.drill.breaks.common import officer
from kt1.drill.world import ORIGIN, Person, World


@pytest.mark.parametrize("name", BREAKS)
def test_a_break_gives_exactly_its_codes(world: World, name: str) -> None:
    """A finding too few lets a break pass; one too many accuses the wrong person."""
    item, codes = BREAKS[name](world)

    assert codes == sorted(item.codes(BREAKS[name].wait_ms))


@pytest.mark.parametrize("name", NEAR_MISSES)
def test_a_near_miss_gives_no_finding_that_counts(world: World, name: str) -> None:
    """An honest chain is never accused."""
    near = NEAR_MISSES[name]
    findings = near(world).judge(near.wait_ms).findings

    assert [] == [f for f in findings if f.severity in "CHM" and f.resolved_by is None]


@pytest.mark.parametrize("name", BREAKS)
def test_a_dossier_of_a_break_gives_the_same_judgement(world: World, name: str) -> None:
    """A stranger with the file alone comes to what the service says."""
    item, codes = BREAKS[name](world)
    if BREAKS[name].wait_ms:  # the newest checkpoint says what time it is
        world.now_ms += BREAKS[name].wait_ms
        world.register()
    report = verify_dossier(item.dossier())

    assert "" == report.failure
    assert report.judgement is not None
    assert codes == sorted(f.code for f in report.judgement.findings)


def test_a_late_upload_is_said_and_held_against_nobody(world: World) -> None:
    """C06: whoever reads the log sees that the order of arrival was not the order of the journey."""
    judgement = NEAR_MISSES["gap_that_closes"](world).judge()

    assert {("C02", Severity.INFO), ("C06", Severity.INFO)} == {
        (f.code, f.severity) for f in judgement.findings
    }
    assert "INTACT" == judgement.verdict


def test_every_chain_finding_has_its_break() -> None:
    """A rule without a break is a rule nobody has seen fire."""
    with_break = {code for make in BREAKS.values() for code in make(World())[1]}
    elsewhere = {
        "L01",
        "L11",
        "M01",
        "M02",
        "M04",
        "M07",
        "M08",
        "M11",
        "M03",
        "M06",
        "M09",
        "M10",
        "M12",
        "C06",
        "A01",
        "A02",
        "A03",
        "A05",
        "A06",
        "A07",
        "S05",
        "S07",
        "P08",  # of pairs and devices, not of items
        "D02",
        "D03",
        "D04",
        "D05",
    }
    at_the_door = {code for code in CATALOGUE if code[0] == "E"} | {"K01", "K08", "K09", "K10"}

    assert set(CATALOGUE) == with_break | elsewhere | at_the_door


def test_blocked_step_moves_nothing_and_the_chain_goes_on(world: World) -> None:
    """After a break scans go on, and custody stays where it was proven last."""
    item = world.register()
    item.event(EventType.ACCEPT, by=world.courier)
    chain = item.chain()

    assert world.clerk.id == chain.item.custodian
    assert chain.item.registration is chain.item.last
    assert chain.held


@pytest.mark.parametrize("kind", [EventType.REFUSE, EventType.ACCEPT, EventType.OFFER, EventType.RETURN])
@pytest.mark.parametrize("from_nothing", [False, True])
def test_a_strangers_event_takes_nothing_from_the_rightful_taker(
    world: World, kind: EventType, *, from_nothing: bool
) -> None:
    """It is flagged, with the stranger's name; the honest step after it still counts, and is not called a fork."""
    item = world.register()
    item.event(EventType.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    head, seq = item.head, item.seq
    if from_nothing:
        item.head, item.seq = bytes(32), -1
    needs: dict[str, Any] = {"offeree": world.other.id, "expiry": 60} if kind is EventType.OFFER else {}
    needs |= {"cites": item.offer} if kind in (EventType.REFUSE, EventType.ACCEPT) else {}
    stranger = item.event(kind, by=world.foreign, **needs)
    item.head, item.seq = head, seq
    offer = next(e for e in world.entries if e.event.type is EventType.OFFER).event.id
    item.event(EventType.ACCEPT, by=world.courier, cites=offer)
    findings = item.judge().findings

    assert world.courier.id == item.chain().item.custodian
    assert {stranger.index} == {f.index for f in findings}


@pytest.mark.parametrize("race", ["cancel", "office"])
def test_an_honest_race_is_high_not_critical(world: World, race: str) -> None:
    """Cancelled while the taker signed offline; or two colleagues took what was offered to their office."""
    item = world.register()
    mate = Person("colleague", (Role.COURIER,), world.courier.office)
    world.certify(mate)
    whom = world.courier.id if race == "cancel" else world.courier.office
    item.event(EventType.OFFER, by=world.clerk, offeree=whom, expiry=3600)
    late = item.sign(EventType.ACCEPT, by=world.courier, cites=item.offer)
    if race == "cancel":
        item.event(EventType.CANCEL, by=world.clerk, cites=item.offer)
    else:
        item.event(EventType.ACCEPT, by=mate, cites=item.offer)
    world.log(late)
    judgement = item.judge()

    assert [("C04", Severity.HIGH)] == [(f.code, f.severity) for f in judgement.findings]
    assert "QUESTIONED" == judgement.verdict


def test_the_witness_signature_is_no_entry_of_the_witness(world: World) -> None:
    """Its context differs: header, core and signature put together as an entry do not verify (E04)."""
    item = world.register()
    raw = item.sign(EventType.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    fields = parse_event(raw).fields
    protected, _, _, signature = cbor.decode(fields[Field.SECOND][1:])
    stolen = b"\xd2" + cbor.encode([protected, {}, core_of(fields), signature])
    with pytest.raises(SignatureError) as caught:
        admit(stolen, ring=world.ring, net=network_of(ORIGIN))

    assert "E04" == caught.value.finding


def test_a_malformed_second_signature_is_a_missing_one(world: World) -> None:
    """Whatever stands there, the judge answers with P04, never with an exception."""
    item = world.register()
    headers: tuple[dict[int, Any], ...] = ({1: [], 4: bytes(8)}, {1: -8, 4: []}, {1: -8}, {}, {1: {}, 4: {}})
    for header in headers:
        second = b"\xd2" + cbor.encode([cbor.encode(header), {}, None, bytes(64)])
        entry = world.log(item.sign(EventType.RESEAL, by=world.clerk, SECOND=second))
        assert "P04" in [f.code for f in item.judge().findings if f.index == entry.index]


def test_a_registration_of_an_unreadable_label_registers_nothing(world: World) -> None:
    """L02 blocks: no exception, no item."""
    item = world.register()
    world.log(
        item.sign(
            EventType.REGISTER,
            by=world.clerk,
            label_raw=bytes(92),
            kind=1,
            secrecy=0,
            urgency=0,
            sender=1,
            recipient=2,
            declared=0,
            label=None,
        )
    )

    assert "L02" in item.codes()


def test_an_expired_authority_certifies_nobody(world: World) -> None:
    """K08: the enrolment key's own window counts."""
    old = Person("old authority", (Role.ENROL,), 0)
    world.certify(old, by=world.root, not_after=world.now_ms - 1)
    with pytest.raises(SignatureError) as caught:
        world.certify(Person("friend", (Role.COURIER,), 0), by=old)

    assert "K08" == caught.value.finding


def test_two_supervisors_let_a_broken_item_go_on(world: World) -> None:
    """An override resolves what it cites, leaves its mark, and names who holds the item from now."""
    item, _ = BREAKS["seal_differs"](world)
    cited = [f.id for f in item.judge().findings]
    item.event(
        EventType.OVERRIDE,
        by=world.supervisor,
        second=world.second,
        offeree=world.courier.id,
        findings=cited,
        reason_text="seal number misprinted in the lot",
    )
    judgement = item.judge()

    assert "NOTED" == judgement.verdict
    assert ["X01", "A01"] == [f.code for f in judgement.findings]
    assert judgement.findings[0].resolved_by == len(world.entries) - 1
    assert world.courier.id == item.chain().item.custodian


def test_what_was_found_at_delivery_can_be_decided(world: World) -> None:
    """The recipient took it with a wrong seal: two supervisors settle it, and it stays delivered."""
    item = world.register()
    item.deliver(seal=item.seal("WRONG1"))
    item.event(
        EventType.OVERRIDE,
        by=world.supervisor,
        second=world.second,
        offeree=world.courier.id,
        findings=[f.id for f in item.judge().findings],
        reason_text="opened together, nothing missing",
    )

    assert "NOTED" == item.judge().verdict
    assert (State.DELIVERED, world.recipient.id) == (item.chain().item.state, item.chain().item.custodian)


def test_one_supervisor_alone_decides_nothing(world: World) -> None:
    """P04: the second signature is missing, so the findings stay open."""
    item, _ = BREAKS["seal_differs"](world)
    item.event(
        EventType.OVERRIDE,
        by=world.supervisor,
        offeree=world.courier.id,
        findings=[f.id for f in item.judge().findings],
        reason_text="trust me",
    )

    assert "BROKEN" == item.judge().verdict
    assert "P04" in item.codes()


def test_an_override_with_a_borrowed_second_signature_decides_nothing(world: World) -> None:
    """The second signature covers the core: it cannot be carried over from another decision."""
    item, _ = BREAKS["seal_differs"](world)
    good = item.sign(
        EventType.OVERRIDE,
        by=world.supervisor,
        second=world.second,
        offeree=world.courier.id,
        findings=[bytes(8)],
        reason_text="nothing in particular",
    )
    world.log(
        item.sign(
            EventType.OVERRIDE,
            by=world.supervisor,
            offeree=world.courier.id,
            findings=[f.id for f in item.judge().findings],
            reason_text="everything is fine",
            SECOND=parse_event(good).fields[Field.SECOND],
        )
    )

    assert "BROKEN" == item.judge().verdict
    assert "P04" in item.codes()


@pytest.mark.parametrize(
    "name",
    [
        *("decided_to_somebody_certified_later", "decided_and_taken"),
        *("body_changed_afterwards", "body_changed_before"),
    ],
)
def test_what_is_certified_later_changes_no_judgement(world: World, name: str) -> None:
    """Entry by entry as it came, all at once afterwards, and from a dossier: one judgement and one holder."""
    item = BREAKS[name].make(world)
    growing = Network()
    chain = Chain(item.uid, network=growing, anchors=world.heads.get, find=lambda _id, _index: None)
    for entry in world.entries:
        growing.apply(entry)
        if entry.event.item(item.uid):
            chain.add(entry)
    report = verify_dossier(item.dossier())

    assert chain.judge(world.now_ms).rows() == item.judge().rows()
    assert chain.item.custodian == item.chain().item.custodian
    assert report.judgement is not None
    assert report.judgement.rows() == item.judge().rows()


def test_seizure_stays_until_security_releases(world: World) -> None:
    """A03 holds the item; RELEASE by another officer resolves it, and the first one answers for it still."""
    item = world.register()
    item.event(EventType.SEIZE, by=world.security, reason_text="suspicious cover")
    held = item.chain().held
    item.event(EventType.RELEASE, by=officer(world))

    assert held
    assert not item.chain().held
    assert world.security.id == item.chain().item.custodian


def test_loss_and_finding_leave_their_marks(world: World) -> None:
    """A06 and A07 stay; the finder answers for the item in quarantine."""
    item = world.register()
    item.event(EventType.LOSS, by=world.supervisor, second=world.second, seal=None, label=None)
    item.event(EventType.FOUND, by=world.courier, second=world.supervisor)

    assert ["A06", "A07"] == item.codes()
    assert world.courier.id == item.chain().item.custodian


def test_what_nobody_did_is_raised_with_time(world: World) -> None:
    """S05 and S07 come from the clock alone, medium first, then high."""
    item = world.register()
    quiet = item.codes()
    held = item.judge(world.policy.held_ms + 120_000)
    longer = item.judge(4 * world.policy.held_ms)
    item.event(EventType.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    waiting = item.judge(world.policy.offer_open_ms + 120_000)

    assert [] == quiet
    assert [("S07", Severity.MEDIUM)] == [(f.code, f.severity) for f in held.findings]
    assert [("S07", Severity.HIGH)] == [(f.code, f.severity) for f in longer.findings]
    assert [("S05", Severity.MEDIUM)] == [(f.code, f.severity) for f in waiting.findings]
