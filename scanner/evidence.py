"""What several frames show of one label, module by module: none of them is enough, together they may be.

A hand moves, a lamp's reflection wanders, noise is new in each frame; what one shows badly another shows better. Two
frames are of one label if they agree in what labels do not share: of the modules of two labels no more agree than of
two coins. What is read of frames together must be seen in each of them, block by block, so that no text is made of
two labels.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanner.template import Template

__all__ = ["Evidence", "is_seen_in_each"]

Soft = NDArray[np.float32]
"""n x n; how surely each module is dark (positive) or light: a likelihood ratio's logarithm, halved."""

_SIGHTS: Final = 12
_ALIKE: Final = 0.3  # correlation of what two frames show; labels of one office and day have 0.15
_SEEN: Final = 0.25  # correlation of a block with a frame; noise has 0.06


@dataclass(frozen=True, slots=True)
class _Sight:
    """What one frame showed of one label: which form it has, and how well that lay on it."""

    frame: int
    chosen: int
    soft: Soft
    agreement: float


class Evidence:
    """The sights of labels that stayed unread, in the frames of one camera."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.numbers: set[str] = set()  # on bars that frames before this one showed
        self._frame = 0
        self._sights: deque[_Sight] = deque(maxlen=_SIGHTS)

    def next_frame(self) -> None:
        """Tell that what comes is of another picture."""
        self._frame += 1

    def note(self, chosen: int, template: Template, soft: Soft, agreement: float) -> None:
        """Keep what this frame shows of a label; of several looks at one label the best.

        Args:
            chosen: index of the form.
            template: the form.
            soft: of every module.
            agreement: with the modules that every label has.
        """
        for other in [one for one in self._sights if (one.frame, one.chosen) == (self._frame, chosen)]:
            if _likeness(template, other.soft, soft) > _ALIKE:
                if other.agreement >= agreement:
                    return
                self._sights.remove(other)
        self._sights.append(_Sight(self._frame, chosen, soft, agreement))

    def of_same_label(self, chosen: int, template: Template, soft: Soft) -> list[Soft]:
        """Return what earlier frames show of the label that *soft* shows, the most alike first."""
        left = [one.soft for one in self._sights if one.chosen == chosen and one.frame != self._frame]
        whole, joined = soft, []
        while left:
            likeness = [_likeness(template, whole, one) for one in left]
            best = int(np.argmax(likeness))
            if likeness[best] < _ALIKE:
                break
            joined.append(left.pop(best))
            whole = whole + joined[-1]
        return joined


def is_seen_in_each(template: Template, words: list[int], frames: list[Soft]) -> bool:
    """Tell whether each block of *words* (all codewords, blocks one after the other) is what every frame shows."""
    ones = np.unpackbits(np.array(words, np.uint8)[:, None], axis=1).astype(np.bool_)
    colours = np.where(ones ^ template.flips, 1.0, -1.0)
    free = template.fixed < 0
    for soft in frames:
        shown = np.tanh(soft[template.cells[..., 0], template.cells[..., 1]]) * free
        for start, end in zip(template.starts[:-1], template.starts[1:], strict=True):
            block = shown[start:end]
            if (block * colours[start:end]).sum() <= _SEEN * np.abs(block).sum():
                return False
    return True


def _likeness(template: Template, one: Soft, other: Soft) -> float:
    """Return the correlation of two sights in what labels do not share."""
    free = template.known == 0
    first, second = np.tanh(one[free]), np.tanh(other[free])
    return float((first * second).sum() / max(float(np.sqrt((first**2).sum() * (second**2).sum())), 1e-6))
