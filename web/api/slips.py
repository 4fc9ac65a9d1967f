"""Recording a paper slip: whether its number may be used, and what stood on it once the log has its digest."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any, Literal

from flask import Blueprint, Response
from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from custody import event as events
from custody.roles import Role
from custody.text import is_printable
from db import slips
from kt1.slips import read_slip
from web.access import CARRIERS
from web.api.items import chain_of, find
from web.problems import ProblemError
from web.schemas import SlipForm, read_body
from web.service import gate, limit, service, viewer

__all__ = ["SlipRecord", "parse_record", "register"]

_Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=2, max_length=100)]
_KINDS = (events.EventType.OFFER, events.EventType.DELIVER)


class SlipRecord(BaseModel):
    """What stands on a slip: whose it is, who gave, who took, and when by the pen (local time, to the minute)."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)

    v: Annotated[int, Field(ge=1, le=1)]
    slip: Annotated[str, StringConstraints(pattern=r"^P[0-9]{9}$")]
    item: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[0-9]{9}[A-Z]{2}$")]
    how: Literal["delivered", "handed"]
    giver: _Name
    taker: _Name
    at: Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]$")]


def register(api: Blueprint) -> None:
    """Add the views."""
    api.get("/slips/<number>")(slip_state)
    api.post("/items/<number>/slip")(keep_slip)


def parse_record(text: str) -> SlipRecord:
    """Read what was recorded from a slip.

    Raises:
        ProblemError: bad-json, where it is no such record.
    """
    try:
        record = SlipRecord.model_validate_json(text)
    except ValidationError:
        raise ProblemError("bad-json", _("This is no record of a slip.")) from None
    if read_slip(record.slip) is None or not (is_printable(record.giver) and is_printable(record.taker)):
        raise ProblemError("bad-json", _("This is no record of a slip."))
    return record


def _mine(number: str) -> slips.Slip:
    """Return a slip of the viewer's office.

    Raises:
        ProblemError: not-found, for no slip, or another office's.
    """
    slip = slips.slip_of(service().engine, read_slip(number) or "")
    if slip is None or slip.office != viewer().office:
        raise ProblemError("not-found", _("Your office has printed no slip of this number."))
    return slip


@gate(*CARRIERS)
def slip_state(number: str) -> dict[str, Any]:
    """Say whether a slip of the viewer's office may be used: before anything is signed for it."""
    limit("slip", per_minute=60)
    slip = _mine(number)
    return {"number": slip.number, "free": slip.is_free, "struck": slip.void_ms is not None}


def _is_by_supervisor(entry: events.Entry) -> bool:
    """Whether a supervisor signed an entry together with who signed it first."""
    kid = entry.event.second_kid
    second = service().site.ledger.ring.get(kid, entry.index) if kid else None
    return second is not None and Role.SUPERVISOR in second.roles and second.person != entry.event.actor


@gate(*CARRIERS)
def keep_slip(number: str) -> Response:
    """Use a slip for what two people signed with the digest of its record, of which the viewer is the first."""
    limit("slip", per_minute=60)
    form, made, who = read_body(SlipForm), service(), viewer()
    record = parse_record(form.record)
    found = chain_of(number)  # who signed may not carry it any more
    _mine(record.slip)
    digest = hashlib.sha256(form.record.encode()).digest()
    if (
        found is None
        or record.item != number
        or not any(
            entry.event.type in _KINDS
            and entry.event.actor == who.id
            and _is_by_supervisor(entry)
            and digest in entry.event.fields.get(events.Field.ATTACH, ())
            for entry in found.chain.entries
        )
    ):
        find(number)
        raise ProblemError("conflict", _("No signature of yours and a supervisor's covers this slip."))
    is_bound = slips.bind_slip(
        made.engine,
        record.slip,
        uid=found.row["uid"],
        digest=digest,
        record=form.record,
        by=who.id,
        now_ms=made.now(),
    )
    if not is_bound:
        raise ProblemError("used-slip", _("This slip was used or struck off before."))
    return Response(status=204)
