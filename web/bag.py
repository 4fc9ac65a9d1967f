"""The page on which a bag is closed or opened: a shell; the browser, which holds the key, builds it."""

from __future__ import annotations

from flask import Blueprint, render_template

from db import people
from web.access import CARRIERS
from web.service import gate, service

__all__ = ["bag"]

bag = Blueprint("bag", __name__)


@bag.get("/bag")
@gate(*CARRIERS)
def page() -> str:
    """Show the shell, with the offices that a bag may go to."""
    return render_template("bag.html", offices=people.offices(service().engine))
