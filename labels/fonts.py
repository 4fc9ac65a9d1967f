"""The label's typeface, Be Vietnam Pro (SIL OFL 1.1): advances, outlines and files.

It comes unmodified with the package `fontpkg-be-vietnam-pro` and was drawn for Vietnamese: each letter with
its marks is one glyph. Widths are plain sums of advances: no writer kerns, so what fits, fits everywhere.
"""

from __future__ import annotations

import unicodedata
from functools import cache
from importlib import resources
from pathlib import Path
from threading import Lock
from typing import Final

from fontTools.pens.svgPathPen import SVGPathPen
from fontTools.ttLib import TTFont

from labels.drawing import Weight

__all__ = ["CAP_HEIGHT", "FAMILY", "file_of", "has_glyph", "outline", "printable", "width_em"]

FAMILY: Final = "BeVietnamPro"
CAP_HEIGHT: Final = 0.74  # of the em; OS/2 sCapHeight, the same in every cut
_SUBSTITUTE: Final = "?"
_PARSING: Final = Lock()  # fontTools unpacks tables and glyphs when first asked, in place


def file_of(weight: Weight) -> Path:
    """Return the TrueType file of a cut."""
    return Path(str(resources.files("fontpkg_be_vietnam_pro"))) / "files" / f"{FAMILY}-{weight.value}.ttf"


@cache
def _font(weight: Weight) -> TTFont:
    return TTFont(file_of(weight), lazy=False)  # in memory: no file stays open


@cache
def _glyph_names(weight: Weight) -> dict[int, str]:
    with _PARSING:
        return dict(_font(weight).getBestCmap())


@cache
def _advance_em(weight: Weight, char: str) -> float:
    name = _glyph_names(weight)[ord(char)]
    with _PARSING:
        font = _font(weight)
        advance: int = font["hmtx"][name][0]
        return advance / int(font["head"].unitsPerEm)


def has_glyph(weight: Weight, char: str) -> bool:
    """Tell whether the cut can draw the character."""
    return ord(char) in _glyph_names(weight)


def width_em(weight: Weight, text: str) -> float:
    """Return the width of *text* in ems; every character must have a glyph."""
    return sum(_advance_em(weight, char) for char in text)


@cache
def outline(weight: Weight, char: str) -> str:
    """Return the glyph as SVG path data, y upwards, in thousandths of the em; "" for a space."""
    name = _glyph_names(weight)[ord(char)]
    with _PARSING:
        glyphs = _font(weight).getGlyphSet()
        pen = SVGPathPen(glyphs, ntos=lambda value: str(round(value)))
        glyphs[name].draw(pen)
        commands: str = pen.getCommands()
    return commands


def printable(text: str, weight: Weight) -> str:
    """Return *text* composed (NFC), on one line, invisible characters dropped, unknown ones as "?"."""
    composed = " ".join(unicodedata.normalize("NFC", text).split())
    visible = (char for char in composed if unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Cn"})
    return "".join(char if has_glyph(weight, char) else _SUBSTITUTE for char in visible)
