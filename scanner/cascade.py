"""The cascade: look again, each time in another way, until what is wanted has been read or time is up.

The table `scanner.stages.STAGES` is the whole plan. A stage gives views of the picture and names the engines that
read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from time import perf_counter

import numpy as np

from scanner.belief import is_believed
from scanner.engines import Finding, Picture, engine
from scanner.pictures import carry
from scanner.reading import QR_CODE, Corners, Reading
from scanner.stages import STAGES, Scene, Stage, View, area_of, is_over

__all__ = ["Wanted", "read_image"]

Wanted = Callable[[Sequence[Reading]], bool]


def read_image(
    picture: Picture,
    *,
    wanted: Wanted | None = None,
    budget_ms: float = 300.0,
    suggest: bool = False,
    stages: Sequence[Stage] = STAGES,
    clock: Callable[[], float] = perf_counter,
) -> list[Reading]:
    """Read the QR and Code 128 symbols of a picture.

    Args:
        picture: uint8, height x width (grey) or height x width x 3 (BGR).
        wanted: says whether the readings so far are enough; by default one is, if no QR code was seen that
            stayed unread.
        budget_ms: no view is begun after this, nor a stage that would end after it by what the first one took.
        suggest: add the likeliest numbers of bars that stayed unread, marked `suggested`. A caller that asks for
            them must have them confirmed.
        stages: the plan.
        clock: seconds, for tests.

    Returns:
        Good readings only, in the order found, then suggestions; empty where nothing was read. Never raises for
        what is in the picture.
    """
    search = _Search(Scene(grey=_grey(picture)), wanted or _any, budget_ms, clock)
    for stage in stages:
        if stage.engine and engine(stage.engine) is None:
            continue
        if stage.suggests and (not suggest or search.scene.readings):
            continue
        if search.is_over(stage):
            break
    scene = search.scene
    numbers = {reading.text for reading in scene.readings}
    return scene.readings + [guess for guess in scene.suggestions if guess.text not in numbers]


def _any(readings: Sequence[Reading]) -> bool:
    return bool(readings)


class _Search:
    """One run through the stages."""

    def __init__(self, scene: Scene, wanted: Wanted, budget_ms: float, clock: Callable[[], float]) -> None:
        self.scene = scene
        self._wanted = wanted
        self._budget_ms = budget_ms
        self._clock = clock
        self._start = clock()
        self._whole_ms = 0.0  # what the first look took

    def _elapsed_ms(self) -> float:
        return (self._clock() - self._start) * 1000

    def is_over(self, stage: Stage) -> bool:
        """Run one stage, as far as there is time; tell whether what is wanted was read or time is up."""
        before_ms = self._elapsed_ms()
        if before_ms + stage.ms + stage.cost * self._whole_ms > self._budget_ms:
            return before_ms > self._budget_ms
        slowest_ms = 0.0
        for view in stage.views(self.scene):
            for reader in view.readers or stage.readers:
                if view.target and self.scene.is_read(view.target):
                    break
                if self._elapsed_ms() + slowest_ms > self._budget_ms:
                    return False
                found = reader(view.picture)
                ended_ms = self._elapsed_ms()
                slowest_ms = max(slowest_ms, ended_ms - before_ms)
                before_ms = ended_ms
                _note(self.scene, view, found, stage, ended_ms)
            if self._is_enough():
                return True
        self._whole_ms = self._whole_ms or slowest_ms
        return False

    def _is_enough(self) -> bool:
        readings = self.scene.readings
        if self._wanted is _any:
            return bool(readings) and not self.scene.pending()
        return self._wanted(readings)


def _grey(picture: Picture) -> Picture:
    """Return luma by ITU-R BT.601 without needing OpenCV."""
    if picture.ndim == 2:
        return np.ascontiguousarray(picture)
    weights = np.array((7471, 38470, 19595), np.uint32)  # blue, green, red, of 65536
    return ((picture[..., :3] @ weights) >> 16).astype(np.uint8)


def _note(scene: Scene, view: View, found: list[Finding], stage: Stage, ms: float) -> None:
    """Add what a view showed to the scene, each symbol once."""
    for finding in found:
        corners = carry(finding.corners, view.back) if view.back is not None else finding.corners
        if finding.error is not None:
            if (
                finding.format == QR_CODE
                and view.target not in scene.unread
                and not _known(scene.unread, corners)
            ):
                scene.unread[corners] = finding.version
            continue
        if not is_believed(finding):
            continue
        vote = (stage.name, finding.format, finding.text)
        scene.votes[vote] += 1
        if scene.votes[vote] < stage.votes:
            continue
        reading = Reading(text=finding.text, format=finding.format, corners=corners, stage=stage.name, ms=ms)
        _keep(scene, replace(reading, suggested=finding.suggested or stage.suggests))


def _keep(scene: Scene, reading: Reading) -> None:
    kept = scene.suggestions if reading.suggested else scene.readings
    if not any(_repeats(reading, other) for other in kept):
        kept.append(reading)


def _known(quads: Iterable[Corners], corners: Corners) -> bool:
    return any(is_over(quad, corners) and 0.5 < area_of(quad) / area_of(corners) < 2 for quad in quads)


def _repeats(reading: Reading, other: Reading) -> bool:
    if reading.format != other.format:
        return False
    return reading.text == other.text or is_over(reading.corners, other.corners)
