"""Fit a text into a box: wrap at spaces, shrink, and only then break words or cut."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from labels import fonts
from labels.drawing import Weight

__all__ = ["ASCENT", "LEADING", "Fitted", "fit_text"]

LEADING: Final = 1.25  # base line to base line, in ems
ASCENT: Final = 1.235  # ems above the base line that "Ẳ" reaches, the highest of the Vietnamese letters
_DESCENT: Final = 0.25  # ems below it, for "ợ" and "ự"
_STEP_MM: Final = 0.125
_ELLIPSIS: Final = "…"
_PAUSES: Final = ",;.-–"  # a line may end here without tearing a name
_TORN: Final = 0.25


@dataclass(frozen=True, slots=True)
class Fitted:
    """Lines that fit, the em in millimetres, and whether words were cut off."""

    lines: tuple[str, ...]
    size_mm: float
    cut: bool = False


@lru_cache(maxsize=2048)
def fit_text(
    text: str, weight: Weight, *, width_mm: float, height_mm: float, largest_mm: float, smallest_mm: float
) -> Fitted:
    """Return *text* in the largest size at which it fits the box whole.

    Args:
        text: one paragraph; characters without a glyph become "?".
        weight: the cut to measure with.
        width_mm: no line is wider.
        height_mm: from the marks of the first line to the tails of the last.
        largest_mm: the em to try first.
        smallest_mm: the em at which words are broken and, last, the text is cut with an ellipsis.
    """
    words = fonts.printable(text, weight).split()
    steps = round((largest_mm - smallest_mm) / _STEP_MM)
    for step in range(steps + 1):
        size_mm = largest_mm - step * _STEP_MM
        rows = _rows_in(height_mm / size_mm)
        lines = _wrap(words, weight, width_mm / size_mm)
        if lines is not None and len(lines) <= rows:
            return Fitted(_balance(words, weight, width_mm / size_mm, lines), size_mm)
    rows = max(1, _rows_in(height_mm / smallest_mm))
    return _cut(words, weight, width_mm / smallest_mm, rows, smallest_mm)


def _rows_in(height_em: float) -> int:
    return int((height_em - ASCENT - _DESCENT) / LEADING + 1e-9) + 1 if height_em >= ASCENT + _DESCENT else 0


def _wrap(words: list[str], weight: Weight, width_em: float) -> tuple[str, ...] | None:
    """Return the words in as few lines as they need, or None where one word alone is too wide."""
    lines: list[str] = []
    for word in words:
        if fonts.width_em(weight, word) > width_em:
            return None
        joined = f"{lines[-1]} {word}" if lines else word
        if lines and fonts.width_em(weight, joined) <= width_em:
            lines[-1] = joined
        else:
            lines.append(word)
    return tuple(lines)


def _balance(words: list[str], weight: Weight, width_em: float, lines: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words in the same number of lines, even, broken after commas where that costs little.

    Least total cost over all ways to break: the square of each line's spare room, and a fine for a break that
    tears what belongs together ("xã Sơn Thủy, | huyện Hàm Yên").
    """
    best: dict[int, tuple[float, tuple[str, ...]]] = {0: (0.0, ())}
    for _ in lines:
        grown: dict[int, tuple[float, tuple[str, ...]]] = {}
        for start, (cost, before) in best.items():
            for end in range(start + 1, len(words) + 1):
                line = " ".join(words[start:end])
                spare = 1 - fonts.width_em(weight, line) / width_em
                if spare < 0:
                    break
                torn = end < len(words) and words[end - 1][-1] not in _PAUSES
                total = cost + spare**2 + _TORN * torn
                if end not in grown or total < grown[end][0]:
                    grown[end] = (total, (*before, line))
        best = grown
    return best[len(words)][1] if len(words) in best else lines


def _cut(words: list[str], weight: Weight, width_em: float, rows: int, size_mm: float) -> Fitted:
    pieces = [piece for word in words for piece in _break(word, weight, width_em)]
    lines = _wrap(pieces, weight, width_em) or ()
    if len(lines) <= rows:
        return Fitted(lines, size_mm)
    last = lines[rows - 1]
    while last and fonts.width_em(weight, last + _ELLIPSIS) > width_em:
        last = last[:-1].rstrip()
    return Fitted((*lines[: rows - 1], last + _ELLIPSIS), size_mm, cut=True)


def _break(word: str, weight: Weight, width_em: float) -> list[str]:
    pieces = [""]
    for char in word:
        if pieces[-1] and fonts.width_em(weight, pieces[-1] + char) > width_em:
            pieces.append("")
        pieces[-1] += char
    return pieces
