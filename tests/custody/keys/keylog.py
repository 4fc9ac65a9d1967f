"""A log of keys alone: names for seeds, and how to write what makes and ends them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import pytest

from custody import cose, ed25519
from custody.admission import admit, network_of
from custody.certificate import NEVER_MS
from custody.errors import SignatureError
from custody.event import Entry, EventType, Field, sign_event
from custody.keys import KeyRing
from custody.policy import limit_numbers
from custody.roles import Role

NET = network_of("keys.test.invalid")
START_MS = 1_790_000_000_000
HOUR_MS = 3_600_000
THRESHOLD = limit_numbers()["root_threshold"]


def seed(name: str) -> bytes:
    """Return 32 bytes that depend on *name* only."""
    return name.encode().ljust(32, b".")


def kid(name: str) -> bytes:
    """Return the kid of the key called *name*."""
    return cose.kid_of(ed25519.public_of(seed(name)))


@dataclass
class Log:
    """A log of system entries alone; its clock moves an hour with every entry."""

    ring: KeyRing = field(default_factory=KeyRing)
    index: int = 0
    now_ms: int = START_MS

    def write(
        self, kind: EventType, fields: dict[int, Any], *, by: str, approvals: Iterable[str] = ()
    ) -> Entry:
        """Sign an entry by the keys called so, and let it in as the log would."""
        return self.take(self.sign(kind, fields, by=by, approvals=approvals))

    def sign(
        self, kind: EventType, fields: dict[int, Any], *, by: str, approvals: Iterable[str] = ()
    ) -> bytes:
        """Sign an entry by the keys called so."""
        return sign_event(
            self.common(kind) | fields, seed=seed(by), approvals=[seed(name) for name in approvals]
        )

    def common(self, kind: EventType) -> dict[int, Any]:
        """Return what every entry carries."""
        return {
            Field.TYPE: kind, Field.NET: NET, Field.T_CLAIM: self.now_ms,
            Field.NONCE: self.index.to_bytes(8, "big"),
        }  # fmt: skip

    def take(self, raw: bytes) -> Entry:
        """Let signed bytes in."""
        entry = Entry(self.index, admit(raw, ring=self.ring, net=NET), self.now_ms)
        self.ring.apply(entry)
        self.index += 1
        self.now_ms += HOUR_MS
        return entry

    def certify(self, name: str, *roles: Role, by: str, approvals: Iterable[str] = (), **more: Any) -> Entry:
        """Certify the key called *name*; *more* overrides fields by lower-case name."""
        fields: dict[int, Any] = {
            Field.PUBLIC: ed25519.public_of(seed(name)),
            Field.PERSON: bytes(8),
            Field.ROLES: sorted(roles),
            Field.OFFICES: [],
            Field.SECRECY_MAX: 0,
            Field.NOT_BEFORE: START_MS,
            Field.NOT_AFTER: NEVER_MS,
        } | {Field[key.upper()]: value for key, value in more.items()}
        return self.write(EventType.KEY_CERT, fields, by=by, approvals=approvals)

    def revoke(
        self,
        name: str,
        *,
        by: str,
        approvals: Iterable[str] = (),
        reason: int = 0,
        since_ms: int | None = None,
    ) -> Entry:
        """Revoke the key called *name*."""
        fields: dict[int, Any] = {Field.KID: kid(name), Field.REASON: reason}
        if since_ms is not None:
            fields[Field.COMPROMISED] = since_ms
        return self.write(EventType.KEY_REVOKE, fields, by=by, approvals=approvals)

    def require(self, roots: int, *, by: str, approvals: Iterable[str] = ()) -> Entry:
        """Set how many roots must sign."""
        return self.write(EventType.POLICY, {Field.LIMITS: {THRESHOLD: roots}}, by=by, approvals=approvals)

    def change_log_key(self, new: str, *, by: str, approvals: Iterable[str] = (), **more: Any) -> Entry:
        """Write a LOGKEY."""
        fields: dict[int, Any] = {
            Field.PUBLIC: ed25519.public_of(seed(new)),
            Field.CLOCK_PUBLIC: ed25519.public_of(seed(f"{new} clock")),
            Field.NOT_BEFORE: self.now_ms + 24 * HOUR_MS,
        } | {Field[key.upper()]: value for key, value in more.items()}
        return self.write(EventType.LOGKEY, fields, by=by, approvals=approvals)


def refused(write: Callable[[], object], log: Log, match: str) -> str:
    """Return the finding with which the log refuses, and hold it to leaving the ring as it was."""
    before = (list(log.ring), log.ring.threshold, list(log.ring.log_changes))
    with pytest.raises(SignatureError, match=match) as caught:
        write()
    assert before == (list(log.ring), log.ring.threshold, list(log.ring.log_changes))
    return caught.value.finding
