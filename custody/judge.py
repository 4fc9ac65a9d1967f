"""The fold over one item's entries: what state it is in, what is wrong, and the verdict.

A verdict is a pure function of (entries in log order, network, checkpoints, now). The same fold runs when an
event comes in, in the audit, in the rebuilding of views, and in a stranger's check of a dossier.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from custody.containers import DEEPEST, manifest_leaf
from custody.event import ZERO, Entry, Event, ItemRef
from custody.fields import EventType as E
from custody.fields import Field
from custody.findings import Finding, Severity
from custody.found import Found
from custody.item import Item
from custody.keys import Certificate
from custody.links import grade_fork
from custody.machine import GENESIS, OBSERVATIONS
from custody.network import Network
from custody.overdue import overdue
from custody.promise import note_attempt
from custody.rules import CONTENT_RULES, FORK_RULES, MARKS, RULES_FOR, is_blocked
from custody.stays import Stay, shared
from custody.step import Anchors, Find, Past, RuleTable, Step
from custody.verdict import Judgement, Verdict, judgement_of

__all__ = ["Chain", "Judgement", "Verdict"]

_INSIDE: Final = frozenset((E.LOAD, E.UNLOAD))
_OUTLAST: Final = frozenset("LDXE")
"""Groups of findings that a registration does not settle: they are about things, devices and forgeries."""


class Chain:
    """One item's chain, grown entry by entry in log order; beside it, the containers it was in.

    An event whose predecessor is not in the log is parked under a C02, and judged when that one arrives: a late
    upload heals the gap it explains. Does not check signatures of the events themselves: see `admission`.
    """

    def __init__(
        self,
        uid: bytes,
        *,
        network: Network,
        anchors: Anchors,
        find: Find = lambda _id, _index: None,
        containers: Collection[bytes] = (),
        around: dict[bytes, Chain] | None = None,
    ) -> None:
        """Begin an empty chain.

        Args:
            uid: 8 bytes of an item or a container.
            network: keys, limits, offices; must be as of the newest entry added, or later.
            anchors: the log's checkpoints.
            find: the log's entries by id.
            containers: uids of the containers whose entries `add` will be given too (`containers_around`).
            around: the chains of containers, where somebody else feeds them.
        """
        self.item = Item(uid)
        self.entries: list[Entry] = []
        self._found = Found(uid)
        self._network = network
        self._anchors = anchors
        self._find = find
        self._seen: set[bytes] = set()
        self._payloads: set[bytes] = set()
        self._line: dict[bytes, Entry] = {}
        self._next: dict[bytes, Entry] = {}
        self._states: dict[bytes, Item] = {}
        self._beside: dict[bytes, Entry] = {}
        self._parked: dict[bytes, list[Entry]] = {}
        self._waiting: set[bytes] = set()
        self._twins: dict[bytes, bytes] = {}
        self._decided: dict[bytes, int] = {}
        self._stays: list[Stay] = []
        self._index = -1
        self._around: dict[bytes, Chain] = {} if around is None else around
        for inner in containers:
            if inner != uid and inner not in self._around:
                self._around[inner] = Chain(
                    inner, network=network, anchors=anchors, find=find, around=self._around
                )

    @property
    def findings(self) -> list[Finding]:
        """Everything found, in the order it was; then what concerns it of the containers it was in."""
        if not self._stays:
            return self._found.all
        return [*self._found.all, *map(self._as_decided, shared(self._stays, self._around))]

    @property
    def box(self) -> Item | None:
        """The container it is in, or None."""
        return next((box.item for box in self._boxes()), None)

    @property
    def containers(self) -> frozenset[bytes]:
        """Containers whose entries it takes."""
        return frozenset(self._around)

    @property
    def held(self) -> bool:
        """Whether the next release must wait for a supervisor: an unresolved C or H."""
        grave = (Severity.CRITICAL, Severity.HIGH)
        return any(f.severity in grave and f.resolved_by is None for f in self.findings)

    def judge(self, now_ms: int) -> Judgement:
        """Return the verdict as of *now_ms*, with the findings that only time makes."""
        boxes = [box.item for box in self._boxes()]
        late = overdue(self.item, boxes, self._network, now_ms)
        return judgement_of((*self.findings, *late))

    def counts(self, event_id: bytes) -> bool:
        """Say whether an event took effect."""
        return event_id in self._line

    def add(self, entry: Entry) -> list[Finding]:
        """Judge the next entry of the log that names this item, or a container of it; return what it opened.

        An entry already here changes nothing.
        """
        before = len(self._found.all)
        self._index = entry.index
        for chain in (*self._around.values(), self):
            if entry.event.item(chain.item.uid):
                chain._take(entry)
        self._settle(entry)
        return self._found.all[before:]

    def accuse(self, uid: bytes, entry: Entry, code: str, detail: str) -> None:
        """Open a finding that only the whole log shows (`watch`), resting on an entry that may name other items.

        Call after `add` of that entry, or of those before it. Accusations of what this chain does not take are ignored.
        """
        chain = self if uid == self.item.uid else self._around.get(uid)
        if chain:
            chain._found.open(entry, code, detail)

    def _take(self, entry: Entry) -> None:
        if entry.event.id in self._seen:
            return
        self._seen.add(entry.event.id)
        self.entries.append(entry)
        self._index = entry.index
        if entry.event.message.payload in self._payloads:
            self._found.open(entry, "E09", "an earlier entry has the same payload under another signature")
        self._payloads.add(entry.event.message.payload)
        self._place(entry)

    def _settle(self, entry: Entry) -> None:
        """Judge everything that waited for this entry, here and in the containers, until nothing moves."""
        arrived = {entry.event.id}
        while arrived:
            following: set[bytes] = set()
            for chain in (*self._around.values(), self):
                for id_ in arrived:
                    following |= chain._unpark(id_, entry.index)
            arrived = following
        for chain in self._innermost_last():
            chain._follow()

    def _place(self, entry: Entry) -> None:
        """Put the entry where it belongs: on the line, beside it, or parked until its predecessor comes.

        Only what takes effect is on the line and can be built upon. What is blocked stays beside it as evidence:
        it can neither take the head from the rightful party nor be the first of two stories.
        """
        event, item = entry.event, self.item
        ref = event.item(item.uid)
        if ref is None:
            return
        ref = replace(ref, prev=self._twins.get(ref.prev, ref.prev))
        if not (ref.prev in self._line or ref.prev in self._beside or ref.prev == ZERO):
            self._miss(entry, ref.prev)
        elif event.type in _INSIDE and not self._knows(event):
            self._park(entry, event.fields[Field.CITES])
        elif ref.prev in self._beside and event.type not in OBSERVATIONS:
            self._found.open(entry, "C08", f"builds on {ref.prev.hex()[:16]}, which did not count")
            self._judge_step(entry, ref, item, FORK_RULES)
            self._beside[event.id] = entry
        elif event.type in OBSERVATIONS:
            self._observe(entry, ref)
        else:
            self._step(entry, ref)

    def _miss(self, entry: Entry, prev: bytes) -> None:
        """C05, C02: the predecessor is about other items, or is not in the log yet."""
        found = self._find(prev, self._index)
        if found is not None and found.item(self.item.uid) is None:
            self._found.open(entry, "C05", f"event {prev.hex()[:16]} does not name this item")
            self._beside[entry.event.id] = entry
        else:
            self._park(entry, prev)

    def _park(self, entry: Entry, wanted: bytes) -> None:
        """Keep an entry aside until the one it cites arrives."""
        if wanted not in self._waiting:
            self._found.open(entry, "C02", f"event {wanted.hex()[:16]} is not in the log")
        self._waiting.add(entry.event.id)
        self._parked.setdefault(wanted, []).append(entry)

    def _unpark(self, arrived: bytes, index: int) -> set[bytes]:
        """Judge the events that waited for one, and close their C02; return their ids."""
        if arrived in self._waiting:
            return set()
        freed: set[bytes] = set()
        for child in self._parked.pop(arrived, ()):
            self._waiting.discard(child.event.id)
            self._index = max(self._index, index)
            self._found.heal("C02", child.event.id, index)
            if child.event.type not in OBSERVATIONS:
                self._found.open(child, "C06", f"entry {index} brought what it cites")
            self._place(child)
            freed.add(child.event.id)
        return freed

    def _observe(self, entry: Entry, ref: ItemRef) -> None:
        """Judge an observation against the state it speaks of; with no predecessor named, that is today's."""
        before = self._states.get(ref.prev, self.item)
        codes = self._judge_step(entry, ref, before)
        if not is_blocked(entry.event.type, codes):
            self._take_effect(entry)
            note_attempt(entry, before, codes, self.item, self._found, self._network)
            if "X09" in codes:
                self.item.foreign = entry

    def _step(self, entry: Entry, ref: ItemRef) -> None:
        """Judge a custody event against the state it builds on; let it count if nothing stands against it."""
        event, item = entry.event, self.item
        before = item if ref.prev == item.head else self._states.get(ref.prev, Item(item.uid))
        codes = self._judge_step(entry, ref, before)
        if is_blocked(event.type, codes):
            self._beside[event.id] = entry
        elif ref.prev != item.head:
            self._fork(entry, self._next[ref.prev])
            self._beside[event.id] = entry
        else:
            self._take_effect(entry)
            note_attempt(entry, item, codes, item, self._found, self._network)
            self._next[ref.prev] = self._line[event.id] = entry
            item.head, item.seq, item.last = event.id, ref.seq, entry
            self._states[event.id] = item.snapshot()

    def _fork(self, entry: Entry, first: Entry) -> None:
        """C04, C07: two stories, and whether the second teller could have known of the first."""
        detail = f"{first.event.type.name} of entry {first.index} follows the same event"
        grade = grade_fork(first.event, entry.event)
        if grade is Severity.LOW:  # whoever was shown the second of the two builds on the first
            self._twins[entry.event.id] = first.event.id
        self._found.open(entry, "C04", detail, grade)
        anchor = entry.event.anchor
        if anchor and grade is not Severity.LOW and first.index < anchor[0] <= entry.index:
            self._found.open(entry, "C07", f"size {anchor[0]} was seen, entry {first.index} was there")

    def _judge_step(self, entry: Entry, ref: ItemRef, item: Item, rules: RuleTable = RULES_FOR) -> set[str]:
        """Open what the rules find against *item*; return their codes."""
        certificate = self._network.ring.get(entry.event.kid, entry.index)
        if certificate is None:
            self._found.open(entry, "K01", f"no certificate for key {entry.event.kid.hex()}")
            return {"K01", "S01"}
        step = self._step_of(entry, ref, item, certificate)
        hits = [hit for rule in rules[entry.event.type] for hit in rule(step)]
        for code, detail in hits:
            self._found.open(entry, code, detail)
        return {code for code, _ in hits}

    def _step_of(self, entry: Entry, ref: ItemRef, item: Item, certificate: Certificate) -> Step:
        event, anchor = entry.event, entry.event.anchor
        return Step(
            item=item,
            current=self.item,
            entry=entry,
            event=event,
            now=self._index,
            seq=ref.seq,
            parent=self._line.get(ref.prev) or self._beside.get(ref.prev),
            certificate=certificate,
            network=self._network,
            policy=self._network.policy_at(entry.index),
            seen=self._anchors(anchor[0]) if anchor and anchor[0] <= entry.index else None,
            find=self._find,
            open_findings=self._undecided() if event.type is E.OVERRIDE else frozenset(),
            closing=self._closing(event),
            twins=self._twins,
        )

    def _as_decided(self, found: Finding) -> Finding:
        """Return a container's finding as two supervisors decided it for this item, if they did."""
        by = self._decided.get(found.id)
        return replace(found, resolved_by=by) if by is not None and found.resolved_by is None else found

    def _undecided(self) -> frozenset[bytes]:
        return frozenset(f.id for f in self.findings if f.resolved_by is None)

    def _take_effect(self, entry: Entry) -> None:
        """Leave the mark of an act, close what it decides, and move the item."""
        kind, fields = entry.event.type, entry.event.fields
        if kind in MARKS:
            self._found.open(entry, MARKS[kind], fields.get(Field.REASON_TEXT, ""))
        if kind is E.DELIVER and fields.get(Field.PROOF):
            self._found.open(entry, "A08", f"proof {fields[Field.PROOF]}")
        if kind is E.OVERRIDE:
            cited = set(fields[Field.FINDINGS])
            self._found.resolve(lambda f: f.id in cited and f.code != "A01", entry.index)
            self._decided |= dict.fromkeys(cited, entry.index)
        elif kind is E.RELEASE:
            self._found.resolve(lambda f: f.code == "A03", entry.index)
        elif kind in GENESIS:  # what was said of the item before it existed is settled by its existence
            self._found.resolve(lambda f: f.index < entry.index and f.code[0] not in _OUTLAST, entry.index)
        if kind not in OBSERVATIONS:
            self._move(entry)

    def _move(self, entry: Entry) -> None:
        """Move the item as the table says, and note where a stay in a container begins and ends."""
        certificate = self._network.ring.get(entry.event.kid, entry.index)
        if certificate is None:
            return
        was_in, closing = self.item.container, self._closing(entry.event)
        came_out = closing is not None and entry.event.type is E.UNLOAD
        self.item.move(entry, certificate, closing.visits if closing and came_out else ())
        if self.item.container == was_in:
            return
        if was_in and entry.event.type is not E.UNLOAD:
            self._stays[-1] = replace(self._stays[-1], end=entry.index)
        if self.item.container and closing:
            self._stays.append(Stay(self.item.container))
            self._follow()

    def _knows(self, event: Event) -> bool:
        """Whether what a LOAD or UNLOAD cites has been judged."""
        cited = event.fields[Field.CITES]
        container = self._around.get(event.fields[Field.CONTAINER])
        return container is not None and (cited in container._line or cited in container._beside)

    def _closing(self, event: Event) -> Past | None:
        """Return the container's CLOSE or OPEN that a LOAD or UNLOAD cites, if that took effect."""
        if event.type not in _INSIDE:
            return None
        container = self._around.get(event.fields[Field.CONTAINER])
        if container is None:
            return None
        cited = event.fields[Field.CITES]
        entry = container._line.get(container._twins.get(cited, cited))
        if entry is None:
            return None
        depth = 1 + len(list(container._boxes()))
        return Past(entry, entry.event.actor, container._states[entry.event.id].visits, depth)

    def _innermost_last(self) -> list[Chain]:
        """Return the containers it is in, the outermost first, and itself; nothing where it is in none."""
        return [*reversed(list(self._boxes())), self] if self.item.load else []

    def _boxes(self) -> Iterator[Chain]:
        """Yield the container it is in, the one around that, and so on."""
        uid = self.item.container
        for _ in range(DEEPEST + 1):
            box = self._around.get(uid) if uid else None
            if box is None:
                return
            yield box
            uid = box.item.container

    def _follow(self) -> None:
        """Share the fate of the container it is in: who holds it, how deep it lies, whether it was missing."""
        boxes = list(self._boxes())
        if not boxes or self.item.load is None:
            return
        box = boxes[0].item
        if len(boxes) > DEEPEST and box.load:
            self._found.open_once(box.load, "B08", f"in {len(boxes)} containers")
        if box.custodian != self.item.custodian:
            self.item.put_in_hands_of(box.custodian, box.offices)
        for outer in boxes:
            self._check_takers(outer)
        if box.opened and self._leaf() in box.opened.event.fields.get(Field.MISSING, ()):
            self._found.open_once(box.opened, "B02", "it was not in the container when that was opened")

    def _check_takers(self, box: Chain) -> None:
        """K06, P04, P07, K11: who takes a container over may, and does, take over everything in it."""
        for taken in (entry for entry in box._line.values() if entry.event.type is E.ACCEPT):
            certificate = self._network.ring.get(taken.event.kid, taken.index)
            ref = taken.event.item(box.item.uid)
            if ref is None or certificate is None:
                continue
            step = self._step_of(taken, ref, self.item, certificate)
            for code, detail in (hit for rule in CONTENT_RULES for hit in rule(step)):
                self._found.open_once(taken, code, f"{detail} (in the container that was taken)")

    def _leaf(self) -> bytes:
        load = self.item.load
        ref = load.event.item(self.item.uid) if load else None
        return manifest_leaf(ref, load.event.fields[Field.LEAF][1]) if load and ref else b""
