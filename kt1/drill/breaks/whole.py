"""What only the whole log shows of items: ways to do it, and what comes close."""

from __future__ import annotations

from typing import Final

from custody.fields import EventType as E
from kt1.drill.breaks.common import breaks, near
from kt1.drill.world import Parcel, World

_DAY_MS: Final = 86_400_000
_TAG: Final = b"seal tag"


@breaks("L09")
def number_given_out_twice(world: World) -> Parcel:
    """A day after it was delivered, another envelope is registered under its number."""
    world.register().deliver()
    world.now_ms += _DAY_MS
    world.serial -= 1
    return world.register()


@near("L09")
def near_number_come_back(world: World) -> Parcel:
    """The number is registered again after the time within which numbers may not come back."""
    world.register().deliver()
    world.now_ms += 20 * _DAY_MS
    world.limit(reuse_days=20)
    world.serial -= 1
    return world.register()


@breaks("X05")
def seal_on_two_items(world: World) -> Parcel:
    """A seal that is on one envelope on its way is registered on another."""
    world.register(seal_tag=_TAG)
    return world.register(seal_tag=_TAG)


@near("X05")
def near_seal_of_a_cancelled_item(world: World) -> Parcel:
    """The label came out torn: the item is cancelled, and the same sealed envelope registered anew."""
    torn = world.register(seal_tag=_TAG)
    torn.event(E.VOID, by=world.clerk, reason=1)
    return world.register(seal_tag=_TAG)


@near("X05")
def near_seal_put_on_again(world: World) -> Parcel:
    """What is registered of a seal replaced under witness says nothing of the seal that came off."""
    first = world.register(seal_tag=_TAG)
    first.event(E.RESEAL, by=world.clerk, second=world.witness, seal=first.seal("B999"), seal_tag=b"another.")
    return world.register(seal_tag=_TAG)
