"""Who I am, my browser's key, the keys that labels are checked with, and the second person in the same browser."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, request
from flask_babel import gettext as _

from custody.event import ZERO
from custody.findings import CATALOGUE, Severity
from db import people, schema
from db.engine import reading
from web.accounts import Viewer, check_password
from web.devices import certify_witness, enrol, status_of
from web.pages import is_demo
from web.people_schemas import DeviceForm, WitnessForm
from web.problems import ProblemError
from web.schemas import read_body
from web.service import Service, gate, limit, service, viewer

__all__ = ["label_keys", "person_json", "register"]

_HEAD = (
    sa.select(schema.device_entry.c.dseq, schema.entry.c.id)
    .join(schema.entry, schema.entry.c.idx == schema.device_entry.c.idx)
    .where(schema.device_entry.c.kid == sa.bindparam("kid"))
    .order_by(schema.device_entry.c.dseq.desc(), schema.device_entry.c.idx.desc())
    .limit(1)
)


def register(api: Blueprint) -> None:
    """Add the views."""
    api.get("/me")(me)
    api.get("/bundle")(bundle)
    api.post("/devices")(add)
    api.post("/witness")(witness)


def _place(code: int | None, name: str) -> dict[str, Any] | None:
    return {"code": code, "name": name} if code is not None else None


def person_json(who: Viewer) -> dict[str, Any]:
    """Show a person as the API does."""
    return {
        "id": who.id.hex(),
        "name": who.name,
        "roles": sorted(who.roles),
        "office": _place(who.office, who.office_name),
        "agency": _place(who.agency, who.agency_name),
    }


def _anchor(made: Service) -> dict[str, Any]:
    head = made.site.ledger.head()
    return {"size": head.size if head else 0, "root": head.root.hex() if head else ""}


def _device(made: Service, kid: bytes, person: bytes) -> dict[str, Any]:
    """Give a key's standing and the place its next event takes in its own chain."""
    head, status = None, status_of(made, kid, person)
    if status != "none" or _owner(made, kid) == person:  # of another person's key no more than of none
        with reading(made.engine) as conn:
            head = conn.execute(_HEAD, {"kid": kid}).first()
    return {
        "kid": kid.hex(),
        "status": status,
        "dseq": head.dseq + 1 if head else 0,
        "dprev": (head.id if head else ZERO).hex(),
        "not_after_ms": _end_of(made, kid, person),
    }


def _end_of(made: Service, kid: bytes, person: bytes) -> int | None:
    """Give when a person's own key ends: their device signs no longer than that without the service either."""
    certificate = made.site.ledger.rules.ring.get(kid)
    return certificate.not_after_ms if certificate and certificate.person == person else None


def _owner(made: Service, kid: bytes) -> bytes | None:
    certificate = made.site.ledger.rules.ring.get(kid)
    return certificate.person if certificate else None


def _offices(made: Service, kid: bytes, person: bytes) -> list[dict[str, Any]]:
    """List the places at which a key's signature counts."""
    certificate = made.site.ledger.rules.ring.get(kid)
    if certificate is None or certificate.person != person:
        return []
    names = {office.code: office.name for office in people.offices(made.engine)}
    return [{"code": code, "name": names.get(code, str(code))} for code in certificate.offices]


REMARKS = sorted(code for code, kind in CATALOGUE.items() if kind.severity in (Severity.LOW, Severity.INFO))
"""Findings that put nothing in question: a device that records one shows a success."""


@gate()
def me() -> dict[str, Any]:
    """Say who is signed in, and how the named key stands."""
    made, who = service(), viewer()
    kid = request.args.get("kid", "")
    if kid and (len(kid) != 16 or not set(kid) <= set("0123456789abcdef")):
        raise ProblemError("bad-request", _("kid is not 16 hex digits"))
    key = bytes.fromhex(kid)
    return {
        "person": person_json(who) | {"login": who.login, "offices": _offices(made, key, who.id)},
        "net": made.site.net.hex(),
        "origin": made.site.origin,
        "anchor": _anchor(made),
        "demo": is_demo(),
        "now_ms": made.now(),
        "remarks": REMARKS,
        "device": _device(made, key, who.id) if kid else None,
    }


def label_keys(made: Service) -> list[dict[str, Any]]:
    """Give the keys that labels are checked with, revoked ones too."""
    return [
        {
            "kid4": one.kid4.hex(),
            "public_key": one.public.hex(),
            "not_before_ms": one.not_before_ms,
            "not_after_ms": one.not_after_ms,
            "revoked": one.revoked_index is not None,
            "compromised_ms": one.compromised_ms,
        }
        for one in made.site.ledger.rules.certificates()
        if one.kid4
    ]


@gate()
def bundle() -> dict[str, Any]:
    """Give the label keys, the newest checkpoint and the offices: what a device needs without the network."""
    made = service()
    made.site.ledger.refresh()
    offices = [{"code": one.code, "name": one.name} for one in people.offices(made.engine)]
    return {
        "label_keys": label_keys(made),
        "anchor": _anchor(made),
        "offices": offices,
        "now_ms": made.now(),
    }


@gate()
def add() -> dict[str, Any]:
    """Enrol a browser's new key."""
    limit("devices", per_minute=20)
    form = read_body(DeviceForm)
    kid, status = enrol(service(), viewer(), bytes.fromhex(form.public_key), form.name)
    return {"kid": kid.hex(), "status": status}


@gate()
def witness() -> dict[str, Any]:
    """Check the second person's password, and certify a key that countersigns in this browser for some minutes."""
    limit("witness", per_minute=10)
    made, form = service(), read_body(WitnessForm)
    second = check_password(
        made.engine, made.config, form.login, form.password, address=request.remote_addr or ""
    )
    if second.id == viewer().id:
        raise ProblemError("conflict", _("The second person must be another person."))
    kid = certify_witness(made, second, bytes.fromhex(form.public_key))
    return {"person": {"id": second.id.hex(), "name": second.name}, "kid": kid.hex(), "status": "active"}
