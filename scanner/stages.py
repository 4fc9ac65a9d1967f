"""The plan of the cascade: what is looked at, in which order. A further stage is a further row of `STAGES`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import count, islice, pairwise
from math import hypot
from typing import Any, Final

import numpy as np

from scanner.crumpled import read_crumpled
from scanner.engines import (
    OPENCV,
    Picture,
    Reader,
    pyzbar_read,
    zxing_read,
    zxing_read_global,
    zxing_read_linear,
)
from scanner.erasure import read_label
from scanner.evidence import Evidence
from scanner.locator import closeup, locate
from scanner.pictures import (
    FILTERS,
    Transform,
    double,
    equalise,
    lighten,
    rectify,
    sharpen,
    shrink,
    smooth,
    threshold_twice,
)
from scanner.pose import Look, Pose, look_everywhere, look_near, poses_of_three, poses_of_two
from scanner.reading import Corners, Reading
from scanner.s10code import suggest_number
from scanner.strips import level_strips

__all__ = ["STAGES", "Scene", "Stage", "View", "area_of", "is_over"]


@dataclass(frozen=True, slots=True)
class View:
    """A picture to read.

    Attributes:
        picture: what the engines get.
        back: 3 x 3 homography to the pixels handed in; None where they are the same.
        target: the symbol looked at; further views of it are skipped once it is read.
        readers: engines for this view alone, instead of the stage's.
        ms: what a look at it may take, where that depends on what is looked at; measured.
    """

    picture: Picture
    back: Any = None
    target: Corners = ()
    readers: tuple[Reader, ...] = ()
    ms: float = 0.0


@dataclass(slots=True)
class Scene:
    """One picture on its way through the stages."""

    grey: Picture
    evidence: Evidence | None = None  # of earlier frames
    readings: list[Reading] = field(default_factory=list)
    suggestions: list[Reading] = field(default_factory=list)
    unread: dict[Corners, int] = field(default_factory=dict)  # QR codes seen but not read, and their version
    votes: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # stage, format, text
    boxes: list[Corners] = field(default_factory=list)  # in which the locator sees a QR code
    looks: list[Look] = field(default_factory=list)  # where a label's code was sought by its marks
    is_laid: bool = False  # by now it is known for sure how a label's code lies
    _small: View | None = None
    _strips: list[tuple[Picture, Transform]] = field(default_factory=list)
    _more_strips: Iterator[tuple[Picture, Transform]] | None = None

    def small(self) -> View:
        """Return the picture in a size that the costly filters take."""
        if self._small is None:
            self._small = View(*shrink(self.grey))
        return self._small

    def strips(self) -> Iterator[tuple[Picture, Transform]]:
        """Yield likely bar codes laid level, with their ways back; each is sought and laid once, when asked for."""
        small = self.small()
        if self._more_strips is None:
            self._more_strips = level_strips(small.picture)
        for place in count():
            if place == len(self._strips):
                strip = next(self._more_strips, None)
                if strip is None:
                    return
                self._strips.append((strip[0], small.back @ strip[1]))
            yield self._strips[place]

    def is_read(self, corners: Corners) -> bool:
        """Tell whether some reading lies over *corners*."""
        return any(is_over(reading.corners, corners) for reading in self.readings)

    def pending(self) -> list[Corners]:
        """Return the symbols seen and not read so far, the most square first: some are patterns that do not belong."""
        unread = [corners for corners in self.unread if not self.is_read(corners)]
        return sorted(unread, key=_skew)


def is_over(one: Corners, other: Corners) -> bool:
    """Tell whether the middle of either lies in the upright box of the other."""
    return _inside(_middle(one), other) or _inside(_middle(other), one)


def area_of(corners: Corners) -> float:
    """Return the area of a quadrilateral, at least one pixel."""
    (x1, y1), (x2, y2), (x3, y3), (x4, y4) = corners
    return max(1.0, abs((x3 - x1) * (y4 - y2) - (x4 - x2) * (y3 - y1)) / 2)


def _skew(corners: Corners) -> float:
    """Return how far a quadrilateral is from a square: its longest side by its shortest."""
    sides = [hypot(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise((*corners, corners[0]))]
    return max(sides) / max(min(sides), 1.0)


def _middle(corners: Corners) -> tuple[float, float]:
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def _inside(point: tuple[float, float], corners: Corners) -> bool:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs) <= point[0] <= max(xs) and min(ys) <= point[1] <= max(ys)


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the plan.

    Attributes:
        name: as readings report it.
        views: pictures to read, made when asked for.
        readers: the engines to read each with, in order.
        engine: the library that makes the views; the stage is left out where it cannot be loaded.
        votes: views that must agree before a text counts, for stages whose views are themselves doubtful.
        cost: what its first look may take, filter included, in those of zxing-cpp at the whole picture; measured.
        ms: what any of its looks may take, where that does not depend on the picture's size. No look is begun that
            would end after the budget.
        suggests: its texts are suggestions; the stage is left out where none are asked for.
        steady: in a stream it has its place in every frame; the others take turns.
    """

    name: str
    views: Callable[[Scene], Iterator[View]]
    readers: tuple[Reader, ...]
    engine: str = ""
    votes: int = 1
    cost: float = 0.0
    ms: float = 0.0
    suggests: bool = False
    steady: bool = False


def _whole(scene: Scene) -> Iterator[View]:
    yield View(scene.grey)


def _located(scene: Scene) -> Iterator[View]:
    scene.boxes = locate(scene.grey)
    for box in scene.boxes:
        if not scene.is_read(box):
            near, back = closeup(scene.grey, box)
            yield View(near, back)  # what is seen there and not read goes to the next stages
            yield from (View(look(near), back, box) for look in FILTERS[1:])


