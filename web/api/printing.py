"""Printers of the office, how each of them is, and a label straight to one."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from web.access import CARRIERS
from web.labels import ready, straight
from web.printing import printer_named, printers_here, state_of
from web.schemas import PrintForm, read_body
from web.service import gate, limit

__all__ = ["register"]


def register(api: Blueprint) -> None:
    """Add the views."""
    api.get("/printers")(printers)
    api.get("/printers/<name>/state")(state)
    api.post("/labels/<number>/print")(print_label)


@gate(*CARRIERS)
def printers() -> dict[str, Any]:
    """List the printers that the administrator named for this office."""
    return {
        "printers": [{"name": one.name, "title": one.title, "paper": one.paper} for one in printers_here()]
    }


@gate(*CARRIERS, "admin")
def state(name: str) -> dict[str, Any]:
    """Ask a printer how it is: paper, ribbon, cover, pause."""
    limit("printer-state", per_minute=30)
    standing, words = state_of(printer_named(name))
    return {"state": standing, "words": words}


@gate(*CARRIERS)
def print_label(number: str) -> dict[str, Any]:
    """Send a label to a printer; a second time only with a reason."""
    form = read_body(PrintForm)
    found = ready(number, " ".join(form.reason.split()), destination=form.destination)
    printer, prints = straight(found, form.printer)
    return {"printer": printer, "prints": prints}
