"""Lay what is known of a QR code on a picture, module by module. Needs OpenCV.

First as a plane, by the modules that every label has; then as crumpled paper, patch by patch, by what stands out
most from its surroundings.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanner.engines import Picture
from scanner.pictures import Transform, cv2
from scanner.reading import Corners

__all__ = ["Fit", "Pattern", "lay", "project", "ripple", "sample", "weigh"]

Pattern = NDArray[np.int8]
"""n x n modules: 1 dark and -1 light where that is known, otherwise 0."""
Field = NDArray[np.float32]

_CELL: Final = 6  # pixels a module in the flat
_MARGIN: Final = 5  # modules around the symbol in the flat
_FLOOR: Final = 14.0  # grey levels of contrast below which a difference is noise
_STEPS: Final = (0.8, 0.4, 0.2, 0.1)  # modules by which a corner is moved while fitting
_TRIES: Final = 6  # moves with each step
_OFF: Final = (0.0, -2.0, 2.0, -4.5, 4.5)  # modules by which the fourth corner is guessed wrong
_GUESSES: Final = tuple((x, y) for y in _OFF for x in _OFF)
_RIDGE: Final = 3.0
_TAPS: Final = tuple((x / 2, y / 2) for y in range(-2, 3) for x in range(-2, 3))  # modules
_LEAST: Final = 0.22  # agreement with the known modules; 0 is chance, 1 is clean print


@dataclass(frozen=True, slots=True)
class Fit:
    """A pattern laid on a picture.

    Attributes:
        chosen: index of the pattern.
        tone: the flat picture, 1 where dark and -1 where light in its neighbourhood.
        places: n x n x 2; x and y of the middle of each module in the flat, pixels.
        agreement: mean of tone times pattern over the known modules.
        corners: of the symbol, in the picture's pixels.
    """

    chosen: int
    tone: Field
    places: Field
    agreement: float
    corners: Corners


def lay(grey: Picture, corners: Corners, patterns: Sequence[Pattern]) -> Fit | None:
    """Fit the pattern that agrees best; None where none does.

    Args:
        grey: the picture.
        corners: where a symbol was seen, clockwise, a few modules off at most.
        patterns: those to try.
    """
    started = [_begin(grey, corners, pattern) for pattern in patterns]
    best = max((start for start in started if start is not None), key=lambda one: one[3], default=None)
    if best is None or best[3] < _LEAST / 2:
        return None
    tone, back, frame, _ = best
    chosen = next(index for index, start in enumerate(started) if start is best)
    frame, score = _refine(patterns[chosen], tone, frame)
    if score < _LEAST:
        return None
    side = len(patterns[chosen])
    across = np.arange(side, dtype=np.float64) + 0.5
    grid = np.stack(np.meshgrid(across, across), axis=-1)
    places = project(_frames_to_homographies(frame[None], side)[0], grid.reshape(-1, 2))
    edge = cv2.perspectiveTransform(frame.reshape(1, -1, 2) * _CELL - 0.5, back)[0]
    return Fit(
        chosen,
        tone,
        places.reshape(side, side, 2).astype(np.float32),
        score,
        tuple((float(x), float(y)) for x, y in edge),
    )


_Start = tuple[Field, Transform, NDArray[np.float64], float]


def _begin(grey: Picture, corners: Corners, pattern: Pattern) -> _Start | None:
    """Flatten for one pattern, choose the way up and the fourth corner, which readers guess if they miss its mark."""
    side = len(pattern)
    flat = _flatten(grey, corners, side)
    if flat is None:
        return None
    tone = _tone(flat[0])
    square = np.array(((0, 0), (side, 0), (side, side), (0, side)), np.float64) + _MARGIN
    frames = np.repeat(square[None], len(_GUESSES), axis=0)
    frames[:, 2] += _GUESSES
    frames = np.concatenate([np.roll(frames, turns, axis=1) for turns in range(4)])
    scores = _agreements(pattern, cv2.GaussianBlur(tone, (0, 0), _CELL * 0.5), frames)
    best = int(np.argmax(scores))
    return tone, flat[1], frames[best], float(scores[best])


def _flatten(grey: Picture, corners: Corners, side: int) -> tuple[Picture, Transform] | None:
    """Return the symbol with its margin seen from above, and the way back."""
    quad = np.array(corners, np.float32)
    if cv2.contourArea(quad) < 16 * 16 or not cv2.isContourConvex(quad):
        return None
    low, high = _MARGIN * _CELL - 0.5, (_MARGIN + side) * _CELL - 0.5
    square = np.array(((low, low), (high, low), (high, high), (low, high)), np.float32)
    forth = cv2.getPerspectiveTransform(quad, square)
    size = (side + 2 * _MARGIN) * _CELL
    flat = cv2.warpPerspective(
        grey, forth, (size, size), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return flat, np.linalg.inv(forth)


def _tone(flat: Picture) -> Field:
    """Return how dark each pixel is between the darkest and the lightest of its neighbourhood, 1 to -1."""
    soft = cv2.GaussianBlur(flat, (0, 0), _CELL * 0.25).astype(np.float32)
    window = np.ones((_CELL * 6 + 1, _CELL * 6 + 1), np.uint8)
    spread = (0, 0), _CELL * 2.0
    low = cv2.GaussianBlur(cv2.erode(soft, window), *spread)
    high = cv2.GaussianBlur(cv2.dilate(soft, window), *spread)
    tone: Field = np.clip((low + high - 2 * soft) / np.maximum(high - low, _FLOOR), -1.5, 1.5)
    return tone


def _frames_to_homographies(frames: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return K homographies from modules to pixels of the flat, of K x 4 x 2 corners in modules."""
    square = np.array(((0, 0), (side, 0), (side, side), (0, side)), np.float32)
    pixels = (frames * _CELL - 0.5).astype(np.float32)
    return np.stack([cv2.getPerspectiveTransform(square, frame) for frame in pixels])


