"""A model of a phone's camera before an envelope, not a phone.

26 mm-equivalent lens at 1080p: a focal length of 1387 pixels, so pixels per millimetre = 1387 / distance in mm.
Sensor noise, sharpening and JPEG are in every picture.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.photos.envelope import DOTS_MM, texture
from tools.photos.grades import Shot, draw_shot
from tools.photos.paper import Paper, lay, make_face

__all__ = ["Photo", "photograph", "take"]

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]

_FOCAL: Final = 1387.0
_LONG, _SHORT = 1920, 1080
_LENS: Final = 0.7  # pixels: what the best lens and the sensor's grid blur
_READ_NOISE: Final = 1.6  # grey levels at full light
_SHOT_NOISE: Final = 0.14  # of the square root of the grey level
_SHARPEN: Final = 0.6
_DESKS: Final = 5
_NOISE_MARGIN: Final = 96


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture and what is on it.

    Attributes:
        picture: BGR, or grey where no colour was asked for; 1920 x 1080 or 1080 x 1920.
        texts: what may be read: the label's digits and its number.
        label, qr, bars: corners in pixels of the picture, the symbol's own top left first, then clockwise.
    """

    picture: Picture
    texts: frozenset[str]
    label: Points
    qr: Points
    bars: Points


def take(mixture: str, layout: str, *, seed: int, frame: int = 0, colour: bool = False) -> Photo:
    """Return a picture of a mixture: the same seed is the same envelope, each frame another moment of it."""
    shot = draw_shot(mixture, np.random.default_rng((seed, 3)))
    paper = lay(make_face(seed), layout, shot, seed=seed)
    return photograph(paper, shot, seed=seed, frame=frame, colour=colour)


