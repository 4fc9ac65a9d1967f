"""Scanner: pictures to readings, readings to item numbers and labels."""

from __future__ import annotations

from scanner.cascade import read_image
from scanner.intake import PictureError, open_picture
from scanner.reading import ReadError, Reading
from scanner.ready import capabilities
from scanner.stream import Stream
from scanner.text import Kind, Scanned, classify

__all__ = [
    "Kind",
    "PictureError",
    "ReadError",
    "Reading",
    "Scanned",
    "Stream",
    "capabilities",
    "classify",
    "open_picture",
    "read_image",
]
