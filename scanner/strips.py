"""Find bar codes at any angle and lay them level. Needs OpenCV.

zxing-cpp scans rows and columns: at 45 degrees it reads no Code 128 at all. Bars are where gradients are
strong and all point one way; the structure tensor says where and which way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanner.engines import Picture
from scanner.pictures import Transform, cv2

__all__ = ["level_strips"]

_LOCATE_SIDE: Final = 800  # pixels of the longer side while looking
_STRIPS_MAX: Final = 4
_ONE_WAY: Final = 0.75  # coherence of the structure tensor: 1 is bars, 0 is texture
_LENGTHEN: Final = 1.25  # of the strip found: end bars and quiet zones
_STRIP_LENGTH: Final = 1200  # pixels, 7 a module of a label's bars

_Box = tuple[float, float, float, float, float]  # centre x, y, length, height, angle in degrees


def level_strips(grey: Picture) -> Iterator[tuple[Picture, Transform]]:
    """Yield every likely bar code laid level, with the way back; each is laid when asked for, the largest first."""
    seen: list[_Box] = []
    for find in (_by_detector, _by_tensor):
        for box in find(grey):
            if not any(_same(box, other) for other in seen):
                seen.append(box)
                yield _lay(grey, box)


def _same(box: _Box, other: _Box) -> bool:
    near = np.hypot(box[0] - other[0], box[1] - other[1]) < 0.2 * other[2]
    turn = abs((box[4] - other[4] + 90) % 180 - 90)
    return bool(near and turn < 4 and 0.7 < box[2] / other[2] < 1.4)


def _by_detector(grey: Picture) -> list[_Box]:
    """Locate with OpenCV's bar code detector, which finds any linear code; it decodes none of ours."""
    found, quads = cv2.barcode.BarcodeDetector().detectMulti(grey)
    if not found or quads is None:
        return []
    return [_box_of(np.asarray(quad, np.float32)) for quad in quads[:_STRIPS_MAX]]


def _box_of(quad: NDArray[np.float32]) -> _Box:
    """Return the box of four corners (OpenCV: bottom left, then clockwise), its length along the code."""
    across = (quad[2] + quad[3] - quad[0] - quad[1]) / 2
    along = (quad[1] + quad[2] - quad[0] - quad[3]) / 2
    if np.hypot(*across) > np.hypot(*along):
        along, across = across, along
    centre = quad.mean(axis=0)
    angle = float(np.degrees(np.arctan2(along[1], along[0])))
    return float(centre[0]), float(centre[1]), float(np.hypot(*along)), float(np.hypot(*across)), angle


def _by_tensor(grey: Picture) -> list[_Box]:
    """Locate with the structure tensor of a small copy."""
    scale = min(1.0, _LOCATE_SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.float32)
    dx, dy = cv2.Sobel(small, cv2.CV_32F, 1, 0), cv2.Sobel(small, cv2.CV_32F, 0, 1)
    window = (15, 15)
    xx, yy, xy = (cv2.boxFilter(cv2.multiply(*pair), -1, window) for pair in ((dx, dx), (dy, dy), (dx, dy)))
    energy = xx + yy
    one_way = cv2.magnitude(xx - yy, 2 * xy) > _ONE_WAY * (energy + 1.0)
    strong = energy > max(0.25 * float(np.percentile(energy[::4, ::4], 98)), 200.0)
    mask = (strong & one_way).astype(np.uint8) * 255
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    order = sorted(range(1, count), key=lambda index: -int(stats[index, cv2.CC_STAT_AREA]))[:_STRIPS_MAX]
    boxes = []
    for index in order:
        inside = labels == index
        if int(inside.sum()) < 300:
            break
        # The main direction of the gradients, which is along the code, across its bars.
        sums = [float(component[inside].sum()) for component in (xx, yy, xy)]
        angle = 0.5 * np.arctan2(2 * sums[2], sums[0] - sums[1])
        boxes.append(_extent(inside, float(angle), scale))
    return boxes


def _extent(inside: NDArray[np.bool_], angle: float, scale: float) -> _Box:
    rows, columns = np.nonzero(inside)
    cos, sin = np.cos(angle), np.sin(angle)
    along, across = columns * cos + rows * sin, rows * cos - columns * sin
    low, high = np.percentile(along, (0.5, 99.5))
    top, bottom = np.percentile(across, (5, 95))
    middle, level = (low + high) / 2, (top + bottom) / 2
    return (
        float((middle * cos - level * sin) / scale),
        float((middle * sin + level * cos) / scale),
        float((high - low) / scale),
        float((bottom - top) / scale),
        float(np.degrees(angle)),
    )


def _lay(grey: Picture, box: _Box) -> tuple[Picture, Transform]:
    x, y, length, height, angle = box
    length = max(16.0, length * _LENGTHEN)
    zoom = max(1.0, _STRIP_LENGTH / length)
    size = (round(length * zoom), max(24, round(min(height, length) * zoom)))
    turn = cv2.getRotationMatrix2D((x, y), angle, zoom)
    turn[:, 2] += (size[0] / 2 - x, size[1] / 2 - y)
    strip = cv2.warpAffine(grey, turn, size, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    return strip, np.linalg.inv(np.vstack((turn, (0.0, 0.0, 1.0))))
