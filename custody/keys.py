"""Who may sign: the certificates in the log, and the rules by which a key's words count.

A certificate is the qualification: it runs no longer than vetting, training and commitment, and carries roles,
offices and the highest secrecy mark. There is no second mechanism.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from custody import cose, ed25519
from custody.errors import SignatureError
from custody.event import Entry, Event, EventType, Field
from custody.roles import Role

__all__ = ["COUNTERSIGN", "Certificate", "KeyRing"]

COUNTERSIGN: Final = 1
"""Field USE: the key may sign as second person and nothing else."""
_ISSUERS: Final = frozenset((Role.ROOT, Role.ENROL))


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
        index: where the certificate stands in the log.
        revoked_index: where its revocation stands, or None.
        compromised_ms: since when it must not be believed, or None.
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
    revoked_index: int | None = None
    compromised_ms: int | None = None


@dataclass(slots=True)
class KeyRing:
    """The certificates of a log, grown entry by entry in log order.

    Attributes:
        roots: kids of root keys that are believed without a certificate by another; where empty, the key of
            the log's very first entry is taken, and the reader must compare its fingerprint on paper.
    """

    roots: frozenset[bytes] = frozenset()
    _certificates: dict[bytes, list[Certificate]] = field(default_factory=dict)
    _labels: dict[bytes, bytes] = field(default_factory=dict)
    _people: set[bytes] = field(default_factory=set)

    def apply(self, entry: Entry) -> None:
        """Take a KEY_CERT or KEY_REVOKE entry in; other types change nothing.

        Raises:
            SignatureError: the issuer may not certify or revoke, the key is weak, or the name is taken
                (K08, K10, K09); the ring is then unchanged.
        """
        self.check(entry.event, at_ms=entry.logged_ms)
        if entry.event.type is EventType.KEY_CERT:
            certificate = _read(entry)
            self._certificates.setdefault(certificate.kid, []).append(certificate)
            self._people.add(certificate.person)
            if certificate.kid4:
                self._labels[certificate.kid4] = certificate.kid
        elif entry.event.type is EventType.KEY_REVOKE:
            kid = entry.event.fields[Field.KID]
            compromised = entry.event.fields.get(Field.COMPROMISED)
            self._certificates[kid] = [
                replace(c, revoked_index=entry.index, compromised_ms=compromised)
                if c.revoked_index is None
                else c
                for c in self._certificates[kid]
            ]

    def check(self, event: Event, *, at_ms: int | None = None) -> None:
        """Check that a system entry is signed by a key that may sign it, and may at *at_ms*; item events pass.

        Raises:
            SignatureError: K01 unknown key, K08 it may not, K09 name taken, K10 weak key.
        """
        if event.type is EventType.KEY_CERT:
            self._check_certificate(event, at_ms)
        elif event.type is EventType.KEY_REVOKE:
            revoked = self.get(event.fields[Field.KID])
            if revoked is None:
                raise SignatureError("revoked key is not in the log", finding="K01")
            self._check_issuer(event.kid, at_ms, revoked.roles)
        elif event.type > EventType.OVERRIDE:
            self._check_issuer(event.kid, at_ms)

    def public_of(self, event: Event) -> bytes:
        """Return the 32-byte key that *event* must verify under; a root's own certificate verifies under itself.

        Raises:
            SignatureError: no certificate for it (K01).
        """
        certificate = self.get(event.kid)
        if certificate:
            return certificate.public
        if event.type is EventType.KEY_CERT and cose.kid_of(event.fields[Field.PUBLIC]) == event.kid:
            public: bytes = event.fields[Field.PUBLIC]
            return public
        raise SignatureError(f"no certificate for key {event.kid.hex()}", finding="K01")

    def get(self, kid: bytes, index: int | None = None) -> Certificate | None:
        """Return the newest certificate of *kid*, or the one that an event at *index* stands under."""
        certificates = self._certificates.get(kid)
        if not certificates:
            return None
        if index is None:
            return certificates[-1]
        return next((c for c in reversed(certificates) if c.index < index), None)

    def label_key(self, kid4: bytes, index: int | None = None) -> Certificate | None:
        """Return the label-issuing key that labels call *kid4* (as `get` at *index*), or None."""
        kid = self._labels.get(kid4)
        return self.get(kid, index) if kid else None

    def knows(self, person: bytes) -> bool:
        """Say whether any key of *person* (8 bytes) was ever certified."""
        return person in self._people

    def __iter__(self) -> Iterator[Certificate]:
        """Yield every certificate, oldest first within a key."""
        for certificates in self._certificates.values():
            yield from certificates

    def _check_certificate(self, event: Event, at_ms: int | None) -> None:
        public = event.fields[Field.PUBLIC]
        if not ed25519.is_valid_point(public):
            raise SignatureError("certified key is not a point of prime order", finding="K10")
        kid = cose.kid_of(public)
        if event.kid != kid:
            self._check_issuer(event.kid, at_ms, event.fields[Field.ROLES])
        elif not self._is_root(event):
            raise SignatureError("a key may not certify itself", finding="K08")
        known = self.get(kid)
        if known and (known.public != public or known.person != event.fields[Field.PERSON]):
            raise SignatureError(f"key {kid.hex()} is certified for somebody else", finding="K09")
        kid4 = event.fields.get(Field.KID4)
        if kid4 and self._labels.get(kid4, kid) != kid:
            raise SignatureError(f"label key name {kid4.hex()} is taken", finding="K09")

    def _is_root(self, event: Event) -> bool:
        named = event.kid in self.roots if self.roots else not self._certificates
        return named and Role.ROOT in event.fields[Field.ROLES]

    def _check_issuer(self, kid: bytes, at_ms: int | None, roles: Collection[int] = ()) -> None:
        """Only a root or enrolment key writes system entries, and only a root makes or ends one of those two."""
        issuer = self.get(kid)
        if not issuer:
            raise SignatureError(f"no certificate for key {kid.hex()}", finding="K01")
        needed = {Role.ROOT} if _ISSUERS & set(roles) else _ISSUERS
        if not issuer.roles & needed or issuer.revoked_index is not None:
            raise SignatureError(f"key {kid.hex()} may not write this entry", finding="K08")
        if at_ms is not None and not issuer.not_before_ms <= at_ms <= issuer.not_after_ms:
            raise SignatureError(f"key {kid.hex()} was not valid when it wrote this entry", finding="K08")


def _read(entry: Entry) -> Certificate:
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
        countersigns_only=fields.get(Field.USE) == COUNTERSIGN,
        index=entry.index,
    )
