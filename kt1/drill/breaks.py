"""Named ways to break a chain, one per finding, each with a near miss that must not fire.

A break is a function World -> (item, codes that must be found, no more and no fewer).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from custody import label, s10
from custody.event import EventType, Field, parse_event
from custody.roles import Role
from kt1.drill.world import YEAR_MS, Parcel, Person, World, seed_of

Break = Callable[[World], tuple[Parcel, list[str]]]
E = EventType
HOUR_MS: Final = 3_600_000


def _offered(world: World, to: Person | None = None) -> Parcel:
    item = world.register()
    item.event(E.OFFER, by=world.clerk, offeree=(to or world.courier).id, expiry=3600)
    return item


# -- label


def forged_label(world: World) -> tuple[Parcel, list[str]]:
    """One byte of the body changed: the signature no longer covers it."""
    item = world.register()
    forged = replace(item.label, instance=1)
    item.event(E.SIGHT, by=world.other, label_raw=forged.raw, label=None, seal=None)
    return item, ["L02"]


def label_of_unknown_key(world: World) -> tuple[Parcel, list[str]]:
    """A label key that nobody certified."""
    item = world.register()
    return _report(world, item, kid4=b"NOPE", seed=seed_of("printer")), ["L03"]


def label_of_compromised_key(world: World) -> tuple[Parcel, list[str]]:
    """A label key known to be stolen since before the registration."""
    world.system(
        E.KEY_REVOKE,
        {Field.KID: world.labels.kid, Field.REASON: 1, Field.COMPROMISED: world.now_ms - HOUR_MS},
    )
    return world.register(), ["L04"]


def label_never_registered(world: World) -> tuple[Parcel, list[str]]:
    """A label signed by the real key, without a registration behind it."""
    item = world.register()
    return _report(world, item, nonce=b"secret", seed=world.labels.seed), ["L05"]


def superseded_label(world: World) -> tuple[Parcel, list[str]]:
    """The courier scans the label that was replaced."""
    item = world.register()
    old = item.label.digest
    _relabel(world, item)
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, label=old)
    return item, ["A04", "L06"]


def void_label(world: World) -> tuple[Parcel, list[str]]:
    """A cancelled item is seen on the road."""
    item = world.register()
    item.event(E.VOID, by=world.clerk, reason=1)
    item.event(E.SIGHT, by=world.courier)
    return item, ["L07", "S02"]


def label_of_revoked_key(world: World) -> tuple[Parcel, list[str]]:
    """The label key was revoked, and is used all the same."""
    world.system(E.KEY_REVOKE, {Field.KID: world.labels.kid, Field.REASON: 1})
    return world.register(), ["L04"]


def second_label(world: World) -> tuple[Parcel, list[str]]:
    """A second label of the same instance, with a seal of its own."""
    item = world.register()
    _relabel(world, item, instance=0, nonce=b"second")
    return item, ["L08"]


def label_for_another_seal(world: World) -> tuple[Parcel, list[str]]:
    """The new label commits to a seal that is not on the cover."""
    item = world.register()
    _relabel(world, item, seal_commitment=b"8 bytes!")
    return item, ["A04", "X01"]


def registered_with_another_seal(world: World) -> tuple[Parcel, list[str]]:
    """The registration names another seal than the label that the counter printed."""
    return world.register(seal_as_registered="B999999"), ["X01"]


def typed_number(world: World) -> tuple[Parcel, list[str]]:
    """The taker typed the number instead of scanning it."""
    item = world.register()
    item.hand_over(world.courier, method=4)
    return item, ["L10"]


def _report(
    world: World, item: Parcel, *, seed: bytes, kid4: bytes = b"LBL1", nonce: bytes = b"nonce!"
) -> Parcel:
    made = label.issue_label(
        number=item.label.number,
        instance=0,
        day=item.label.day,
        nonce=nonce,
        kid4=kid4,
        seal_commitment=bytes(8),
        seed=seed,
    )
    item.event(E.SIGHT, by=world.other, label_raw=made.raw, label=None, seal=None)
    return item


def _relabel(world: World, item: Parcel, **other: Any) -> None:
    fields: dict[str, Any] = {
        "number": item.label.number,
        "instance": item.label.instance + 1,
        "day": item.label.day,
        "nonce": item.label.nonce,
        "kid4": b"LBL1",
        "seal_commitment": item.label.seal_commitment,
    }
    seal = item.seal()
    item.label = label.issue_label(**(fields | other), seed=world.labels.seed)
    item.event(
        E.RELABEL, by=world.clerk, second=world.witness, label_raw=item.label.raw, label=None, seal=seal
    )


# -- key


def key_not_yet(world: World) -> tuple[Parcel, list[str]]:
    """The courier's certificate begins tomorrow."""
    late = Person("late", (Role.COURIER,), world.courier.office)
    world.certify(late, not_before=world.now_ms + 24 * HOUR_MS)
    item = world.register()
    item.hand_over(late)
    return item, ["K02"]


