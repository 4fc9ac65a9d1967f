"""The supervisors' page: print the day's sheet, stamp and sign it, and record that it lies in the ledger."""

from __future__ import annotations

from flask import Blueprint, Response, render_template

from custody.checkpoint import Checkpoint
from custody.paper import paper_groups, paper_text
from db.store import CheckpointRow
from labels.anchor import anchor_sheet
from web.i18n import moment_of
from web.problems import ProblemError
from web.service import gate, service

__all__ = ["anchor", "draw"]

anchor = Blueprint("anchor", __name__, url_prefix="/anchor")
_TYPES = {"svg": "image/svg+xml", "pdf": "application/pdf"}


def draw(origin: str, head: CheckpointRow, fmt: str, time: str) -> bytes:
    """Return the sheet of a checkpoint, as "svg" or "pdf"."""
    signed = Checkpoint(origin, head.size, head.root)
    return anchor_sheet(
        origin=origin,
        size=head.size,
        time=time,
        groups=paper_groups(signed),
        text=paper_text(signed),
        fmt=fmt,
    )


@anchor.get("")
@gate("supervisor")
def page() -> str:
    """Show the newest checkpoint as it will be printed."""
    site = service().site
    head = site.ledger.newest()
    return render_template(
        "anchor.html",
        size=head.size,
        root=head.root.hex(),
        groups=paper_groups(Checkpoint(site.origin, head.size, head.root)),
    )


@anchor.get("/<int:size>.<fmt>")
@gate("supervisor")
def sheet(size: int, fmt: str) -> Response:
    """Give the sheet of a checkpoint."""
    site = service().site
    head = site.ledger.checkpoint_at(size)
    if head is None or fmt not in _TYPES:
        raise ProblemError("not-found")
    return Response(draw(site.origin, head, fmt, moment_of(head.time_ms)), mimetype=_TYPES[fmt])
