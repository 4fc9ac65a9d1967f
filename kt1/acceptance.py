"""Acceptance at the counter: what must be true before an item gets a number (A1 A2 A3 A5 C1 C3 D7 E13).

`check_acceptance` finds every fault at once and writes nothing; only a form without faults becomes a REGISTER
event through `register_facts`. There is no field for contents, a document number or an abstract.
"""

from __future__ import annotations

import dataclasses
import re
import unicodedata
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from typing import TYPE_CHECKING

from custody.event import Field
from custody.label import normalise_seal
from kt1.clock import DAY_MS, local_date, show_date, show_time
from kt1.rules import Limits
from kt1.service import Kind, Secrecy, Urgency

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kt1.register import Agency, Register

__all__ = ["Acceptance", "Check", "CheckResult", "Declared", "Problem", "check_acceptance", "register_facts"]

# Assumption: letters of the maker, then at least the 4 digits that are typed blind.
_SEAL = re.compile(r"[A-Z]{0,6}[0-9]{4,14}")
_NAME_CHARS = 100
_DUE_DAYS = 30


class Check(IntEnum):
    """How the contents of a packet or parcel were checked (D7); the value is the event field CHECK."""

    NONE = 0
    X_RAY = 1
    OPENED = 2  # opened by the sender at the counter
    NOT_APPLICABLE = 3  # sealed under A, B or C: not checked by law


class CheckResult(IntEnum):
    """What the check of the contents found (D7)."""

    NONE = 0
    PASSED = 1
    FAILED = 2


