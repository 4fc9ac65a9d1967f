"""Where a station's texts come from: a camera, a video file, a reader on a serial line, or lines that are typed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Protocol, TextIO

import serial

from scanner.engines import OPENCV, Picture, engine
from scanner.reading import QR_CODE, Reading
from scanner.station.errors import SourceError
from scanner.stream import Stream

__all__ = ["CAMERA", "HAND", "WEDGE", "Lines", "Scan", "SerialLine", "Video", "Watcher"]

CAMERA: Final = 2  # field METHOD: desktop camera
WEDGE: Final = 3
HAND: Final = 4
_GONE_S: Final = 1.5  # a code unseen for so long may be read again
_BUDGET_MS: Final = 120.0
_LINE_MAX: Final = 4_096
_SILENCE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Scan:
    """A text as it was read.

    Attributes:
        text: as it came.
        method: `CAMERA`, `WEDGE` or `HAND`.
        is_guess: the likeliest number of bars that stayed unread: nothing unless the register has it.
    """

    text: str
    method: int
    is_guess: bool = False


class Watcher(Protocol):
    """What looks on while frames are read; says whether to go on."""

    def see(self, frame: Picture, readings: list[Reading]) -> bool:
        """Look at one frame and what was read in it; False ends the source."""
        ...


class Lines:
    """Lines that somebody or something types: a keyboard wedge on a terminal, or a pipe."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def __iter__(self) -> Iterator[Scan]:
        """Yield a scan for each line that has a text, until the end of the stream."""
        while line := self._stream.readline(_LINE_MAX):
            if line.strip():
                yield Scan(line, WEDGE)


class SerialLine:
    """A reader on a serial line (USB-CDC, RS-232): no keyboard layout is between, so what it says is what it read.

    A read ends with CR, LF or Tab, or after a tenth of a second of silence.
    """

    def __init__(self, device: str, baud: int = 9_600) -> None:
        self._device, self._baud = device, baud

    def __iter__(self) -> Iterator[Scan]:
        """Yield a scan for each read, until the line goes away.

        Raises:
            SourceError: the line cannot be opened, or was pulled out.
        """
        try:
            with serial.Serial(self._device, self._baud, timeout=_SILENCE_S, exclusive=True) as line:
                yield from self._reads(line)
        except (serial.SerialException, OSError) as error:
            raise SourceError(f"serial line {self._device}: {error}") from error

    @staticmethod
    def _reads(line: serial.Serial) -> Iterator[Scan]:
        kept = b""
        while True:
            came = line.read(max(1, line.in_waiting))
            kept = (kept + came)[-_LINE_MAX:]
            *whole, kept = kept.replace(b"\r", b"\n").replace(b"\t", b"\n").split(b"\n")
            if not came and kept:
                whole, kept = [*whole, kept], b""
            for text in (one.decode("utf-8", "replace").strip() for one in whole):
                if text:
                    yield Scan(text, WEDGE)


class Video:
    """Frames of a camera (by number) or of a video file; a code is yielded once while it stays in view.

    Args:
        name: number of a camera, or a file.
        watcher: sees every frame, or None.
        clock: seconds, for tests.
    """

    def __init__(
        self, name: int | Path, watcher: Watcher | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._name, self._watcher, self._clock = name, watcher, clock
        self._seen: dict[str, float] = {}

    def __iter__(self) -> Iterator[Scan]:
        """Yield a scan for each code that comes into view, until the end of the file or the watcher's.

        Raises:
            SourceError: no OpenCV, no such camera or file.
        """
        cv2 = engine(OPENCV)
        if cv2 is None:
            raise SourceError("OpenCV cannot be loaded, so there are no pictures")
        source = cv2.VideoCapture(self._name if isinstance(self._name, int) else str(self._name))
        try:
            if not source.isOpened():
                what = f"camera {self._name}" if isinstance(self._name, int) else str(self._name)
                raise SourceError(f"{what} cannot be opened")
            if isinstance(self._name, int):
                source.set(cv2.CAP_PROP_FRAME_WIDTH, 1920)
                source.set(cv2.CAP_PROP_FRAME_HEIGHT, 1080)
                source.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            yield from self._frames(source)
        finally:
            source.release()

    def _frames(self, source: Any) -> Iterator[Scan]:
        stream = Stream(budget_ms=_BUDGET_MS)
        while True:
            is_there, frame = source.read()
            if not is_there:
                return
            readings = stream.read(frame, suggest=True)
            if self._watcher and not self._watcher.see(frame, readings):
                return
            yield from self._new(readings)

    def _new(self, readings: list[Reading]) -> Iterator[Scan]:
        """Yield what has come into view; of a label's two codes the square one."""
        now_s = self._clock()
        squares = [one for one in readings if one.format == QR_CODE]
        for reading in squares or readings:
            last_s = self._seen.get(reading.text)
            self._seen[reading.text] = now_s
            if last_s is None or now_s - last_s > _GONE_S:
                yield Scan(reading.text, CAMERA, reading.suggested)
                self._seen[reading.text] = self._clock()  # answering took a while, and it lay there all along
