"""A key as the log certified it, and when its word counts."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from custody import cose
from custody.event import Entry, Field
from custody.roles import Role

__all__ = ["COUNTERSIGN", "NEVER_MS", "Certificate", "Reason", "log_certificates", "read_certificate"]

COUNTERSIGN: Final = 1
"""Field USE: the key may sign as second person and nothing else."""
NEVER_MS: Final = 4_102_444_800_000  # 2100-01-01: the end of what has no end


class Reason(IntEnum):
    """Why a key was revoked, field REASON of KEY_REVOKE; a number not listed is read as LOST."""

    RETIRED = 0  # in routine: what was signed before may still arrive
    LOST = 1
    UNQUALIFIED = 2
    SUPERSEDED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A key as the log certified it.

    Attributes:
        kid: 8 bytes naming the key.
        public: 32 bytes.
        person: 8-byte pseudonymous id; zeros for a key of the service.
        device: 8-byte device id, or b"".
        roles: what it may sign for.
        offices: office codes it is bound to; empty for none in particular.
        agency: agency code of a recipient, or None.
        secrecy_max: highest mark (0 none, 1 A, 2 B, 3 C) the person may handle.
        not_before_ms, not_after_ms: validity, unix ms UTC.
        countersigns_only: it may sign as second person and nothing else.
        kid4: 4-byte name on labels, for label-issuing keys, else b"".
        key_store: where the private key lies (1 software, 2 browser, 3 hardware), 0 where nothing is said.
        uv_public: 65-byte point of a passkey, or b"".
        issuer: kid of the key that certified it; its own for the root that a log begins with.
        replaces: kid of the person's older key that signed for this one too, or b"".
        index: where the certificate stands in the log.
        logged_ms: when it was logged.
        revoked_index: where its revocation stands, or None.
        revoked_ms: when that was logged, or None.
        retired: it was revoked in routine, for no loss.
        compromised_ms: since when it must not be believed, or None.
        tainted: its issuer's key was compromised when it certified this one.
    """

    kid: bytes
    public: bytes
    person: bytes
    device: bytes
    roles: frozenset[Role]
    offices: tuple[int, ...]
    agency: int | None
    secrecy_max: int
    not_before_ms: int
    not_after_ms: int
    kid4: bytes
    countersigns_only: bool
    index: int
    key_store: int = 0
    uv_public: bytes = b""
    issuer: bytes = b""
    replaces: bytes = b""
    logged_ms: int = 0
    revoked_index: int | None = None
    revoked_ms: int | None = None
    retired: bool = False
    compromised_ms: int | None = None
    tainted: bool = False

    @property
    def is_root(self) -> bool:
        """Whether it certifies authorities, with others of its kind up to the threshold."""
        return Role.ROOT in self.roles

    @property
    def is_authority(self) -> bool:
        """Whether it is an enrolment key that no office bounds."""
        return Role.ENROL in self.roles and not self.offices

    @property
    def is_office(self) -> bool:
        """Whether it is the enrolment key of some offices."""
        return Role.ENROL in self.roles and bool(self.offices)

    def lives(self, at_ms: int | None = None) -> bool:
        """Say whether it is not revoked, and valid at *at_ms* where that is given."""
        in_time = at_ms is None or self.not_before_ms <= at_ms <= self.not_after_ms
        return self.revoked_index is None and in_time

    def faults(
        self, *, index: int, logged_ms: int, as_of_ms: int, claimed_ms: int, offline_ms: int
    ) -> Iterator[tuple[str, str]]:
        """Yield (code, detail) of what its window and revocation say against an event: K02-K05.

        Args:
            index: where the event stands.
            logged_ms: when it was logged.
            as_of_ms: signed time of the checkpoint it cites, or when it was logged where it cites none.
            claimed_ms: its own clock.
            offline_ms: how late an event may be uploaded.
        """
        if logged_ms < self.not_before_ms:
            yield "K02", f"logged {self.not_before_ms - logged_ms} ms before the key was valid"
        latest_ms = max(as_of_ms, claimed_ms)
        if latest_ms > self.not_after_ms:
            yield "K03", f"signed {latest_ms - self.not_after_ms} ms after the certificate ended"
        if self.revoked_index is not None and index > self.revoked_index:
            if not self._is_late_upload(logged_ms, latest_ms, offline_ms):
                yield "K04", f"key was revoked by entry {self.revoked_index}"
        elif self.compromised_ms is not None and logged_ms >= self.compromised_ms:
            yield "K05", f"key was compromised {logged_ms - self.compromised_ms} ms before"
        if self.tainted:
            yield "K05", f"key {self.issuer.hex()} was compromised when it certified this one"

    def _is_late_upload(self, logged_ms: int, latest_ms: int, offline_ms: int) -> bool:
        """Whether it was retired in routine, and the event says, within the limit, that it is older than that.

        Nothing proves when a key was last used: who retires a key has it in hand, so the claim may stand.
        """
        if not self.retired or self.compromised_ms is not None or self.revoked_ms is None:
            return False
        return latest_ms <= self.revoked_ms and logged_ms - self.revoked_ms <= offline_ms


def read_certificate(entry: Entry, *, replaces: bytes = b"") -> Certificate:
    """Return the certificate of a KEY_CERT entry."""
    fields = entry.event.fields
    return Certificate(
        kid=cose.kid_of(fields[Field.PUBLIC]),
        public=fields[Field.PUBLIC],
        person=fields[Field.PERSON],
        device=fields.get(Field.DEVICE_ID, b""),
        roles=frozenset(map(Role, fields[Field.ROLES])),
        offices=tuple(fields[Field.OFFICES]),
        agency=fields.get(Field.AGENCY),
        secrecy_max=fields[Field.SECRECY_MAX],
        not_before_ms=fields[Field.NOT_BEFORE],
        not_after_ms=fields[Field.NOT_AFTER],
        kid4=fields.get(Field.KID4, b""),
        key_store=fields.get(Field.KEY_STORE, 0),
        uv_public=fields.get(Field.UV_PUBLIC, b""),
        countersigns_only=fields.get(Field.USE) == COUNTERSIGN,
        issuer=entry.event.kid,
        replaces=replaces,
        index=entry.index,
        logged_ms=entry.logged_ms,
    )


def log_certificates(entry: Entry) -> list[Certificate]:
    """Return what a LOGKEY entry certifies: the log's new key and its clock's."""
    return [
        Certificate(
            kid=cose.kid_of(public),
            public=public,
            person=bytes(8),
            device=b"",
            roles=frozenset((Role.LOG,)),
            offices=(),
            agency=None,
            secrecy_max=0,
            not_before_ms=entry.logged_ms,
            not_after_ms=NEVER_MS,
            kid4=b"",
            countersigns_only=False,
            issuer=entry.event.kid,
            index=entry.index,
            logged_ms=entry.logged_ms,
        )
        for public in (entry.event.fields[Field.PUBLIC], entry.event.fields[Field.CLOCK_PUBLIC])
    ]
