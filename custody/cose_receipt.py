"""Receipts as RFC 9942 has them: the inclusion proof of one entry in a COSE_Sign1 by the log, 250 bytes and a path.

`18([protected {1: -8, 4: kid8, 15: {1: origin}, 395: 1}, {396: {-1: [proof]}}, null, signature64])`, where proof is
the CBOR of [size, index, [hash...]] (RFC 9942 5.2.1) and the payload that is left out is the tree's root. It carries
no time: the time logged stands in the tlog-proof of the same entry (`custody.receipt`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from custody import cbor, ed25519, merkle
from custody.cose import kid_of
from custody.errors import FormatError, ProofError

__all__ = ["MEDIA_TYPE", "CoseReceipt", "parse_cose_receipt", "sign_cose_receipt", "verify_cose_receipt"]

MEDIA_TYPE: Final = "application/cose"
_TAG: Final = b"\xd2"
_MAX_BYTES: Final = 5_000
_MAX_PATH: Final = 63
_ALG, _KID, _CWT_CLAIMS, _VDS, _VDP = 1, 4, 15, 395, 396
_INCLUSION: Final = -1
_RFC9162_SHA256: Final = 1
_ALGORITHMS: Final = (-8, -19)  # as events: custody.cose


@dataclass(frozen=True, slots=True, kw_only=True)
class CoseReceipt:
    """A parsed receipt, not yet verified.

    Attributes:
        protected: bytes of the protected header.
        size: number of entries under the root.
        index: position of the entry.
        path: sibling hashes, lowest first.
        signature: over the root that these imply.
    """

    protected: bytes
    size: int
    index: int
    path: tuple[bytes, ...]
    signature: bytes

    def root(self, leaf: bytes) -> bytes:
        """Return the root that the proof implies for *leaf* (32-byte leaf hash).

        Raises:
            ProofError: it is no proof of anything (M01).
        """
        return merkle.root_from_inclusion(self.index, self.size, leaf, self.path)


def sign_cose_receipt(
    index: int, size: int, path: Sequence[bytes], root: bytes, *, origin: str, seed: bytes
) -> bytes:
    """Return the receipt of entry *index* under the *root* of *size* entries, signed by the log *origin*'s key."""
    header = {
        _ALG: _ALGORITHMS[0],
        _KID: kid_of(ed25519.public_of(seed)),
        _CWT_CLAIMS: {1: origin},
        _VDS: _RFC9162_SHA256,
    }
    protected = cbor.encode(header)
    proof = cbor.encode([size, index, list(path)])
    signature = ed25519.sign(seed, _signed(protected, root))
    return _TAG + cbor.encode([protected, {_VDP: {_INCLUSION: [proof]}}, None, signature])


def parse_cose_receipt(raw: bytes) -> CoseReceipt:
    """Return the parts of a receipt of inclusion with one proof.

    Raises:
        FormatError: not of that form.
    """
    if len(raw) > _MAX_BYTES or raw[:1] != _TAG:
        raise FormatError("receipt does not begin with COSE tag 18, or is too long")
    match cbor.decode(raw[1:], signed_keys=True):
        case [
            bytes() as protected,
            {396: {-1: [bytes() as proof], **others}, **headers},
            None,
            bytes() as signature,
        ] if not others and not headers:
            size, index, path = _proof(cbor.decode(proof))
        case _:
            raise FormatError("receipt is not [protected, {396: {-1: [proof]}}, null, signature]")
    return CoseReceipt(protected=protected, size=size, index=index, path=path, signature=signature)


def verify_cose_receipt(raw: bytes, leaf: bytes, public: bytes, *, origin: str) -> tuple[int, int, bytes]:
    """Return (index, size, root) of a receipt that holds for *leaf* under the log's key.

    Args:
        raw: the receipt.
        leaf: 32-byte leaf hash of the entry.
        public: the log's 32-byte Ed25519 key.
        origin: the log's name, which the receipt must bear as its issuer.

    Raises:
        FormatError: not of the form.
        ProofError: another log's, not signed by its key (M02), or no proof of that leaf (M01).
    """
    receipt = parse_cose_receipt(raw)
    header = cbor.decode(receipt.protected)
    wanted = [
        {_KID: kid_of(public), _CWT_CLAIMS: {1: origin}, _VDS: _RFC9162_SHA256, _ALG: a} for a in _ALGORITHMS
    ]
    if header not in wanted:
        raise ProofError(f"receipt is not one of the log {origin} under its key", finding="M02")
    root = receipt.root(leaf)
    if not ed25519.verify(public, _signed(receipt.protected, root), receipt.signature):
        raise ProofError(
            f"receipt does not prove this entry {receipt.index} under the log's key", finding="M01"
        )
    return receipt.index, receipt.size, root


def _proof(value: Any) -> tuple[int, int, tuple[bytes, ...]]:
    match value:
        case [int() as size, int() as index, [*path]] if (
            0 <= index < size < 1 << 63 and len(path) <= _MAX_PATH
        ):
            if all(type(node) is bytes and len(node) == merkle.HASH_BYTES for node in path):
                return size, index, tuple(path)
    raise FormatError("proof is not [size, index, [hash...]]")


def _signed(protected: bytes, root: bytes) -> bytes:
    return cbor.encode(["Signature1", protected, b"", root])  # RFC 9052 4.4
