"""Devices and people of the site: a supervisor approves every key at a real site, the demonstration does it itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from custody import cose, ed25519
from custody.keys import Certificate
from custody.roles import Role
from db import desk, people, schema, sessions
from db.engine import writing
from kt1.clock import DAY_MS, day_start_ms, local_date
from kt1.site import Grant
from web.accounts import Viewer, people_by, viewer_by
from web.i18n import date_of, moment_of
from web.pages import is_demo, role_words
from web.problems import ProblemError
from web.service import Service, gate, service, viewer
from web.words import secrecy_word

__all__ = [
    "approve",
    "bytes_of",
    "certificate_of",
    "certify_witness",
    "checked_on",
    "devices",
    "enrol",
    "latest_day",
    "mark_of",
    "status_of",
    "until_ms",
]

devices = Blueprint("devices", __name__)
_DEMO_DAYS = 90
_LONGEST_DAYS = 30
_CHECK_DAYS = 366
_WITNESS_MS = 15 * 60_000
_MARKS = {"0": 0, "A": 1, "B": 2, "C": 3}


def certificate_of(made: Service, kid: bytes) -> Certificate | None:
    """Give the newest certificate of a key, up to date with other processes."""
    made.site.ledger.refresh()
    return made.site.ledger.rules.ring.get(kid)


def status_of(made: Service, kid: bytes, person: bytes) -> str:
    """Say whether a key may sign for a person now: active, pending or none."""
    found = certificate_of(made, kid)
    if found is not None:
        is_good = (
            not found.countersigns_only
            and found.person == person
            and found.revoked_index is None
            and found.not_after_ms > made.now()
        )
        return "active" if is_good else "none"
    asked = sessions.device_request(made.engine, kid)
    return "pending" if asked is not None and asked.person == person and asked.status == "pending" else "none"


def enrol(made: Service, who: Viewer, public: bytes, name: str) -> tuple[bytes, str]:
    """Ask for a certificate for a browser's key; a demonstration gives it at once.

    Returns:
        The key's kid, and its status.

    Raises:
        ProblemError: bad-request for a weak key, conflict for somebody else's.
    """
    if not ed25519.is_valid_point(public):
        raise ProblemError("bad-request", _("The key is not a valid Ed25519 key."))
    kid = cose.kid_of(public)
    known = certificate_of(made, kid)
    if known is not None and known.person != who.id:
        raise ProblemError("conflict", _("The key is already certified for somebody else."))
    asked = sessions.request_device(
        made.engine,
        sessions.DeviceRequest(kid=kid, public=public, person=who.id, name=name, created_ms=made.now()),
    )
    if asked.person != who.id:
        raise ProblemError("conflict", _("The key is already certified for somebody else."))
    if known is None and asked.status == "pending" and is_demo():
        approve(made, who, asked, decided_by=None, until_ms=made.now() + _DEMO_DAYS * DAY_MS, secrecy_max=1)
    return kid, status_of(made, kid, who.id)


def certify_witness(made: Service, who: Viewer, public: bytes) -> bytes:
    """Certify a key with which a second person signs in somebody else's browser: for one act, and for nothing else.

    It countersigns only and ends within minutes, so the browser's owner cannot act as that person afterwards. The mark
    is that of their own devices; a recipient who has none receives what an administrator says they may.

    Returns:
        The key's kid.

    Raises:
        ProblemError: bad-request for a weak key, conflict for one that is known, or where the qualification has ended.
    """
    if not ed25519.is_valid_point(public):
        raise ProblemError("bad-request", _("The key is not a valid Ed25519 key."))
    kid, now_ms = cose.kid_of(public), made.now()
    if certificate_of(made, kid) or sessions.device_request(made.engine, kid):
        raise ProblemError("conflict", _("A second signature needs a key of its own."))
    bounds = _bounds(made, who)
    if bounds is not None and bounds.not_after_ms <= now_ms:
        raise ProblemError("conflict", _("The qualification has ended; the device stays closed."))
    made.site.certify(
        replace(
            _grant(made, who, public, kid, bounds),
            not_after_ms=min(now_ms + _WITNESS_MS, bounds.not_after_ms if bounds else now_ms + _WITNESS_MS),
            secrecy_max=bounds.secrecy_max if bounds else who.secrecy_max if who.has("recipient") else 0,
            countersigns_only=True,
        )
    )
    return kid


def _bounds(made: Service, who: Viewer) -> Certificate | None:
    """Give the newest certificate of a person's own devices: it says how far they are qualified."""
    own = (
        c
        for c in made.site.ledger.rules.certificates()
        if c.person == who.id and c.revoked_index is None and not c.countersigns_only
    )
    return max(own, key=lambda c: (c.not_after_ms, c.index), default=None)


