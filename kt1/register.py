"""The registers of the network: offices, agencies with their off-hours contacts, people, routes.

Values are checked when they are made; `Register` looks them up. Names, phones and addresses belong to the
side tables: nothing of them goes into the log.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from custody.errors import CustodyError
from custody.roles import Role
from kt1.clock import DAY_MS, day_start_ms, show_date
from kt1.hours import Calendar
from kt1.service import Secrecy

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date

__all__ = [
    "Agency",
    "Basis",
    "Contact",
    "Office",
    "OfficeType",
    "Person",
    "Register",
    "RegisterError",
    "Route",
    "qualified_until_ms",
]

_OFFICE_CODES = range(100_000, 1_000_000)  # six digits; the first is never 0 in an integer code
_PERSON_BYTES = 8
_LOGIN = re.compile(r"[a-z][a-z0-9._-]{2,31}")
_PHONE = re.compile(r"\+?[0-9][0-9 ]{7,15}")
_NAME_CHARS = 200
_K = TypeVar("_K")
_V = TypeVar("_V")


class RegisterError(CustodyError):
    """A register entry that the rules do not allow."""

    code = "bad-register-entry"
    hint = "correct the entry; nothing was stored"


def _check_text(what: str, value: str) -> None:
    if not value.strip() or len(value) > _NAME_CHARS:
        raise RegisterError(f"{what} is empty or longer than {_NAME_CHARS} characters")
    if value != value.strip() or not unicodedata.is_normalized("NFC", value) or not value.isprintable():
        raise RegisterError(f"{what} {value!r} has outer blanks, control characters or is not in form NFC")


def _check_dates(what: str, first: date | None, last: date | None) -> None:
    if first is not None and last is not None and last < first:
        raise RegisterError(f"{what} ends on {show_date(last)}, before it begins on {show_date(first)}")


def _within(day: date, first: date | None, last: date | None) -> bool:
    return (first is None or first <= day) and (last is None or day <= last)


class OfficeType(IntEnum):
    """Grade-1 offices of a province: the centre, and the outlying ones (C3)."""

    CENTRE = 1
    OUTLYING = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A post office.

    Attributes:
        code: six digits, as an integer.
        name: as on its sign.
        province: name of the province.
        type: centre or outlying.
        kt1_from: first day on which it is designated for KT1, or None where it never was.
        kt1_to: last such day, or None while the designation holds.
        address: where it stands.
        position: (latitude + 90, longitude + 180) in 1e-5 degrees, or None where it was never measured.
    """

    code: int
    name: str
    province: str
    type: OfficeType
    kt1_from: date | None
    kt1_to: date | None = None
    address: str = ""
    position: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Check the entry (C3)."""
        if self.code not in _OFFICE_CODES:
            raise RegisterError(f"office code {self.code} is not six digits")
        _check_text("office name", self.name)
        _check_text("province", self.province)
        _check_dates(f"designation of office {self.code}", self.kt1_from, self.kt1_to)

    def is_designated(self, day: date) -> bool:
        """Whether the office may accept KT1 items on that day (C3, E11)."""
        return self.kt1_from is not None and _within(day, self.kt1_from, self.kt1_to)


class Basis(IntEnum):
    """Why a body may use KT1: the appendix that lists it, or a permit of CPT (C1, C11)."""

    APPENDIX_I = 1
    APPENDIX_II = 2
    PERMIT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Who receives KT1 items outside office hours, on holidays and Tết (A8).

    Attributes:
        name: full name.
        position: position in the body.
        phone: digits and blanks, an optional leading plus.
        valid_from: first day of validity.
        valid_to: last day, or None while open.
    """

    name: str
    position: str
    phone: str
    valid_from: date
    valid_to: date | None = None

    def __post_init__(self) -> None:
        """Check that all three of name, position and phone are there (A8)."""
        _check_text("name of the off-hours contact", self.name)
        _check_text("position of the off-hours contact", self.position)
        if not _PHONE.fullmatch(self.phone):
            raise RegisterError(f"phone {self.phone!r} of the off-hours contact is not 8 to 16 digits")
        _check_dates(f"contact {self.name}", self.valid_from, self.valid_to)


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A body that may send and receive by KT1.

    Attributes:
        code: its number in the register, 1 or more.
        name: full name.
        address: the address that deliveries go to.
        office: code of the office that serves it.
        basis: appendix I or II, or a permit.
        active_from: first day in the register.
        active_to: last day, or None while open.
        permit_number: number of the permit, required for `Basis.PERMIT` and only there (C1).
        permit_expires: its last day, likewise.
        contacts: off-hours contacts (A8).
        position: as an office's.
    """

    code: int
    name: str
    address: str
    office: int
    basis: Basis
    active_from: date
    active_to: date | None = None
    permit_number: str = ""
    permit_expires: date | None = None
    contacts: tuple[Contact, ...] = ()
    position: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        """Check the entry (A5, C1)."""
        if self.code < 1:
            raise RegisterError(f"agency code {self.code} is not 1 or more")
        _check_text("agency name", self.name)
        _check_text("agency address", self.address)
        if self.office not in _OFFICE_CODES:
            raise RegisterError(f"office code {self.office} of agency {self.code} is not six digits")
        _check_dates(f"agency {self.code}", self.active_from, self.active_to)
        has_permit = bool(self.permit_number.strip()) and self.permit_expires is not None
        if self.basis is Basis.PERMIT and not has_permit:
            raise RegisterError(f"agency {self.code} is an exception: permit number and expiry are needed")
        if self.basis is not Basis.PERMIT and (self.permit_number or self.permit_expires):
            raise RegisterError(f"agency {self.code} is listed in an appendix and takes no permit")

    def is_active(self, day: date) -> bool:
        """Whether the body stands in the register on that day; says nothing about its permit."""
        return _within(day, self.active_from, self.active_to)

    def is_permitted(self, day: date) -> bool:
        """Whether an appendix or an unexpired permit lets the body use KT1 on that day (C1)."""
        return self.basis is not Basis.PERMIT or _within(day, None, self.permit_expires)

    def contacts_on(self, day: date) -> tuple[Contact, ...]:
        """The off-hours contacts valid on that day, in the order of the list."""
        return tuple(one for one in self.contacts if _within(day, one.valid_from, one.valid_to))


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Someone who may sign: a worker of the network, or a receiver at an agency.

    Attributes:
        id: 8 pseudonymous bytes, the only part that the log knows.
        login: sign-in name.
        name: full name.
        roles: what the certificate will carry.
        office: the office of work; for a receiver the office that serves the agency.
        agency: code of the agency of a receiver, otherwise None.
        vetted_until: last day of the political vetting (A14, E20).
        trained_until: last day of the training in postal work and KT1 security (B1, B12).
        committed_until: last day of the signed commitment (C5).
        secrecy_max: the highest mark the person may handle: NONE < C < B < A.
        position: position, for people to read.
    """

    id: bytes
    login: str
    name: str
    roles: frozenset[Role]
    office: int
    agency: int | None = None
    vetted_until: date
    trained_until: date
    committed_until: date
    secrecy_max: Secrecy = Secrecy.NONE
    position: str = ""

    def __post_init__(self) -> None:
        """Check the entry (A14, B1, C4, C5)."""
        if len(self.id) != _PERSON_BYTES:
            raise RegisterError(f"person id of {len(self.id)} bytes, not {_PERSON_BYTES}")
        if not _LOGIN.fullmatch(self.login):
            raise RegisterError(f"login {self.login!r} is not 3 to 32 small letters and digits")
        _check_text("name", self.name)
        if not self.roles:
            raise RegisterError(f"{self.login} has no role")
        if self.office not in _OFFICE_CODES:
            raise RegisterError(f"office code {self.office} of {self.login} is not six digits")
        if (Role.RECIPIENT in self.roles) != (self.agency is not None):
            raise RegisterError(f"{self.login} needs both the role of recipient and an agency, or neither")