class Declared(IntFlag):
    """The bits of the event field DECLARED, confirmed at the counter. A bit never changes meaning."""

    SENDER_LIABLE = 1  # the sender's clerk declared that the sender answers for the contents (A3)
    SEALED = 2  # the cover was seen closed and sealed (A2)
    TWO_COVERS = 4  # an inner cover with its own seal inside the outer one (A2, mark A)
    STAMPED = 8  # the outer cover bears the stamp A, B or C and no words of the level (2.2, E13)
    CHECK_PASSED = 16  # the check of the contents found nothing (D7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acceptance:
    """The form of the counter, as filled in. Codes are plain integers, so that bad ones can be named.

    Attributes:
        kind: 1 thư, 2 gói, 3 kiện.
        secrecy: 0 none, 1 A, 2 B, 3 C.
        urgency: 0 none, 1 Hỏa tốc, 2 Hẹn giờ.
        due_ms: agreed time of delivery for Hẹn giờ, unix milliseconds, otherwise None.
        office: six-digit code of the accepting office.
        sender: agency code.
        sender_clerk: full name of the agency's clerk who hands the item over.
        recipient: agency code.
        only_named: "Chỉ người có tên mới được bóc bì": only the named person may sign and open (E13).
        named_person: full name of that person; kept in the side tables, never in the log.
        seal: serial number of the seal.
        mass_g: grams.
        is_liable: the sender's declaration was made (A3).
        is_sealed: the cover is closed and sealed (A2).
        has_two_covers: there are two covers (A2).
        is_stamped: the outer cover bears the right stamp and no words of the level (E13).
        check: how the contents were checked, a `Check` (D7).
        check_result: what it found, a `CheckResult`.
    """

    kind: int
    secrecy: int
    urgency: int
    due_ms: int | None = None
    office: int
    sender: int
    sender_clerk: str
    recipient: int
    only_named: bool = False
    named_person: str = ""
    seal: str
    mass_g: int
    is_liable: bool = False
    is_sealed: bool = False
    has_two_covers: bool = False
    is_stamped: bool = False
    check: int = 0
    check_result: int = 0


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why an acceptance is refused.

    Attributes:
        field: name of the `Acceptance` field it is about.
        code: stable name for machines.
        message: English msgid with %(name)s places.
        requirement: id of the requirement (domain.md section 5).
        values: what goes into the places.
    """

    field: str
    code: str
    message: str
    requirement: str
    values: Mapping[str, str | int] = dataclasses.field(default_factory=dict)

    def __str__(self) -> str:
        """The message in English, its places filled."""
        return self.message % self.values


def _member(kind: type[IntEnum], value: int) -> bool:
    return value in kind._value2member_map_


def _check_service(form: Acceptance, now_ms: int) -> Iterator[Problem]:
    if not _member(Kind, form.kind):
        yield Problem("kind", "bad-kind", "choose letter, packet or parcel", "A5")
    if not _member(Secrecy, form.secrecy):
        yield Problem("secrecy", "bad-secrecy", "the secrecy mark is none, A, B or C", "A1")
    if not _member(Urgency, form.urgency):
        yield Problem("urgency", "bad-urgency", "the urgency mark is none, Express or Timed delivery", "A1")
    elif form.urgency == Urgency.TIMED:
        if form.due_ms is None:
            yield Problem("due_ms", "due-missing", "timed delivery needs the agreed time", "A1")
        elif form.due_ms <= now_ms:
            shown = {"due": show_time(form.due_ms)}
            yield Problem("due_ms", "due-past", "the agreed time %(due)s is not in the future", "A1", shown)
        elif form.due_ms > now_ms + _DUE_DAYS * DAY_MS:
            text = "the agreed time is more than %(days)s days ahead"
            yield Problem("due_ms", "due-far", text, "A1", {"days": _DUE_DAYS})
    elif form.due_ms is not None:
        yield Problem("due_ms", "due-unwanted", "only timed delivery has an agreed time", "A1")


def _check_covers(form: Acceptance) -> Iterator[Problem]:
    if not form.is_sealed:
        yield Problem("is_sealed", "not-sealed", "confirm that the cover is closed and sealed", "A2")
    if form.secrecy == Secrecy.A and not form.has_two_covers:
        text = "an item marked A needs two covers: confirm the inner one"
        yield Problem("has_two_covers", "one-cover", text, "A2")
    if form.secrecy != Secrecy.NONE and _member(Secrecy, form.secrecy) and not form.is_stamped:
        mark = {"mark": Secrecy(form.secrecy).name}
        text = "confirm the stamp %(mark)s on the outer cover, without the words of the secrecy level"
        yield Problem("is_stamped", "not-stamped", text, "E13", mark)
    if form.only_named and not _is_name(form.named_person):
        text = "give the full name of the only person who may open the cover"
        yield Problem("named_person", "named-person-missing", text, "E13")
    if not form.only_named and form.named_person:
        text = "a named person goes only with the mark that this person alone may open the cover"
        yield Problem("named_person", "named-person-unwanted", text, "E13")


def _is_name(text: str) -> bool:
    return bool(text.strip()) and len(text) <= _NAME_CHARS and unicodedata.is_normalized("NFC", text)


def _check_sender(form: Acceptance) -> Iterator[Problem]:
    if not form.is_liable:
        text = "the sender must declare that it answers for the contents"
        yield Problem("is_liable", "not-declared", text, "A3")
    if not _is_name(form.sender_clerk):
        text = "give the full name of the sender's clerk who hands the item over"
        yield Problem("sender_clerk", "clerk-missing", text, "A3")


def _check_agency(field_name: str, agency: Agency | None, code: int, now_ms: int) -> Iterator[Problem]:
    day = local_date(now_ms)
    if agency is None:
        text = "body %(code)s is not in the register of KT1 users"
        yield Problem(field_name, "not-registered", text, "A5", {"code": code})
        return
    values: dict[str, str | int] = {"name": agency.name}
    if not agency.is_active(day):
        if day < agency.active_from:
            values["day"] = show_date(agency.active_from)
            text = "%(name)s may use KT1 only from %(day)s"
            yield Problem(field_name, "not-yet-active", text, "A5", values)
        else:
            values["day"] = show_date(agency.active_to or day)
            text = "%(name)s left the register of KT1 users on %(day)s"
            yield Problem(field_name, "no-longer-active", text, "A5", values)
    elif not agency.is_permitted(day):
        values |= {"permit": agency.permit_number, "day": show_date(agency.permit_expires or day)}
        text = "permit %(permit)s of %(name)s expired on %(day)s"
        yield Problem(field_name, "permit-expired", text, "C1", values)


def _check_parties(form: Acceptance, register: Register, now_ms: int) -> Iterator[Problem]:
    agencies = register.agency_by_code
    yield from _check_agency("sender", agencies.get(form.sender), form.sender, now_ms)
    yield from _check_agency("recipient", agencies.get(form.recipient), form.recipient, now_ms)
    if form.sender == form.recipient:
        yield Problem("recipient", "same-body", "sender and recipient are the same body", "A5")
    office = register.office_by_code.get(form.office)
    if office is None or not office.is_designated(local_date(now_ms)):
        text = "office %(code)s is not designated for KT1 today"
        yield Problem("office", "office-not-designated", text, "C3", {"code": form.office})


def _check_contents(form: Acceptance) -> Iterator[Problem]:
    """D7: packets and parcels are checked, letters and sealed state secrets are never opened."""
    is_secret = form.secrecy != Secrecy.NONE
    if not _member(Check, form.check):
        yield Problem("check", "bad-check", "choose how the contents were checked", "D7")
    elif form.kind == Kind.LETTER and form.check != Check.NONE:
        yield Problem("check", "check-unwanted", "the contents of a letter are not checked", "D7")
    elif form.check == Check.OPENED and is_secret:
        yield Problem("check", "opened-secret", "a sealed item marked A, B or C is never opened", "D7")
    elif form.kind in {Kind.PACKET, Kind.PARCEL} and form.check == Check.NONE:
        text = "say how the contents of the packet or parcel were checked"
        yield Problem("check", "check-missing", text, "D7")
    elif form.check == Check.NOT_APPLICABLE and not is_secret:
        text = "only an item marked A, B or C goes without a check of its contents"
        yield Problem("check", "check-not-applicable", text, "D7")
    else:
        yield from _check_outcome(form)


def _check_outcome(form: Acceptance) -> Iterator[Problem]:
    was_checked = form.check in {Check.X_RAY, Check.OPENED}
    if not _member(CheckResult, form.check_result):
        yield Problem("check_result", "bad-check-result", "say what the check of the contents found", "D7")
    elif form.check_result == CheckResult.FAILED:
        text = "the check of the contents failed: do not accept the item, report it"
        yield Problem("check_result", "check-failed", text, "D7")
    elif was_checked and form.check_result == CheckResult.NONE:
        text = "say what the check of the contents found"
        yield Problem("check_result", "check-result-missing", text, "D7")
    elif not was_checked and form.check_result != CheckResult.NONE:
        text = "contents that were not checked have no result"
        yield Problem("check_result", "check-result-unwanted", text, "D7")


def _check_body(form: Acceptance, limits: Limits) -> Iterator[Problem]:
    seal = normalise_seal(form.seal)
    if not seal:
        yield Problem("seal", "seal-missing", "the seal number is missing", "A2")
    elif not _SEAL.fullmatch(seal):
        text = "seal number %(seal)s is not up to 6 letters and then 4 to 14 digits"
        yield Problem("seal", "bad-seal", text, "A2", {"seal": form.seal})
    if form.mass_g <= 0:
        yield Problem("mass_g", "mass-missing", "the mass is missing", "A5")
    elif _member(Kind, form.kind) and form.mass_g > limits.mass_g[Kind(form.kind)]:
        values = {"mass": form.mass_g, "most": limits.mass_g[Kind(form.kind)]}
        text = "%(mass)s g is more than the %(most)s g allowed for this kind"
        yield Problem("mass_g", "too-heavy", text, "A5", values)


def check_acceptance(
    acceptance: Acceptance, register: Register, *, now_ms: int, limits: Limits | None = None
) -> list[Problem]:
    """Every reason to refuse the form, in the order of the form; an empty list lets it through.

    Does not check who accepts: that the clerk is qualified is what the key's certificate says.

    Args:
        acceptance: the form.
        register: offices and agencies.
        now_ms: the time of acceptance, unix milliseconds.
        limits: the operator's settings, the defaults where None.
    """
    return [
        *_check_service(acceptance, now_ms),
        *_check_covers(acceptance),
        *_check_sender(acceptance),
        *_check_parties(acceptance, register, now_ms),
        *_check_contents(acceptance),
        *_check_body(acceptance, limits or Limits()),
    ]


def register_facts(acceptance: Acceptance) -> dict[Field, int]:
    """The class facts that the REGISTER event carries; no names, no seal number.

    Args:
        acceptance: a form in which `check_acceptance` found no problem.
    """
    bits = (
        Declared.SENDER_LIABLE * acceptance.is_liable
        | Declared.SEALED * acceptance.is_sealed
        | Declared.TWO_COVERS * acceptance.has_two_covers
        | Declared.STAMPED * acceptance.is_stamped
        | Declared.CHECK_PASSED * (acceptance.check_result == CheckResult.PASSED)
    )
    facts = {
        Field.KIND: int(acceptance.kind),
        Field.SECRECY: int(acceptance.secrecy),
        Field.URGENCY: int(acceptance.urgency),
        Field.SENDER: acceptance.sender,
        Field.RECIPIENT: acceptance.recipient,
        Field.DECLARED: int(bits),
        Field.MASS: acceptance.mass_g,
        Field.CHECK: int(acceptance.check),
        Field.ONLY_NAMED: int(acceptance.only_named),
    }
    if acceptance.due_ms is not None:
        facts[Field.DUE] = acceptance.due_ms
    return facts
