"""Sheets of labels, as data: how many labels lie on a page of paper and where, for office printers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from labels.errors import FaceError

__all__ = ["SHEETS", "Sheet", "sheet_named"]

_A4_MM: Final = (210.0, 297.0)
_SHIFT_MM: Final = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A page of places for labels, filled row by row.

    Attributes:
        name: by which settings and commands know it.
        layout: name of the layout whose labels lie on it.
        columns, rows: how many places.
        left_mm, top_mm: margins before the first label.
        pitch_x_mm, pitch_y_mm: from one label's edge to the same edge of the next.
        width_mm, height_mm: of the page.
    """

    name: str
    layout: str
    columns: int
    rows: int
    left_mm: float
    top_mm: float
    pitch_x_mm: float
    pitch_y_mm: float
    width_mm: float = _A4_MM[0]
    height_mm: float = _A4_MM[1]

    @property
    def places(self) -> int:
        """Labels a page."""
        return self.columns * self.rows

    def corner(self, place: int, *, shift_x_mm: float = 0.0, shift_y_mm: float = 0.0) -> tuple[float, float]:
        """Return the top left corner of a place, counted from 0, in millimetres from that of the page.

        Raises:
            FaceError: a shift of more than 5 mm: then the paper lies wrong in the printer.
        """
        if max(abs(shift_x_mm), abs(shift_y_mm)) > _SHIFT_MM:
            raise FaceError(f"shift of {shift_x_mm} and {shift_y_mm} mm is more than {_SHIFT_MM}")
        column, row = place % self.columns, place // self.columns
        return (
            self.left_mm + column * self.pitch_x_mm + shift_x_mm,
            self.top_mm + row * self.pitch_y_mm + shift_y_mm,
        )


# Plain paper is cut with a knife: labels touch. Self-adhesive sheets are sold with 8 places of 105 x 74 mm or 10 of
# 105 x 57 mm (A4 divided); the label lies in the middle of its place.
SHEETS: Final[Mapping[str, Sheet]] = MappingProxyType(
    {
        sheet.name: sheet
        for sheet in (
            Sheet(name="a4", layout="100x70", columns=2, rows=4, left_mm=5, top_mm=8.5, pitch_x_mm=100, pitch_y_mm=70),
            Sheet(name="a4-105x74", layout="100x70", columns=2, rows=4, left_mm=2.5, top_mm=2.125, pitch_x_mm=105,
                  pitch_y_mm=74.25),
            Sheet(name="a4-small", layout="100x50", columns=2, rows=5, left_mm=5, top_mm=23.5, pitch_x_mm=100,
                  pitch_y_mm=50),
            Sheet(name="a4-105x57", layout="100x50", columns=2, rows=5, left_mm=2.5, top_mm=9.5, pitch_x_mm=105,
                  pitch_y_mm=57),
            Sheet(name="a4-bag", layout="bag", columns=2, rows=1, left_mm=5, top_mm=8.5, pitch_x_mm=100,
                  pitch_y_mm=150),
        )
    }
)  # fmt: skip


def sheet_named(name: str) -> Sheet:
    """Return the sheet of that name.

    Raises:
        FaceError: no such sheet.
    """
    if name not in SHEETS:
        raise FaceError(f"page {name!r} is none of label, {', '.join(SHEETS)}", hint="choose one of these")
    return SHEETS[name]
