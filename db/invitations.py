"""Setting up a device from a supervisor's screen: one code, one device, once. Codes and tickets are stored as hashes.

Each step is one conditional update, so that of two devices that come at once one is too late.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import sqlalchemy as sa

from db import schema
from db.engine import reading, writing

__all__ = [
    "Claim",
    "Invitation",
    "add",
    "approving",
    "claim",
    "finish",
    "invitation_by_ticket",
    "invitation_of",
    "refuse",
]

_invitation = schema.invitation
_KEPT_MS = 86_400_000  # what is over for longer is forgotten


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """The device that came with a code.

    Attributes:
        kid: 8 bytes; public: 32 bytes.
        device: what it calls itself.
        digits: six, to be compared by eye.
        ticket_hash: 32 bytes, SHA-256 of what that device alone knows.
    """

    kid: bytes
    public: bytes
    device: str
    digits: str
    ticket_hash: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """One code on a supervisor's screen, and what became of it.

    Attributes:
        code_hash: 32 bytes, SHA-256 of the code.
        person: 8 bytes, for whom the device will sign.
        created_by: 8 bytes, the supervisor.
        status: open, claimed, approving, approved, refused or done.
        until_ms: end of the certificate.
        secrecy_max: highest mark of the certificate.
        checked_on: day of the device's security check, 2026-11-20.
    """

    code_hash: bytes
    person: bytes
    created_by: bytes
    created_ms: int
    expires_ms: int
    status: str = "open"
    until_ms: int
    secrecy_max: int
    checked_on: str
    kid: bytes | None = None
    public: bytes | None = None
    device: str | None = None
    digits: str | None = None
    ticket_hash: bytes | None = None


def add(engine: sa.Engine, invitation: Invitation) -> None:
    """Store a new one; what the same supervisor has open for anybody ends with it, since one screen shows one code."""
    with writing(engine) as conn:
        conn.execute(_invitation.delete().where(_invitation.c.expires_ms < invitation.created_ms - _KEPT_MS))
        is_theirs = _invitation.c.created_by == invitation.created_by
        is_open = _invitation.c.status.in_(("open", "claimed"))
        conn.execute(_invitation.update().where(is_theirs, is_open).values(status="refused"))
        conn.execute(_invitation.insert(), [asdict(invitation)])


def invitation_of(engine: sa.Engine, code_hash: bytes) -> Invitation | None:
    """Return an invitation, or None."""
    return _one(engine, _invitation.c.code_hash == code_hash)


def invitation_by_ticket(engine: sa.Engine, ticket_hash: bytes) -> Invitation | None:
    """Return the invitation that a device came with, or None."""
    return _one(engine, _invitation.c.ticket_hash == ticket_hash)


def claim(engine: sa.Engine, code_hash: bytes, claimed: Claim, *, now_ms: int) -> bool:
    """Let a device have the code; False where another was first, or the time is over."""
    return _step(engine, code_hash, ("open",), now_ms, asdict(claimed) | {"status": "claimed"})


def refuse(engine: sa.Engine, code_hash: bytes, *, now_ms: int) -> bool:
    """End a code, whether a device waits or none has come; False where it is decided, or the time is over."""
    return _step(engine, code_hash, ("open", "claimed"), now_ms, {"status": "refused"})


@contextmanager
def approving(engine: sa.Engine, code_hash: bytes, *, now_ms: int) -> Iterator[bool]:
    """Approve the device that waits, once what is done inside has succeeded.

    Meanwhile nobody else decides, a second tap neither. Where it fails the device waits again and can be approved
    again; where the process ended in the middle it does so from the next start on (`resume`).

    Yields:
        Whether there is a device to approve; False where none waits, or the time is over.
    """
    if not _step(engine, code_hash, ("claimed",), now_ms, {"status": "approving"}):
        yield False
        return
    try:
        yield True
    except BaseException:
        _step(engine, code_hash, ("approving",), now_ms, {"status": "claimed"})
        raise
    _step(engine, code_hash, ("approving",), now_ms, {"status": "approved"})


def resume(engine: sa.Engine) -> None:
    """At the start of the service, the only one at this database: who was being approved at its end waits again."""
    with writing(engine) as conn:
        conn.execute(_invitation.update().where(_invitation.c.status == "approving").values(status="claimed"))


def finish(engine: sa.Engine, code_hash: bytes, *, now_ms: int) -> bool:
    """Note that the device has been let in; False where it has been already, or was not approved."""
    return _step(engine, code_hash, ("approved",), now_ms, {"status": "done"})


def _one(engine: sa.Engine, where: sa.ColumnElement[bool]) -> Invitation | None:
    with reading(engine) as conn:
        row = conn.execute(sa.select(_invitation).where(where)).mappings().first()
    return Invitation(**row) if row else None


def _step(
    engine: sa.Engine, code_hash: bytes, before: tuple[str, ...], now_ms: int, values: dict[str, object]
) -> bool:
    where = (
        _invitation.c.code_hash == code_hash,
        _invitation.c.status.in_(before),
        _invitation.c.expires_ms > now_ms,
    )
    with writing(engine) as conn:
        return conn.execute(_invitation.update().where(*where).values(**values)).rowcount == 1
