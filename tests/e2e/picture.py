"""What a camera sees: a label's PDF rasterised, laid on a desk, tilted, noisy, as frames of a video file."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pypdfium2

__all__ = ["rasterise", "write_video"]

_WIDTH_PX, _HEIGHT_PX = 1280, 720
_FRAMES = 12


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
