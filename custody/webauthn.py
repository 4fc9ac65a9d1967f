"""The passkey assertion by which a device shows that its holder was there in person (K11; W3C WebAuthn, ES256).

The challenge is the digest of the event's core, so an assertion speaks of one event and no other. Which site asked for
it is not looked at: no site has a part in what is signed here.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Sequence
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from custody.errors import SignatureError
from custody.event import core_of
from custody.fields import Field
from custody.step import TAKING, Hit, Step

__all__ = ["challenge_of", "passkey_of", "sign_assertion", "user_verified", "verify_assertion"]

_MARK_A: Final = 1
_FLAGS_AT: Final = 32  # after the digest of the site's name
_LEAST: Final = 37  # that digest, flags, counter
_PRESENT_AND_VERIFIED: Final = 0x05


def user_verified(step: Step) -> Iterator[Hit]:
    """K11: where the policy asks for it, whoever takes an item marked A shows a passkey of their own."""
    if step.event.type not in TAKING or not step.policy.user_verified or step.secrecy != _MARK_A:
        return
    assertion = step.event.fields.get(Field.WEBAUTHN)
    if assertion is None:
        yield "K11", "no assertion"
        return
    try:
        verify_assertion(
            assertion, public=step.certificate.uv_public, challenge=challenge_of(core_of(step.event.fields))
        )
    except SignatureError as error:
        yield "K11", str(error)


def challenge_of(core: bytes) -> bytes:
    """Return the 32-byte challenge for an event's core."""
    return hashlib.sha256(core).digest()


def verify_assertion(assertion: Sequence[bytes], *, public: bytes, challenge: bytes) -> None:
    """Check an assertion [authenticatorData, clientDataJSON, signature].

    Args:
        assertion: as the browser gave it.
        public: uncompressed P-256 point, 65 bytes, of the certificate; b"" where it names none.
        challenge: 32 bytes of `challenge_of`.

    Raises:
        SignatureError: no passkey is certified, the user was not verified, it is about something else, or the
            signature is not the passkey's.
    """
    about, client, signature = assertion
    if not public:
        raise SignatureError("no passkey is certified for the key", finding="K11")
    if len(about) < _LEAST or about[_FLAGS_AT] & _PRESENT_AND_VERIFIED != _PRESENT_AND_VERIFIED:
        raise SignatureError("the authenticator did not verify its user", finding="K11")
    wanted = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    if _said(client) != ("webauthn.get", wanted):
        raise SignatureError("the assertion is about something else", finding="K11")
    if not _holds(public, about + hashlib.sha256(client).digest(), signature):
        raise SignatureError("the assertion is not signed by the certified passkey", finding="K11")


def passkey_of(secret: int) -> bytes:
    """Return the 65-byte point of a passkey made of a number; for drills and tests, where no authenticator is."""
    public = ec.derive_private_key(secret, ec.SECP256R1()).public_key()
    return public.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def sign_assertion(
    secret: int, *, challenge: bytes, kind: str = "webauthn.get", flags: int = _PRESENT_AND_VERIFIED
) -> list[bytes]:
    """Return what an authenticator with the passkey of *secret* would answer to a 32-byte challenge."""
    asked = base64.urlsafe_b64encode(challenge).rstrip(b"=").decode()
    client = json.dumps({"type": kind, "challenge": asked, "origin": "https://tram.invalid"}).encode()
    about = hashlib.sha256(b"tram.invalid").digest() + bytes((flags, 0, 0, 0, 1))
    key = ec.derive_private_key(secret, ec.SECP256R1())
    algorithm = ec.ECDSA(SHA256(), deterministic_signing=True)
    return [about, client, key.sign(about + hashlib.sha256(client).digest(), algorithm)]


def _said(client: bytes) -> tuple[object, object]:
    """Return type and challenge of the client's data, or two None where it cannot be read."""
    try:
        data = json.loads(client.decode(), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None, None
    return (data.get("type"), data.get("challenge")) if isinstance(data, dict) else (None, None)


def _refuse(constant: str) -> object:
    raise ValueError(f"{constant} is not JSON")


def _holds(public: bytes, signed: bytes, signature: bytes) -> bool:
    try:
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), public)
        key.verify(signature, signed, ec.ECDSA(SHA256()))
    except (InvalidSignature, ValueError):
        return False
    return True
