"""What the pages ask of the views: items by number, the wall, search. Views are answers, never evidence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import sqlalchemy as sa

from custody.network import Network
from custody.overdue import stuck_since_ms
from custody.policy import Policy
from db import schema
from db.engine import reading

__all__ = [
    "FindingRow",
    "ItemRow",
    "broken_items",
    "certificates_of",
    "findings_of",
    "item_by_number",
    "item_by_uid",
    "items_of",
    "lies_too_long",
    "offers_to",
    "overdue_items",
    "search_items",
    "state_counts",
    "uid_of_number",
    "unaccepted_offers",
]

_item, _finding, _certificate = schema.item, schema.finding, schema.certificate
_LIVE = ("HELD", "LOADED", "QUAR", "LOST")
_AT_REST = ("HELD", "QUAR", "LOST")
_LIMIT = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemRow:
    """One row of the view `item`; ids as bytes, clocks in unix ms UTC, state and verdict as names."""

    uid: bytes
    number: str
    state: str
    seq: int
    head: bytes
    custodian: bytes | None
    offeree: bytes | None
    offeree_code: int | None
    offer_id: bytes | None
    offered_ms: int | None
    offer_expires_ms: int | None
    is_returning: int
    instance: int
    label_digest: bytes | None
    seal_commitment: bytes | None
    kind: int | None
    secrecy: int | None
    urgency: int | None
    due_ms: int | None
    sender: int | None
    recipient: int | None
    only_named: int | None
    issuer: bytes | None
    office: int | None
    verdict: str
    held: int
    registered_ms: int | None
    moved_ms: int | None
    last_idx: int
    last_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingRow:
    """One row of the view `finding`."""

    uid: bytes
    n: int
    id: bytes
    code: str
    severity: str
    idx: int
    detail: str
    resolved_idx: int | None


_COLUMNS = [_item.c[f.name] for f in fields(ItemRow)]


def uid_of_number(engine: sa.Engine, number: str) -> bytes | None:
    """Return the uid of the newest item with this number, or None."""
    found = item_by_number(engine, number)
    return found.uid if found else None


def item_by_number(engine: sa.Engine, number: str) -> ItemRow | None:
    """Return the newest item with this number, or None; numbers come back after their reuse period."""
    found = _items(engine, [_item.c.number == number], [_item.c.last_idx.desc()], limit=1)
    return found[0] if found else None


def item_by_uid(engine: sa.Engine, uid: bytes) -> ItemRow | None:
    """Return an item, or None."""
    found = _items(engine, [_item.c.uid == uid], [], limit=1)
    return found[0] if found else None


def broken_items(engine: sa.Engine, *, limit: int = _LIMIT) -> list[ItemRow]:
    """List broken and questioned items, broken first, newest first."""
    where = [_item.c.verdict.in_(("BROKEN", "QUESTIONED"))]
    return _items(engine, where, [_item.c.verdict, _item.c.last_ms.desc()], limit=limit)


def unaccepted_offers(
    engine: sa.Engine, *, now_ms: int, policy: Policy | None = None, limit: int = _LIMIT
) -> list[ItemRow]:
    """List offers that nobody has taken within the policy's time (S05), oldest first."""
    before_ms = now_ms - (policy or Policy()).offer_open_ms
    where = [_item.c.state == "OFFERED", _item.c.offered_ms < before_ms]
    return _items(engine, where, [_item.c.offered_ms], limit=limit)


def overdue_items(
    engine: sa.Engine, *, now_ms: int, network: Network | None = None, limit: int = _LIMIT
) -> list[ItemRow]:
    """List items with which nothing has happened within the policy's time (S07), oldest first."""
    where = [lies_too_long(network or Network(), now_ms)]
    return _items(engine, where, [_item.c.moved_ms], limit=limit)


