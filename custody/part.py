"""One item out of a part of a log: what a dossier holds, or what a drill has made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final

from custody.containers import DEEPEST
from custody.event import Entry
from custody.fields import EventType as E
from custody.fields import Field
from custody.judge import Chain
from custody.network import Network
from custody.step import Anchors
from custody.watch import SEAL_TYPES, Accusation, Watch, shared_seals

__all__ = ["accusations_in", "containers_around", "judge_part", "seals_beside"]

_INSIDE: Final = frozenset((E.LOAD, E.UNLOAD))


def containers_around(entries: Collection[Entry], uid: bytes) -> set[bytes]:
    """Return the containers that *entries* say an item was in, and those that these were in, as deep as may be."""
    loads = [e.event for e in entries if e.event.type in _INSIDE]
    found: set[bytes] = set()
    todo = {uid}
    for _ in range(DEEPEST + 1):
        inner = {e.fields[Field.CONTAINER] for e in loads if any(e.item(one) for one in todo)}
        todo = inner - found
        found |= todo
    return found - {uid}


def judge_part(entries: Sequence[Entry], uid: bytes, *, network: Network, anchors: Anchors) -> Chain:
    """Fold one item out of some entries of a log, in log order, which are all that is known of it."""
    events = {entry.event.id: entry for entry in entries}
    around = containers_around(entries, uid)
    watch = Watch(network)
    chain = Chain(
        uid,
        network=network,
        anchors=anchors,
        find=lambda id_, index: e.event if (e := events.get(id_)) and e.index <= index else None,
        containers=around,
    )
    for entry in entries:
        if any(entry.event.item(one) for one in (uid, *around)):
            chain.add(entry)
        for accused in watch.add(entry):
            chain.accuse(accused.uid, entry, accused.code, accused.detail)
    return chain


def accusations_in(entries: Iterable[Entry], uids: Collection[bytes], network: Network) -> list[Accusation]:
    """Return what a watch over *entries*, in log order, has against some items and containers."""
    watch = Watch(network)
    return [accused for entry in entries for accused in watch.add(entry) if accused.uid in uids]


def seals_beside(entries: Iterable[Entry], shown: Iterable[Entry]) -> list[Entry]:
    """Return those of a log's *entries* that say, of what *shown* ones put one seal on, whether it had it still."""
    uids = shared_seals(shown)
    sealing = (entry for entry in entries if entry.event.type in SEAL_TYPES)
    return [entry for entry in sealing if any(entry.event.item(uid) for uid in uids)]
