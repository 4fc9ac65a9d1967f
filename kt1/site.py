"""The system entries of a site: who may sign, which offices and bodies there are, by which limits to judge.

They are written once when a site is founded, and one by one afterwards. Signing keys are handed in as seeds.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from custody import ed25519
from custody.event import EventType, Field, sign_event
from custody.keys import COUNTERSIGN, Reason
from custody.policy import limit_numbers
from custody.roles import Role
from kt1.clock import DAY_MS, day_start_ms
from kt1.ground import calendars_of, routes_of
from kt1.register import Person, Register, RegisterError, qualified_until_ms
from kt1.rules import Limits

__all__ = [
    "Authority",
    "Grant",
    "SiteKeys",
    "found_site",
    "grant_for",
    "offices_of",
    "org_of_agency",
    "org_of_office",
]

_SERVICE = bytes(8)  # person id of keys that belong to the service, not to somebody
_YEAR_MS = 365 * DAY_MS
_OFFICE, _AGENCY = 1, 2  # event field ORG_KIND
_TIED = frozenset({Role.ISSUER, Role.CLERK, Role.RECIPIENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What a key certificate says.

    Attributes:
        public: 32 bytes of the key.
        roles: what it may sign for.
        not_before_ms: first moment, unix milliseconds.
        not_after_ms: last moment.
        person: 8 bytes, zeros for a key of the service.
        offices: office codes it is bound to.
        agency: agency code of a receiver, or None.
        secrecy_max: the highest mark, as the code of `Secrecy`.
        device: 8 bytes naming the device, or b"".
        kid4: 4 bytes naming the key on labels, for label keys, else b"".
        countersigns_only: it may sign as second person and nothing else.
        key_store: where the private key lies (1 software, 2 browser, 3 hardware), 0 to say nothing.
        uv_public: 65-byte point of a passkey, or b"".
    """

    public: bytes
    roles: frozenset[Role]
    not_before_ms: int
    not_after_ms: int
    person: bytes = _SERVICE
    offices: tuple[int, ...] = ()
    agency: int | None = None
    secrecy_max: int = 0
    device: bytes = b""
    kid4: bytes = b""
    countersigns_only: bool = False
    key_store: int = 0
    uv_public: bytes = b""


@dataclass(frozen=True, slots=True)
class Authority:
    """A root or enrolment key at work: each method returns one signed entry, which the caller appends.

    Attributes:
        net: 8 bytes, the network (`custody.admission.network_of`).
        seed: 32 bytes of the key.
        rng: source of nonces; `random.SystemRandom` at a real site.
    """

    net: bytes
    seed: bytes = field(repr=False)
    rng: random.Random

    def certify(self, grant: Grant, *, now_ms: int, approvals: Sequence[bytes] = ()) -> bytes:
        """A KEY_CERT for a key; *approvals* are seeds of further roots, or of the device's key before."""
        fields: dict[int, Any] = {
            Field.PUBLIC: grant.public,
            Field.PERSON: grant.person,
            Field.ROLES: sorted(int(role) for role in grant.roles),
            Field.OFFICES: list(grant.offices),
            Field.SECRECY_MAX: grant.secrecy_max,
            Field.NOT_BEFORE: grant.not_before_ms,
            Field.NOT_AFTER: grant.not_after_ms,
        }
        if grant.agency is not None:
            fields[Field.AGENCY] = grant.agency
        if grant.device:
            fields[Field.DEVICE_ID] = grant.device
        if grant.kid4:
            fields[Field.KID4] = grant.kid4
        if grant.countersigns_only:
            fields[Field.USE] = COUNTERSIGN
        if grant.key_store:
            fields[Field.KEY_STORE] = grant.key_store
        if grant.uv_public:
            fields[Field.UV_PUBLIC] = grant.uv_public
        return self._sign(EventType.KEY_CERT, fields, now_ms, approvals)

    def revoke(
        self,
        kid: bytes,
        *,
        now_ms: int,
        reason: int = Reason.LOST,
        compromised_ms: int | None = None,
        approvals: Sequence[bytes] = (),
    ) -> bytes:
        """A KEY_REVOKE; `compromised_ms` says since when the key must not be believed.

        Only with `Reason.RETIRED` do late uploads from before it stand.
        """
        fields: dict[int, Any] = {Field.KID: kid, Field.REASON: reason}
        if compromised_ms is not None:
            fields[Field.COMPROMISED] = compromised_ms
        return self._sign(EventType.KEY_REVOKE, fields, now_ms, approvals)

    def set_limits(self, limits: Limits, *, now_ms: int) -> bytes:
        """A POLICY entry with the limits that decide verdicts."""
        return self._sign(EventType.POLICY, {Field.LIMITS: limits.policy}, now_ms)

    def name_org(self, org: Mapping[int, Any], *, now_ms: int) -> bytes:
        """An ORG entry, from `org_of_office` or `org_of_agency`: codes and dates, no names."""
        return self._sign(EventType.ORG, org, now_ms)

    def name_route(self, route: Mapping[int, Any], *, now_ms: int) -> bytes:
        """A ROUTE entry, from `ground.routes_of`."""
        return self._sign(EventType.ROUTE, route, now_ms)

    def set_hours(self, hours: Mapping[int, Any], *, now_ms: int) -> bytes:
        """A CALENDAR entry, from `ground.calendars_of`."""
        return self._sign(EventType.CALENDAR, hours, now_ms)

    def require_roots(self, count: int, *, now_ms: int, approvals: Sequence[bytes] = ()) -> bytes:
        """A POLICY that says how many root keys must sign together; by a root."""
        limits = {limit_numbers()["root_threshold"]: count}
        return self._sign(EventType.POLICY, {Field.LIMITS: limits}, now_ms, approvals)

    def _sign(
        self, kind: EventType, fields: Mapping[int, Any], now_ms: int, approvals: Sequence[bytes] = ()
    ) -> bytes:
        common: dict[int, Any] = {
            Field.TYPE: int(kind),
            Field.NET: self.net,
            Field.T_CLAIM: now_ms,
            Field.NONCE: self.rng.randbytes(8),
        }
        return sign_event({**common, **fields}, seed=self.seed, approvals=approvals)


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteKeys:
    """The seeds of a site's own keys, 32 bytes each, and the 4-byte name of the label key."""

    root: bytes = field(repr=False)
    enrolment: bytes = field(repr=False)
    label: bytes = field(repr=False)
    kid4: bytes


