"""Drawings as PDF: vector symbols, text in an embedded subset, one label a page or many on a sheet."""

from __future__ import annotations

import io
from collections.abc import Sequence
from functools import cache
from typing import Any, Final

from reportlab import rl_config
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from labels import fonts
from labels.drawing import Box, Cells, Drawing, Text, Weight
from labels.pages import Sheet

__all__ = ["write_pdf", "write_sheet"]

_POINTS_PER_MM: Final = 72 / 25.4


def write_pdf(drawings: Sequence[Drawing], *, title: str) -> bytes:
    """Return a document with one drawing a page, each page as large as its drawing. Deterministic."""
    canvas, buffer = _open(title)
    for drawing in drawings:
        canvas.setPageSize((drawing.width_mm * _POINTS_PER_MM, drawing.height_mm * _POINTS_PER_MM))
        _draw(canvas, drawing, 0.0, drawing.height_mm)
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


def write_sheet(
    drawings: Sequence[Drawing],
    sheet: Sheet,
    *,
    title: str,
    start: int = 1,
    shift_mm: tuple[float, float] = (0.0, 0.0),
) -> bytes:
    """Return pages of a sheet filled row by row from place *start* of the first one, counted from 1."""
    canvas, buffer = _open(title)
    canvas.setPageSize((sheet.width_mm * _POINTS_PER_MM, sheet.height_mm * _POINTS_PER_MM))
    for index, drawing in enumerate(drawings, start - 1):
        place = index % sheet.places
        if index >= start and not place:
            canvas.showPage()
        left_mm, top_mm = sheet.corner(place, shift_x_mm=shift_mm[0], shift_y_mm=shift_mm[1])
        _draw(canvas, drawing, left_mm, sheet.height_mm - top_mm)
    canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@cache
def _register() -> None:
    rl_config.useA85 = 0  # no ASCII armour around the streams: a fifth smaller, a quarter faster
    for weight in Weight:
        pdfmetrics.registerFont(TTFont(_name(weight), str(fonts.file_of(weight))))


def _name(weight: Weight) -> str:
    return f"{fonts.FAMILY}-{weight.value}"


def _open(title: str) -> tuple[Canvas, io.BytesIO]:
    _register()
    buffer = io.BytesIO()
    first: Any = _name(Weight.REGULAR)  # the stubs say float; the default would be Helvetica, not embedded
    canvas = Canvas(buffer, pageCompression=1, invariant=1, initialFontName=first, lang="vi")
    canvas.setTitle(title)
    canvas.setCreator("Trạm")
    return canvas, buffer


def _draw(canvas: Canvas, drawing: Drawing, left_mm: float, top_mm: float) -> None:
    """Draw with the drawing's top left corner at *left_mm*, *top_mm* above the foot of the page."""
    canvas.saveState()
    canvas.scale(_POINTS_PER_MM, _POINTS_PER_MM)
    canvas.translate(left_mm, top_mm)
    for shape in drawing.shapes:
        if isinstance(shape, Cells):
            _draw_cells(canvas, shape)
        elif isinstance(shape, Box):
            canvas.rect(shape.x_mm, -shape.y_mm - shape.height_mm, shape.width_mm, shape.height_mm, 0, 1)
        else:
            _draw_text(canvas, shape)
    canvas.restoreState()


def _draw_cells(canvas: Canvas, cells: Cells) -> None:
    """Draw a symbol as one filled path: separate fills would leave hairlines between rows on some screens."""
    canvas.saveState()
    canvas.translate(cells.x_mm, -cells.y_mm)
    canvas.scale(cells.cell_width_mm, -cells.cell_height_mm)
    boxes = [f"{start} {row} {length} 1 re" for row, runs in enumerate(cells.rows) for start, length in runs]
    canvas.addLiteral(" ".join(boxes) + " f")
    canvas.restoreState()


def _draw_text(canvas: Canvas, text: Text) -> None:
    canvas.setFillGray(1 if text.inverse else 0)
    canvas.setFont(_name(text.weight), text.size_mm)
    canvas.drawString(text.x_mm, -text.baseline_mm, text.text)
    canvas.setFillGray(0)
