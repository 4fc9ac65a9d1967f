"""Where QR codes are: a small network of our own, for codes too blurred or dazzled for a decoder to find.

The weights are `locator.onnx`; tools/locator makes the pictures and trains it, ADR 17 says what it gains.
Without the file, with one that is no network, or without OpenCV, nothing is located and the other stages do what they
can; `capability` says so.
"""

from __future__ import annotations

import hashlib
import threading
from functools import cache
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from scanner.engines import Capability, Picture
from scanner.pictures import Transform, cv2
from scanner.reading import Corners

__all__ = ["DIGEST", "LOCATOR", "SIDE", "WEIGHTS", "capability", "closeup", "locate"]

LOCATOR: Final = "locator"
WEIGHTS: Final = Path(__file__).with_name("locator.onnx")
DIGEST: Final = "a98340002cedd291ae80f68b165f1978c514ce977b7b6bff8030b21b4ca566e4"  # of that file, SHA-256
SIDE: Final = 400  # pixels of the square that the network sees
_STRIDE: Final = 8
_REACH: Final = 64.0  # pixels that an output of 1 is
_SURE: Final = 0.25
_SAME: Final = 0.4  # overlap of two boxes of one code
_CODES_MAX: Final = 4
_CLOSEUP: Final = 420  # pixels, 6 or more a module up to version 10
_MARGIN: Final = 0.18  # of the longer side, on each side
_LOSS: Final = "a few blurred or dazzled codes go unread; put the file of this version back and start again"

Box = tuple[float, float, float, float]

_loaded = threading.local()  # a network of OpenCV serves one thread at a time


def locate(grey: Picture) -> list[Corners]:
    """Return the upright boxes around what looks like a QR code, the surest first."""
    network = _network()
    if network is None:
        return []
    scale = SIDE / max(grey.shape)
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    canvas = np.zeros((SIDE, SIDE), np.uint8)
    canvas[: size[1], : size[0]] = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    boxes = _boxes(_ask(network, canvas))
    return [tuple((x / scale, y / scale) for x, y in _corners(box)) for box in boxes]


def closeup(grey: Picture, box: Corners) -> tuple[Picture, Transform]:
    """Return the surroundings of a box in the size decoders like best, and the way back."""
    (left, top), (right, bottom) = box[0], box[2]
    side = max(right - left, bottom - top, 8.0) * (1 + 2 * _MARGIN)
    middle = np.array(((left + right) / 2, (top + bottom) / 2))
    low = np.clip(np.floor(middle - side / 2), 0, (grey.shape[1] - 1, grey.shape[0] - 1)).astype(int)
    high = np.ceil(middle + side / 2).astype(int)
    cut = grey[low[1] : max(high[1], low[1] + 1), low[0] : max(high[0], low[0] + 1)]
    zoom = _CLOSEUP / side
    size = (max(1, round(cut.shape[1] * zoom)), max(1, round(cut.shape[0] * zoom)))
    near = cv2.resize(cut, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC)
    back = np.diag((cut.shape[1] / size[0], cut.shape[0] / size[1], 1.0))
    back[:2, 2] = low
    return near, back


def capability() -> Capability:
    """Tell whether codes are located on this machine. A file that comes later counts from the next start."""
    _, trouble = _weights()
    note = f"{trouble}: {_LOSS}" if trouble else ""
    return Capability(LOCATOR, available=not trouble, note=note)


@cache
def _weights() -> tuple[bytes, str]:
    """Return the file once it has run, else why it cannot."""
    if cv2 is None:
        return b"", "OpenCV cannot be loaded"
    try:
        data = WEIGHTS.read_bytes()
    except OSError as error:
        return b"", f"{WEIGHTS.name} cannot be read ({error.strerror})"
    if hashlib.sha256(data).hexdigest() != DIGEST:
        return b"", f"{WEIGHTS.name} is not the one of this version"
    try:
        _ask(_open(data), np.zeros((SIDE, SIDE), np.uint8))
    except cv2.error as error:
        return b"", f"{WEIGHTS.name} does not run in OpenCV {cv2.__version__} ({error.err})"
    return data, ""


def _network() -> Any:
    data, _ = _weights()
    if not data:
        return None
    if not hasattr(_loaded, "network"):
        _loaded.network = _open(data)
    return _loaded.network


def _open(data: bytes) -> Any:
    return cv2.dnn.readNetFromONNX(np.frombuffer(data, np.uint8))


def _ask(network: Any, canvas: Picture) -> NDArray[np.float32]:
    """Return the map of a picture of SIDE x SIDE."""
    network.setInput(canvas[None, None].astype(np.float32) / 255)
    answer: NDArray[np.float32] = network.forward()[0]
    return answer


def _boxes(answer: NDArray[np.float32]) -> list[Box]:
    """Return the boxes of a map of 5 x rows x columns (see tools/locator/train.py), each code once."""
    sure = 1 / (1 + np.exp(-answer[0]))
    rows, columns = np.nonzero(sure > _SURE)
    order = np.argsort(-sure[rows, columns])[:200]
    rows, columns = rows[order], columns[order]
    x, y = (columns + 0.5) * _STRIDE, (rows + 0.5) * _STRIDE
    left, top, right, bottom = answer[1:, rows, columns] * _REACH
    every = np.stack((x - left, y - top, x + right, y + bottom), axis=1)
    weight = sure[rows, columns]
    boxes: list[Box] = []
    while len(every) and len(boxes) < _CODES_MAX:
        same = _overlaps(every[0], every) > _SAME
        mean = np.average(every[same], axis=0, weights=weight[same])
        boxes.append((float(mean[0]), float(mean[1]), float(mean[2]), float(mean[3])))
        every, weight = every[~same], weight[~same]
    return [box for box in boxes if box[2] - box[0] > 4 and box[3] - box[1] > 4]


def _overlaps(one: NDArray[np.float64], others: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the intersection over the union of one box with each of the others; 1 with itself."""
    low, high = np.maximum(one[:2], others[:, :2]), np.minimum(one[2:], others[:, 2:])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    areas = np.prod(np.maximum(others[:, 2:] - others[:, :2], 0), axis=1)
    whole = float(np.prod(np.maximum(one[2:] - one[:2], 0))) + areas - shared
    overlap: NDArray[np.float64] = np.where(whole > 0, shared / np.maximum(whole, 1e-9), 0.0)
    overlap[0] = 1.0
    return overlap


def _corners(box: Box) -> Corners:
    left, top, right, bottom = box
    return ((left, top), (right, top), (right, bottom), (left, bottom))
