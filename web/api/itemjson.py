"""An item as the API gives it: one shape, whether it is asked for alone or comes with the day of a device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from custody.label import Label
from db import containers, people
from db.named import Named
from web.access import actions_of, is_addressee, pairs_for
from web.accounts import Viewer
from web.itemview import Names
from web.service import Service

__all__ = ["Known", "Standing", "item_json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How somebody stands towards an item, and so what is told of it.

    Attributes:
        sees_ends: sender, recipient and label are theirs to see.
        is_holder: they hold it, or must know what its holder knows: whom to call, and for whom alone it is.
        opens: they may have to take out what is in it.
        held: unresolved grave findings hold the next release.
        graver: there are findings that supervisors can decide on.
    """

    sees_ends: bool = True
    is_holder: bool
    opens: bool
    held: bool
    graver: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is not in an item's row.

    Attributes:
        names: of the people and places that the row names.
        label: the label that counts, or None.
        verdict: as of now.
        findings: as they are shown.
        named: whom alone it may be opened by, where the counter was told.
    """

    names: Names
    label: Label | None
    verdict: str
    findings: list[dict[str, Any]]
    named: Named | None


def item_json(
    made: Service, who: Viewer, row: sa.RowMapping, *, standing: Standing, known: Known
) -> dict[str, Any]:
    """Show an item of the view to somebody."""
    names, label, named = known.names, known.label, known.named
    inside = containers.loaded_in(made.engine, row["uid"]) if row["is_container"] and standing.opens else []
    marks = {row["secrecy"] or 0, *(one.secrecy for one in inside)}
    sees = standing.sees_ends
    return {
        "number": row["number"],
        "uid": row["uid"].hex(),
        "state": row["state"],
        "seq": row["seq"],
        "head": row["head"].hex(),
        "custodian": _named(names, row["custodian"]),
        "offer": _offer(row, names),
        "instance": row["instance"],
        "label": {"digits": label.digits} if label and sees else None,
        "seal_commitment": (row["seal_commitment"] or b"").hex() or None,
        "kind": row["kind"],
        "is_container": bool(row["is_container"]),
        "container": containers.number_of(made.engine, row["container"]) if sees else None,
        "secrecy": row["secrecy"],
        "urgency": row["urgency"],
        "due_ms": row["due_ms"],
        "sender": _place(names, row["sender"]) if sees else None,
        "recipient": _place(names, row["recipient"]) if sees else None,
        "only_named": bool(row["only_named"]),
        "named": _named_person(named) if named and (standing.is_holder or is_addressee(who, row)) else None,
        "is_returning": bool(row["is_returning"]),
        "destination": _place(names, names.served_by.get(_goes_to(row))) if sees else None,
        "contacts": _contacts(made, row, names) if standing.is_holder else [],
        "contents": [_inside_json(one) for one in inside],
        "two_couriers": pairs_for(made.site.ledger.rules.network.policy, marks),
        "verdict": known.verdict,
        "findings": known.findings,
        "held": standing.held,
        "actions": actions_of(who, row, held=standing.held, graver=standing.graver),
    }


def _goes_to(row: sa.RowMapping) -> int:
    return int(row["sender" if row["is_returning"] else "recipient"] or 0)


def _named(names: Names, person: bytes | None) -> dict[str, str] | None:
    return {"id": person.hex(), "name": names.person(person)} if person else None


def _named_person(one: Named) -> dict[str, str | None]:
    return {"id": one.person.hex() if one.person else None, "name": one.name, "duty": one.duty}


def _place(names: Names, code: int | None) -> dict[str, Any] | None:
    return {"code": code, "name": names.place(code)} if code else None


def _offer(row: sa.RowMapping, names: Names) -> dict[str, Any] | None:
    if row["offer_id"] is None:
        return None
    taker = row["offeree"].hex() if row["offeree"] else str(row["offeree_code"])
    return {
        "id": row["offer_id"].hex(),
        "giver": _named(names, row["custodian"]),
        "taker": {"id": taker, "name": names.taker(row["offeree"], row["offeree_code"])},
        "expires_ms": row["offer_expires_ms"],
    }


def _contacts(made: Service, row: sa.RowMapping, names: Names) -> list[dict[str, str]]:
    """Give whom to call at the agency that it goes to when its office is closed (A8); for the holder's eyes."""
    if _goes_to(row) not in names.agencies:
        return []
    return [
        {"name": one.name, "duty": one.duty or "", "phone": one.phone or "", "hours": one.hours or ""}
        for one in people.contacts(made.engine, _goes_to(row))
    ]


def _inside_json(one: containers.Loaded) -> dict[str, Any]:
    """Give what taking a thing out of a bag needs, and neither sender nor recipient; for the holder's device."""
    return {
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
