"""The readers that bench_scanner compares, each from a grey picture to the texts it read.

OpenCV's own QR decoder took up to 34 s for one frame, so it runs in a process that is ended when time is up.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from typing import Final

import cv2

from scanner import read_image
from scanner.engines import Finding, Picture, pyzbar_read, zxing_read

__all__ = ["BUDGET_MS", "READERS", "Answer", "OpenCvCell", "read_by_cascade"]

BUDGET_MS: Final = 300.0
_PATIENCE_S: Final = 1.5


@dataclass(frozen=True, slots=True)
class Answer:
    """What one reader said of one picture.

    Attributes:
        texts: read; a suggestion, which somebody would have to confirm, is not among them.
        suggested: suggestions of the cascade.
        ms: CPU milliseconds of one thread; for OpenCV's decoder, in its own process, of the clock on the wall.
    """

    texts: frozenset[str]
    suggested: frozenset[str]
    ms: float


class OpenCvCell:
    """`cv2.QRCodeDetector` in a process of its own; what takes longer than 1.5 s, or ends it, reads nothing."""

    def __init__(self) -> None:
        self._process: BaseProcess | None = None
        self._pipe: Connection | None = None

    def read(self, picture: Picture) -> Answer:
        """Ask the process, and end it if it does not answer in time."""
        if self._pipe is None:
            self._open()
        assert self._pipe is not None
        start = time.perf_counter()
        self._pipe.send(picture)
        texts: frozenset[str] = frozenset()
        try:
            if self._pipe.poll(_PATIENCE_S):
                texts = self._pipe.recv()
            else:
                self.close()
        except EOFError:  # it fell over this picture: nothing read
            self.close()
        return Answer(texts, frozenset(), (time.perf_counter() - start) * 1000)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            self._process.kill()
            self._process.join()
        if self._pipe is not None:
            self._pipe.close()
        self._process = self._pipe = None

    def _open(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs,), daemon=True)
        self._process.start()
        theirs.close()
        assert self._pipe.poll(60), "no OpenCV after 60 s"
        self._pipe.recv()


def _serve(pipe: Connection) -> None:
    """Answer until killed."""
    cv2.setNumThreads(1)
    detector = cv2.QRCodeDetector()
    pipe.send(True)  # started
    while True:
        picture = pipe.recv()
        try:
            _, texts, _, _ = detector.detectAndDecodeMulti(picture)
        except (cv2.error, UnicodeDecodeError):  # its binding gives no text that is not UTF-8, and no bytes
            texts = ()
        pipe.send(frozenset(text for text in texts if text))


def read_by_cascade(picture: Picture, *, budget_ms: float = BUDGET_MS) -> Answer:
    """Read as the service does, with the budget counted in this thread's CPU time: a busy machine is no fault."""
    start = time.thread_time()
    readings = read_image(picture, budget_ms=budget_ms, suggest=True, clock=time.thread_time)
    ms = (time.thread_time() - start) * 1000
    return Answer(
        frozenset(reading.text for reading in readings if not reading.suggested),
        frozenset(reading.text for reading in readings if reading.suggested),
        ms,
    )


def _by_engine(read: Callable[[Picture], list[Finding]]) -> Callable[[Picture], Answer]:
    def answer(picture: Picture) -> Answer:
        start = time.thread_time()
        found = read(picture)
        ms = (time.thread_time() - start) * 1000
        return Answer(frozenset(f.text for f in found if f.error is None), frozenset(), ms)

    return answer


_CELL: Final = OpenCvCell()

READERS: Final[dict[str, Callable[[Picture], Answer]]] = {
    "pyzbar": _by_engine(pyzbar_read),
    "opencv": _CELL.read,
    "zxing": _by_engine(zxing_read),
    "cascade": read_by_cascade,
}
