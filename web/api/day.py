"""GET /api/v1/day: what a shift of the signed-in person needs where there is no network (ADR 20).

Everything in it the person may see without it: their items by the rules of `web.access`, the people of
`GET /api/v1/people`, and the certificates by which a device knows signatures. It is bounded, and says where it was cut.
"""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, jsonify, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody.findings import CATALOGUE
from db import daybook, registration, schema
from db.engine import reading
from db.named import named_of
from web.access import knows_as_recipient, standing_of, to_carry
from web.accounts import Viewer, people_by
from web.api.devices import label_keys, person_json
from web.api.itemjson import Known, Standing, item_json
from web.api.people import TAKERS
from web.itemview import Names, people_in, verdict_now
from web.problems import ProblemError
from web.service import Service, gate, limit, service, viewer

__all__ = ["register"]

ITEMS, PEOPLE, KEYS = 300, 400, 2_000
"""At most so many in one answer."""
_MOST_INDEX = 1 << 48
_GRAVE = ("C", "H")
_item, _person = schema.item, schema.person


def register(api: Blueprint) -> None:
    """Add the views."""
    api.get("/day")(day)


@gate()
def day() -> Response:
    """Give the day; 304 where nothing of it has changed but the clock."""
    limit("day", per_minute=60)
    made, who, since = service(), viewer(), request.args.get("since", "0")
    if not since.isascii() or not since.isdigit() or int(since) > _MOST_INDEX:
        raise ProblemError("bad-request", _("since is not an index of the log"))
    body = _day(made, who, int(since))
    etag = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()[:32]
    response = jsonify(body | {"now_ms": made.now()})
    response.set_etag(etag)
    response.headers["Vary"] = "Cookie"
    return response.make_conditional(request)


def _day(made: Service, who: Viewer, since: int) -> dict[str, Any]:
    head = made.site.ledger.newest()  # before the items: they know of all that this counts
    rows = _rows(made, who)
    entries = daybook.key_entries(made.engine, since=since, now_ms=made.now(), limit=KEYS)
    return {
        "person": who.id.hex(),  # a page of somebody else, still open in the same browser, must not keep it
        "items": _items(made, who, rows[:ITEMS]),
        "more": len(rows) > ITEMS,
        "people": _people(made, who, rows[:ITEMS]),
        "label_keys": label_keys(made),
        "checkpoint": {"size": head.size, "root": head.root.hex(), "note": head.note},
        "roots": sorted(kid.hex() for kid in made.site.ledger.rules.ring.founders),
        "system": {
            "since": since,
            "entries": [
                {
                    "index": one.index,
                    "logged_ms": one.logged_ms,
                    "entry": base64.urlsafe_b64encode(one.body).rstrip(b"=").decode(),
                }
                for one in entries
            ],
        },
    }


def _rows(made: Service, who: Viewer) -> list[sa.RowMapping]:
    """Return the items to carry: on the person's own hands or offered to them first, then the newest."""
    own = sa.case((sa.or_(_item.c.custodian == who.id, _item.c.offeree == who.id), 0), else_=1)
    query = sa.select(_item).where(to_carry(who)).order_by(own, _item.c.last_ms.desc()).limit(ITEMS + 1)
    with reading(made.engine) as conn:
        found = conn.execute(query).mappings().all()
    return [row for row in found if standing_of(who, row) == "part"]


def _items(made: Service, who: Viewer, rows: list[sa.RowMapping]) -> list[dict[str, Any]]:
    uids = [row["uid"] for row in rows]
    with reading(made.engine) as conn:
        waiting = set(conn.execute(registration.held_uids().where(schema.mismatch.c.uid.in_(uids))).scalars())
    known = {
        "labels": daybook.labels_of(made.engine, {row["label_digest"] for row in rows}, uids),
        "findings": daybook.open_findings(made.engine, uids),
        "named": named_of(made.engine, [row["uid"] for row in rows if row["only_named"]]),
        "seized": daybook.quarantined(made.engine, uids),
        "waiting": waiting,
        "names": Names(made, people_in(rows)),
    }
    return [_item_json(made, who, row, known) for row in rows]


def _item_json(made: Service, who: Viewer, row: sa.RowMapping, known: dict[str, Any]) -> dict[str, Any]:
    """Show an item as `GET /api/v1/items/NUMBER` does, and what only a device alone has to know."""
    found, why = known["findings"].get(row["uid"], []), _why(who, row)
    shown = item_json(
        made,
        who,
        row,
        standing=Standing(
            is_holder=_holds(made, who, row),
            opens=why in {"held", "offered"},
            held=bool(row["held"]) or row["uid"] in known["waiting"],
            graver=any(one["severity"] in _GRAVE for one in found),
        ),
        known=Known(
            names=known["names"],
            label=known["labels"].get(row["label_digest"]),
            verdict=verdict_now(row, made.site.ledger.rules.network, made.now()),
            findings=[_finding_json(one) for one in found],
            named=known["named"].get(row["uid"]),
        ),
    )
    return shown | {"why": why, "before": "QUAR" if row["uid"] in known["seized"] else "HELD"}


def _holds(made: Service, who: Viewer, row: sa.RowMapping) -> bool:
    """Say whether who holds an item, or is the courier who may take it over by now, with no network (ADR 27)."""
    is_open = row["offeree"] == who.id and (row["offer_expires_ms"] or 0) > made.now()
    return bool(row["custodian"] == who.id or (is_open and who.has("courier")))


def _why(who: Viewer, row: sa.RowMapping) -> str:
    if row["custodian"] == who.id:
        return "held"
    if row["offeree"] == who.id or row["offeree_code"] in {who.office, who.agency} - {None}:
        return "offered"
    return "agency" if who.agency is not None and row["recipient"] == who.agency else "office"


def _finding_json(row: sa.RowMapping) -> dict[str, Any]:
    kind = CATALOGUE[row["code"]]
    return {
        "id": row["id"].hex(),
        "code": row["code"],
        "severity": row["severity"],
        "title": _(kind.text),
        "advice": _(kind.advice),
        "resolved": False,
    }


def _people(made: Service, who: Viewer, rows: list[sa.RowMapping]) -> list[dict[str, Any]]:
    """List who may take an item from this person or give them one, with the keys that sign for them now."""
    ids = people_in(rows) - {who.id}
    near: sa.ColumnElement[bool] = _person.c.id.in_(ids)
    if who.has("recipient"):
        near = sa.or_(near, knows_as_recipient(who))
    if who.has("issuer", "clerk", "courier", "supervisor", "security"):
        bodies = sa.select(schema.agency.c.code).where(schema.agency.c.office == who.office)
        going = {row["sender" if row["is_returning"] else "recipient"] for row in rows} - {None}
        near = sa.or_(
            near, _person.c.office == who.office, _person.c.agency.in_(going), _person.c.agency.in_(bodies)
        )
    found = people_by(made.engine, near, _person.c.id != who.id, limit=PEOPLE)
    return [
        person_json(one) | {"kids": _kids(made, one.id)} for one in found if one.id in ids or one.has(*TAKERS)
    ]


def _kids(made: Service, person: bytes) -> list[str]:
    now_ms = made.now()
    ring = made.site.ledger.rules.ring
    return [
        one.kid.hex() for one in ring.of_person(person) if one.lives(now_ms) and not one.countersigns_only
    ]