def countersigning_key(world: World) -> tuple[Parcel, list[str]]:
    """A key certified for second signatures takes custody."""
    mate = Person("mate", (Role.COURIER,), world.courier.office)
    world.certify(mate, use=1)
    item = _offered(world, mate)
    item.event(E.ACCEPT, by=mate, cites=item.offer)
    return item, ["K06"]


def key_expired(world: World) -> tuple[Parcel, list[str]]:
    """The courier's training ended this morning."""
    stale = Person("stale", (Role.COURIER,), world.courier.office)
    world.certify(stale, not_after=world.now_ms - HOUR_MS)
    item = world.register()
    item.hand_over(stale)
    return item, ["K03"]


def key_revoked(world: World) -> tuple[Parcel, list[str]]:
    """The thief of a phone accepts after its key was revoked."""
    item = _offered(world)
    world.system(E.KEY_REVOKE, {Field.KID: world.courier.kid, Field.REASON: 1})
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    return item, ["K04"]


def key_compromised(world: World) -> tuple[Parcel, list[str]]:
    """The phone was stolen an hour before its key was revoked, and used in between."""
    item = world.register()
    item.hand_over(world.courier)
    world.system(
        E.KEY_REVOKE,
        {Field.KID: world.courier.kid, Field.REASON: 1, Field.COMPROMISED: world.now_ms - HOUR_MS},
    )
    return item, ["K05"]


def role_missing(world: World) -> tuple[Parcel, list[str]]:
    """An inspector takes custody."""
    item = _offered(world, world.inspector)
    item.event(E.ACCEPT, by=world.inspector, cites=item.offer)
    return item, ["K06"]


def mark_too_high(world: World) -> tuple[Parcel, list[str]]:
    """Somebody cleared up to C takes an item marked A."""
    junior = Person("junior", (Role.COURIER,), world.courier.office, secrecy_max=3)
    world.certify(junior)
    item = world.register(secrecy=1)
    item.hand_over(junior)
    return item, ["K06"]


# -- chain


def no_genesis(world: World) -> tuple[Parcel, list[str]]:
    """A chain that begins with an offer."""
    item = world.register()
    ghost = Parcel(world, replace(item.label, day=item.label.day + 1), item.serial)
    ghost.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return ghost, ["C01", "S01"]


def missing_hop(world: World) -> tuple[Parcel, list[str]]:
    """A handover that only the devices know: the next one builds on it."""
    item = _offered(world)
    unsent = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    item.head, item.seq = parse_event(unsent).id, item.seq + 1
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600)
    return item, ["C02"]


def wrong_position(world: World) -> tuple[Parcel, list[str]]:
    """The event claims to be further along the chain."""
    item = world.register()
    item.seq += 3
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return item, ["C03"]


