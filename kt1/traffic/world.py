"""The simulated province at work: devices that sign, envelopes that travel, and who holds them.

A journey is a generator. It yields either a time to wait for or a `Step` to post, and is resumed with the
time at which that came about. The engine (`kt1.traffic`) keeps the clock.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Any

from custody import cose, ed25519, merkle
from custody.event import ZERO, EventType, Field, sign_event
from custody.label import Label, commit_seal, issue_label
from custody.machine import OBSERVATIONS
from custody.roles import Role
from custody.s10 import day_of, make_number, pack_number
from kt1.acceptance import Acceptance
from kt1.register import Person, Register
from kt1.service import Secrecy
from kt1.site import Authority, SiteKeys

__all__ = ["MANUAL", "SEAL_TYPE", "Checkpoint", "Device", "Envelope", "Journey", "Step", "World", "seed_of"]

Checkpoint = Callable[[], tuple[int, bytes] | None]
"""Returns (size, root) of the log's newest checkpoint, or None before the first."""

SEAL_TYPE = 1
_LATENCY_MS = 300
_SKEW_MS = 40_000  # honest clocks differ by less than the tolerance of 120 s
_PHONE, _WEDGE, MANUAL = 1, 3, 4
_AT_COUNTER = frozenset({Role.ISSUER, Role.CLERK})
_FAVOURITE = 0.3  # how often the first of a list is taken, so that the personas have something to do


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry for the log.

    Attributes:
        at_ms: when it reaches the log; append it with this time.
        raw: the signed bytes.
        number: item number, "" for a system entry.
        is_refused: the log must refuse it.
        cause: name of the planted break it belongs to, or "".
        acceptance: the form behind a REGISTER, for the side tables.
        label: the label issued by a REGISTER or RELABEL, for the side tables.
    """

    at_ms: int
    raw: bytes
    number: str = ""
    is_refused: bool = False
    beside: bool = False
    cause: str = ""
    acceptance: Acceptance | None = None
    label: Label | None = None

    @property
    def id(self) -> bytes:
        """The 32-byte id that the entry has in the log."""
        return merkle.leaf_hash(self.raw)


Journey = Generator[int | Step, int, int]


def seed_of(seed: int, login: str) -> bytes:
    """The 32-byte signing key of a simulated person's device. Anyone who knows the seed can make it."""
    return hashlib.sha256(f"KT1-SIMULATED-KEY-v1\0{seed}\0{login}".encode()).digest()


@dataclass(slots=True)
class Device:
    """A person's device: its key, its clock's error, and the chain of all that it signed."""

    person: Person
    seed: bytes
    skew_ms: int
    dseq: int = 0
    dprev: bytes = ZERO
    offline_until_ms: int = 0
    posted_ms: int = 0

    @property
    def kid(self) -> bytes:
        """8 bytes naming the key."""
        return cose.kid_of(ed25519.public_of(self.seed))


@dataclass(slots=True, kw_only=True)
class Envelope:
    """One item on its way.

    Attributes:
        acceptance: the form at the counter.
        number: item number.
        label: the label on it.
        labels: labels it had before.
        seal: commitment of the seal on it, 8 bytes.
        holder: who has it.
        office: where it is.
        seq: position that the next event takes.
        head: id of the newest event that counts.
        beside: what is signed now will not count, so nothing builds on it.
        offer: id of the open offer, b"" for none.
        cause: name of the planted break it suffers, or "".
    """

    acceptance: Acceptance
    number: str
    label: Label
    seal: bytes
    holder: Person
    office: int
    labels: list[Label] = field(default_factory=list)
    seq: int = 0
    head: bytes = ZERO
    offer: bytes = b""
    beside: bool = False
    cause: str = ""

    @property
    def uid(self) -> bytes:
        """8-byte uid."""
        return self.label.uid


