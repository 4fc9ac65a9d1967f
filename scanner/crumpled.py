"""Read any QR code on crumpled paper: lay its patterns on it patch by patch, then draw anew what the modules say."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from scanner.engines import Finding, Picture, zxing_read
from scanner.fit import lay, ripple, weigh
from scanner.reading import QR_CODE, Corners
from scanner.template import patterns_of

__all__ = ["read_crumpled"]

_ROUNDS: Final = 2
_REACH: Final = 0.4  # modules that a place may move in a round; more, and it slips to the next module
_DRAWN: Final = 4  # pixels a module of the drawing, as wide as the quiet zone in modules


def read_crumpled(grey: Picture, corners: Corners, version: int) -> list[Finding]:
    """Read one QR code.

    Args:
        grey: the picture.
        corners: where the symbol was seen, clockwise, a few modules off at most.
        version: as a reader took it, 1 to 40.
    """
    pattern = patterns_of(version)
    fit = lay(grey, corners, [pattern])
    if fit is None:
        return []
    for _ in range(_ROUNDS):
        fit = replace(fit, places=ripple(fit, pattern, _REACH))
        dark = np.where(pattern != 0, pattern > 0, weigh(fit, pattern) > 0)
        paper = np.pad(~dark, _DRAWN, constant_values=True)
        drawing = np.kron(paper, np.full((_DRAWN, _DRAWN), 255)).astype(np.uint8)
        for finding in zxing_read(drawing):
            if finding.error is None and finding.format == QR_CODE:
                return [replace(finding, corners=fit.corners)]
    return []
