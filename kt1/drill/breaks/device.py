"""The signer's device: ways to misuse it, and what comes close."""

from __future__ import annotations

from custody import cbor, ed25519
from custody.event import ZERO, parse_event
from custody.fields import EventType as E
from custody.roles import Role
from custody.webauthn import passkey_of
from kt1.drill.breaks.common import breaks, near, offered
from kt1.drill.world import Parcel, Person, World


@breaks("D01")
def key_in_two_devices(world: World) -> Parcel:
    """A copy of the clerk's device signs on from where it was taken: two events at one place of its chain."""
    item = world.register()
    place = world.clerk.dseq, world.clerk.dprev
    world.register()
    world.clerk.dseq, world.clerk.dprev = place
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return item


@breaks("D01")
def device_set_back_and_counted_on(world: World) -> Parcel:
    """The copy skips a place, but builds on what the device had built on already."""
    item = world.register()
    before = world.clerk.dprev
    world.register()
    world.clerk.dprev = before
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    return item


@near("D01", "D02")
def near_sent_out_of_order(world: World) -> Parcel:
    """What was signed without a network arrives after what was signed later."""
    item = world.register()
    look = item.sign(E.INSPECT, by=world.clerk)
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    world.log(look)
    return item


@near("D01")
def near_new_key_begins_anew(world: World) -> Parcel:
    """Two new devices both begin their chains at the first place."""
    item = world.register()
    for name in ("new phone", "another new phone"):
        taker = Person(name, (Role.COURIER,), world.courier.office)
        world.certify(taker)
        assert (taker.dseq, taker.dprev) == (0, ZERO)
        item.hand_over(taker)
    return item


@breaks("D01", "E09")
def one_statement_in_two_forms(world: World) -> Parcel:
    """The same payload under another name of the same algorithm: other bytes, so another entry."""
    item = world.register()
    raw = item.sign(E.INSPECT, by=world.clerk)
    world.log(raw)
    world.log(_under_another_name(raw, world.clerk))
    return item


@near("E09", "D01")
def near_looked_at_twice(world: World) -> Parcel:
    """Two looks at one moment say the same, and are two statements."""
    item = world.register()
    first = item.sign(E.INSPECT, by=world.clerk)
    second = item.sign(E.INSPECT, by=world.clerk)
    world.log(first)
    world.log(second)
    return item


@breaks("P06")
def both_on_one_device(world: World) -> Parcel:
    """Giver and taker sign on the same device."""
    taker = Person("borrower", (Role.COURIER,), world.courier.office)
    world.certify(taker, device_id=world.clerk.id)
    item = offered(world, taker)
    item.event(E.ACCEPT, by=taker, cites=item.offer)
    return item


@near("P06")
def near_witness_at_the_counter(world: World) -> Parcel:
    """The witness countersigns on the clerk's own device, with a key made for that and nothing else."""
    mate = Person("counter witness", (Role.CLERK,), world.clerk.office)
    world.certify(mate, device_id=world.clerk.id, use=1)
    item = world.register()
    item.event(E.RESEAL, by=world.clerk, second=mate, seal=item.seal("B999"))
    item.serial = "B999"
    item.hand_over(world.courier)
    return item


@breaks("K11")
def taken_without_a_passkey(world: World) -> Parcel:
    """The policy asks for a passkey where an item marked A is taken; the courier has one, and did not use it."""
    return _marked_a(world, passkey=None)


@breaks("K11")
def taken_with_anothers_passkey(world: World) -> Parcel:
    """Somebody else's finger: the assertion is good, and not of the passkey that was certified."""
    return _marked_a(world, passkey=8)


@near("K11")
def near_taken_with_a_passkey(world: World) -> Parcel:
    """The courier confirms the taking in person."""
    return _marked_a(world, passkey=7)


@near("K11")
def near_passkey_for_a_lower_mark(world: World) -> Parcel:
    """What is not marked A is taken without."""
    world.limit(user_verified=1)
    item = world.register(secrecy=2)
    item.hand_over(world.courier)
    return item


def _marked_a(world: World, *, passkey: int | None) -> Parcel:
    world.limit(user_verified=1)
    taker = Person("named courier", (Role.COURIER,), world.courier.office)
    world.certify(taker, uv_public=passkey_of(7))
    item = world.register(secrecy=1)
    item.event(E.OFFER, by=world.clerk, offeree=taker.id, expiry=3600)
    item.event(E.ACCEPT, by=taker, cites=item.offer, passkey=passkey)
    return item


def _under_another_name(raw: bytes, signer: Person) -> bytes:
    payload = parse_event(raw).message.payload
    protected = cbor.encode({1: -19, 4: signer.kid})  # Ed25519, RFC 9864
    signed = cbor.encode(["Signature1", protected, b"", payload])
    return b"\xd2" + cbor.encode([protected, {}, payload, ed25519.sign(signer.seed, signed)])
