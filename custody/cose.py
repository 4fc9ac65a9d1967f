"""COSE_Sign1 (RFC 9052 section 4.2, tag 18) as custody events use it: one form, nothing negotiable.

`18([protected {1: alg, 4: kid8}, {}, payload, signature64])`: alg -8 is emitted, -8 and -19 (RFC 9864) are
accepted, the unprotected map is empty, external_aad is empty. Untagged input and an empty protected header
are refused, deliberately stricter than the working group's examples.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from custody import cbor, ed25519
from custody.errors import FormatError, SignatureError

__all__ = ["MAX_BYTES", "Sign1", "kid_of", "parse_sign1", "sign1", "verify_sign1"]

MAX_BYTES: Final = 60_000  # entry bundles carry 16-bit lengths (C2SP tlog-tiles)
_TAG: Final = 0xD2  # tag 18 in one byte
_EDDSA: Final = -8
_ALGORITHMS: Final = frozenset((_EDDSA, -19))
_ALG, _KID = 1, 4  # RFC 9052 3.1
_KID_BYTES: Final = 8
_START: Final = b"\xd2\x84\x4d"  # tag 18, array of 4, a protected header of 13 bytes: {1: alg, 4: kid8}
_AT: Final = len(_START) + 13  # of the unprotected header
_ENDS: Final = b"\x58\x40"  # before a byte string of 64
_SIGNED_START: Final = b"\x84\x6aSignature1"  # of a Sig_structure (RFC 9052 4.4)
_BYTES_1, _BYTES_2 = 0x58, 0x59  # byte strings with a length of one byte, and of two
_LEAST_1, _LEAST_2 = 24, 256  # what a length must reach to be written so
_NO_HEADER: Final = 0xA0  # an empty map
_NO_CONTEXT: Final = b"\x40"  # an empty byte string


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign1:
    """A parsed COSE_Sign1.

    Attributes:
        raw: the bytes as received.
        kid: 8 bytes naming the signing key.
        payload: the signed payload (that of the caller where it is detached).
        signature: 64 bytes, not yet verified.
        signed: the Sig_structure bytes that the signature covers.
    """

    raw: bytes
    kid: bytes
    payload: bytes
    signature: bytes
    signed: bytes


def kid_of(public: bytes) -> bytes:
    """Return the first 8 bytes of the COSE Key Thumbprint (RFC 9679) of an Ed25519 *public* key."""
    return hashlib.sha256(b"\xa3\x01\x01\x20\x06\x21\x58\x20" + public).digest()[:_KID_BYTES]


def sign1(payload: bytes, *, seed: bytes, detached: bool = False, context: bytes = b"") -> bytes:
    """Return a tagged COSE_Sign1 over *payload* with the 32-byte *seed*.

    Args:
        payload: what is signed.
        seed: the signing key.
        detached: leave the payload out.
        context: external_aad (RFC 9052 4.3), so that a signature for one use is none for another.
    """
    protected = cbor.encode({_ALG: _EDDSA, _KID: kid_of(ed25519.public_of(seed))})
    signature = ed25519.sign(seed, _sig_structure(protected, payload, context))
    return bytes((_TAG,)) + cbor.encode([protected, {}, None if detached else payload, signature])


def parse_sign1(raw: bytes, *, detached: bytes | None = None, context: bytes = b"") -> Sign1:
    """Return the parts of *raw*. Does not verify the signature.

    Args:
        raw: tagged COSE_Sign1 bytes.
        detached: the payload, where *raw* is expected to leave it out.
        context: external_aad that the signature must cover.

    Raises:
        FormatError: wrong shape or size (E01), not deterministic (E02), an algorithm we do not allow (E03).
    """
    if len(raw) > MAX_BYTES:
        raise FormatError(f"entry of {len(raw)} bytes is above {MAX_BYTES}", finding="E01")
    if detached is None and not context and raw.startswith(_START):
        found = _parse_usual(raw)
        if found is not None:
            return found
    if raw[:1] != bytes((_TAG,)):
        raise FormatError("entry does not begin with COSE tag 18", finding="E01")
    parts = cbor.decode(raw[1:])
    match parts:
        case [
            bytes() as protected,
            dict() as unprotected,
            (bytes() | None) as inner,
            bytes() as signature,
        ] if not unprotected and (inner is None) == (detached is not None):
            payload = inner if inner is not None else detached or b""
        case _:
            raise FormatError("entry is not [protected, {}, payload, signature]", finding="E01")
    if len(signature) != ed25519.SIGNATURE_BYTES:
        raise FormatError(f"signature of {len(signature)} bytes, not 64", finding="E01")
    return Sign1(
        raw=raw,
        kid=_kid(protected),
        payload=payload,
        signature=signature,
        signed=_sig_structure(protected, payload, context),
    )


def _parse_usual(raw: bytes) -> Sign1 | None:
    """Return the parts of an entry of the length and order that nearly all have, else None: no error is named here.

    Where it returns parts they are those of the long way: each byte is at its place or compared.
    """
    try:
        size, start = raw[_AT + 2], _AT + 3
        if raw[_AT + 1] == _BYTES_2:
            size, start, least = size << 8 | raw[_AT + 3], _AT + 4, _LEAST_2
        else:
            least = _LEAST_1 if raw[_AT + 1] == _BYTES_1 else len(raw)
        end = start + size
    except IndexError:
        return None
    signature = raw[end + 2 :]
    is_usual = raw[_AT] == _NO_HEADER and size >= least and raw[end : end + 2] == _ENDS
    if not is_usual or len(signature) != ed25519.SIGNATURE_BYTES:
        return None
    return Sign1(
        raw=raw,
        kid=_kid(raw[len(_START) : _AT]),
        payload=raw[start:end],
        signature=signature,
        signed=_SIGNED_START + raw[2:_AT] + _NO_CONTEXT + raw[_AT + 1 : end],
    )


def verify_sign1(message: Sign1, public: bytes) -> None:
    """Check the signature. Does not check that the key may sign this, nor when.

    Raises:
        SignatureError: the signature is not *public*'s over the Sig_structure (E04).
    """
    if not ed25519.verify(public, message.signed, message.signature):
        raise SignatureError(f"signature does not verify under key {message.kid.hex()}", finding="E04")


@lru_cache(maxsize=4096)
def _kid(protected: bytes) -> bytes:
    header = cbor.decode(protected)
    if not isinstance(header, dict) or header.keys() != {_ALG, _KID}:
        raise FormatError("protected header is not {1: alg, 4: kid}", finding="E01")
    if type(header[_ALG]) is not int or header[_ALG] not in _ALGORITHMS:
        raise FormatError(f"algorithm {header[_ALG]} is not EdDSA", finding="E03")
    kid = header[_KID]
    if not isinstance(kid, bytes) or len(kid) != _KID_BYTES:
        raise FormatError("kid is not 8 bytes", finding="E01")
    return kid


def _sig_structure(protected: bytes, payload: bytes, context: bytes = b"") -> bytes:
    return cbor.encode(["Signature1", protected, context, payload])  # RFC 9052 4.4
