"""What several frames show together, and never a text made of two labels."""

import numpy as np
import pytest

from labels.codes import QR_6M, QR_8Q
from scanner.engines import Picture
from scanner.erasure import read_label
from scanner.evidence import Evidence, Soft, is_seen_in_each
from scanner.template import FORMS, Template, template_of
from tests.labels.press import make_face
from tests.scanner.test_erasure import BOXES, symbol
from tests.scanner.test_template import printed

CHOSEN = {"100x70": 0, "100x50": 1}
PRINTS = {"100x70": QR_8Q, "100x50": QR_6M}
NOISE = {"100x70": 118.0, "100x50": 96.0}  # grey levels at which one frame is not enough


def noisy(picture: Picture, noise: float, seed: int) -> Picture:
    """The same label in another frame's noise, of grains of three dots."""
    chance = np.random.default_rng(seed)
    rows, columns = picture.shape
    grains = chance.normal(0, noise, (rows // 3 + 1, columns // 3 + 1))
    return np.clip(picture + np.kron(grains, np.ones((3, 3)))[:rows, :columns], 0, 255).astype(np.uint8)


def soft_of(serial: int, layout: str, wrong: float, seed: int) -> Soft:
    """What a frame shows of a label, some modules of the wrong colour."""
    colours = printed(serial, PRINTS[layout])
    flipped = np.random.default_rng(seed).random(colours.shape) < wrong
    return np.where(flipped, -colours, colours).astype(np.float32)


def words_of(serial: int, layout: str, template: Template) -> list[int]:
    """The codewords of a label, blocks one after the other."""
    colours = printed(serial, PRINTS[layout])
    bits = (colours[template.cells[..., 0], template.cells[..., 1]] == 1) ^ template.flips
    return [int(word) for word in np.packbits(bits, axis=1)[:, 0]]


@pytest.mark.parametrize("layout", BOXES)
def test_frames_that_are_not_enough_alone_are_enough_together(layout: str) -> None:
    """Noise is new in each frame; what is under it is not."""
    read = alone = 0
    for serial in range(4):
        digits, picture, corners = symbol(serial, layout)
        evidence = Evidence()
        frames = [noisy(picture, NOISE[layout], serial * 10 + frame) for frame in range(4)]
        alone += any(read_label(frame, corners) for frame in frames)
        texts = set()
        for frame in frames:
            evidence.next_frame()
            texts |= {finding.text for finding in read_label(frame, corners, evidence)}
        assert texts <= {digits}
        read += bool(texts)
    assert read >= 3
    assert alone <= 1


@pytest.mark.parametrize("layout", BOXES)
def test_frames_of_two_labels_are_never_joined(layout: str) -> None:
    """Envelope after envelope passes the camera; a third one's label must not come of two."""
    evidence = Evidence()
    labels = [symbol(serial, layout) for serial in (1, 2)]
    for frame in range(8):
        digits, picture, corners = labels[frame % 2]
        evidence.next_frame()
        found = read_label(noisy(picture, NOISE[layout], frame), corners, evidence)
        assert {finding.text for finding in found} <= {digits}


@pytest.mark.parametrize("layout", BOXES)
def test_a_frame_joins_those_of_its_own_label_only(layout: str) -> None:
    """A fifth of the modules may be wrong in each, and labels of one office begin alike."""
    chosen = CHOSEN[layout]
    template = template_of(FORMS[chosen])
    evidence = Evidence()
    ours = [soft_of(5, layout, 0.2, seed) for seed in range(3)]
    other = soft_of(6, layout, 0.0, 9)
    for soft in (ours[0], other, ours[1]):
        evidence.next_frame()
        evidence.note(chosen, template, soft, 0.3)
    evidence.next_frame()
    joined = evidence.of_same_label(chosen, template, ours[2])
    assert {id(soft) for soft in joined} == {id(ours[0]), id(ours[1])}
    assert evidence.of_same_label(1 - chosen, template_of(FORMS[1 - chosen]), ours[2][:41, :41]) == []


@pytest.mark.parametrize("layout", BOXES)
def test_blocks_of_two_labels_are_seen_in_neither(layout: str) -> None:
    """Each block is a code word and the whole is no label: only the frames say so."""
    template = template_of(FORMS[CHOSEN[layout]])
    one, other = (words_of(serial, layout, template) for serial in (5, 6))
    cut = template.starts[2]
    frames = [soft_of(5, layout, 0.2, 1), soft_of(6, layout, 0.2, 2)]
    mixed = one[:cut] + other[cut:]
    assert is_seen_in_each(template, one, frames[:1])
    assert not is_seen_in_each(template, one, frames)
    assert not is_seen_in_each(template, mixed, frames[:1])
    assert not is_seen_in_each(template, mixed, frames[1:])


def test_several_looks_at_one_frame_count_once() -> None:
    """The same noise added to itself is no further evidence."""
    template = template_of(FORMS[0])
    evidence = Evidence()
    evidence.next_frame()
    poor, good = soft_of(5, "100x70", 0.2, 1), soft_of(5, "100x70", 0.1, 1)
    for soft, agreement in ((poor, 0.3), (good, 0.4), (poor, 0.35)):
        evidence.note(0, template, soft, agreement)
    assert evidence.of_same_label(0, template, good) == []
    evidence.next_frame()
    (kept,) = evidence.of_same_label(0, template, good)
    assert kept is good


def test_labels_differ_enough() -> None:
    """What two labels share by chance or by their office stays far below what two frames of one label share."""
    for layout, form in PRINTS.items():
        free = template_of(FORMS[CHOSEN[layout]]).known == 0
        first = printed(1, form)[free].astype(float)
        assert all(abs((first * printed(serial, form)[free]).mean()) < 0.2 for serial in range(2, 30))
    assert make_face(1).digits != make_face(2).digits