def _fitted(scene: Scene) -> Iterator[View]:
    for corners in scene.pending()[:_QUADS_MAX]:
        yield _label_at(scene, corners)


def _label_at(scene: Scene, corners: Corners) -> View:
    return View(
        scene.grey,
        None,
        corners,
        (partial(read_label, corners=corners, evidence=scene.evidence),),
        ms=_LABEL_MS,
    )


def _marked(scene: Scene) -> Iterator[View]:
    for box in scene.boxes[:_BOXES_MAX]:
        if not scene.is_read(box) and not scene.is_laid:
            scene.looks.append(look_near(scene.grey, box))
            yield from _laid(scene, poses_of_three(scene.looks[-1]))


def _half_marked(scene: Scene) -> Iterator[View]:
    for look in scene.looks:
        if not scene.is_laid:
            yield from _laid(scene, poses_of_two(look))


def _marked_anywhere(scene: Scene) -> Iterator[View]:
    if not scene.is_laid:
        look = look_everywhere(scene.grey)
        yield from _laid(scene, poses_of_three(look))
        if not scene.is_laid:
            yield from _laid(scene, poses_of_two(look))


def _laid(scene: Scene, poses: list[Pose]) -> Iterator[View]:
    """Yield views of the likeliest poses; once one is sure, no other is sought."""
    for pose in poses[:_POSES_MAX]:
        if not scene.is_laid and not scene.is_read(pose.corners):
            scene.is_laid = pose.is_sure
            yield _label_at(scene, pose.corners)


def _crumpled(scene: Scene) -> Iterator[View]:
    least_ms, module_ms = _CRUMPLED_MS
    for corners in scene.pending()[:_QUADS_MAX]:
        version = scene.unread[corners]
        if version:
            reader = partial(read_crumpled, corners=corners, version=version)
            yield View(
                scene.grey, None, corners, (reader,), ms=least_ms + module_ms * (17 + 4 * version) ** 2
            )


def _doubled(scene: Scene) -> Iterator[View]:
    if max(scene.grey.shape) <= _SMALL_SIDE:
        yield View(*double(scene.grey))


def _quads(scene: Scene) -> Iterator[View]:
    for corners in scene.pending()[:_QUADS_MAX]:
        flat = rectify(scene.grey, corners)
        if flat is not None:
            yield from (View(look(flat[0]), flat[1], corners) for look in FILTERS)


def _lightened(scene: Scene) -> Iterator[View]:
    small = scene.small()
    yield View(lighten(small.picture), small.back)


def _equalised(scene: Scene) -> Iterator[View]:
    small = scene.small()
    yield View(equalise(small.picture), small.back)


def _thresholded(scene: Scene) -> Iterator[View]:
    small = scene.small()
    larger, back = threshold_twice(small.picture)
    yield View(larger, small.back @ back)


def _strips(scene: Scene) -> Iterator[View]:
    for strip, back in scene.strips():
        middle = strip.shape[0] // 2
        below = back @ np.array(((1.0, 0.0, 0.0), (0.0, 1.0, middle), (0.0, 0.0, 1.0)))
        yield View(strip, back)
        yield View(sharpen(strip), back)
        yield View(smooth(strip), back)
        yield View(strip[:middle], back)
        yield View(strip[middle:], below)


def _whole_strips(scene: Scene) -> Iterator[View]:
    yield from (View(strip, back) for strip, back in islice(scene.strips(), _STRIPS_MAX))


def _sharpened(scene: Scene) -> Iterator[View]:
    small = scene.small()
    yield View(sharpen(small.picture), small.back)


_QUADS_MAX: Final = 6
_STRIPS_MAX: Final = 3
_BOXES_MAX: Final = 3
_POSES_MAX: Final = 2
_LABEL_MS: Final = 30.0
_SMALL_SIDE: Final = 1300  # pixels of a picture in which modules may be too small to tell apart
_CRUMPLED_MS: Final = (12.0, 0.009)  # and each module more

STAGES: Final = (
    Stage("zxing", _whole, (zxing_read,), steady=True),
    Stage("located", _located, (zxing_read,), OPENCV, ms=22, steady=True),
    Stage("template", _fitted, (), OPENCV, ms=40, steady=True),
    Stage("crumpled", _crumpled, (), OPENCV, ms=20),
    Stage("marked", _marked, (), OPENCV, ms=30, steady=True),
    Stage("half-marked", _half_marked, (), OPENCV, ms=35, steady=True),
    Stage("marked-anywhere", _marked_anywhere, (), OPENCV, ms=65),
    Stage("strips", _strips, (zxing_read_linear,), OPENCV, votes=2, ms=25),
    Stage("doubled", _doubled, (zxing_read,), OPENCV, cost=4),
    Stage("quads", _quads, (zxing_read, zxing_read_global, pyzbar_read), OPENCV, ms=8),
    Stage("s10", _whole_strips, (suggest_number,), OPENCV, ms=60, suggests=True),
    Stage("gamma", _lightened, (zxing_read,), OPENCV, cost=1.5),
    Stage("clahe", _equalised, (zxing_read,), OPENCV, cost=2.4),
    Stage("adaptive-x2", _thresholded, (zxing_read,), OPENCV, cost=9),
    Stage("template-again", _fitted, (), OPENCV, ms=40),
    Stage("quads-again", _quads, (zxing_read, zxing_read_global, pyzbar_read), OPENCV, ms=8),
    Stage("pyzbar", _sharpened, (pyzbar_read,), OPENCV, cost=8.5),
    Stage("pyzbar-raw", _whole, (pyzbar_read,), cost=6.5),
)
