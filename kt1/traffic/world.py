"""The simulated province at work: devices that sign, envelopes and bags that travel, and who holds them.

A journey is a generator. It yields either a time to wait for or a `Step` to post, and is resumed with the
time at which that came about. The engine (`kt1.traffic.stream`) keeps the clock.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from typing import Any, Final

from custody import ed25519, merkle
from custody.event import EventType, Field, sign_event
from custody.keys import Reason
from custody.label import Label, commit_seal, issue_label
from custody.machine import OBSERVATIONS
from custody.roles import Role
from custody.s10 import day_of, make_number, pack_number
from kt1.acceptance import Acceptance
from kt1.province import CENTRE
from kt1.register import Person, Register
from kt1.service import Secrecy
from kt1.site import Authority, SiteKeys, grant_for
from kt1.traffic.things import (
    Bag,
    Checkpoint,
    Device,
    Envelope,
    Journey,
    Scale,
    Sealed,
    Step,
    seed_of,
)

__all__ = [
    "LATENCY_MS",
    "MANUAL",
    "SEAL_TYPE",
    "Bag",
    "Checkpoint",
    "Device",
    "Envelope",
    "Journey",
    "Scale",
    "Sealed",
    "Step",
    "World",
    "seed_of",
]

SEAL_TYPE: Final = 1
LATENCY_MS: Final = 300
"""From a signature to the log, over a network that works."""
_SKEW_MS: Final = 40_000  # honest clocks differ by less than the tolerance of 120 s
_NOISE_MS: Final = 5_000
_SYNC_MS: Final = 3_600_000
_COARSE: Final = 400  # 1e-5 degrees, about as many metres
_APP: Final = 1_004_002  # 1.4.2
_PHONE, _WEDGE, MANUAL = 1, 3, 4
_GIVERS_SCREEN: Final = 2  # field PRESENCE
_AT_COUNTER: Final = frozenset({Role.ISSUER, Role.CLERK})
_HANDOVERS: Final = frozenset({EventType.ACCEPT, EventType.DELIVER})
_FAVOURITE: Final = 0.3  # how often the first of a list is taken, so that the personas have something to do
_ZONE_MS: Final = 7 * 3_600_000
_MONDAY_MS: Final = 4 * 86_400_000  # 5 January 1970
_WEEK_MS: Final = 7 * 86_400_000
_CENTRAL, _OUTLYING = (3, 80), (1, 10)  # clerks on duty at least, and for every 10,000 items a day
_ITEM, _BAG = "ZK", "ZB"  # service indicators of numbers


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
        scale: Scale,
    ) -> None:
        """Take the register and keys; *seed* makes the people's keys, *rng* everything else.

        Args:
            register: the province.
            keys: the site's enrolment and label keys.
            net: 8 bytes, the network.
            seed: of the people's keys.
            rng: of everything else.
            checkpoint: returns the log's newest.
            scale: how much there is to do.
        """
        self.register = register
        self.keys = keys
        self.net = net
        self.authority = Authority(net, keys.enrolment, rng)
        self.rng = rng
        self.checkpoint = checkpoint
        self.minutes = {(route.origin, route.destination): route.minutes for route in register.routes}
        self.spawned: list[tuple[int, Journey]] = []
        self.devices: dict[bytes, Device] = {}
        self.busy_ms: dict[str, int] = {}
        self.trays: dict[int, list[Sealed]] = {}
        self.yards: dict[tuple[int, int], list[Bag]] = {}  # (from, to) -> bags that wait for a courier
        self.pending = 0  # ordinary envelopes that have not come to their end
        self.is_closed = False  # no more are accepted
        self.has_spells = scale.has_spells
        self._per_day = scale.per_day
        self._seed = seed
        self._serial = scale.first_serial
        self._of: dict[str, Device] = {}
        self._staff: dict[tuple[int, Role], tuple[Person, ...]] = {}
        self._receivers = {agency.code: register.receivers(agency.code) for agency in register.agencies}

    def spawn(self, journey: Journey, at_ms: int) -> None:
        """Have the engine begin another journey at a time, beside this one."""
        self.spawned.append((at_ms, journey))

    @property
    def is_done(self) -> bool:
        """Whether no more is accepted, and nothing waits in a tray or is on its way from one."""
        return self.is_closed and not self.pending

    def shelve(self, thing: Sealed) -> None:
        """Put a thing into the tray of the office where it is; its holder stays who it is."""
        self.trays.setdefault(thing.office, []).append(thing)

    def take_from_tray(self, office: int, wanted: Callable[[Sealed], bool]) -> list[Sealed]:
        """Take what is wanted out of an office's tray."""
        tray = self.trays.get(office, [])
        taken = [thing for thing in tray if wanted(thing)]
        self.trays[office] = [thing for thing in tray if not wanted(thing)]
        return taken

    # -- devices -----------------------------------------------------------------------------------

    def device(self, person: Person) -> Device:
        """The device of a person; one each."""
        if person.login not in self._of:
            skew_ms = self.rng.randint(-_SKEW_MS, _SKEW_MS)
            self._of[person.login] = self._known(Device(person, seed_of(self._seed, person.login), skew_ms))
        return self._of[person.login]

    def _known(self, device: Device) -> Device:
        self.devices[device.kid] = device
        return device

    def renew(self, person: Person, now_ms: int) -> Journey:
        """A new key in a person's device, certified; the old one is retired minutes later, as is routine."""
        old = self.device(person)
        number = old.generation + 1
        new = Device(person, seed_of(self._seed, person.login, number), old.skew_ms, generation=number)
        grant = grant_for(
            person, ed25519.public_of(new.seed), self.register, now_ms=now_ms - now_ms % 1000, device=old.id
        )
        raw = self.authority.certify(grant, now_ms=now_ms, approvals=[old.seed])
        now_ms = yield Step(at_ms=now_ms, raw=raw)
        self._of[person.login] = self._known(new)
        now_ms = yield now_ms + self.rng.randint(1, 20) * 60_000
        return (yield Step(at_ms=now_ms, raw=self._retire(old, now_ms)))

    def _retire(self, device: Device, now_ms: int) -> bytes:
        return self.authority.revoke(device.kid, now_ms=now_ms, reason=Reason.RETIRED)

    def person_seeds(self) -> dict[str, bytes]:
        """Login -> 32-byte signing key that everybody's simulated device has now."""
        seeds = {person.login: seed_of(self._seed, person.login) for person in self.register.people}
        return seeds | {login: device.seed for login, device in self._of.items()}

    # -- people ------------------------------------------------------------------------------------

    def staff(self, office: int, role: Role) -> tuple[Person, ...]:
        """Everybody of an office with a role."""
        key = (office, role)
        if key not in self._staff:
            self._staff[key] = self.register.staff(office=office, role=role)
        return self._staff[key]

    def workers(self, office: int) -> tuple[Person, ...]:
        """Clerks and couriers of an office."""
        return (*self.staff(office, Role.CLERK), *self.staff(office, Role.COURIER))

    def on_duty(self, office: int, now_ms: int) -> list[Person]:
        """The clerks who are at the counter of an office this week, the first of the list among the first."""
        clerks = self.staff(office, Role.ISSUER)
        share = _CENTRAL if office == CENTRE else _OUTLYING
        count = min(max(share[0], self._per_day * share[1] // 10_000), len(clerks))
        week = (now_ms + _ZONE_MS - _MONDAY_MS) // _WEEK_MS
        return [clerks[(week * count + n) % len(clerks)] for n in range(count)]

    def pick(self, office: int, role: Role, *, but: Person | None = None) -> Person:
        """Somebody of an office with a role, the first of the list more often than others."""
        choices = [person for person in self.staff(office, role) if person != but]
        return choices[0] if self.rng.random() < _FAVOURITE else self.rng.choice(choices)

    def engage(self, office: int, now_ms: int, until_ms: int) -> Person | None:
        """A courier of an office who is free, and is busy until then; None where all are on the road."""
        free = [one for one in self.staff(office, Role.COURIER) if self.busy_ms.get(one.login, 0) <= now_ms]
        if not free:
            return None
        courier = self.rng.choice(free)
        self.busy_ms[courier.login] = until_ms
        return courier

    def first(self, office: int, role: Role) -> Person:
        """The first of an office with a role: at the centre, the persona of the demonstration."""
        return self.staff(office, role)[0]

    def receiver(self, agency: int) -> Person:
        """Somebody who may receive for an agency."""
        return self.rng.choice(self._receivers[agency])

    def secrecy_max(self, agency: int) -> Secrecy:
        """The highest mark that everybody who receives for an agency may handle."""
        return min((one.secrecy_max for one in self._receivers[agency]), key=lambda mark: mark.rank)

    # -- things ------------------------------------------------------------------------------------

    def envelope(self, acceptance: Acceptance, *, clerk: Person, now_ms: int) -> Envelope:
        """A new envelope with its signed label; nothing is in the log yet."""
        number, label, commitment = self._labelled(_ITEM, acceptance.seal, now_ms)
        return Envelope(
            acceptance=acceptance,
            number=number,
            label=label,
            seal=commitment,
            holder=clerk,
            office=acceptance.office,
            agency=acceptance.recipient,
            mass_g=acceptance.mass_g or 0,
        )

    def bag(self, clerk: Person, *, office: int, destination: int, now_ms: int) -> Bag:
        """A new bag with its signed label, still open and empty."""
        number, label, commitment = self._labelled(_BAG, f"TB{self.rng.randrange(10**8):08d}", now_ms)
        return Bag(
            number=number, label=label, seal=commitment, holder=clerk, office=office, destination=destination
        )

    def _labelled(self, service: str, seal: str, now_ms: int) -> tuple[str, Label, bytes]:
        number, nonce = make_number(self._serial, service=service), self.rng.randbytes(6)
        self._serial += 1
        commitment = commit_seal(nonce=nonce, item=pack_number(number), seal_type=SEAL_TYPE, serial=seal)
        label = issue_label(
            number=number,
            instance=0,
            day=day_of(now_ms),
            nonce=nonce,
            kid4=self.keys.kid4,
            seal_commitment=commitment,
            seed=self.keys.label,
        )
        return number, label, commitment

    # -- signing -----------------------------------------------------------------------------------

    def act(
        self,
        kind: EventType,
        thing: Sealed,
        who: Person | Device,
        now_ms: int,
        changes: Mapping[Field, Any] | None = None,
        second: Person | None = None,
    ) -> Step:
        """Have *who* sign an event about a thing, as an honest device would but for *changes*.

        Args:
            kind: the event.
            thing: what it is about; its head moves on, unless this will not count.
            who: the signer, or one particular device of theirs.
            now_ms: the moment of signing.
            changes: fields to add or to replace; a value of None takes a field away.
            second: the second person, for events that need two.
        """
        device = who if isinstance(who, Device) else self.device(who)
        fields = self._fields(kind, thing, device, now_ms) | dict(changes or {})
        witness = self.device(second).seed if second else None
        kept: dict[int, Any] = {key: value for key, value in fields.items() if value is not None}
        raw = sign_event(kept, seed=device.seed, second_seed=witness)
        device.dseq, device.dprev, device.signed = device.dseq + 1, merkle.leaf_hash(raw), device.signed + 1
        if kind not in OBSERVATIONS and not thing.beside:
            thing.seq, thing.head = thing.seq + 1, device.dprev
        if kind is EventType.OFFER:
            thing.offer_nonce = kept[Field.NONCE]
        device.posted_ms = max(now_ms + LATENCY_MS, device.posted_ms)
        return Step(at_ms=device.posted_ms, raw=raw, number=thing.number, cause=thing.cause, kid=device.kid)

    def last_word(self, device: Device, now_ms: int) -> Step:
        """The DEVICE_HEAD at the end of a shift: a link of the device's chain that says how far it has come."""
        fields: dict[int, Any] = {
            Field.TYPE: int(EventType.DEVICE_HEAD),
            Field.NET: self.net,
            Field.T_CLAIM: now_ms + device.skew_ms,
            Field.ACTOR: device.person.id,
            Field.DEVICE: [device.dseq, device.dprev],
            Field.APP: _APP,
            Field.NONCE: self.rng.randbytes(8),
        }
        raw = sign_event(fields, seed=device.seed)
        device.dseq, device.dprev, device.signed = device.dseq + 1, merkle.leaf_hash(raw), 0
        device.posted_ms = max(now_ms + LATENCY_MS, device.posted_ms)
        return Step(at_ms=device.posted_ms, raw=raw, kid=device.kid)

    def stamp(self, who: Person, office: int, now_ms: int) -> Journey:
        """The PAPER_ANCHOR of a day: two supervisors have the newest checkpoint printed, stamped and filed."""
        anchor = self.checkpoint()
        if anchor is None:
            return now_ms
        device = self.device(who)
        fields: dict[int, Any] = {
            Field.TYPE: int(EventType.PAPER_ANCHOR),
            Field.NET: self.net,
            Field.T_CLAIM: now_ms + device.skew_ms,
            Field.ANCHOR: list(anchor),
            Field.ACTOR: who.id,
            Field.PLACE: office,
            Field.NONCE: self.rng.randbytes(8),
        }
        other = next(one for one in self.staff(office, Role.SUPERVISOR) if one.id != who.id)
        raw = sign_event(fields, seed=device.seed, second_seed=self.device(other).seed)
        return (yield Step(at_ms=now_ms + LATENCY_MS, raw=raw))

    def _fields(self, kind: EventType, thing: Sealed, device: Device, now_ms: int) -> dict[Field, Any]:
        at_counter = bool(device.person.roles & _AT_COUNTER)
        anchor = self.checkpoint() if device.outbox is None else device.anchor
        fields: dict[Field, Any] = {
            Field.TYPE: int(kind),
            Field.ITEMS: [[thing.uid, thing.seq, thing.head]],
            Field.NET: self.net,
            Field.T_CLAIM: now_ms + device.skew_ms,
            Field.CLOCK: self._clock(device, now_ms),
            Field.PLACE: thing.office,
            Field.ACTOR: device.person.id,
            Field.SEAL: [thing.seal, 0],
            Field.LABEL: thing.label.digest,
            Field.METHOD: _WEDGE if at_counter else _PHONE,
            Field.DEVICE: [device.dseq, device.dprev],
            Field.NONCE: self.rng.randbytes(8),
            Field.APP: _APP,
        }
        if anchor is not None:
            fields[Field.ANCHOR] = list(anchor)
        if not at_counter and (spot := self._spot(thing)):
            fields[Field.GEO] = spot
        if kind in _HANDOVERS and thing.offer:
            fields[Field.PRESENCE] = [_GIVERS_SCREEN, thing.offer_nonce]
        return fields

    def _spot(self, thing: Sealed) -> list[int] | None:
        """Where a phone says that it is: coarse, within some hundred metres of the office or the door."""
        body = self.register.agency_by_code.get(thing.door)
        known = (body or self.register.office_by_code[thing.office]).position
        if known is None:
            return None
        north, east = (self.rng.randint(-_COARSE, _COARSE) for _ in range(2))
        return [known[0] + north, known[1] + east, self.rng.randint(20, 300)]

    def _clock(self, device: Device, now_ms: int) -> list[int]:
        """How long ago its clock was set, by how much it may be wrong, and how often it was started."""
        if device.outbox is None and now_ms - device.synced_ms > _SYNC_MS:
            device.synced_ms = now_ms - self.rng.randrange(_SYNC_MS)
        since_s = max(now_ms - device.synced_ms, 0) // 1000
        return [since_s, abs(device.skew_ms) + self.rng.randrange(_NOISE_MS), device.generation + 1]
