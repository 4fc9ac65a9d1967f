"""COSE receipts: what they prove, and that nothing in them can be changed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody import merkle
from custody.cose_receipt import parse_cose_receipt, sign_cose_receipt, verify_cose_receipt
from custody.ed25519 import public_of
from custody.errors import CustodyError, FormatError, ProofError

SEED = bytes(range(32))
PUBLIC = public_of(SEED)
LEAVES = [merkle.leaf_hash(bytes([n])) for n in range(9)]


def node(level: int, n: int) -> bytes:
    """Return the root of a perfect subtree."""
    return merkle.root_of(LEAVES[n << level : (n + 1) << level])


def receipt_of(index: int, size: int) -> bytes:
    """Return a good receipt."""
    path = merkle.inclusion_path(index, size, node)
    root = merkle.root_of(LEAVES[:size])
    return sign_cose_receipt(index, size, path, root, origin="log.example", seed=SEED)


def test_every_entry_of_every_size() -> None:
    """Index, size and root as signed; an entry alone in its log has an empty path."""
    for size in range(1, 10):
        for index in range(size):
            found = verify_cose_receipt(receipt_of(index, size), LEAVES[index], PUBLIC, origin="log.example")
            assert (index, size, merkle.root_of(LEAVES[:size])) == found


def test_another_entry_log_or_key_is_refused() -> None:
    """M01 and M02."""
    good = receipt_of(2, 9)
    for leaf, public, origin, code in (
        (LEAVES[3], PUBLIC, "log.example", "M01"),
        (LEAVES[2], public_of(bytes(32)), "log.example", "M02"),
        (LEAVES[2], PUBLIC, "other.example", "M02"),
    ):
        with pytest.raises(ProofError) as caught:
            verify_cose_receipt(good, leaf, public, origin=origin)
        assert code == caught.value.finding


def test_any_changed_byte_is_caught() -> None:
    """Every bit of it."""
    good = receipt_of(4, 7)
    for at in range(len(good) * 8):
        bent = bytearray(good)
        bent[at // 8] ^= 1 << at % 8
        with pytest.raises(CustodyError):
            verify_cose_receipt(bytes(bent), LEAVES[4], PUBLIC, origin="log.example")


@given(st.binary(max_size=200), st.integers(0, 200))
def test_no_bytes_surprise_the_parser(data: bytes, at: int) -> None:
    """Only the documented error leaves it."""
    for raw in (data, b"\xd2" + data, receipt_of(4, 7)[:at] + data):
        try:
            parse_cose_receipt(raw)
        except FormatError:
            continue
