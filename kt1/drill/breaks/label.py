"""The label: ways to break it, and what comes close."""

from __future__ import annotations

from dataclasses import replace

from custody import label
from custody.event import Field
from custody.fields import EventType as E
from kt1.drill.breaks.common import HOUR_MS, breaks, near, relabel
from kt1.drill.world import Parcel, World, seed_of


@breaks("L02")
def forged_label(world: World) -> Parcel:
    """One byte of the body changed: the signature no longer covers it."""
    item = world.register()
    forged = replace(item.label, instance=1)
    item.event(E.SIGHT, by=world.other, label_raw=forged.raw, label=None, seal=None)
    return item


@breaks("L03")
def label_of_unknown_key(world: World) -> Parcel:
    """A label key that nobody certified."""
    item = world.register()
    return _report(world, item, kid4=b"NOPE", seed=seed_of("printer"))


@breaks("L04")
def label_of_compromised_key(world: World) -> Parcel:
    """A label key known to be stolen since before the registration."""
    world.system(
        E.KEY_REVOKE,
        {Field.KID: world.labels.kid, Field.REASON: 1, Field.COMPROMISED: world.now_ms - HOUR_MS},
    )
    return world.register()


@breaks("L05")
def label_never_registered(world: World) -> Parcel:
    """A label signed by the real key, without a registration behind it."""
    item = world.register()
    return _report(world, item, nonce=b"secret", seed=world.labels.seed)


@breaks("A04", "L06")
def superseded_label(world: World) -> Parcel:
    """The courier scans the label that was replaced."""
    item = world.register()
    old = item.label.digest
    relabel(world, item)
    item.event(E.OFFER, by=world.clerk, offeree=world.courier.id, expiry=3600)
    item.event(E.ACCEPT, by=world.courier, cites=item.offer, label=old)
    return item


@breaks("L07", "S02")
def void_label(world: World) -> Parcel:
    """A cancelled item is seen on the road."""
    item = world.register()
    item.event(E.VOID, by=world.clerk, reason=1)
    item.event(E.SIGHT, by=world.courier)
    return item


@breaks("L04")
def label_of_revoked_key(world: World) -> Parcel:
    """The label key was revoked, and is used all the same."""
    world.system(E.KEY_REVOKE, {Field.KID: world.labels.kid, Field.REASON: 1})
    return world.register()


@breaks("L08")
def second_label(world: World) -> Parcel:
    """A second label of the same instance, with a seal of its own."""
    item = world.register()
    relabel(world, item, instance=0, nonce=b"second")
    return item


@breaks("A04", "X01")
def label_for_another_seal(world: World) -> Parcel:
    """The new label commits to a seal that is not on the cover."""
    item = world.register()
    relabel(world, item, seal_commitment=b"8 bytes!")
    return item


@breaks("X01")
def registered_with_another_seal(world: World) -> Parcel:
    """The registration names another seal than the label that the counter printed."""
    return world.register(seal_as_registered="B999999")


@breaks("L10")
def typed_number(world: World) -> Parcel:
    """The taker typed the number instead of scanning it."""
    item = world.register()
    item.hand_over(world.courier, method=4)
    return item


def _report(
    world: World, item: Parcel, *, seed: bytes, kid4: bytes = b"", nonce: bytes = b"nonce!"
) -> Parcel:
    made = label.issue_label(
        number=item.label.number,
        instance=0,
        day=item.label.day,
        nonce=nonce,
        kid4=kid4 or world.kid4,
        seal_commitment=bytes(8),
        seed=seed,
    )
    item.event(E.SIGHT, by=world.other, label_raw=made.raw, label=None, seal=None)
    return item


@near("L02", "L03", "L05", "X09")
def near_label(world: World) -> Parcel:
    """The genuine label is photographed by the courier and scanned by the addressee."""
    item = world.register()
    item.event(E.SIGHT, by=world.courier, label_raw=item.label.raw, label=None)
    item.event(E.SIGHT, by=world.recipient)
    return item


@near("L06", "L08", "X01")
def near_relabel(world: World) -> Parcel:
    """Labelled anew under witness, and handed on under the new label."""
    item = world.register()
    relabel(world, item)
    item.hand_over(world.courier)
    return item


@near("L03", "L04")
def near_new_label_key(world: World) -> Parcel:
    """The label key is certified anew while the item travels."""
    item = world.register()
    world.certify(world.labels, kid4=world.kid4, not_before=world.now_ms)
    item.hand_over(world.courier)
    return item
