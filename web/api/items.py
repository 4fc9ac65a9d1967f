"""GET /api/v1/items/NUMBER and its evidence file, for those whom the item concerns."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, request

from custody.errors import NumberError
from custody.s10 import pack_number
from db import desk
from db.dossier import dossier_of
from db.named import named_of
from web.access import OVERSEERS, check_standing
from web.api.itemjson import Known, Standing, item_json
from web.itemview import Folded, Names, fold, item_by_number, people_in
from web.labelling import label_of
from web.problems import ProblemError
from web.service import gate, service, viewer

__all__ = ["chain_of", "find", "register"]


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


@gate()
def item(number: str) -> dict[str, Any]:
    """Show an item; a courier of the same office sees what a scan needs, without sender and recipient."""
    found, standing = find(number)
    made, who, row = service(), viewer(), found.row
    if standing != "part":
        desk.log_access(made.engine, person=who.id, action="look", subject=number, at_ms=made.now())
    is_holder = row["custodian"] == who.id
    return item_json(
        made,
        who,
        row,
        standing=Standing(
            sees_ends=standing != "hand",
            is_holder=is_holder,
            opens=is_holder,
            held=found.held,
            graver=found.graver,
        ),
        known=Known(
            names=Names(made, people_in([row])),
            label=label_of(found),
            verdict=found.judgement.verdict.value,
            findings=[
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
            named=named_of(made.engine, [row["uid"]]).get(row["uid"]) if row["only_named"] else None,
        ),
    )


@gate(*OVERSEERS)
def dossier(number: str) -> Response:
    """Give the evidence file; the export is written down first (E6)."""
    found, _standing = find(number)
    made = service()
    desk.log_access(made.engine, person=viewer().id, action="export", subject=number, at_ms=made.now())
    response = Response(dossier_of(made.site, found.row["uid"]), mimetype="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{number}.dossier.zip"'
    return response
