"""What a camera sees: a label's PDF rasterised, laid on a desk, tilted, noisy, as frames of a video file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pypdfium2

__all__ = ["rasterise", "write_video"]

_WIDTH_PX, _HEIGHT_PX = 1280, 720
_FRAMES = 24


def rasterise(pdf: bytes, *, dpi: int = 203) -> np.ndarray:
    """Return the first page in grey, (height, width) uint8."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        page: np.ndarray = document[0].render(scale=dpi / 72, grayscale=True).to_numpy()
        return page.reshape(page.shape[0], page.shape[1]).copy()
    finally:
        document.close()


def write_video(
    path: Path, label: np.ndarray, *, gain: float = 0.85, is_moving: bool = False, seed: int = 1
) -> None:
    """Write what a camera sees of *label* on a brown desk, a little from the side, as concatenated JPEG frames.

    Args:
        path: of the file.
        label: grey, (height, width) uint8.
        gain: how much of the light is left, 0 to 1.
        is_moving: a hand moves it past under a lamp, whose reflection lies on it, smeared where it is fastest;
            otherwise the hand is only unsteady.
        seed: of the noise.
    """
    rng = np.random.default_rng(seed)
    lamp = _lamp() if is_moving else None
    with path.open("wb") as video:
        for number in range(_FRAMES):
            turn = 2 * np.pi * number / _FRAMES
            way = (110 * np.sin(turn), 40 * np.sin(2 * turn)) if is_moving else (3 * np.sin(turn),) * 2
            shift = np.array(way, np.float32)
            frame = _on_desk(label, shift, lean=18 * np.cos(turn) if is_moving else 0)
            smear = 1 + round(12 * abs(np.cos(turn))) if is_moving else 1
            soft = cv2.GaussianBlur(cv2.blur(frame, (smear, 1)), (0, 0), 0.9).astype(np.float32)
            lit = soft if lamp is None else soft + np.roll(lamp, round(float(shift[0]) / 2), axis=1)
            noisy = np.clip(lit * gain + rng.normal(7, 5, lit.shape), 0, 255).astype(np.uint8)
            done, jpeg = cv2.imencode(
                ".jpg", cv2.cvtColor(noisy, cv2.COLOR_GRAY2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80]
            )
            assert done
            video.write(jpeg.tobytes())


def _on_desk(label: np.ndarray, shift: np.ndarray, *, lean: float) -> np.ndarray:
    """Lay the label on the desk, moved by *shift* (x, y) px and leaning by so many px; (height, width) uint8."""
    height, width = label.shape
    corners = np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
    seen = np.array([[290, 93], [995, 85 + lean], [1020, 595], [273, 588 - lean]], np.float32) + shift
    frame = np.full((_HEIGHT_PX, _WIDTH_PX), 110, np.uint8)
    warp = cv2.getPerspectiveTransform(corners, seen.astype(np.float32))
    size = (_WIDTH_PX, _HEIGHT_PX)
    cv2.warpPerspective(label, warp, size, dst=frame, flags=cv2.INTER_AREA, borderMode=cv2.BORDER_TRANSPARENT)
    return frame


def _lamp() -> np.ndarray:
    """Give the light that a lamp's reflection adds, (height, width) float32."""
    rows, columns = np.mgrid[0:_HEIGHT_PX, 0:_WIDTH_PX].astype(np.float32)
    glow: np.ndarray = 200 * np.exp(-((columns - 700) ** 2 + (rows - 200) ** 2) / (2 * 90**2))
    return glow
