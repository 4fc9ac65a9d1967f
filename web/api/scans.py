"""POST /api/v1/scans: a reading that led to no event is written down, and judged here, not by the browser (B11, E4)."""

from __future__ import annotations

from flask import Blueprint, Response

from custody.errors import SignatureError
from custody.label import Label, verify_label
from db import desk
from scanner import Kind, classify
from web.itemview import item_by_number
from web.schemas import ScanForm, read_body
from web.service import Service, gate, limit, service, viewer

__all__ = ["register"]


def register(api: Blueprint) -> None:
    """Add the views."""
    api.post("/scans")(note)


def _standing(made: Service, label: Label) -> str:
    """Say what a well-formed label is: forged, unknown-key, not-registered, superseded or ok."""
    made.site.ledger.refresh()
    key = made.site.ledger.rules.ring.label_key(label.kid4)
    if key is None:
        return "unknown-key"
    try:
        verify_label(label, key.public)
    except SignatureError:
        return "forged"
    row = item_by_number(made, label.number)
    if row is None or row["uid"] != label.uid:
        return "not-registered"
    return "ok" if row["label_digest"] == label.digest else "superseded"


@gate()
def note() -> Response:
    """Keep a reading. A text that is not ours is not kept, only that there was one."""
    limit("scans", per_minute=240)
    made, form = service(), read_body(ScanForm)
    seen = classify(form.text)
    outcome = _standing(made, seen.label) if seen.label else form.outcome
    desk.log_scan(
        made.engine,
        desk.ScanAttempt(
            text="" if seen.kind is Kind.FOREIGN else seen.text,
            format=form.format or None,
            method=str(form.method),
            outcome="not-kt1" if seen.kind is Kind.FOREIGN else outcome,
            uid=seen.label.uid if seen.label else None,
            place=form.place,
            person=viewer().id,
            at_ms=made.now(),
        ),
    )
    return Response(status=204)
