"""A drawing as the dots a printer prints: black or white, symbols in whole dots, and as PNG."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from labels import fonts
from labels.drawing import Box, Cells, Drawing, Text, Weight

__all__ = ["dots_per_mm", "draw_dots", "write_png"]

_MM_PER_INCH: Final = 25.4
_HEADS: Final = {
    203: 8.0,
    300: 300 / _MM_PER_INCH,
    600: 600 / _MM_PER_INCH,
}  # "203" is 8 dots a mm
_OVERSAMPLE: Final = 4  # text is drawn larger and reduced: no hinting, so widths are those of the layout
_BLACK: Final = 0
_WHITE: Final = 255


def dots_per_mm(dpi: int) -> float:
    """Return the dots per millimetre of a print head sold as *dpi*."""
    return _HEADS.get(dpi, dpi / _MM_PER_INCH)


def draw_dots(drawing: Drawing, dpi: int) -> Image.Image:
    """Return the drawing as a picture of mode "1", one pixel a dot."""
    scale = dots_per_mm(dpi)
    size = (round(drawing.width_mm * scale), round(drawing.height_mm * scale))
    image = Image.new("L", size, _WHITE)
    brush = ImageDraw.Draw(image)
    for shape in drawing.shapes:
        if isinstance(shape, Cells):
            _draw_cells(brush, shape, scale)
        elif isinstance(shape, Box):
            _draw_box(brush, shape, scale)
        else:
            _draw_text(image, shape, scale)
    return image.convert("1", dither=Image.Dither.NONE)


def write_png(drawing: Drawing, dpi: int) -> bytes:
    """Return a black and white PNG that says its own resolution, so that it prints in its true size."""
    per_inch = dots_per_mm(dpi) * _MM_PER_INCH
    buffer = io.BytesIO()
    draw_dots(drawing, dpi).save(buffer, "PNG", dpi=(per_inch, per_inch), optimize=True)
    return buffer.getvalue()


def _draw_cells(brush: ImageDraw.ImageDraw, cells: Cells, scale: float) -> None:
    """Draw a symbol with cells of whole dots, in the middle of the room it has.

    ISO/IEC 15415 and 15416 grade the sameness of cells; a cell rounded here up and there down fails first.
    """
    wide = max(1, int(cells.cell_width_mm * scale + 1e-6))
    high = max(1, int(cells.cell_height_mm * scale + 1e-6))
    spare_x = cells.columns * (cells.cell_width_mm * scale - wide)
    spare_y = len(cells.rows) * (cells.cell_height_mm * scale - high)
    left = round(cells.x_mm * scale + spare_x / 2)
    top = round(cells.y_mm * scale + spare_y / 2)
    for row, runs in enumerate(cells.rows):
        y = top + row * high
        for start, length in runs:
            x = left + start * wide
            brush.rectangle((x, y, x + length * wide - 1, y + high - 1), fill=_BLACK)


def _draw_box(brush: ImageDraw.ImageDraw, box: Box, scale: float) -> None:
    left, top = round(box.x_mm * scale), round(box.y_mm * scale)
    right, bottom = round((box.x_mm + box.width_mm) * scale), round((box.y_mm + box.height_mm) * scale)
    brush.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=_BLACK)


@lru_cache(maxsize=64)
def _typeface(weight: Weight, size_px: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(fonts.file_of(weight), size_px, layout_engine=ImageFont.Layout.BASIC)


def _draw_text(image: Image.Image, text: Text, scale: float) -> None:
    """Draw a line glyph by glyph where the layout's advances put it."""
    size_px = text.size_mm * scale
    width = round(fonts.width_em(text.weight, text.text) * size_px) + 2
    above, below = round(size_px * 1.25), round(size_px * 0.35)
    left, baseline = int(text.x_mm * scale), round(text.baseline_mm * scale)
    mask = Image.new("L", ((width + 2) * _OVERSAMPLE, (above + below) * _OVERSAMPLE), 0)
    brush = ImageDraw.Draw(mask)
    typeface = _typeface(text.weight, size_px * _OVERSAMPLE)
    pen_em = 0.0
    for char in text.text:
        x = (text.x_mm * scale - left + pen_em * size_px) * _OVERSAMPLE
        brush.text((x, above * _OVERSAMPLE), char, font=typeface, fill=_WHITE, anchor="ls")
        pen_em += fonts.width_em(text.weight, char)
    dots = mask.reduce(_OVERSAMPLE).point(lambda level: _WHITE if level >= 128 else 0)
    image.paste(_WHITE if text.inverse else _BLACK, (left, baseline - above), dots)
