"""The counter's page; the form goes to POST /api/v1/labels from the browser, which signs the REGISTER."""

from __future__ import annotations

from flask import Blueprint, render_template

from db import people
from web.service import gate, service

__all__ = ["counter"]

counter = Blueprint("counter", __name__)


@counter.get("/counter")
@gate("issuer")
def form() -> str:
    """Show the empty form."""
    return render_template("counter.html", agencies=people.agencies(service().engine))