def fork(world: World) -> tuple[Parcel, list[str]]:
    """Two offers of one item from one head."""
    item = world.register()
    head, seq = item.head, item.seq
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.head, item.seq = head, seq
    item.event(E.OFFER, by=world.clerk, offeree=world.other.id, expiry=3600)
    return item, ["C04", "C07"]


def tail_after_fork(world: World) -> tuple[Parcel, list[str]]:
    """The loser of a fork goes on."""
    item, _ = fork(world)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    return item, ["C04", "C07", "C08"]


# -- state


def unscanned_hop(world: World) -> tuple[Parcel, list[str]]:
    """The courier has it, though nobody offered it."""
    item = world.register()
    item.event(E.ACCEPT, by=world.courier)
    return item, ["P04", "S01"]


def seen_after_delivery(world: World) -> tuple[Parcel, list[str]]:
    """A delivered item turns up at another office."""
    item = world.register()
    item.deliver()
    item.event(E.SIGHT, by=world.other)
    return item, ["S02"]


def moved_after_delivery(world: World) -> tuple[Parcel, list[str]]:
    """A delivered item is offered again."""
    item = world.register()
    item.deliver()
    item.event(E.OFFER, by=world.recipient, offeree=world.courier.id, expiry=3600)
    return item, ["K06", "S03"]


def accepted_too_late(world: World) -> tuple[Parcel, list[str]]:
    """The offer had run out before the taker's device last saw the log."""
    item = _offered(world)
    world.now_ms += 2 * HOUR_MS
    world.register()
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    return item, ["S04"]


# -- persons


def somebody_elses_name(world: World) -> tuple[Parcel, list[str]]:
    """The event names another person than the key's."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, actor=world.other.id)
    return item, ["P01"]


def not_custodian(world: World) -> tuple[Parcel, list[str]]:
    """Somebody gives away what another holds."""
    item = world.register()
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600)
    return item, ["P02"]


def wrong_offeree(world: World) -> tuple[Parcel, list[str]]:
    """A certified stranger takes what was offered to another."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    return item, ["P03"]


def one_sided(world: World) -> tuple[Parcel, list[str]]:
    """The taker cites no offer."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier)
    return item, ["P04"]


def self_handover(world: World) -> tuple[Parcel, list[str]]:
    """The clerk offers to herself."""
    item = world.register()
    item.event(E.OFFER, by=world.clerk, offeree=world.clerk.id, expiry=3600)
    return item, ["P05"]


def no_witness(world: World) -> tuple[Parcel, list[str]]:
    """A seal replaced by one person alone."""
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, seal=item.seal("B999"))
    return item, ["P04"]


def witness_of_stolen_phone(world: World) -> tuple[Parcel, list[str]]:
    """The witness's key was compromised when it countersigned."""
    stolen_ms = world.now_ms
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    world.system(E.KEY_REVOKE, {Field.KID: world.witness.kid, Field.REASON: 1, Field.COMPROMISED: stolen_ms})
    return item, ["P07"]


def void_on_the_way(world: World) -> tuple[Parcel, list[str]]:
    """Another office's counter relabels an item in mid-journey and cancels it."""
    far = Person("far", (Role.ISSUER, Role.CLERK), world.other.office)
    mate = Person("far mate", (Role.CLERK,), world.other.office)
    world.certify(far)
    world.certify(mate)
    item = world.register()
    item.hand_over(far)
    fresh = label.issue_label(
        number=item.label.number,
        instance=1,
        day=item.label.day,
        nonce=item.label.nonce,
        kid4=b"LBL1",
        seal_commitment=item.label.seal_commitment,
        seed=world.labels.seed,
    )
    item.label = fresh
    item.event(E.RELABEL, by=far, second=mate, label_raw=fresh.raw, label=None)
    item.event(E.VOID, by=far, reason=1)
    return item, ["A04", "S01"]


