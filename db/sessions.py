"""Sign-ins, and devices waiting for approval. Tokens are stored as hashes: to read them is not to have them."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa

from db import schema
from db.engine import reading, writing

__all__ = [
    "DeviceRequest",
    "Session",
    "bind_device",
    "close_session",
    "close_sessions_of",
    "decide_device",
    "device_request",
    "device_requests",
    "open_session",
    "request_device",
    "session_of",
    "set_language",
    "touch_session",
]

_session, _request = schema.session, schema.device_request


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One signed-in browser.

    Attributes:
        token_hash: 32 bytes, SHA-256 of the cookie's token.
        person: 8 bytes.
        kid: 8 bytes, the browser's device key, once known.
        language: vi or en, once chosen.
    """

    token_hash: bytes
    person: bytes
    kid: bytes | None = None
    language: str | None = None
    created_ms: int
    seen_ms: int
    expires_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRequest:
    """A browser's key that waits for a certificate, or has had its answer.

    Attributes:
        kid: 8 bytes; public: 32 bytes; person: 8 bytes.
        name: what the person calls the device.
        status: pending, active, refused or revoked.
        decided_by: the supervisor's person id, or None.
        checked_on: day of the device's security check, 2026-11-20, or None at a demonstration.
        checked_by: who says so.
    """

    kid: bytes
    public: bytes
    person: bytes
    name: str
    status: str = "pending"
    decided_by: bytes | None = None
    created_ms: int
    decided_ms: int | None = None
    checked_on: str | None = None
    checked_by: bytes | None = None


def open_session(engine: sa.Engine, session: Session) -> None:
    """Store a new session."""
    with writing(engine) as conn:
        conn.execute(_session.delete().where(_session.c.expires_ms < session.created_ms))
        conn.execute(_session.insert(), [asdict(session)])


def session_of(engine: sa.Engine, token_hash: bytes, *, now_ms: int) -> Session | None:
    """Return the session of a token, or None where it is unknown or over."""
    where = (_session.c.token_hash == token_hash, _session.c.expires_ms > now_ms)
    with reading(engine) as conn:
        row = conn.execute(sa.select(_session).where(*where)).mappings().first()
    return Session(**row) if row else None


def touch_session(engine: sa.Engine, token_hash: bytes, *, seen_ms: int, expires_ms: int) -> None:
    """Note that the session is in use, and until when it now runs."""
    _change(engine, token_hash, seen_ms=seen_ms, expires_ms=expires_ms)


def bind_device(engine: sa.Engine, token_hash: bytes, kid: bytes) -> None:
    """Note which device key the session's browser has."""
    _change(engine, token_hash, kid=kid)


def set_language(engine: sa.Engine, token_hash: bytes, language: str) -> None:
    """Note the language chosen."""
    _change(engine, token_hash, language=language)


def close_session(engine: sa.Engine, token_hash: bytes) -> None:
    """End one session."""
    with writing(engine) as conn:
        conn.execute(_session.delete().where(_session.c.token_hash == token_hash))


def close_sessions_of(engine: sa.Engine, person: bytes) -> int:
    """End every session of a person; returns how many."""
    with writing(engine) as conn:
        return conn.execute(_session.delete().where(_session.c.person == person)).rowcount


def request_device(engine: sa.Engine, request: DeviceRequest) -> DeviceRequest:
    """Store a request and return it; the same key asked for again returns what is there already."""
    with writing(engine) as conn:
        row = conn.execute(sa.select(_request).where(_request.c.kid == request.kid)).mappings().first()
        if row:
            return DeviceRequest(**row)
        conn.execute(_request.insert(), [asdict(request)])
    return request


def device_request(engine: sa.Engine, kid: bytes) -> DeviceRequest | None:
    """Return what is known of a device key, or None."""
    with reading(engine) as conn:
        row = conn.execute(sa.select(_request).where(_request.c.kid == kid)).mappings().first()
    return DeviceRequest(**row) if row else None


def device_requests(
    engine: sa.Engine, *, status: str | None = None, person: bytes | None = None
) -> list[DeviceRequest]:
    """List requests, newest first."""
    statement = sa.select(_request).order_by(_request.c.created_ms.desc(), _request.c.kid)
    if status:
        statement = statement.where(_request.c.status == status)
    if person:
        statement = statement.where(_request.c.person == person)
    with reading(engine) as conn:
        return [DeviceRequest(**row) for row in conn.execute(statement).mappings()]


def decide_device(
    engine: sa.Engine,
    kid: bytes,
    *,
    status: str,
    decided_by: bytes | None,
    now_ms: int,
    checked_on: str | None = None,
) -> None:
    """Note the decision. The certificate itself is an entry of the log: `Site.certify`, `Site.revoke`.

    Args:
        engine: where the site is stored.
        kid: of the device's key.
        status: active, refused or revoked.
        decided_by: the supervisor, or None at a demonstration.
        now_ms: the moment.
        checked_on: day of the security check that the supervisor vouches for; None leaves what is known.
    """
    with writing(engine) as conn:
        values: dict[str, object] = {"status": status, "decided_by": decided_by, "decided_ms": now_ms}
        if checked_on is not None:
            values |= {"checked_on": checked_on, "checked_by": decided_by}
        conn.execute(_request.update().where(_request.c.kid == kid).values(**values))


def _change(engine: sa.Engine, token_hash: bytes, **values: object) -> None:
    with writing(engine) as conn:
        conn.execute(_session.update().where(_session.c.token_hash == token_hash).values(**values))
