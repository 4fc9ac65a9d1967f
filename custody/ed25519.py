"""Ed25519 with libsodium's strict semantics (RFC 8032; canonical S, R and A, no small order, cofactorless).

The only file that knows PyNaCl. The verdict of record is what this file says; a browser may only pre-check.
"""

from __future__ import annotations

from nacl import bindings
from nacl.exceptions import BadSignatureError

__all__ = ["PUBLIC_BYTES", "SEED_BYTES", "SIGNATURE_BYTES", "is_valid_point", "public_of", "sign", "verify"]

SEED_BYTES = 32
PUBLIC_BYTES = 32
SIGNATURE_BYTES = 64


def public_of(seed: bytes) -> bytes:
    """Return the 32-byte public key of a 32-byte *seed*."""
    return bindings.crypto_sign_seed_keypair(seed)[0]


def sign(seed: bytes, message: bytes) -> bytes:
    """Return the 64-byte signature of *message* under *seed* (deterministic, RFC 8032 5.1.6)."""
    _, secret = bindings.crypto_sign_seed_keypair(seed)
    return bindings.crypto_sign(message, secret)[:SIGNATURE_BYTES]


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether *signature* (64 bytes) is *public*'s over *message*; wrong lengths are False, not an error."""
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        bindings.crypto_sign_open(signature + message, public)
    except BadSignatureError:
        return False
    return True


def is_valid_point(public: bytes) -> bool:
    """Say whether *public* is a canonical point of prime order: asked once, when a key is certified (K10)."""
    return len(public) == PUBLIC_BYTES and bool(bindings.crypto_core_ed25519_is_valid_point(public))
