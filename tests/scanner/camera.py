"""A model of a phone's camera before an envelope: what it does to a label, seeded and in steps of severity.

For one label alone, torn or whole; labels on envelopes with their grades of damage are in tools/photos. A model, not
a phone: 26 mm-equivalent lens, so pixels per millimetre = 1387 / distance in mm at 1080p (5.5 at 25 cm).
"""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]

_PRINT_DOTS_MM = 8.0
_KRAFT = (120, 165, 195)  # BGR of an envelope


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """How the picture is taken.

    Attributes:
        scale: pixels of the picture per millimetre of paper.
        roll: degrees the envelope lies turned.
        tilt: degrees the camera looks aslant.
        defocus, motion: radius and length in pixels.
        light: 1 is full; the noise does not shrink with it.
        noise: standard deviation in grey levels.
        shadow: 0 to 1, how dark the far half is.
        glare: 0 to 1, how white a lamp's reflection over the QR code is.
        occlusion: share of the QR code's area under a thumb.
        contrast: 1 is black on white.
        jpeg: quality.
    """

    scale: float = 5.5
    roll: float = 0.0
    tilt: float = 0.0
    defocus: float = 0.6
    motion: float = 0.0
    light: float = 0.9
    noise: float = 3.0
    shadow: float = 0.0
    glare: float = 0.0
    occlusion: float = 0.0
    contrast: float = 1.0
    jpeg: int = 88


def photograph(dots: Picture, shot: Shot, *, seed: int) -> Picture:
    """Return a BGR picture of a label printed at 203 dpi and stuck on an envelope."""
    chance = np.random.default_rng(seed)
    size = (1280, 960)
    paper = _spoil(dots, shot, chance)
    forth = _pose(paper.shape, shot, size, chance)
    envelope = np.full((size[1], size[0], 3), _KRAFT, np.float32)
    label = cv2.warpPerspective(paper, forth, size, flags=cv2.INTER_AREA, borderValue=0)
    cover = cv2.warpPerspective(np.full(paper.shape, 255, np.uint8), forth, size, flags=cv2.INTER_LINEAR)
    share = (cover.astype(np.float32) / 255)[..., None]
    scene = envelope * (1 - share) + label.astype(np.float32)[..., None] * share
    return _expose(scene.astype(np.float32), shot, chance)


def _spoil(dots: Picture, shot: Shot, chance: np.random.Generator) -> Picture:
    """Damage on the paper itself: faint print, a thumb, a lamp's reflection."""
    paper = 255 - (255 - dots.astype(np.float32)) * shot.contrast * 0.92
    left, top, side = 36, 36, 343  # the QR code of a label at 203 dpi
    if shot.occlusion:
        edge = round(side * shot.occlusion**0.5)
        x, y = (int(chance.integers(left + 70, left + side - edge - 10)) for _ in "xy")
        paper[y : y + edge, x : x + edge] = 150
    if shot.glare:
        rows, columns = np.mgrid[0 : paper.shape[0], 0 : paper.shape[1]]
        lamp = chance.integers((left + 100, top + 100), (left + side - 60, top + side - 60))
        spot = np.exp(-((columns - lamp[0]) ** 2 + (rows - lamp[1]) ** 2) / (2 * 60.0**2))
        paper += (255 - paper) * (shot.glare * spot)
    spoilt: Picture = np.clip(paper, 0, 255).astype(np.uint8)
    return spoilt


def _pose(shape: tuple[int, ...], shot: Shot, size: tuple[int, int], chance: np.random.Generator) -> Any:
    """The homography from the label's dots to the picture."""
    height, width = shape[:2]
    roll, tilt = np.radians(shot.roll + chance.uniform(-2, 2)), np.radians(shot.tilt)
    corners = np.array(((0, 0), (width, 0), (width, height), (0, height)), np.float64)
    millimetres = (corners - (width / 2, height / 2)) / _PRINT_DOTS_MM
    turn = np.array(((np.cos(roll), -np.sin(roll)), (np.sin(roll), np.cos(roll))))
    x, y = (millimetres @ turn.T).T
    distance_mm = 1387 / shot.scale
    depth = 1 + y * np.sin(tilt) / distance_mm
    points = np.stack((x / depth, y * np.cos(tilt) / depth), axis=1) * shot.scale
    points += np.array(size) / 2 + chance.uniform(-15, 15, 2)
    return cv2.getPerspectiveTransform(corners.astype(np.float32), points.astype(np.float32))


def _expose(scene: NDArray[np.float32], shot: Shot, chance: np.random.Generator) -> Picture:
    """Lens, light, sensor and JPEG."""
    if shot.defocus:
        scene = cv2.GaussianBlur(scene, (0, 0), shot.defocus).astype(np.float32)
    if shot.motion:
        length = max(3, round(shot.motion))
        kernel = np.zeros((length, length), np.float32)
        kernel[length // 2] = 1 / length
        angle = cv2.getRotationMatrix2D(
            (length / 2 - 0.5, length / 2 - 0.5), float(chance.uniform(0, 180)), 1
        )
        kernel = cv2.warpAffine(kernel, angle, (length, length)).astype(np.float32)
        scene = cv2.filter2D(scene, -1, kernel / kernel.sum()).astype(np.float32)
    if shot.shadow:
        ramp = 1 - shot.shadow / (1 + np.exp(-(np.arange(scene.shape[1]) - 640) / 25))
        scene = scene * ramp[None, :, None].astype(np.float32)
    noisy = scene * shot.light + chance.normal(0, shot.noise, scene.shape)
    ok, data = cv2.imencode(
        ".jpg", np.clip(noisy, 0, 255).astype(np.uint8), [cv2.IMWRITE_JPEG_QUALITY, shot.jpeg]
    )
    assert ok
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), np.uint8)