class World:
    """The register and the devices of a simulated province, and what can be done with them."""

    def __init__(
        self,
        register: Register,
        keys: SiteKeys,
        *,
        net: bytes,
        seed: int,
        rng: random.Random,
        checkpoint: Checkpoint,
    ) -> None:
        """Take the register and keys; *seed* makes the people's keys, *rng* everything else."""
        self.register = register
        self.keys = keys
        self.net = net
        self.authority = Authority(net, keys.enrolment, rng)
        self.rng = rng
        self._seed = seed
        self.checkpoint = checkpoint
        self._devices: dict[str, Device] = {}
        self._staff: dict[tuple[int, Role], tuple[Person, ...]] = {}
        self.minutes = {(route.origin, route.destination): route.minutes for route in register.routes}
        self._receivers = {agency.code: register.receivers(agency.code) for agency in register.agencies}

    def device(self, person: Person) -> Device:
        """The device of a person; one each."""
        if person.login not in self._devices:
            skew_ms = self.rng.randint(-_SKEW_MS, _SKEW_MS)
            self._devices[person.login] = Device(person, seed_of(self._seed, person.login), skew_ms)
        return self._devices[person.login]

    def pick(self, office: int, role: Role, *, but: Person | None = None) -> Person:
        """Somebody of an office with a role, the first of the list more often than others."""
        key = (office, role)
        if key not in self._staff:
            self._staff[key] = self.register.staff(office=office, role=role)
        choices = [person for person in self._staff[key] if person != but]
        return choices[0] if self.rng.random() < _FAVOURITE else self.rng.choice(choices)

    def first(self, office: int, role: Role) -> Person:
        """The first of an office with a role: at the centre, the persona of the demonstration."""
        return self.register.staff(office=office, role=role)[0]

    def receiver(self, agency: int) -> Person:
        """Somebody who may receive for an agency."""
        return self.rng.choice(self._receivers[agency])

    def secrecy_max(self, agency: int) -> Secrecy:
        """The highest mark that everybody who receives for an agency may handle."""
        return min((one.secrecy_max for one in self._receivers[agency]), key=lambda mark: mark.rank)

    def envelope(self, acceptance: Acceptance, *, serial: int, clerk: Person, now_ms: int) -> Envelope:
        """A new envelope with its signed label; nothing is in the log yet."""
        number = make_number(serial)
        nonce = self.rng.randbytes(6)
        commitment = commit_seal(
            nonce=nonce, item=pack_number(number), seal_type=SEAL_TYPE, serial=acceptance.seal
        )
        label = issue_label(
            number=number,
            instance=0,
            day=day_of(now_ms),
            nonce=nonce,
            kid4=self.keys.kid4,
            seal_commitment=commitment,
            seed=self.keys.label,
        )
        return Envelope(
            acceptance=acceptance,
            number=number,
            label=label,
            seal=commitment,
            holder=clerk,
            office=acceptance.office,
        )

    def act(
        self,
        kind: EventType,
        envelope: Envelope,
        who: Person | Device,
        now_ms: int,
        changes: Mapping[Field, Any] | None = None,
        second: Person | None = None,
    ) -> Step:
        """Have *who* sign an event about an envelope, as an honest device would but for *changes*.

        Args:
            kind: the event.
            envelope: what it is about; its head moves on, unless this will not count.
            who: the signer, or one particular device of theirs.
            now_ms: the moment of signing.
            changes: fields to add or to replace; a value of None takes a field away.
            second: the second person, for events that need two.
        """
        device = who if isinstance(who, Device) else self.device(who)
        fields = self._fields(kind, envelope, device, now_ms) | dict(changes or {})
        witness = self.device(second).seed if second else None
        kept: dict[int, Any] = {key: value for key, value in fields.items() if value is not None}
        raw = sign_event(kept, seed=device.seed, second_seed=witness)
        device.dseq, device.dprev = device.dseq + 1, merkle.leaf_hash(raw)
        if kind not in OBSERVATIONS and not envelope.beside:
            envelope.seq, envelope.head = envelope.seq + 1, device.dprev
        device.posted_ms = max(now_ms + _LATENCY_MS, device.posted_ms, device.offline_until_ms)
        return Step(at_ms=device.posted_ms, raw=raw, number=envelope.number, cause=envelope.cause)

    def _fields(self, kind: EventType, envelope: Envelope, device: Device, now_ms: int) -> dict[Field, Any]:
        at_counter = bool(device.person.roles & _AT_COUNTER)
        anchor = self.checkpoint()
        fields: dict[Field, Any] = {
            Field.TYPE: int(kind),
            Field.ITEMS: [[envelope.uid, envelope.seq, envelope.head]],
            Field.NET: self.net,
            Field.T_CLAIM: now_ms + device.skew_ms,
            Field.PLACE: envelope.office,
            Field.ACTOR: device.person.id,
            Field.SEAL: [envelope.seal, 0],
            Field.LABEL: envelope.label.digest,
            Field.METHOD: _WEDGE if at_counter else _PHONE,
            Field.DEVICE: [device.dseq, device.dprev],
            Field.NONCE: self.rng.randbytes(8),
        }
        if anchor is not None:
            fields[Field.ANCHOR] = list(anchor)
        return fields
