"""People who sign in: their passwords, locks and sessions. Side tables only; nothing here decides a verdict.

A session is a random token in a cookie; the database keeps its SHA-256, so who reads the database cannot use it.
Every request reads person and session again: suspending a person ends their sessions with the next request (D12).
"""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from flask_babel import gettext as _
from sqlalchemy.dialects import sqlite

from db import desk, failures, people, schema, sessions
from db.engine import is_sqlite, reading
from web.config import Config
from web.i18n import moment_of
from web.problems import ProblemError

__all__ = [
    "ROLES",
    "Viewer",
    "check_password",
    "hash_password",
    "open_session",
    "people_by",
    "viewer_by",
    "viewer_of",
]

ROLES = ("issuer", "courier", "clerk", "recipient", "supervisor", "security", "inspector", "admin")
_SEEN_STEP_MS = 5 * 60_000  # a session's last use is written at most this often


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who makes this request.

    Attributes:
        id: 8-byte pseudonymous person id.
        login: name for signing in.
        name: full name.
        roles: small-letter names, of ROLES.
        office: six-digit code, or None.
        office_name: its name, or "".
        agency: agency code of a recipient, or None.
        agency_name: its name, or "".
        secrecy_max: of a recipient, the highest mark they receive by sign-in alone: 0 none, 1 A, 2 B, 3 C.
        session: SHA-256 of the session's token.
    """

    id: bytes
    login: str
    name: str
    roles: frozenset[str]
    office: int | None
    office_name: str
    agency: int | None
    agency_name: str
    secrecy_max: int = 0
    session: bytes = b""

    @property
    def place(self) -> str:
        """Where the person works, to show."""
        return self.agency_name or self.office_name

    def has(self, *roles: str) -> bool:
        """Whether the person has one of the roles."""
        return not self.roles.isdisjoint(roles)


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _nobody() -> str:
    return _hasher().hash(secrets.token_hex(8))


def hash_password(password: str) -> str:
    """Hash a password with argon2id."""
    return _hasher().hash(password)


def _matches(stored: str | None, password: str) -> bool:
    """Compare; spends the same time where there is nothing to compare with."""
    try:
        _hasher().verify(stored or _nobody(), password)
    except (Argon2Error, InvalidHashError):
        return False
    return stored is not None


@lru_cache(maxsize=256)
def _roles_of(text: str) -> frozenset[str]:
    """Read the roles of a person's row: a JSON array of names."""
    return frozenset(str(name).lower() for name in json.loads(text))


_PEOPLE = (
    sa.select(
        schema.person.c.id,
        schema.person.c.login,
        schema.person.c.name,
        schema.person.c.roles,
        schema.person.c.status,
        schema.person.c.office,
        schema.person.c.agency,
        schema.person.c.secrecy_max,
        schema.office.c.name.label("office_name"),
        schema.agency.c.name.label("agency_name"),
    )
    .outerjoin(schema.office, schema.office.c.code == schema.person.c.office)
    .outerjoin(schema.agency, schema.agency.c.code == schema.person.c.agency)
)


_BY_SESSION = (
    _PEOPLE.add_columns(schema.session.c.seen_ms, schema.session.c.expires_ms)
    .join(schema.session, schema.session.c.person == schema.person.c.id)
    .where(schema.session.c.token_hash == sa.bindparam("hashed"))
)


def _viewer_from(data: Mapping[str, Any], session: bytes = b"") -> Viewer:
    return Viewer(
        id=data["id"],
        login=data["login"],
        name=data["name"],
        roles=_roles_of(data["roles"]),
        office=data["office"],
        office_name=data["office_name"] or "",
        agency=data["agency"],
        agency_name=data["agency_name"] or "",
        secrecy_max=data["secrecy_max"],
        session=session,
    )


def viewer_by(engine: sa.Engine, *where: sa.ColumnElement[bool]) -> Viewer | None:
    """Find one active person."""
    found = people_by(engine, *where, limit=1)
    return found[0] if found else None