def decided_by_who_registered(world: World) -> tuple[Parcel, list[str]]:
    """A supervisor who also works at the counter overrides what she registered."""
    both = Person("both", (Role.ISSUER, Role.SUPERVISOR), world.clerk.office)
    world.certify(both)
    item = world.register(by=both)
    item.event(E.SIGHT, by=world.courier, seal=item.seal(condition=1))
    _decide(world, item, by=both)
    return item, ["P09", "X02"]


def decided_for_oneself(world: World) -> tuple[Parcel, list[str]]:
    """The deciding supervisor takes the item herself."""
    item = world.register()
    item.event(E.SIGHT, by=world.courier, seal=item.seal(condition=1))
    _decide(world, item, offeree=world.supervisor.id)
    return item, ["P09", "X02"]


def decided_about_nothing(world: World) -> tuple[Parcel, list[str]]:
    """An override on an item with nothing to decide."""
    item = world.register()
    _decide(world, item, findings=[bytes(8)])
    return item, ["S01"]


def decided_to_nobody(world: World) -> tuple[Parcel, list[str]]:
    """An override into the hands of a person that nobody certified."""
    item = world.register()
    item.event(E.SIGHT, by=world.courier, seal=item.seal(condition=1))
    _decide(world, item, offeree=bytes(8))
    return item, ["S01", "X02"]


def _decide(world: World, item: Parcel, *, by: Person | None = None, **more: Any) -> None:
    fields = {
        "offeree": world.courier.id,
        "findings": [f.id for f in item.judge().findings],
        "reason_text": "looked at together",
    }
    item.event(E.OVERRIDE, by=by or world.supervisor, second=world.second, **(fields | more))


def wrong_witness(world: World) -> tuple[Parcel, list[str]]:
    """The witness is of another office."""
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=world.other, seal=item.seal("B999"))
    return item, ["P07"]


# -- place and time


def wrong_destination(world: World) -> tuple[Parcel, list[str]]:
    """Delivered to the registered recipient of another body."""
    item = _offered(world, world.foreign)
    item.event(E.DELIVER, by=world.foreign, cites=item.offer)
    return item, ["G03"]


def time_regression(world: World) -> tuple[Parcel, list[str]]:
    """The taker's clock is ten minutes behind the giver's."""
    item = _offered(world)
    early = [1, world.heads[1][0]]
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 600_000, anchor=early)
    return item, ["T01"]


def no_anchor(world: World) -> tuple[Parcel, list[str]]:
    """The device cites no checkpoint at all."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=None)
    return item, ["T07"]


def expired_in_hiding(world: World) -> tuple[Parcel, list[str]]:
    """The certificate ended two hours ago; the claim is back-dated and no checkpoint is cited to betray it."""
    stale = Person("stale", (Role.COURIER,), world.courier.office)
    world.certify(stale, not_after=world.now_ms + HOUR_MS)
    item = _offered(world, stale)
    signed_ms = world.now_ms
    world.now_ms += 3 * HOUR_MS
    item.event(E.ACCEPT, by=stale, cites=item.offer, t_claim=signed_ms, anchor=None)
    return item, ["K03", "S04", "T07"]


def back_dated(world: World) -> tuple[Parcel, list[str]]:
    """Claimed before a checkpoint that the device had already seen."""
    item = _offered(world)
    world.now_ms += 40 * 60_000
    world.register()
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 20 * 60_000)
    return item, ["T02"]


def future_dated(world: World) -> tuple[Parcel, list[str]]:
    """Claimed an hour after the log took it."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms + HOUR_MS)
    return item, ["T03"]


def split_view(world: World) -> tuple[Parcel, list[str]]:
    """The device saw another log of the same size."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=[len(world.entries), bytes(32)])
    return item, ["M05"]


def from_the_future(world: World) -> tuple[Parcel, list[str]]:
    """The device cites a size that this log did not have yet."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, anchor=[len(world.entries) + 5, bytes(32)])
    return item, ["M05"]


# -- seal


