"""One item out of a part of a log: what a dossier holds, or what a drill has made."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Final

from custody.containers import DEEPEST, is_in
from custody.event import Entry, Event
from custody.fields import EventType as E
from custody.fields import Field
from custody.judge import Chain
from custody.network import Network
from custody.step import Anchors
from custody.watch import SEAL_TYPES, Accusation, Watch, shared_seals

__all__ = ["accusations_in", "containers_around", "journey", "judge_part", "seals_beside"]

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


def journey(entries: Iterable[Entry], uid: bytes) -> tuple[set[bytes], list[Entry]]:
    """Return what an item was in, as proven, and those *entries* on which its judgement rests: what a dossier shows.

    A container is followed if a LOAD proves that its manifest has the item, or what the item was in. Whoever only says
    so moves nothing (B03, B04, S01), and brings no more into the dossier than what he cites, what that follows from,
    and what could have been the closing in its stead.

    Args:
        entries: at least those that name the item or one of `containers_around` it, in log order.
        uid: the item, or a container.
    """
    known = list(entries)
    by_id = {entry.event.id: entry for entry in known}
    loads = [entry.event for entry in known if entry.event.type in _INSIDE]
    mine, todo = {uid}, {uid}
    for _ in range(DEEPEST + 1):
        inside = (load for load in loads if any(_is_proven(load, one, by_id) for one in todo))
        todo = {load.fields[Field.CONTAINER] for load in inside} - mine
        mine |= todo
    shown = {entry.index: entry for entry in known if any(entry.event.item(one) for one in mine)}
    rest = list(shown.values())
    while rest:
        beside = [one for entry in rest for one in _beside(entry.event, mine, known, by_id)]
        rest = [entry for index, entry in {e.index: e for e in beside}.items() if index not in shown]
        shown |= {entry.index: entry for entry in rest}
    return mine - {uid}, [shown[index] for index in sorted(shown)]


def _is_proven(load: Event, uid: bytes, by_id: Mapping[bytes, Entry]) -> bool:
    """Whether a LOAD proves that something went into its container."""
    ref, closing = load.item(uid), by_id.get(load.fields[Field.CITES])
    if load.type is not E.LOAD or ref is None or closing is None:
        return False
    is_closing = (
        closing.event.type is E.CLOSE and closing.event.item(load.fields[Field.CONTAINER]) is not None
    )
    return is_closing and is_in(ref, load, closing.event)


def _beside(
    event: Event, mine: AbstractSet[bytes], known: Iterable[Entry], by_id: Mapping[bytes, Entry]
) -> Iterator[Entry]:
    """Yield what says of the event that a LOAD or UNLOAD cites, in a container not followed, what it is."""
    container = event.fields[Field.CONTAINER] if event.type in _INSIDE else None
    if container is None or container in mine:
        return
    yield from (e for e in known if e.event.type is E.CLOSE and e.event.item(container))
    seen: set[bytes] = set()
    id_ = event.fields[Field.CITES]
    while id_ not in seen and (entry := by_id.get(id_)) and (ref := entry.event.item(container)):
        seen.add(id_)
        yield entry
        id_ = ref.prev


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
