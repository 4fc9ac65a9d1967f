"""What there is in the simulated province: steps for the log, devices, envelopes, bags."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Generator
from dataclasses import dataclass, field

from custody import cose, ed25519, merkle
from custody.event import ZERO, ItemRef
from custody.label import Label
from kt1.acceptance import Acceptance
from kt1.register import Person
from kt1.service import Urgency

__all__ = ["Bag", "Checkpoint", "Device", "Envelope", "Journey", "Scale", "Sealed", "Step", "seed_of"]

Checkpoint = Callable[[], tuple[int, bytes] | None]
"""Returns (size, root) of the log's newest checkpoint, or None before the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One entry for the log.

    Attributes:
        at_ms: when it reaches the log; append it with this time.
        raw: the signed bytes.
        number: item or container number, "" for a system entry.
        is_refused: the log must refuse it.
        is_repeat: the log has it already, and must say so.
        cause: name of the planted break it belongs to, or "".
        acceptance: the form behind a REGISTER, for the side tables.
        label: the label issued by a REGISTER, RELABEL or CLOSE, for the side tables.
        kid: 8 bytes of the device that signed it, b"" for what no device sends.
    """

    at_ms: int
    raw: bytes
    number: str = ""
    is_refused: bool = False
    is_repeat: bool = False
    cause: str = ""
    acceptance: Acceptance | None = None
    label: Label | None = None
    kid: bytes = b""

    @property
    def id(self) -> bytes:
        """The 32-byte id that the entry has in the log."""
        return merkle.leaf_hash(self.raw)


Journey = Generator[int | Step, int, int]


def seed_of(seed: int, login: str, generation: int = 0) -> bytes:
    """The 32-byte signing key of a simulated person's device. Anyone who knows the seed can make it."""
    name = f"{login}#{generation}" if generation else login
    return hashlib.sha256(f"KT1-SIMULATED-KEY-v1\0{seed}\0{name}".encode()).digest()


@dataclass(slots=True)
class Device:
    """A person's device: its key, its clock's error, the chain of all that it signed, and what it could not send.

    Attributes:
        person: whose it is.
        seed: 32 bytes of its key.
        skew_ms: by how much its clock is ahead.
        dseq, dprev: place of its next event in its chain.
        posted_ms: when its newest event reached the log.
        synced_ms: when its clock was set.
        anchor: the checkpoint that it saw before it lost the network.
        outbox: what it signed since then; None while it has a network.
        generation: how many keys it had before.
        signed: events since its last DEVICE_HEAD.
    """

    person: Person
    seed: bytes
    skew_ms: int
    dseq: int = 0
    dprev: bytes = ZERO
    posted_ms: int = 0
    synced_ms: int = 0
    anchor: tuple[int, bytes] | None = None
    outbox: list[Step] | None = None
    generation: int = 0
    signed: int = 0
    kid: bytes = b""

    def __post_init__(self) -> None:
        """Name the key."""
        self.kid = cose.kid_of(ed25519.public_of(self.seed))

    @property
    def id(self) -> bytes:
        """8 bytes of the device itself; a new key does not change them."""
        return hashlib.sha256(b"KT1-SIMULATED-DEVICE-v1\0" + self.person.id).digest()[:8]


@dataclass(slots=True, kw_only=True)
class Sealed:
    """A thing under a label and a seal: an envelope, or a bag.

    Attributes:
        number: its number.
        label: the label on it.
        seal: commitment of the seal on it, 8 bytes.
        holder: who has it.
        office: where it is.
        seq: position that the next event takes.
        head: id of the newest event that counts.
        offer: id of the open offer, b"" for none.
        offer_nonce: 8 bytes of it.
        beside: what is signed now will not count, so nothing builds on it.
        cause: name of the planted break it suffers, or "".
        mass_g: what it weighs.
        door: code of the body at whose door it is, 0 in an office.
    """

    number: str
    label: Label
    seal: bytes
    holder: Person
    office: int
    seq: int = 0
    head: bytes = ZERO
    offer: bytes = b""
    offer_nonce: bytes = b""
    beside: bool = False
    cause: str = ""
    mass_g: int = 0
    door: int = 0

    @property
    def uid(self) -> bytes:
        """8-byte uid."""
        return self.label.uid

    @property
    def ref(self) -> ItemRef:
        """Its place in a manifest: what its next event will say of it."""
        return ItemRef(self.uid, self.seq, self.head)


@dataclass(slots=True, kw_only=True)
class Envelope(Sealed):
    """One item on its way.

    Attributes:
        acceptance: the form at the counter.
        labels: labels it had before.
        agency: code of the body to which it goes now; the sender's once it is sent back.
        attempts: how often a courier was at that body's door.
    """

    acceptance: Acceptance
    labels: list[Label] = field(default_factory=list)
    agency: int = 0
    attempts: int = 0

    @property
    def is_urgent(self) -> bool:
        """Hỏa tốc or Hẹn giờ: it travels at any hour."""
        return self.acceptance.urgency != Urgency.NONE


@dataclass(slots=True, kw_only=True)
class Bag(Sealed):
    """A container closed over some things.

    Attributes:
        destination: office code at which it is opened.
        contents: each thing with the place of its chain and the 16-byte salt with which it stands in the manifest.
        closing: id of its CLOSE.
        opening: id of its OPEN.
    """

    destination: int
    contents: list[tuple[Sealed, ItemRef, bytes]] = field(default_factory=list)
    closing: bytes = b""
    opening: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scale:
    """How much there is to do.

    Attributes:
        first_serial: of the first number.
        per_day: items a day, from which follows how many clerks are on duty.
        has_spells: devices lose the network now and then, and get new keys.
    """

    first_serial: int = 0
    per_day: int = 0
    has_spells: bool = False
