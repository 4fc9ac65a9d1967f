"""The Merkle tree of RFC 6962 (section 2.1; RFC 9162 2.1.3 and 2.1.4 for verification).

Pure arithmetic over 32-byte hashes. A tree is asked for the root of a *perfect* subtree by (level, n): the
leaves n * 2^level up to (n + 1) * 2^level; who holds those hashes (tiles, memory) is not this file's business.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from custody.errors import ProofError

__all__ = [
    "EMPTY_ROOT",
    "Frontier",
    "HashOf",
    "consistency_path",
    "inclusion_path",
    "leaf_hash",
    "node_hash",
    "root_from_inclusion",
    "root_of",
    "subtree_root",
    "verify_consistency",
    "verify_inclusion",
    "verify_subtree_consistency",
    "verify_subtree_inclusion",
]

HASH_BYTES: Final = 32
EMPTY_ROOT: Final = hashlib.sha256(b"").digest()

HashOf = Callable[[int, int], bytes]
"""(level, n) -> root of the perfect subtree over leaves n * 2^level ... (n + 1) * 2^level - 1."""


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 || entry) (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 || left || right) (RFC 6962 2.1)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class Frontier:
    """The roots of the perfect subtrees of a growing tree, largest first: enough to append and to know the root."""

    __slots__ = ("_peaks", "size")

    def __init__(self, leaves: Iterable[bytes] = ()) -> None:
        """Start with *leaves* (leaf hashes)."""
        self.size = 0
        self._peaks: list[bytes] = []
        for leaf in leaves:
            self.append(leaf)

    def copy(self) -> Frontier:
        """Return an independent copy."""
        other = Frontier()
        other.size, other._peaks = self.size, self._peaks.copy()  # our own class
        return other

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Add a leaf hash; return the perfect subtrees it completed as (level, n, hash), the leaf itself first."""
        index, level, node = self.size, 0, leaf
        done = [(0, index, leaf)]
        while index & 1:
            node = node_hash(self._peaks.pop(), node)
            index >>= 1
            level += 1
            done.append((level, index, node))
        self._peaks.append(node)
        self.size += 1
        return done

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Add leaf hashes."""
        size, peaks, sha256 = self.size, self._peaks, hashlib.sha256
        for leaf in leaves:
            index, node = size, leaf
            while index & 1:
                node = sha256(b"\x01" + peaks.pop() + node).digest()
                index >>= 1
            peaks.append(node)
            size += 1
        self.size = size

    def root(self, beyond: bytes | None = None) -> bytes:
        """Return the tree's root, `EMPTY_ROOT` for no leaf.

        Args:
            beyond: root of further leaves to the right of these, fewer than the smallest perfect subtree here has,
                or as many.
        """
        peaks = [*self._peaks, beyond] if beyond is not None else self._peaks
        if not peaks:
            return EMPTY_ROOT
        node = peaks[-1]
        for peak in reversed(peaks[:-1]):
            node = node_hash(peak, node)
        return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes (RFC 6962 2.1, MTH)."""
    return Frontier(leaves).root()


def subtree_root(start: int, stop: int, hash_of: HashOf) -> bytes:
    """Return MTH(D[start:stop]) for a range that a proof may ask for."""
    node: bytes | None = None
    for level, n in reversed(_peaks(start, stop)):
        peak = hash_of(level, n)
        node = peak if node is None else node_hash(peak, node)
    return EMPTY_ROOT if node is None else node


def inclusion_path(index: int, size: int, hash_of: HashOf) -> list[bytes]:
    """Return the proof of leaf *index* in the tree of *size* leaves, lowest sibling first (RFC 6962 2.1.1).

    Raises:
        ProofError: not 0 <= index < size.
    """
    if not 0 <= index < size:
        raise ProofError(f"position {index} is outside a tree of {size}")
    start, stop, path = 0, size, []
    while stop - start > 1:
        middle = start + _split(stop - start)
        if index < middle:
            path.append(subtree_root(middle, stop, hash_of))
            stop = middle
        else:
            path.append(subtree_root(start, middle, hash_of))
            start = middle
    return path[::-1]


def consistency_path(size1: int, size2: int, hash_of: HashOf) -> list[bytes]:
    """Return the proof that the tree of *size1* leaves is a prefix of that of *size2* (RFC 6962 2.1.2).

    Raises:
        ProofError: not 0 <= size1 <= size2.
    """
    if not 0 <= size1 <= size2:
        raise ProofError(f"tree of {size1} cannot be a prefix of {size2}")
    if size1 in (0, size2):
        return []
    start, stop, path, whole = 0, size2, [], True
    while stop != size1:
        middle = start + _split(stop - start)
        if size1 <= middle:
            path.append(subtree_root(middle, stop, hash_of))
            stop = middle
        else:
            path.append(subtree_root(start, middle, hash_of))
            start, whole = middle, False
    if not whole:
        path.append(subtree_root(start, stop, hash_of))
    return path[::-1]


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """Walk a proof from a leaf up to the root it implies (RFC 9162 2.1.3.2).

    Args:
        index: 0-based position of the leaf; 0 <= index < size.
        size: number of leaves under the root.
        leaf: leaf hash, 32 bytes.
        proof: sibling hashes, lowest first.

    Raises:
        ProofError: the proof has the wrong length, a hash is not 32 bytes, or the position is outside the tree.
    """
    if not 0 <= index < size:
        raise ProofError(f"position {index} is outside a tree of {size}", finding="M01")
    if len(leaf) != HASH_BYTES or any(len(sibling) != HASH_BYTES for sibling in proof):
        raise ProofError("a hash is not 32 bytes", finding="M01")
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border:
        raise ProofError(f"proof of {len(proof)} hashes, not {inner + border}", finding="M01")
    node = leaf
    for level, sibling in enumerate(proof[:inner]):
        node = node_hash(sibling, node) if index >> level & 1 else node_hash(node, sibling)
    for sibling in proof[inner:]:
        node = node_hash(sibling, node)
    return node


