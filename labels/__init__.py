"""Labels: what is printed on a sealed envelope or a bag, as PDF, PNG, SVG and ZPL, and how it gets to a printer."""

from __future__ import annotations

from labels.errors import FaceError
from labels.face import BagFace, LabelFace, StockFace, face_of
from labels.layouts import LAYOUTS
from labels.pages import SHEETS
from labels.render import FORMATS, MEDIA_TYPES, render, roll, sheet

__all__ = [
    "FORMATS",
    "LAYOUTS",
    "MEDIA_TYPES",
    "SHEETS",
    "BagFace",
    "FaceError",
    "LabelFace",
    "StockFace",
    "face_of",
    "render",
    "roll",
    "sheet",
]
