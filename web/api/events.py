"""POST /api/v1/events: signed entries in; their index, findings and receipt out, once they are durable."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from flask import Blueprint, Response
from flask_babel import gettext as _

from custody.findings import CATALOGUE
from db import desk
from db.ledger import Result
from db.screen import Burden
from web.metrics import APPENDED
from web.problems import ProblemError
from web.schemas import EventsForm, ExplanationForm, read_body
from web.service import gate, limit, service, viewer

__all__ = ["register"]

_PER_MINUTE = 120_000
_REFERENCES = 10_000  # items named beyond one an entry, a minute
_REFUSED_BYTES = 256 * 1024  # kept of refused entries, a minute


def register(api: Blueprint) -> None:
    """Add the views."""
    api.post("/events")(append)
    api.post("/refusals")(explain)


def _decode(entries: list[str]) -> list[bytes]:
    decoded, errors = [], []
    for position, text in enumerate(entries):
        try:
            if not text.isascii() or set(text) & set("+/="):
                raise ValueError  # noqa: TRY301 - one way out for every bad form
            decoded.append(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (ValueError, binascii.Error):
            errors.append({"field": f"entries.{position}", "message": _("not base64url without padding")})
    if errors:
        raise ProblemError("bad-request", _("%(n)s entries cannot be read.", n=len(errors)), errors[:20])
    return decoded


def _error(result: Result) -> dict[str, str] | None:
    if result.status != "refused":
        return None
    code = result.findings[0] if result.findings else "E01"
    kind = CATALOGUE[code]
    return {"code": code, "title": _(kind.text), "detail": result.error or "", "hint": _(kind.advice)}


def _allow(burden: Burden) -> None:
    """Hold one person to what an honest device sends: an entry names one item, and is not refused."""
    who = viewer().id.hex()
    if burden.references:
        limit("references", per_minute=_REFERENCES, caller=who, cost=burden.references)
    if burden.refused_bytes:
        limit("refused", per_minute=_REFUSED_BYTES, caller=who, cost=burden.refused_bytes)


@gate(general_limit=False)
def append() -> dict[str, Any]:
    """Take entries in. Nothing well-signed is refused; what breaks custody comes back with its findings."""
    limit("events", per_minute=_PER_MINUTE)
    entries = _decode(read_body(EventsForm).entries)
    results = service().site.ledger.append(entries, submitted_by=viewer().id.hex(), allow=_allow)
    for result in results:
        APPENDED.labels(result.status).inc()
    return {
        "results": [
            {
                "id": result.id.hex(),
                "status": result.status,
                "index": result.index,
                "findings": list(result.findings),
                "receipt": result.receipt,
                "error": _error(result),
            }
            for result in results
        ]
    }


@gate()
def explain() -> Response:
    """Keep what a person says of an entry that was refused: for the wall, beside the refusal; it decides nothing."""
    limit("refusals", per_minute=60)
    made, form = service(), read_body(ExplanationForm)
    if not desk.is_refused(made.engine, bytes.fromhex(form.entry)):
        raise ProblemError("not-found")
    desk.log_scan(
        made.engine,
        desk.ScanAttempt(
            text=f"{form.entry} {form.text}",
            outcome=desk.EXPLAINED,
            place=form.place,
            person=viewer().id,
            at_ms=made.now(),
        ),
    )
    return Response(status=204)