def people_by(engine: sa.Engine, *where: sa.ColumnElement[bool], limit: int = 50) -> list[Viewer]:
    """List active people by name."""
    query = (
        _PEOPLE.where(schema.person.c.status == "active", *where)
        .order_by(schema.person.c.folded)
        .limit(limit)
    )
    with reading(engine) as conn:
        return [_viewer_from(dict(row)) for row in conn.execute(query).mappings()]


def check_password(engine: sa.Engine, config: Config, login: str, password: str, *, address: str) -> Viewer:
    """Find the person whose name and password these are; count what fails, lock at the limit (E4).

    A name that nobody has is counted, locked and answered like any other.

    Raises:
        ProblemError: wrong-sign-in, locked or suspended.
    """
    now_ms = config.clock()
    locked_ms = failures.locked_ms(engine, login, address, now_ms=now_ms)
    if locked_ms > 0:
        until = moment_of(now_ms + locked_ms)
        raise ProblemError("locked", _("Locked until %(time)s.", time=until), retry_ms=locked_ms)
    person = people.person_by_login(engine, login)
    if not _matches(person.password_hash if person else None, password) or person is None:
        allowance = failures.Allowance(
            by_address=config.lock_after,
            by_login=config.lock_login_after,
            lock_ms=config.lock_ms,
            window_ms=config.lock_window_ms,
        )
        locks = failures.record_failure(engine, login, address, now_ms=now_ms, allowance=allowance)
        if locks:
            who = person.id if person else None
            desk.log_access(engine, person=who, action="locked", subject="sign-in", at_ms=now_ms)
        raise ProblemError("wrong-sign-in")
    found = viewer_by(engine, schema.person.c.id == person.id)
    if found is None:
        raise ProblemError("suspended")
    failures.clear_failures(engine, login, address)
    return found


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def open_session(engine: sa.Engine, config: Config, person: bytes) -> str:
    """Begin a session and give its token, for the cookie alone."""
    token, now_ms = secrets.token_urlsafe(32), config.clock()
    row = sessions.Session(
        token_hash=_hash(token),
        person=person,
        created_ms=now_ms,
        seen_ms=now_ms,
        expires_ms=now_ms + config.session_ms,
    )
    sessions.open_session(engine, row)
    return token


def viewer_of(engine: sa.Engine, config: Config, token: str) -> Viewer | None:
    """Find whose session a token opens; None where it opens none.

    Raises:
        ProblemError: suspended.
    """
    hashed, now_ms = _hash(token), config.clock()
    row = _session_row(engine, hashed)
    if row is None or row["expires_ms"] <= now_ms:
        return None
    if row["status"] != "active":
        raise ProblemError("suspended")
    if now_ms - row["seen_ms"] > _SEEN_STEP_MS:
        sessions.touch_session(engine, hashed, seen_ms=now_ms, expires_ms=now_ms + config.session_ms)
    return _viewer_from(row, hashed)


def _session_row(engine: sa.Engine, hashed: bytes) -> Mapping[str, Any] | None:
    """Read session and person, on SQLite by the driver itself: this runs for every request."""
    if not is_sqlite(engine):
        with reading(engine) as conn:
            found = conn.execute(_BY_SESSION, {"hashed": hashed}).mappings().first()
        return dict(found) if found else None
    statement, names = _by_session_sqlite()
    raw = engine.raw_connection()
    try:
        cursor = raw.cursor()
        cursor.execute(statement, (hashed,))
        row = cursor.fetchone()
        cursor.close()
    finally:
        raw.close()
    return dict(zip(names, row, strict=True)) if row else None


@cache
def _by_session_sqlite() -> tuple[str, tuple[str, ...]]:
    statement = str(_BY_SESSION.compile(dialect=sqlite.dialect()))
    return statement, tuple(column.key for column in _BY_SESSION.selected_columns if column.key)
