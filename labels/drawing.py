"""The display list: what a label shows, in millimetres from its top left corner, y downwards.

Layout makes it, writers draw it. A writer may snap to its device's dots; it decides nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["Box", "Cells", "Drawing", "Runs", "Shape", "Text", "Weight"]

_Row = tuple[tuple[int, int], ...]
Runs = tuple[_Row, ...]
"""Rows of (first dark cell, how many): a bar code has one row, a QR code one per module row."""


class Weight(Enum):
    """The cuts of the label's typeface."""

    REGULAR = "Regular"
    SEMIBOLD = "SemiBold"
    EXTRABOLD = "ExtraBold"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cells:
    """A machine-readable symbol: dark runs on a grid of equal cells.

    Attributes:
        x_mm, y_mm: top left corner of the first cell, quiet zone outside.
        cell_width_mm, cell_height_mm: one cell; a writer on dots makes it a whole number of dots, never more.
        columns: cells in a row.
        rows: the dark runs of each row.
    """

    x_mm: float
    y_mm: float
    cell_width_mm: float
    cell_height_mm: float
    columns: int
    rows: Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Box:
    """A filled black rectangle."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """One line of text, already fitted.

    Attributes:
        x_mm, baseline_mm: where the first glyph starts, on its base line.
        size_mm: height of the em.
        text: characters the typeface has, no kerning.
        inverse: white, over a box drawn before.
    """

    x_mm: float
    baseline_mm: float
    size_mm: float
    weight: Weight
    text: str
    inverse: bool = False


Shape = Cells | Box | Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """A whole label; later shapes lie over earlier ones."""

    width_mm: float
    height_mm: float
    shapes: tuple[Shape, ...]