def lies_too_long(network: Network, now_ms: int, times: int = 1) -> sa.ColumnElement[bool]:
    """Return the condition that nothing has happened to an item for so many times the policy's time (S07).

    Where the log says the hours of the office at which it is, working time counts. What was loaded, and is in no
    closed container any more, should have come out of it.
    """
    lies = sa.or_(
        sa.and_(_item.c.state.in_(_AT_REST), _item.c.is_container == 0),
        sa.and_(_item.c.state == "LOADED", _item.c.container.is_(None)),
    )
    plain_ms, by_office = stuck_since_ms(network, now_ms, times)
    since_ms = sa.case(by_office, value=_item.c.office, else_=plain_ms) if by_office else plain_ms
    return sa.and_(lies, _item.c.moved_ms <= since_ms)


def items_of(engine: sa.Engine, person: bytes, *, limit: int = _LIMIT) -> list[ItemRow]:
    """List what a person answers for now, longest held first."""
    where = [_item.c.custodian == person, _item.c.state.in_((*_LIVE, "OFFERED"))]
    return _items(engine, where, [_item.c.moved_ms], limit=limit)


def offers_to(
    engine: sa.Engine, person: bytes, *, codes: Sequence[int] = (), limit: int = _LIMIT
) -> list[ItemRow]:
    """List what is offered to a person, or to one of the offices or agencies in *codes*, oldest first."""
    mine = [_item.c.offeree == person]
    if codes:
        mine.append(_item.c.offeree_code.in_(list(codes)))
    return _items(engine, [_item.c.state == "OFFERED", sa.or_(*mine)], [_item.c.offered_ms], limit=limit)


def search_items(  # noqa: PLR0913 -- one argument a condition
    engine: sa.Engine,
    *,
    number: str = "",
    states: Sequence[str] = (),
    verdicts: Sequence[str] = (),
    office: int | None = None,
    agency: int | None = None,
    since_ms: int | None = None,
    limit: int = _LIMIT,
    offset: int = 0,
) -> list[ItemRow]:
    """List items, last moved first; every condition given must hold.

    Args:
        engine: where the site is stored.
        number: part of the number; blanks and case ignored.
        states: names of states.
        verdicts: names of verdicts.
        office: where the last custody event took place.
        agency: sender or recipient.
        since_ms: moved at or after.
        limit: at most so many.
        offset: leave out so many.
    """
    where: list[sa.ColumnElement[bool]] = []
    part = "".join(number.split()).upper()
    if part:
        where.append(_item.c.number.contains(part, autoescape=True))
    if states:
        where.append(_item.c.state.in_(list(states)))
    if verdicts:
        where.append(_item.c.verdict.in_(list(verdicts)))
    if office is not None:
        where.append(_item.c.office == office)
    if agency is not None:
        where.append(sa.or_(_item.c.sender == agency, _item.c.recipient == agency))
    if since_ms is not None:
        where.append(_item.c.last_ms >= since_ms)
    return _items(engine, where, [_item.c.last_ms.desc(), _item.c.uid], limit=limit, offset=offset)


def findings_of(engine: sa.Engine, uid: bytes) -> list[FindingRow]:
    """List an item's findings in the order they were opened."""
    query = sa.select(_finding).where(_finding.c.uid == uid).order_by(_finding.c.n)
    with reading(engine) as conn:
        return [FindingRow(**row) for row in conn.execute(query).mappings()]


def state_counts(engine: sa.Engine) -> dict[tuple[str, str], int]:
    """Count items by (state, verdict)."""
    query = sa.select(_item.c.state, _item.c.verdict, sa.func.count()).group_by(
        _item.c.state, _item.c.verdict
    )
    with reading(engine) as conn:
        return {(state, verdict): count for state, verdict, count in conn.execute(query)}


def certificates_of(engine: sa.Engine, person: bytes) -> list[dict[str, Any]]:
    """List a person's certificates as rows of the view, newest first."""
    query = sa.select(_certificate).where(_certificate.c.person == person).order_by(_certificate.c.idx.desc())
    with reading(engine) as conn:
        return [dict(row) for row in conn.execute(query).mappings()]


def _items(
    engine: sa.Engine,
    where: Sequence[sa.ColumnElement[bool]],
    order: Sequence[Any],
    *,
    limit: int,
    offset: int = 0,
) -> list[ItemRow]:
    query = sa.select(*_COLUMNS).where(*where).order_by(*order).limit(limit).offset(offset)
    with reading(engine) as conn:
        return [ItemRow(**row) for row in conn.execute(query).mappings()]
