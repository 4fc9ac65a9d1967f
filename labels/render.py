"""From a face to bytes: one display list, four writers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labels.drawing import Drawing
from labels.errors import FaceError
from labels.face import Face
from labels.layout import compose
from labels.layouts import layout_named
from labels.pages import sheet_named
from labels.pdf import write_pdf, write_sheet
from labels.raster import write_png
from labels.svg import write_svg
from labels.zpl import write_zpl

__all__ = ["FORMATS", "MEDIA_TYPES", "render", "render_drawing", "roll", "sheet"]

FORMATS: Final = ("pdf", "png", "svg", "zpl")
MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "zpl": "application/zpl",
}
_DPI: Final = range(150, 1201)


def render(face: Face, fmt: str, *, dpi: int = 203, layout: str = "") -> bytes:
    """Return one label.

    Args:
        face: what stands on it.
        fmt: "pdf", "png", "svg" or "zpl".
        dpi: dots per inch of the printer, for png and zpl; 203 or 300, others by division.
        layout: name of one of `LAYOUTS`; "" is the usual one.

    Raises:
        FaceError: a format, resolution or layout that labels are not made in.
    """
    if fmt not in FORMATS:
        raise FaceError(f"format {fmt!r} is none of {', '.join(FORMATS)}")
    if dpi not in _DPI:
        raise FaceError(f"{dpi} dpi is not {_DPI.start} to {_DPI.stop - 1}")
    return render_drawing(
        compose(face, layout_named(layout, is_bag=face.is_bag)), fmt, dpi=dpi, title=face.number
    )


def render_drawing(drawing: Drawing, fmt: str, *, dpi: int, title: str) -> bytes:
    """Return a drawing in one of `FORMATS`, which is not checked here."""
    if fmt == "pdf":
        return write_pdf([drawing], title=title)
    if fmt == "svg":
        return write_svg(drawing)
    return write_png(drawing, dpi) if fmt == "png" else write_zpl(drawing, dpi)


def roll(faces: Sequence[Face], fmt: str, *, dpi: int = 203, layout: str = "") -> bytes:
    """Return many labels for a label printer, one after the other: a PDF with a page for each, or ZPL.

    Raises:
        FaceError: no face, or a format that takes one label only.
    """
    if fmt == "pdf":
        return sheet(faces, layout=layout)
    if fmt != "zpl":
        raise FaceError(f"format {fmt!r} takes one label, not {len(faces)}", hint="choose pdf or zpl")
    if not faces:
        raise FaceError("no label to print")
    return b"".join(render(face, fmt, dpi=dpi, layout=layout) for face in faces)


def sheet(
    faces: Sequence[Face],
    *,
    page: str = "label",
    layout: str = "",
    start: int = 1,
    shift_x_mm: float = 0.0,
    shift_y_mm: float = 0.0,
) -> bytes:
    """Return many labels as one PDF.

    Args:
        faces: at least one.
        page: "label" for one label a page (label printers), or the name of one of `SHEETS` (office printers).
        layout: name of one of `LAYOUTS`, for page "label"; a sheet has its own.
        start: the first free place of the first sheet, counted from 1: places before it are used already.
        shift_x_mm: to the right, at most 5 mm, where a printer draws the paper in askew.
        shift_y_mm: downwards, as that.

    Raises:
        FaceError: no face, an unknown page, a layout that does not lie on it, or a start that is no place of it.
    """
    if not faces:
        raise FaceError("no label to print")
    title = f"{faces[0].number} + {len(faces) - 1}" if len(faces) > 1 else faces[0].number
    if page == "label":
        return write_pdf(
            [compose(face, layout_named(layout, is_bag=face.is_bag)) for face in faces], title=title
        )
    paper = sheet_named(page)
    if layout and layout != paper.layout:
        raise FaceError(f"labels of {layout} do not lie on {page}, which is for {paper.layout}")
    if not 1 <= start <= paper.places:
        raise FaceError(
            f"start at place {start}, not 1 to {paper.places}", hint="count row by row from the top left"
        )
    drawings = [compose(face, layout_named(paper.layout)) for face in faces]
    return write_sheet(drawings, paper, title=title, start=start, shift_mm=(shift_x_mm, shift_y_mm))
