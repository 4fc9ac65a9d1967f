"""From a face to bytes: one display list, four writers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from labels.errors import FaceError
from labels.face import LabelFace
from labels.layout import compose
from labels.pdf import write_pdf, write_sheet
from labels.raster import write_png
from labels.svg import write_svg
from labels.zpl import write_zpl

__all__ = ["FORMATS", "MEDIA_TYPES", "render", "sheet"]

FORMATS: Final = ("pdf", "png", "svg", "zpl")
MEDIA_TYPES: Final = {
    "pdf": "application/pdf",
    "png": "image/png",
    "svg": "image/svg+xml",
    "zpl": "application/zpl",
}
_DPI: Final = range(150, 1201)


def render(face: LabelFace, fmt: str, *, dpi: int = 203) -> bytes:
    """Return one label of 100 x 70 mm.

    Args:
        face: what stands on it.
        fmt: "pdf", "png", "svg" or "zpl".
        dpi: dots per inch of the printer, for png and zpl; 203 or 300, others by division.

    Raises:
        FaceError: a format or resolution that labels are not made in.
    """
    if fmt not in FORMATS:
        raise FaceError(f"format {fmt!r} is none of {', '.join(FORMATS)}")
    if dpi not in _DPI:
        raise FaceError(f"{dpi} dpi is not {_DPI.start} to {_DPI.stop - 1}")
    drawing = compose(face)
    if fmt == "pdf":
        return write_pdf([drawing], title=face.number)
    if fmt == "svg":
        return write_svg(drawing)
    return write_png(drawing, dpi) if fmt == "png" else write_zpl(drawing, dpi)


def sheet(faces: Sequence[LabelFace], *, page: str = "label") -> bytes:
    """Return many labels as one PDF.

    Args:
        faces: at least one.
        page: "label" for one label a page (label printers), "a4" for eight on a sheet (office printers).

    Raises:
        FaceError: no face, or another page.
    """
    if not faces:
        raise FaceError("no label to print")
    drawings = [compose(face) for face in faces]
    title = f"{faces[0].number} + {len(faces) - 1}" if len(faces) > 1 else faces[0].number
    if page == "label":
        return write_pdf(drawings, title=title)
    if page == "a4":
        return write_sheet(drawings, title=title)
    raise FaceError(f"page {page!r} is neither label nor a4")
