"""Printers of the house: which ones an office sees, what they are sent, and the test page with its read-back check."""

from __future__ import annotations

import logging
from collections.abc import Callable

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from labels import MEDIA_TYPES, FaceError
from labels.printers import Printer, PrinterError, ask_state, open_printer, read_printers
from labels.trial import TRIAL_PAPERS, trial_page
from web.problems import ProblemError
from web.service import gate, limit, service, viewer

__all__ = ["as_file", "paper_words", "printer_named", "printers_here", "printing", "send", "state_of"]

printing = Blueprint("printing", __name__, url_prefix="/labels")
_log = logging.getLogger(__name__)


def printers_here() -> list[Printer]:
    """List the printers that the viewer's office sees; none where the administrator's file has a fault."""
    try:
        return [one for one in read_printers(service().config.data) if one.serves(viewer().office)]
    except PrinterError as error:
        _log.error("%s", error)
        return []


def printer_named(name: str) -> Printer:
    """Give a printer of the viewer's office.

    Raises:
        ProblemError: printer, where the file has a fault; not-found, where there is none of that name here.
    """
    try:
        found = read_printers(service().config.data)
    except PrinterError as error:
        _log.error("%s", error)
        raise ProblemError("printer", _words(error, name)) from error
    for one in found:
        if one.name == name and one.serves(viewer().office):
            return one
    raise ProblemError("not-found", _("There is no printer %(name)s here.", name=name))


def send(printer: Printer, data: bytes, count: Callable[[], None]) -> None:
    """Send labels to a printer; *count* is called where they are printed, or a part of them may be.

    Raises:
        ProblemError: printer, in words for the one who stands before it.
    """
    is_counted = True
    try:
        with open_printer(printer) as line:
            line.send(data)
    except PrinterError as error:
        is_counted = error.may_be_printed
        _log.warning("%s", error)
        raise ProblemError("printer", _words(error, printer.title)) from error
    finally:
        if is_counted:
            count()


def state_of(printer: Printer) -> tuple[str, list[str]]:
    """Ask a printer how it is.

    Returns:
        "ready", "trouble", "off" or "unknown", and what to do about it, a sentence each.
    """
    try:
        troubles = ask_state(printer)
    except PrinterError as error:
        _log.info("%s", error)
        return "off", [_why_off(error, printer.title)]
    if troubles is None:
        return "unknown", [_("It answers, but does not tell how it is: look at it.")]
    return ("trouble" if troubles else "ready"), [_trouble_words()[trouble] for trouble in troubles]


def _trouble_words() -> dict[str, str]:
    return {
        "paper": _("It is out of paper."),
        "ribbon": _("Its ribbon or toner is used up."),
        "cover": _("Its cover or head is open: close it."),
        "jam": _("Paper is jammed in it."),
        "paused": _("It is paused: press Pause on it, or have the queue released."),
        "hot": _("Its head is too hot: wait a few minutes."),
        "cold": _("Its head is too cold."),
        "full": _("It has more to print than it can hold: wait."),
        "memory": _("It has lost its settings: tell your administrator."),
        "offline": _("It is offline: look at switch and cable."),
    }


def _why_off(error: PrinterError, name: str) -> str:
    if error.code == "printer-off":
        return _("%(name)s does not answer: look whether it is switched on and connected.", name=name)
    if error.code == "printer-refused":
        return _("%(name)s refuses: it is busy, or raw printing is switched off on it.", name=name)
    return _("The queue of %(name)s is not there; tell your administrator.", name=name)


def _words(error: PrinterError, name: str) -> str:
    nothing = _("Nothing was printed.")
    if error.code in {"printer-off", "printer-refused"}:
        says = _why_off(error, name)
    elif error.code == "printer-queue" and not error.may_be_printed:
        says = _(
            "The queue of %(name)s did not take it; your administrator can see why in the service's record.",
            name=name,
        )
    elif error.code == "printer-settings":
        says = _("The list of printers has a fault; tell your administrator.")
    else:
        nothing = _("A part may be printed: destroy it. It is counted as a print.")
        says = _("%(name)s broke off: look at paper, ribbon and cover.", name=name)
    return f"{says} {nothing}"


def as_file(data: bytes, name: str, fmt: str) -> Response:
    """Answer with a file of labels."""
    response = Response(data, mimetype=MEDIA_TYPES[fmt])
    response.headers["Content-Disposition"] = f'inline; filename="{name}.{fmt}"'
    if fmt == "pdf":  # the page prints it from a frame of its own
        response.headers["X-Frame-Options"] = "SAMEORIGIN"
        response.headers["Content-Security-Policy"] = "frame-ancestors 'self'"
    return response


def paper_words(paper: str) -> str:
    """Say a paper, as in the lists."""
    words = {
        "a4": _("A4, cut with a knife: 8 labels of 100 x 70 mm"),
        "a4-105x74": _("A4, self-adhesive, 8 places of 105 x 74 mm"),
        "a4-small": _("A4, cut with a knife: 10 labels of 100 x 50 mm"),
        "a4-105x57": _("A4, self-adhesive, 10 places of 105 x 57 mm"),
        "a4-bag": _("A4, 2 labels for bags"),
        "100x70": _("Roll, 100 x 70 mm"),
        "100x50": _("Roll, 100 x 50 mm"),
        "bag": _("Roll, 100 x 150 mm, for bags"),
    }
    return words[paper]


@printing.get("/test")
@gate("issuer", "supervisor", "admin")
def trial() -> str:
    """Show how to try a printer: the test page, what to measure on it, and the camera's check."""
    papers = [{"name": name, "word": paper_words(name) if name != "a4" else "A4"} for name in TRIAL_PAPERS]
    return render_template(
        "printtest.html", papers=papers, printers=printers_here(), sent=request.args.get("sent")
    )


@printing.get("/test.<fmt>")
@gate("issuer", "supervisor", "admin")
def trial_file(fmt: str) -> Response:
    """Give the test page for a paper."""
    try:
        data = trial_page(request.args.get("paper", "a4"), fmt, dpi=request.args.get("dpi", 203, type=int))
    except FaceError as error:
        raise ProblemError("bad-request", str(error)) from error
    return as_file(data, "test", fmt)


@printing.post("/test")
@gate("issuer", "supervisor", "admin")
def trial_print() -> Response:
    """Send the test page to a printer; it is no label, and is not counted."""
    limit("print", per_minute=60)
    printer = printer_named(request.form.get("printer", ""))
    paper = "a4" if printer.paper.startswith("a4") else printer.paper
    send(printer, trial_page(paper, printer.fmt, dpi=printer.dpi), lambda: None)
    return redirect(f"/labels/test?sent={printer.name}")
