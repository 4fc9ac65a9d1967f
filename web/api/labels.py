"""POST /api/v1/labels: acceptance at the counter; /bags: a bag; /items/NUMBER/relabel: the next instance."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from custody.label import Label
from labels import FORMATS
from web.access import CARRIERS
from web.api.items import find
from web.labelling import accept, new_bag, relabel
from web.problems import ProblemError
from web.schemas import AcceptanceForm, BagForm, RelabelForm, read_body
from web.service import gate, limit, service, viewer

__all__ = ["register"]


def register(api: Blueprint) -> None:
    """Add the views."""
    api.post("/labels")(issue)
    api.post("/bags")(bag)
    api.post("/items/<number>/relabel")(reissue)


def _json(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.hex()
    return [_json(part) for part in value] if isinstance(value, list) else value


def _answer(label: Label, fields: dict[int, Any]) -> dict[str, Any]:
    return {
        "number": label.number,
        "uid": label.uid.hex(),
        "instance": label.instance,
        "digits": label.digits,
        "label_digest": label.digest.hex(),
        "register": {str(key): _json(value) for key, value in sorted(fields.items())},
        "files": {fmt: f"/labels/{label.number}.{fmt}" for fmt in FORMATS},
    }


@gate("issuer")
def issue() -> dict[str, Any]:
    """Check the form; allocate a number and sign its label. The label counts once its REGISTER is logged (L05)."""
    limit("labels", per_minute=60)
    form = read_body(AcceptanceForm)
    return _answer(*accept(service(), viewer(), form))


@gate(*CARRIERS)
def bag() -> dict[str, Any]:
    """Allocate a bag's number and sign its label; the label counts once the CLOSE is logged."""
    limit("labels", per_minute=60)
    return _answer(*new_bag(service(), viewer(), read_body(BagForm)))


@gate("issuer")
def reissue(number: str) -> dict[str, Any]:
    """Sign the next instance for the one who holds the item; the old one retires with the RELABEL event."""
    read_body(RelabelForm)
    found, _standing = find(number)
    if found.row["custodian"] != viewer().id:
        raise ProblemError("forbidden")
    return _answer(*relabel(service(), viewer(), found))
