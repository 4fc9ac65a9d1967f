"""Whom alone an item may be opened by ("Chỉ người có tên mới được bóc bì"): the name that the counter was told.

It is personal data: kept beside the log, which has only that there is such a person, and erasable. Told to who holds
the item, and to the body it goes to.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from custody.event import Entry, EventType, Field
from db import schema
from db.engine import reading, writing

__all__ = ["Named", "erase_named", "named_of", "taken_by_others"]

_named, _item, _certificate = schema.named, schema.item, schema.certificate
_EXPRESS, _NAMED_ABSENT = 1, 7  # fields URGENCY and REASON: the one exception, by who leads the body (E13)


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Who alone may open an item.

    Attributes:
        uid: 8 bytes, of the item.
        name: as it stands on the cover.
        duty: position, or "".
        person: 8-byte person id, where it is somebody who signs in here; else None.
        kept_by: person id of the clerk.
    """

    uid: bytes
    name: str
    duty: str = ""
    person: bytes | None = None
    kept_by: bytes
    at_ms: int


def named_of(engine: sa.Engine, uids: Collection[bytes]) -> dict[bytes, Named]:
    """Return who is named, by item."""
    with reading(engine) as conn:
        rows = conn.execute(sa.select(_named).where(_named.c.uid.in_(uids))).mappings()
        return {row["uid"]: Named(**row) for row in rows}


def erase_named(engine: sa.Engine, uid: bytes) -> None:
    """Erase the name; that only one person may open the item stays in the log."""
    with writing(engine) as conn:
        conn.execute(_named.delete().where(_named.c.uid == uid))


def taken_by_others(
    conn: sa.Connection, deliveries: Sequence[tuple[bytes, Entry]]
) -> list[tuple[bytes, Entry]]:
    """Return those of the items, with their DELIVERs, that somebody took who is known not to be the one named.

    Known is who signed: the recipient's own key, or the badge on the courier's device. Not so where a Hỏa tốc item was
    taken for a named person who is absent, with that reason; nor where it went back to its sender.
    """
    query = (
        sa.select(_named.c.uid, _named.c.person, _item.c.urgency)
        .join(_item, _item.c.uid == _named.c.uid)
        .where(
            _named.c.uid.in_({uid for uid, _ in deliveries}),
            _named.c.person.is_not(None),
            _item.c.only_named == 1,
            _item.c.is_returning == 0,
        )
    )
    known = {row.uid: row for row in conn.execute(query)}
    found = []
    for uid, entry in deliveries:
        if (row := known.get(uid)) is None:
            continue
        is_instead = row.urgency == _EXPRESS and entry.event.fields.get(Field.REASON) == _NAMED_ABSENT
        taker = _taker(conn, entry)
        if taker is not None and taker != row.person and not is_instead:
            found.append((uid, entry))
    return found


def _taker(conn: sa.Connection, entry: Entry) -> bytes | None:
    """Return who received by their own signature, or None where nobody's key says so."""
    event = entry.event
    if event.type is not EventType.DELIVER:
        return None
    if event.second_kid is None:
        return None if event.fields.get(Field.PROOF) else event.actor
    query = sa.select(_certificate.c.person).where(_certificate.c.kid == event.second_kid)
    person: bytes | None = conn.execute(query.order_by(_certificate.c.idx.desc()).limit(1)).scalar()
    return person
