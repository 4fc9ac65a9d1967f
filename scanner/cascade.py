"""The cascade: look again, each time in another way, until what is wanted has been read or time is up.

The table `scanner.stages.STAGES` is the whole plan. A stage gives views of the picture and names the engines that
read them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from time import perf_counter
from typing import Final

import numpy as np

from scanner.belief import is_believed
from scanner.engines import Finding, Picture, engine
from scanner.evidence import Evidence
from scanner.pictures import carry, cv2
from scanner.reading import QR_CODE, Corners, Reading
from scanner.stages import STAGES, Scene, Stage, View, area_of, is_over

__all__ = ["Wanted", "read_image"]

_PACE_MAX: Final = 3.0
_SPARE: Final = 0.05  # of the budget, for a look that takes longer than any before it

Wanted = Callable[[Sequence[Reading]], bool]


def read_image(
    picture: Picture,
    *,
    wanted: Wanted | None = None,
    budget_ms: float = 300.0,
    suggest: bool = False,
    stages: Sequence[Stage] = STAGES,
    clock: Callable[[], float] = perf_counter,
    evidence: Evidence | None = None,
) -> list[Reading]:
    """Read the QR and Code 128 symbols of a picture.

    Args:
        picture: uint8, height x width (grey) or height x width x 3 (BGR).
        wanted: says whether the readings so far are enough; by default one is, if no QR code was seen that
            stayed unread.
        budget_ms: no look is begun that would end after this, by what is known of it, of those before it in its
            stage, and of how slow this machine is now.
        suggest: add the likeliest numbers of bars that stayed unread, marked `suggested`. A caller that asks for
            them must have them confirmed.
        stages: the plan.
        clock: seconds, for tests.
        evidence: what earlier frames of one camera showed of labels; what this one shows is noted. By default bars
            are then enough only if an earlier frame showed them too.

    Returns:
        Good readings only, in the order found, then suggestions; empty where nothing was read. Never raises for
        what is in the picture.
    """
    search = _Search(picture, wanted or _any, budget_ms, clock)
    search.scene.evidence = evidence
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

    def __init__(
        self, picture: Picture, wanted: Wanted, budget_ms: float, clock: Callable[[], float]
    ) -> None:
        self._clock = clock
        self._start = clock()
        self.scene = Scene(grey=_grey(picture))
        self._wanted = wanted
        self._budget_ms = budget_ms
        self._whole_ms = 0.0  # what the first look took
        self._pace = 1.0  # how much longer than measured first looks have taken here

    def _elapsed_ms(self) -> float:
        return (self._clock() - self._start) * 1000

    def is_over(self, stage: Stage) -> bool:
        """Run one stage, as far as there is time; tell whether what is wanted was read or time is up."""
        before_ms = self._elapsed_ms()
        expected_ms = stage.ms + stage.cost * self._whole_ms
        if not self._fits(expected_ms):
            return before_ms > self._budget_ms
        slowest_ms = 0.0
        views = stage.views(self.scene)
        while self._fits(stage.ms, slowest_ms) and (view := next(views, None)) is not None:
            for reader in view.readers or stage.readers:
                if view.target and self.scene.is_read(view.target):
                    break
                if not self._fits(view.ms, slowest_ms - (self._elapsed_ms() - before_ms)):
                    return False
                found = reader(view.picture)
                ended_ms = self._elapsed_ms()
                took_ms, before_ms = ended_ms - before_ms, ended_ms
                if not slowest_ms and expected_ms:
                    self._pace = max(self._pace, min(took_ms / max(expected_ms, view.ms), _PACE_MAX))
                slowest_ms = max(slowest_ms, took_ms)
                _note(self.scene, view, found, stage, ended_ms)
            if self._is_enough():
                return True
        self._whole_ms = self._whole_ms or slowest_ms
        return False

    def _fits(self, expected_ms: float, slowest_ms: float = 0.0) -> bool:
        left_ms = self._budget_ms * (1 - _SPARE) - self._elapsed_ms()
        return expected_ms * self._pace <= left_ms and slowest_ms <= left_ms

    def _is_enough(self) -> bool:
        readings = self.scene.readings
        if self._wanted is _any:
            evidence = self.scene.evidence
            if evidence is not None:
                readings = [one for one in readings if one.format == QR_CODE or one.text in evidence.numbers]
            return bool(readings) and not self.scene.pending()
        return self._wanted(readings)


def _grey(picture: Picture) -> Picture:
    """Return luma by ITU-R BT.601, without OpenCV too."""
    if picture.ndim == 2:
        return np.ascontiguousarray(picture)
    if cv2 is not None:
        return np.asarray(cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_BGR2GRAY), np.uint8)
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
