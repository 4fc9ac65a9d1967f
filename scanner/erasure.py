"""Read a label's QR code where no general reader can: version, level, mask, length and padding are known.

Modules are weighed, not only split into dark and light. The weakest codewords go to the error correction as erasures,
which cost half of what an error costs; what is read of one block helps to read the next, and what earlier frames of a
camera showed of the same label is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import comb
from typing import Final

import numpy as np

from scanner.engines import Finding, Picture
from scanner.evidence import Evidence, Soft, is_seen_in_each
from scanner.fit import Fit, Pattern, lay, ripple, weigh
from scanner.reading import QR_CODE, Corners
from scanner.reedsolomon import repair
from scanner.template import DIGITS, FORMS, Template, template_of
from scanner.text import Kind, classify

__all__ = ["read_label"]

_KEPT: Final = 6  # parity symbols of a block that are never spent on erasures
_CHANCE: Final = 1e-7  # that a block of noise is taken for a code word
_ROUNDS: Final = 4


def read_label(grey: Picture, corners: Corners, evidence: Evidence | None = None) -> list[Finding]:
    """Read one label's QR code.

    Args:
        grey: the picture.
        corners: where a symbol was seen, clockwise, a few modules off at most.
        evidence: of earlier frames; what this one shows is noted.

    Returns:
        The label, or nothing. Never a text whose check digits, version or item number are impossible.
    """
    templates = [template_of(form) for form in FORMS]
    fit = lay(grey, corners, [template.known for template in templates])
    if fit is None:
        return []
    template = templates[fit.chosen]
    words, soft = _words(fit, template)
    if evidence is not None and words is None:
        earlier = evidence.of_same_label(fit.chosen, template, soft)
        evidence.note(fit.chosen, template, soft, fit.agreement)
        if earlier:
            words, _ = _words(fit, template, earlier)
            if words is None or not is_seen_in_each(template, words, [soft, *earlier]):
                return []
    if words is None:
        return []
    text = _digits(_data(template, words))
    if classify(text).kind is not Kind.LABEL:
        return []
    return [Finding(text, QR_CODE, fit.corners)]


def _words(fit: Fit, template: Template, earlier: Sequence[Soft] = ()) -> tuple[list[int] | None, Soft]:
    """Return all codewords, None where a block stays unread; and what this frame shows, as it was last weighed.

    Args:
        fit: the template laid on this frame.
        template: the form.
        earlier: what earlier frames of the same label show.
    """
    starts = template.starts
    known = template.known.copy()
    solved: dict[int, list[int]] = {}
    for _ in range(_ROUNDS):
        fit = replace(fit, places=ripple(fit, known))
        soft = weigh(fit, known)
        whole = sum(earlier, soft)
        values, doubts = _codewords(template, whole[template.cells[..., 0], template.cells[..., 1]])
        before = len(solved)
        for block in range(len(starts) - 1):
            if block not in solved:
                span = slice(starts[block], starts[block + 1])
                word = _mend(values[span], doubts[span], template.form.parity)
                if word is not None:
                    solved[block] = word
                    _learn(template, known, starts[block], word)
        if len(solved) == len(starts) - 1:
            return [value for block in range(len(starts) - 1) for value in solved[block]], soft
        if len(solved) == before == 0:
            break
    return None, soft


def _data(template: Template, words: list[int]) -> bytes:
    """Return the data codewords of all."""
    spans = zip(template.starts[:-1], template.form.blocks, strict=True)
    return bytes(value for start, count in spans for value in words[start : start + count])


def _codewords(template: Template, bits: Soft) -> tuple[list[int], list[float]]:
    """Return each codeword's likeliest value and how likely that is wrong."""
    ones = np.where(template.fixed >= 0, template.fixed == 1, (bits > 0) ^ template.flips)
    wrong = 1 / (1 + np.exp(np.minimum(2 * np.abs(bits), 40)))
    wrong = np.where(template.fixed >= 0, 0, wrong)
    values: list[int] = np.packbits(ones, axis=1)[:, 0].tolist()
    doubts: list[float] = (1 - np.prod(1 - wrong, axis=1)).tolist()
    return values, doubts


def _mend(values: list[int], doubts: list[float], parity: int) -> list[int] | None:
    """Return the block's code word, erasing more and more of the doubtful codewords; None where none is sure."""
    worst = sorted(range(len(values)), key=lambda index: -doubts[index])
    unsure = sum(doubt > 0 for doubt in doubts)
    for count in range(0, min(parity - _KEPT, unsure) + 1, 2):
        erased = worst[:count]
        word = repair(values, parity, erased)
        if word is None:
            continue
        gone = set(erased)
        changed = [index for index, (new, old) in enumerate(zip(word, values, strict=True)) if new != old]
        errors = sum(index not in gone for index in changed)
        if any(doubts[index] == 0 for index in changed):
            continue  # a codeword that every label has
        # Words of noise within that many errors of a code word, of all words.
        if comb(len(values) - count, errors) * 256.0 ** (errors + count - parity) < _CHANCE:
            return word
    return None


def _learn(template: Template, known: Pattern, start: int, word: list[int]) -> None:
    """Note the colours of a block that was read."""
    span = slice(start, start + len(word))
    ones = np.unpackbits(np.array(word, np.uint8)[:, None], axis=1).astype(np.bool_)
    cells = template.cells[span]
    known[cells[..., 0], cells[..., 1]] = np.where(ones ^ template.flips[span], 1, -1)


def _digits(words: bytes) -> str:
    """Return the digits of the numeric segment that follows mode and count; "" where groups are impossible."""
    bits = "".join(f"{word:08b}" for word in words)
    full, rest = divmod(DIGITS, 3)
    groups = [int(bits[14 + 10 * index : 24 + 10 * index], 2) for index in range(full)]
    last = int(bits[14 + 10 * full : 14 + 10 * full + 7], 2)
    if max(groups) > 999 or last > 99 or rest != 2:
        return ""
    return "".join(f"{group:03d}" for group in groups) + f"{last:02d}"