def seal_differs(world: World) -> tuple[Parcel, list[str]]:
    """The number on the seal is another one."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, seal=item.seal("A123457"))
    return item, ["X01"]


def seal_damaged(world: World) -> tuple[Parcel, list[str]]:
    """The right seal, torn."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, seal=item.seal(condition=1))
    return item, ["X02"]


def seal_unchecked(world: World) -> tuple[Parcel, list[str]]:
    """Nobody looked."""
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, seal=None)
    return item, ["X03"]


def seen_by_another_body(world: World) -> tuple[Parcel, list[str]]:
    """The registry of a body that is neither sender nor addressee says that it has it."""
    outsider = Person("outsider", (Role.RECIPIENT,), 0, agency=7777)
    world.certify(outsider)
    item = world.register()
    item.event(E.SIGHT, by=outsider)
    return item, ["X09"]


def seen_elsewhere(world: World) -> tuple[Parcel, list[str]]:
    """Another office scans it, while its holder sits at the centre."""
    item = world.register()
    item.event(E.SIGHT, by=world.other)
    return item, ["X09"]


BREAKS: Final[dict[str, Break]] = {
    function.__name__: function
    for function in (
        forged_label,
        label_of_unknown_key,
        label_of_compromised_key,
        label_never_registered,
        superseded_label,
        void_label,
        typed_number,
        label_of_revoked_key,
        second_label,
        label_for_another_seal,
        registered_with_another_seal,
        key_not_yet,
        key_expired,
        countersigning_key,
        key_revoked,
        key_compromised,
        role_missing,
        mark_too_high,
        no_genesis,
        missing_hop,
        wrong_position,
        fork,
        tail_after_fork,
        unscanned_hop,
        seen_after_delivery,
        moved_after_delivery,
        accepted_too_late,
        somebody_elses_name,
        not_custodian,
        wrong_offeree,
        one_sided,
        self_handover,
        no_witness,
        wrong_witness,
        witness_of_stolen_phone,
        void_on_the_way,
        decided_by_who_registered,
        decided_for_oneself,
        decided_about_nothing,
        decided_to_nobody,
        wrong_destination,
        time_regression,
        no_anchor,
        expired_in_hiding,
        back_dated,
        future_dated,
        split_view,
        from_the_future,
        seal_differs,
        seal_damaged,
        seal_unchecked,
        seen_elsewhere,
        seen_by_another_body,
    )
}


# -- near misses: as close as honest work comes


def _near_label(world: World) -> Parcel:
    item = world.register()
    item.event(E.SIGHT, by=world.courier, label_raw=item.label.raw, label=None)
    item.event(E.SIGHT, by=world.recipient)
    return item


def _near_relabel(world: World) -> Parcel:
    item = world.register()
    _relabel(world, item)
    item.hand_over(world.courier)
    return item


def _near_reseal(world: World) -> Parcel:
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    item.serial = "B999"
    item.hand_over(world.courier)
    return item


def _near_revoked(world: World) -> Parcel:
    item = world.register()
    item.hand_over(world.courier)
    item.hand_over(world.other)
    world.system(
        E.KEY_REVOKE,
        {Field.KID: world.courier.kid, Field.REASON: 1, Field.COMPROMISED: world.now_ms + HOUR_MS},
    )
    return item


def _near_expiry(world: World) -> Parcel:
    person = Person("nearly", (Role.COURIER,), world.courier.office)
    world.certify(person, not_after=world.now_ms + HOUR_MS, not_before=world.now_ms - YEAR_MS)
    item = world.register()
    item.hand_over(person)
    return item


def _near_late_upload(world: World) -> Parcel:
    item = _offered(world)
    raw = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    item.head, item.seq = parse_event(raw).id, item.seq + 1
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    world.log(raw)
    return item


def _near_refusal(world: World) -> Parcel:
    item = _offered(world)
    item.event(E.REFUSE, by=world.courier, cites=item.offer, reason=1)
    item.event(E.OFFER, by=world.clerk, offeree=world.other.id, expiry=3600)
    item.event(E.CANCEL, by=world.clerk, cites=item.offer)
    item.hand_over(world.courier)
    return item


