"""A site's first entries: who may sign, for how long, and where."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import date, timedelta

import pytest

from custody.admission import admit, network_of
from custody.ed25519 import public_of
from custody.errors import SignatureError
from custody.event import Entry, EventType, Field, parse_event
from custody.keys import KeyRing
from custody.policy import Policy
from custody.roles import Role
from kt1.clock import DAY_MS, day_start_ms, show_time
from kt1.province import CENTRE
from kt1.register import Register, RegisterError
from kt1.rules import Limits
from kt1.site import Authority, found_site, grant_for, offices_of, org_of_agency, org_of_office
from kt1.traffic import keys_of_seed

DAY = date(2026, 11, 1)
NOW_MS = day_start_ms(DAY)
NET = network_of("lam-giang.example/kt1")
KEYS = keys_of_seed(1)
SEED = bytes(31) + b"\x01"


def founded(register: Register) -> KeyRing:
    """The keys of a log that holds a site's first entries and nothing else."""
    ring = KeyRing()
    entries = found_site(register, KEYS, net=NET, now_ms=NOW_MS, rng=random.Random(1))
    for index, raw in enumerate(entries):
        ring.apply(Entry(index, admit(raw, ring=ring, net=NET), NOW_MS))
    return ring


def authority(seed: bytes = KEYS.enrolment) -> Authority:
    """The enrolment key, or another, at work."""
    return Authority(NET, seed, random.Random(2))


def test_the_log_lets_every_first_entry_in(province: Register) -> None:
    """Root, enrolment and label key; nobody else can sign yet."""
    roles = [sorted(certificate.roles) for certificate in founded(province)]
    assert roles == [[Role.ROOT], [Role.ENROL], [Role.ISSUER]]


def test_labels_are_verified_under_their_key_name(province: Register) -> None:
    """Labels carry 4 bytes; the log says which key that is."""
    found = founded(province).label_key(KEYS.kid4)
    assert found is not None
    assert found.public == public_of(KEYS.label)


def test_offices_agencies_and_limits_are_named_without_names(province: Register) -> None:
    """Names live in side tables: the log has codes alone."""
    events = [
        parse_event(raw) for raw in found_site(province, KEYS, net=NET, now_ms=NOW_MS, rng=random.Random(1))
    ]
    orgs = [event.fields[Field.ORG_ID] for event in events if event.type is EventType.ORG]
    assert sorted(orgs) == sorted([*province.office_by_code, *province.agency_by_code])
    assert all(name.encode() not in event.raw for event in events for name in ("Lam Giang", "Tỉnh ủy"))


def test_the_log_says_since_when_and_until_when(province: Register) -> None:
    """An agency with a permit ends with the permit (C1), in its last millisecond; a listed one stays open."""
    permitted = next(one for one in province.agencies if one.permit_expires)
    org = org_of_agency(province, permitted.code)
    assert org[Field.NOT_BEFORE] == day_start_ms(permitted.active_from)
    assert show_time(org[Field.NOT_AFTER]) == "01/11/2027 23:59"
    assert Field.NOT_AFTER not in org_of_agency(province, 1)
    assert Field.NOT_AFTER not in org_of_office(province, CENTRE)


def test_an_office_without_designation_is_not_named(province: Register) -> None:
    """Only designated offices accept KT1 (C3)."""
    closed = replace(province.offices[0], kt1_from=None)
    register = Register(offices=(closed, *province.offices[1:]), agencies=(), people=())
    with pytest.raises(RegisterError, match="office 990100 is not designated"):
        org_of_office(register, CENTRE)
    raws = found_site(register, KEYS, net=NET, now_ms=NOW_MS, rng=random.Random(1))
    events = [parse_event(raw) for raw in raws]
    assert sum(event.type is EventType.ORG for event in events) == 6


def test_limits_in_the_log_are_those_of_the_operator() -> None:
    """A stranger who repeats the verdict must judge by the same limits."""
    limits = Limits(skew_ms=5_000)
    policy = Policy().with_limits(
        parse_event(authority().set_limits(limits, now_ms=NOW_MS)).fields[Field.LIMITS]
    )
    assert policy == Policy(eps_ms=5_000, offer_open_ms=4 * 3_600_000, held_ms=24 * 3_600_000)


def test_a_certificate_ends_with_the_qualification(province: Register) -> None:
    """Whose training ends tomorrow is certified until tomorrow (B12)."""
    person = replace(province.person_by_login["buuta1"], trained_until=DAY + timedelta(days=1))
    grant = grant_for(person, public_of(SEED), province, now_ms=NOW_MS)
    assert grant.not_after_ms == NOW_MS + 2 * DAY_MS
    assert grant_for(person, public_of(SEED), province, now_ms=NOW_MS, days=1).not_after_ms == NOW_MS + DAY_MS


def test_the_person_of_a_certificate_is_the_one_of_the_register(province: Register) -> None:
    """The key says person, roles, office, agency and highest mark."""
    ring = founded(province)
    person = province.person_by_login["vanthu1"]
    raw = authority().certify(
        grant_for(person, public_of(SEED), province, now_ms=NOW_MS, device=b"scanner1"), now_ms=NOW_MS
    )
    ring.apply(Entry(99, admit(raw, ring=ring, net=NET), NOW_MS))
    found = list(ring)[-1]
    assert (found.person, found.roles, found.agency) == (person.id, person.roles, 1)
    assert (found.offices, found.secrecy_max, found.device) == ((CENTRE,), 1, b"scanner1")


def test_an_ordinary_key_certifies_nobody(province: Register) -> None:
    """A clerk's key in the wrong hands must not make keys (K08)."""
    ring = founded(province)
    person = province.person_by_login["giaodich1"]
    grant = grant_for(person, public_of(SEED), province, now_ms=NOW_MS)
    ring.apply(Entry(99, admit(authority().certify(grant, now_ms=NOW_MS), ring=ring, net=NET), NOW_MS))
    accomplice = replace(grant, public=public_of(bytes(32)), person=bytes(8))
    with pytest.raises(SignatureError, match="may not write this entry"):
        admit(authority(SEED).certify(accomplice, now_ms=NOW_MS), ring=ring, net=NET)


def test_a_revocation_says_since_when(province: Register) -> None:
    """What was signed between theft and report is in doubt (K05)."""
    ring = founded(province)
    person = province.person_by_login["buuta1"]
    grant = grant_for(person, public_of(SEED), province, now_ms=NOW_MS)
    ring.apply(Entry(98, admit(authority().certify(grant, now_ms=NOW_MS), ring=ring, net=NET), NOW_MS))
    kid = list(ring)[-1].kid
    raw = authority().revoke(kid, now_ms=NOW_MS + 9, compromised_ms=NOW_MS + 5)
    ring.apply(Entry(99, admit(raw, ring=ring, net=NET), NOW_MS + 9))
    found = ring.get(kid)
    assert found is not None
    assert (found.revoked_index, found.compromised_ms) == (99, NOW_MS + 5)


@pytest.mark.parametrize("login, count", [("giaodich1", 1), ("vanthu1", 1), ("buuta1", 7), ("buuta26", 2)])
def test_who_travels_counts_at_both_ends_of_the_routes(province: Register, login: str, count: int) -> None:
    """A courier hands over at other offices; a clerk signs at the own one alone."""
    person = province.person_by_login[login]
    places = offices_of(person, province)
    assert places[0] == person.office
    assert len(places) == count
