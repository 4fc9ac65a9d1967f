"""Names: persons, offices, agencies and whom to call. Side tables, erasable; no verdict rests on them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from db import schema
from db.engine import reading, writing
from db.plain import fold, pattern

__all__ = [
    "Agency",
    "Contact",
    "Office",
    "Person",
    "add_agencies",
    "add_contacts",
    "add_offices",
    "add_people",
    "agencies",
    "contacts",
    "erase_person",
    "names_of",
    "offices",
    "people",
    "person_by_id",
    "person_by_login",
    "set_mark",
    "set_password",
]

_person, _office, _agency, _contact = schema.person, schema.office, schema.agency, schema.contact


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who is behind a pseudonymous id.

    Attributes:
        id: 8 bytes, the only trace of the person in the log.
        login: unique.
        name: as shown.
        roles: names of `custody.roles.Role`; what the person may be certified for.
        office: office code, or None for people of agencies.
        agency: agency code, or None for people of the post.
        password_hash: argon2, or None where no sign-in is allowed.
        status: active or erased.
        secrecy_max: of a recipient, the highest mark they receive by sign-in alone: 0 none, 1 A, 2 B, 3 C.
    """

    id: bytes
    login: str
    name: str
    roles: tuple[str, ...]
    office: int | None = None
    agency: int | None = None
    phone: str | None = None
    password_hash: str | None = None
    status: str = "active"
    created_ms: int = 0
    secrecy_max: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """A post office of the KT1 network."""

    code: int
    name: str
    address: str | None = None
    phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Agency:
    """A body that sends and receives KT1 mail; `office` is the one that serves it."""

    code: int
    name: str
    short_name: str | None = None
    address: str | None = None
    office: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Whom to call at an agency, off hours too."""

    agency: int
    name: str
    phone: str | None = None
    duty: str | None = None
    hours: str | None = None


def add_people(engine: sa.Engine, persons: Iterable[Person]) -> None:
    """Insert persons; a login or id that is taken raises the driver's IntegrityError and none is added."""
    rows = [
        asdict(p) | {"roles": json.dumps(p.roles), "folded": fold(f"{p.name} {p.login}")} for p in persons
    ]
    if rows:
        with writing(engine) as conn:
            conn.execute(_person.insert(), rows)


def person_by_id(engine: sa.Engine, person_id: bytes) -> Person | None:
    """Return a person, or None."""
    return _one_person(engine, _person.c.id == person_id)


def person_by_login(engine: sa.Engine, login: str) -> Person | None:
    """Return the person who signs in as *login* (case does not matter), or None."""
    return _one_person(engine, sa.func.lower(_person.c.login) == login.strip().lower())


def people(
    engine: sa.Engine,
    *,
    role: str | None = None,
    office: int | None = None,
    agency: int | None = None,
    query: str = "",
    limit: int = 200,
) -> list[Person]:
    """List active persons by name; every condition given must hold.

    Args:
        engine: where the site is stored.
        role: name of a role.
        office: office code.
        agency: agency code.
        query: part of name or login, marks and case ignored.
        limit: at most so many.
    """
    where = [_person.c.status == "active"]
    if role:
        where.append(_person.c.roles.contains(json.dumps(role), autoescape=True))
    if office is not None:
        where.append(_person.c.office == office)
    if agency is not None:
        where.append(_person.c.agency == agency)
    if query.strip():
        where.append(_person.c.folded.like(pattern(query), escape="\\"))
    with reading(engine) as conn:
        rows = conn.execute(sa.select(_person).where(*where).order_by(_person.c.folded).limit(limit))
        return [_person_of(row) for row in rows]


def names_of(engine: sa.Engine, ids: Iterable[bytes]) -> dict[bytes, str]:
    """Return the names of those ids that have one; an erased person has none."""
    wanted = sorted(set(ids))
    query = sa.select(_person.c.id, _person.c.name).where(
        _person.c.id.in_(wanted), _person.c.status == "active"
    )
    with reading(engine) as conn:
        return {row.id: row.name for row in conn.execute(query)}


