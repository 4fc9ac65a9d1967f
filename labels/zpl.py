"""A drawing as ZPL II: one graphic field with every dot.

`^BQ` chooses version and mask by itself and the printer's own typefaces lack Vietnamese letters, so the label
goes as a picture. Data are run-length coded as Zebra printers since 1990s firmware take them (`^GF`, ASCII).
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from PIL import ImageChops

from labels.drawing import Drawing
from labels.raster import draw_dots

__all__ = ["write_zpl"]

_UNITS: Final = " GHIJKLMNOPQRSTUVWXY"  # repeat counts 1 to 19
_TWENTIES: Final = " ghijklmnopqrstuvwxyz"  # 20, 40 ... 400
_LONGEST: Final = 419


def write_zpl(drawing: Drawing, dpi: int) -> bytes:
    """Return one label for a printer with a head of *dpi*, as ASCII."""
    image = draw_dots(drawing, dpi)
    width, height = image.size
    row_bytes = (width + 7) // 8
    packed = ImageChops.invert(image.convert("L")).convert("1").tobytes()  # 1 is black in ZPL
    rows = [packed[at : at + row_bytes].hex().upper() for at in range(0, len(packed), row_bytes)]
    data = "".join(":" if at and row == rows[at - 1] else _squeeze(row) for at, row in enumerate(rows))
    total = row_bytes * height
    command = f"^XA^PW{width}^LL{height}^LH0,0^FO0,0^GFA,{total},{total},{row_bytes},{data}^FS^PQ1^XZ\n"
    return command.encode("ascii")


def _squeeze(row: str) -> str:
    """Return one row: "," fills the rest with white, "!" with black, letters repeat the next digit."""
    for filler, mark in (("0", ","), ("F", "!")):
        bare = row.rstrip(filler)
        if len(bare) < len(row):
            return _repeat(bare) + mark
    return _repeat(row)


def _repeat(digits: str) -> str:
    parts: list[str] = []
    for digit, group in groupby(digits):
        count = len(list(group))
        while count:
            run = min(count, _LONGEST)
            parts.append(_count(run) + digit)
            count -= run
    return "".join(parts)


def _count(run: int) -> str:
    if run == 1:
        return ""
    return (_TWENTIES[run // 20] if run >= 20 else "") + (_UNITS[run % 20] if run % 20 else "")
