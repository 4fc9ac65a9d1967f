"""Labels printed in advance: an office takes numbers, prints them, and strikes off what is lost or spoilt."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody.label import parse_label
from db import desk, stock
from db.numbered import Batch
from labels import LAYOUTS, SHEETS, FaceError, StockFace, roll, sheet
from web.i18n import moment_of
from web.itemview import Names
from web.labelling import make_stock
from web.printing import as_file, paper_words, printer_named, printers_here, send
from web.problems import ProblemError
from web.service import gate, limit, reason_given, service, viewer

__all__ = ["stocks"]

stocks = Blueprint("stocks", __name__, url_prefix="/labels/stock")
_MOST = 200  # labels in one go: 25 sheets


def _office() -> int:
    office = viewer().office
    if office is None:
        raise ProblemError("forbidden", _("Only post offices print labels in advance."))
    return office


def _row(one: Batch, names: Names) -> dict[str, Any]:
    prints = desk.prints_of(service().engine, _uid(one.batch))
    return {
        "batch": one,
        "is_bag": one.batch.startswith("ZB"),
        "by": names.person(one.created_by),
        "made": moment_of(one.created_ms),
        "prints": len(prints),
    }


def _uid(number: str) -> bytes:
    found = stock.stock_of(service().engine, number)
    return found[0].uid if found else b""


@stocks.get("")
@gate("issuer", "supervisor")
def show() -> str:
    """List the office's batches, with the forms to make one and to strike labels off."""
    batches = stock.LABELS.batches(service().engine, _office())
    names = Names(service(), {one.created_by for one in batches})
    papers = [*SHEETS, *LAYOUTS]
    return render_template(
        "stock.html",
        rows=[_row(one, names) for one in batches],
        papers=[{"name": name, "word": paper_words(name), "is_bag": name.endswith("bag")} for name in papers],
        printers=printers_here(),
        most=_MOST,
        said=request.args.get("said", ""),
    )


@stocks.post("")
@gate("issuer", "supervisor")
def make() -> Response:
    """Take numbers and sign their labels; they are printed from the list."""
    limit("stock", per_minute=10)
    _office()
    count = request.form.get("count", 0, type=int)
    if not 1 <= count <= _MOST:
        raise ProblemError("bad-request", _("Make 1 to %(n)s labels in one go.", n=_MOST))
    made = make_stock(service(), viewer(), count, is_bag=request.form.get("kind") == "bag")
    return redirect(f"/labels/stock#{made[0].batch}")


@stocks.post("/void")
@gate("issuer", "supervisor")
def strike() -> Response:
    """Strike off labels that are lost or spoilt; nobody can bind them any more."""
    first = "".join(request.form.get("first", "").split()).upper()
    last = "".join(request.form.get("last", "").split()).upper() or first
    reason = reason_given(_("Say how the labels were lost or spoilt."))
    gone = stock.LABELS.void(
        service().engine, _office(), first, last, by=viewer().id, reason=reason, now_ms=service().now()
    )
    if not gone:
        raise ProblemError("bad-request", _("None of these labels is free in this office's stock."))
    return redirect(f"/labels/stock?said={gone}")


@stocks.post("/<batch>/print")
@gate("issuer", "supervisor")
def print_batch(batch: str) -> Response:
    """Print what is still free of a batch: to a printer of the house, or as a PDF; again only with a reason."""
    limit("print", per_minute=60)
    made, form = service(), request.form
    free = stock.LABELS.free(made.engine, _office(), batch)
    if not free:
        raise ProblemError("conflict", _("No label of this batch is free any more."))
    again = _("A second print makes two labels of one number: say why, and destroy the first.")
    is_printed = bool(desk.prints_of(made.engine, free[0].uid))
    reason = reason_given(again, problem="reprint") if is_printed else "stock"
    faces = [StockFace(digits=parse_label(one.label).digits, number=one.number) for one in free]

    def count(how: str) -> None:
        for one in free:
            desk.log_print(
                made.engine, uid=one.uid, instance=0, file_format=how, reason=reason, by=viewer().id,
                at_ms=made.now(),
            )  # fmt: skip

    try:
        if form.get("printer"):
            printer = printer_named(form["printer"])
            data = _paper(faces, printer.paper, printer.fmt, printer.dpi, form.get("start", 1, type=int))
            send(printer, data, lambda: count(f"{printer.fmt} {printer.name}"))
            return redirect(f"/labels/stock#{batch}")
        data = _paper(faces, form.get("paper", "a4"), "pdf", 203, form.get("start", 1, type=int))
    except FaceError as error:
        raise ProblemError("bad-request", str(error)) from error
    count("pdf")
    return as_file(data, batch, "pdf")


def _paper(faces: list[StockFace], paper: str, fmt: str, dpi: int, start: int) -> bytes:
    if paper in SHEETS:
        return sheet(faces, page=paper, start=start)
    return roll(faces, fmt, dpi=dpi, layout=paper)
