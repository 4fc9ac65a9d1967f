"""QR codes of others, on a shirt or in a pocket for a week."""

import numpy as np
import pytest

from scanner import read_image
from scanner.crumpled import read_crumpled
from scanner.engines import Picture
from scanner.reading import Corners
from tests.scanner.test_engines import symbol
from tests.scanner.test_erasure import crumple, general

TEXT = "Bưu điện tỉnh Tuyên Quang, phường Minh Xuân, 02073 822 345"


def on_cloth(seed: int, dots: float) -> tuple[Picture, Corners]:
    """A QR code of 33 modules of 5 pixels, folded, and where it was before that."""
    plain = symbol(TEXT)
    low, high = 50.0, plain.shape[0] - 50.0
    corners: Corners = ((low, low), (high, low), (high, high), (low, high))
    return crumple(plain, dots, np.random.default_rng(seed)), corners


def test_it_is_version_four() -> None:
    """What the tests below are told about the symbol."""
    assert symbol(TEXT).shape == (33 * 5 + 100, 33 * 5 + 100)


def test_folded_symbols_are_read_where_a_general_reader_does_not() -> None:
    """Folds of three quarters of a module, none misread."""
    read = plainly = 0
    for seed in range(10):
        picture, corners = on_cloth(seed, 3.8)
        texts = {finding.text for finding in read_crumpled(picture, corners, 4)}
        assert texts <= {TEXT}
        read += bool(texts)
        plainly += TEXT in general(picture)
    assert read >= plainly + 3
    assert read >= 6


@pytest.mark.parametrize("version", [1, 3, 5, 40])
def test_another_version_reads_nothing(version: int) -> None:
    """A reader may have counted wrong."""
    picture, corners = on_cloth(1, 2.0)
    assert read_crumpled(picture, corners, version) == []


def test_the_cascade_has_it() -> None:
    """By the corners and the version that zxing-cpp reports of what it cannot read."""
    stages = set()
    for seed in range(10):
        picture, _ = on_cloth(seed, 3.8)
        readings = read_image(picture, budget_ms=60_000)
        assert {reading.text for reading in readings} <= {TEXT}
        stages |= {reading.stage for reading in readings}
    assert "crumpled" in stages
