"""Reed-Solomon over GF(256) as QR codes use it (ISO/IEC 18004 annex A): errors and erasures.

With p parity symbols, e wrong ones at unknown places and f at known places are put right while 2e + f <= p.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

__all__ = ["repair"]

_POLYNOMIAL: Final = 0x11D


def _tables() -> tuple[tuple[int, ...], tuple[int, ...]]:
    power, logarithm, value = [0] * 510, [0] * 256, 1
    for exponent in range(255):
        power[exponent] = power[exponent + 255] = value
        logarithm[value] = exponent
        value = value << 1 ^ (_POLYNOMIAL if value & 0x80 else 0)
    return tuple(power), tuple(logarithm)


_POWER, _LOG = _tables()


def _times(one: int, other: int) -> int:
    return _POWER[_LOG[one] + _LOG[other]] if one and other else 0


def _product(one: Sequence[int], other: Sequence[int]) -> list[int]:
    """Multiply two polynomials, lowest power first."""
    result = [0] * (len(one) + len(other) - 1)
    for low, first in enumerate(one):
        for high, second in enumerate(other):
            result[low + high] ^= _times(first, second)
    return result


def _value(polynomial: Sequence[int], exponent: int) -> int:
    """Evaluate a polynomial, lowest power first, at the generator to the *exponent*."""
    result = 0
    for place, factor in enumerate(polynomial):
        if factor:
            result ^= _POWER[(_LOG[factor] + exponent * place) % 255]
    return result


def _syndromes(word: Sequence[int], parity: int) -> list[int]:
    backwards = [(place, value) for place, value in enumerate(reversed(word)) if value]
    sums = [0] * parity
    for place, value in backwards:
        logarithm = _LOG[value]
        for root in range(parity):
            sums[root] ^= _POWER[(logarithm + root * place) % 255]
    return sums


def repair(word: Sequence[int], parity: int, erased: Sequence[int] = ()) -> list[int] | None:
    """Return the code word nearest to *word*, or None where there is none within reach.

    Args:
        word: symbols 0 to 255, data first, then parity.
        parity: how many of them are parity.
        erased: indices of symbols whose value is not to be trusted.
    """
    if len(erased) > parity:
        return None
    syndromes = _syndromes(word, parity)
    if not any(syndromes):
        return list(word)
    erasures = [1]
    for index in erased:
        erasures = _product(erasures, (1, _POWER[len(word) - 1 - index]))
    errors = _massey(_product(syndromes, erasures)[len(erased) : parity])
    locator = _product(errors, erasures)
    places = [place for place in range(len(word)) if _value(locator, 255 - place) == 0]
    if len(places) != len(locator) - 1:
        return None
    mended = _forney(word, syndromes, locator, places)
    return None if mended is None or any(_syndromes(mended, parity)) else mended


def _massey(syndromes: Sequence[int]) -> list[int]:
    """Return the shortest recurrence of the sequence (Berlekamp and Massey), lowest power first."""
    current, previous = [1], [1]
    length, gap, last = 0, 1, 1
    for step, syndrome in enumerate(syndromes):
        delta = syndrome
        for index in range(1, min(length, len(current) - 1) + 1):
            delta ^= _times(current[index], syndromes[step - index])
        if not delta:
            gap += 1
            continue
        factor = _POWER[(_LOG[delta] - _LOG[last]) % 255]
        shifted = [0] * gap + [_times(factor, term) for term in previous]
        width = max(len(current), len(shifted))
        longer = [
            (current[index] if index < len(current) else 0) ^ (shifted[index] if index < len(shifted) else 0)
            for index in range(width)
        ]
        if 2 * length <= step:
            length, previous, last, gap = step + 1 - length, current, delta, 1
        else:
            gap += 1
        current = longer
    while current[-1] == 0:
        current.pop()
    return current


def _forney(
    word: Sequence[int], syndromes: Sequence[int], locator: Sequence[int], places: Sequence[int]
) -> list[int] | None:
    """Return the word with the values at the located places put right."""
    evaluator = _product(syndromes, locator)[: len(syndromes)]
    slope = [term if index % 2 == 0 else 0 for index, term in enumerate(locator[1:])]
    mended = list(word)
    for place in places:
        below = _value(slope, 255 - place)
        if not below:
            return None
        above = _value(evaluator, 255 - place)
        if above:
            mended[len(word) - 1 - place] ^= _POWER[(_LOG[above] + place - _LOG[below]) % 255]
    return mended
