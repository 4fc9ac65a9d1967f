"""Labels on paper: only once the item is registered, each print written down, a reprint only with its reason."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody.label import Label
from db import desk
from labels import FORMATS, SHEETS, FaceError, render, sheet
from labels.face import Face
from web.access import CARRIERS
from web.api.items import find
from web.itemview import Folded
from web.labelling import face, label_of
from web.printing import as_file, printer_named, send
from web.problems import ProblemError
from web.service import gate, limit, reason_given, service, viewer

__all__ = ["Ready", "labels", "ready", "straight"]

labels = Blueprint("labels", __name__, url_prefix="/labels")
_FRESH_MS = 10 * 60_000  # a print may be repeated by the same person for so long: paper jams
_SCREEN = "svg"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A label that may be printed now, and why."""

    label: Label
    face: Face
    reason: str
    prints: int

    def note(self, how: str) -> None:
        """Write down that it was printed.

        Args:
            how: the format, with the printer's name behind it where it went straight there.
        """
        made = service()
        desk.drop_draft(made.engine, self.label.uid, self.label.instance)
        desk.log_print(
            made.engine,
            uid=self.label.uid,
            instance=self.label.instance,
            file_format=how,
            reason=self.reason,
            by=viewer().id,
            at_ms=made.now(),
        )


def _printed(item: Folded) -> list[dict[str, object]]:
    prints = desk.prints_of(service().engine, item.row["uid"])
    return [one for one in prints if one["instance"] == item.row["instance"] and one["format"] != _SCREEN]


def ready(number: str, reason: str = "", *, is_shown: bool = False, destination: int | None = None) -> Ready:
    """Give a label for printing, or only for the screen.

    Raises:
        ProblemError: reprint, where it was printed and no reason is given; conflict, where it does not count yet;
            forbidden for an envelope's label, to who accepts none.
    """
    limit("print", per_minute=60)
    item, standing = find(number)
    label = label_of(item)
    if label is None or standing == "hand":
        raise ProblemError("conflict", _("The label counts only once its acceptance is in the log."))
    made, who = service(), viewer()
    if not item.row["is_container"] and not who.has("issuer", "supervisor"):
        raise ProblemError("forbidden")  # whoever closes a bag prints its label, and no other
    earlier = _printed(item)
    if earlier and not reason and not is_shown:
        last = earlier[-1]
        is_fresh = last["by"] == who.id and made.now() - int(str(last["at_ms"])) < _FRESH_MS
        if not is_fresh:
            raise ProblemError("reprint")
    return Ready(
        label=label,
        face=face(made, item, label, destination=destination),
        reason=reason or ("shown on screen" if is_shown else "first print"),
        prints=len(earlier),
    )


def straight(found: Ready, name: str) -> tuple[str, int]:
    """Send a label to a printer of the house; give the printer's name, and how often the label was printed.

    Raises:
        ProblemError: printer, not-found, or bad-request where its paper does not take such a label.
    """
    printer = printer_named(name)
    try:
        if printer.paper in SHEETS:
            data = sheet([found.face], page=printer.paper)
        else:
            data = render(found.face, printer.fmt, dpi=printer.dpi, layout=printer.paper)
    except FaceError as error:
        raise ProblemError("bad-request", str(error)) from error
    send(printer, data, lambda: found.note(f"{printer.fmt} {printer.name}"))
    return printer.name, found.prints + 1


def _draw(number: str, fmt: str, reason: str) -> Response:
    if fmt not in FORMATS:
        raise ProblemError("not-found")
    asked = request.values
    found = ready(number, reason, is_shown=fmt == _SCREEN, destination=asked.get("destination", type=int))
    try:
        data = render(found.face, fmt, dpi=asked.get("dpi", 203, type=int), layout=asked.get("layout", ""))
    except FaceError as error:
        raise ProblemError("bad-request", str(error)) from error
    found.note(fmt)
    return as_file(data, number, fmt)


@labels.get("/<number>.<fmt>")
@gate(*CARRIERS)
def draw(number: str, fmt: str) -> Response:
    """Give the label for its first print, or for the screen; `layout` and `dpi` are asked for in the address."""
    return _draw(number, fmt, "")


@labels.post("/<number>/print")
@gate("issuer", "supervisor")
def again(number: str) -> Response:
    """Give the label once more, same number and code, with the reason kept."""
    reason = reason_given(_("A reprint needs its reason."))
    if name := request.form.get("printer"):
        straight(ready(number, reason, destination=request.form.get("destination", type=int)), name)
        return redirect(f"/items/{number}")
    return _draw(number, request.form.get("format", "pdf"), reason)
