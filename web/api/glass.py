"""POST /api/v1/items/NUMBER/glass: what was signed on a courier's screen, once its delivery is logged."""

from __future__ import annotations

import hashlib
from typing import Annotated

from flask import Blueprint, Response
from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from custody import event as events
from custody.text import is_printable
from db import glass
from web.api.items import chain_of, find
from web.problems import ProblemError
from web.schemas import GlassForm, read_body
from web.service import gate, limit, service, viewer

__all__ = ["Drawing", "parse_drawing", "register"]

_Place = Annotated[int, Field(ge=0, le=1000)]
_Stroke = Annotated[list[_Place], Field(min_length=2, max_length=4000)]


class Drawing(BaseModel):
    """What was drawn: who says to have signed, and strokes as x, y, x, y..., each in thousandths of the field."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: Annotated[int, Field(ge=1, le=1)]
    name: Annotated[str, StringConstraints(min_length=1, max_length=100)]
    strokes: Annotated[list[_Stroke], Field(min_length=1, max_length=200)]


def register(api: Blueprint) -> None:
    """Add the views."""
    api.post("/items/<number>/glass")(keep)


def parse_drawing(text: str) -> Drawing:
    """Read a drawing.

    Raises:
        ProblemError: bad-json, where it is none.
    """
    try:
        drawing = Drawing.model_validate_json(text)
    except ValidationError:
        raise ProblemError("bad-json", _("This is no drawing.")) from None
    if not is_printable(drawing.name) or any(len(stroke) % 2 for stroke in drawing.strokes):
        raise ProblemError("bad-json", _("This is no drawing."))
    return drawing


@gate("issuer", "clerk", "courier", "supervisor", "security")
def keep(number: str) -> Response:
    """Keep a drawing that a delivery in the log, signed by the same person, has the digest of; no other."""
    limit("glass", per_minute=60)
    form, made, who = read_body(GlassForm), service(), viewer()
    parse_drawing(form.drawing)
    found = chain_of(number)  # who signed may have left the office, or deliver for another
    digest = hashlib.sha256(form.drawing.encode()).digest()
    if found is None or not any(
        entry.event.type is events.EventType.DELIVER
        and entry.event.actor == who.id
        and digest in entry.event.fields.get(events.Field.ATTACH, ())
        for entry in found.chain.entries
    ):
        find(number)
        raise ProblemError("conflict", _("No delivery of yours covers this drawing."))
    glass.keep_glass(
        made.engine,
        glass.Glass(
            digest=digest, uid=found.row["uid"], drawing=form.drawing, kept_by=who.id, at_ms=made.now()
        ),
    )
    return Response(status=204)
