"""The start page: what to do now, by role; what is on your hands; what waits for you."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask_babel import gettext as _

from db import schema, sessions
from db.engine import reading
from web.access import OVER
from web.accounts import Viewer
from web.itemview import rows_of
from web.service import gate, service, viewer

__all__ = ["home"]

home = Blueprint("home", __name__)
_item = schema.item


def _jobs(who: Viewer) -> list[dict[str, str]]:
    found = []
    if who.has("issuer"):
        found.append(
            _job("/counter", "counter", _("Accept an envelope"), _("Number, label and register in one go."))
        )
    if who.has("issuer", "clerk", "courier", "recipient", "supervisor", "security"):
        words = (
            (_("Receive an envelope"), _("Scan its label, type the seal number, sign."))
            if who.has("recipient")
            else (_("Scan a label"), _("Take, hand over or report: the page shows what makes sense now."))
        )
        found.append(_job("/scan", "scan", *words))
    if who.has("issuer", "clerk", "courier"):
        found.append(
            _job("/bag", "bag", _("Close or open a bag"), _("Many envelopes, one seal, one handover."))
        )
    if who.has("issuer", "clerk", "courier"):
        found.append(
            _job(
                "/slips/record",
                "slip",
                _("Record a paper slip"),
                _("What was written by hand while no device worked."),
            )
        )
    if who.has("supervisor", "security", "inspector"):
        found.append(
            _job(
                "/wall", "wall", _("Look at the wall"), _("What broke, what waits too long, what was forged.")
            )
        )
    if who.has("supervisor", "admin"):
        found.append(
            _job(
                "/devices", "devices", _("Approve devices"), _("A device signs only after you have seen it.")
            )
        )
    found.append(_job("/items/", "items", _("Find an item"), _("By its number, or by what happened to it.")))
    return found


def _job(href: str, sign: str, word: str, hint: str) -> dict[str, str]:
    return {"href": href, "icon": sign, "word": word, "hint": hint}


def _lead(who: Viewer) -> str:
    if who.has("issuer"):
        return _(
            "You accept envelopes and hand them to the courier. Each one is in your name until the courier signs."
        )
    if who.has("courier"):
        return _(
            "You carry. Scan every envelope you take, before you go; you answer for what you signed for."
        )
    if who.has("recipient"):
        return _(
            "You receive for %(place)s. Compare cover and seal with the courier before you sign.",
            place=who.place,
        )
    if who.has("supervisor"):
        return _("You decide where a chain has broken, together with a second supervisor.")
    if who.has("inspector"):
        return _("You may look at every chain; each look is written down.")
    return ""


def _boxes(who: Viewer) -> list[dict[str, Any]]:
    if not who.has("supervisor", "security", "inspector", "admin"):
        return []
    with reading(service().engine) as conn:
        count = sa.select(sa.func.count()).select_from(_item)
        broken = conn.scalar(count.where(_item.c.verdict == "BROKEN")) or 0
        open_ = conn.scalar(count.where(_item.c.state.not_in(OVER))) or 0
    pending = len(sessions.device_requests(service().engine, status="pending"))
    boxes: list[dict[str, Any]] = [
        {"tone": "bad" if broken else "good", "count": broken, "word": _("broken chains"), "href": "/wall"},
        {"tone": "", "count": open_, "word": _("items under way"), "href": "/items/?show=open"},
    ]
    if who.has("supervisor", "admin"):
        tone = "warn" if pending else "good"
        boxes.append({"tone": tone, "count": pending, "word": _("devices waiting"), "href": "/devices"})
    return boxes


@home.get("/")
@gate()
def start() -> str:
    """Show the start page."""
    who = viewer()
    carries = who.has("issuer", "clerk", "courier", "recipient", "supervisor", "security")
    codes = [code for code in (who.office, who.agency) if code is not None]
    offered = sa.or_(_item.c.offeree == who.id, _item.c.offeree_code.in_(codes))
    on_hand = [_item.c.custodian == who.id, _item.c.state.not_in(OVER)]
    return render_template(
        "home.html",
        lead=_lead(who),
        jobs=_jobs(who),
        waiting=rows_of(service(), _item.c.state == "OFFERED", offered) if carries else None,
        on_hand=rows_of(service(), *on_hand, order=(_item.c.moved_ms,)) if carries else None,
        boxes=_boxes(who),
    )
