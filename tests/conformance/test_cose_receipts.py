"""RFC 9942 receipts of the working group: parsed by us, and their two proofs agree on one tree."""

from __future__ import annotations

import cbor2
import pytest

from custody import cbor, cose_receipt, merkle
from custody.errors import FormatError, ProofError
from tests.conformance.vectors import folder

_EXAMPLES = folder("cose-receipts") / "examples"


def _consistency() -> tuple[int, int, list[bytes]]:
    raw = (_EXAMPLES / "consistency-receipt.cbor").read_bytes()
    _, unprotected, payload, _ = cbor.decode(raw[1:], signed_keys=True)
    assert payload is None
    size1, size2, path = cbor.decode(unprotected[396][-2][0])
    return size1, size2, path


def test_inclusion_and_consistency_speak_of_one_tree() -> None:
    """Neither file has the leaf; the consistency proof of 3 in 5 has it, so each proves the other's root."""
    receipt = cose_receipt.parse_cose_receipt((_EXAMPLES / "inclusion-receipt.cbor").read_bytes())
    size1, size2, path = _consistency()
    leaf2, leaf3, left, _ = path

    assert (5, 3) == (receipt.size, receipt.index)
    merkle.verify_consistency(size1, size2, path, merkle.node_hash(left, leaf2), receipt.root(leaf3))
    with pytest.raises(ProofError):
        merkle.verify_consistency(size1, size2, path, merkle.node_hash(left, leaf3), receipt.root(leaf3))


def test_ours_is_of_the_same_form() -> None:
    """The same keys at the same places, apart from the algorithm; theirs is ES256 and refused by our profile."""
    theirs = (_EXAMPLES / "inclusion-receipt.cbor").read_bytes()
    ours = cose_receipt.sign_cose_receipt(
        3, 5, [bytes(32)] * 3, bytes(32), origin="log.example", seed=bytes(32)
    )
    shapes = []
    for raw in (theirs, ours):
        protected, unprotected, payload, signature = cbor2.loads(raw).value
        header = cbor2.loads(protected)
        assert {1, 4, 15, 395} == header.keys()
        assert 1 == header[395]
        proof = cbor2.loads(unprotected[396][-1][0])
        shapes.append((unprotected.keys(), payload, len(signature), proof[:2], len(proof[2])))

    assert shapes[0] == shapes[1]
    with pytest.raises((FormatError, ProofError)):
        cose_receipt.verify_cose_receipt(theirs, bytes(32), bytes(32), origin="log.example")
