"""GET /api/v1/people: who may take an item over."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from db import people as directory
from db import schema
from web.accounts import people_by
from web.api.devices import person_json
from web.service import gate, service, viewer

__all__ = ["TAKERS", "register"]

TAKERS = ("issuer", "clerk", "courier", "recipient", "supervisor", "security")


def register(api: Blueprint) -> None:
    """Add the views."""
    api.get("/people")(people)


@gate("issuer", "clerk", "courier", "supervisor", "security")
def people() -> dict[str, Any]:
    """List people who may take an item, without the viewer."""
    role = request.args.get("role", "").lower()
    found = directory.people(
        service().engine,
        role=role.upper() if role in TAKERS else None,
        office=request.args.get("office", type=int),
        agency=request.args.get("agency", type=int),
        query=request.args.get("q", "")[:80],
        limit=60,
    )
    ids = [person.id for person in found if person.id != viewer().id]
    shown = people_by(service().engine, schema.person.c.id.in_(ids)) if ids else []
    return {"people": [person_json(one) for one in shown if one.has(*TAKERS)]}
