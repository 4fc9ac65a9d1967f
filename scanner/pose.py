"""How our label's QR code lies in a picture in which no decoder sees it. Needs OpenCV.

The marks in a code's corners are what blur, dim light and creases leave last. Three of them say how the code lies; of
two, each way of laying the rest is tried. What every label shares (`scanner.template`) tells the right way from chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from scanner.engines import Picture
from scanner.fit import Pattern, project, sample
from scanner.pictures import cv2
from scanner.reading import Corners
from scanner.template import FORMS, Form, template_of

__all__ = ["Look", "Pose", "look_everywhere", "look_near", "poses_of_three", "poses_of_two"]

Field = NDArray[np.float32]
Points = NDArray[np.float64]

_MODULES: Final = (1.5, 2.0, 2.7, 3.6)  # pixels a module for which marks are sought
_LONG: Final = 1000  # pixels of the longer side of a whole picture while looking
_NEAR: Final = 170  # pixels that the longer side of a box becomes
_REACH: Final = 1.1  # sides of a box that are looked at from its middle, each way: boxes are rough
_WINDOW: Final = 17  # pixels in which the darkest and the lightest are black and white
_FLOOR: Final = 14.0  # grey levels of contrast below which a difference is noise
_MARK: Final = 0.15  # agreement with a mark, to be one
_MARKS_NEAR, _MARKS_EVERYWHERE = 24, 40
_SQUARE: Final = 0.78  # sine of the angle at the corner, for 51 to 129 degrees
_UNEVEN: Final = 1.8  # one side by the other
_SIZES: Final = 1.9  # one mark by the other
_TRIPLES: Final = 200
_PAIRED: Final = 10  # strongest marks that are taken in pairs
_KEPT: Final = 3  # of a form and of all, that are looked at closely
_SPARSE: Final = 7  # of so many known modules one is looked at first
_LEAN: Final = tuple((x, y) for y in (-0.16, -0.08, 0, 0.08, 0.16) for x in (-0.16, -0.08, 0, 0.08, 0.16))
_FOURTH: Final = tuple(
    (x, y) for y in (-5.0, -2.5, 0.0, 2.5, 5.0) for x in (-5.0, -2.5, 0.0, 2.5, 5.0)
)  # modules
_LEAST: Final = 0.11  # agreement with the known modules: chance is below
_SURE: Final = 0.2  # and never this much
_SAME: Final = 6.0  # pixels


@dataclass(frozen=True, slots=True)
class Look:
    """A picture or a part of it, and what in it may be the mark of a code's corner.

    Attributes:
        tone: 1 where dark and -1 where light in its neighbourhood.
        marks: K x 4; agreement, x, y and pixels a module, the best first.
        zoom: pixels of `tone` for one of the picture.
        origin: x and y in the picture of the look's corner.
    """

    tone: Field
    marks: Points
    zoom: float
    origin: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Pose:
    """One way in which a label's code may lie.

    Attributes:
        corners: in the picture's pixels, the code's own top left first, a few modules off at most.
        agreement: with the modules that every label has.
    """

    corners: Corners
    agreement: float

    @property
    def is_sure(self) -> bool:
        """Whether chance agrees never so well."""
        return self.agreement > _SURE


def look_near(grey: Picture, box: Corners) -> Look:
    """Look at the surroundings of a box in which a code was seen."""
    points = np.array(box)
    low, high = points.min(axis=0), points.max(axis=0)
    side, middle = max(float((high - low).max()), 24.0), (low + high) / 2
    first = np.clip(np.floor(middle - _REACH * side), 0, (grey.shape[1] - 1, grey.shape[0] - 1)).astype(int)
    last = np.maximum(np.ceil(middle + _REACH * side).astype(int), first + 1)
    return _look(grey[first[1] : last[1], first[0] : last[0]], _NEAR / side, first, _MARKS_NEAR)


def look_everywhere(grey: Picture) -> Look:
    """Look at the whole picture."""
    return _look(grey, min(1.0, _LONG / max(grey.shape)), np.zeros(2, np.intp), _MARKS_EVERYWHERE)


def _look(part: Picture, zoom: float, first: NDArray[np.intp], count: int) -> Look:
    size = tuple(max(8, round(length * zoom)) for length in part.shape[::-1])
    small = cv2.resize(part, size, interpolation=cv2.INTER_AREA if zoom < 1 else cv2.INTER_CUBIC)
    soft = cv2.GaussianBlur(small, (0, 0), 0.7)
    window, spread = np.ones((_WINDOW, _WINDOW), np.uint8), (11, 11)
    low, high = (cv2.blur(change(soft, window), spread) for change in (cv2.erode, cv2.dilate))
    middle, half = cv2.addWeighted(low, 0.5, high, 0.5, 0, dtype=cv2.CV_32F), cv2.subtract(high, low)
    black = cv2.max(half.astype(np.float32), _FLOOR) * 0.5
    tone: Field = np.clip(cv2.divide(middle - soft, black), -1.5, 1.5)
    marks = _marks(tone, count)
    return Look(cv2.GaussianBlur(tone, (0, 0), 1.0), marks, zoom, (float(first[0]), float(first[1])))


def _marks(tone: Field, count: int) -> Points:
    """Return what is most like a mark, in any size and turned in any way."""
    height, width = (cv2.getOptimalDFTSize(-(-(length + 36) // 64) * 64) for length in tone.shape)
    wide = np.zeros((height, width), np.float32)
    wide[: tone.shape[0], : tone.shape[1]] = tone
    waves = cv2.dft(wide)
    back = cv2.DFT_INVERSE | cv2.DFT_SCALE
    layers = [
        cv2.dft(cv2.mulSpectrums(waves, mark, 0, conjB=True), flags=back)[: tone.shape[0], : tone.shape[1]]
        for mark in _mark_waves(height, width)
    ]
    best = layers[0]
    for layer in layers[1:]:
        best = cv2.max(best, layer)
    peaks = cv2.compare(best, cv2.max(cv2.dilate(best, np.ones((9, 9), np.uint8)), _MARK), cv2.CMP_GE)
    found = cv2.findNonZero(peaks)
    columns, rows = np.zeros((2, 0), np.intp) if found is None else found.reshape(-1, 2).T
    order = np.argsort(-best[rows, columns])[:count]
    rows, columns = rows[order], columns[order]
    sizes = np.array(_MODULES)[np.argmax([layer[rows, columns] for layer in layers], axis=0)]
    return np.stack((best[rows, columns], columns, rows, sizes), axis=1).astype(np.float64)


@cache
def _mark_waves(height: int, width: int) -> tuple[Field, ...]:
    """Return the spectra of a mark in each size, its middle at the origin."""
    spectra = []
    for module in _MODULES:
        mark = _mark(module)
        wide = np.zeros((height, width), np.float32)
        wide[: len(mark), : len(mark)] = mark
        spectra.append(cv2.dft(np.roll(wide, (-(len(mark) // 2),) * 2, (0, 1))))
    return tuple(spectra)


def _mark(module: float) -> Field:
    """Return a finder pattern and the light around it, averaged over the ways in which it may be turned."""
    reach = int(np.ceil(5 * module))
    rows, columns = np.mgrid[-reach : reach + 1, -reach : reach + 1] / module
    mean = np.zeros(rows.shape)
    for angle in np.radians(np.arange(0, 90, 7.5)):
        along, across = (
            columns * np.cos(angle) + rows * np.sin(angle),
            rows * np.cos(angle) - columns * np.sin(angle),
        )
        ring = np.maximum(np.abs(along), np.abs(across))
        mean += np.select([ring < 1.5, ring < 2.5, ring < 3.5, ring < 4.5], [1.0, -1.0, 1.0, -1.0], 0.0)
    inside = np.abs(mean) > 0.2
    mean[inside] -= mean[inside].mean()
    return np.asarray(mean / np.abs(mean).sum(), np.float32)


def poses_of_three(look: Look) -> list[Pose]:
    """Return how codes may lie of which all marks are seen, the likeliest first."""
    marks = look.marks
    places, sizes = marks[:, 1:3], marks[:, 3]
    ways = places[None] - places[:, None]
    lengths = np.hypot(ways[..., 0], ways[..., 1]) / np.sqrt(sizes[:, None] * sizes[None])
    spans = [form.modules - 7 for form in FORMS]
    near = (lengths > 0.62 * min(spans)) & (lengths < 1.6 * max(spans))
    corner, right, below = np.nonzero(near[:, :, None] & near[:, None, :])
    one, other = ways[corner, right], ways[corner, below]
    long, tall = (np.hypot(way[:, 0], way[:, 1]) for way in (one, other))
    sine = (one[:, 0] * other[:, 1] - one[:, 1] * other[:, 0]) / np.maximum(long * tall, 1e-6)
    three = np.stack((sizes[corner], sizes[right], sizes[below]))
    good = (sine > _SQUARE) & (long < _UNEVEN * tall) & (tall < _UNEVEN * long)
    good &= three.max(axis=0) < _SIZES * three.min(axis=0)
    which = np.stack((corner, right, below), axis=1)[good]
    order = np.argsort(-marks[which, 0].sum(axis=1))[:_TRIPLES]
    return _poses(look, [places[which[order]]] * len(FORMS))


def poses_of_two(look: Look) -> list[Pose]:
    """Return how codes may lie of which one mark is covered, the likeliest first."""
    marks = look.marks[:_PAIRED]
    first, second = np.nonzero(~np.eye(len(marks), dtype=np.bool_))
    sizes = marks[first, 3], marks[second, 3]
    even = np.maximum(*sizes) < 1.5 * np.minimum(*sizes)
    start, end = marks[first[even], 1:3], marks[second[even], 1:3]
    way = end - start
    length = np.hypot(way[:, 0], way[:, 1]) / np.sqrt(sizes[0] * sizes[1])[even]
    frames = []
    for form in FORMS:
        span = length / (form.modules - 7)
        side, across = (span > 0.72) & (span < 1.35), (span > 0.72 * 2**0.5) & (span < 1.35 * 2**0.5)
        frames.append(
            np.concatenate((*_of_side(start[side], end[side]), _of_diagonal(start[across], end[across])))
        )
    return _poses(look, frames)


def _of_side(start: Points, end: Points) -> Iterator[Points]:
    """Yield places of the marks of which two are on one side: the other goes off at a right angle, more or less."""
    away = _aside(end - start)
    start, end = (np.repeat(one, len(_LEAN), axis=0) for one in (start, end))
    yield np.stack((start, end, start + away), axis=1)
    yield np.stack((end, end + away, start), axis=1)


def _of_diagonal(start: Points, end: Points) -> Points:
    """Return places of the marks of which the one in the corner is not seen: it lies beside the middle."""
    aside = _aside((end - start) / 2)
    start, end = (np.repeat(one, len(_LEAN), axis=0) for one in (start, end))
    return np.stack(((start + end) / 2 + aside, start, end), axis=1)


def _aside(ways: Points) -> Points:
    """Return what is at a right angle to each of K ways, leant in each of `_LEAN`: K times as many."""
    right = np.stack((-ways[:, 1], ways[:, 0]), axis=1)
    leant = right[:, None] + np.array(_LEAN) @ np.stack((ways, right), axis=1)
    return np.asarray(leant.reshape(-1, 2))


def _poses(look: Look, frames: list[Points]) -> list[Pose]:
    """Return the poses that agree with what labels share.

    Args:
        look: where.
        frames: for each form K x 3 x 2 places of the marks top left, top right and below.
    """
    rated: list[tuple[float, int, Points]] = []
    for index, form in enumerate(FORMS):
        known, three = template_of(form).known, frames[index]
        for sparse, kept in ((_SPARSE, 24), (1, _KEPT)):
            scores = _agreements(look.tone, known, three, sparse)
            order = np.argsort(-scores)[:kept]
            three, scores = three[order], scores[order]
        rated += [(float(score), index, one) for score, one in zip(scores, three, strict=True)]
    rated.sort(key=lambda one: -one[0])
    poses: list[Pose] = []
    for pose in sorted(
        (_lean(look, FORMS[index], three) for _, index, three in rated[:_KEPT]), key=_worst_first
    ):
        if pose.agreement > _LEAST and not any(_is_same(pose, other) for other in poses):
            poses.append(pose)
    return poses


def _worst_first(pose: Pose) -> float:
    return -pose.agreement


def _is_same(one: Pose, other: Pose) -> bool:
    return bool(np.abs(np.array(one.corners) - np.array(other.corners)).max() < _SAME)


def _signs(known: Pattern, sparse: int) -> tuple[Points, Field]:
    """Return places in modules and colours of the known modules, or of some of them."""
    rows, columns = np.nonzero(known)
    rows, columns = rows[::sparse], columns[::sparse]
    return np.stack((columns + 0.5, rows + 0.5), axis=-1), known[rows, columns].astype(np.float32)


def _agreements(tone: Field, known: Pattern, frames: Points, sparse: int) -> NDArray[np.float64]:
    """Return the mean of tone times pattern, for each of K x 3 x 2 places of marks, without perspective."""
    if not len(frames):
        return np.zeros(0)
    points, signs = _signs(known, sparse)
    right = (frames[:, 1] - frames[:, 0]) / (len(known) - 7)
    below = (frames[:, 2] - frames[:, 0]) / (len(known) - 7)
    start = frames[:, 0] - 3.5 * (right + below)
    places = start[:, None] + points[None, :, :1] * right[:, None] + points[None, :, 1:] * below[:, None]
    return np.asarray((sample(tone, places.astype(np.float32)) * signs).mean(axis=1), np.float64)


def _lean(look: Look, form: Form, three: Points) -> Pose:
    """Return the pose for the fourth corner, where there is no mark, under the perspective that agrees best."""
    known, side = template_of(form).known, form.modules
    points, signs = _signs(known, 1)
    marks = np.array(((3.5, 3.5), (side - 3.5, 3.5), (side - 3.5, side - 3.5), (3.5, side - 3.5)), np.float32)
    module = float(np.hypot(*(three[1] - three[0]))) / (side - 7)
    square = np.array((three[0], three[1], three[1] + three[2] - three[0], three[2]))
    squares = np.repeat(square[None], len(_FOURTH), axis=0)
    squares[:, 2] += np.array(_FOURTH) * module
    ways = np.stack([cv2.getPerspectiveTransform(marks, one.astype(np.float32)) for one in squares])
    scores = (sample(look.tone, project(ways, points).astype(np.float32)) * signs).mean(axis=1)
    best = int(np.argmax(scores))
    outline = np.array(((0, 0), (side, 0), (side, side), (0, side)), np.float64)
    corners = (project(ways[best], outline) + 0.5) / look.zoom + look.origin - 0.5
    return Pose(tuple((float(x), float(y)) for x, y in corners), float(scores[best]))
