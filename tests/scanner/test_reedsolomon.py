"""Errors and erasures, against words that another program made."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from qrcode.base import Polynomial, gexp

from scanner.reedsolomon import repair


def encode(data: list[int], parity: int) -> list[int]:
    """The code word of some data, by the library that draws the labels."""
    generator = Polynomial([1], 0)
    for root in range(parity):
        generator = generator * Polynomial([1, gexp(root)], 0)
    rest = list(Polynomial([*data, *[0] * parity], 0) % generator) if any(data) else []
    rest = [rest[index] for index in range(len(rest))][-parity:]
    return [*data, *[0] * (parity - len(rest)), *rest]


@given(st.integers(0, 10**9), st.integers(2, 30), st.integers(1, 40))
def test_what_the_parity_covers_is_put_right(seed: int, parity: int, count: int) -> None:
    """Twice the errors and once the erasures, up to the parity symbols."""
    chance = random.Random(seed)
    word = encode([chance.randrange(256) for _ in range(count)], parity)
    erasures = chance.randint(0, min(parity, len(word)))
    errors = chance.randint(0, min((parity - erasures) // 2, len(word) - erasures))
    places = chance.sample(range(len(word)), erasures + errors)
    spoilt = list(word)
    for place in places:
        spoilt[place] ^= chance.randrange(1, 256)
    assert repair(spoilt, parity, places[:erasures]) == word


@given(st.integers(0, 10**9))
def test_what_is_not_covered_is_another_word_or_none(seed: int) -> None:
    """Whatever comes back is a code word that differs in no more places than can be put right."""
    chance = random.Random(seed)
    spoilt = [chance.randrange(256) for _ in range(20)]
    word = repair(spoilt, 8, [3, 7])
    if word is not None:
        assert repair(word, 8) == word
        assert sum(new != old for new, old in zip(word, spoilt, strict=True)) <= 2 + 3


@pytest.mark.parametrize("erased", [[0, 1, 2, 3, 4], [0, 0]])
def test_erasures_that_make_no_sense_are_no_word(erased: list[int]) -> None:
    """More of them than parity symbols, or one twice: no guess."""
    word = encode([1, 2, 3], 4)
    spoilt = [word[0] ^ 9, word[1] ^ 9, word[2] ^ 9, *word[3:]]
    assert repair(spoilt, 4, erased) is None
