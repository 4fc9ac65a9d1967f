"""Who may sign: the certificates in the log, and the rules by which a key's words count.

A certificate is the qualification: it runs no longer than vetting, training and commitment, and carries roles,
offices and the highest secrecy mark. There is no second mechanism.

Roots make authorities, so many of them together as the limit `root_threshold` says; an authority makes the keys of
people and the enrolment keys of offices, and such a key those of its office's people (docs/spec/keys.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Final

from custody import cose, ed25519
from custody.certificate import COUNTERSIGN, Certificate, Reason, log_certificates, read_certificate
from custody.errors import SignatureError
from custody.event import Entry, Event, EventType, Field
from custody.fields import CHAIN_TYPES
from custody.issuance import OWN_WORD, may_write, subject_of
from custody.logkeys import LogChange, change_of
from custody.policy import Policy, limit_numbers
from custody.roles import Role
from custody.threshold import approvers

__all__ = ["COUNTERSIGN", "Certificate", "KeyRing", "Reason"]

_THRESHOLD: Final = limit_numbers()["root_threshold"]
_NOBODY: Final = bytes(8)  # person id of keys of the service


@dataclass(slots=True)
class KeyRing:
    """The certificates of a log, grown entry by entry in log order.

    Attributes:
        roots: kids of root keys that are believed without a certificate by another; where empty, the key of
            the log's very first entry is taken, and the reader must compare its fingerprint on paper.
        threshold: how many root keys must sign what roots alone may say.
        log_changes: what the log's LOGKEY entries say, oldest first.
    """

    roots: frozenset[bytes] = frozenset()
    threshold: int = Policy().root_threshold
    log_changes: list[LogChange] = field(default_factory=list)
    _certificates: dict[bytes, list[Certificate]] = field(default_factory=dict)
    _log_keys: dict[bytes, Certificate] = field(default_factory=dict)
    _labels: dict[bytes, bytes] = field(default_factory=dict)
    _people: dict[bytes, list[bytes]] = field(default_factory=dict)

    def apply(self, entry: Entry) -> None:
        """Take a system entry in; those that say nothing of keys change nothing.

        Raises:
            SignatureError: the issuer may not write it, too few roots approve, the key is weak, or the name is
                taken (K08, K10, K09); the ring is then unchanged.
        """
        event = entry.event
        self.check(event, at_ms=entry.logged_ms)
        if event.type is EventType.KEY_CERT:
            self._add(read_certificate(entry, replaces=self._replaced(event)))
        elif event.type is EventType.KEY_REVOKE:
            self._revoke(entry)
        elif event.type is EventType.LOGKEY:
            self.log_changes.append(change_of(entry.index, event))
            self._log_keys |= {one.kid: one for one in log_certificates(entry)}
        elif event.type is EventType.POLICY:
            self.threshold = event.fields[Field.LIMITS].get(_THRESHOLD, self.threshold)

    def check(self, event: Event, *, at_ms: int | None = None) -> None:
        """Check that a system entry is signed by those who may sign it, and may at *at_ms*; links of chains pass.

        Raises:
            SignatureError: K01 unknown key, K08 it may not, K09 name taken, K10 weak key.
        """
        if event.type in CHAIN_TYPES:
            return
        if event.type is EventType.KEY_CERT:
            self._check_certificate(event, at_ms)
        elif event.type is EventType.KEY_REVOKE:
            self._check_revocation(event, at_ms)
        elif event.type is EventType.POLICY:
            self._check_policy(event, at_ms)
        elif event.type is EventType.LOGKEY:
            self._check_log_key(event, at_ms)
        else:
            self._check_issuer(event, at_ms)

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
        log_key = self._log_keys.get(kid)
        certificates = self._certificates.get(kid) or ([log_key] if log_key else [])
        return next((c for c in reversed(certificates) if index is None or c.index < index), None)

    def label_key(self, kid4: bytes, index: int | None = None) -> Certificate | None:
        """Return the label-issuing key that labels call *kid4* (as `get` at *index*), or None."""
        kid = self._labels.get(kid4)
        return self.get(kid, index) if kid else None

    def of_person(self, person: bytes, index: int | None = None) -> Iterator[Certificate]:
        """Yield, for each key of *person* (8 bytes), the certificate that `get` at *index* gives, revoked or not."""
        found = (self.get(kid, index) for kid in self._people.get(person, ()))
        return (certificate for certificate in found if certificate)

    def knows(self, person: bytes, index: int) -> bool:
        """Say whether a key of *person* (8 bytes) was certified before *index*; zeros stand on the service's alone."""
        return any(person) and any(True for _ in self.of_person(person, index))

    def agencies_of(self, person: bytes, index: int) -> set[int | None]:
        """Return the agencies of the keys of *person* (8 bytes) as an entry at *index* finds them."""
        return {certificate.agency for certificate in self.of_person(person, index)}

    def living_roots(self, at_ms: int | None = None) -> set[bytes]:
        """Return the kids of the root keys that are not revoked, and valid at *at_ms* where that is given."""
        newest = (certificates[-1] for certificates in self._certificates.values())
        return {c.kid for c in newest if c.is_root and c.lives(at_ms)}

    @property
    def founders(self) -> tuple[bytes, ...]:
        """Kids of the roots that no other key certified: what a reader compares on paper."""
        first = (certificates[0] for certificates in self._certificates.values())
        return tuple(c.kid for c in first if c.is_root and c.issuer == c.kid)

    def __iter__(self) -> Iterator[Certificate]:
        """Yield every certificate by a KEY_CERT, oldest first within a key."""
        for certificates in self._certificates.values():
            yield from certificates

    # -- taking in ---------------------------------------------------------------------------------

    def _add(self, certificate: Certificate) -> None:
        self._certificates.setdefault(certificate.kid, []).append(certificate)
        kids = self._people.setdefault(certificate.person, [])
        if certificate.kid not in kids:
            kids.append(certificate.kid)
        if certificate.kid4:
            self._labels[certificate.kid4] = certificate.kid

    def _revoke(self, entry: Entry) -> None:
        """End a key; a second revocation may only make it worse: an earlier compromise, a loss after all."""
        fields = entry.event.fields
        kid, since_ms = fields[Field.KID], fields.get(Field.COMPROMISED)
        is_routine = fields[Field.REASON] == Reason.RETIRED and since_ms is None
        self._certificates[kid] = [
            replace(
                c,
                revoked_index=entry.index if c.revoked_index is None else c.revoked_index,
                revoked_ms=entry.logged_ms if c.revoked_ms is None else c.revoked_ms,
                retired=is_routine and (c.revoked_index is None or c.retired),
                compromised_ms=min(
                    (ms for ms in (c.compromised_ms, since_ms) if ms is not None), default=None
                ),
            )
            for c in self._certificates[kid]
        ]
        if since_ms is not None:
            self._taint(kid, since_ms)

    def _taint(self, kid: bytes, since_ms: int) -> None:
        """Mark what a key certified while it was compromised, and what was certified by that in turn."""
        todo = [(kid, since_ms)]
        while todo:
            issuer, from_ms = todo.pop()
            for certificates in self._certificates.values():
                for n, c in enumerate(certificates):
                    if c.issuer == issuer != c.kid and c.logged_ms >= from_ms and not c.tainted:
                        certificates[n] = replace(c, tainted=True)
                        todo += [(c.kid, c.logged_ms)] if c.roles & {Role.ROOT, Role.ENROL} else []

    # -- who may -----------------------------------------------------------------------------------

    def _check_certificate(self, event: Event, at_ms: int | None) -> None:
        public = event.fields[Field.PUBLIC]
        if not ed25519.is_valid_point(public):
            raise SignatureError("certified key is not a point of prime order", finding="K10")
        kid = cose.kid_of(public)
        known = self.get(kid)
        if event.kid != kid or (known and known.is_root):
            issuer = self._check_issuer(event, at_ms, *([event, known] if known else [event]))
            if not (issuer.is_root or issuer.is_authority):
                self._check_own_people(event, issuer)
        elif not self._is_founder(event):
            raise SignatureError("a key may not certify itself", finding="K08")
        if known:
            self._check_again(event, known)
        if kid in self._log_keys:
            raise SignatureError(f"key {kid.hex()} is the log's", finding="K09")
        kid4 = event.fields.get(Field.KID4)
        if kid4 and self._labels.get(kid4, kid) != kid:
            raise SignatureError(f"label key name {kid4.hex()} is taken", finding="K09")

    def _check_own_people(self, event: Event, issuer: Certificate) -> None:
        """K08: an office certifies a known person only who is all its own, or who signs with a key that is there."""
        person, offices = event.fields[Field.PERSON], set(issuer.offices)
        if person == _NOBODY:
            raise SignatureError("an office certifies people, not the service", finding="K08")
        is_own = all(c.offices and offices.issuperset(c.offices) for c in self.of_person(person))
        if not is_own and not self._replaced(event):
            raise SignatureError(
                f"person {person.hex()} has a key outside the offices of key {issuer.kid.hex()}",
                finding="K08",
            )

    def _check_again(self, event: Event, known: Certificate) -> None:
        """K09, K08: a key stays one person's on one device, and ends for good unless it was retired in routine."""
        fields, kid = event.fields, known.kid.hex()
        if known.public != fields[Field.PUBLIC] or known.person != fields[Field.PERSON]:
            raise SignatureError(f"key {kid} is certified for somebody else", finding="K09")
        if known.device != fields.get(Field.DEVICE_ID, b""):
            raise SignatureError(f"key {kid} is certified for another device", finding="K09")
        if known.revoked_index is not None and not known.retired:
            raise SignatureError(f"key {kid} was revoked for cause: it is not certified anew", finding="K08")

    def _check_revocation(self, event: Event, at_ms: int | None) -> None:
        revoked = self._certificates.get(event.fields[Field.KID])
        if revoked is None:
            raise SignatureError("revoked key is not in the log", finding="K01")
        self._check_issuer(event, at_ms, *revoked)
        left = self.living_roots(at_ms) - {event.fields[Field.KID]}
        if revoked[-1].is_root and len(left) < self.threshold:
            raise SignatureError(
                f"{len(left)} root keys would be left, {self.threshold} must sign", finding="K08"
            )

    def _check_policy(self, event: Event, at_ms: int | None) -> None:
        wanted = event.fields[Field.LIMITS].get(_THRESHOLD, self.threshold)
        issuer = self._check_issuer(event, at_ms)
        if wanted == self.threshold:
            return
        living = len(self.living_roots(at_ms))
        if not issuer.is_root:
            raise SignatureError("only root keys change how many of them must sign", finding="K08")
        if not 1 <= wanted <= living:
            raise SignatureError(f"{wanted} root keys shall sign, {living} are valid", finding="K08")

    def _check_log_key(self, event: Event, at_ms: int | None) -> None:
        publics = (event.fields[Field.PUBLIC], event.fields[Field.CLOCK_PUBLIC])
        self._check_issuer(event, at_ms)
        if event.kid != self._log_kid():
            raise SignatureError(f"key {event.kid.hex()} is not the log's newest", finding="K08")
        for public in publics:
            if not ed25519.is_valid_point(public):
                raise SignatureError("the log's new key is not a point of prime order", finding="K10")
            if publics[0] == publics[1] or self.get(cose.kid_of(public)):
                raise SignatureError("the log's new keys are two, and used for nothing else", finding="K09")

    def _log_kid(self) -> bytes | None:
        """The key that signs checkpoints now: of the newest LOGKEY, else the first certified for the log."""
        if self.log_changes:
            return cose.kid_of(self.log_changes[-1].log)
        return next((c.kid for c in self if Role.LOG in c.roles), None)

    def _is_founder(self, event: Event) -> bool:
        named = event.kid in self.roots if self.roots else not self._certificates
        return named and event.kid not in self._certificates and Role.ROOT in event.fields[Field.ROLES]

    def _check_issuer(self, event: Event, at_ms: int | None, *subjects: Event | Certificate) -> Certificate:
        """Check who signed and who approved; return the signer's certificate."""
        issuer = self.get(event.kid)
        if not issuer:
            raise SignatureError(f"no certificate for key {event.kid.hex()}", finding="K01")
        if event.type in OWN_WORD:
            return issuer
        if not issuer.lives() or not may_write(issuer, event.type, map(subject_of, subjects)):
            raise SignatureError(f"key {event.kid.hex()} may not write this entry", finding="K08")
        if not issuer.lives(at_ms):
            raise SignatureError(
                f"key {event.kid.hex()} was not valid when it wrote this entry", finding="K08"
            )
        approved = self._check_approvers(event, at_ms)
        if issuer.is_root or event.type is EventType.LOGKEY:
            signed = approved + issuer.is_root
            if signed < self.threshold:
                raise SignatureError(f"{signed} of {self.threshold} root keys signed", finding="K08")
        return issuer

    def _check_approvers(self, event: Event, at_ms: int | None) -> int:
        """Check that each approval is by a root, or in a certificate by an older key of the person; count roots."""
        roots = 0
        for one in approvers(event, self.get):
            is_same = one.person != _NOBODY and one.person == event.fields.get(Field.PERSON)
            if not one.lives(at_ms) or not (one.is_root or is_same):
                raise SignatureError(f"key {one.kid.hex()} may not approve this entry", finding="K08")
            roots += one.is_root
        return roots

    def _replaced(self, event: Event) -> bytes:
        return next((one.kid for one in approvers(event, self.get) if not one.is_root), b"")
