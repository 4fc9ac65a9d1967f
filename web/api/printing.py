"""GET /api/v1/printers: the printers of the office; POST /api/v1/labels/NUMBER/print: a label straight to one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from web.access import CARRIERS
from web.labels import ready, straight
from web.printing import printers_here
from web.schemas import PrintForm, read_body
from web.service import gate

__all__ = ["register"]


def register(api: Blueprint) -> None:
    """Add the views."""
    api.get("/printers")(printers)
    api.post("/labels/<number>/print")(print_label)


@gate(*CARRIERS)
def printers() -> dict[str, Any]:
    """List the printers that the administrator named for this office."""
    return {
        "printers": [{"name": one.name, "title": one.title, "paper": one.paper} for one in printers_here()]
    }


@gate(*CARRIERS)
def print_label(number: str) -> dict[str, Any]:
    """Send a label to a printer; a second time only with a reason."""
    form = read_body(PrintForm)
    found = ready(number, " ".join(form.reason.split()), destination=form.destination)
    printer, prints = straight(found, form.printer)
    return {"printer": printer, "prints": prints}
