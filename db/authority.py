"""A site's own keys at work for the commands: the fields of the entries that make, end and change keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from custody.certificate import Certificate
from custody.cose import kid_of
from custody.ed25519 import is_valid_point, public_of
from custody.event import EventType, Field
from custody.roles import Role
from db.errors import SiteError
from db.keystore import CLOCK, LABEL_PREFIX, LOG
from db.site import Site, open_site
from db.unlock import unlock
from kt1.clock import DAY_MS
from kt1.site import Grant

__all__ = [
    "NewKey",
    "certificate_fields",
    "certificates_of",
    "common_fields",
    "new_label_key",
    "new_log_keys",
    "open_for_keys",
    "public_key",
    "revocation_fields",
]

_SERVICE = bytes(8)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was just made and lies in its file.

    Attributes:
        name: of the file.
        public: 32 bytes.
    """

    name: str
    public: bytes

    @property
    def kid(self) -> str:
        """16 hexadecimal digits."""
        return kid_of(self.public).hex()


def open_for_keys(place: Mapping[str, Any], passphrase_file: Path | None) -> Site:
    """Open the site of a command's context, with its keys.

    Raises:
        StoreError: as `open_site` and `unlock`.
    """
    return open_site(**place, passphrase=unlock(place["data"] / "keys", passphrase_file))


def public_key(text: str) -> bytes:
    """Return a public key of 64 hexadecimal digits.

    Raises:
        SiteError: it is not one.
    """
    try:
        public = bytes.fromhex(text)
    except ValueError:
        public = b""
    if not is_valid_point(public):
        raise SiteError(
            f"{text[:70]!r} is not a public key", hint="64 hexadecimal digits: `tram keys new` prints them."
        )
    return public


def common_fields(site: Site, kind: EventType) -> dict[int, Any]:
    """Return what every entry of the site's own carries."""
    return {
        Field.TYPE: int(kind),
        Field.NET: site.net,
        Field.T_CLAIM: site.now(),
        Field.NONCE: site.rng.randbytes(8),
    }


def certificate_fields(
    site: Site, public: bytes, roles: frozenset[Role], *, days: int, offices: tuple[int, ...] = ()
) -> dict[int, Any]:
    """Return the fields of a KEY_CERT for a key of the service, valid from now."""
    now_ms = site.now() // 1000 * 1000
    return common_fields(site, EventType.KEY_CERT) | {
        Field.PUBLIC: public,
        Field.PERSON: _SERVICE,
        Field.ROLES: sorted(int(role) for role in roles),
        Field.OFFICES: list(offices),
        Field.SECRECY_MAX: 0,
        Field.NOT_BEFORE: now_ms,
        Field.NOT_AFTER: now_ms + days * DAY_MS,
    }


def revocation_fields(site: Site, kid: bytes, reason: int, compromised_ms: int | None) -> dict[int, Any]:
    """Return the fields of a KEY_REVOKE."""
    since = {} if compromised_ms is None else {Field.COMPROMISED: compromised_ms}
    return common_fields(site, EventType.KEY_REVOKE) | {Field.KID: kid, Field.REASON: reason} | since


def certificates_of(site: Site, kid: bytes) -> list[Certificate]:
    """Return the certificates of a key, oldest first.

    Raises:
        SiteError: the log knows no such key.
    """
    found = site.ledger.rules.certificates([kid])
    if not found:
        raise SiteError(f"no key {kid.hex()} in the log", hint="`tram keys list` names them.")
    return found


def new_label_key(site: Site, *, days: int) -> tuple[NewKey, Grant]:
    """Make a label key and write its file; returns it and what it is to be certified for."""
    seed, kid4 = site.rng.randbytes(32), site.rng.randbytes(4)
    while site.ledger.ring.label_key(kid4):
        kid4 = site.rng.randbytes(4)
    name, now_ms = f"{LABEL_PREFIX}{kid4.hex()}", site.now()
    site.keys.write(name, seed)
    grant = Grant(
        public=public_of(seed),
        roles=frozenset({Role.ISSUER}),
        not_before_ms=now_ms,
        not_after_ms=now_ms + days * DAY_MS,
        kid4=kid4,
    )
    return NewKey(name, grant.public), grant


def new_log_keys(site: Site, *, overlap_days: int) -> tuple[NewKey, NewKey, dict[int, Any]]:
    """Make the log's next pair and write its files; returns it and the fields of the LOGKEY that names it."""
    made = []
    for prefix in (LOG, CLOCK):
        seed = site.rng.randbytes(32)
        public = public_of(seed)
        made.append(NewKey(f"{prefix}-{kid_of(public).hex()[:8]}", public))
        site.keys.write(made[-1].name, seed)
    log, clock = made
    fields = common_fields(site, EventType.LOGKEY) | {
        Field.PUBLIC: log.public,
        Field.CLOCK_PUBLIC: clock.public,
        Field.NOT_BEFORE: site.now() // 1000 * 1000 + overlap_days * DAY_MS,  # as the log's clock counts
    }
    return log, clock, fields
