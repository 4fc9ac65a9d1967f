"""Labels: what is printed on a sealed envelope, as PNG, PDF, SVG and ZPL."""

from __future__ import annotations

from labels.errors import FaceError
from labels.face import LabelFace, face_of
from labels.render import FORMATS, MEDIA_TYPES, render, sheet

__all__ = ["FORMATS", "MEDIA_TYPES", "FaceError", "LabelFace", "face_of", "render", "sheet"]
