"""A label on its envelope: printed by a worn head, stuck on, written over, folded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from custody.label import UNSEALED, issue_label
from custody.s10 import make_number
from labels import LAYOUTS, LabelFace, face_of
from labels.codes import CODE128_MODULES
from labels.layout import Layout, compose
from labels.raster import draw_dots
from tools.photos.envelope import DOTS_MM, ENVELOPES, HEIGHT, WIDTH, envelope, texture
from tools.photos.grades import Shot

__all__ = ["Paper", "lay", "make_face"]

Picture = NDArray[np.uint8]
Points = NDArray[np.float64]

_OFFICES: Final = (
    "Sở Nội vụ tỉnh Tuyên Quang", "Văn phòng Tỉnh ủy", "Ủy ban nhân dân xã Sơn Thủy", "Sở Y tế",
    "Ban Quản lý dự án đầu tư xây dựng công trình giao thông và nông nghiệp tỉnh Tuyên Quang",
    "Đảng ủy phường Minh Xuân", "Kho bạc Nhà nước khu vực VII", "ỦY BAN NHÂN DÂN XÃ THƯỢNG LÂM",
)  # fmt: skip
_THERMAL_WHITE: Final = 236.0
_THERMAL_BLACK: Final = 38.0
_DUE_MS: Final = 1_795_161_600_000
_SKIN: Final = (125, 150, 200)  # BGR


@dataclass(frozen=True, slots=True)
class Paper:
    """The paper before the camera.

    Attributes:
        flat: BGR, 8 pixels a millimetre.
        shade: what the folds do to the light, 1 is nothing; None where it lies flat.
        label, qr, bars: corners in pixels of `flat`, top left first, then clockwise.
        face: what is printed.
    """

    flat: Picture
    shade: NDArray[np.float32] | None
    label: Points
    qr: Points
    bars: Points
    face: LabelFace


def make_face(seed: int) -> LabelFace:
    """Return a signed label's face, the same for the same seed."""
    chance = np.random.default_rng((seed, 1))
    label = issue_label(
        number=make_number(int(chance.integers(0, 99_999_999)), "ZK"),
        instance=0,
        day=1056,
        nonce=chance.bytes(6),
        kid4=chance.bytes(4),
        seal_commitment=UNSEALED,
        seed=chance.bytes(32),
    )
    sender, recipient = (_OFFICES[int(chance.integers(len(_OFFICES)))] for _ in "ab")
    urgency = int(chance.choice(3, p=(0.7, 0.2, 0.1)))
    return face_of(
        label,
        sender=sender,
        recipient=recipient,
        secrecy=int(chance.integers(4)),
        urgency=urgency,
        due_ms=_DUE_MS if urgency == 2 else None,
    )


def lay(face: LabelFace, layout_name: str, shot: Shot, *, seed: int) -> Paper:
    """Print *face* and stick it on an envelope, with what *shot* says of the paper."""
    chance = np.random.default_rng((seed, 2))
    layout = LAYOUTS[layout_name]
    dots = np.asarray(draw_dots(compose(face, layout), 203).convert("L"), np.uint8)
    printed = _print(dots, shot, chance)
    height, width = dots.shape
    flat = envelope(int(chance.integers(ENVELOPES))).copy()
    left = int(chance.integers(60, WIDTH - width - 60))
    top = int(chance.integers(60, HEIGHT - height - 60))
    flat[top + 4 : top + height + 6, left + 4 : left + width + 6] //= 4  # the label's edge throws a shadow
    flat[top + 4 : top + height + 6, left + 4 : left + width + 6] *= 3
    flat[top : top + height, left : left + width] = printed[..., None] * np.array((0.985, 1.0, 0.99))
    corner = np.array((left, top), np.float64)
    qr, bars = _symbols(layout)
    if shot.occlusion:
        _cover(flat, qr + corner, shot.occlusion, chance)
    shade = None
    if shot.wrinkle_mm:
        flat, shade = _fold(flat, qr.mean(axis=0) + corner, shot.wrinkle_mm, chance)
    outline = _box(0, 0, width, height)
    return Paper(flat, shade, outline + corner, qr + corner, bars + corner, face)


def _box(x: float, y: float, width: float, height: float) -> Points:
    return np.array(((x, y), (x + width, y), (x + width, y + height), (x, y + height)), np.float64)


def _symbols(layout: Layout) -> tuple[Points, Points]:
    """Return the corners of both symbols in dots of the label."""
    qr, bars = layout.qr, layout.bars
    side = qr.form.modules * qr.module_mm
    return (
        _box(qr.x_mm, qr.y_mm, side, side) * DOTS_MM,
        _box(bars.x_mm, bars.y_mm, CODE128_MODULES * bars.module_mm, bars.height_mm) * DOTS_MM,
    )


