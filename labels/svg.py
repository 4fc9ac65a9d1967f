"""A drawing as SVG 1.1 in its true size: a path for each symbol, text as outlines that need no font."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from labels import fonts
from labels.drawing import Box, Cells, Drawing, Text, Weight

__all__ = ["write_svg"]

_Glyph = tuple["Weight", str]


def write_svg(drawing: Drawing) -> bytes:
    """Return one UTF-8 document; every distinct glyph is defined once. The words are in `aria-label`."""
    used: dict[_Glyph, str] = {}
    body = [_shape(shape, used) for shape in drawing.shapes]
    width, height = _number(drawing.width_mm), _number(drawing.height_mm)
    definitions = [
        f'<path id="{name}" d="{fonts.outline(weight, char)}"/>' for (weight, char), name in used.items()
    ]
    namespaces = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
    size = f'width="{width}mm" height="{height}mm" viewBox="0 0 {width} {height}"'
    lines = [
        f'<svg {namespaces} version="1.1" {size} role="img">',
        "<defs>",
        *definitions,
        "</defs>",
        f'<rect width="{width}" height="{height}" fill="#fff"/>',
        *body,
        "</svg>",
    ]
    return ("\n".join(lines) + "\n").encode()


def _number(value: float) -> str:
    return f"{value:.4f}".rstrip("0").rstrip(".")


def _shape(shape: Cells | Box | Text, used: dict[_Glyph, str]) -> str:
    if isinstance(shape, Cells):
        return _cells(shape)
    if isinstance(shape, Box):
        corner = f'x="{_number(shape.x_mm)}" y="{_number(shape.y_mm)}"'
        size = f'width="{_number(shape.width_mm)}" height="{_number(shape.height_mm)}"'
        return f"<rect {corner} {size}/>"
    return _text(shape, used)


def _cells(cells: Cells) -> str:
    data = "".join(
        f"M{start} {row}h{length}v1h-{length}z"
        for row, runs in enumerate(cells.rows)
        for start, length in runs
    )
    place = f"translate({_number(cells.x_mm)} {_number(cells.y_mm)})"
    scale = f"scale({_number(cells.cell_width_mm)} {_number(cells.cell_height_mm)})"
    return f'<path transform="{place} {scale}" shape-rendering="crispEdges" d="{data}"/>'


def _text(text: Text, used: dict[_Glyph, str]) -> str:
    uses: list[str] = []
    pen_em = 0.0
    for char in text.text:
        if fonts.outline(text.weight, char):
            name = used.setdefault((text.weight, char), f"g{len(used)}")
            uses.append(f'<use xlink:href="#{name}" x="{round(pen_em * 1000)}"/>')
        pen_em += fonts.width_em(text.weight, char)
    size = f"{text.size_mm / 1000:.6f}"
    place = f"translate({_number(text.x_mm)} {_number(text.baseline_mm)}) scale({size} -{size})"
    fill = ' fill="#fff"' if text.inverse else ""
    return f'<g aria-label={quoteattr(text.text)} transform="{place}"{fill}>{"".join(uses)}</g>'