def qualified_until_ms(person: Person) -> int:
    """Unix milliseconds at which the person's qualification ends: the earliest of three expiries.

    The certificate of every key of the person runs no longer, so nobody unvetted, untrained or uncommitted
    can sign a valid handover (A14, B1, B12, C5). The last day counts in full, to midnight at +07:00.
    """
    last = min(person.vetted_until, person.trained_until, person.committed_until)
    return day_start_ms(last) + DAY_MS


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A mail run between two offices.

    Attributes:
        code: number of the route, 1 or more.
        origin: office code it leaves from.
        destination: office code it goes to.
        minutes: usual time on the road, minutes.
    """

    code: int
    origin: int
    destination: int
    minutes: int

    def __post_init__(self) -> None:
        """Check the entry."""
        if self.code < 1 or self.minutes < 1:
            raise RegisterError(f"route {self.code} of {self.minutes} minutes: both are 1 or more")
        if self.origin not in _OFFICE_CODES or self.destination not in _OFFICE_CODES:
            raise RegisterError(f"route {self.code} joins codes that are not six digits")
        if self.origin == self.destination:
            raise RegisterError(f"route {self.code} begins and ends at office {self.origin}")


def _keyed(what: str, pairs: Iterable[tuple[_K, _V]]) -> dict[_K, _V]:
    table: dict[_K, _V] = {}
    for key, value in pairs:
        if key in table:
            raise RegisterError(f"{what} {key!r} stands in the register twice")
        table[key] = value
    return table


@dataclass(frozen=True, kw_only=True)
class Register:
    """Offices, agencies, people and routes of a network, checked against each other.

    Attributes:
        offices: every office.
        agencies: every agency; each is served by an office of the register.
        people: everyone; each belongs to an office, and a receiver to an agency, of the register.
        routes: runs between offices of the register.
        duty: when its offices are open, or None where that is not to be judged.
    """

    offices: tuple[Office, ...]
    agencies: tuple[Agency, ...]
    people: tuple[Person, ...]
    routes: tuple[Route, ...] = field(default=())
    duty: Calendar | None = None

    def __post_init__(self) -> None:
        """Check that codes, ids and logins are unique and that every reference is answered."""
        codes = self.office_by_code.keys() | self.agency_by_code.keys()
        if len(codes) != len(self.offices) + len(self.agencies):
            raise RegisterError("an agency bears the code of an office")
        for agency in self.agencies:
            self._known_office(agency.office, f"agency {agency.code}")
        for person in self.people:
            self._known_office(person.office, person.login)
            if person.agency is not None and person.agency not in self.agency_by_code:
                raise RegisterError(f"agency {person.agency} of {person.login} is not registered")
        for route in self.routes:
            self._known_office(route.origin, f"route {route.code}")
            self._known_office(route.destination, f"route {route.code}")
        _keyed("login", ((person.login, person) for person in self.people))
        _keyed("person", ((person.id, person) for person in self.people))

    def _known_office(self, code: int, whose: str) -> None:
        if code not in self.office_by_code:
            raise RegisterError(f"office {code} of {whose} is not registered")

    @cached_property
    def office_by_code(self) -> dict[int, Office]:
        """Offices by their six-digit code."""
        return _keyed("office", ((office.code, office) for office in self.offices))

    @cached_property
    def agency_by_code(self) -> dict[int, Agency]:
        """Agencies by their code."""
        return _keyed("agency", ((agency.code, agency) for agency in self.agencies))

    @cached_property
    def person_by_id(self) -> dict[bytes, Person]:
        """People by their pseudonymous id."""
        return {person.id: person for person in self.people}

    @cached_property
    def person_by_login(self) -> dict[str, Person]:
        """People by their sign-in name."""
        return {person.login: person for person in self.people}

    def staff(self, *, office: int | None = None, role: Role | None = None) -> tuple[Person, ...]:
        """Workers, not receivers, in register order; of one office or role where given (C4)."""
        return tuple(
            person
            for person in self.people
            if person.agency is None
            and (office is None or person.office == office)
            and (role is None or role in person.roles)
        )

    def receivers(self, agency: int) -> tuple[Person, ...]:
        """The people who may receive for an agency, in register order."""
        return tuple(person for person in self.people if person.agency == agency)
