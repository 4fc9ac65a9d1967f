"""Frames of a camera: each is looked at in another way, and what could be a misreading must be seen again.

A courier holds the label for a second or two. What one look at one frame misses, another look at the next one reads.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Final

from scanner.cascade import Wanted, read_image
from scanner.engines import Picture
from scanner.evidence import Evidence
from scanner.reading import CODE_128, Reading
from scanner.stages import STAGES, Stage
from scanner.text import classify

__all__ = ["Stream"]

_AGREE: Final = 2  # frames in which a text must be seen that carries no error correction
_WINDOW: Final = 12  # frames that are remembered


class Stream:
    """The frames of one camera, in their order.

    Steady stages see every frame; of the others each frame begins with another and goes on while time is left. What a
    frame shows of a label's QR code is kept, and added to what the next ones show of it.
    A QR code counts at once, for its parity says that it is right. Bars have one check character for any damage:
    they count once two frames show the same text, or a label's QR code in the same frame names the number.
    """

    def __init__(
        self,
        *,
        wanted: Wanted | None = None,
        budget_ms: float = 120.0,
        stages: Sequence[Stage] = STAGES,
        clock: Callable[[], float] = perf_counter,
    ) -> None:
        """Begin.

        Args:
            wanted: as of `read_image`, for each frame.
            budget_ms: for each frame.
            stages: the plan.
            clock: seconds, for tests.
        """
        self._wanted = wanted
        self._budget_ms = budget_ms
        self._stages = tuple(stages)
        self._clock = clock
        self._frames = 0
        self._evidence = Evidence()
        self._seen: deque[frozenset[tuple[str, str]]] = deque(maxlen=_WINDOW)

    def read(self, picture: Picture, *, suggest: bool = False) -> list[Reading]:
        """Return what the next frame shows and is believed by now.

        Args:
            picture: as for `read_image`.
            suggest: give suggestions too, once two frames agree on them; still to be confirmed.
        """
        self._evidence.next_frame()
        self._evidence.numbers = {
            text for frame in self._seen for format_, text in frame if format_ == CODE_128
        }
        found = read_image(
            picture,
            wanted=self._wanted,
            budget_ms=self._budget_ms,
            suggest=suggest,
            stages=self._plan(),
            clock=self._clock,
            evidence=self._evidence,
        )
        self._seen.append(frozenset((reading.format, reading.text) for reading in found))
        labelled = {classify(reading.text).number for reading in found if reading.format != CODE_128}
        return [reading for reading in found if reading.text in labelled or self._is_believed(reading)]

    def _plan(self) -> tuple[Stage, ...]:
        steady = [stage for stage in self._stages if stage.steady]
        rest = [stage for stage in self._stages if not stage.steady]
        turn = self._frames % max(1, len(rest))
        self._frames += 1
        return (*steady, *rest[turn:], *rest[:turn])

    def _is_believed(self, reading: Reading) -> bool:
        if reading.format != CODE_128:
            return True
        key = (reading.format, reading.text)
        return sum(key in frame for frame in self._seen) >= _AGREE
