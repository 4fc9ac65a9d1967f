"""Small pictures with QR codes in known places, to train the locator with: seeded, all of them made here.

Half are our labels on their envelopes, half any QR codes on anything. Run as `python -m tools.locator.pictures
FILE COUNT`; it takes about 10 ms a picture.
"""

from __future__ import annotations

import sys
from functools import cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from qrcode import QRCode, constants

from tools.photos.envelope import ENVELOPES, envelope, texture
from tools.photos.grades import Shot, draw_shot
from tools.photos.paper import lay, make_face

__all__ = ["SIDE", "make_picture", "write_pictures"]

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]

SIDE: Final = 320
CODES_MAX: Final = 3
ABSENT: Final = -9999.0  # in place of a box that is none
_LEVELS: Final = (
    constants.ERROR_CORRECT_L, constants.ERROR_CORRECT_M, constants.ERROR_CORRECT_Q, constants.ERROR_CORRECT_H,
)  # fmt: skip
_PLAIN: Final = Shot()


def write_pictures(path: Path, count: int, *, seed: int) -> None:
    """Write `pictures` (count x SIDE x SIDE) and `boxes` (count x CODES_MAX x 4: left, top, right, bottom)."""
    pictures = np.empty((count, SIDE, SIDE), np.uint8)
    boxes = np.full((count, CODES_MAX, 4), ABSENT, np.float32)
    for index in range(count):
        pictures[index], found = make_picture(seed * 1_000_000 + index)
        for place, box in enumerate(found):
            boxes[index, place] = box
    np.savez(path, pictures=pictures, boxes=boxes)


def make_picture(seed: int) -> tuple[Picture, list[tuple[float, ...]]]:
    """Return a grey picture of SIDE x SIDE and the upright boxes of the QR codes in it."""
    chance = np.random.default_rng((seed, 9))
    scene = _background(chance)
    boxes: list[tuple[float, ...]] = []
    kind = chance.random()
    count = 0 if kind < 0.1 else 1 if kind < 0.85 else int(chance.integers(2, CODES_MAX + 1))
    for index in range(count):
        flat, quad = _label(seed, chance) if chance.random() < 0.5 else _any_code(chance)
        pasted = _paste(scene, flat, quad, boxes, chance, alone=count == 1 and index == 0)
        if pasted is not None:
            boxes.append(pasted)
    return _camera(scene, chance), boxes


def _background(chance: np.random.Generator) -> Picture:
    """Envelopes with their print, clouds, tables, grids, dots and bars: much that is no QR code."""
    clouds = texture(chance, (SIDE, SIDE), grain_px=float(chance.uniform(3, 160))) * chance.uniform(0, 40)
    scene: Picture = np.clip(clouds + chance.integers(20, 235), 0, 255).astype(np.uint8)
    for _ in range(int(chance.integers(0, 4))):
        whole = _grey_envelope(int(chance.integers(ENVELOPES)))
        wide = int(chance.integers(150, 900))
        left, top = (int(chance.integers(0, span - wide)) for span in (whole.shape[1], whole.shape[0]))
        patch = whole[top : top + wide, left : left + wide]
        corners = _quad(chance, chance.uniform(80, 420), chance.uniform(0, SIDE, 2), 0.35)
        _warp(scene, patch, _box(0, 0, wide, wide), corners)
    for _ in range(int(chance.integers(0, 3))):
        _clutter(scene, chance)
    return scene


@cache
def _grey_envelope(index: int) -> Picture:
    return np.asarray(cv2.cvtColor(envelope(index), cv2.COLOR_BGR2GRAY), np.uint8)


