"""Containers in the drill: closed over a manifest, handed on as one, opened before a witness.

bag = close_bag(world, [item, other], by=world.clerk)
bag.hand_over(world.courier)
open_bag(bag, by=world.courier, second=world.mate)
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from custody import merkle, s10
from custody.containers import manifest_leaf
from custody.event import EventType, ItemRef
from kt1.drill.world import Parcel, Person, World

__all__ = ["Bag", "close_bag", "open_bag"]


class Bag(Parcel):
    """A container and what went into it; each item with the place in its chain at which it went in."""

    contents: dict[bytes, tuple[Parcel, ItemRef]]
    found: list[ItemRef]
    closing: bytes
    opening: bytes

    def load(self, item: Parcel, *, by: Person, **more: Any) -> None:
        """Sign the LOAD of something into it."""
        proof = _proof(item, [ref for _, ref in self.contents.values()])
        item.event(EventType.LOAD, by=by, container=self.uid, cites=self.closing, leaf=proof, **more)

    def unload(self, item: Parcel, *, by: Person, **more: Any) -> None:
        """Sign the UNLOAD of something out of it."""
        proof = _proof(item, self.found)
        item.event(EventType.UNLOAD, by=by, container=self.uid, cites=self.opening, leaf=proof, **more)
        item.holder = by


def close_bag(
    world: World, items: Iterable[Parcel], *, by: Person, load: bool = True, serial: str = "S1", **more: Any
) -> Bag:
    """Close a container over *items*, and load each of them."""
    made = world.unregistered(serial, service=s10.CONTAINER_SERVICE)
    bag = Bag(world, made.label, serial)
    bag.contents = {item.uid: (item, ItemRef(item.uid, item.seq + 1, item.head)) for item in items}
    refs = [ref for _, ref in bag.contents.values()]
    facts = {"label_raw": bag.label.raw, "manifest": manifest_of(refs)}
    bag.closing = bag.event(EventType.CLOSE, by=by, **(facts | more)).event.id
    if load:
        for item, _ in bag.contents.values():
            bag.load(item, by=by)
    return bag


def open_bag(
    bag: Bag,
    *,
    by: Person,
    second: Person | None,
    missing: Iterable[Parcel] = (),
    surplus: Iterable[Parcel] = (),
    unload: bool = True,
    **more: Any,
) -> None:
    """Open a container, and unload what is found."""
    gone = {item.uid for item in missing}
    found = [(item, ref) for uid, (item, ref) in bag.contents.items() if uid not in gone]
    found += [(item, ItemRef(item.uid, item.seq + 1, item.head)) for item in surplus]
    bag.found = [ref for _, ref in found]
    fields: dict[str, Any] = {"manifest": manifest_of(bag.found)}
    if gone:
        fields["missing"] = [
            manifest_leaf(bag.contents[uid][1], salt_of(bag.contents[uid][1])) for uid in gone
        ]
    bag.opening = bag.event(EventType.OPEN, by=by, second=second, **(fields | more)).event.id
    bag.holder = by
    if unload:
        for item, _ in found:
            bag.unload(item, by=by)


def salt_of(ref: ItemRef) -> bytes:
    """Return a 16-byte salt for a manifest leaf; a device draws it."""
    return merkle.leaf_hash(b"salt" + ref.uid + ref.prev)[:16]


def manifest_of(refs: list[ItemRef]) -> list[Any]:
    """Return [root, count] over things at points of their chains."""
    return [merkle.root_of(manifest_leaf(ref, salt_of(ref)) for ref in refs), len(refs)]


def _proof(item: Parcel, refs: list[ItemRef]) -> list[Any]:
    """Return [position, salt, path]: that a manifest over *refs* has the item; a false one where it has not."""
    at = next((n for n, ref in enumerate(refs) if ref.uid == item.uid), 0)
    leaves = [manifest_leaf(ref, salt_of(ref)) for ref in refs]
    path = merkle.inclusion_path(
        at, len(refs), lambda level, n: merkle.root_of(leaves[n << level : (n + 1) << level])
    )
    return [at, salt_of(refs[at]), list(path)]
