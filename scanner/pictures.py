"""Ways to look at a picture again. Needs OpenCV; each filter is grey in, grey out."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanner.engines import OPENCV, Picture, engine
from scanner.reading import Corners

__all__ = [
    "FILTERS",
    "Transform",
    "carry",
    "double",
    "equalise",
    "lighten",
    "rectify",
    "sharpen",
    "shrink",
    "threshold_twice",
]

Transform = NDArray[np.float64]
"""3 x 3 homography from a view's pixels back to the picture's."""

cv2: Any = engine(OPENCV)  # None where it cannot be loaded; the cascade then leaves these views out

_SIDE_MAX: Final = 2200  # pixels; a longer side is shrunk before the costly filters
_QUAD_SIDE: Final = 420  # pixels of a rectified symbol with its margin: 6 or more a module up to version 10
_QUAD_MARGIN: Final = 0.18  # of the side, on each side
_GAMMA: Final = 0.5
_GAMMA_TABLE: Final = np.array([round(255 * (level / 255) ** _GAMMA) for level in range(256)], np.uint8)


def sharpen(grey: Picture) -> Picture:
    """Unsharp mask: undoes some defocus."""
    soft = cv2.GaussianBlur(grey, (0, 0), 3)
    looked: Picture = cv2.addWeighted(grey, 2.0, soft, -1.0, 0)
    return looked


def smooth(grey: Picture) -> Picture:
    """Blur: undoes noise and dead print lines."""
    looked: Picture = cv2.GaussianBlur(grey, (0, 0), 1.5)
    return looked


def binarise(grey: Picture) -> Picture:
    """Black or white by the neighbourhood: undoes shadow."""
    looked: Picture = cv2.adaptiveThreshold(
        grey, 255, cv2.ADAPTIVE_THRESH_GAUSSIAN_C, cv2.THRESH_BINARY, 51, 5
    )
    return looked


def raw(grey: Picture) -> Picture:
    """Leave it as it is."""
    return grey


FILTERS: Final = (raw, sharpen, smooth, binarise)


def lighten(grey: Picture) -> Picture:
    """Gamma 0.5: opens the shadows."""
    looked: Picture = cv2.LUT(grey, _GAMMA_TABLE)
    return looked


def equalise(grey: Picture) -> Picture:
    """CLAHE 3.0 in 8 x 8 tiles: undoes faint print and glare."""
    looked: Picture = cv2.createCLAHE(3.0, (8, 8)).apply(grey)
    return looked


def double(grey: Picture) -> tuple[Picture, Transform]:
    """Double the size: for modules of a pixel or two."""
    return cv2.resize(grey, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC), np.diag((0.5, 0.5, 1.0))


def threshold_twice(grey: Picture) -> tuple[Picture, Transform]:
    """Double the size, then black or white by the neighbourhood: for small symbols."""
    larger, back = double(grey)
    return binarise(larger), back


def shrink(grey: Picture) -> tuple[Picture, Transform]:
    """Return the picture no larger than the costly filters take, and the way back."""
    longest = max(grey.shape)
    if longest <= _SIDE_MAX:
        return grey, np.eye(3)
    scale = _SIDE_MAX / longest
    size = (round(grey.shape[1] * scale), round(grey.shape[0] * scale))
    smaller = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return smaller, np.diag((grey.shape[1] / size[0], grey.shape[0] / size[1], 1.0))


def rectify(grey: Picture, corners: Corners) -> tuple[Picture, Transform] | None:
    """Return the quadrilateral seen from above with its margin, and the way back; None if it is flat."""
    quad = np.array(corners, np.float32)
    if cv2.contourArea(quad) < 64 or not cv2.isContourConvex(quad.astype(np.int32)):
        return None
    low, high = _QUAD_SIDE * _QUAD_MARGIN, _QUAD_SIDE * (1 - _QUAD_MARGIN)
    target = np.array(((low, low), (high, low), (high, high), (low, high)), np.float32)
    forth = cv2.getPerspectiveTransform(quad, target)
    if abs(float(np.linalg.det(forth))) < 1e-9:
        return None
    flat = cv2.warpPerspective(
        grey, forth, (_QUAD_SIDE, _QUAD_SIDE), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return flat, np.linalg.inv(forth)


def carry(corners: Corners, back: Transform) -> Corners:
    """Return corners of a view in the picture's pixels."""
    points = np.array(corners, np.float64).reshape(-1, 1, 2)
    moved = cv2.perspectiveTransform(points, back).reshape(-1, 2)
    return tuple((float(x), float(y)) for x, y in moved)
