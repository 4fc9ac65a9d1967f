"""What a camera sees: a label's PDF rasterised, laid on a desk, tilted, noisy, as frames of a video file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pypdfium2

__all__ = ["rasterise", "write_moving", "write_video"]

_WIDTH_PX, _HEIGHT_PX = 1280, 720
_FRAMES = 12
_MOVING_FRAMES = 24


def rasterise(pdf: bytes, *, dpi: int = 203) -> np.ndarray:
    """Return the first page in grey, (height, width) uint8."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page: np.ndarray = document[0].render(scale=dpi / 72, grayscale=True).to_numpy()
        return page.reshape(page.shape[0], page.shape[1]).copy()
    finally:
        document.close()


def write_video(path: Path, label: np.ndarray, *, seed: int = 1) -> None:
    """Write concatenated JPEG frames of *label* on a brown desk, seen a little from the side, by an unsteady hand."""
    rng = np.random.default_rng(seed)
    height, width = label.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    with path.open("wb") as video:
        for number in range(_FRAMES):
            shift = 3 * np.sin(number / 2)
            seen = np.array([[290, 96], [1000, 80], [1030, 600], [262, 585]], np.float32) + np.float32(shift)
            warp = cv2.getPerspectiveTransform(corners, seen)
            frame = np.full((_HEIGHT_PX, _WIDTH_PX), 110, np.uint8)
            cv2.warpPerspective(
                label,
                warp,
                (_WIDTH_PX, _HEIGHT_PX),
                dst=frame,
                flags=cv2.INTER_AREA,
                borderMode=cv2.BORDER_TRANSPARENT,
            )
            soft = cv2.GaussianBlur(frame, (0, 0), 0.8)
            noisy = np.clip(soft * 0.85 + rng.normal(8, 5, soft.shape), 0, 255).astype(np.uint8)
            done, jpeg = cv2.imencode(
                ".jpg", cv2.cvtColor(noisy, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_JPEG_QUALITY, 85]
            )
            assert done
            video.write(jpeg.tobytes())


def write_moving(path: Path, label: np.ndarray, *, gain: float = 0.32, seed: int = 1) -> None:
    """Write a label that a hand moves past in bad light: dim, noisy, a lamp's reflection on it, smeared now and then.

    Args:
        path: of the file, concatenated JPEG frames.
        label: grey, (height, width) uint8.
        gain: how much of the light is left, 0 to 1.
        seed: of the noise.
    """
    rng = np.random.default_rng(seed)
    height, width = label.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    rows, columns = np.mgrid[0:_HEIGHT_PX, 0:_WIDTH_PX].astype(np.float32)
    with path.open("wb") as video:
        for number in range(_MOVING_FRAMES):
            turn = 2 * np.pi * number / _MOVING_FRAMES
            shift = np.array([110 * np.sin(turn), 40 * np.sin(2 * turn)], np.float32)
            lean = np.float32(18 * np.cos(turn))
            seen = np.array([[300, 90], [990, 90 + lean], [1010, 590], [285, 590 - lean]], np.float32) + shift
            frame = np.full((_HEIGHT_PX, _WIDTH_PX), 110, np.uint8)
            cv2.warpPerspective(
                label,
                cv2.getPerspectiveTransform(corners, seen),
                (_WIDTH_PX, _HEIGHT_PX),
                dst=frame,
                flags=cv2.INTER_AREA,
                borderMode=cv2.BORDER_TRANSPARENT,
            )
            smear = 1 + round(12 * abs(np.cos(turn)))  # fastest in the middle of its way
            soft = cv2.GaussianBlur(cv2.blur(frame, (smear, 1)), (0, 0), 1.0).astype(np.float32)
            lamp = 200 * np.exp(-((columns - 700 - shift[0] / 2) ** 2 + (rows - 200) ** 2) / (2 * 90**2))
            noisy = np.clip((soft + lamp) * gain + rng.normal(6, 5, soft.shape), 0, 255).astype(np.uint8)
            done, jpeg = cv2.imencode(
                ".jpg", cv2.cvtColor(noisy, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_JPEG_QUALITY, 75]
            )
            assert done
            video.write(jpeg.tobytes())
