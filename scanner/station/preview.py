"""The live picture of a camera, with a frame around each code: green for a text, orange for a mere guess."""

from __future__ import annotations

import os
import sys
from typing import Any, Final

import numpy as np

from scanner.engines import OPENCV, Picture, engine
from scanner.reading import Reading

__all__ = ["Preview", "can_show", "draw"]

_READ: Final = (80, 200, 60)  # blue, green, red
_UNREAD: Final = (0, 160, 255)
_THICK: Final = 4
_ENDS: Final = {ord("q"), ord("Q"), 27}  # Esc


def can_show() -> bool:
    """Say whether there is a screen for a window."""
    has_screen = sys.platform != "linux" or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )
    return has_screen and engine(OPENCV) is not None


def draw(frame: Picture, readings: list[Reading], status: str) -> Picture:
    """Return a copy of a frame (height x width x 3, BGR) with the codes framed, and *status* (ASCII) at the foot."""
    cv2: Any = engine(OPENCV)
    shown = frame.copy()
    for reading in readings:
        corners = np.array(reading.corners, np.int32).reshape(-1, 1, 2)
        colour = _UNREAD if reading.error or reading.suggested else _READ
        cv2.polylines(shown, [corners], isClosed=True, color=colour, thickness=_THICK)
    height = shown.shape[0]
    cv2.rectangle(shown, (0, height - 40), (shown.shape[1], height), (0, 0, 0), -1)
    cv2.putText(shown, status, (12, height - 12), cv2.FONT_HERSHEY_SIMPLEX, 0.8, (255, 255, 255), 2)
    result: Picture = shown
    return result


class Preview:
    """The window; closing it or pressing q or Esc in it ends the source."""

    def __init__(self, title: str) -> None:
        self._title = title
        self.status = "q: end"

    def see(self, frame: Picture, readings: list[Reading]) -> bool:
        """Show a frame; False once the window was closed."""
        cv2: Any = engine(OPENCV)
        cv2.imshow(self._title, draw(frame, readings, self.status))
        return cv2.waitKey(1) & 0xFF not in _ENDS
