"""Anybody does anything, in any order: what must hold of an item, and of the container it may be in, all the same."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from custody.event import Event
from custody.event import EventType as E
from custody.fields import ITEM_TYPES
from custody.findings import Severity
from custody.judge import Chain
from custody.machine import BEFORE, SAME, TERMINAL, TRANSITIONS, TWO_PERSON, State
from custody.part import containers_around
from custody.roles import Role
from custody.verify import verify_dossier
from custody.watch import Watch
from kt1.drill.bags import Bag, close_bag, open_bag
from kt1.drill.breaks.common import officer
from kt1.drill.world import CENTRE, RECIPIENT, SENDER, Parcel, Person, World

_KINDS = sorted(ITEM_TYPES - {E.REGISTER, E.LOAD, E.UNLOAD})
_PEOPLE = (
    *("clerk", "witness", "courier", "other", "recipient", "foreign"),
    *("supervisor", "second", "security", "inspector"),
)
_CHANGES_PERSON = {E.REGISTER, E.ACCEPT, E.DELIVER, E.SEIZE, E.FOUND, E.OVERRIDE, E.UNLOAD}
_people = st.sampled_from(_PEOPLE)
_named = st.sampled_from((*_PEOPLE, "newcomer"))
_USUAL = {
    E.LOSS: ("supervisor", "second"),
    E.FOUND: ("courier", "second"),
    E.OVERRIDE: ("supervisor", "second"),
}


class Journeys(RuleBasedStateMachine):
    """One item among twelve people who do right and wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.officer = officer(self.world)
        self.newcomer = Person("newcomer", (Role.COURIER,), CENTRE)
        self.item = Parcel(self.world, self.world.register().label, "A123456")
        self.bag: Bag | None = None
        self.unsent: list[bytes] = []
        self.growing: Chain | None = None
        self.watch = Watch(self.world.network)
        self.seen = 0
        self.before: tuple[State, bytes] = (State.NONE, b"")
        self.known: dict[tuple[bytes, int], tuple[Severity, int | None]] = {}

    @initialize()
    def register(self) -> None:
        """Accept it at the counter."""
        self.item = self.world.register()
        self.before = (State.HELD, self.world.clerk.id)

    # -- what people do ----------------------------------------------------------------------------

    @rule(kind=st.sampled_from(_KINDS), by=_people, second=st.none() | _people, other=_named, data=st.data())
    def act(self, kind: E, by: str, second: str | None, other: str, data: st.DataObject) -> None:
        """Sign anything as anybody, on the true head or another, and log it or keep it for later."""
        if data.draw(st.booleans()):
            self._stand_at_head()
        raw = self._sign(kind, self._person(by), self._person(second) if second else None, other, data)
        if data.draw(st.integers(0, 9)) == 0:
            self.unsent.append(raw)
        else:
            self._log(raw)

    @rule(other=_named, data=st.data())
    def go_on(self, other: str, data: st.DataObject) -> None:
        """Do what can honestly be done next, so that long journeys come about."""
        self._stand_at_head()
        state, holder = self.before
        kinds = [kind for (cell, kind) in TRANSITIONS if cell is state and kind in _KINDS]
        kind = data.draw(st.sampled_from(kinds))
        usual = _USUAL.get(kind, (None, None))
        by = self._person(usual[0]) if usual[0] else self._signer(kind, holder)
        second = self._person(usual[1] or "witness") if kind in TWO_PERSON else None
        second = self.officer if kind is E.DESTROY else second
        self._log(self._sign(kind, by, second, other, data))

    @precondition(lambda self: self.unsent)
    @rule(data=st.data())
    def upload_late(self, data: st.DataObject) -> None:
        """A device finds its network again."""
        self._log(self.unsent.pop(data.draw(st.integers(0, len(self.unsent) - 1))))

    @precondition(lambda self: self.bag is None)
    @rule(by=_people)
    def close(self, by: str) -> None:
        """Put it, and another, into a bag, whoever has it."""
        self._stand_at_head()
        other = self.world.register()
        self.bag = close_bag(self.world, [self.item, other], by=self._person(by))
        self.growing = None  # a chain is told at its start which containers it is shown

    @precondition(lambda self: self.bag)
    @rule(to=_people, by=_people)
    def hand_bag_over(self, to: str, by: str) -> None:
        """Offer the bag and take it over, by whoever it may be."""
        assert self.bag
        self.bag.event(E.OFFER, by=self._person(by), offeree=self._person(to).id, expiry=3600)
        self.bag.event(E.ACCEPT, by=self._person(to), cites=self.bag.offer)

    @precondition(lambda self: self.bag)
    @rule(by=_people, second=st.none() | _people, gone=st.booleans())
    def open(self, by: str, second: str | None, gone: bool) -> None:  # noqa: FBT001 - drawn by name
        """Open the bag before a witness or alone; the item is in it, or is not."""
        assert self.bag
        self._stand_at_head()
        missing = [self.item] if gone else []
        open_bag(
            self.bag, by=self._person(by), second=self._person(second) if second else None, missing=missing
        )

    @rule()
    def hire(self) -> None:
        """Certify somebody new, whom a decision may have named before."""
        self.world.certify(self.newcomer)

    @rule(name=st.sampled_from(("recipient", "foreign")), agency=st.sampled_from((SENDER, RECIPIENT)))
    def change_body(self, name: str, agency: int) -> None:
        """Certify the key of a body's registry for this or the other body."""
        self.world.certify(self._person(name), agency=agency)

    @rule(minutes=st.integers(1, 3_000))
    def wait(self, minutes: int) -> None:
        """Nobody does anything."""
        self.world.now_ms += minutes * 60_000

    # -- how they do it ----------------------------------------------------------------------------

    def _person(self, name: str) -> Person:
        person: Person = self.newcomer if name == "newcomer" else getattr(self.world, name)
        return person

    def _signer(self, kind: E, holder: bytes) -> Person:
        people = {person.id: person for person in map(self._person, _PEOPLE)}
        if kind in (E.SEIZE, E.RELEASE, E.DESTROY):
            return self.officer if kind is E.RELEASE else self.world.security
        offeree = self.item.chain().item.offeree if kind in (E.ACCEPT, E.REFUSE, E.DELIVER) else None
        named = offeree if isinstance(offeree, bytes) else holder
        return people.get(named, self.world.clerk)

    def _stand_at_head(self) -> None:
        """Let the next step build on the newest event that counts."""
        now = self.item.chain().item
        self.item.head, self.item.seq = now.head, now.seq
        self.item.offer = now.offer.event.id if now.offer else self.item.offer

    def _sign(self, kind: E, by: Person, second: Person | None, other: str, data: st.DataObject) -> bytes:
        more: dict[str, Any] = {"seal": self.item.seal(condition=data.draw(st.sampled_from((0, 0, 0, 1))))}
        if kind in (E.ACCEPT, E.REFUSE, E.CANCEL, E.DELIVER, E.CORRECT):
            more["cites"] = self.item.offer or bytes(32)
        if kind is E.OFFER:
            more |= {"offeree": self._person(other).id, "expiry": 3600}
        if kind in (E.SEIZE, E.CORRECT, E.OVERRIDE):
            more["reason_text"] = "said aloud"
        if kind is E.OVERRIDE:
            found = [f.id for f in self.item.chain().findings]
            more |= {
                "offeree": self._person(other).id,
                "findings": list(dict.fromkeys(found))[:200] or [bytes(8)],
            }
        if kind is E.RELABEL:
            more |= {"label_raw": self.item.label.raw, "label": None}
        return self.item.sign(kind, by=by, second=second, **more)

    def _log(self, raw: bytes) -> None:
        entry = self.world.log(raw)
        if entry.event.type not in (E.SIGHT, E.INSPECT, E.CORRECT):
            self.item.head, self.item.seq = entry.event.id, entry.event.items[0].seq
        if entry.event.type is E.OFFER:
            self.item.offer = entry.event.id

    # -- what must hold ----------------------------------------------------------------------------

    @invariant()
    def what_must_hold(self) -> None:
        """Fold what is new, then look."""
        self._one_answers_and_moves_follow_the_table()
        self._findings_stay()
        self._growing_is_folding()

    def _one_answers_and_moves_follow_the_table(self) -> None:
        """Fold the new entries one by one: state and person change only as the table says."""
        mine = {self.item.uid, *containers_around(self.world.entries, self.item.uid)}
        if self.growing is None or self.growing.containers != frozenset(mine - {self.item.uid}):
            self.growing, self.watch = self._chain(), Watch(self.world.network)
            self.seen, self.before, self.known = 0, (State.NONE, b""), {}
        for entry in self.world.entries[self.seen :]:
            if any(entry.event.item(uid) for uid in mine):
                waiting = bool(self.growing._parked) or any(c._parked for c in self.growing._around.values())
                self.growing.add(entry)
                self._check_move(entry.event.type, bool(entry.event.item(self.item.uid)), waiting=waiting)
            for accused in self.watch.add(entry):
                self.growing.accuse(accused.uid, entry, accused.code, accused.detail)
        self.seen = len(self.world.entries)

    def _chain(self) -> Chain:
        world = self.world
        around = containers_around(world.entries, self.item.uid)
        return Chain(
            self.item.uid, network=world.network, anchors=world.heads.get, find=self._find, containers=around
        )

    def _find(self, id_: bytes, index: int) -> Event | None:
        return next((e.event for e in self.world.entries[: index + 1] if e.event.id == id_), None)

    def _check_move(self, kind: E, is_own: bool, *, waiting: bool) -> None:  # noqa: FBT001 - one call
        assert self.growing
        item = self.growing.item
        (was, who), self.before = self.before, (item.state, item.custodian)
        assert (len(item.custodian) == 8) == (item.state is not State.NONE)
        assert item.custodian == b"" or any(
            item.custodian == self._person(n).id for n in (*_PEOPLE, "newcomer")
        )
        if was in TERMINAL:
            assert (was, who) == self.before
        if waiting:
            return  # what waited is judged together with what it waited for
        if was is not item.state:
            target = TRANSITIONS[was, kind]
            assert is_own
            assert target is item.state or (target is BEFORE and item.state in (State.HELD, State.QUAR))
            assert target is not SAME
        if who != item.custodian:
            assert kind in _CHANGES_PERSON
            assert is_own or was is State.LOADED

    def _findings_stay(self) -> None:
        """A finding is resolved or it stands; it is never taken back, made less, or opened again once resolved."""
        assert self.growing
        now = {(f.id, f.index): (f.severity, f.resolved_by) for f in self.growing.findings}
        order = "ILMHC"
        for key, (severity, resolved) in self.known.items():
            assert key in now
            was_healed = now[key][0] is Severity.INFO and now[key][1] is not None  # a late upload, C02
            assert was_healed or order.index(now[key][0]) >= order.index(severity)
            assert resolved is None or now[key][1] == resolved
        self.known = now

    def _growing_is_folding(self) -> None:
        """Entry by entry, or all at once: one judgement."""
        assert self.growing
        chain = self.item.chain()
        at_ms = self.world.now_ms

        assert chain.judge(at_ms).rows() == self.growing.judge(at_ms).rows()
        assert (chain.item.state, chain.item.custodian, chain.item.head) == (
            self.growing.item.state,
            self.growing.item.custodian,
            self.growing.item.head,
        )

    def teardown(self) -> None:
        """The dossier's verifier comes to the same digest; everything that was logged is in the chain, once."""
        world = self.world
        chain = self.item.chain()
        report = verify_dossier(self.item.dossier())

        assert "" == report.failure
        assert report.judgement is not None
        assert chain.judge(world.heads[len(world.entries)][1]).digest == report.judgement.digest
        ids = Counter(entry.event.id for entry in chain.entries)
        assert set(ids.values()) <= {1}
        assert set(ids) == {e.event.id for e in world.entries if e.event.item(self.item.uid)}


TestJourneys = Journeys.TestCase
TestJourneys.settings = settings(
    max_examples=25,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
