import random
from typing import Any

import numpy as np
import pytest
import zxingcpp
from numpy.typing import NDArray

from labels import FaceError
from labels.codes import CODE128_MODULES, QR_6M, QR_8Q, QrForm, code128_runs, qr_runs
from labels.drawing import Runs
from tests.labels.press import make_label

FORMAT_GENERATOR, FORMAT_XOR = 0b10100110111, 0b101010000010010  # ISO/IEC 18004 annex C


def matrix(runs: Runs, columns: int) -> NDArray[np.uint8]:
    """1 is dark."""
    cells = np.zeros((len(runs), columns), np.uint8)
    for row, spans in enumerate(runs):
        for start, length in spans:
            cells[row, start : start + length] = 1
    return cells


def enlarge(cells: NDArray[np.uint8], quiet: int) -> NDArray[np.uint8]:
    """Dark on light, 4 pixels a cell, with quiet zones."""
    return np.kron(np.pad(1 - cells, quiet, constant_values=1) * 255, np.ones((4, 4), np.uint8)).astype(
        np.uint8
    )


def format_bits(cells: NDArray[np.uint8]) -> int:
    """The 15 bits beside the top left finder, ISO/IEC 18004 figure 25, most significant first."""
    places = [(8, x) for x in (0, 1, 2, 3, 4, 5, 7, 8)] + [(y, 8) for y in (7, 5, 4, 3, 2, 1, 0)]
    return int("".join(str(cells[place]) for place in places), 2)


def format_of(level: int, mask: int) -> int:
    """Encode level and mask, BCH (15, 5)."""
    data = level << 3 | mask
    rest = data << 10
    for bit in range(14, 9, -1):
        if rest >> bit & 1:
            rest ^= FORMAT_GENERATOR << (bit - 10)
    return (data << 10 | rest) ^ FORMAT_XOR


LEVELS = {"M": 0b00, "Q": 0b11}  # ISO/IEC 18004 table 12
FORMS = pytest.mark.parametrize("form", [QR_8Q, QR_6M], ids=["8-Q", "6-M"])


@FORMS
def test_version_level_and_mask_are_fixed(form: QrForm) -> None:
    """The format bits are read from the modules, not asked of the encoder."""
    for serial in range(20):
        cells = matrix(qr_runs(make_label(serial).digits, form), form.modules)
        assert cells.shape == (form.modules, form.modules)
        assert format_bits(cells) == format_of(LEVELS[form.level], form.mask)


@FORMS
def test_another_decoder_sees_version_level_and_mask(form: QrForm) -> None:
    """zxing-cpp reports what it decoded."""
    digits = make_label(5).digits
    (symbol,) = zxingcpp.read_barcodes(enlarge(matrix(qr_runs(digits, form), form.modules), 4))
    extra: Any = symbol.extra
    assert (symbol.text, str(extra["Version"]), symbol.ec_level) == (digits, str(form.version), form.level)
    assert extra["DataMask"] == form.mask


@FORMS
def test_a_second_encoder_makes_the_same_modules(form: QrForm) -> None:
    """Every codeword, padding and parity included. zxing-cpp chooses its mask: where it is ours, compare."""
    chance = random.Random(3)
    compared = 0
    for _ in range(60):
        digits = "".join(chance.choices("0123456789", k=224))
        options = f"ecLevel={form.level},version={form.version}"
        other = zxingcpp.create_barcode(digits, zxingcpp.BarcodeFormat.QRCode, options=options)
        image = np.array(zxingcpp.write_barcode_to_image(other, scale=1, add_quiet_zones=False))
        cells = (image == 0).astype(np.uint8)
        if format_bits(cells) == format_of(LEVELS[form.level], form.mask):
            assert np.array_equal(cells, matrix(qr_runs(digits, form), form.modules))
            compared += 1
    assert compared >= 3


def test_code_128_switches_to_digit_pairs() -> None:
    """156 modules instead of 178: 4 mm of bars, or thinner ones."""
    for serial in range(20):
        (bars,) = code128_runs(make_label(serial * 4_999_999).number)
        assert bars[0] == (0, 2)
        assert bars[-1] == (CODE128_MODULES - 2, 2)
        assert CODE128_MODULES == 11 * 13 + 13  # 13 characters of 11 modules, and stop


def test_code_128_is_read_by_another_decoder() -> None:
    """The row alone, as wide as it is printed."""
    number = make_label(8).number
    cells = np.repeat(matrix(code128_runs(number), CODE128_MODULES), 30, axis=0)
    (symbol,) = zxingcpp.read_barcodes(enlarge(cells, 10))
    assert (symbol.format, symbol.text) == (zxingcpp.BarcodeFormat.Code128, number)


def test_bars_of_another_length_are_refused() -> None:
    """A shorter text would be drawn in the same room with the wrong width."""
    with pytest.raises(FaceError, match="modules"):
        code128_runs("ZK12")