def org_of_office(register: Register, code: int) -> dict[int, Any]:
    """Fields of the ORG entry of an office: its code, where it is, and while it is designated for KT1.

    Raises:
        RegisterError: it never was.
    """
    office = register.office_by_code[code]
    if office.kt1_from is None:
        raise RegisterError(f"office {code} is not designated for KT1, so the log does not name it")
    return {
        Field.ORG_ID: office.code,
        Field.ORG_KIND: _OFFICE,
        **_position(office.position),
        **_validity(office.kt1_from, office.kt1_to),
    }


def org_of_agency(register: Register, code: int) -> dict[int, Any]:
    """Fields of the ORG entry of an agency: its code, where it is, who serves it, and while it may use KT1."""
    agency = register.agency_by_code[code]
    ends = [day for day in (agency.active_to, agency.permit_expires) if day is not None]
    return {
        Field.ORG_ID: agency.code,
        Field.ORG_KIND: _AGENCY,
        Field.SERVED_BY: agency.office,
        **_position(agency.position),
        **_validity(agency.active_from, min(ends, default=None)),
    }


def _position(position: tuple[int, int] | None) -> dict[int, Any]:
    return {Field.POSITION: list(position)} if position else {}


def _validity(first: date, last: date | None) -> dict[int, int]:
    """NOT_BEFORE, and NOT_AFTER where it ends: the last millisecond of the last day at +07:00."""
    starts: dict[int, int] = {Field.NOT_BEFORE: day_start_ms(first)}
    return starts if last is None else {**starts, Field.NOT_AFTER: day_start_ms(last) + DAY_MS - 1}


def offices_of(person: Person, register: Register) -> tuple[int, ...]:
    """The offices at which a person's key counts: the own one, and for those who travel its routes' ends."""
    if person.roles & _TIED:
        return (person.office,)
    ends = {route.destination for route in register.routes if route.origin == person.office}
    return (person.office, *sorted(ends))


def grant_for(
    person: Person,
    public: bytes,
    register: Register,
    *,
    now_ms: int,
    device: bytes = b"",
    days: int | None = None,
) -> Grant:
    """What a person's key may do: no longer than the person is qualified, nor than *days* from now."""
    ends_ms = qualified_until_ms(person)
    return Grant(
        public=public,
        roles=person.roles,
        not_before_ms=now_ms,
        not_after_ms=ends_ms if days is None else min(ends_ms, now_ms + days * DAY_MS),
        person=person.id,
        offices=offices_of(person, register),
        agency=person.agency,
        secrecy_max=int(person.secrecy_max),
        device=device,
    )


def found_site(
    register: Register,
    keys: SiteKeys,
    *,
    net: bytes,
    now_ms: int,
    rng: random.Random,
    limits: Limits | None = None,
) -> Iterator[bytes]:
    """The first entries of a log, in order: keys of the site, offices, agencies, routes, hours, limits.

    Nobody can sign yet: each person's key follows with `Authority.certify(grant_for(...))`.
    """
    root = Authority(net, keys.root, rng)
    enrolment = Authority(net, keys.enrolment, rng)

    def grant(seed: bytes, role: Role, years: int, kid4: bytes = b"") -> Grant:
        return Grant(
            public=ed25519.public_of(seed),
            roles=frozenset({role}),
            not_before_ms=now_ms,
            not_after_ms=now_ms + years * _YEAR_MS,
            kid4=kid4,
        )

    yield root.certify(grant(keys.root, Role.ROOT, 10), now_ms=now_ms)
    yield root.certify(grant(keys.enrolment, Role.ENROL, 3), now_ms=now_ms)
    yield root.certify(grant(keys.label, Role.ISSUER, 3, keys.kid4), now_ms=now_ms)
    for office in register.offices:
        if office.kt1_from is not None:
            yield enrolment.name_org(org_of_office(register, office.code), now_ms=now_ms)
    for agency in register.agencies:
        yield enrolment.name_org(org_of_agency(register, agency.code), now_ms=now_ms)
    for route in routes_of(register):
        yield enrolment.name_route(route, now_ms=now_ms)
    for hours in calendars_of(register, now_ms=now_ms):
        yield enrolment.set_hours(hours, now_ms=now_ms)
    yield enrolment.set_limits(limits or Limits(), now_ms=now_ms)
