"""Paper slips: an office takes numbers and prints them; what was written on one is recorded with two signatures."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from db import desk, slips
from kt1.slips import PREFIX, group_slip, read_slip, slip_number
from labels.slip import SLIPS_A_PAGE, Slip, slips_pdf
from web.access import CARRIERS
from web.i18n import moment_of
from web.itemview import Names
from web.printing import as_file
from web.problems import ProblemError
from web.service import gate, limit, reason_given, service, viewer

__all__ = ["slip_pages"]

slip_pages = Blueprint("slips", __name__, url_prefix="/slips")
_MOST = 100  # slips in one go: 50 sheets


def _office() -> int:
    office = viewer().office
    if office is None:
        raise ProblemError("forbidden", _("Only post offices print paper slips."))
    return office


@slip_pages.get("")
@gate("issuer", "supervisor")
def show() -> str:
    """List the office's slips, with the forms to take numbers and to strike slips off."""
    batches = slips.SLIPS.batches(service().engine, _office())
    names = Names(service(), {one.created_by for one in batches})
    rows: list[dict[str, Any]] = [
        {
            "batch": one,
            "first": group_slip(one.batch),
            "last": group_slip(one.last),
            "by": names.person(one.created_by),
            "made": moment_of(one.created_ms),
        }
        for one in batches
    ]
    return render_template(
        "slips.html", rows=rows, most=_MOST, a_page=SLIPS_A_PAGE, said=request.args.get("said", "")
    )


@slip_pages.post("")
@gate("issuer", "supervisor")
def make() -> Response:
    """Take numbers that follow one another; they are printed from the list."""
    limit("slips", per_minute=10)
    made, office, count = service(), _office(), request.form.get("count", 0, type=int)
    if not 1 <= count <= _MOST:
        raise ProblemError("bad-request", _("Take 1 to %(n)s slips in one go.", n=_MOST))
    first = desk.next_serial(made.engine, service=PREFIX, country="", first=1, count=count)
    numbers = [slip_number(first + n) for n in range(count)]
    slips.add_slips(
        made.engine,
        (
            slips.Slip(
                number=number, office=office, batch=numbers[0], created_by=viewer().id, created_ms=made.now()
            )
            for number in numbers
        ),
    )
    return redirect(f"/slips#{numbers[0]}")


@slip_pages.get("/<batch>.pdf")
@gate("issuer", "supervisor")
def sheets(batch: str) -> Response:
    """Give what is still free of a batch, two slips a page."""
    limit("print", per_minute=60)
    office = _office()
    free = slips.SLIPS.free(service().engine, office, batch)
    if not free:
        raise ProblemError("not-found", _("No slip of this batch is free any more."))
    name = Names(service(), set()).place(office)
    return as_file(slips_pdf(Slip(one.number, group_slip(one.number), name) for one in free), batch, "pdf")


@slip_pages.post("/void")
@gate("issuer", "supervisor")
def strike() -> Response:
    """Strike off slips that are lost or spoilt; nothing can be recorded from them any more."""
    first = read_slip(request.form.get("first", ""))
    last = read_slip(request.form.get("last", "")) if request.form.get("last", "").strip() else first
    if first is None or last is None:
        raise ProblemError(
            "bad-request", _("That is no number of a slip: the letter P and nine digits that fit together.")
        )
    reason = reason_given(_("Say how the slips were lost or spoilt."))
    count = slips.SLIPS.void(
        service().engine, _office(), first, last, by=viewer().id, reason=reason, now_ms=service().now()
    )
    if not count:
        raise ProblemError("bad-request", _("None of these slips of this office is free."))
    return redirect(f"/slips?said={count}")


@slip_pages.get("/record")
@gate(*CARRIERS)
def record() -> str:
    """Show the shell of the page on which a slip is recorded; the browser, which holds the key, builds it."""
    return render_template("slip_record.html")
