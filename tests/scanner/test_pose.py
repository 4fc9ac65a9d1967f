"""How a label's code lies, from its marks alone."""

import numpy as np
import pytest

from scanner.engines import Picture
from scanner.erasure import read_label
from scanner.pose import Pose, look_everywhere, look_near, poses_of_three, poses_of_two
from scanner.reading import Corners
from tools.photos.camera import Photo, photograph
from tools.photos.grades import Shot
from tools.photos.paper import lay, make_face

LAYOUTS = {"100x70": 49, "100x50": 41}  # modules of the code


def take(layout: str, shot: Shot, seed: int = 6) -> Photo:
    """A photograph of one label."""
    return photograph(lay(make_face(seed), layout, shot, seed=seed), shot, seed=seed)


def rough_box(photo: Photo, scale: float) -> Corners:
    """What a locator says: upright, beside the middle, too small or too large."""
    middle, side = photo.qr.mean(axis=0), np.ptp(photo.qr, axis=0).max() * scale
    (left, top), (right, bottom) = middle - side * 0.4, middle + side * 0.6
    return ((left, top), (right, top), (right, bottom), (left, bottom))


def off(pose: Pose, photo: Photo, modules: int) -> float:
    """How many modules the worst corner is off, the label's own way up."""
    side = np.linalg.norm(photo.qr - np.roll(photo.qr, 1, axis=0), axis=1).mean()
    return float(np.abs(np.array(pose.corners) - photo.qr).max() / side * modules)


def without_mark(photo: Photo, corner: int) -> Picture:
    """The picture with a thumb on one mark: 0 top left, 1 top right, 3 below."""
    rows, columns = np.mgrid[0 : photo.picture.shape[0], 0 : photo.picture.shape[1]]
    middle = photo.qr.mean(axis=0)
    x, y = photo.qr[corner] + (middle - photo.qr[corner]) * 0.1
    radius = 0.13 * np.linalg.norm(photo.qr[2] - photo.qr[0])
    return np.where(np.hypot(columns - x, rows - y) < radius, 140, photo.picture).astype(np.uint8)


@pytest.mark.parametrize("scale", [0.7, 1.1])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_turned_and_slanted_label_is_laid_from_a_rough_box(layout: str, scale: float) -> None:
    """A box says where a code is, not how it lies: blurred codes were seen, and read only where they lay upright."""
    photo = take(layout, Shot(roll=37, tilt=24, defocus=1.7, light=0.25))
    best = poses_of_three(look_near(photo.picture, rough_box(photo, scale)))[0]
    assert off(best, photo, LAYOUTS[layout]) < 3
    (finding,) = read_label(photo.picture, best.corners)
    assert finding.text in photo.texts


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_label_is_found_where_nothing_located_it(layout: str) -> None:
    """The locator misses codes that lie far aslant."""
    photo = take(layout, Shot(roll=45, tilt=24, motion=4))
    best = poses_of_three(look_everywhere(photo.picture))[0]
    assert off(best, photo, LAYOUTS[layout]) < 3


@pytest.mark.parametrize("corner", [0, 1, 3])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_two_marks_are_enough(layout: str, corner: int) -> None:
    """A thumb lies on a corner more often than beside it."""
    photo = take(layout, Shot(roll=20))
    look = look_near(without_mark(photo, corner), rough_box(photo, 1.0))
    assert not any(pose.is_sure for pose in poses_of_three(look))
    best = poses_of_two(look)[0]
    assert off(best, photo, LAYOUTS[layout]) < 3


@pytest.mark.parametrize("shape", [(16, 16), (30, 900), (600, 800)])
def test_where_no_label_is_no_pose_is_sure(shape: tuple[int, int]) -> None:
    """A sure pose ends the search for another."""
    chance = np.random.default_rng(4)
    cells = np.kron(chance.integers(0, 2, (shape[0] // 6 + 1, shape[1] // 6 + 1)), np.ones((6, 6)))
    for picture in (np.full(shape, 200), chance.integers(0, 256, shape), cells[: shape[0], : shape[1]] * 255):
        look = look_everywhere(picture.astype(np.uint8))
        assert not any(pose.is_sure for pose in (*poses_of_three(look), *poses_of_two(look)))
