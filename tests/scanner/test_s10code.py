"""The likeliest number of bars that nobody can read, and its standing: a suggestion."""

import cv2
import numpy as np
import pytest

from scanner import read_image
from scanner.engines import Picture, zxing_read_linear
from scanner.reading import CODE_128
from scanner.s10code import suggest_number
from scanner.stages import STAGES
from tests.labels.press import make_face, press
from tests.scanner.camera import Shot, photograph


def strip(serial: int, *, blur: float = 0.6, noise: float = 3.0, dead: int = 0) -> tuple[str, Picture]:
    """A number and its bars laid level, 2 pixels a module, before they are enlarged."""
    face = make_face(serial)
    chance = np.random.default_rng(serial)
    bars = press(face, "png-203")[424:496, 14:526].astype(np.float32)  # 3 dots a module
    for column in chance.integers(0, bars.shape[1], dead):
        bars[:, column] = 255
    small = cv2.resize(bars * 0.7 + 40, None, fx=2 / 3, fy=2 / 3, interpolation=cv2.INTER_AREA)
    soft = cv2.GaussianBlur(small, (0, 0), blur) + chance.normal(0, noise, small.shape)
    large = cv2.resize(np.clip(soft, 0, 255).astype(np.uint8), (1200, 170), interpolation=cv2.INTER_CUBIC)
    return face.number, np.asarray(large, np.uint8)


def texts(picture: Picture) -> set[str]:
    """What is suggested."""
    return {finding.text for finding in suggest_number(picture)}


@pytest.mark.parametrize(
    "blur, dead, least", [(0.6, 0, 8), (2.0, 0, 7), (2.2, 0, 5), (0.6, 32, 8)],
    ids=["clean", "blurred a module", "blurred more", "32 dead lines"],
)  # fmt: skip
def test_ruined_bars_are_guessed_right(blur: float, dead: int, least: int) -> None:
    """A module of blur closes most gaps; a thermal head loses its elements one by one."""
    right = 0
    for serial in range(8):
        number, picture = strip(serial * 7919 + 3, blur=blur, dead=dead)
        assert texts(picture) <= {number}
        right += bool(texts(picture))
    assert right >= least


def test_it_reads_where_a_general_reader_does_not() -> None:
    """Otherwise it would be of no use."""
    number, picture = strip(40, blur=2.0)
    assert not [finding for finding in zxing_read_linear(picture) if finding.error is None]
    assert texts(picture) == {number}


def test_upside_down_is_as_good() -> None:
    """A strip has two ends; the corners say which is the first."""
    number, picture = strip(5)
    (upright,) = suggest_number(picture)
    (turned,) = suggest_number(np.ascontiguousarray(picture[::-1, ::-1]))
    assert (upright.text, turned.text) == (number, number)
    assert upright.corners[0][0] < upright.corners[1][0]
    assert turned.corners[0][0] > turned.corners[1][0]
    assert upright.suggested
    assert turned.suggested


def test_what_is_no_number_suggests_nothing() -> None:
    """Noise, blank paper, a comb of lines and another one's bar code have a likeliest number too."""
    chance = np.random.default_rng(2)
    noise = cv2.resize(
        chance.integers(0, 256, (1, 180), np.uint8), (1200, 120), interpolation=cv2.INTER_NEAREST
    )
    comb = np.tile(np.kron(np.arange(150) % 2 * 255, np.ones(8)).astype(np.uint8), (120, 1))
    for picture in (noise, comb, np.full((120, 1200), 255, np.uint8), np.full((24, 20), 9, np.uint8)):
        assert texts(np.asarray(picture, np.uint8)) == set()


def test_noise_suggests_nothing_in_a_hundred_strips() -> None:
    """A suggestion is shown to a person: it must have something to go on."""
    chance = np.random.default_rng(3)
    for _ in range(100):
        line = np.kron(chance.integers(0, 2, 170), np.ones(7)).astype(np.uint8) * 200
        assert texts(np.tile(line, (60, 1))) == set()


def test_a_suggestion_is_given_only_to_who_asks_and_is_marked() -> None:
    """Nobody takes it for a reading who has not heard of it."""
    face = make_face(9)
    dots = np.array(press(face, "png-203"))
    dots[:400, :420] = 255
    picture = photograph(dots, Shot(defocus=2.0), seed=3)
    assert read_image(picture, budget_ms=60_000) == []
    (reading,) = read_image(picture, budget_ms=60_000, suggest=True)
    assert (reading.text, reading.format, reading.stage) == (face.number, CODE_128, "s10")
    assert reading.suggested
    assert reading.as_json()["suggested"] is True


def test_nothing_is_suggested_beside_a_reading() -> None:
    """What was read needs no guess; and only the stage that guesses is left out."""
    picture = press(make_face(9), "png-203")
    readings = read_image(picture, budget_ms=60_000, suggest=True, wanted=lambda _: False)
    assert len(readings) == 2
    assert not any(reading.suggested for reading in readings)
    assert [stage.name for stage in STAGES if stage.suggests] == ["s10"]
