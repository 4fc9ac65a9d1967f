"""The scanner's copy of what the labels print."""

import numpy as np
import pytest
from numpy.typing import NDArray
from qrcode import QRCode

from labels.codes import QR_6M, QR_8Q, QrForm, code128_runs, qr_runs
from scanner.code128 import CODE_B, CODE_C, MODULES, START_B, STOP, check_value, modules_of
from scanner.template import FORMS, Form, patterns_of, template_of
from tests.labels.press import make_face

PAIRS = list(zip(FORMS, (QR_8Q, QR_6M), strict=True))


def printed(serial: int, form: QrForm) -> NDArray[np.int8]:
    """The modules of a label's QR code as `labels` prints them: 1 dark, -1 light."""
    modules = np.full((form.modules, form.modules), -1, np.int8)
    for row, runs in enumerate(qr_runs(make_face(serial).digits, form)):
        for start, length in runs:
            modules[row, start : start + length] = 1
    return modules


@pytest.mark.parametrize("form, label", PAIRS)
def test_known_modules_are_those_that_all_labels_share(form: Form, label: QrForm) -> None:
    """One module taken for known and not so would be learned from, wrongly, in every picture."""
    known = template_of(form).known
    labels = np.stack([printed(serial * 7919, label) for serial in range(40)])
    assert np.array_equal(known != 0, (labels == labels[0]).all(axis=0))
    assert np.array_equal(known[known != 0], labels[0][known != 0])


@pytest.mark.parametrize("form, label", PAIRS)
def test_cells_are_the_codewords_in_their_order(form: Form, label: QrForm) -> None:
    """The digits stand in the data codewords, block after block, once the mask is taken off."""
    template = template_of(form)
    face = make_face(11)
    modules = printed(11, label)
    bits = (modules[template.cells[..., 0], template.cells[..., 1]] == 1) ^ template.flips
    words = np.packbits(bits, axis=1)[:, 0]
    data = [
        words[start : start + count] for start, count in zip(template.starts[:-1], form.blocks, strict=True)
    ]
    stream = "".join(f"{word:08b}" for word in np.concatenate(data))
    groups = [int(stream[14 + 10 * index : 24 + 10 * index], 2) for index in range(74)]
    assert "".join(f"{group:03d}" for group in groups) == face.digits[:222]
    cells = template.cells.reshape(-1, 2).tolist()
    assert len({tuple(cell) for cell in cells}) == len(cells) == 8 * template.starts[-1]


@pytest.mark.parametrize("version", range(1, 41))
def test_patterns_of_every_version_are_the_standards(version: int) -> None:
    """Any QR code may be crumpled, and each version has its alignment patterns elsewhere."""
    known = patterns_of(version)
    symbol = QRCode(version=version, border=0, mask_pattern=0)
    symbol.add_data("x")
    symbol.make(fit=False)
    drawn = np.where(np.array(symbol.modules, np.bool_), 1, -1)
    assert known.shape == drawn.shape
    assert np.array_equal(known[known != 0], drawn[known != 0])
    finders = 3 * 64
    timing = 2 * (len(known) - 16)
    centres = version // 7 + 2 if version > 1 else 0
    marks = max(0, centres * centres - 3)
    shared = 2 * 5 * max(0, centres - 2)
    assert int((known != 0).sum()) == finders + timing + 25 * marks - shared


def test_bars_of_a_number_are_those_of_the_label() -> None:
    """Sets switch where the decoder expects it."""
    number = make_face(40_817).number
    values = [START_B, *(ord(letter) - 32 for letter in number[:2]), CODE_C]
    values += [int(number[place : place + 2]) for place in range(2, 10, 2)]
    values += [CODE_B, *(ord(letter) - 32 for letter in number[10:])]
    dark = np.concatenate([modules_of(value) for value in (*values, check_value(values), STOP)])
    wanted = np.zeros(MODULES, np.bool_)
    for start, length in code128_runs(number)[0]:
        wanted[start : start + length] = True
    assert np.array_equal(dark, wanted)
