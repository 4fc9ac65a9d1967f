"""Setting up a device from a supervisor's screen.

A square code holds a secret of ten minutes, bound to a person. The device that comes with it first shows six digits
made of that secret and of its own key; the supervisor's screen shows those of the key that came. Who compares them and
presses once has approved that device and no other (E18). The secret stands behind the # of the address, which no
browser sends: no log of a proxy has it. Code and ticket are stored as hashes.
"""

from __future__ import annotations

import hashlib
import secrets

from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from markupsafe import Markup
from werkzeug.wrappers import Response as Answer

from db import desk, invitations, schema, sessions
from db.invitations import Invitation
from labels.codes import text_qr_runs
from web.accounts import Viewer, viewer_by
from web.devices import approve, bytes_of, checked_on, mark_of, until_ms
from web.problems import ProblemError
from web.service import Service, gate, limit, service, viewer

__all__ = ["VALID_MS", "check_digits", "enrolment", "hash_of", "owned"]

enrolment = Blueprint("enrolment", __name__)
VALID_MS = 10 * 60_000
_DOMAIN = b"KT1-ENROL-v1\0"
_QUIET = 4  # modules of white around the code, ISO/IEC 18004, 9.1


def hash_of(text: str) -> bytes:
    """Hash a code or a ticket, as it is stored."""
    return hashlib.sha256(text.encode()).digest()


def check_digits(code: str, public: bytes) -> str:
    """Give the six digits that both screens show: "493027"; they bind the code to one key."""
    digest = hashlib.sha256(_DOMAIN + code.encode() + b"\0" + public).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 1_000_000:06d}"


def owned(made: Service, who: Viewer, code_hash: str) -> Invitation:
    """Give an invitation that this supervisor made.

    Raises:
        ProblemError: not-found, also for another supervisor's.
    """
    found = invitations.invitation_of(made.engine, bytes_of(code_hash, 32))
    if found is None or found.created_by != who.id:
        raise ProblemError("not-found")
    return found


def _square(text: str) -> Markup:
    """Draw a QR code as SVG, dark on white in every display."""
    rows = text_qr_runs(text)
    side = len(rows) + 2 * _QUIET
    path = "".join(
        f"M{start + _QUIET} {row + _QUIET}h{length}v1h-{length}z"
        for row, runs in enumerate(rows)
        for start, length in runs
    )
    label = _("Square code for the phone")
    return Markup(
        '<svg class="square" viewBox="0 0 {0} {0}" role="img" aria-label="{1}" shape-rendering="crispEdges">'
        '<path fill="#fff" d="M0 0h{0}v{0}H0z"/><path fill="#000" d="{2}"/></svg>'
    ).format(side, label, path)


@enrolment.post("/devices/invitations")
@gate("supervisor", "admin")
def invite() -> Response:
    """Show a code for a person's device; the page that shows it is its only copy."""
    limit("invite", per_minute=20)
    made, who = service(), viewer()
    person = viewer_by(made.engine, schema.person.c.id == bytes_of(request.form.get("person", ""), 8))
    if person is None or not person.roles - {"admin"}:
        raise ProblemError("conflict", _("This person has no role that signs."))
    if person.id == who.id:
        raise ProblemError("forbidden", _("Another person must approve your own device."))
    if "admin" in person.roles and not who.has("admin"):
        raise ProblemError("forbidden", _("An administrator sets up an administrator's device."))
    code = secrets.token_urlsafe(16)
    kept = Invitation(
        code_hash=hash_of(code),
        person=person.id,
        created_by=who.id,
        created_ms=made.now(),
        expires_ms=made.now() + VALID_MS,
        until_ms=until_ms(made),
        secrecy_max=mark_of(),
        checked_on=checked_on(made),
    )
    invitations.add(made.engine, kept)
    desk.log_access(
        made.engine, person=who.id, action="device-invite", subject=person.id.hex(), at_ms=made.now()
    )
    scheme = "https" if made.config.secure_cookie else request.scheme  # behind a proxy that ends TLS
    address = f"{scheme}://{request.host}/enrol#{code}"
    page = render_template(
        "invitation.html", person=person, square=_square(address), id=kept.code_hash.hex(), host=request.host
    )
    answer = make_response(page)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@enrolment.post("/devices/invitations/<code_hash>")
@gate("supervisor", "admin")
def decide(code_hash: str) -> Answer:
    """Approve the device that came, once both screens show the same digits; or refuse it, or withdraw the code."""
    made, who = service(), viewer()
    found = owned(made, who, code_hash)
    decision = request.form.get("decision", "")
    if decision == "approve":
        _approve(made, found, who.id)
    elif decision != "refuse":
        raise ProblemError("bad-request")
    elif not invitations.refuse(made.engine, found.code_hash, now_ms=made.now()):
        raise ProblemError("invitation")
    subject = found.kid or found.person
    desk.log_access(
        made.engine, person=who.id, action=f"device-{decision}", subject=subject.hex(), at_ms=made.now()
    )
    return redirect("/devices")


def _approve(made: Service, found: Invitation, by: bytes) -> None:
    if request.form.get("digits") != found.digits:
        raise ProblemError("conflict", _("Another device has come meanwhile: compare the digits again."))
    owner = viewer_by(made.engine, schema.person.c.id == found.person)
    if owner is None:
        raise ProblemError("conflict", _("This person is not active."))
    with invitations.approving(made.engine, found.code_hash, now_ms=made.now()) as is_waiting:
        if not is_waiting:
            raise ProblemError("invitation")
        _certify(made, owner, found, by)


def _certify(made: Service, owner: Viewer, found: Invitation, by: bytes) -> None:
    asked = sessions.request_device(
        made.engine,
        sessions.DeviceRequest(
            kid=found.kid or b"",
            public=found.public or b"",
            person=owner.id,
            name=found.device or "?",
            created_ms=made.now(),
        ),
    )
    approve(
        made,
        owner,
        asked,
        decided_by=by,
        until_ms=found.until_ms,
        secrecy_max=found.secrecy_max,
        checked=found.checked_on,
    )


@enrolment.get("/enrol")
def page() -> str:
    """Show the page that a phone opens with the code; it learns nothing before it names one."""
    return render_template("enrol.html")
