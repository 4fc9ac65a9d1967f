"""Registers: what an entry must have, and what hangs together."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from custody.roles import Role
from kt1.clock import show_time
from kt1.register import (
    Agency,
    Basis,
    Contact,
    Office,
    OfficeType,
    Person,
    Register,
    RegisterError,
    Route,
    qualified_until_ms,
)

OFFICE = Office(
    code=990100, name="Bưu cục", province="Lam Giang", type=OfficeType.CENTRE, kt1_from=date(2020, 1, 1)
)
CONTACT = Contact(name="Lê An", position="Văn thư", phone="0100 000 001", valid_from=date(2026, 1, 1))
AGENCY = Agency(
    code=1,
    name="Sở Mẫu",
    address="Số 1",
    office=990100,
    basis=Basis.APPENDIX_II,
    active_from=date(2020, 1, 1),
    contacts=(CONTACT,),
)
PERSON = Person(
    id=bytes(8),
    login="buuta1",
    name="Lê An",
    roles=frozenset({Role.COURIER}),
    office=990100,
    vetted_until=date(2027, 5, 1),
    trained_until=date(2026, 12, 31),
    committed_until=date(2028, 1, 1),
)


@pytest.mark.parametrize(
    "entry, changes, reason",
    [
        (OFFICE, {"code": 99010}, "office code 99010 is not six digits"),
        (OFFICE, {"code": 9901000}, "office code 9901000 is not six digits"),
        (OFFICE, {"name": " "}, "office name is empty"),
        (OFFICE, {"name": "Bu\u031bu cục"}, "is not in form NFC"),
        (OFFICE, {"kt1_to": date(2019, 1, 1)}, "ends on 01/01/2019, before it begins"),
        (CONTACT, {"name": ""}, "name of the off-hours contact is empty"),
        (CONTACT, {"position": ""}, "position of the off-hours contact is empty"),
        (CONTACT, {"phone": ""}, "phone '' of the off-hours contact"),
        (CONTACT, {"phone": "gọi sau"}, "phone 'gọi sau' of the off-hours contact"),
        (AGENCY, {"code": 0}, "agency code 0"),
        (AGENCY, {"basis": Basis.PERMIT}, "permit number and expiry are needed"),
        (AGENCY, {"basis": Basis.PERMIT, "permit_number": "12/CPT"}, "permit number and expiry are needed"),
        (AGENCY, {"permit_number": "12/CPT"}, "takes no permit"),
        (PERSON, {"id": bytes(7)}, "person id of 7 bytes, not 8"),
        (PERSON, {"login": "Bưu tá"}, "login 'Bưu tá'"),
        (PERSON, {"roles": frozenset()}, "has no role"),
        (PERSON, {"agency": 1}, "needs both the role of recipient and an agency"),
        (PERSON, {"roles": frozenset({Role.RECIPIENT})}, "needs both the role of recipient and an agency"),
    ],
)
def test_a_bad_entry_is_refused_with_its_reason(entry: Any, changes: dict[str, Any], reason: str) -> None:
    """Nothing half-filled gets into a register (A8, C1, C3)."""
    with pytest.raises(RegisterError, match=reason):
        replace(entry, **changes)


def test_designation_counts_by_the_day() -> None:
    """An office accepts KT1 from its first to its last designated day (C3)."""
    office = replace(OFFICE, kt1_to=date(2026, 6, 30))
    assert [office.is_designated(date(y, m, d)) for y, m, d in ((2019, 12, 31), (2020, 1, 1))] == [
        False,
        True,
    ]
    assert [office.is_designated(date(2026, m, d)) for m, d in ((6, 30), (7, 1))] == [True, False]
    assert not replace(OFFICE, kt1_from=None).is_designated(date(2026, 1, 1))


def test_contacts_count_only_while_valid() -> None:
    """A contact of last year is not shown (A8)."""
    old = replace(CONTACT, valid_from=date(2025, 1, 1), valid_to=date(2025, 12, 31))
    agency = replace(AGENCY, contacts=(old, CONTACT))
    assert agency.contacts_on(date(2026, 2, 17)) == (CONTACT,)


def test_qualification_ends_with_the_earliest_expiry() -> None:
    """Training runs out first here; its last day counts to midnight (A14, B1, C5)."""
    assert show_time(qualified_until_ms(PERSON)) == "01/01/2027 00:00"


@pytest.mark.parametrize(
    "parts, reason",
    [
        ({"offices": (OFFICE, OFFICE)}, "office 990100 stands in the register twice"),
        ({"agencies": (AGENCY, AGENCY)}, "agency 1 stands in the register twice"),
        ({"agencies": (replace(AGENCY, office=990200),)}, "office 990200 of agency 1 is not registered"),
        (
            {"people": (PERSON, replace(PERSON, id=b"12345678"))},
            "login 'buuta1' stands in the register twice",
        ),
        ({"people": (PERSON, replace(PERSON, login="buuta2"))}, "person .* stands in the register twice"),
        (
            {"people": (replace(PERSON, roles=frozenset({Role.RECIPIENT}), agency=7),)},
            "agency 7 of buuta1 is not registered",
        ),
        (
            {"routes": (Route(code=1, origin=990100, destination=990200, minutes=50),)},
            "office 990200 of route 1 is not registered",
        ),
    ],
)
def test_a_register_hangs_together(parts: dict[str, Any], reason: str) -> None:
    """Codes and logins are unique and every reference is answered."""
    whole = {"offices": (OFFICE,), "agencies": (AGENCY,), "people": (PERSON,)}
    with pytest.raises(RegisterError, match=reason):
        Register(**(whole | parts))


def test_a_route_joins_two_offices() -> None:
    """A run from an office to itself is a typing error."""
    with pytest.raises(RegisterError, match="begins and ends at office 990100"):
        Route(code=1, origin=990100, destination=990100, minutes=5)