def _clutter(scene: Picture, chance: np.random.Generator) -> None:
    """Something with edges: squares, dots, bars or keys."""
    kind, rough = int(chance.integers(4)), int(chance.integers(6, 40))
    if kind == 0:
        patch = np.kron(chance.integers(0, 2, (rough, rough)), np.ones((8, 8))) * 255
    elif kind == 1:
        patch = np.repeat(np.kron(chance.integers(0, 2, rough * 2), np.ones(4))[None] * 255, 90, axis=0)
    elif kind == 2:
        patch = np.full((240, 240), 255.0)
        for _ in range(rough * 2):
            at = tuple(int(value) for value in chance.integers(0, 240, 2))
            cv2.circle(patch, at, int(chance.integers(2, 14)), float(chance.integers(0, 200)), -1)
    else:
        patch = np.full((240, 240), 255.0)
        pitch = int(chance.integers(12, 50))
        for x in range(0, 240, pitch):
            for y in range(0, 240, pitch):
                cv2.rectangle(
                    patch,
                    (x + 2, y + 2),
                    (x + pitch - 3, y + pitch - 3),
                    60.0,
                    int(chance.integers(-1, 3)) or 1,
                )
    levels = np.clip(patch * chance.uniform(0.4, 0.9) + chance.uniform(0, 60), 0, 255).astype(np.uint8)
    corners = _quad(chance, chance.uniform(30, 200), chance.uniform(0, SIDE, 2), 0.3)
    _warp(scene, levels, _box(0, 0, levels.shape[1], levels.shape[0]), corners)


def _label(seed: int, chance: np.random.Generator) -> tuple[Picture, Points]:
    """One of our labels with some of its envelope."""
    drawn = draw_shot("hard", chance)
    shot = Shot(dropout=drawn.dropout, occlusion=drawn.occlusion, contrast=drawn.contrast, wrinkle_mm=0)
    paper = lay(make_face(seed), str(chance.choice(("100x70", "100x50"))), shot, seed=seed)
    margin = int(chance.integers(10, 400))
    low = np.maximum(paper.label[0].astype(int) - margin, 0)
    high = paper.label[2].astype(int) + margin
    flat = cv2.cvtColor(paper.flat[low[1] : high[1], low[0] : high[0]], cv2.COLOR_BGR2GRAY)
    return np.asarray(flat, np.uint8), paper.qr - low


def _any_code(chance: np.random.Generator) -> tuple[Picture, Points]:
    """A QR code of any version with any text, dark on light or now and then light on dark."""
    symbol = QRCode(
        error_correction=_LEVELS[int(chance.integers(4))], border=0, mask_pattern=int(chance.integers(8))
    )
    symbol.add_data(chance.bytes(int(chance.choice((8, 20, 40, 80, 150)))).hex())
    symbol.make(fit=True)
    cell = 6
    dark = np.kron(np.array(symbol.modules, np.uint8), np.ones((cell, cell), np.uint8))
    quiet = int(chance.integers(1, 6)) * cell
    paper, ink = float(chance.uniform(150, 255)), float(chance.uniform(0, 110))
    if chance.random() < 0.06:
        paper, ink = ink, paper
    flat = np.full((dark.shape[0] + 2 * quiet,) * 2, paper, np.float32)
    flat[quiet:-quiet, quiet:-quiet] = paper + dark * (ink - paper)
    side = float(dark.shape[0])
    quad = _box(quiet, quiet, side, side)
    if chance.random() < 0.15:  # a picture in the middle
        wide = round(side * chance.uniform(0.1, 0.24) / 2)
        middle = flat.shape[0] // 2
        flat[middle - wide : middle + wide, middle - wide : middle + wide] = chance.uniform(0, 255)
    return np.clip(flat, 0, 255).astype(np.uint8), quad


def _box(x: float, y: float, width: float, height: float) -> Points:
    return np.array(((x, y), (x + width, y), (x + width, y + height), (x, y + height)), np.float64)


def _quad(chance: np.random.Generator, side: float, middle: Points, lean: float) -> Points:
    """Return a square of *side* about *middle*, turned by anything and seen aslant."""
    turn = chance.uniform(0, 2 * np.pi) if chance.random() < 0.5 else chance.normal(0, 0.15)
    corners = (_box(-0.5, -0.5, 1, 1) + chance.uniform(-0.5, 0.5, (4, 2)) * lean * 0.5) * side
    corners[:, int(chance.integers(2))] *= chance.uniform(1 - lean, 1)
    spin = np.array(((np.cos(turn), -np.sin(turn)), (np.sin(turn), np.cos(turn))))
    return np.asarray(corners @ spin.T + middle, np.float64)


