"""What is known of one item at a point of its chain: the state that the fold carries along."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from custody.event import ZERO, Entry
from custody.fields import EventType as E
from custody.fields import Field
from custody.keys import Certificate
from custody.label import Label, parse_label
from custody.machine import (
    AT_HAND,
    BEFORE,
    CONTAINER_TRANSITIONS,
    GENESIS,
    SAME,
    TERMINAL,
    TRANSITIONS,
    State,
)

__all__ = ["Item"]

_TAKES: Final = frozenset((*GENESIS, E.ACCEPT, E.DELIVER, E.SEIZE, E.FOUND, E.OPEN, E.UNLOAD))


@dataclass(slots=True)
class Item:
    """State of one item; changed only by `judge.Chain`.

    Attributes:
        uid: 8 bytes.
        state: cell row of the transition table.
        custodian: 8-byte person id of the one who answers for it; b"" before registration.
        offices: offices of the custodian's certificate when custody began.
        head: id of the last custody event on the main line, `ZERO` before registration.
        seq: its position.
        offer: the OFFER that is open, or None.
        before_offer: state to go back to when it is refused or cancelled.
        returning: whether it is on its way back to the sender.
        seal_commitment: 8 bytes of the seal that should be on the cover.
        labels: digest (16 bytes) -> instance, of every label registered for it; replaced, never changed.
        label: the label that counts, or None before registration.
        registration: the REGISTER entry, or None.
        last: the newest entry on the main line, or None.
        load: the LOAD by which it went into the container it is in, or None.
        opened: the OPEN of a container that was opened, or None.
        returns: how often it was turned back.
        visits: places at which its events put it, in order, each stay once; what a container passed included.
        turned: position in *visits* of the place where the present way began: 0, or where it was turned back.
        placed: the newest entry that puts it at a place, or None.
        foreign: the newest SIGHT of it where it cannot honestly be (X09), since this custodian holds it, or None.
        tried_ms: when it was first tried to deliver it (`promise`), by the claimed time; None before that.
    """

    uid: bytes
    state: State = State.NONE
    custodian: bytes = b""
    offices: tuple[int, ...] = ()
    head: bytes = ZERO
    seq: int = -1
    offer: Entry | None = None
    before_offer: State = State.NONE
    returning: bool = False
    seal_commitment: bytes = b""
    labels: dict[bytes, int] = field(default_factory=dict)
    label: Label | None = None
    registration: Entry | None = None
    last: Entry | None = None
    load: Entry | None = None
    opened: Entry | None = None
    returns: int = 0
    visits: tuple[int, ...] = ()
    turned: int = 0
    placed: Entry | None = None
    foreign: Entry | None = None
    tried_ms: int | None = None

    @property
    def container(self) -> bytes | None:
        """Uid of the container it is in, or None."""
        return self.load.event.fields[Field.CONTAINER] if self.load else None

    @property
    def is_container(self) -> bool:
        """Whether this is a container: its chain began with a CLOSE."""
        return self.registration is not None and self.registration.event.type is E.CLOSE

    @property
    def secrecy(self) -> int:
        """Its mark: 0 none, 1 A, 2 B, 3 C; a container bears none of its own."""
        mark: int = self.registration.event.fields.get(Field.SECRECY, 0) if self.registration else 0
        return mark

    @property
    def instance(self) -> int:
        """The label instance that counts."""
        return self.label.instance if self.label else 0

    def snapshot(self) -> Item:
        """Return the state as it is now, untouched by what comes."""
        # a tenth of what dataclasses.replace takes, for every event of a chain
        twin: Item = object.__new__(Item)
        for name in Item.__slots__:
            setattr(twin, name, getattr(self, name))
        return twin

    @property
    def offeree(self) -> bytes | int | None:
        """Person id, or office or agency code, to whom it is offered; None where it is not."""
        return self.offer.event.fields[Field.OFFEREE] if self.offer else None

    def move(self, entry: Entry, certificate: Certificate, passed: tuple[int, ...] = ()) -> None:
        """Move as the table says; *entry* is one that nothing stands against, *certificate* its signer's.

        Args:
            entry: the event.
            certificate: of its signer.
            passed: places through which the container went that it comes out of.
        """
        kind = entry.event.type
        if kind in GENESIS:
            self.registration = entry
        if kind in AT_HAND:
            self._visit(entry, passed)
        target = (CONTAINER_TRANSITIONS if self.is_container else TRANSITIONS)[self.state, kind]
        self._note(entry)
        self._hold(entry, certificate)
        self._bind(entry)
        if target is BEFORE:
            self.state = self.before_offer
        elif target is not SAME:
            self.state = target
        if self.state is not State.OFFERED:
            self.offer = None
        if self.state is not State.LOADED:
            self.load = None

    def _note(self, entry: Entry) -> None:
        """Remember the event by which something began that another will end."""
        kind = entry.event.type
        if kind is E.OFFER:
            self.offer, self.before_offer = entry, self.state
        elif kind is E.LOAD:
            self.load = entry
        elif kind is E.OPEN:
            self.opened = entry
        elif kind is E.RETURN:
            self.returning, self.returns = True, self.returns + 1
            self.turned = max(len(self.visits) - 1, 0)

    def put_in_hands_of(self, custodian: bytes, offices: tuple[int, ...]) -> None:
        """Say who answers for it from now, and of which offices."""
        if custodian != self.custodian:
            self.foreign = None
        self.custodian, self.offices = custodian, offices

    def _visit(self, entry: Entry, passed: tuple[int, ...]) -> None:
        for place in (*passed, entry.event.place):
            if place and place != (self.visits[-1] if self.visits else 0):
                self.visits = (*self.visits, place)
        if entry.event.place:
            self.placed = entry

    def _hold(self, entry: Entry, certificate: Certificate) -> None:
        kind, offeree = entry.event.type, self.offeree
        if (
            kind is E.DELIVER and certificate.person == self.custodian
        ):  # by the carrier, on the recipient's proof
            if isinstance(offeree, bytes):
                self.put_in_hands_of(offeree, ())
        elif kind in _TAKES:
            self.put_in_hands_of(certificate.person, certificate.offices)
        elif kind is E.OVERRIDE and self.state not in TERMINAL and self.state is not State.EMPTY:
            self.put_in_hands_of(entry.event.fields[Field.OFFEREE], ())

    def _bind(self, entry: Entry) -> None:
        """Take over the label and the seal that an event puts on the cover."""
        kind, fields = entry.event.type, entry.event.fields
        if kind in GENESIS or kind is E.RESEAL:
            self.seal_commitment = fields[Field.SEAL][0]
        if kind in GENESIS or kind is E.RELABEL:
            self.label = parse_label(fields[Field.LABEL_RAW])
            self.labels = {**self.labels, self.label.digest: self.label.instance}