def project(homography: NDArray[np.float64], points: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return where homographies carry points (N x 2): ... x N x 2."""
    flat = points @ homography[..., :2].swapaxes(-1, -2) + homography[..., None, :, 2]
    return np.asarray(flat[..., :2] / flat[..., 2:])


def _agreements(pattern: Pattern, tone: Field, frames: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the mean of tone times pattern over the known modules, for each of K frames."""
    rows, columns = np.nonzero(pattern)
    signs = pattern[rows, columns].astype(np.float32)
    points = np.stack((columns + 0.5, rows + 0.5), axis=-1)
    places = project(_frames_to_homographies(frames, len(pattern)), points)
    return np.asarray((sample(tone, places.astype(np.float32)) * signs).mean(axis=1), np.float64)


def sample(tone: Field, places: Field) -> Field:
    """Return the tone at places (... x 2, x and y in pixels)."""
    flat = places.reshape(-1, 1, 2)
    # OpenCV's remap takes no side over 32767.
    parts = [
        cv2.remap(tone, flat[start : start + 32_000], None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
        for start in range(0, len(flat), 32_000)
    ]
    values: Field = np.concatenate(parts).reshape(places.shape[:-1])
    return values


def _refine(pattern: Pattern, tone: Field, frame: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Move the corners, one coordinate at a time and all together, while the agreement grows."""
    moves = np.concatenate((np.eye(8).reshape(8, 4, 2), np.tile(np.eye(2)[:, None], (1, 4, 1))))
    moves = np.concatenate((moves, -moves))
    score = -1.0
    for step in _STEPS:
        seen = cv2.GaussianBlur(tone, (0, 0), _CELL * max(0.25, step * 0.6))
        score = float(_agreements(pattern, seen, frame[None])[0])
        for _ in range(_TRIES):
            frames = frame + moves * step
            scores = _agreements(pattern, seen, frames)
            best = int(np.argmax(scores))
            if scores[best] <= score:
                break
            frame, score = frames[best], float(scores[best])
    return frame, score


def ripple(fit: Fit, known: Pattern, reach: float = 0.5) -> Field:
    """Return the places moved to where modules stand out most: paper is not flat.

    Args:
        fit: the pattern laid as a plane, or the last answer of this.
        known: n x n; signs of the modules whose colour is known by now, otherwise 0.
        reach: modules by which a place may move, each way.
    """
    offsets = np.linspace(-reach, reach, 7, dtype=np.float32) * _CELL
    shifts = np.stack(np.meshgrid(offsets, offsets), axis=-1).reshape(-1, 1, 1, 2)
    values = sample(fit.tone, fit.places[None] + shifts)
    standing = np.where(known != 0, 1.5 * values * known, np.abs(values))
    patches = np.stack([cv2.GaussianBlur(one, (0, 0), 2.2) for one in standing.astype(np.float32)])
    # A place stays where nothing speaks for moving it.
    patches -= 0.02 * (shifts[:, :, :, 0] ** 2 + shifts[:, :, :, 1] ** 2) / _CELL**2
    weights = np.exp((patches - patches.max(axis=0)) * 40)
    weights /= weights.sum(axis=0)
    move = (weights[..., None] * shifts).sum(axis=0)
    places: Field = (fit.places + cv2.GaussianBlur(move.astype(np.float32), (0, 0), 1.2)).astype(np.float32)
    return places


def weigh(fit: Fit, known: Pattern) -> Field:
    """Return for each module how surely it is dark (positive) or light: a likelihood ratio's logarithm, halved."""
    taps = np.array(_TAPS, np.float32) * _pitch(fit)
    seen = sample(fit.tone, fit.places[:, :, None] + taps)
    features = np.concatenate((seen, np.ones((*seen.shape[:2], 1), np.float32)), axis=-1)
    # What undoes this picture's blur is learned from the modules that are known.
    rows, columns = np.nonzero(known)
    targets = known[rows, columns].astype(np.float32)
    given = features[rows, columns]
    trust = np.ones(len(targets), np.float32)
    for _ in range(2):
        square = (given * trust[:, None]).T @ given + _RIDGE * np.eye(given.shape[1], dtype=np.float32)
        taps_weights = np.linalg.solve(square, (given * trust[:, None]).T @ targets)
        trust = np.clip(given @ taps_weights * targets, 0.05, 1).astype(np.float32)
    soft = features @ taps_weights
    signs = np.where(known != 0, known, np.sign(soft))
    noise = cv2.GaussianBlur(((soft - signs) ** 2).astype(np.float32), (0, 0), 1.6)
    weighed: Field = (soft / (noise + 0.05)).astype(np.float32)
    return weighed


def _pitch(fit: Fit) -> float:
    """Return pixels of the flat from one module to the next."""
    side = len(fit.places)
    return float(np.hypot(*(fit.places[-1, -1] - fit.places[0, 0]))) / (2**0.5 * (side - 1))
