"""Further signatures under a system entry: the root keys that approve it, the older key that a device had.

An approval is a COSE_Sign1 with detached payload over the entry's core, under a context of its own: it is no
entry, and no countersignature of anything else (ADR 11).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from custody import cose
from custody.certificate import Certificate
from custody.errors import FormatError, SignatureError
from custody.event import APPROVE_CONTEXT, Event, Field, core_of

__all__ = ["Find", "approve", "approver_kids", "approvers"]

Find = Callable[[bytes], Certificate | None]
"""kid -> the certificate as of the entry, or None."""


def approve(core: bytes, seed: bytes) -> bytes:
    """Return the approval of *core* (`custody.event.core_of`) by the 32-byte key *seed*."""
    return cose.sign1(core, seed=seed, detached=True, context=APPROVE_CONTEXT)


def approver_kids(event: Event) -> Iterator[bytes]:
    """Yield the kids that *event* names as approving; whether their signatures hold is `approvers`' to say."""
    for raw in event.fields.get(Field.APPROVALS, ()):
        try:
            yield cose.parse_sign1(raw, detached=b"").kid
        except FormatError:
            continue


def approvers(event: Event, find: Find) -> Iterator[Certificate]:
    """Yield the certificate of every approval under *event*; each verifies, and none is there twice.

    Raises:
        SignatureError: malformed, by a key that is not in the log, not that key's signature, or a second one of
            the same key or of the entry's own signer (K08).
    """
    core = core_of(event.fields)
    seen = {event.kid}
    for raw in event.fields.get(Field.APPROVALS, ()):
        found = _verified(raw, core, find)
        if found.kid in seen:
            raise SignatureError(f"key {found.kid.hex()} signed twice", finding="K08")
        seen.add(found.kid)
        yield found


def _verified(raw: bytes, core: bytes, find: Find) -> Certificate:
    try:
        message = cose.parse_sign1(raw, detached=core, context=APPROVE_CONTEXT)
        found = find(message.kid)
        if found:
            cose.verify_sign1(message, found.public)
    except (FormatError, SignatureError) as error:
        raise SignatureError(f"approval does not hold: {error}", finding="K08") from error
    if found is None:
        raise SignatureError(f"no certificate for approving key {message.kid.hex()}", finding="K08")
    return found
