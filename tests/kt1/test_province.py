"""The demonstration province: its size, its sense, its determinism."""

from __future__ import annotations

import random
import re
import unicodedata
from collections import Counter
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.roles import Role
from kt1.clock import day_start_ms
from kt1.names import fictional_phone, make_names
from kt1.province import CENTRE, PERSONAS, make_province
from kt1.register import OfficeType, Register, qualified_until_ms

DAY = date(2026, 11, 1)


def test_it_has_the_size_of_a_real_province(province: Register) -> None:
    """7 offices, one of them central; 133 workers; 30 agencies (seed 002)."""
    types = Counter(office.type for office in province.offices)
    assert types == {OfficeType.CENTRE: 1, OfficeType.OUTLYING: 6}
    assert len(province.staff()) == 133
    assert len(province.agencies) == 30


@pytest.mark.parametrize("role", [Role.ISSUER, Role.CLERK, Role.COURIER, Role.SUPERVISOR, Role.SECURITY])
def test_every_office_can_do_its_work(province: Register, role: Role) -> None:
    """Acceptance, carriage, decisions; two clerks and two couriers so that one may witness the other."""
    for office in province.offices:
        least = 1 if role in {Role.SUPERVISOR, Role.SECURITY} else 2
        assert len(province.staff(office=office.code, role=role)) >= least


def test_two_supervisors_stand_at_the_centre(province: Register) -> None:
    """An override needs two."""
    assert len(province.staff(office=CENTRE, role=Role.SUPERVISOR)) >= 2


def test_every_agency_has_a_receiver_and_contacts(province: Register) -> None:
    """Off hours somebody must be there, with name, position and phone (A8)."""
    for agency in province.agencies:
        assert province.receivers(agency.code)
        assert len(agency.contacts_on(DAY)) == 2
        assert all(one.name and one.position for one in agency.contacts)


def test_routes_join_every_outlying_office_with_the_centre_both_ways(province: Register) -> None:
    """Items between two outlying offices meet at the centre."""
    pairs = {(route.origin, route.destination) for route in province.routes}
    outlying = [office.code for office in province.offices if office.code != CENTRE]
    assert pairs == {(CENTRE, code) for code in outlying} | {(code, CENTRE) for code in outlying}


def test_personas_exist_and_play_their_part(province: Register) -> None:
    """The first walk names them."""
    people = [province.person_by_login[persona.login] for persona in PERSONAS]
    assert {Role.ISSUER, Role.COURIER, Role.RECIPIENT, Role.SUPERVISOR, Role.INSPECTOR} <= set().union(
        *(person.roles for person in people)
    )


def test_all_text_is_nfc(province: Register) -> None:
    """Two forms of one name would be two names in a search."""
    texts = [office.name for office in province.offices]
    texts += [text for agency in province.agencies for text in (agency.name, agency.address)]
    texts += [one.name for agency in province.agencies for one in agency.contacts]
    texts += [text for person in province.people for text in (person.name, person.position)]
    assert all(unicodedata.is_normalized("NFC", text) for text in texts)


def test_nobody_has_the_name_of_another(province: Register) -> None:
    """A newcomer must not confuse two people on the item page."""
    assert len({person.name for person in province.people}) == len(province.people)


def test_everybody_is_qualified_for_the_months_to_come(province: Register) -> None:
    """A demonstration whose people expire tomorrow shows nothing but K03."""
    until_ms = day_start_ms(DAY + timedelta(days=200))
    assert all(qualified_until_ms(person) >= until_ms for person in province.people)


def test_one_seed_makes_one_province() -> None:
    """`make run` on two machines shows the same people."""
    assert make_province(5, day=DAY) == make_province(5, day=DAY)
    assert make_province(5, day=DAY) != make_province(6, day=DAY)


@given(st.integers(0, 999_999))
def test_phone_numbers_cannot_ring(serial: int) -> None:
    """Numbers that begin with 01 were withdrawn in 2018."""
    assert re.fullmatch(r"0100 \d{3} \d{3}", fictional_phone(serial))


@given(st.integers(0, 300), st.integers())
def test_names_are_as_many_as_asked_and_all_different(count: int, seed: int) -> None:
    """Every person needs one."""
    names = make_names(count, random.Random(seed))
    assert len(names) == len(set(names)) == count


def test_an_expired_commitment_shortens_the_qualification(province: Register) -> None:
    """There is no second mechanism beside the certificate (A14, B12, C5)."""
    person = province.people[0]
    lapsed = replace(person, committed_until=DAY)
    assert qualified_until_ms(lapsed) == day_start_ms(DAY + timedelta(days=1)) < qualified_until_ms(person)