def photograph(paper: Paper, shot: Shot, *, seed: int, frame: int = 0, colour: bool = False) -> Photo:
    """Take the picture; in another *frame* the hand, the lens and the lamp are a little elsewhere."""
    still, chance = np.random.default_rng((seed, 4)), np.random.default_rng((seed, 5, frame))
    size = (_LONG, _SHORT) if still.random() < 0.5 else (_SHORT, _LONG)
    flat = paper.flat if colour else cv2.cvtColor(paper.flat, cv2.COLOR_BGR2GRAY)
    if paper.shade is not None:
        shade = paper.shade[..., None] if colour else paper.shade
        flat = np.clip(flat * shade, 0, 255).astype(np.uint8)
    forth = _pose(paper, shot, size, still, chance)
    # What is smaller than a pixel of the picture blurs before it is sampled.
    scale = _FOCAL / shot.distance_mm / DOTS_MM
    if scale < 1:
        flat = cv2.GaussianBlur(flat, (0, 0), 0.45 * (scale**-2 - 1) ** 0.5 + 0.05)
    scene = _desk(int(still.integers(_DESKS)), colour=colour, upright=size[0] < size[1]).copy()
    cv2.warpPerspective(
        flat, forth, size, dst=scene, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
    label, qr, bars = (_carry(corners, forth) for corners in (paper.label, paper.qr, paper.bars))
    lit = _light(scene, shot, label, qr, chance)
    blurred = _blur(lit, shot, chance)
    picture = _develop(blurred, shot, chance)
    return Photo(picture, frozenset({paper.face.digits, paper.face.number}), label, qr, bars)


def _carry(corners: Points, forth: NDArray[np.float64]) -> Points:
    return np.asarray(cv2.perspectiveTransform(corners.reshape(-1, 1, 2), forth).reshape(-1, 2), np.float64)


def _pose(
    paper: Paper, shot: Shot, size: tuple[int, int], still: np.random.Generator, chance: np.random.Generator
) -> NDArray[np.float64]:
    """Return the homography from the paper's pixels to the picture's: a pinhole camera above the label."""
    side = still.choice((-1.0, 1.0))
    roll = np.radians(shot.roll * side + still.uniform(-4, 4) + chance.uniform(-3, 3))
    tilt = np.radians(shot.tilt * chance.uniform(0.6, 1.1) + still.uniform(0, 5) + chance.uniform(-2, 2))
    towards = still.uniform(0, 2 * np.pi) + chance.uniform(-0.2, 0.2)
    distance_mm = shot.distance_mm * still.uniform(0.94, 1.06) * chance.uniform(0.9, 1.05)
    axis = np.array((np.cos(towards), np.sin(towards), 0.0)) * tilt
    turn = cv2.Rodrigues(axis)[0] @ cv2.Rodrigues(np.array((0.0, 0.0, roll)))[0]
    middle = paper.label.mean(axis=0)
    to_mm = np.array(((1, 0, -middle[0]), (0, 1, -middle[1]), (0, 0, DOTS_MM)), np.float64) / DOTS_MM
    plane = np.column_stack((turn[:, 0], turn[:, 1], (0.0, 0.0, distance_mm)))
    # The label is wholly in the picture, where the hand happened to point.
    room = np.array(size) - _FOCAL / distance_mm * 126
    offset = (
        np.array(size) / 2 + still.uniform(-0.35, 0.35, 2) * np.maximum(room, 0) + chance.uniform(-12, 12, 2)
    )
    lens = np.array(((_FOCAL, 0, offset[0]), (0, _FOCAL, offset[1]), (0, 0, 1)), np.float64)
    return np.asarray(lens @ plane @ to_mm, np.float64)


@cache
def _desk(index: int, *, colour: bool, upright: bool) -> Picture:
    """Return what lies under the envelope: a table, grained or plain; not to be written to."""
    chance = np.random.default_rng((77, index))
    shape = (_LONG, _SHORT) if upright else (_SHORT, _LONG)
    desk = np.empty((*shape, 3), np.float32)
    desk[:] = ((60, 85, 120), (150, 150, 150), (45, 50, 55), (110, 140, 165), (190, 195, 195))[index]
    desk += (texture(chance, shape, grain_px=180) * 7)[..., None]
    grain = cv2.resize(texture(chance, (shape[0], 40), grain_px=2.5), (shape[1], shape[0]))
    desk += (np.asarray(grain, np.float32) * (6 if index in {0, 3} else 1.5))[..., None]
    painted = np.clip(desk, 0, 255).astype(np.uint8)
    return painted if colour else np.asarray(cv2.cvtColor(painted, cv2.COLOR_BGR2GRAY), np.uint8)


def _light(
    scene: Picture, shot: Shot, label: Points, qr: Points, chance: np.random.Generator
) -> NDArray[np.float32]:
    """Return the scene as it is lit: falling off to the corners, an arm's shadow, a lamp's reflection."""
    height, width = scene.shape[:2]
    step = 8
    rows, columns = np.mgrid[0 : height // step + 1, 0 : width // step + 1].astype(np.float32) * step
    far = ((columns - width / 2) ** 2 + (rows - height / 2) ** 2) / (width**2 + height**2)
    lamp_side = chance.uniform(0, 2 * np.pi)
    ramp = (columns / width - 0.5) * np.cos(lamp_side) + (rows / height - 0.5) * np.sin(lamp_side)
    light = (1 - 0.5 * far) * (1 + 0.12 * ramp)
    span = float(np.linalg.norm(label[2] - label[0]))
    if shot.shadow:
        at = label.mean(axis=0) + chance.uniform(-0.2, 0.2, 2) * span
        angle, soft = chance.uniform(0, 2 * np.pi), span * chance.uniform(0.01, 0.12)
        edge = ((columns - at[0]) * np.cos(angle) + (rows - at[1]) * np.sin(angle)) / soft
        light *= 1 - shot.shadow / (1 + np.exp(-np.clip(edge, -30, 30)))
    lit = scene.astype(np.float32)
    lit = _times(lit, _enlarge(light, (width, height)))
    if shot.glare:
        at = qr.mean(axis=0) + chance.uniform(-0.3, 0.3, 2) * span
        angle, wide = chance.uniform(0, np.pi), span * chance.uniform(0.06, 0.12)
        along = (columns - at[0]) * np.cos(angle) + (rows - at[1]) * np.sin(angle)
        across = (rows - at[1]) * np.cos(angle) - (columns - at[0]) * np.sin(angle)
        spot = np.exp(-((along / (2.2 * wide)) ** 2 + (across / wide) ** 2) / 2)
        mist = _enlarge(shot.glare * np.clip(spot * 1.25, 0, 1), (width, height))
        lit = _times(lit, 1 - mist)
        lit += (mist * 262)[..., None] if lit.ndim == 3 else mist * 262
    return lit


def _enlarge(field: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.asarray(cv2.resize(field.astype(np.float32), size, interpolation=cv2.INTER_LINEAR), np.float32)


def _times(scene: NDArray[np.float32], factor: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.asarray(scene * (factor[..., None] if scene.ndim == 3 else factor), np.float32)


def _blur(scene: NDArray[np.float32], shot: Shot, chance: np.random.Generator) -> NDArray[np.float32]:
    """Lens, focus and hand in one kernel; focus hunts and hands shake, so each frame has its own share of both."""
    radius = shot.defocus * chance.uniform(0.55, 1.1)
    length = shot.motion * chance.uniform(0.35, 1.1)
    fine = 5  # the kernel is drawn larger
    reach = int(np.ceil(max(radius, length / 2))) + 2
    side = 2 * reach + 1
    kernel: NDArray[np.float32] = np.zeros((side * fine, side * fine), np.float32)
    middle = side * fine // 2
    cv2.circle(kernel, (middle, middle), max(1, round(radius * fine)), 1.0, -1)
    if length > 0.5:
        angle = chance.uniform(0, np.pi)
        tail = np.array((np.cos(angle), np.sin(angle))) * length * fine / 2
        line = np.zeros_like(kernel)
        ends = [(round(middle + sign * tail[0]), round(middle + sign * tail[1])) for sign in (-1, 1)]
        cv2.line(line, ends[0], ends[1], 1.0, fine)
        kernel = np.asarray(cv2.filter2D(kernel, -1, line, borderType=cv2.BORDER_CONSTANT), np.float32)
    spread = cv2.GaussianBlur(kernel, (0, 0), _LENS * fine)
    small = cv2.resize(spread, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.filter2D(scene, -1, small / small.sum()), np.float32)


@cache
def _noise(channels: int) -> NDArray[np.float32]:
    """Return noise of standard deviation 1, a little smeared as the sensor's colour filter does; cut out anywhere."""
    side = _LONG + _NOISE_MARGIN
    raw = np.random.default_rng(99).standard_normal((side, side, channels), np.float32)
    smeared = np.asarray(cv2.GaussianBlur(raw, (0, 0), 0.5), np.float32)
    return smeared.reshape(side, side, channels) / float(smeared.std())


def _develop(scene: NDArray[np.float32], shot: Shot, chance: np.random.Generator) -> Picture:
    """Sensor, gain, sharpening and JPEG."""
    height, width = scene.shape[:2]
    channels = scene.shape[2] if scene.ndim == 3 else 1
    left, top = (int(at) for at in chance.integers(0, _NOISE_MARGIN, 2))
    noise = _noise(channels)[top : top + height, left : left + width].reshape(scene.shape)
    bright = shot.light**0.3  # the gain makes up for most of it
    noisy = scene * bright
    strength = (_READ_NOISE + _SHOT_NOISE * np.sqrt(np.clip(noisy, 0, 255))) / (shot.light**0.4)
    noisy += noise * strength
    noisy = np.asarray(np.clip(noisy, 0, 255), np.float32)
    soft = cv2.GaussianBlur(noisy, (0, 0), 1.2)
    sharp = cv2.addWeighted(noisy, 1 + _SHARPEN, soft, -_SHARPEN, 0)
    levels = np.clip(sharp, 0, 255).astype(np.uint8)
    ok, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, round(shot.jpeg)])
    if not ok:
        raise RuntimeError("a picture of uint8 that is no JPEG")  # cannot be
    flag = cv2.IMREAD_COLOR if channels == 3 else cv2.IMREAD_GRAYSCALE
    return np.asarray(cv2.imdecode(data, flag), np.uint8)