def _print(dots: Picture, shot: Shot, chance: np.random.Generator) -> Picture:
    """What the thermal head leaves: dots that run into each other a little, clouds where it is cold, dead lines."""
    ink = 1 - dots.astype(np.float32) / 255
    if shot.dropout:
        ink[:, chance.choice(dots.shape[1], round(shot.dropout), replace=False)] = 0
    ink = cv2.GaussianBlur(ink, (0, 0), 0.55).astype(np.float32)
    clouds = texture(chance, (dots.shape[0], dots.shape[1]), grain_px=90)
    ink *= shot.contrast * np.clip(1 + clouds * 0.12 * (1.15 - shot.contrast), 0, 1.1)
    printed = _THERMAL_WHITE - ink * (_THERMAL_WHITE - _THERMAL_BLACK)
    printed += texture(chance, (dots.shape[0], dots.shape[1]), grain_px=2) * 1.5
    return np.clip(printed, 0, 255).astype(np.uint8)


def _cover(flat: Picture, qr: Points, share: float, chance: np.random.Generator) -> None:
    """Hide about *share* of the QR code: a thumb from outside, a tape across a corner, or a spot inside."""
    side = float(qr[1, 0] - qr[0, 0])
    margin = 120  # nothing below reaches further
    near = np.maximum(qr[0].astype(int) - margin, 0)
    far = qr[2].astype(int) + margin
    patch = flat[near[1] : far[1], near[0] : far[0]]
    qr = qr - near
    mask = np.zeros(patch.shape[:2], np.uint8)
    kind = int(chance.integers(3))
    colour: tuple[int, int, int] = _SKIN
    if kind == 0:
        # A thumb that comes in over the side or the bottom: half an ellipse.
        wide = side * (share * 0.9) ** 0.5
        at = qr[3] + (qr[2] - qr[3]) * chance.uniform(0.2, 0.8)
        if chance.random() < 0.5:
            at = qr[0] + (qr[3] - qr[0]) * chance.uniform(0.2, 0.8)
            cv2.ellipse(mask, _pixel(at), (round(wide), round(wide * 0.7)), 0, 0, 360, 255, -1)
        else:
            cv2.ellipse(mask, _pixel(at), (round(wide * 0.7), round(wide)), 0, 0, 360, 255, -1)
    elif kind == 1:
        colour = (205, 225, 232)
        edge = side * (share * 2) ** 0.5
        corner = int(chance.integers(4))
        ends = [
            qr[corner] + (qr[(corner + turn) % 4] - qr[corner]) / side * edge * chance.uniform(0.9, 1.1)
            for turn in (1, 3)
        ]
        points = np.array((qr[corner], *ends), np.int32)
        cv2.fillPoly(mask, [points], 255)
    else:
        colour = (60, 62, 70) if chance.random() < 0.5 else (215, 220, 225)
        wide = side * (share / np.pi) ** 0.5
        at = chance.uniform(qr[0] + wide, qr[2] - wide)
        stretch = chance.uniform(0.75, 1.3)
        axes = (round(wide * stretch), round(wide / stretch))
        cv2.ellipse(mask, _pixel(at), axes, float(chance.uniform(0, 180)), 0, 360, 255, -1)
    soft = cv2.GaussianBlur(mask, (0, 0), 2.5)[..., None].astype(np.float32) / 255
    patch[:] = (patch * (1 - soft) + np.array(colour, np.float32) * soft).astype(np.uint8)


def _pixel(point: Points) -> tuple[int, int]:
    return round(float(point[0])), round(float(point[1]))


def _fold(
    flat: Picture, middle: Points, depth_mm: float, chance: np.random.Generator
) -> tuple[Picture, NDArray[np.float32]]:
    """Crumple: a few creases through the label, each of which shifts the print and catches the light."""
    step = 4  # the field is made small and enlarged
    shape = (HEIGHT // step, WIDTH // step)
    rows, columns = (np.arange(count, dtype=np.float32) * step for count in shape)
    rows = rows[:, None]
    shift = np.zeros((*shape, 2), np.float32)
    shade = np.ones(shape, np.float32)
    for _ in range(5):
        angle = chance.uniform(0, np.pi)
        across = np.array((np.cos(angle), np.sin(angle)), np.float32)
        at = middle + chance.uniform(-260, 260, 2)
        wide = chance.uniform(14, 45)
        far = ((columns - at[0]) * across[0] + (rows - at[1]) * across[1]) / wide
        ridge = np.exp(-(far**2) / 2)
        slope = far * ridge
        shift += ridge[..., None] * np.float32(depth_mm * DOTS_MM * chance.choice((-1, 1))) * across
        shade *= 1 - np.clip(slope * min(0.5, depth_mm * 0.9), -0.35, 0.6)
    size = (WIDTH, HEIGHT)
    field = np.asarray(cv2.resize(shift, size, interpolation=cv2.INTER_LINEAR), np.float32)
    field[..., 0] += np.arange(WIDTH, dtype=np.float32)
    field[..., 1] += np.arange(HEIGHT, dtype=np.float32)[:, None]
    folded = cv2.remap(flat, field[..., 0], field[..., 1], cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(folded, np.uint8), np.asarray(cv2.resize(shade, size), np.float32)
