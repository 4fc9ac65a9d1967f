"""Labels on paper: only once the item is registered, each print written down, a reprint only with its reason."""

from __future__ import annotations

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from db import desk
from labels import FORMATS, MEDIA_TYPES, render
from web.api.items import find
from web.itemview import Folded
from web.labelling import face, label_of
from web.problems import ProblemError
from web.service import gate, limit, service, viewer

__all__ = ["labels"]

labels = Blueprint("labels", __name__, url_prefix="/labels")
_FRESH_MS = 10 * 60_000  # a print may be repeated by the same person for so long: paper jams
_SCREEN = "svg"


def _printed(item: Folded) -> list[dict[str, object]]:
    prints = desk.prints_of(service().engine, item.row["uid"])
    return [one for one in prints if one["instance"] == item.row["instance"] and one["format"] != _SCREEN]


def _draw(number: str, fmt: str, reason: str) -> Response:
    limit("print", per_minute=60)
    item, standing = find(number)
    if fmt not in FORMATS:
        raise ProblemError("not-found")
    label = label_of(item)
    if label is None or standing == "hand":
        raise ProblemError("conflict", _("The label counts only once its acceptance is in the log."))
    made, who = service(), viewer()
    earlier = _printed(item)
    if earlier and not reason and fmt != _SCREEN:
        last = earlier[-1]
        is_fresh = last["by"] == who.id and made.now() - int(str(last["at_ms"])) < _FRESH_MS
        if not is_fresh:
            raise ProblemError("reprint")
    desk.drop_draft(made.engine, label.uid, label.instance)
    desk.log_print(
        made.engine,
        uid=label.uid,
        instance=label.instance,
        file_format=fmt,
        reason=reason or ("shown on screen" if fmt == _SCREEN else "first print"),
        by=who.id,
        at_ms=made.now(),
    )
    response = Response(render(face(made, item, label), fmt), mimetype=MEDIA_TYPES[fmt])
    response.headers["Content-Disposition"] = f'inline; filename="{number}.{fmt}"'
    if fmt == "pdf":  # the page prints it from a frame of its own
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
    return response


@labels.get("/<number>.<fmt>")
@gate("issuer", "supervisor")
def draw(number: str, fmt: str) -> Response:
    """Give the label for its first print, or for the screen."""
    return _draw(number, fmt, "")


@labels.post("/<number>/print")
@gate("issuer", "supervisor")
def again(number: str) -> Response:
    """Give the label once more, same number and code, with the reason kept."""
    reason = " ".join(request.form.get("reason", "").split())[:200]
    if len(reason) < 3:
        raise ProblemError("bad-request", _("A reprint needs its reason."))
    return _draw(number, request.form.get("format", "pdf"), reason)
