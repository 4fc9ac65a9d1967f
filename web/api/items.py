"""GET /api/v1/items/NUMBER and its evidence file, for those whom the item concerns."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, request

from custody.errors import NumberError
from custody.s10 import pack_number
from db import containers, desk, people
from db.dossier import dossier_of
from web.access import actions_of, check_standing, pairs_for
from web.itemview import Folded, Names, fold, item_by_number
from web.labelling import label_of
from web.problems import ProblemError
from web.service import gate, service, viewer

__all__ = ["chain_of", "contacts_json", "contents_json", "destination_json", "find", "register"]


def register(api: Blueprint) -> None:
    """Add the views."""
    api.get("/items/<number>")(item)
    api.get("/items/<number>/dossier")(dossier)


def find(number: str) -> tuple[Folded, str]:
    """Find an item of a number and how the viewer stands towards it; `?label=` is the digest of a label in hand.

    Raises:
        ProblemError: not-found for what is no number, forbidden for what is not theirs or not there.
    """
    found = chain_of(number)
    row = found.row if found is not None else None
    has_label = found is not None and request.args.get("label", "") in {
        d.hex() for d in found.chain.item.labels
    }
    standing = check_standing(viewer(), row, has_label=has_label)
    if found is None:
        raise ProblemError("forbidden")
    return found, standing


def chain_of(number: str) -> Folded | None:
    """Find an item of a number, whatever the viewer may see of it: for who has signed in it, and gets nothing of it.

    Raises:
        ProblemError: not-found for what is no number.
    """
    try:
        pack_number(number)
    except NumberError:
        raise ProblemError("not-found") from None
    row = item_by_number(service(), number)
    return fold(service(), row) if row is not None else None


def _named(names: Names, person: bytes | None) -> dict[str, str] | None:
    return {"id": person.hex(), "name": names.person(person)} if person else None


def _offer(found: Folded, names: Names) -> dict[str, Any] | None:
    offer, row = found.chain.item.offer, found.row
    if offer is None:
        return None
    taker = {"id": (row["offeree"] or b"").hex(), "name": names.taker(row["offeree"], row["offeree_code"])}
    return {
        "id": offer.event.id.hex(),
        "giver": _named(names, offer.event.actor),
        "taker": taker,
        "expires_ms": row["offer_expires_ms"],
    }


def contacts_json(row: sa.RowMapping, names: Names) -> list[dict[str, str]]:
    """Give whom to call at the agency that it goes to when its office is closed (A8); for the holder's eyes."""
    goes_to = row["sender"] if row["is_returning"] else row["recipient"]
    if goes_to not in names.agencies:
        return []
    return [
        {"name": one.name, "duty": one.duty or "", "phone": one.phone or "", "hours": one.hours or ""}
        for one in people.contacts(service().engine, goes_to)
    ]


def contents_json(inside: list[containers.Loaded]) -> list[dict[str, Any]]:
    """Give what taking each thing out of a bag needs, and neither sender nor recipient; for the holder's device."""
    return [
        {
            "uid": one.ref.uid.hex(),
            "number": one.number,
            "seq": one.seq,
            "head": one.head.hex(),
            "inside": True,
            "leaf": [one.leaf[0], one.leaf[1].hex(), [step.hex() for step in one.leaf[2]]],
            "went_in": [one.ref.seq, one.ref.prev.hex()],
            "instance": one.instance,
            "label_digest": (one.label_digest or b"").hex(),
        }
        for one in inside
    ]


def destination_json(row: sa.RowMapping, names: Names) -> dict[str, Any] | None:
    """Give the office that serves the agency it goes to; of what is sent back, that of the sender."""
    goes_to = row["sender"] if row["is_returning"] else row["recipient"]
    office = names.served_by.get(goes_to)
    return {"code": office, "name": names.place(office)} if office else None


@gate()
def item(number: str) -> dict[str, Any]:
    """Show an item; a courier of the same office sees what a scan needs, without sender and recipient."""
    found, standing = find(number)
    row, who, is_part = found.row, viewer(), standing != "hand"
    ids = {row["custodian"], row["offeree"]} - {None}
    if found.chain.item.offer:
        ids.add(found.chain.item.offer.event.actor)
    names = Names(service(), ids)
    if standing != "part":
        desk.log_access(service().engine, person=who.id, action="look", subject=number, at_ms=service().now())
    label = label_of(found) if is_part else None
    is_holder = row["custodian"] == who.id
    inside = containers.loaded_in(service().engine, row["uid"]) if row["is_container"] and is_holder else []
    marks = {row["secrecy"] or 0, *(one.secrecy for one in inside)}

    def place(code: int | None) -> dict[str, Any] | None:
        return {"code": code, "name": names.place(code)} if is_part and code else None

    return {
        "number": row["number"],
        "uid": row["uid"].hex(),
        "state": row["state"],
        "seq": row["seq"],
        "head": row["head"].hex(),
        "custodian": _named(names, row["custodian"]),
        "offer": _offer(found, names),
        "instance": row["instance"],
        "label": {"digits": label.digits} if label else None,
        "seal_commitment": (row["seal_commitment"] or b"").hex() or None,
        "kind": row["kind"],
        "is_container": bool(row["is_container"]),
        "container": containers.number_of(service().engine, row["container"]) if is_part else None,
        "secrecy": row["secrecy"],
        "urgency": row["urgency"],
        "due_ms": row["due_ms"],
        "sender": place(row["sender"]),
        "recipient": place(row["recipient"]),
        "only_named": bool(row["only_named"]),
        "is_returning": bool(row["is_returning"]),
        "destination": destination_json(row, names) if is_part else None,
        "contacts": contacts_json(row, names) if is_holder else [],
        "contents": contents_json(inside),
        "two_couriers": pairs_for(service().site.ledger.rules.network.policy, marks),
        "verdict": found.judgement.verdict.value,
        "findings": [
            {
                "id": one.id,
                "code": one.code,
                "severity": one.severity,
                "title": one.text,
                "advice": one.advice,
                "resolved": one.resolved,
            }
            for one in found.findings
        ],
        "held": found.held,
        "actions": actions_of(who, row, held=found.held, graver=found.graver),
    }


@gate("supervisor", "inspector", "security")
def dossier(number: str) -> Response:
    """Give the evidence file; the export is written down first (E6)."""
    found, _standing = find(number)
    made = service()
    desk.log_access(made.engine, person=viewer().id, action="export", subject=number, at_ms=made.now())
    response = Response(dossier_of(made.site, found.row["uid"]), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.dossier.zip"'
    return response
