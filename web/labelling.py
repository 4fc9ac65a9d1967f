"""From the counter's form to a signed label and its draft, and from an item back to its label's face."""

from __future__ import annotations

import json
import secrets
import unicodedata
from datetime import date
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from custody.errors import FormatError
from custody.event import EventType, Field
from custody.label import UNSEALED, Label, commit_seal, issue_label, parse_digits, parse_label
from custody.s10 import CONTAINER_SERVICE, day_of, is_container, make_number, pack_number
from db import desk, people, registration, schema, stock
from db.engine import reading
from db.named import Named
from db.plain import fold
from kt1.acceptance import Acceptance, check_acceptance, register_facts
from kt1.clock import local_date
from kt1.register import Agency, Basis, Office, OfficeType, Register
from labels import BagFace, face_of
from labels.face import Face
from web.accounts import Viewer, people_by
from web.i18n import is_shown
from web.itemview import Folded, Names
from web.problems import ProblemError
from web.schemas import AcceptanceForm, BagForm
from web.service import Service

__all__ = ["accept", "face", "label_of", "make_stock", "new_bag", "register_of", "relabel"]

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
        sender_clerk=_composed(form.clerk_name),
        recipient=form.recipient,
        only_named=form.only_named,
        named_person=_composed(form.named_person),
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

    A label printed in advance, scanned into the form, is taken instead of a new one: it was signed without a seal, and
    is bound to this one by the REGISTER alone.

    Returns:
        The label, and the fields that the REGISTER event must carry.

    Raises:
        ProblemError: refused, with a reason for each field.
    """
    now_ms = service.now()
    filled = _acceptance(form, who.office or 0)
    faults = check_acceptance(filled, register_of(service), now_ms=now_ms)
    errors = [
        {
            "field": _FIELD_OF.get(one.field, one.field),
            "code": one.code,
            "message": _sentence(_(one.message) % one.values),
            "requirement": one.requirement,
        }
        for one in faults
    ]
    taken, why = _from_stock(service, who, form.stock) if form.stock else (None, "")
    if why:
        errors.append({"field": "stock", "code": "bad-stock", "message": why, "requirement": "A1"})
    if errors:
        raise ProblemError("refused", _("%(n)s reasons stand against it.", n=len(errors)), errors)
    label = taken or _new_label(service, form.seal, now_ms)
    sealed = commit_seal(nonce=label.nonce, item=label.item, seal_type=1, serial=form.seal)
    facts = {int(key): value for key, value in register_facts(filled).items()}
    seal = {int(Field.SEAL): sealed.hex()} if taken else {}
    draft = _draft(service, who, label, facts | {int(Field.PLACE): filled.office} | seal)
    alone = _named(service, who, label, form) if filled.only_named else None
    registration.keep_acceptance(service.engine, draft, alone)
    return label, facts | {int(Field.LABEL_RAW): label.raw, int(Field.SEAL): [sealed, 0]}


def new_bag(service: Service, who: Viewer, form: BagForm) -> tuple[Label, dict[int, Any]]:
    """Give the label of a bag that is about to be closed: a new one, or one printed in advance that is free.

    Returns:
        The label, and the fields that the CLOSE event must carry beside its manifest.

    Raises:
        ProblemError: refused, with a reason for each field.
    """
    taken, why = _from_stock(service, who, form.stock, is_bag=True) if form.stock else (None, "")
    if why:
        error = {"field": "stock", "code": "bad-stock", "message": why, "requirement": "A1"}
        raise ProblemError("refused", why, [error])
    try:
        label = taken or _new_label(service, form.seal, service.now(), CONTAINER_SERVICE)
        sealed = commit_seal(nonce=label.nonce, item=label.item, seal_type=1, serial=form.seal)
    except FormatError:
        why = _("Type the number that stands on the seal: letters and digits.")
        error = {"field": "seal", "code": "bad-seal", "message": why, "requirement": "A2"}
        raise ProblemError("refused", why, [error]) from None
    return label, {int(Field.LABEL_RAW): label.raw, int(Field.SEAL): [sealed, 0]}


def _new_label(service: Service, seal: str, now_ms: int, indicator: str = SERVICE) -> Label:
    commit_seal(nonce=bytes(6), item=bytes(6), seal_type=1, serial=seal)  # before a number is taken for it
    serial = desk.next_serial(service.engine, service=indicator, country=COUNTRY, first=1)
    number, nonce = make_number(serial, indicator, COUNTRY), secrets.token_bytes(6)
    sealed = commit_seal(nonce=nonce, item=pack_number(number), seal_type=1, serial=seal)
    return _sign(service, number, day=day_of(now_ms), nonce=nonce, sealed=sealed)


def _sign(
    service: Service, number: str, *, day: int, nonce: bytes, instance: int = 0, sealed: bytes = UNSEALED
) -> Label:
    key = service.site.label_key()
    return issue_label(
        number=number, instance=instance, day=day, nonce=nonce, kid4=key.kid4, seal_commitment=sealed, seed=key.seed
    )  # fmt: skip


def make_stock(service: Service, who: Viewer, count: int, *, is_bag: bool) -> list[stock.Stock]:
    """Take numbers that follow one another for a person's office, sign their labels without a seal, and list them.

    Raises:
        ProblemError: forbidden, for a person without an office.
    """
    if who.office is None:
        raise ProblemError("forbidden")
    indicator, now_ms = CONTAINER_SERVICE if is_bag else SERVICE, service.now()
    first = desk.next_serial(service.engine, service=indicator, country=COUNTRY, first=1, count=count)
    numbers = [make_number(first + n, indicator, COUNTRY) for n in range(count)]
    day = day_of(now_ms)
    labels = [_sign(service, number, day=day, nonce=secrets.token_bytes(6)) for number in numbers]
    made = [
        stock.Stock(
            uid=label.uid,
            number=label.number,
            label=label.raw,
            office=who.office,
            batch=numbers[0],
            created_by=who.id,
            created_ms=now_ms,
        )
        for label in labels
    ]
    stock.add_stock(service.engine, made)
    return made


def _from_stock(
    service: Service, who: Viewer, text: str, *, is_bag: bool = False
) -> tuple[Label | None, str]:
    """Find the label printed in advance that was scanned or typed; say why it cannot be taken, or ""."""
    code = "".join(text.split()).upper()
    number = code
    if code.isdigit():
        try:
            number = parse_digits(code).number
        except FormatError:
            return None, _("This is no whole label: scan it again.")
    found = stock.stock_of(service.engine, number)
    if found is None:
        return None, _("No label of this number was printed in advance. Leave the field empty for a new one.")
    one, is_bound = found
    label = parse_label(one.label)
    if code not in {one.number, label.digits}:
        return None, _(
            "This is not the label that was printed under this number: keep it and call your supervisor."
        )
    if is_bag != is_container(one.uid):
        return None, _("This is the label of an envelope.") if is_bag else _("This is the label of a bag.")
    return (None, why) if (why := _why_not(service, who, one, is_bound=is_bound)) else (label, "")


def _why_not(service: Service, who: Viewer, one: stock.Stock, *, is_bound: bool) -> str:
    if is_bound:
        return _("This label is on another item already. Take the next one, and tell your supervisor.")
    if one.void_ms is not None:
        return _("This label was struck off as lost or spoilt. Take the next one, and tell your supervisor.")
    if one.office != who.office:
        return _("This label was printed for another office.")
    draft = desk.draft_of(service.engine, one.number)
    if draft is not None and draft.created_by != who.id:
        return _("A colleague has just taken this label. Take the next one.")
    return ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:] + "."


def _composed(text: str) -> str:
    """Write accented letters as one character each: some keyboards send letter and accent apart."""
    return unicodedata.normalize("NFC", text)


def _draft(service: Service, who: Viewer, label: Label, facts: dict[int, Any]) -> desk.Draft:
    return desk.Draft(
        uid=label.uid,
        instance=label.instance,
        number=label.number,
        label=label.raw,
        form=json.dumps(facts),
        created_by=who.id,
        created_ms=service.now(),
    )


def _named(service: Service, who: Viewer, label: Label, form: AcceptanceForm) -> Named:
    """Give whom alone it may be opened by; the person of that name who receives for the agency, if there is one."""
    name, duty = (" ".join(_composed(text).split()) for text in (form.named_person, form.named_duty))
    is_there = (schema.person.c.agency == form.recipient, schema.person.c.folded.contains(fold(name)))
    namesakes = [
        one
        for one in people_by(service.engine, *is_there)
        if one.has("recipient") and one.name.casefold() == name.casefold()
    ]
    person = namesakes[0].id if len(namesakes) == 1 else None
    return Named(uid=label.uid, name=name, duty=duty, person=person, kept_by=who.id, at_ms=service.now())


def relabel(service: Service, who: Viewer, item: Folded) -> tuple[Label, dict[int, Any]]:
    """Sign the next instance of an item's label: same number, day and nonce, and the seal now on it (L06).

    Raises:
        ProblemError: conflict, where the label is not known or used up.
    """
    old = label_of(item)
    if old is None or old.instance >= 255:
        raise ProblemError("conflict", _("This item has no label that could be replaced."))
    label = _sign(
        service,
        old.number,
        day=old.day,
        nonce=old.nonce,
        instance=item.row["instance"] + 1,
        sealed=item.row["seal_commitment"] or old.seal_commitment,
    )
    desk.drop_draft(service.engine, label.uid, label.instance)
    desk.save_draft(service.engine, _draft(service, who, label, {}))
    return label, {int(Field.LABEL_RAW): label.raw}


def label_of(item: Folded) -> Label | None:
    """Give the label instance that counts, out of the entry that registered it."""
    kinds = (EventType.REGISTER, EventType.RELABEL, EventType.CLOSE)
    for entry in reversed(item.chain.entries):
        if entry.event.type in kinds:
            label = parse_label(entry.event.fields[Field.LABEL_RAW])
            if label.digest == item.row["label_digest"]:
                return label
    return None


def face(service: Service, item: Folded, label: Label, *, destination: int | None = None) -> Face:
    """Give what stands on the label: nothing beyond what an outer cover may show.

    Args:
        service: the running service.
        item: whose label it is; of a bag the office and the count are those of its closing.
        label: the instance that counts.
        destination: code of the office that opens a bag, which the log does not say.

    Raises:
        ProblemError: conflict, where the agreed time is beyond the calendar; bad-request for a bag without an office.
    """
    names = Names(service)
    row = item.row
    if row["is_container"]:
        return _bag_face(item, label, names, destination)
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


def _bag_face(item: Folded, label: Label, names: Names, destination: int | None) -> BagFace:
    if destination is None:
        raise ProblemError("bad-request", _("Choose the office that opens the bag."))
    closing = item.chain.entries[0].event.fields
    return BagFace(
        digits=label.digits,
        number=label.number,
        origin=names.place(closing[Field.PLACE]),
        destination=names.place(destination),
        count=closing[Field.MANIFEST][1],
    )
