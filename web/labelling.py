"""From the counter's form to a signed label and its draft, and from an item back to its label's face."""

from __future__ import annotations

import json
import secrets
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from custody.event import EventType, Field
from custody.label import Label, commit_seal, issue_label, parse_label
from custody.s10 import day_of, make_number, pack_number
from db import desk, people, schema
from db.engine import reading
from kt1.acceptance import Acceptance, check_acceptance, register_facts
from kt1.clock import local_date
from kt1.register import Agency, Basis, Office, OfficeType, Register
from labels import LabelFace, face_of
from web.accounts import Viewer
from web.i18n import is_shown
from web.itemview import Folded, Names
from web.problems import ProblemError
from web.schemas import AcceptanceForm
from web.service import Service

__all__ = ["accept", "face", "label_of", "register_of", "relabel"]

SERVICE, COUNTRY = "ZK", "VN"
_OFFICE, _AGENCY = 1, 2
_FIELD_OF = {  # of kt1's form -> the control on the page
    "due_ms": "due",
    "sender_clerk": "clerk_name",
    "is_liable": "declared_content",
    "is_sealed": "declared_sealed",
    "has_two_covers": "declared_two_covers",
    "is_stamped": "declared_stamped",
    "office": "sender",
}


def _day(at_ms: int | None) -> date | None:
    return None if at_ms is None else local_date(at_ms)


def register_of(service: Service) -> Register:
    """Read who may send and receive: dates from the log's ORG entries, names from the side tables.

    An agency's legal basis is kept with the agency, not in the log; here all that stand in the log count as listed.
    """
    with reading(service.engine) as conn:
        orgs = {(row["kind"], row["id"]): row for row in conn.execute(sa.select(schema.org)).mappings()}
    offices = [
        Office(
            code=one.code,
            name=one.name,
            province="-",
            type=OfficeType.CENTRE,
            kt1_from=_day(orgs[_OFFICE, one.code]["not_before_ms"] or 0),
            kt1_to=_day(orgs[_OFFICE, one.code]["not_after_ms"]),
        )
        for one in people.offices(service.engine)
        if (_OFFICE, one.code) in orgs
    ]
    known = {office.code for office in offices}
    agencies = [
        Agency(
            code=one.code,
            name=one.name,
            address=one.address or "-",
            office=one.office or 0,
            basis=Basis.APPENDIX_II,
            active_from=local_date(orgs[_AGENCY, one.code]["not_before_ms"] or 0),
            active_to=_day(orgs[_AGENCY, one.code]["not_after_ms"]),
        )
        for one in people.agencies(service.engine)
        if (_AGENCY, one.code) in orgs and one.office in known
    ]
    return Register(offices=tuple(offices), agencies=tuple(agencies), people=())


def _acceptance(form: AcceptanceForm, office: int) -> Acceptance:
    return Acceptance(
        kind=form.kind,
        secrecy=form.secrecy,
        urgency=form.urgency,
        due_ms=form.due_ms,
        office=office,
        sender=form.sender,
        sender_clerk=form.clerk_name,
        recipient=form.recipient,
        only_named=form.only_named,
        named_person=form.named_person,
        seal=form.seal,
        mass_g=form.mass_g,
        is_liable=form.declared_content,
        is_sealed=form.declared_sealed,
        has_two_covers=form.declared_two_covers,
        is_stamped=form.declared_stamped,
        check=form.check,
        check_result=form.check_result,
    )


def accept(service: Service, who: Viewer, form: AcceptanceForm) -> tuple[Label, dict[int, Any]]:
    """Check the form, then allocate a number and sign its label; where the form is refused nothing is written.

    Returns:
        The label, and the fields that the REGISTER event must carry.

    Raises:
        ProblemError: refused, with a reason for each field.
    """
    now_ms = service.now()
    filled = _acceptance(form, who.office or 0)
    faults = check_acceptance(filled, register_of(service), now_ms=now_ms)
    if faults:
        errors = [
            {
                "field": _FIELD_OF.get(one.field, one.field),
                "code": one.code,
                "message": _sentence(_(one.message) % one.values),
                "requirement": one.requirement,
            }
            for one in faults
        ]
        raise ProblemError("refused", _("%(n)s reasons stand against it.", n=len(errors)), errors)
    number = make_number(
        desk.next_serial(service.engine, service=SERVICE, country=COUNTRY, first=1), SERVICE, COUNTRY
    )
    nonce, key = secrets.token_bytes(6), service.site.label_key()
    sealed = commit_seal(nonce=nonce, item=pack_number(number), seal_type=1, serial=form.seal)
    label = issue_label(
        number=number, instance=0, day=day_of(now_ms), nonce=nonce, kid4=key.kid4, seal_commitment=sealed, seed=key.seed
    )  # fmt: skip
    facts = {int(key): value for key, value in register_facts(filled).items()}
    _keep_draft(service, who, label, facts | {int(Field.PLACE): filled.office})
    return label, facts | {int(Field.LABEL_RAW): label.raw, int(Field.SEAL): [sealed, 0]}


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _keep_draft(service: Service, who: Viewer, label: Label, facts: dict[int, Any]) -> None:
    desk.save_draft(
        service.engine,
        desk.Draft(
            uid=label.uid,
            instance=label.instance,
            number=label.number,
            label=label.raw,
            form=json.dumps(facts),
            created_by=who.id,
            created_ms=service.now(),
        ),
    )


def relabel(service: Service, who: Viewer, item: Folded) -> tuple[Label, dict[int, Any]]:
    """Sign the next instance of an item's label: same number, day, nonce and seal, the old one retires (L06).

    Raises:
        ProblemError: conflict, where the label is not known or used up.
    """
    old = label_of(item)
    if old is None or old.instance >= 255:
        raise ProblemError("conflict", _("This item has no label that could be replaced."))
    key = service.site.label_key()
    label = issue_label(
        number=old.number, instance=item.row["instance"] + 1, day=old.day, nonce=old.nonce, kid4=key.kid4,
        seal_commitment=old.seal_commitment, seed=key.seed,
    )  # fmt: skip
    desk.drop_draft(service.engine, label.uid, label.instance)
    _keep_draft(service, who, label, {})
    return label, {int(Field.LABEL_RAW): label.raw}


def label_of(item: Folded) -> Label | None:
    """Give the label instance that counts, out of the entry that registered it."""
    kinds = (EventType.REGISTER, EventType.RELABEL)
    for entry in reversed(item.chain.entries):
        if entry.event.type in kinds:
            label = parse_label(entry.event.fields[Field.LABEL_RAW])
            if label.digest == item.row["label_digest"]:
                return label
    return None


def face(service: Service, item: Folded, label: Label) -> LabelFace:
    """Give what stands on the label: nothing beyond what an outer cover may show.

    Raises:
        ProblemError: conflict, where the agreed time is beyond the calendar.
    """
    names = Names(service)
    row = item.row
    if row["due_ms"] is not None and not is_shown(row["due_ms"]):
        raise ProblemError("conflict", _("The agreed time is none that can be printed."))
    return face_of(
        label,
        sender=names.place(row["sender"]),
        recipient=names.place(row["recipient"]),
        secrecy=row["secrecy"] or 0,
        urgency=row["urgency"] or 0,
        due_ms=row["due_ms"],
    )