def _grant(made: Service, who: Viewer, public: bytes, kid: bytes, bounds: Certificate | None) -> Grant:
    """Begin a certificate for what a person may do; an earlier one sets the bounds."""
    roles = frozenset(Role[name.upper()] for name in who.roles if name != "admin")
    if not roles:
        raise ProblemError("conflict", _("This person has no role that signs."))
    return Grant(
        public=public,
        roles=roles,
        not_before_ms=made.now() - 60_000,
        not_after_ms=made.now(),
        person=who.id,
        offices=bounds.offices if bounds else (who.office,) if who.office is not None else (),
        agency=who.agency,
        device=kid,
    )


def approve(
    made: Service,
    who: Viewer,
    asked: sessions.DeviceRequest,
    *,
    decided_by: bytes | None,
    until_ms: int,
    secrecy_max: int,
    checked: str | None = None,
) -> None:
    """Certify a key for what its person may do; an earlier certificate of the person sets the bounds.

    Args:
        made: the service.
        who: whose key it is.
        asked: the key.
        decided_by: the supervisor, or None at a demonstration.
        until_ms: end of the certificate.
        secrecy_max: highest mark.
        checked: day of the device's security check (E18).
    """
    bounds = _bounds(made, who)
    made.site.certify(
        replace(
            _grant(made, who, asked.public, asked.kid, bounds),
            not_after_ms=min(until_ms, bounds.not_after_ms) if bounds and is_demo() else until_ms,
            secrecy_max=bounds.secrecy_max if bounds and is_demo() else secrecy_max,
        )
    )
    sessions.decide_device(
        made.engine,
        asked.kid,
        status="active",
        decided_by=decided_by,
        now_ms=made.now(),
        checked_on=checked,
    )


def _print_of(kid: bytes) -> str:
    return " ".join(kid.hex()[start : start + 4] for start in range(0, 16, 4))


@devices.get("/devices")
@gate("supervisor", "admin")
def index() -> str:
    """Show devices that wait, devices that may sign, and for the administrator the people."""
    made, who = service(), viewer()
    asked = sessions.device_requests(made.engine)
    known = {one.id: one for one in people_by(made.engine, limit=1000)}
    rows = {"pending": [], "active": []}  # type: dict[str, list[dict[str, str]]]
    for one in asked:
        person = known.get(one.person)
        if one.status in rows and person is not None:
            certificate = made.site.ledger.rules.ring.get(one.kid)
            rows[one.status].append(
                {
                    "kid": one.kid.hex(),
                    "print": _print_of(one.kid),
                    "person": person.name,
                    "roles": role_words(person.roles),
                    "name": one.name,
                    "asked": moment_of(one.created_ms),
                    "until": date_of(certificate.not_after_ms) if certificate else "",
                    "checked": _day_words(one.checked_on),
                }
            )
    return render_template(
        "devices.html",
        pending=rows["pending"],
        active=rows["active"][:60],
        latest=latest_day(made).isoformat(),
        today=local_date(made.now()).isoformat(),
        staff=_staff() if who.has("admin") else [],
        signers=[one for one in known.values() if one.id != who.id and one.roles - {"admin"}],
    )


def _day_words(day: str | None) -> str:
    return date.fromisoformat(day).strftime("%d/%m/%Y") if day else ""


def latest_day(made: Service) -> date:
    """Give the last day for which a device may be approved today."""
    return local_date(made.now()) + timedelta(days=_LONGEST_DAYS)


def _staff() -> list[dict[str, Any]]:
    words = {"active": _("active"), "suspended": _("suspended")}
    table = schema.person
    with service().engine.connect() as conn:
        query = sa.select(table).where(table.c.status.in_(words)).order_by(table.c.folded).limit(500)
        found = list(conn.execute(query).mappings())
    return [
        {
            "id": row["id"].hex(),
            "name": row["name"],
            "login": row["login"],
            "roles": row["roles"],
            "status": row["status"],
            "status_word": words[row["status"]],
            "mark": secrecy_word(row["secrecy_max"]) or "0",
            "receives": "RECIPIENT" in row["roles"],
        }
        for row in found
    ]


def bytes_of(text: str, length: int) -> bytes:
    """Read an id of an address.

    Raises:
        ProblemError: not-found, where it is no hex of that length.
    """
    try:
        found = bytes.fromhex(text)
    except ValueError:
        found = b""
    if len(found) != length:
        raise ProblemError("not-found")
    return found


