"""Making a production site: keys, the log's first entries, offices and agencies, people, the first administrator."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db import people
from db.errors import SiteError
from db.keybox import Passphrase
from db.site import clock_ms, create_site
from kt1.clock import local_date
from kt1.register import Agency, Basis, Office, OfficeType, Register
from kt1.service import Secrecy
from web.accounts import ROLES, hash_password

__all__ = ["RegisterFile", "found"]

_PASSWORD_CHARS = 10
_PERSON_BYTES = 8


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OfficeFact(_Part):
    """A post office of the network."""

    code: Annotated[int, Field(ge=100_000, le=999_999)]
    name: str
    province: str
    address: str = ""
    is_centre: bool = False


class AgencyFact(_Part):
    """A body that may send and receive."""

    code: Annotated[int, Field(ge=1, le=99_999)]
    name: str
    address: str
    office: int
    active_from: date | None = None
    active_to: date | None = None


class PersonFact(_Part):
    """Somebody who signs in; *mark*: the highest that a recipient receives by that alone."""

    login: Annotated[str, Field(pattern=r"^[a-z][a-z0-9._-]{2,31}$")]
    name: str
    roles: Annotated[list[str], Field(min_length=1)]
    office: int | None = None
    agency: int | None = None
    password: Annotated[str, Field(min_length=_PASSWORD_CHARS)]
    mark: Literal["", "A", "B", "C"] = ""


class RegisterFile(_Part):
    """What `tram init --register FILE` reads."""

    offices: Sequence[OfficeFact] = ()
    agencies: Sequence[AgencyFact] = ()
    people: Sequence[PersonFact] = ()


def found(
    data: Path,
    database_url: str | None,
    *,
    origin: str,
    admin: tuple[str, str, str],
    facts: Mapping[str, Any],
    passphrase: Passphrase | None = None,
) -> dict[str, Any]:
    """Make a site, and say what to note on paper.

    Args:
        data: its folder; must hold no site yet.
        database_url: a PostgreSQL instead of a file in it.
        origin: the log's name for ever.
        admin: name for signing in, full name and password of the first administrator.
        facts: content of the register file, {} for none.
        passphrase: seals the key files; None leaves them readable to the account.

    Raises:
        SiteError: a site is there already, the password is too short, or the register file is wrong.
    """
    login, name, password = admin
    if len(password) < _PASSWORD_CHARS:
        raise SiteError(
            f"password of {len(password)} characters, not {_PASSWORD_CHARS} or more",
            hint="Choose a longer one.",
        )
    try:
        listed = RegisterFile.model_validate(facts)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise SiteError(
            f"register file: {place}: {first['msg']}", hint="`tram init --help` names its parts."
        ) from None
    register = _register(listed, local_date(clock_ms()))
    persons = [_person(login, name, ("ADMIN",), hash_password(password))]
    persons += [_listed(one) for one in listed.people]
    site = create_site(
        data, origin=origin, register=register, database_url=database_url, passphrase=passphrase
    )
    people.add_offices(
        site.engine, (people.Office(code=o.code, name=o.name, address=o.address) for o in register.offices)
    )
    people.add_agencies(
        site.engine,
        (
            people.Agency(code=a.code, name=a.name, address=a.address, office=a.office)
            for a in register.agencies
        ),
    )
    people.add_people(site.engine, persons)
    roots = [kid.hex() for kid in site.roots]
    site.close()
    return {
        "origin": origin,
        "root_key": roots[0],
        "sealed": passphrase is not None,
        "admin": login,
        "offices": len(register.offices),
        "agencies": len(register.agencies),
        "people": len(persons),
    }


def _register(listed: RegisterFile, day: date) -> Register:
    offices = tuple(
        Office(
            code=one.code, name=one.name, province=one.province, address=one.address, kt1_from=day,
            type=OfficeType.CENTRE if one.is_centre else OfficeType.OUTLYING,
        )
        for one in listed.offices
    )  # fmt: skip
    agencies = tuple(
        Agency(
            code=one.code, name=one.name, address=one.address, office=one.office, basis=Basis.APPENDIX_II,
            active_from=one.active_from or day, active_to=one.active_to,
        )
        for one in listed.agencies
    )  # fmt: skip
    return Register(offices=offices, agencies=agencies, people=())


def _listed(one: PersonFact) -> people.Person:
    unknown = {role.lower() for role in one.roles} - set(ROLES)
    if unknown:
        raise SiteError(
            f"register file: {one.login} has unknown roles {sorted(unknown)}",
            hint=f"Roles: {', '.join(ROLES)}.",
        )
    roles = tuple(sorted(role.upper() for role in one.roles))
    return _person(
        one.login, one.name, roles, hash_password(one.password), office=one.office, agency=one.agency,
        secrecy_max=Secrecy[one.mark] if one.mark else Secrecy.NONE,
    )  # fmt: skip


def _person(
    login: str,
    name: str,
    roles: tuple[str, ...],
    password_hash: str,
    *,
    office: int | None = None,
    agency: int | None = None,
    secrecy_max: Secrecy = Secrecy.NONE,
) -> people.Person:
    return people.Person(
        id=secrets.token_bytes(_PERSON_BYTES),
        login=login,
        name=name,
        roles=roles,
        password_hash=password_hash,
        created_ms=clock_ms(),
        office=office,
        agency=agency,
        secrecy_max=int(secrecy_max),
    )
