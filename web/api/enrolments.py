"""The phone's side of setting up a device: whose it will be, its key, and the session once it is approved."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Blueprint, Response, jsonify, request

from custody import cose, ed25519
from db import invitations, schema, sessions
from db.invitations import Claim, Invitation
from web.accounts import Viewer, check_password, open_session, viewer_by
from web.auth import give_session
from web.devices import certificate_of
from web.enrolment import check_digits, hash_of, owned
from web.people_schemas import ClaimForm, CodeForm, TicketForm
from web.problems import ProblemError
from web.schemas import read_body
from web.service import Service, gate, limit, service, viewer

__all__ = ["register"]

_WAITING = frozenset(("claimed", "approving"))  # a device has come, and has no certificate yet


def register(api: Blueprint) -> None:
    """Add the views."""
    api.get("/enrolments/<code_hash>")(show)
    api.post("/enrolments/look")(look)
    api.post("/enrolments/claim")(claim)
    api.post("/enrolments/finish")(finish)


@gate("supervisor", "admin")
def show(code_hash: str) -> dict[str, Any]:
    """Tell the supervisor's screen what has come of its code."""
    made = service()
    found = owned(made, viewer(), code_hash)
    is_over = found.expires_ms <= made.now() and found.status in {"open", *_WAITING}
    return {
        "status": "expired" if is_over else "claimed" if found.status in _WAITING else found.status,
        "device": found.device,
        "digits": found.digits,
        "left_ms": max(found.expires_ms - made.now(), 0),
    }


def _slow_down() -> None:
    limit("enrol", per_minute=90, caller=request.remote_addr or "")


def _living(made: Service, code: str) -> tuple[Invitation, Viewer]:
    """Give what a code that still counts stands for.

    Raises:
        ProblemError: invitation.
    """
    found = invitations.invitation_of(made.engine, hash_of(code))
    person = viewer_by(made.engine, schema.person.c.id == found.person) if found else None
    if found is None or person is None or found.status != "open" or found.expires_ms <= made.now():
        raise ProblemError("invitation")
    return found, person


def look() -> dict[str, Any]:
    """Say whose device the code is for; it is not used up by that."""
    _slow_down()
    made = service()
    _found, person = _living(made, read_body(CodeForm).code)
    return {
        "net": made.site.net.hex(),
        "person": {"id": person.id.hex(), "name": person.name},
        "place": person.place,
    }


def claim() -> dict[str, Any]:
    """Come with a key and its person's password: the code is used up, and only this device is told how it goes on.

    A supervisor shows the code and approves, but never acts as who they set up: that takes the other's password.
    """
    _slow_down()
    made, form = service(), read_body(ClaimForm)
    found, person = _living(made, form.code)
    check_password(made.engine, made.config, person.login, form.password, address=request.remote_addr or "")
    public = bytes.fromhex(form.public_key)
    _check_key(made, public, person)
    ticket, digits = secrets.token_urlsafe(24), check_digits(form.code, public)
    claimed = Claim(
        kid=cose.kid_of(public), public=public, device=form.name, digits=digits, ticket_hash=hash_of(ticket)
    )
    if not invitations.claim(made.engine, found.code_hash, claimed, now_ms=made.now()):
        raise ProblemError("invitation")
    return {"ticket": ticket}


def _check_key(made: Service, public: bytes, person: Viewer) -> None:
    """Refuse a key that cannot be certified for this person.

    Raises:
        ProblemError: bad-request for a weak one; key-ended for one that was another's, withdrawn, or a passing one.
    """
    if not ed25519.is_valid_point(public):
        raise ProblemError("bad-request")
    kid = cose.kid_of(public)
    known, asked = certificate_of(made, kid), sessions.device_request(made.engine, kid)
    is_good = known is None or (
        known.person == person.id and known.revoked_index is None and not known.countersigns_only
    )
    if not is_good or (asked is not None and asked.person != person.id):
        raise ProblemError("key-ended")


def finish() -> Response:
    """Let the approved device in: its person is signed in on it, once."""
    _slow_down()
    made = service()
    found = invitations.invitation_by_ticket(made.engine, hash_of(read_body(TicketForm).ticket))
    if found is None:
        raise ProblemError("invitation")
    status = "waiting" if found.status in _WAITING else found.status
    if found.status in {*_WAITING, "approved"} and found.expires_ms <= made.now():
        status = "expired"
    if status != "approved" or not invitations.finish(made.engine, found.code_hash, now_ms=made.now()):
        return jsonify({"status": status})
    answer = jsonify({"status": "approved"})
    give_session(answer, open_session(made.engine, made.config, found.person))
    return answer
