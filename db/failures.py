"""Bad sign-ins: counted by name and address, and more slowly by name alone, whether anybody has the name or not.

So a stranger elsewhere does not lock somebody out with a few tries, many addresses together do not try for ever,
and a lock says nothing about who has an account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa

from db import schema
from db.engine import reading, writing

__all__ = ["Allowance", "clear_failures", "locked_ms", "record_failure"]

_failure = schema.sign_in_failure


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """How many bad sign-ins lock, and for how long.

    Attributes:
        by_address: that many from one address.
        by_login: that many from all addresses together.
        lock_ms: how long a lock lasts.
        window_ms: how long a bad sign-in counts.
    """

    by_address: int
    by_login: int
    lock_ms: int
    window_ms: int


def locked_ms(engine: sa.Engine, login: str, address: str, *, now_ms: int) -> int:
    """Return for how long nobody may sign in as *login* from *address*; 0 where they may."""
    query = sa.select(sa.func.max(_failure.c.locked_until_ms)).where(
        _failure.c.caller.in_(_callers(login, address))
    )
    with reading(engine) as conn:
        until = conn.execute(query).scalar()
    return max((until or 0) - now_ms, 0)


def record_failure(engine: sa.Engine, login: str, address: str, *, now_ms: int, allowance: Allowance) -> bool:
    """Count a bad sign-in; returns whether it locks. One that is too old, or whose lock has run out, is forgotten."""
    locks = False
    with writing(engine) as conn:
        over = sa.and_(
            _failure.c.since_ms < now_ms - allowance.window_ms, _failure.c.locked_until_ms.is_(None)
        )
        conn.execute(_failure.delete().where(sa.or_(over, _failure.c.locked_until_ms <= now_ms)))
        allowed = (allowance.by_address, allowance.by_login)
        for caller, most in zip(_callers(login, address), allowed, strict=True):
            row = conn.execute(sa.select(_failure).where(_failure.c.caller == caller)).first()
            failures = row.failures + 1 if row else 1
            until = now_ms + allowance.lock_ms if failures >= most else None
            locks |= until is not None
            values = {"failures": failures, "locked_until_ms": until}
            if row:
                conn.execute(_failure.update().where(_failure.c.caller == caller).values(**values))
            else:
                conn.execute(_failure.insert().values(caller=caller, since_ms=now_ms, **values))
    return locks


def clear_failures(engine: sa.Engine, login: str, address: str) -> None:
    """Forget bad sign-ins from one address, after a good one there."""
    caller = _callers(login, address)[0]
    with reading(engine) as conn:
        if conn.execute(sa.select(_failure.c.caller).where(_failure.c.caller == caller)).first() is None:
            return
    with writing(engine) as conn:
        conn.execute(_failure.delete().where(_failure.c.caller == caller))


def _callers(login: str, address: str) -> tuple[bytes, bytes]:
    name = login.strip().lower()
    return _hash(f"{name}\0{address}"), _hash(name)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()
