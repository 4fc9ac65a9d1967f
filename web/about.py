"""What the service proves and what it does not, and the guides; open to anyone."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask_babel import gettext as _

from custody.findings import CATALOGUE
from web.problems import CODES
from web.service import service, viewer_or_none

__all__ = ["about"]

about = Blueprint("about", __name__)


@about.get("/about")
def page() -> str:
    """Say whom to trust with what; the state of the log only to those who are signed in."""
    head = service().site.ledger.head() if viewer_or_none() else None
    return render_template(
        "about.html",
        origin=service().site.origin,
        size=head.size if head else "",
        root=head.root.hex() if head else "",
        problems=CODES,
        findings=CATALOGUE.values(),
    )


def _guides() -> list[dict[str, object]]:
    return [
        {
            "name": "counter",
            "icon": "counter",
            "word": _("At the counter"),
            "steps": [
                _("Look at the outer cover: closed, sealed, stamped. Two covers for A. Never open it."),
                _("Fill in the form with what you see; Enter goes to the next field."),
                _("Read the seal number off the seal, not off another paper."),
                _("Print the label and stick it across the flap, so that it tears when the flap is opened."),
                _("You hold the envelope now. Hand it to the courier through the scan page, never without."),
            ],
        },
        {
            "name": "courier",
            "icon": "hand",
            "word": _("As a courier"),
            "steps": [
                _("Scan every envelope you take, one by one, before you leave the counter."),
                _("Type the seal number off the seal; the page tells you whether it is the right one."),
                _(
                    "Seal different, torn or missing: do not take it. Refuse with the reason and call the supervisor."
                ),
                _(
                    "At the addressee: scan, choose the person before you, hand over, wait until they have signed."
                ),
                _("Nobody entitled there: bring it back. It stays in your name."),
            ],
        },
        {
            "name": "recipient",
            "icon": "person",
            "word": _("As a recipient"),
            "steps": [
                _("Before signing, compare cover, address and seal together with the courier."),
                _("Type the seal number yourself; do not let it be read out to you."),
                _("Something is wrong: refuse, make a record with both parties, tell your head at once."),
                _("“Only the named person may open”: do not open it, pass it on to that person."),
                _("Your signature ends the chain. Keep the receipt on your device."),
            ],
        },
        {
            "name": "supervisor",
            "icon": "wall",
            "word": _("As a supervisor"),
            "steps": [
                _("Keep the wall in sight. Red first: find the envelope, keep it apart."),
                _("Open the item, read which hop is missing and who stood on both sides; call both."),
                _("Decide with a second supervisor and give the reason. The break stays visible for ever."),
                _("Approve a device only with the person and the device before you."),
                _("A lost device: withdraw it at once and tick “lost or stolen”."),
            ],
        },
    ]


@about.get("/guide")
def guide() -> str:
    """Show the guides, one card a role."""
    return render_template("guide.html", parts=_guides())
