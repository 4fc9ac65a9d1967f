"""Which findings are believed.

A QR code carries Reed-Solomon parity: what decodes is right. Code 128 has one check character for any damage,
so of 103 wrong decodings one passes. Measured on 480 modelled photographs in five views each: 12 wrong texts
with good check characters among 1,089, and each rested on a few rows of pixels, at most 4 % as high as long.
"""

from __future__ import annotations

from itertools import pairwise
from math import hypot
from typing import Final

from scanner.engines import Finding
from scanner.reading import CODE_128, Corners
from scanner.text import Kind, classify

__all__ = ["is_believed"]

_THIN: Final = 0.05  # height to length; a label's bars are 0.175


def is_believed(finding: Finding) -> bool:
    """Tell whether a finding may become a reading.

    Not believed are bars that agree in a few rows of pixels only, and texts in the form of an item number or
    label whose own check digits say that they were misread.
    """
    if finding.error is not None or classify(finding.text).kind is Kind.MISREAD:
        return False
    return finding.format != CODE_128 or _slimness(finding.corners) >= _THIN


def _slimness(corners: Corners) -> float:
    """Return the shorter of two neighbouring sides by the longer, in a quadrilateral."""
    sides = [hypot(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(corners[:3])]
    longest = max(sides)
    return min(sides) / longest if longest else 0.0