def _near_fork(world: World) -> Parcel:
    item = _offered(world)
    item.event(E.SIGHT, by=world.witness)
    item.event(E.SIGHT, by=world.supervisor)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    return item


def _near_clock(world: World) -> Parcel:
    item = _offered(world)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, t_claim=world.now_ms - 119_000)
    item.event(E.OFFER, by=world.courier, offeree=world.other.id, expiry=3600, t_claim=world.now_ms + 119_000)
    return item


def _near_seal(world: World) -> Parcel:
    item = world.register(seal="VN 0042-A")
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, seal=item.seal("vn0042a"))
    return item


def _near_return(world: World) -> Parcel:
    item = world.register()
    item.hand_over(world.courier)
    item.event(E.RETURN, by=world.courier, reason=2)
    item.event(E.OFFER, by=world.courier, offeree=world.foreign.id, expiry=3600)
    item.event(E.DELIVER, by=world.foreign, cites=item.offer)
    return item


def _near_office(world: World) -> Parcel:
    item = world.register()
    item.event(E.OFFER, by=world.clerk, offeree=world.other.office, expiry=3600)
    item.event(E.ACCEPT, by=world.other, cites=item.offer)
    return item


def _near_late_looks(world: World) -> Parcel:
    """Observations that arrive long after what they saw: each is judged by the state it speaks of."""
    item = world.register()
    at_clerk = item.sign(E.INSPECT, by=world.clerk)
    item.hand_over(world.courier)
    at_courier = item.sign(E.SIGHT, by=world.courier)
    item.hand_over(world.other)
    world.log(at_clerk)
    world.log(at_courier)
    item.deliver()
    world.log(item.sign(E.CORRECT, by=world.clerk, cites=item.offer, reason_text="typed by the trainee"))
    return item


def _near_looks_before_change(world: World) -> Parcel:
    item = world.register()
    old_seal = item.sign(E.SIGHT, by=world.courier)
    item.event(E.RESEAL, by=world.clerk, second=world.witness, seal=item.seal("B999"))
    item.serial = "B999"
    old_label = item.sign(E.SIGHT, by=world.courier)
    _relabel(world, item, seal_commitment=item.seal()[0])
    world.log(old_seal)
    world.log(old_label)
    return item


def _near_look_first(world: World) -> Parcel:
    """The taker looks before he accepts, and his device sends the look first."""
    item = _offered(world)
    accept = item.sign(E.ACCEPT, by=world.courier, cites=item.offer)
    item.head, item.seq = parse_event(accept).id, item.seq + 1
    item.event(E.INSPECT, by=world.courier)
    world.log(accept)
    return item


def _near_double_tap(world: World) -> Parcel:
    item = world.register()
    head, seq = item.head, item.seq
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    first = item.head, item.seq, item.offer
    item.head, item.seq = head, seq
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.head, item.seq, item.offer = first
    item.event(E.ACCEPT, by=world.courier, cites=item.offer)
    return item


def _near_new_label_key(world: World) -> Parcel:
    item = world.register()
    world.certify(world.labels, kid4=b"LBL1", not_before=world.now_ms)
    item.hand_over(world.courier)
    return item


def _near_poisoned_number(world: World) -> Parcel:
    """Somebody signed nonsense about a number before it was given out."""
    item = world.register()
    ghost = Parcel(
        world, replace(item.label, item=s10.pack_number(s10.make_number(world.serial + 1))), item.serial
    )
    ghost.event(E.REFUSE, by=world.recipient, cites=bytes(32), reason=1)
    return world.register()


NEAR_MISSES: Final[dict[str, Callable[[World], Parcel]]] = {
    name.removeprefix("_near_"): function for name, function in globals().items() if name.startswith("_near_")
}
