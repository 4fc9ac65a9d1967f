"""Where a station's texts come from: a typed line, a serial line over a pseudo-terminal, a video file."""

from __future__ import annotations

import io
import os
import threading
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
import pytest
import qrcode

from scanner.engines import Picture
from scanner.reading import Reading
from scanner.station.errors import SourceError
from scanner.station.preview import can_show, draw
from scanner.station.sources import CAMERA, WEDGE, Lines, Scan, SerialLine, Video

ONE, OTHER = "ZK473124829VN", "1" * 40


@pytest.fixture
def line() -> Iterator[tuple[int, str]]:
    """Give both ends of a pseudo-terminal: what the reader writes to, and the device's name."""
    master, slave = os.openpty()
    tty.setraw(slave)
    yield master, os.ttyname(slave)
    os.close(slave)
    os.close(master)


@contextmanager
def scanning(master: int, data: bytes) -> Iterator[None]:
    """Scan again and again, as a person does until it beeps: opening a line drops what came before."""
    ends = threading.Event()

    def scan() -> None:
        while not ends.wait(0.3):
            os.write(master, data)

    thread = threading.Thread(target=scan)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def frame_of(text: str | None) -> Picture:
    """Draw a code on grey, or nothing."""
    frame = np.full((480, 640, 3), 150, np.uint8)
    if text is not None:
        made = qrcode.QRCode(box_size=6, border=4)
        made.add_data(text)
        cells = np.array(made.get_matrix(), np.uint8)
        square = np.kron(255 * (1 - cells), np.ones((6, 6), np.uint8))
        frame[40 : 40 + square.shape[0], 60 : 60 + square.shape[1]] = square[..., None]
    return frame


def video_of(path: Path, texts: list[str | None]) -> Path:
    """Write a video with one frame a text."""
    out = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (640, 480))
    assert out.isOpened()
    for text in texts:
        out.write(frame_of(text))
    out.release()
    return path


def test_each_line_is_a_scan_and_empty_ones_are_none() -> None:
    """A reader's Enter after Tab gives an empty line."""
    assert list(Lines(io.StringIO(f"{ONE}\n\n  \n{OTHER}"))) == [Scan(f"{ONE}\n", WEDGE), Scan(OTHER, WEDGE)]


@pytest.mark.parametrize("end", [b"\r", b"\n", b"\r\n", b"\t", b""])
def test_a_serial_reader_is_read_to_its_end(line: tuple[int, str], end: bytes) -> None:
    """CR, LF, Tab, or silence: readers are set to any of them."""
    master, device = line
    with scanning(master, ONE.encode() + end):
        assert next(iter(SerialLine(device))) == Scan(ONE, WEDGE)


def test_two_reads_in_one_go_are_two_scans(line: tuple[int, str]) -> None:
    """A USB line hands over what came in between in one piece."""
    master, device = line
    with scanning(master, f"{ONE}\r\n{OTHER}\r\n".encode()):
        assert [scan.text for scan in islice(SerialLine(device), 2)] == [ONE, OTHER]


def test_a_line_that_is_not_there_says_which() -> None:
    """A pulled cable is the most common fault of a reader."""
    with pytest.raises(SourceError, match="/dev/no-such-reader"):
        next(iter(SerialLine("/dev/no-such-reader")))


def test_a_video_file_gives_each_code_once_while_it_stays(tmp_path: Path) -> None:
    """One alert while a code stays in view; seen again after it was gone, it counts again."""
    seconds = iter(range(1_000))
    path = video_of(tmp_path / "a.avi", [None, ONE, ONE, OTHER, None])
    steady = Video(path, clock=lambda: 0.0)
    slow = Video(video_of(tmp_path / "b.avi", [ONE, None, None, ONE]), clock=lambda: next(seconds) * 1.0)

    assert list(steady) == [Scan(ONE, CAMERA), Scan(OTHER, CAMERA)]
    assert [scan.text for scan in slow] == [ONE, ONE]


def test_who_looks_on_sees_every_frame_and_can_end_it(tmp_path: Path) -> None:
    """Closing the window ends the work."""

    class Watcher:
        seen = 0

        def see(self, frame: Picture, readings: list[Reading]) -> bool:
            assert frame.shape == (480, 640, 3)
            self.seen += len(readings)
            return self.seen < 2

    watcher = Watcher()
    path = video_of(tmp_path / "a.avi", [ONE, ONE, OTHER])

    assert [scan.text for scan in Video(path, watcher, clock=lambda: 0.0)] == [ONE]


def test_a_camera_or_file_that_is_not_there_says_so(tmp_path: Path) -> None:
    """Nothing hangs and nothing is a traceback."""
    with pytest.raises(SourceError, match="cannot be opened"):
        next(iter(Video(tmp_path / "none.avi")))


def test_the_overlay_frames_the_code_and_leaves_the_frame_alone() -> None:
    """What is drawn on must not be what is decoded next."""
    frame = frame_of(ONE)
    before = frame.copy()
    reading = Reading(
        text=ONE, format="QRCode", corners=((60, 40), (250, 40), (250, 230), (60, 230)), stage="", ms=0
    )
    shown = draw(frame, [reading], "q: end")

    assert np.array_equal(frame, before)
    assert shown[40, 150].tolist() == [80, 200, 60]
    assert shown[479, 639].tolist() == [0, 0, 0]


def test_without_a_screen_there_is_no_window(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenCV ends the whole process where it cannot open a window."""
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("sys.platform", "linux")

    assert can_show() is False
