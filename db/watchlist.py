"""What is to be looked at beside items: devices with something missing, and pairs that sign exceptions together.

Drawn from the views as of a moment; in no item's verdict. Whoever asks decides who may see it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from custody.admission import verify_event
from custody.device import DeviceChain, Sign, sign_of
from custody.errors import CustodyError
from custody.event import Entry, EventType, parse_event
from custody.findings import Finding
from custody.keys import Certificate
from custody.machine import TERMINAL
from custody.pairs import EXCEPTIONS, WINDOW_MS, patterns
from custody.rules import MARKS
from db import schema
from db.chains import Rules
from db.engine import reading
from db.memory import system_entries
from db.store import last_checkpoint

__all__ = ["Watched", "device_findings", "pair_findings", "warnings_of"]

_entry, _device, _device_entry = schema.entry, schema.device, schema.device_entry
_item, _finding, _refused = schema.item, schema.finding, schema.refused
_MOST = 5_000  # exceptions, and refused entries, that are looked at
_OF_KID = (
    sa.select(_device_entry.c.dseq, _device_entry.c.idx, _entry.c.id, _entry.c.t_int, _entry.c.type)
    .join(_entry, _entry.c.idx == _device_entry.c.idx)
    .where(_device_entry.c.kid == sa.bindparam("kid"))
    .order_by(_device_entry.c.idx)
)
_AT = sa.select(_entry.c.idx, _entry.c.body, _entry.c.t_int).where(_entry.c.idx == sa.bindparam("index"))
_HOLDERS = sa.select(_item.c.custodian).where(
    _item.c.custodian.is_not(None), _item.c.state.not_in([state.name for state in TERMINAL])
)


@dataclass(frozen=True, slots=True)
class Watched:
    """A finding that is no item's.

    Attributes:
        finding: what it is; `uid` names the device's key, or the pair.
        people: who it is about: the device's person, or the two.
    """

    finding: Finding
    people: tuple[bytes, ...]


def device_findings(
    conn: sa.Connection, rules: Rules, now_ms: int, *, with_ended: bool = False
) -> list[Watched]:
    """Return what is wrong with devices as of a moment (D02-D05), the gravest first.

    Args:
        conn: a snapshot.
        rules: keys and limits as of now.
        now_ms: the moment.
        with_ended: keys too that were revoked: somebody has decided about those, and nothing more will come of them.
    """
    policy = rules.policy
    silent = _silent(conn, rules, now_ms)
    found: list[Watched] = []
    for row in conn.execute(sa.select(_device).order_by(_device.c.kid)):
        certificate = rules.ring.get(row.kid)
        has_ended = certificate is None or not certificate.lives()
        has_gaps = row.places <= row.dseq
        if has_ended and not (with_ended and has_gaps):
            continue
        if not (has_gaps or policy.app or row.kid in silent):
            continue
        chain = DeviceChain(row.kid)
        for sign in _signs(conn, row, whole=has_gaps, newest=bool(policy.app)):
            chain.add(sign)
        is_asked = row.kid in silent and not has_ended
        codes = chain.findings(now_ms, policy, holding=is_asked)
        if any(one.code in ("D02", "D03") for one in codes) and certificate:
            explained = _refused_places(conn, certificate)
            codes = chain.findings(now_ms, policy, holding=is_asked, explained=explained)
        people = (certificate.person,) if certificate else ()
        found += [Watched(one, people) for one in codes if not has_ended or one.code in ("D02", "D03")]
    return sorted(found, key=_gravest_first)


def pair_findings(conn: sa.Connection, rules: Rules, now_ms: int) -> list[Watched]:
    """Return the pairs that sign many exceptions together (P08), those with most first."""
    codes = [MARKS[kind] for kind in EXCEPTIONS]
    query = (
        sa.select(_entry.c.idx, _entry.c.body, _entry.c.t_int)
        .join(_finding, _finding.c.idx == _entry.c.idx)
        .where(_finding.c.code.in_(codes), _entry.c.t_int >= now_ms - WINDOW_MS)
        .distinct()
        .order_by(_entry.c.idx.desc())
        .limit(_MOST)
    )
    entries = [Entry(row.idx, parse_event(row.body), row.t_int) for row in conn.execute(query)]
    found = patterns(reversed(entries), rules.ring, rules.policy, now_ms)
    return [Watched(one.finding, (one.person, one.partner)) for one in found]


def warnings_of(engine: sa.Engine) -> list[str]:
    """Return, one line each, what is to be looked at as of the newest checkpoint; ended keys too.

    Raises:
        LedgerError, FormatError: the log is not what it was; the audit says where.
    """
    with reading(engine) as conn:
        newest = last_checkpoint(conn)
        if newest is None:
            return []
        rules = system_entries(conn)
        devices = device_findings(conn, rules, newest.time_ms, with_ended=True)
        pairs = pair_findings(conn, rules, newest.time_ms)
    lines = [(one.finding, f"device {one.finding.uid.hex()}") for one in devices]
    lines += [(one.finding, " and ".join(person.hex() for person in one.people)) for one in pairs]
    return [f"{f.code} {who}: {f.kind.text} ({f.detail})" for f, who in lines]


def _signs(conn: sa.Connection, row: Any, *, whole: bool, newest: bool) -> Iterator[Sign]:
    """Yield what is needed of a device: all its places where some are missing, else its newest entry alone."""
    if whole:
        for one in conn.execute(_OF_KID, {"kid": row.kid}):
            is_head = one.type == EventType.DEVICE_HEAD
            yield Sign(index=one.idx, id=one.id, logged_ms=one.t_int, place=one.dseq, is_head=is_head)
    if newest or not whole:
        last = conn.execute(_AT, {"index": row.idx}).one()
        sign = sign_of(Entry(last.idx, parse_event(last.body), last.t_int))
        yield Sign(
            index=sign.index, id=sign.id, logged_ms=sign.logged_ms, place=None, is_head=False, app=sign.app
        )


def _silent(conn: sa.Connection, rules: Rules, now_ms: int) -> set[bytes]:
    """Return the keys by which holders of items were heard of last, where that is too long ago."""
    holders = set(conn.execute(_HOLDERS.distinct()).scalars())
    newest: dict[bytes, tuple[int, bytes]] = {}
    for kid, ms in conn.execute(sa.select(_device.c.kid, _device.c.ms)):
        certificate = rules.ring.get(kid)
        if certificate and certificate.person in holders and certificate.lives():
            newest[certificate.person] = max(newest.get(certificate.person, (0, b"")), (ms, kid))
    return {kid for ms, kid in newest.values() if now_ms - ms > rules.policy.silent_ms}


def _refused_places(conn: sa.Connection, certificate: Certificate) -> set[int]:
    """Return the places of entries that this key signed, and the log did not take.

    The signature is verified: else who drops an entry could explain the hole with any bytes.
    """
    query = sa.select(_refused.c.body).where(_refused.c.kid == certificate.kid).limit(_MOST)
    return set(_verified_places(conn.execute(query).scalars(), certificate))


def _verified_places(bodies: Iterable[bytes], certificate: Certificate) -> Iterator[int]:
    for body in bodies:
        try:
            event = parse_event(body)
            verify_event(event, certificate.public)
        except CustodyError:
            continue
        if event.device_link:
            yield event.device_link[0]


def _gravest_first(one: Watched) -> tuple[int, int]:
    return "CHMLI".index(one.finding.severity.value), -one.finding.index
