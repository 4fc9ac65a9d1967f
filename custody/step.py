"""One entry about to be judged: what every rule is given, and what a rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

from custody import cose
from custody.directory import Directory
from custody.errors import CustodyError
from custody.event import SECOND_CONTEXT, Entry, Event, core_of
from custody.fields import EventType, Field
from custody.item import Item
from custody.keys import Certificate, KeyRing
from custody.machine import CONTAINER_TRANSITIONS, TRANSITIONS, State
from custody.network import Network
from custody.policy import Policy

__all__ = ["TAKING", "Anchors", "Find", "Hit", "Past", "Rule", "RuleTable", "Step", "second_signer"]

Hit = tuple[str, str]
"""(code, detail)."""
Anchors = Callable[[int], tuple[bytes, int] | None]
"""Size -> (root, signed time in ms) of the log's checkpoint of that size, or None where there was none."""
Find = Callable[[bytes, int], Event | None]
"""(id, index) -> the event of that id among the entries up to *index*, or None."""

TAKING: Final = frozenset((EventType.ACCEPT, EventType.DELIVER))


@dataclass(frozen=True, slots=True)
class Past:
    """What a container's chain says of one of its events that took effect.

    Attributes:
        entry: the event.
        person: 8-byte id of who signed it.
        visits: places where the container had been by then, that of the event included.
        depth: how many containers lie around something in it now, itself counted.
    """

    entry: Entry
    person: bytes
    visits: tuple[int, ...] = ()
    depth: int = 1


@dataclass(slots=True, kw_only=True)
class Step:
    """One entry about to be judged against the state before it; made for each, so not frozen, and changed by none.

    Attributes:
        item: the state that the event speaks of.
        current: the state on the main line now; differs from *item* for what comes late or second.
        entry, event: the entry, and its event.
        now: index of the entry at which it is judged: its own, or that which brought what it waited for.
        seq: the position that it claims.
        parent: the event that it builds on, or None.
        certificate: of its signer, as of its index.
        network: keys, limits, offices.
        policy: the limits as of the entry.
        seen: (root, signed time in ms) of this log at the size that the event cites, if it had that size by then.
        find: the log.
        open_findings: ids of findings that an OVERRIDE could decide.
        closing: for LOAD and UNLOAD, the container's CLOSE or OPEN that it cites, if that took effect.
        twins: id of an event that said what another one had said (a double tap) -> id of that one.
    """

    item: Item
    current: Item
    entry: Entry
    event: Event
    now: int
    seq: int
    parent: Entry | None
    certificate: Certificate
    network: Network
    policy: Policy
    seen: tuple[bytes, int] | None
    find: Find
    open_findings: AbstractSet[bytes]
    closing: Past | None = None
    twins: Mapping[bytes, bytes] = field(default_factory=dict)

    @property
    def cited(self) -> bytes | None:
        """The event that it cites; of two that say the same (a double tap), the one that counts."""
        cited: bytes | None = self.event.fields.get(Field.CITES)
        return self.twins.get(cited, cited) if cited is not None else None

    @property
    def ring(self) -> KeyRing:
        """The certificates."""
        return self.network.ring

    @property
    def directory(self) -> Directory:
        """Offices, routes, hours and seals; ask as of `entry.index`."""
        return self.network.directory

    @property
    def table(self) -> Mapping[tuple[State, EventType], State | None]:
        """The transition table that the chain follows: an item's, or a container's."""
        return CONTAINER_TRANSITIONS if self.is_container else TRANSITIONS

    @property
    def is_container(self) -> bool:
        """Whether the chain is a container's: it began with a CLOSE, or is about to."""
        genesis = self.registration or self.event
        return genesis.type in (EventType.CLOSE, EventType.OPEN, EventType.RETIRE)

    @property
    def as_of_ms(self) -> int:
        """When limits are judged: the time of the checkpoint it cites, or of its entry where it cites none."""
        return self.seen[1] if self.seen else self.entry.logged_ms

    @property
    def registration(self) -> Event | None:
        """The event that began the chain (REGISTER, or CLOSE of a container), or None."""
        return self.item.registration.event if self.item.registration else None

    @property
    def secrecy(self) -> int:
        """The mark of the item: 0 none, 1 A, 2 B, 3 C; a container bears none of its own."""
        genesis = self.event if self.event.type is EventType.REGISTER else self.registration
        value: int = genesis.fields.get(Field.SECRECY, 0) if genesis else 0
        return value

    def second(self) -> Certificate | None:
        """Return the certificate of the second signer, if that signature is there and holds."""
        return second_signer(self.event, self.ring, self.entry.index)


def second_signer(event: Event, ring: KeyRing, index: int) -> Certificate | None:
    """Return the certificate of an event's second signer as of *index*, if that signature is there and holds."""
    raw = event.fields.get(Field.SECOND)
    if raw is None:
        return None
    try:
        message = cose.parse_sign1(raw, detached=core_of(event.fields), context=SECOND_CONTEXT)
        certificate = ring.get(message.kid, index)
        if certificate:
            cose.verify_sign1(message, certificate.public)
    except CustodyError:
        return None
    return certificate


Rule = Callable[[Step], Iterator[Hit]]
RuleTable = Mapping[EventType, tuple[Rule, ...]]
