"""ML-DSA-44 (FIPS 204), pure, with an empty context: what a forger with a quantum computer cannot sign.

The only file that knows the library `cryptography`. Beside Ed25519, never in its place: a second signature on
checkpoints, by which what is in the log today stays anchored when Ed25519 has fallen.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey, MLDSA44PublicKey

__all__ = ["PUBLIC_BYTES", "SIGNATURE_BYTES", "public_of", "sign", "verify"]

PUBLIC_BYTES = 1_312
SIGNATURE_BYTES = 2_420


def public_of(seed: bytes) -> bytes:
    """Return the 1,312-byte public key of a 32-byte *seed* (FIPS 204, xi)."""
    return MLDSA44PrivateKey.from_seed_bytes(seed).public_key().public_bytes_raw()


def sign(seed: bytes, message: bytes) -> bytes:
    """Return a 2,420-byte signature of *message*; hedged, so another one each time."""
    return MLDSA44PrivateKey.from_seed_bytes(seed).sign(message)


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Say whether *signature* is *public*'s over *message*; wrong lengths are False, not an error."""
    if len(public) != PUBLIC_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    try:
        MLDSA44PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
