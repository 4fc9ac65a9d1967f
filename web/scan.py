"""The scan page: a shell; everything in it is built by the browser, which holds the key."""

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
