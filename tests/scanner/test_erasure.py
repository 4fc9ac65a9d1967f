"""Our label's QR code where no general reader reads it, and never a wrong text."""

import cv2
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.engines import Picture, zxing_read
from scanner.erasure import read_label
from scanner.reading import Corners
from tests.labels.press import make_face, press

BOXES = {
    "100x70": (36, 36, 343),
    "100x50": (32, 30, 246),
}  # left, top, side of the QR code in dots at 203 dpi


def symbol(serial: int, layout: str) -> tuple[str, Picture, Corners]:
    """The digits of a label, its QR code in grey print, and where that lies."""
    face = make_face(serial)
    left, top, side = BOXES[layout]
    dots = press(face, "png-203", layout)[: top + side + 40, : left + side + 40]
    grey = np.where(dots == 0, 40, 225).astype(np.uint8)
    right, bottom = left + side, top + side
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    return face.digits, grey, tuple((float(x), float(y)) for x, y in corners)


def cover(
    picture: Picture, corners: Corners, share: float, chance: np.random.Generator, level: int
) -> Picture:
    """A patch of one grey over a share of the symbol's area, anywhere on it."""
    (left, top), _, (right, _), _ = corners
    side = right - left
    width = side * min(1.0, share**0.5 * chance.uniform(0.7, 1.4))
    height = min(side, share * side * side / width)
    x, y = (int(at + chance.uniform(0, side - size)) for at, size in ((left, width), (top, height)))
    spoilt = picture.copy()
    spoilt[y : y + round(height), x : x + round(width)] = level
    return spoilt


def crumple(picture: Picture, dots: float, chance: np.random.Generator) -> Picture:
    """Folds that shift the print by up to so many dots."""
    rows, columns = np.mgrid[0 : picture.shape[0], 0 : picture.shape[1]].astype(np.float32)
    shift = np.zeros((2, *picture.shape), np.float32)
    for _ in range(5):
        angle, phase = chance.uniform(0, np.pi), chance.uniform(0, 6.28)
        wave = np.sin((columns * np.cos(angle) + rows * np.sin(angle)) / chance.uniform(10, 22) + phase)
        shift += np.stack((wave * np.cos(angle), wave * np.sin(angle)))
    shift *= dots / np.abs(shift).max()
    moved = cv2.remap(picture, columns + shift[0], rows + shift[1], cv2.INTER_LINEAR, borderValue=225)
    return np.asarray(moved, np.uint8)


def general(picture: Picture) -> set[str]:
    """What zxing-cpp reads."""
    return {finding.text for finding in zxing_read(picture) if finding.error is None}


@pytest.mark.parametrize("layout", BOXES)
@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_clean_label_is_read_whichever_way_up(layout: str, turns: int) -> None:
    """A locator says where a symbol is, not where its top is."""
    digits, picture, corners = symbol(3, layout)
    (finding,) = read_label(picture, corners[turns:] + corners[:turns])
    assert finding.text == digits
    assert np.allclose(finding.corners, corners, atol=3)


@pytest.mark.parametrize("layout, least", [("100x70", 9), ("100x50", 8)])
def test_covered_label_is_read(layout: str, least: int) -> None:
    """15 % under a thumb, anywhere, finder patterns too."""
    read = plainly = 0
    for serial in range(10):
        digits, picture, corners = symbol(serial, layout)
        chance = np.random.default_rng(serial)
        spoilt = cover(picture, corners, 0.15, chance, (60, 120, 200)[serial % 3])
        texts = {finding.text for finding in read_label(spoilt, corners)}
        assert texts <= {digits}
        read += bool(texts)
        plainly += digits in general(spoilt)
    assert read >= least
    assert read > plainly


@pytest.mark.parametrize("layout", BOXES)
def test_crumpled_label_is_read(layout: str) -> None:
    """Folds of 0.6 mm shift the print by up to seven tenths of a module."""
    read = 0
    for serial in range(6):
        digits, picture, corners = symbol(serial, layout)
        texts = {
            finding.text
            for finding in read_label(crumple(picture, 4.8, np.random.default_rng(serial)), corners)
        }
        assert texts <= {digits}
        read += bool(texts)
    assert read >= 5


def test_fourth_corner_may_be_guessed_wrong() -> None:
    """Readers that miss the alignment pattern complete a parallelogram."""
    digits, picture, corners = symbol(5, "100x70")
    x, y = corners[2]
    (finding,) = read_label(picture, (*corners[:2], (x - 28, y + 24), corners[3]))
    assert finding.text == digits


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 10**6),
    st.sampled_from(sorted(BOXES)),
    st.floats(0.001, 0.6),
    st.floats(0, 5),
    st.floats(0, 70),
    st.floats(0, 4),
)
def test_no_damage_makes_another_text(
    seed: int, layout: str, covered: float, shift: float, noise: float, blur: float
) -> None:
    """A label not read is scanned again; a label misread is an envelope mistaken for another."""
    chance = np.random.default_rng(seed)
    digits, picture, corners = symbol(seed % 50, layout)
    spoilt = crumple(cover(picture, corners, covered, chance, int(chance.integers(256))), shift, chance)
    if blur > 0.3:
        spoilt = np.asarray(cv2.GaussianBlur(spoilt, (0, 0), blur), np.uint8)
    spoilt = np.clip(spoilt + chance.normal(0, noise, spoilt.shape), 0, 255).astype(np.uint8)
    assert {finding.text for finding in read_label(spoilt, corners)} <= {digits}


@pytest.mark.parametrize("flipped", [0.05, 0.1, 0.2, 0.3])
def test_modules_of_the_wrong_colour_make_no_other_text(flipped: float) -> None:
    """Sharp, confident and wrong: nothing warns of these but the parity that is left."""
    for seed in range(12):
        chance = np.random.default_rng(seed)
        digits, picture, corners = symbol(seed, "100x50")
        left, top, side = BOXES["100x50"]
        spoilt = picture.copy()
        cells = spoilt[top : top + side, left : left + side]
        cells ^= np.kron(chance.random((41, 41)) < flipped, np.full((6, 6), 0xC9)).astype(np.uint8)
        assert {finding.text for finding in read_label(spoilt, corners)} <= {digits}


def test_what_is_not_our_label_is_not_read() -> None:
    """Another mask, another length, another version: noise by our template."""
    chance = np.random.default_rng(1)
    square: Corners = ((40.0, 40.0), (360.0, 40.0), (360.0, 360.0), (40.0, 360.0))
    assert read_label(chance.integers(0, 256, (400, 400), np.uint8), square) == []
    assert read_label(np.full((400, 400), 255, np.uint8), square) == []
    cells = np.kron(chance.integers(0, 2, (49, 49)), np.ones((7, 7))).astype(np.uint8) * 255
    assert read_label(np.pad(cells, 40, constant_values=255), square) == []


@pytest.mark.parametrize(
    "corners",
    [
        ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0)),
        ((0.0, 0.0), (300.0, 300.0), (300.0, 0.0), (0.0, 300.0)),
        ((-900.0, -900.0), (-400.0, -900.0), (-400.0, -400.0), (-900.0, -400.0)),
        ((50.0, 50.0), (50.0, 50.0), (50.0, 50.0), (50.0, 50.0)),
    ],
)
def test_impossible_places_are_nothing(corners: Corners) -> None:
    """Readers report bow-ties, points and places outside the picture."""
    _, picture, _ = symbol(1, "100x70")
    assert read_label(picture, corners) == []
