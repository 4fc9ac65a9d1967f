import ast
import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scanner import capabilities, locator
from scanner.engines import Picture
from scanner.reading import Corners
from tools.photos.camera import take

SCRIPT = Path(__file__).parents[2] / "tools" / "locator" / "train.py"


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A file in place of the weights, which is not there yet."""
    monkeypatch.setattr(locator, "WEIGHTS", tmp_path / "other.onnx")
    monkeypatch.setattr(locator, "_loaded", threading.local())
    locator._weights.cache_clear()
    yield tmp_path / "other.onnx"
    locator._weights.cache_clear()


def constant(name: str) -> Any:
    """A constant of the training script, which cannot be imported without PyTorch."""
    for node in ast.parse(SCRIPT.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == name:
            return ast.literal_eval(node.value)
    raise AssertionError(f"no {name} in the training script")


def overlap(one: Corners, other: Corners) -> float:
    """Intersection over union of the upright boxes."""
    (left, top), (right, bottom) = np.min(one, axis=0), np.max(one, axis=0)
    (left2, top2), (right2, bottom2) = np.min(other, axis=0), np.max(other, axis=0)
    wide, high = min(right, right2) - max(left, left2), min(bottom, bottom2) - max(top, top2)
    shared = max(0.0, float(wide)) * max(0.0, float(high))
    both = (right - left) * (bottom - top) + (right2 - left2) * (bottom2 - top2)
    return shared / float(both - shared)


def test_codes_are_located_where_decoders_see_little() -> None:
    """Dim, creased, blurred: a close-up of the right place is half of the reading."""
    found = 0
    for seed in range(12):
        photo = take("hard", ("100x70", "100x50")[seed % 2], seed=300 + seed)
        corners: Corners = tuple((float(x), float(y)) for x, y in photo.qr)
        found += any(overlap(box, corners) > 0.5 for box in locator.locate(photo.picture))
    assert found >= 7


def test_weights_are_those_of_the_scripts_network() -> None:
    """What is run is what the script makes, and it stays small: 500 KB, 0.2 billion products."""
    layers: dict[str, tuple[int, ...]] = constant("LAYERS")
    weights = sum(inward * outward * size**2 + outward for inward, outward, _, size, _ in layers.values())
    weights += 32 * 5 + 5
    size = locator.WEIGHTS.stat().st_size
    assert 4 * weights < size < 4 * weights + 8_000
    assert size <= 500_000
    sides = {"a1": 200, "a2": 100, "b": 50, "c": 25, "d": 13, "m": 50}
    products = sum(
        inward
        * outward
        * size**2
        * next(side for place, side in sides.items() if name.startswith(place)) ** 2
        for name, (inward, outward, _, size, _) in layers.items()
    )
    assert products < 0.2e9


def test_weights_say_what_they_were_made_of() -> None:
    """By the script's own seed and steps, of the pictures of `make locator`; the whole is half an hour, ADR 17."""
    data = locator.WEIGHTS.read_bytes()
    assert hashlib.sha256(data).hexdigest() == locator.DIGEST
    for name in ("seed", "steps"):
        value = str(constant(name.upper())).encode()
        assert b"\x0a%c%b\x12%c%b" % (len(name), name.encode(), len(value), value) in data
    assert b"9000 sha256:" in data
    assert 'tools.locator.pictures "$out/pictures.npz" 9000 1' in SCRIPT.with_name("make.sh").read_text()


@pytest.mark.parametrize("box", [(100, 50, 180, 120), (-30, -30, 60, 70), (900, 500, 1100, 700)])
def test_a_closeup_knows_its_way_back(box: tuple[int, int, int, int]) -> None:
    """Corners found in it are shown in the picture handed in, also at its rim and from a large code."""
    left, top, right, bottom = box
    corners: Corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    rows, columns = np.mgrid[0:800, 0:1200]
    for wide, picture in ((False, columns / 5), (True, rows / 4)):
        near, back = locator.closeup(picture.astype(np.uint8), corners)
        middle = near.shape[0] // 2, near.shape[1] // 2
        x, y, w = back @ (middle[1], middle[0], 1.0)
        assert float(near[middle]) == pytest.approx((y / 4 if wide else x / 5) / w, abs=1.5)


@pytest.mark.parametrize("shape", [(16, 16), (17, 3000), (3000, 17)])
def test_odd_pictures_are_no_trouble(shape: tuple[int, int]) -> None:
    """A strip, a stamp, noise."""
    noise: Picture = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    for box in locator.locate(noise):
        assert locator.closeup(noise, box)[0].size > 0


@pytest.mark.usefixtures("weights")
def test_without_the_file_nothing_is_located_and_health_says_so() -> None:
    """The service reads on without it, and somebody knows."""
    assert locator.locate(take("everyday", "100x70", seed=1).picture) == []
    (lost,) = [one for one in capabilities() if not one.available]
    assert lost.name == "locator"
    assert "other.onnx cannot be read" in lost.note


@pytest.mark.parametrize("kept", [0, 1_000, 200_000, -1])
def test_a_damaged_file_is_as_good_as_none(weights: Path, kept: int) -> None:
    """Half an update, a bad disk: no crash, and no boxes from wrong numbers."""
    data = SCRIPT.parents[2].joinpath("scanner", "locator.onnx").read_bytes()
    weights.write_bytes(data[:kept] if kept >= 0 else data[:-9] + bytes(9))
    assert locator.locate(take("everyday", "100x70", seed=1).picture) == []
    assert "not the one of this version" in locator.capability().note


def test_a_file_that_opencv_cannot_run_is_told(weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An OpenCV of another year may know other networks."""
    weights.write_bytes(b"no network")
    monkeypatch.setattr(locator, "DIGEST", hashlib.sha256(b"no network").hexdigest())
    assert not locator.capability().available
    assert "does not run in OpenCV" in locator.capability().note