def set_password(engine: sa.Engine, person_id: bytes, password_hash: str) -> None:
    """Store a new password hash."""
    _change_person(engine, person_id, password_hash=password_hash)


def set_mark(engine: sa.Engine, person_id: bytes, secrecy_max: int) -> None:
    """Store the highest mark that a recipient receives by sign-in alone."""
    _change_person(engine, person_id, secrecy_max=secrecy_max)


def erase_person(engine: sa.Engine, person_id: bytes) -> None:
    """Take name, login, phone and sign-in away for good; what the pseudonym signed stays in the log."""
    mark = person_id.hex()
    _change_person(
        engine,
        person_id,
        name="",
        login=f"erased-{mark}",
        folded="",
        phone=None,
        password_hash=None,
        status="erased",
    )
    with writing(engine) as conn:
        conn.execute(schema.session.delete().where(schema.session.c.person == person_id))
        conn.execute(schema.named.delete().where(schema.named.c.person == person_id))


def add_offices(engine: sa.Engine, offices_: Iterable[Office]) -> None:
    """Insert offices."""
    _insert(engine, _office, [asdict(o) for o in offices_])


def add_agencies(engine: sa.Engine, agencies_: Iterable[Agency]) -> None:
    """Insert agencies."""
    rows = [asdict(a) | {"folded": fold(f"{a.name} {a.short_name or ''}")} for a in agencies_]
    _insert(engine, _agency, rows)


def add_contacts(engine: sa.Engine, contacts_: Iterable[Contact]) -> None:
    """Insert contacts."""
    _insert(engine, _contact, [asdict(c) for c in contacts_])


def offices(engine: sa.Engine) -> list[Office]:
    """List all offices by code."""
    with reading(engine) as conn:
        return [Office(**row) for row in conn.execute(sa.select(_office).order_by(_office.c.code)).mappings()]


def agencies(engine: sa.Engine, query: str = "", *, limit: int = 1_000) -> list[Agency]:
    """List agencies by name; *query* is part of the name, marks and case ignored."""
    columns = [column for column in _agency.c if column.name != "folded"]
    statement = sa.select(*columns).order_by(_agency.c.folded, _agency.c.code).limit(limit)
    if query.strip():
        statement = statement.where(_agency.c.folded.like(pattern(query), escape="\\"))
    with reading(engine) as conn:
        return [Agency(**row) for row in conn.execute(statement).mappings()]


def contacts(engine: sa.Engine, agency: int) -> list[Contact]:
    """List whom to call at an agency, in the order they were entered."""
    columns = [column for column in _contact.c if column.name != "id"]
    statement = sa.select(*columns).where(_contact.c.agency == agency).order_by(_contact.c.id)
    with reading(engine) as conn:
        return [Contact(**row) for row in conn.execute(statement).mappings()]


def _one_person(engine: sa.Engine, where: sa.ColumnElement[bool]) -> Person | None:
    with reading(engine) as conn:
        row = conn.execute(sa.select(_person).where(where)).first()
    return _person_of(row) if row else None


def _person_of(row: sa.Row[tuple[object, ...]]) -> Person:
    values = dict(row._mapping)  # noqa: SLF001 -- SQLAlchemy's public name for it
    del values["folded"]
    return Person(**values | {"roles": tuple(json.loads(values["roles"]))})


def _change_person(engine: sa.Engine, person_id: bytes, **values: object) -> None:
    with writing(engine) as conn:
        conn.execute(_person.update().where(_person.c.id == person_id).values(**values))


def _insert(engine: sa.Engine, table: sa.Table, rows: Sequence[dict[str, object]]) -> None:
    if rows:
        with writing(engine) as conn:
            conn.execute(table.insert(), rows)
