"""The scan page and practice: shells; everything in them is built by the browser, which holds the key.

Practice knows no network but the page it is in: its events are for the network "practice" (E07 here), signed by a key
that is certified nowhere (K01). See web/client/src/practice.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from web.service import gate

__all__ = ["scan"]

scan = Blueprint("scan", __name__)


@scan.get("/scan")
@gate("issuer", "clerk", "courier", "recipient", "supervisor", "security")
def page() -> str:
    """Show the shell."""
    return render_template("scan.html")


@scan.get("/practice")
@gate("issuer", "clerk", "courier", "recipient", "supervisor", "security")
def practice() -> str:
    """Show the shell of practice."""
    return render_template("practice.html")
