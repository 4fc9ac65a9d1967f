"""Acceptance: the 12 services pass, each bad form is refused with its exact reason, facts say what is so."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from datetime import date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.event import Field
from custody.fields import FORMS
from kt1.acceptance import Acceptance, Declared, check_acceptance, register_facts
from kt1.clock import HOUR_MS, ZONE
from kt1.register import Agency, Basis, Office, OfficeType, Register
from kt1.service import COMBINATIONS, Kind, Secrecy, Urgency

NOW_MS = int(datetime(2026, 11, 20, 9, tzinfo=ZONE).timestamp()) * 1000


def _agency(code: int, **changes: Any) -> Agency:
    given_fields: dict[str, Any] = {"basis": Basis.APPENDIX_II, "active_from": date(2020, 1, 1)} | changes
    return Agency(code=code, name=f"Sở {code}", address="Số 1", office=990100, **given_fields)


def _office(code: int, kt1_from: date | None) -> Office:
    return Office(
        code=code, name="Bưu cục", province="Lam Giang", type=OfficeType.OUTLYING, kt1_from=kt1_from
    )


PERMIT = {"basis": Basis.PERMIT, "permit_number": "12/CPT"}
REGISTER = Register(
    offices=(_office(990100, date(2020, 1, 1)), _office(990200, None)),
    agencies=(
        _agency(1),
        _agency(2),
        _agency(3, active_to=date(2026, 11, 19)),
        _agency(4, active_from=date(2026, 11, 21)),
        _agency(5, permit_expires=date(2026, 11, 20), **PERMIT),
        _agency(6, permit_expires=date(2026, 11, 19), **PERMIT),
    ),
    people=(),
)
LETTER = Acceptance(
    kind=Kind.LETTER,
    secrecy=Secrecy.NONE,
    urgency=Urgency.NONE,
    office=990100,
    sender=1,
    sender_clerk="Lê Thị An",
    recipient=2,
    seal="AB 1234-5678",
    mass_g=120,
    is_liable=True,
    is_sealed=True,
)
PACKET = replace(LETTER, kind=Kind.PACKET, check=1, check_result=1)
SECRET = replace(LETTER, secrecy=Secrecy.B, is_stamped=True)


def codes(form: Acceptance) -> list[str]:
    """The codes of the problems found."""
    return [problem.code for problem in check_acceptance(form, REGISTER, now_ms=NOW_MS)]


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize("secrecy, urgency", COMBINATIONS)
def test_every_service_is_accepted_for_every_kind(kind: Kind, secrecy: Secrecy, urgency: Urgency) -> None:
    """12 combinations by 3 kinds (A1, A5)."""
    form = replace(LETTER if kind is Kind.LETTER else PACKET, kind=kind, secrecy=secrecy, urgency=urgency)
    form = replace(form, has_two_covers=secrecy is Secrecy.A, is_stamped=secrecy is not Secrecy.NONE)
    form = replace(form, due_ms=NOW_MS + HOUR_MS if urgency is Urgency.TIMED else None)
    assert check_acceptance(form, REGISTER, now_ms=NOW_MS) == []


REFUSED: list[tuple[Acceptance, dict[str, Any], str, str, str, str]] = [
    (LETTER, {"kind": 0}, "kind", "bad-kind", "A5", "choose letter"),
    (LETTER, {"kind": 4}, "kind", "bad-kind", "A5", "choose letter"),
    (LETTER, {"secrecy": 4}, "secrecy", "bad-secrecy", "A1", "none, A, B or C"),
    (LETTER, {"urgency": 3}, "urgency", "bad-urgency", "A1", "none, Express"),
    (LETTER, {"urgency": 2}, "due_ms", "due-missing", "A1", "needs the agreed time"),
    (LETTER, {"urgency": 2, "due_ms": NOW_MS}, "due_ms", "due-past", "A1", "20/11/2026 09:00 is not in"),
    (
        LETTER,
        {"urgency": 2, "due_ms": NOW_MS + 31 * 24 * HOUR_MS},
        "due_ms",
        "due-far",
        "A1",
        "than 30 days ahead",
    ),
    (LETTER, {"urgency": 2, "due_ms": 1 << 48}, "due_ms", "due-far", "A1", "than 30 days ahead"),
    (LETTER, {"urgency": 1, "due_ms": NOW_MS + 1}, "due_ms", "due-unwanted", "A1", "only timed delivery"),
    (LETTER, {"is_sealed": False}, "is_sealed", "not-sealed", "A2", "closed and sealed"),
    (SECRET, {"secrecy": 1}, "has_two_covers", "one-cover", "A2", "two covers"),
    (SECRET, {"is_stamped": False}, "is_stamped", "not-stamped", "E13", "the stamp B on"),
    (LETTER, {"only_named": True}, "named_person", "named-person-missing", "E13", "full name"),
    (LETTER, {"named_person": "Lê An"}, "named_person", "named-person-unwanted", "E13", "goes only with"),
    (LETTER, {"is_liable": False}, "is_liable", "not-declared", "A3", "must declare"),
    (LETTER, {"sender_clerk": " "}, "sender_clerk", "clerk-missing", "A3", "full name"),
    (LETTER, {"sender": 9}, "sender", "not-registered", "A5", "body 9 is not in the register"),
    (LETTER, {"recipient": 9}, "recipient", "not-registered", "A5", "body 9 is not in the register"),
    (LETTER, {"recipient": 3}, "recipient", "no-longer-active", "A5", "Sở 3 left the register .* 19/11/2026"),
    (LETTER, {"sender": 4}, "sender", "not-yet-active", "A5", "Sở 4 may use KT1 only from 21/11/2026"),
    (LETTER, {"sender": 6}, "sender", "permit-expired", "C1", "permit 12/CPT of Sở 6 expired on 19/11/2026"),
    (LETTER, {"recipient": 1}, "recipient", "same-body", "A5", "the same body"),
    (LETTER, {"office": 990200}, "office", "office-not-designated", "C3", "office 990200"),
    (LETTER, {"office": 990300}, "office", "office-not-designated", "C3", "office 990300"),
    (LETTER, {"check": 1, "check_result": 1}, "check", "check-unwanted", "D7", "a letter are not checked"),
    (PACKET, {"check": 0, "check_result": 0}, "check", "check-missing", "D7", "were checked"),
    (PACKET, {"check": 3, "check_result": 0}, "check", "check-not-applicable", "D7", "marked A, B or C"),
    (PACKET, {"check": 7}, "check", "bad-check", "D7", "choose how"),
    (PACKET, {"check_result": 0}, "check_result", "check-result-missing", "D7", "found"),
    (PACKET, {"check_result": 2}, "check_result", "check-failed", "D7", "do not accept"),
    (PACKET, {"check_result": 5}, "check_result", "bad-check-result", "D7", "found"),
    (LETTER, {"check_result": 1}, "check_result", "check-result-unwanted", "D7", "no result"),
    (LETTER, {"seal": " - "}, "seal", "seal-missing", "A2", "missing"),
    (LETTER, {"seal": "AB12"}, "seal", "bad-seal", "A2", "AB12"),
    (LETTER, {"seal": "AB12345Đ"}, "seal", "bad-seal", "A2", "AB12345Đ"),
    (LETTER, {"mass_g": 0}, "mass_g", "mass-missing", "A5", "missing"),
    (LETTER, {"mass_g": -5}, "mass_g", "mass-missing", "A5", "missing"),
    (LETTER, {"mass_g": 2_001}, "mass_g", "too-heavy", "A5", "2001 g is more than the 2000 g"),
]


@pytest.mark.parametrize(
    "form, changes, field, code, requirement, message", REFUSED, ids=[row[3] for row in REFUSED]
)
def test_a_bad_form_is_refused_for_that_reason_alone(
    form: Acceptance, changes: dict[str, Any], field: str, code: str, requirement: str, message: str
) -> None:
    """The clerk must read what is wrong, where, and nothing else."""
    problems = check_acceptance(replace(form, **changes), REGISTER, now_ms=NOW_MS)
    assert [(problem.field, problem.code, problem.requirement) for problem in problems] == [
        (field, code, requirement)
    ]
    assert re.search(message, str(problems[0]))


@pytest.mark.parametrize("kind", [Kind.PACKET, Kind.PARCEL])
@pytest.mark.parametrize("secrecy", [Secrecy.A, Secrecy.B, Secrecy.C])
def test_a_sealed_secret_is_never_opened(kind: Kind, secrecy: Secrecy) -> None:
    """Post staff must not see a state secret (D7); an X-ray or no check are the choices."""
    form = replace(PACKET, kind=kind, secrecy=secrecy, has_two_covers=True, is_stamped=True)
    assert codes(replace(form, check=2)) == ["opened-secret"]
    assert codes(replace(form, check=3, check_result=0)) == []
    assert codes(replace(form, check=1)) == []


def test_a_permit_counts_to_its_last_day() -> None:
    """An exception by CPT may send on the day its permit ends (C1)."""
    assert codes(replace(LETTER, sender=5)) == []


def test_all_problems_are_found_at_once() -> None:
    """A clerk with a queue corrects the form once, not seven times."""
    empty = Acceptance(
        kind=0,
        secrecy=9,
        office=0,
        sender=0,
        sender_clerk="",
        recipient=0,
        seal="",
        mass_g=0,
        urgency=Urgency.TIMED,
    )
    assert set(codes(empty)) == {
        "bad-kind",
        "bad-secrecy",
        "due-missing",
        "not-sealed",
        "not-declared",
        "clerk-missing",
        "not-registered",
        "same-body",
        "office-not-designated",
        "seal-missing",
        "mass-missing",
    }


@given(
    st.fixed_dictionaries(
        {
            "kind": st.integers(-1, 5),
            "secrecy": st.integers(-1, 5),
            "urgency": st.integers(-1, 4),
            "due_ms": st.none() | st.integers(NOW_MS - 5, NOW_MS + 5),
            "has_two_covers": st.booleans(),
            "is_sealed": st.booleans(),
            "is_stamped": st.booleans(),
            "check": st.integers(-1, 5),
            "check_result": st.integers(-1, 4),
            "seal": st.text(max_size=20),
        }
    )
)
def test_what_passes_obeys_the_law_and_makes_good_facts(changes: dict[str, Any]) -> None:
    """Whatever is typed: a form that passes is sealed, covered, unopened, and fits the event's fields."""
    form = replace(LETTER, **changes)
    problems = check_acceptance(form, REGISTER, now_ms=NOW_MS)
    assert {problem.field for problem in problems} <= {field.name for field in fields(Acceptance)}
    if not problems:
        assert form.is_sealed
        assert form.secrecy != Secrecy.A or form.has_two_covers
        assert form.secrecy == Secrecy.NONE or form.check != 2
        assert (form.urgency == Urgency.TIMED) == (form.due_ms is not None and form.due_ms > NOW_MS)
        assert all(FORMS[key](value) for key, value in register_facts(form).items())


def test_facts_hold_codes_and_bits_but_no_names() -> None:
    """Names and the seal number stay out of the log; the seal is a commitment made elsewhere."""
    form = replace(PACKET, secrecy=1, is_stamped=True, has_two_covers=True, urgency=2, due_ms=NOW_MS + 1)
    everything = (
        Declared.SENDER_LIABLE
        | Declared.SEALED
        | Declared.TWO_COVERS
        | Declared.STAMPED
        | Declared.CHECK_PASSED
    )
    assert register_facts(form) == {
        Field.KIND: 2,
        Field.SECRECY: 1,
        Field.URGENCY: 2,
        Field.DUE: NOW_MS + 1,
        Field.SENDER: 1,
        Field.RECIPIENT: 2,
        Field.DECLARED: everything,
        Field.MASS: 120,
        Field.CHECK: 1,
        Field.ONLY_NAMED: 0,
    }


def test_facts_of_a_plain_letter_declare_only_what_was_confirmed() -> None:
    """A bit that nobody confirmed would be a false statement in the log."""
    facts = register_facts(LETTER)
    assert facts[Field.DECLARED] == Declared.SENDER_LIABLE | Declared.SEALED == 3
    assert Field.DUE not in facts
