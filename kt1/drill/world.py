"""A whole network in memory: keys, people, a log with a signed clock, and items on their way.

    world = World()
    item = world.register()
    item.hand_over(world.courier)
    item.deliver()
    assert item.judge().verdict == "INTACT"

Every step can be bent: `item.event(EventType.ACCEPT, by=..., seal=..., cites=None)` signs what it is told to.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from custody import checkpoint, dossier, ed25519, label, merkle, receipt, s10, webauthn
from custody.admission import admit, network_of
from custody.event import ZERO, Entry, EventType, Field, core_of, parse_event, sign_event
from custody.judge import Chain, Judgement
from custody.keys import KeyRing
from custody.network import Network
from custody.part import accusations_in, journey, judge_part, seals_beside
from custody.policy import Policy, limit_numbers
from custody.roles import Role
from kt1.drill.people import Person, seed_of

__all__ = [
    "ACCEPTED",
    "CENTRE",
    "ORIGIN",
    "OUTLYING",
    "RECIPIENT",
    "SENDER",
    "START_MS",
    "YEAR_MS",
    "Parcel",
    "Person",
    "World",
    "seed_of",
]

START_MS = 1_790_000_000_000
YEAR_MS = 365 * 86_400_000
ORIGIN = "test.invalid/tram"
CENTRE, OUTLYING = 220001, 220101
SENDER, RECIPIENT = 7001, 7002
ACCEPTED: Final[Mapping[str, Any]] = {
    "kind": 1,
    "secrecy": 3,
    "urgency": 0,
    "sender": SENDER,
    "recipient": RECIPIENT,
    "declared": 3,
}
"""What a registration says of an ordinary letter marked C."""


@dataclass
class World:
    """The network; its clock moves a minute with every entry."""

    now_ms: int = START_MS
    entries: list[Entry] = field(default_factory=list)
    notes: dict[int, str] = field(default_factory=dict)
    heads: dict[int, tuple[bytes, int]] = field(default_factory=dict)
    frontier: merkle.Frontier = field(default_factory=merkle.Frontier)
    network: Network = field(default_factory=Network)
    log_seeds: list[tuple[str, str]] = field(default_factory=lambda: [("log", "clock")])
    serial: int = 0
    nonce: int = 0
    net: bytes = field(default_factory=lambda: network_of(ORIGIN))
    kid4: bytes = b"LBL1"
    scope: str = ""
    _outbox: list[bytes] | None = None

    def __post_init__(self) -> None:
        """Certify the root, the enrolment key, the label key and a handful of people."""
        self.root = Person("root", (Role.ROOT,), 0)
        self.enrolment = Person("enrolment", (Role.ENROL,), 0)
        self.labels = Person("labels", (Role.ISSUER,), CENTRE)
        self.clerk = Person("clerk", (Role.ISSUER, Role.CLERK), CENTRE)
        self.witness = Person("witness", (Role.CLERK,), CENTRE)
        self.courier = Person("courier", (Role.COURIER,), CENTRE)
        self.other = Person("other", (Role.COURIER,), OUTLYING)
        self.recipient = Person("recipient", (Role.RECIPIENT,), 0, agency=RECIPIENT)
        self.foreign = Person("foreign", (Role.RECIPIENT,), 0, agency=SENDER)
        self.supervisor = Person("supervisor", (Role.SUPERVISOR,), CENTRE)
        self.second = Person("second", (Role.SUPERVISOR,), CENTRE)
        self.security = Person("security", (Role.SECURITY,), CENTRE)
        self.inspector = Person("inspector", (Role.INSPECTOR,), 0)
        self.found()
        self.certify(self.labels, kid4=self.kid4)
        for person in (self.clerk, self.witness, self.courier, self.other, self.recipient, self.foreign):
            self.certify(person)
        for person in (self.supervisor, self.second, self.security, self.inspector):
            self.certify(person)

    def found(self) -> None:
        """Certify who may certify."""
        self.certify(self.root, by=self.root)
        self.certify(self.enrolment, by=self.root)

    @property
    def size(self) -> int:
        """How many entries the log has."""
        return len(self.entries)

    @property
    def early(self) -> list[Any]:
        """The first checkpoint that this world's people saw, as an ANCHOR."""
        size = min(self.heads)
        return [size, self.heads[size][0]]

    @property
    def ring(self) -> KeyRing:
        """The certificates so far."""
        return self.network.ring

    @property
    def policy(self) -> Policy:
        """The limits now."""
        return self.network.policy

    def limit(self, **limits: int) -> None:
        """Log a POLICY with limits by name."""
        numbers = limit_numbers()
        self.system(
            EventType.POLICY, {Field.LIMITS: {numbers[name]: value for name, value in limits.items()}}
        )

    def entry(self, id_: bytes) -> Entry | None:
        """Return an entry by id."""
        return next((e for e in self.entries if e.event.id == id_), None)

    @property
    def keys(self) -> checkpoint.LogKeys:
        """The log's public keys."""
        log, clock = (ed25519.public_of(seed_of(name)) for name in ("log", "clock"))
        return checkpoint.LogKeys.of(ORIGIN, log=log, clock=clock).followed(self.ring.log_changes)

    def change_log_key(self, name: str, *, overlap_ms: int, approvals: Iterable[Person] = ()) -> Entry:
        """Log a LOGKEY: the log signs with `seed_of(name)` from now, for *overlap_ms* with the old key too."""
        log = Person(self.log_seeds[-1][0], (Role.LOG,), 0)
        if self.ring.get(log.kid) is None:
            self.certify(log, by=self.root, approvals=approvals)
        self.log_seeds.append((name, f"{name} clock"))
        fields: dict[int, Any] = {
            Field.PUBLIC: ed25519.public_of(seed_of(name)),
            Field.CLOCK_PUBLIC: ed25519.public_of(seed_of(f"{name} clock")),
            Field.NOT_BEFORE: self.now_ms + overlap_ms,
        }
        return self.system(EventType.LOGKEY, fields, by=log, approvals=(self.root, *approvals))

    def certify(
        self, person: Person, *, by: Person | None = None, approvals: Iterable[Person] = (), **more: Any
    ) -> Entry:
        """Log a KEY_CERT for *person*; *more* overrides fields by lower-case name."""
        person.scope = self.scope
        fields: dict[int, Any] = {
            Field.PUBLIC: ed25519.public_of(person.seed),
            Field.PERSON: person.id,
            Field.DEVICE_ID: person.id,
            Field.ROLES: sorted(person.roles),
            Field.OFFICES: [person.office] if person.office else [],
            Field.SECRECY_MAX: person.secrecy_max,
            Field.NOT_BEFORE: START_MS - YEAR_MS,
            Field.NOT_AFTER: START_MS + YEAR_MS,
        }
        if person.agency:
            fields[Field.AGENCY] = person.agency
        return self.system(EventType.KEY_CERT, fields | _named(more), by=by, approvals=approvals)

    def system(
        self,
        kind: EventType,
        fields: dict[int, Any],
        *,
        by: Person | None = None,
        approvals: Iterable[Person] = (),
    ) -> Entry:
        """Log a system entry, with further signatures."""
        seeds = [one.seed for one in approvals]
        return self.log(
            sign_event(self.common(kind) | fields, seed=(by or self.enrolment).seed, approvals=seeds)
        )

    def common(self, kind: EventType) -> dict[int, Any]:
        """Return the fields that every event has."""
        self.nonce += 1
        return {
            Field.TYPE: kind,
            Field.NET: self.net,
            Field.T_CLAIM: self.now_ms,
            Field.NONCE: self.nonce.to_bytes(8, "big"),
        }

    @contextmanager
    def offline(self) -> Iterator[list[bytes]]:
        """Meanwhile nothing reaches the log: what is signed comes into the list that is yielded."""
        self._outbox = []
        yield self._outbox
        self._outbox = None

    def log(self, raw: bytes, *, admitted: bool = True) -> Entry:
        """Append signed bytes under a checkpoint of their own."""
        if self._outbox is not None:
            self._outbox.append(raw)
            self.now_ms += 60_000
            return Entry(-1, parse_event(raw), self.now_ms)
        return self.append(raw, admitted=admitted)

    def append(self, raw: bytes, *, admitted: bool = True) -> Entry:
        """Put signed bytes into the log."""
        event = admit(raw, ring=self.ring, net=self.net) if admitted else parse_event(raw)
        entry = Entry(len(self.entries), event, self.now_ms // 1000 * 1000)
        self.network.apply(entry)
        self.entries.append(entry)
        self.frontier.append(event.id)
        head = checkpoint.Checkpoint(ORIGIN, self.frontier.size, self.frontier.root())
        self.heads[head.size] = (head.root, entry.logged_ms)
        signing = [self.log_seeds[-1]]
        if self.ring.log_changes and entry.logged_ms < self.ring.log_changes[-1].not_before_ms:
            signing.append(self.log_seeds[-2])
        (log, clock), *also = [(seed_of(one), seed_of(other)) for one, other in signing]
        self.notes[head.size] = checkpoint.sign_checkpoint(
            head, log_seed=log, clock_seed=clock, time_ms=self.now_ms, also=also
        )
        self.now_ms += 60_000
        return entry

    def chain(self, uid: bytes) -> Chain:
        """Fold everything that the log has about an item."""
        return judge_part(self.entries, uid, network=self.network, anchors=self.heads.get)

    def hash_of(self, level: int, n: int) -> bytes:
        """Return a perfect subtree's root, the slow and plain way."""
        return merkle.root_of(e.event.id for e in self.entries[n << level : (n + 1) << level])

    def register(
        self, *, by: Person | None = None, seal: str = "A123456", seal_as_registered: str = "", **more: Any
    ) -> Parcel:
        """Accept an item at the centre."""
        parcel = self.unregistered(seal)
        fields: dict[str, Any] = {"label_raw": parcel.label.raw, **ACCEPTED}
        if seal_as_registered:
            fields["seal"] = parcel.seal(seal_as_registered)
        parcel.event(EventType.REGISTER, by=by or self.clerk, **(fields | more))
        return parcel

    def unregistered(self, seal: str = "A123456", *, service: str = "ZK") -> Parcel:
        """Print a label; nothing is in the log about it yet."""
        self.serial += 1
        number, nonce = s10.make_number(self.serial, service=service), self.serial.to_bytes(6, "big")
        commitment = label.commit_seal(nonce=nonce, item=s10.pack_number(number), seal_type=1, serial=seal)
        issued = label.issue_label(
            number=number,
            instance=0,
            day=s10.day_of(self.now_ms),
            nonce=nonce,
            kid4=self.kid4,
            seal_commitment=commitment,
            seed=self.labels.seed,
        )
        return Parcel(self, issued, seal)


@dataclass(slots=True)
class Parcel:
    """One item and the chain that this world's people make of it."""

    world: World
    label: label.Label
    serial: str
    head: bytes = ZERO
    seq: int = -1
    offer: bytes = b""
    holder: Person | None = None

    @property
    def uid(self) -> bytes:
        """8 bytes."""
        return self.label.uid

    def seal(self, serial: str = "", condition: int = 0) -> list[Any]:
        """Return the seal field for a seal read as *serial*."""
        commitment = label.commit_seal(
            nonce=self.label.nonce, item=self.label.item, seal_type=1, serial=serial or self.serial
        )
        return [commitment, condition]

    def sign(self, kind: EventType, /, *, by: Person, second: Person | None = None, **more: Any) -> bytes:
        """Return signed bytes of a step on the head, the next on its signer's device.

        A field given as None is left out; `passkey` (a number) makes the assertion of the one made of it.
        """
        world, passkey = self.world, more.pop("passkey", None)
        size = world.size
        fields = world.common(kind) | {
            Field.ITEMS: [[self.uid, self.seq + 1, self.head]],
            Field.PLACE: by.office,
            Field.ACTOR: by.id,
            Field.DEVICE: [by.dseq, by.dprev],
            Field.ANCHOR: [size, world.heads[size][0]],
            Field.SEAL: self.seal(),
            Field.METHOD: 1,
        }
        if kind not in (EventType.REGISTER, EventType.CLOSE):
            fields[Field.LABEL] = self.label.digest
        fields |= _named(more)
        fields = {key: value for key, value in fields.items() if value is not None}
        other = second.seed if second else None
        raw = sign_event(fields, seed=by.seed, second_seed=other)
        if passkey is not None:
            challenge = webauthn.challenge_of(core_of(parse_event(raw).fields))
            fields[Field.WEBAUTHN] = webauthn.sign_assertion(passkey, challenge=challenge)
            raw = sign_event(fields, seed=by.seed, second_seed=other)
        by.dseq, by.dprev = by.dseq + 1, merkle.leaf_hash(raw)
        return raw

    def event(self, kind: EventType, /, *, by: Person, second: Person | None = None, **more: Any) -> Entry:
        """Sign a step and log it; the next one builds on it unless it is an observation."""
        entry = self.world.log(self.sign(kind, by=by, second=second, **more))
        if kind not in (EventType.SIGHT, EventType.INSPECT, EventType.CORRECT):
            self.head, self.seq = entry.event.id, self.seq + 1
        if kind is EventType.OFFER:
            self.offer = entry.event.id
        if kind in (EventType.REGISTER, EventType.ACCEPT, EventType.CLOSE):
            self.holder = by
        return entry

    def hand_over(self, to: Person, **more: Any) -> None:
        """OFFER by the holder, ACCEPT by *to*."""
        assert self.holder
        self.event(EventType.OFFER, by=self.holder, offeree=to.id, expiry=3600)
        self.event(EventType.ACCEPT, by=to, cites=self.offer, **more)

    def deliver(self, **more: Any) -> None:
        """OFFER by the holder, DELIVER by the recipient."""
        assert self.holder
        recipient = self.world.recipient
        self.event(EventType.OFFER, by=self.holder, offeree=recipient.id, expiry=3600)
        self.event(EventType.DELIVER, by=recipient, cites=self.offer, **more)

    def chain(self) -> Chain:
        """Fold everything that the log has about this item."""
        return self.world.chain(self.uid)

    def judge(self, after_ms: int = 0) -> Judgement:
        """Return the verdict *after_ms* from now."""
        return self.chain().judge(self.world.now_ms + after_ms)

    def codes(self, after_ms: int = 0) -> list[str]:
        """Return the codes of all findings."""
        return [finding.code for finding in self.judge(after_ms).findings]

    def dossier(self) -> bytes:
        """Pack this item's evidence."""
        world = self.world
        around, own = journey(world.entries, self.uid)
        mine = (self.uid, *around)
        system = [e for e in world.entries if not e.event.items]
        accused = accusations_in(world.entries, mine, world.network)
        rests_on = {index for one in accused for index in (one.index, one.other)}
        exhibits = [*dossier.exhibits_for(own, world.entry), *(world.entries[n] for n in sorted(rests_on))]
        exhibits += seals_beside(world.entries, [*own, *exhibits])
        chosen = [*dossier.system_entries_for([*own, *exhibits], system), *own, *exhibits]
        newest = len(world.entries)
        sizes = {e.index + 1 for e in chosen} | {
            e.event.anchor[0] for e in own if e.event.anchor and e.event.anchor[0] in world.notes
        }
        return dossier.pack(
            dossier.Dossier(
                number=self.label.number,
                uid=self.uid,
                origin=ORIGIN,
                log_key=world.keys.log.vkey,
                clock_key=world.keys.clock.vkey,
                roots=(world.root.kid,),
                checkpoint=world.notes[newest],
                entries={e.index: e.event.raw for e in chosen},
                proofs={e.index: self._receipt(e.index) for e in chosen},
                checkpoints={size: world.notes[size] for size in sizes - {newest}},
                consistency={
                    size: dossier.proof_text(merkle.consistency_path(size, newest, world.hash_of))
                    for size in sizes - {newest}
                },
                claimed=dossier.Dossier.claim(self.chain().judge(world.heads[newest][1])),
            )
        )

    def _receipt(self, index: int) -> str:
        path = merkle.inclusion_path(index, index + 1, self.world.hash_of)
        return receipt.format_receipt(index, path, self.world.notes[index + 1])


def _named(more: Mapping[str, Any]) -> dict[int, Any]:
    return {Field[name.upper()]: value for name, value in more.items()}
