"""What is to be looked at beside items, drawn from the views of a site."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from benchmarks.load import Load
from custody.event import EventType, Field, parse_event, sign_event
from custody.merkle import leaf_hash
from custody.policy import limit_numbers
from custody.roles import Role
from db import schema
from db.audit import audit
from db.authority import common_fields
from db.engine import reading, writing
from db.keystore import ENROLMENT
from db.site import Site
from db.watchlist import Watched, device_findings, pair_findings, warnings_of

_FACTS = {"KIND": 1, "SECRECY": 3, "URGENCY": 0, "SENDER": 1, "RECIPIENT": 2, "DECLARED": 0}
_HOUR_MS = 3_600_000
_DAY_MS = 24 * _HOUR_MS


def _devices(site: Site, hours: int, *, with_ended: bool = False) -> list[Watched]:
    now_ms = site.ledger.newest().time_ms + hours * _HOUR_MS
    with reading(site.engine) as conn:
        return device_findings(conn, site.ledger.rules, now_ms, with_ended=with_ended)


def _codes(found: list[Watched]) -> list[tuple[str, bytes]]:
    return [(one.finding.code, one.finding.uid) for one in found]


def _with_gap(site: Site, load: Load) -> bytes:
    """Have the third person's device sign a look that does not arrive, then register something; return the look."""
    item = load.item()
    item.holder = 2
    site.ledger.append([load.register(item)])
    missing = load.sign(load.actors[2], EventType.INSPECT, item)
    item.seq, item.head = 1, leaf_hash(b"")
    other = load.item()
    other.holder = 2
    site.ledger.append([load.register(other)])
    return missing


def _limit(site: Site, **limits: int) -> None:
    numbers = {limit_numbers()[name]: value for name, value in limits.items()}
    fields = common_fields(site, EventType.POLICY) | {Field.LIMITS: numbers}
    site.enter(sign_event(fields, seed=site.keys.read(ENROLMENT)))


def test_a_hole_shows_after_its_time_and_closes(site: Site, load: Load) -> None:
    """D02 on the device's key, with its person; gone when the event comes."""
    missing = _with_gap(site, load)
    early, late = _devices(site, 47), _devices(site, 49)
    site.ledger.append([missing])

    assert "D02" not in {code for code, _ in _codes(early)}
    assert ("D02", load.actors[2].kid) in _codes(late)
    assert {load.actors[2].person} == {one.people[0] for one in late if one.finding.code == "D02"}
    assert "D02" not in {code for code, _ in _codes(_devices(site, 49))}


def test_a_refused_entry_explains_a_hole_only_if_the_key_signed_it(site: Site, load: Load) -> None:
    """The bytes of a refused entry are anybody's; its signature is not."""
    missing = _with_gap(site, load)
    row = {"hash": bytes(32), "code": "E07", "reason": "", "kid": load.actors[2].kid, "at_ms": 0}
    forged = bytearray(missing)
    forged[-1] ^= 1
    with writing(site.engine) as conn:
        conn.execute(schema.refused.insert(), [{**row, "body": bytes(forged)}])
    still = _devices(site, 49)
    with writing(site.engine) as conn:
        conn.execute(schema.refused.insert(), [{**row, "body": missing}])

    assert "D02" in {code for code, _ in _codes(still)}
    assert "D02" not in {code for code, _ in _codes(_devices(site, 49))}


def test_a_report_of_more_than_came_is_a_tail(site: Site, load: Load) -> None:
    """D03, and DEVICE_HEAD takes a place of the device's chain like any event."""
    actor = load.actors[1]
    fields: dict[int, Any] = {
        Field.TYPE: EventType.DEVICE_HEAD,
        Field.NET: site.net,
        Field.T_CLAIM: load.now_ms,
        Field.NONCE: bytes(8),
        Field.ACTOR: actor.person,
        Field.DEVICE: [5, leaf_hash(b"the fifth")],
    }
    result = site.ledger.append([sign_event(fields, seed=actor.seed)])

    assert "stored" == result[0].status
    assert [("D03", actor.kid)] == _codes(_devices(site, 49))


def test_a_revoked_key_waits_for_nobody(site: Site, load: Load) -> None:
    """Somebody has decided about the device; the audit still says what never came."""
    _with_gap(site, load)
    site.revoke(load.actors[2].kid)

    assert load.actors[2].kid not in {kid for _, kid in _codes(_devices(site, 49))}
    assert [("D02", load.actors[2].kid)] == [
        one for one in _codes(_devices(site, 49, with_ended=True)) if one[1] == load.actors[2].kid
    ]


def test_holders_are_asked_for_by_the_device_heard_of_last(site: Site, load: Load) -> None:
    """D04 once for each holder, and not for whoever holds nothing."""
    item = load.item()
    site.ledger.append([load.register(item), load.offer(item, 1), load.accept(item, 1)])

    assert [] == _devices(site, 23)
    assert [("D04", load.actors[1].kid)] == _codes(_devices(site, 25))


def test_an_old_app_is_named(site: Site, load: Load) -> None:
    """D05 by the newest entry of each device."""
    _limit(site, app=2_000_000)
    item = load.item()
    raw = load.sign(
        load.actors[0],
        EventType.REGISTER,
        item,
        **_FACTS,
        LABEL_RAW=item.label,
        APP=1_999_999,
    )
    site.ledger.append([raw])

    assert [("D05", load.actors[0].kid)] == _codes(_devices(site, 1))


def test_a_pair_that_always_signs_together_is_named(site: Site, load: Load) -> None:
    """P08, from the marks of what took effect in the last quarter."""
    clerk, witness = load.actors[0], load.enrol(frozenset({Role.CLERK}))
    load.enrol(frozenset({Role.CLERK}))
    for n in range(9):
        item = load.item()
        item.holder = 0
        site.ledger.append([load.register(item)])
        item.seal = bytes([n]) * 8
        raw = load.sign(clerk, EventType.RESEAL, item)
        again = sign_event(parse_event(raw).fields, seed=clerk.seed, second_seed=witness.seed)
        clerk.dprev = leaf_hash(again)
        site.ledger.append([again])
    now_ms = site.ledger.newest().time_ms
    with reading(site.engine) as conn:
        marks = conn.execute(sa.select(sa.func.count()).where(schema.finding.c.code == "A05")).scalar()
        found = pair_findings(conn, site.ledger.rules, now_ms)
        later = pair_findings(conn, site.ledger.rules, now_ms + 100 * _DAY_MS)

    assert 9 == marks
    assert [("P08", (clerk.person, witness.person))] == [(one.finding.code, one.people) for one in found]
    assert [] == later


def test_the_audit_names_devices_without_calling_them_faults(site: Site, load: Load) -> None:
    """`tram audit` says what to look at; that everything holds is as true as before."""
    _with_gap(site, load)
    _limit(site, gap_ms=0)
    load.now_ms = site.now()
    site.ledger.append(load.chain(1))

    assert audit(site.engine, site.log_keys).holds
    lines = warnings_of(site.engine)
    assert [f"D02 device {load.actors[2].kid.hex()}"] == [line.split(":")[0] for line in lines]
    assert "1 of places 1 to 1" in lines[0]
