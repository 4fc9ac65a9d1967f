"""The cascade: look again, each time in another way, until what is wanted has been read or time is up.

The table `STAGES` is the whole plan. A stage gives views of the picture and names the engines that read them;
further stages are further rows.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, Final

import numpy as np

from scanner.belief import is_believed
from scanner.engines import (
    OPENCV,
    Finding,
    Picture,
    Reader,
    engine,
    pyzbar_read,
    zxing_read,
    zxing_read_global,
    zxing_read_linear,
)
from scanner.pictures import (
    FILTERS,
    carry,
    equalise,
    lighten,
    rectify,
    sharpen,
    shrink,
    smooth,
    threshold_twice,
)
from scanner.reading import QR_CODE, Corners, Reading
from scanner.strips import level_strips

__all__ = ["STAGES", "Stage", "read_image"]

Wanted = Callable[[Sequence[Reading]], bool]


@dataclass(frozen=True, slots=True)
class View:
    """A picture to read, the way back to the pixels handed in, and what makes it pointless."""

    picture: Picture
    back: Any = None  # 3 x 3 homography, None where the pixels are the same
    target: Corners = ()  # the symbol looked at; further views of it are skipped once it is read


@dataclass(slots=True)
class Scene:
    """One picture on its way through the stages."""

    grey: Picture
    readings: list[Reading] = field(default_factory=list)
    unread: list[Corners] = field(default_factory=list)  # QR codes seen but not read
    votes: Counter[tuple[str, str, str]] = field(default_factory=Counter)  # stage, format, text
    _small: View | None = None

    def small(self) -> View:
        """Return the picture in a size that the costly filters take."""
        if self._small is None:
            self._small = View(*shrink(self.grey))
        return self._small

    def is_read(self, corners: Corners) -> bool:
        """Tell whether some reading lies over *corners*."""
        return any(_overlap(reading.corners, corners) for reading in self.readings)

    def pending(self) -> list[Corners]:
        """Return the symbols seen and not read so far."""
        return [corners for corners in self.unread if not self.is_read(corners)]


@dataclass(frozen=True, slots=True)
class Stage:
    """One row of the plan.

    Attributes:
        name: as readings report it.
        views: pictures to read, made when asked for.
        readers: the engines to read each with, in order.
        engine: the library that makes the views; the stage is left out where it cannot be loaded.
        votes: views that must agree before a text counts, for stages whose views are themselves doubtful.
    """

    name: str
    views: Callable[[Scene], Iterator[View]]
    readers: tuple[Reader, ...]
    engine: str = ""
    votes: int = 1


def _whole(scene: Scene) -> Iterator[View]:
    yield View(scene.grey)


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
    small = scene.small()
    for strip, back in level_strips(small.picture):
        middle = strip.shape[0] // 2
        below = back @ np.array(((1.0, 0.0, 0.0), (0.0, 1.0, middle), (0.0, 0.0, 1.0)))
        yield View(strip, small.back @ back)
        yield View(sharpen(strip), small.back @ back)
        yield View(smooth(strip), small.back @ back)
        yield View(strip[:middle], small.back @ back)
        yield View(strip[middle:], small.back @ below)


def _sharpened(scene: Scene) -> Iterator[View]:
    small = scene.small()
    yield View(sharpen(small.picture), small.back)


STAGES: Final = (
    Stage("zxing", _whole, (zxing_read,)),
    Stage("quads", _quads, (zxing_read, zxing_read_global, pyzbar_read), OPENCV),
    Stage("gamma", _lightened, (zxing_read,), OPENCV),
    Stage("clahe", _equalised, (zxing_read,), OPENCV),
    Stage("adaptive-x2", _thresholded, (zxing_read,), OPENCV),
    Stage("quads-again", _quads, (zxing_read, zxing_read_global, pyzbar_read), OPENCV),
    Stage("strips", _strips, (zxing_read_linear,), OPENCV, votes=2),
    Stage("pyzbar", _sharpened, (pyzbar_read,), OPENCV),
    Stage("pyzbar-raw", _whole, (pyzbar_read,)),
)
_QUADS_MAX: Final = 6


def read_image(
    picture: Picture,
    *,
    wanted: Wanted | None = None,
    budget_ms: float = 300.0,
    stages: Sequence[Stage] = STAGES,
    clock: Callable[[], float] = perf_counter,
) -> list[Reading]:
    """Read the QR and Code 128 symbols of a picture.

    Args:
        picture: uint8, height x width (grey) or height x width x 3 (BGR).
        wanted: says whether the readings so far are enough; by default one is, if no QR code was seen that
            stayed unread.
        budget_ms: no view is begun after this; the last one begun is finished.
        stages: the plan.
        clock: seconds, for tests.

    Returns:
        Good readings only, in the order found; empty where nothing was read. Never raises for what is in the
        picture.
    """
    start = clock()
    scene = Scene(grey=_grey(picture))
    for stage in stages:
        if stage.engine and engine(stage.engine) is None:
            continue
        for view in stage.views(scene):
            for reader in stage.readers:
                if view.target and scene.is_read(view.target):
                    break
                elapsed_ms = (clock() - start) * 1000
                if elapsed_ms > budget_ms:
                    return scene.readings
                found = reader(view.picture)
                _note(scene, view, found, stage, (clock() - start) * 1000)
            if wanted(scene.readings) if wanted else _is_settled(scene):
                return scene.readings
    return scene.readings


def _is_settled(scene: Scene) -> bool:
    return bool(scene.readings) and not scene.pending()


def _grey(picture: Picture) -> Picture:
    """Return luma by ITU-R BT.601 without needing OpenCV."""
    if picture.ndim == 2:
        return np.ascontiguousarray(picture)
    weights = np.array((7471, 38470, 19595), np.uint32)  # blue, green, red, of 65536
    return ((picture[..., :3] @ weights) >> 16).astype(np.uint8)


def _note(scene: Scene, view: View, found: list[Finding], stage: Stage, ms: float) -> None:
    """Add what a view showed to the scene, each symbol once."""
    for finding in found:
        corners = _back(finding.corners, view)
        if finding.error is not None:
            if finding.format == QR_CODE and not view.target and not _known(scene.unread, corners):
                scene.unread.append(corners)
            continue
        if not is_believed(finding):
            continue
        vote = (stage.name, finding.format, finding.text)
        scene.votes[vote] += 1
        if scene.votes[vote] < stage.votes:
            continue
        reading = Reading(text=finding.text, format=finding.format, corners=corners, stage=stage.name, ms=ms)
        if not any(_repeats(reading, other) for other in scene.readings):
            scene.readings.append(reading)


def _back(corners: Corners, view: View) -> Corners:
    if view.back is None:
        return corners
    return carry(corners, view.back)


def _known(quads: list[Corners], corners: Corners) -> bool:
    return any(_overlap(quad, corners) for quad in quads)


def _repeats(reading: Reading, other: Reading) -> bool:
    if reading.format != other.format:
        return False
    return reading.text == other.text or _overlap(reading.corners, other.corners)


def _overlap(one: Corners, other: Corners) -> bool:
    """Tell whether the middle of either lies in the upright box of the other."""
    return _inside(_middle(one), other) or _inside(_middle(other), one)


def _middle(corners: Corners) -> tuple[float, float]:
    return sum(x for x, _ in corners) / len(corners), sum(y for _, y in corners) / len(corners)


def _inside(point: tuple[float, float], corners: Corners) -> bool:
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    return min(xs) <= point[0] <= max(xs) and min(ys) <= point[1] <= max(ys)
