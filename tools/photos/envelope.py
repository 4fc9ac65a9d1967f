"""An envelope as a post office has it, flat and seen from above: kraft or white, other print, stamps, writing.

In pixels of 1/8 mm, the dots of the label's printer. Nothing on it is a code of ours but the label.
"""

from __future__ import annotations

from functools import cache
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from labels import fonts
from labels.drawing import Weight

__all__ = ["DOTS_MM", "ENVELOPES", "HEIGHT", "WIDTH", "envelope", "texture"]

Picture = NDArray[np.uint8]

DOTS_MM: Final = 8
WIDTH, HEIGHT = 240 * DOTS_MM, 180 * DOTS_MM  # of the paper around the label
ENVELOPES: Final = 12

_PAPERS: Final = ((120, 165, 195), (150, 190, 212), (225, 232, 236), (205, 215, 222), (95, 150, 190))  # BGR
_INKS: Final = ((35, 35, 40), (30, 35, 165), (140, 60, 30))  # black, red, blue
_LINES: Final = (
    "ỦY BAN NHÂN DÂN TỈNH TUYÊN QUANG", "SỞ NỘI VỤ", "Địa chỉ: 160 đường Trần Hưng Đạo, phường Minh Xuân",
    "Kính gửi:", "Văn phòng Tỉnh ủy Tuyên Quang", "Số: 1187/UBND-TH", "Điện thoại: 0207.3822.144",
    "Ban Tổ chức, Phòng Hành chính - Tổng hợp", "BƯU ĐIỆN TỈNH", "Người nhận ký, ghi rõ họ tên",
)  # fmt: skip


def texture(chance: np.random.Generator, shape: tuple[int, int], *, grain_px: float) -> NDArray[np.float32]:
    """Return smooth random clouds of mean 0 and standard deviation 1, as large as *shape* (rows, columns)."""
    small = (max(4, round(shape[1] / grain_px)), max(4, round(shape[0] / grain_px)))
    clouds = chance.standard_normal((small[1], small[0])).astype(np.float32)
    return np.asarray(cv2.resize(clouds, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.float32)


@cache
def envelope(index: int) -> Picture:
    """Return one of `ENVELOPES` envelopes, BGR; not to be written to."""
    chance = np.random.default_rng((2026, index))
    paper = np.empty((HEIGHT, WIDTH, 3), np.float32)
    paper[:] = _PAPERS[index % len(_PAPERS)]
    for grain_px, depth in ((1.5, 2.5), (12.0, 2.0), (260.0, 3.0)):
        paper += texture(chance, (HEIGHT, WIDTH), grain_px=grain_px)[..., None] * depth
    sheet = Image.fromarray(np.clip(paper, 0, 255).astype(np.uint8))
    brush = ImageDraw.Draw(sheet, "RGBA")
    _print(brush, chance)
    for _ in range(int(chance.integers(1, 4))):
        _postmark(brush, chance)
    for _ in range(int(chance.integers(2, 6))):
        _handwriting(brush, chance)
    if index % 3 == 0:
        _stamp(brush, chance)
    printed = np.asarray(sheet, np.uint8).copy()
    if index % 4 == 1:  # the flap's seam
        row = int(chance.integers(HEIGHT // 6, HEIGHT // 3))
        printed[row : row + 5] = printed[row : row + 5] * 0.86
    return np.asarray(cv2.GaussianBlur(printed, (0, 0), 0.7), np.uint8)


def _ink(chance: np.random.Generator, alpha: int = 230) -> tuple[int, int, int, int]:
    blue, green, red = _INKS[int(chance.integers(len(_INKS)))]
    return blue, green, red, alpha


def _print(brush: Any, chance: np.random.Generator) -> None:
    """Letterhead, address and the lines of a form."""
    ink = _ink(chance)
    y = int(chance.integers(20, 90))
    for index in chance.permutation(len(_LINES))[: int(chance.integers(4, 9))]:
        weight = Weight.SEMIBOLD if index % 2 else Weight.REGULAR
        size = int(chance.integers(22, 44))
        brush.text(
            (int(chance.integers(30, WIDTH // 2)), y),
            _LINES[index],
            font=ImageFont.truetype(fonts.file_of(weight), size),
            fill=ink,
        )
        y += int(size * chance.uniform(1.3, 5))
    for row in range(int(chance.integers(0, 5))):
        top = HEIGHT - 80 - 70 * row
        brush.line((WIDTH // 2, top, WIDTH - 40, top), fill=ink, width=3)


def _postmark(brush: Any, chance: np.random.Generator) -> None:
    """Two rings, a date, and waves."""
    ink, radius = _ink(chance, 170), int(chance.integers(85, 130))
    x, y = int(chance.integers(0, WIDTH)), int(chance.integers(0, HEIGHT))
    for ring in (radius, radius * 3 // 4):
        brush.ellipse((x - ring, y - ring, x + ring, y + ring), outline=ink, width=5)
    font = ImageFont.truetype(fonts.file_of(Weight.SEMIBOLD), radius // 4)
    brush.text((x, y), f"{chance.integers(1, 29):02}.11.26", font=font, fill=ink, anchor="mm")
    for wave in range(5):
        points = [
            (x + radius + step * 8, y - 60 + wave * 30 + round(9 * np.sin(step * 0.5))) for step in range(50)
        ]
        brush.line(points, fill=ink, width=4)


def _handwriting(brush: Any, chance: np.random.Generator) -> None:
    """A line in ball pen: loops of a wandering hand."""
    ink = (150, 70, 30, 220) if chance.random() < 0.7 else (45, 45, 50, 220)
    steps = int(chance.integers(80, 260))
    phase = np.cumsum(chance.uniform(0.35, 0.75, steps))
    size = chance.uniform(14, 30)
    high = size * (0.6 + 0.8 * (chance.random(steps) ** 4))
    slope = chance.uniform(-0.05, 0.05)
    start = chance.uniform((20, 60), (WIDTH * 0.7, HEIGHT - 40))
    along = np.cumsum(chance.uniform(1.5, 3.5, steps)) + size * 0.5 * np.sin(phase + 1)
    across = high * np.cos(phase) + slope * along
    points = [(float(start[0] + a), float(start[1] + b)) for a, b in zip(along, across, strict=True)]
    for word in range(0, steps, 28):
        brush.line(points[word : word + 24], fill=ink, width=4, joint="curve")


def _stamp(brush: Any, chance: np.random.Generator) -> None:
    """A postage stamp with its teeth."""
    x, y = WIDTH - int(chance.integers(230, 330)), int(chance.integers(20, 70))
    colour = tuple(int(level) for level in chance.integers(60, 210, 3))
    brush.rectangle((x, y, x + 190, y + 250), fill=(235, 238, 240, 255))
    brush.rectangle((x + 14, y + 14, x + 176, y + 236), fill=(*colour, 255))
    for _ in range(6):
        corner = chance.integers(20, 130, 2)
        shade = tuple(int(level) for level in chance.integers(40, 230, 3))
        left, top = x + int(corner[0]), y + int(corner[1])
        brush.ellipse((left, top, left + 45, top + 80), fill=(*shade, 255))
    for step in range(0, 250, 14):
        for edge in (x, x + 190):
            brush.ellipse((edge - 4, y + step, edge + 4, y + step + 8), fill=(150, 180, 200, 255))
