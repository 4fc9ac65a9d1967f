"""The map of heads: where every open item stood at one size of the log, under one root (HEADMAP, custody.md 4c).

An inclusion proof of the log shows that an entry is there; it cannot show that no later one is. Sorted by uid, one
leaf an item, the map shows both: the head that an item had, or that the log knew no open item of that uid.

    leaf  SHA-256(0x00 || "KT1-HEAD-v1" || 0x00 || uid8 || seq4 || head32 || state1)
    tree  RFC 6962 over the leaves in ascending order of uid
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from custody import merkle
from custody.errors import ProofError
from custody.machine import TERMINAL, State

__all__ = ["Head", "MapProof", "is_open", "prove", "root_of", "verify_absent", "verify_present"]

_DOMAIN: Final = b"KT1-HEAD-v1\0"


@dataclass(frozen=True, slots=True, order=True)
class Head:
    """Where an open item stands.

    Attributes:
        uid: 8 bytes.
        seq: position of the newest event that counts.
        head: its id, 32 bytes.
        state: `machine.State`.
    """

    uid: bytes
    seq: int
    head: bytes
    state: int

    @property
    def leaf(self) -> bytes:
        """Its 32-byte leaf hash."""
        parts = (_DOMAIN, self.uid, self.seq.to_bytes(4, "big"), self.head, bytes((self.state,)))
        return merkle.leaf_hash(b"".join(parts))


@dataclass(frozen=True, slots=True)
class MapProof:
    """One leaf of a map, proven.

    Attributes:
        index: its position among *count* leaves.
        head: what it says.
        path: sibling hashes, lowest first.
    """

    index: int
    head: Head
    path: tuple[bytes, ...]


def is_open(state: State) -> bool:
    """Say whether an item in this state belongs on the map."""
    return state is not State.NONE and state not in TERMINAL


def root_of(heads: Iterable[Head]) -> tuple[bytes, int]:
    """Return (root, count) over heads of different uids, in any order."""
    ordered = sorted(heads)
    return merkle.root_of(head.leaf for head in ordered), len(ordered)


def prove(heads: Sequence[Head], uid: bytes) -> tuple[MapProof, ...]:
    """Return the proof of *uid*: its own leaf, or those between which it would stand (one at either end, none of none).

    Args:
        heads: of the map, ascending.
        uid: 8 bytes.
    """
    at = bisect_left(heads, uid, key=lambda head: head.uid)
    is_there = at < len(heads) and heads[at].uid == uid
    wanted = (at,) if is_there else tuple(n for n in (at - 1, at) if 0 <= n < len(heads))

    def hash_of(level: int, n: int) -> bytes:
        return merkle.root_of(head.leaf for head in heads[n << level : (n + 1) << level])

    return tuple(MapProof(n, heads[n], tuple(merkle.inclusion_path(n, len(heads), hash_of))) for n in wanted)


def verify_present(proof: Sequence[MapProof], uid: bytes, root: bytes, count: int) -> Head:
    """Return where an item stood.

    Raises:
        ProofError: that is not proven under *root* (M09).
    """
    if len(proof) != 1 or proof[0].head.uid != uid:
        raise ProofError(f"no proof that {uid.hex()} is on the map", finding="M09")
    _verify(proof[0], root, count)
    return proof[0].head


def verify_absent(proof: Sequence[MapProof], uid: bytes, root: bytes, count: int) -> None:
    """Check that the map has no item of that *uid*: its neighbours stand side by side.

    Raises:
        ProofError: that is not proven under *root* (M09).
    """
    below = [one for one in proof if one.head.uid < uid]
    above = [one for one in proof if one.head.uid > uid]
    first = below[0].index + 1 if below else 0
    last = above[0].index if above else count
    if len(below) > 1 or len(above) > 1 or len(below) + len(above) != len(proof) or first != last:
        raise ProofError(f"no proof that {uid.hex()} is not on the map", finding="M09")
    if not proof and (count or root != merkle.EMPTY_ROOT):
        raise ProofError("map is not empty", finding="M09")
    for one in proof:
        _verify(one, root, count)


def _verify(proof: MapProof, root: bytes, count: int) -> None:
    try:
        merkle.verify_inclusion(proof.index, count, proof.head.leaf, proof.path, root)
    except ProofError as error:
        raise ProofError(f"map of heads: {error}", finding="M09") from error
