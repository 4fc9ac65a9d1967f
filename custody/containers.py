"""Rules about containers: what goes in, what comes out, and what may not happen in between (ADR 9).

A container is a chain of its own that begins with a CLOSE. Its manifest is a Merkle root over salted leaves, one
for each thing inside; each of these has a LOAD in its own chain that cites the CLOSE and proves its leaf. So a
dossier of one item shows the container's journey and nothing of what else was in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody import merkle
from custody.errors import CustodyError
from custody.event import Event, ItemRef
from custody.fields import EventType as E
from custody.fields import Field
from custody.machine import State
from custody.step import Hit, Step

__all__ = ["DEEPEST", "contents", "double_load", "is_in", "load", "manifest_leaf", "opening", "unload"]

DEEPEST: Final = 3
"""How many containers may be around an item (B08)."""


def manifest_leaf(ref: ItemRef, salt: bytes) -> bytes:
    """Return the 32-byte leaf of a manifest for something at a point of its chain, under a 16-byte salt."""
    return merkle.leaf_hash(salt + ref.uid + ref.seq.to_bytes(2, "big") + ref.prev)


def load(step: Step) -> Iterator[Hit]:
    """B04, B08, B09, S01: a LOAD cites the closing of its container, by the same person, and is in its manifest.

    What the manifest does not have was never in it: where the container went then is nothing to the item.
    """
    if step.event.type is not E.LOAD:
        return
    past = step.closing
    if past is None or past.entry.event.type is not E.CLOSE:
        yield "S01", "it cites no closing that counts"
        return
    if past.person != step.certificate.person:
        yield "B09", f"the container was closed by {past.person.hex()}"
    ref = step.event.item(step.item.uid)
    if ref is not None and not is_in(ref, step.event, past.entry.event):
        yield "B04", "the closed manifest does not have it"
    elif past.depth > DEEPEST:
        yield "B08", f"{past.depth} containers would be around it"


def unload(step: Step) -> Iterator[Hit]:
    """B03, B04, B09, S01: an UNLOAD cites the opening of the container that the item was in."""
    if step.event.type is not E.UNLOAD:
        return
    past, inside = step.closing, step.item.load
    if inside is None or step.item.container != step.event.fields[Field.CONTAINER]:
        yield "B03", "it was not loaded into this container"
        return
    if past is None or past.entry.event.type is not E.OPEN:
        yield "S01", "it cites no opening that counts"
        return
    if past.person != step.certificate.person:
        yield "B09", f"the container was opened by {past.person.hex()}"
    ref = inside.event.item(step.item.uid)
    if ref is not None and not is_in(ref, step.event, past.entry.event):
        yield "B04", "the manifest of what was found does not have it"


def double_load(step: Step) -> Iterator[Hit]:
    """B11: loaded into a second container while the first is still closed."""
    inside, kind = step.current.load, step.event.type
    if kind is not E.LOAD or inside is None or inside.event.id == step.event.id:
        return
    if step.current.state is State.LOADED and step.current.container != step.event.fields[Field.CONTAINER]:
        yield "B11", f"entry {inside.index} loaded it into {step.current.container.hex()}"  # type: ignore[union-attr]


def contents(step: Step) -> Iterator[Hit]:
    """B04: a CLOSE has something in it."""
    if step.event.type is E.CLOSE and step.event.fields[Field.MANIFEST][1] == 0:
        yield "B04", "nothing is in the manifest"


def opening(step: Step) -> Iterator[Hit]:
    """B01-B04: what was found against what was closed."""
    closed = step.registration
    if step.event.type is not E.OPEN or closed is None or not step.is_container:
        return
    root, count = closed.fields[Field.MANIFEST]
    found_root, found = step.event.fields[Field.MANIFEST]
    missing = step.event.fields.get(Field.MISSING, [])
    surplus = found - (count - len(missing))
    if root != found_root:
        yield "B01", f"{found} found, {count} closed"
    elif missing or surplus:
        yield "B04", "nothing differs, but something is said to be missing or surplus"
        return
    if missing:
        yield "B02", f"{len(missing)} of {count} are missing"
    if surplus > 0:
        yield "B03", f"{surplus} were not in the closed manifest"
    elif surplus < 0 or len(set(missing)) != len(missing) or len(missing) > count:
        yield "B04", f"{count} closed, {len(missing)} missing, {found} found"


def is_in(ref: ItemRef, event: Event, closing: Event) -> bool:
    """Say whether the LEAF of a LOAD or UNLOAD proves that *ref* is in the manifest of a CLOSE or OPEN."""
    position, salt, path = event.fields[Field.LEAF]
    root, count = closing.fields[Field.MANIFEST]
    try:
        merkle.verify_inclusion(position, count, manifest_leaf(ref, salt), path, root)
    except CustodyError:
        return False
    return True