def _warp(scene: Picture, flat: Picture, source: Points, target: Points) -> Points:
    """Draw *flat* into *scene*, its points *source* at *target*, and return the homography."""
    forth = cv2.getPerspectiveTransform(source.astype(np.float32), target.astype(np.float32))
    shrink = float(
        np.sqrt(
            cv2.contourArea(source.astype(np.float32)) / max(1.0, cv2.contourArea(target.astype(np.float32)))
        )
    )
    if shrink > 1:
        flat = np.asarray(cv2.GaussianBlur(flat, (0, 0), 0.4 * (shrink**2 - 1) ** 0.5 + 0.05), np.uint8)
    cv2.warpPerspective(
        flat, forth, (SIDE, SIDE), dst=scene, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )
    return np.asarray(forth, np.float64)


def _paste(
    scene: Picture, flat: Picture, quad: Points, taken: list[tuple[float, ...]], chance: np.random.Generator,
    *, alone: bool,
) -> tuple[float, ...] | None:  # fmt: skip
    """Draw *flat* so that its QR code is somewhere in the picture, and return its upright box."""
    largest = 250.0 if alone else 110.0
    side = float(np.exp(chance.uniform(np.log(16), np.log(largest))))
    room = side * 0.5
    middle = chance.uniform(min(room, SIDE / 2), max(SIDE - room, SIDE / 2), 2)
    target = _quad(chance, side, middle, 0.4)
    low, high = target.min(axis=0), target.max(axis=0)
    if (low < -side * 0.12).any() or (high > SIDE + side * 0.12).any():
        return None
    if any(
        low[0] < box[2] + 30 and high[0] > box[0] - 30 and low[1] < box[3] + 30 and high[1] > box[1] - 30
        for box in taken
    ):
        return None
    _warp(scene, flat, quad, target)
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def _camera(scene: Picture, chance: np.random.Generator) -> Picture:
    """Shadow, glare, blur, noise and JPEG, in the measures of a small picture."""
    picture = scene.astype(np.float32)
    rows, columns = np.arange(SIDE, dtype=np.float32)[:, None], np.arange(SIDE, dtype=np.float32)
    if chance.random() < 0.35:
        at, angle = chance.uniform(60, 260, 2), chance.uniform(0, 2 * np.pi)
        edge = ((columns - at[0]) * np.cos(angle) + (rows - at[1]) * np.sin(angle)) / chance.uniform(2, 40)
        picture *= 1 - chance.uniform(0.2, 0.85) / (1 + np.exp(-np.clip(edge, -30, 30)))
    if chance.random() < 0.3:
        at, wide = chance.uniform(40, 280, 2), chance.uniform(6, 40)
        spot = np.exp(
            -((columns - at[0]) ** 2 + ((rows - at[1]) * chance.uniform(0.3, 2)) ** 2) / (2 * wide**2)
        )
        picture += (255 - picture) * spot * chance.uniform(0.3, 1)
    if chance.random() < 0.5:
        picture = cv2.GaussianBlur(picture, (0, 0), chance.uniform(0.3, 1.6)).astype(np.float32)
    if chance.random() < 0.25:
        kernel: Any = np.zeros((9, 9), np.float32)
        tail = chance.uniform(0.5, 4) * np.array((np.cos(turn := chance.uniform(0, np.pi)), np.sin(turn)))
        cv2.line(
            kernel,
            tuple(np.rint(4 - tail).astype(int).tolist()),
            tuple(np.rint(4 + tail).astype(int).tolist()),
            1.0,
        )
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum()).astype(np.float32)
    picture = np.asarray(255 * np.clip(picture / 255, 0, 1) ** chance.uniform(0.6, 1.7), np.float32)
    low = chance.uniform(0, 60) if chance.random() < 0.4 else 0.0
    picture = low + picture * chance.uniform(0.2 if chance.random() < 0.3 else 0.6, 1 - low / 255)
    noise = chance.normal(0, chance.uniform(0, 12 if chance.random() < 0.3 else 4), picture.shape)
    levels = np.clip(picture + noise, 0, 255).astype(np.uint8)
    if chance.random() < 0.4:
        _, data = cv2.imencode(".jpg", levels, [cv2.IMWRITE_JPEG_QUALITY, int(chance.integers(25, 90))])
        levels = np.asarray(cv2.imdecode(data, cv2.IMREAD_GRAYSCALE), np.uint8)
    return levels


if __name__ == "__main__":
    write_pictures(Path(sys.argv[1]), int(sys.argv[2]), seed=int(sys.argv[3]))