def verify_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes) -> None:
    """Check that *leaf* stands at *index* under *root*.

    Raises:
        ProofError: it does not (M01).
    """
    if root_from_inclusion(index, size, leaf, proof) != root:
        raise ProofError(f"leaf {index} is not under the root of {size}", finding="M01")


def verify_consistency(size1: int, size2: int, proof: Sequence[bytes], root1: bytes, root2: bytes) -> None:
    """Check that the tree of *root1* is a prefix of that of *root2* (RFC 9162 2.1.4.2); of size 0 nothing can be.

    Raises:
        ProofError: it is not, or the proof has the wrong length (M04).
    """
    if size1 == 0 and (size2 or root2 != EMPTY_ROOT):
        raise ProofError("nothing can be proven from an empty tree", finding="M04")
    verify_subtree_consistency(0, size1, size2, proof, root1, root2)


def verify_subtree_inclusion(
    index: int, start: int, stop: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Check that *leaf* stands at *index* under the *root* of the subtree over leaves [start, stop).

    Raises:
        ProofError: it does not, or [start, stop) is no subtree of any tree (M01).
    """
    if not _is_subtree(start, stop):
        raise ProofError(f"[{start}, {stop}) is not a subtree", finding="M01")
    verify_inclusion(index - start, stop - start, leaf, proof, root)


def verify_subtree_consistency(
    start: int, stop: int, size: int, proof: Sequence[bytes], subroot: bytes, root: bytes
) -> None:
    """Check that the subtree over leaves [start, stop) is part of the tree of *size* leaves.

    With start 0 this is RFC 9162 2.1.4.2; beyond, draft-ietf-plants-merkle-tree-certs, "Verifying a subtree
    consistency proof": fn, sn, tn of the text are first, last and end here.

    Raises:
        ProofError: it is not, the proof has the wrong length, or [start, stop) is no subtree of it (M04).
    """
    if not (0 <= start == stop or _is_subtree(start, stop)) or stop > size:
        raise ProofError(f"[{start}, {stop}) is not a subtree of {size} leaves", finding="M04")
    if start == stop or (start, stop) == (0, size):
        if proof or subroot != (EMPTY_ROOT if start == stop else root):
            raise ProofError(f"two roots for [{start}, {stop}), or a proof where none is due", finding="M04")
        return
    if any(len(value) != HASH_BYTES for value in (*proof, subroot, root)):
        raise ProofError("a hash is not 32 bytes", finding="M04")
    first, last, end = start, stop - 1, size - 1
    while first != last and (last == end or last & 1):
        first, last, end = first >> 1, last >> 1, end >> 1
    path = list(proof) if first != last else [subroot, *proof]
    if _walk(first, last, end, path) != (subroot, root):
        raise ProofError(f"[{start}, {stop}) is not part of the tree of {size}", finding="M04")


def _walk(first: int, last: int, end: int, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the subtree's and the tree's root that a subtree consistency proof implies."""
    if not path:
        raise ProofError("proof is empty", finding="M04")
    old = new = path[0]
    for sibling in path[1:]:
        if end == 0:
            raise ProofError("proof is too long", finding="M04")
        if last & 1 or last == end:
            if first < last:
                old = node_hash(sibling, old)
            new = node_hash(sibling, new)
            while not last & 1:
                first, last, end = first >> 1, last >> 1, end >> 1
        else:
            new = node_hash(new, sibling)
        first, last, end = first >> 1, last >> 1, end >> 1
    if end:
        raise ProofError("proof is too short", finding="M04")
    return old, new


def _is_subtree(start: int, stop: int) -> bool:
    """Say whether [start, stop) can be a subtree: start is a multiple of the power of two that covers it."""
    return 0 <= start < stop and start & ((1 << (stop - start - 1).bit_length()) - 1) == 0


def _split(width: int) -> int:
    """Return the largest power of two below *width* (> 1)."""
    return 1 << (width - 1).bit_length() - 1


def _peaks(start: int, stop: int) -> list[tuple[int, int]]:
    """Return the perfect subtrees of an aligned range, largest first."""
    peaks = []
    while start < stop:
        level = (stop - start).bit_length() - 1
        peaks.append((level, start >> level))
        start += 1 << level
    return peaks