@devices.post("/devices/<kid>")
@gate("supervisor", "admin")
def decide(kid: str) -> Response:
    """Approve, refuse or withdraw a device; nobody decides on their own (P07)."""
    made, who = service(), viewer()
    asked = sessions.device_request(made.engine, bytes_of(kid, 8))
    if asked is None:
        raise ProblemError("not-found")
    decision = request.form.get("decision", "")
    if asked.person == who.id and decision == "approve":
        raise ProblemError("forbidden", _("Another person must approve your own device."))
    if decision == "approve" and asked.status == "pending":
        owner = viewer_by(made.engine, schema.person.c.id == asked.person)
        if owner is None:
            raise ProblemError("conflict", _("This person is not active."))
        checked, until = checked_on(made), until_ms(made)
        approve(made, owner, asked, decided_by=who.id, until_ms=until, secrecy_max=mark_of(), checked=checked)
    elif decision == "refuse" and asked.status == "pending":
        sessions.decide_device(made.engine, asked.kid, status="refused", decided_by=who.id, now_ms=made.now())
    elif decision == "revoke" and asked.status == "active":
        lost_ms = made.now() if request.form.get("lost") else None
        made.site.revoke(asked.kid, reason=1 if lost_ms else 0, compromised_ms=lost_ms)
        sessions.decide_device(made.engine, asked.kid, status="revoked", decided_by=who.id, now_ms=made.now())
    else:
        raise ProblemError("conflict")
    desk.log_access(made.engine, person=who.id, action=f"device-{decision}", subject=kid, at_ms=made.now())
    return redirect("/devices")


def mark_of() -> int:
    """Read the highest mark that the person may handle."""
    return _MARKS.get(request.form.get("secrecy_max", "0"), 0)


def checked_on(made: Service) -> str:
    """Read the day of the device's security check: none is enrolled without it (E18), and a check lasts a year.

    Raises:
        ProblemError: unchecked.
    """
    today = local_date(made.now())
    try:
        day = date.fromisoformat(request.form.get("checked", ""))
    except ValueError:
        raise ProblemError("unchecked") from None
    if day > today:
        raise ProblemError("unchecked", _("The day of the security check lies in the future."))
    if today - day > timedelta(days=_CHECK_DAYS):
        raise ProblemError("unchecked", _("The security check is more than a year old."))
    return day.isoformat()


def until_ms(made: Service) -> int:
    """Read until when the person is qualified: the earliest end of vetting, training and commitment.

    Raises:
        ProblemError: conflict, where that is over.
    """
    longest_ms = made.now() + _LONGEST_DAYS * DAY_MS
    try:
        chosen = date.fromisoformat(request.form.get("until", ""))
    except ValueError:
        return longest_ms
    end_ms = day_start_ms(chosen) + DAY_MS
    if end_ms <= made.now():
        raise ProblemError("conflict", _("The qualification has ended; the device stays closed."))
    return min(end_ms, longest_ms)


@devices.post("/people/<person>/mark")
@gate("admin")
def clear(person: str) -> Response:
    """Say the highest mark that a recipient receives by their sign-in on a courier's device, where they have none."""
    made, who, mark = service(), viewer(), mark_of()
    chosen = viewer_by(made.engine, schema.person.c.id == bytes_of(person, 8))
    if chosen is None or chosen.id == who.id or not chosen.has("recipient"):
        raise ProblemError("conflict")
    people.set_mark(made.engine, chosen.id, mark)
    action = f"person-mark-{secrecy_word(mark) or 'none'}"
    desk.log_access(made.engine, person=who.id, action=action, subject=person, at_ms=made.now())
    return redirect("/devices")


@devices.post("/people/<person>")
@gate("admin")
def suspend(person: str) -> Response:
    """Suspend or readmit a person; a suspended one is refused at the next request (D12)."""
    made, who = service(), viewer()
    chosen, status = bytes_of(person, 8), request.form.get("status", "")
    if status not in {"active", "suspended"} or chosen == who.id:
        raise ProblemError("conflict")
    table = schema.person
    with writing(made.engine) as conn:
        allowed = table.c.status.in_(("active", "suspended"))
        conn.execute(table.update().where(table.c.id == chosen, allowed).values(status=status))
    desk.log_access(made.engine, person=who.id, action=f"person-{status}", subject=person, at_ms=made.now())
    return redirect("/devices")
