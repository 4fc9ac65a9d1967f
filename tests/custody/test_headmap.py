"""The map of heads: who is on it, who is not, and that neither can be claimed falsely."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from custody.errors import ProofError
from custody.headmap import Head, MapProof, is_open, prove, root_of, verify_absent, verify_present
from custody.machine import State


def head_of(n: int) -> Head:
    """Return the head of item *n*."""
    return Head(n.to_bytes(8, "big"), n % 7, hashlib.sha256(b"%d" % n).digest(), State.HELD)


@given(st.sets(st.integers(0, 60), max_size=20), st.integers(0, 60))
def test_every_uid_is_on_the_map_or_provably_not(numbers: set[int], asked: int) -> None:
    """For each map and uid exactly one of the two proofs exists."""
    heads = sorted(map(head_of, numbers))
    root, count = root_of(heads)
    uid = asked.to_bytes(8, "big")
    proof = prove(heads, uid)
    if asked in numbers:
        assert head_of(asked) == verify_present(proof, uid, root, count)
        with pytest.raises(ProofError):
            verify_absent(proof, uid, root, count)
    else:
        verify_absent(proof, uid, root, count)
        with pytest.raises(ProofError):
            verify_present(proof, uid, root, count)


def test_a_gap_cannot_be_claimed_where_there_is_none() -> None:
    """M09: neighbours that do not stand side by side, an end that is none, another root or count."""
    heads = [head_of(n) for n in (2, 4, 6, 8)]
    root, count = root_of(heads)
    ends = {n: prove(heads, n.to_bytes(8, "big"))[0] for n in (2, 4, 6, 8)}
    four = (4).to_bytes(8, "big")
    lies: list[tuple[MapProof, ...]] = [
        (ends[2], ends[6]),
        (ends[2],),
        (ends[6],),
        (),
        (ends[2], replace(ends[6], index=1)),
        (ends[2], ends[2], ends[6]),
    ]
    for lie in lies:
        with pytest.raises(ProofError) as caught:
            verify_absent(lie, four, root, count)
        assert "M09" == caught.value.finding
    for field in ({"seq": 5}, {"head": bytes(32)}, {"state": int(State.LOST)}):
        bent = replace(ends[4], head=replace(ends[4].head, **field))
        with pytest.raises(ProofError):
            verify_present((bent,), four, root, count)
    with pytest.raises(ProofError):
        verify_present((ends[4],), four, root, count + 1)


def test_what_is_open() -> None:
    """Ended items are proven by the log; an emptied container may be closed again and stays."""
    closed = {state for state in State if not is_open(state)}
    assert {State.NONE, State.DELIVERED, State.DESTROYED, State.VOID} == closed
