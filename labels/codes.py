"""The two symbols of a label: a QR code of fixed version, level and mask, and Code 128 in 156 modules.

Version, level and mask are the same on every label of a layout, so that a damaged one can be read by who knows them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from barcode.codex import Code128
from qrcode import QRCode, constants, util

from labels.drawing import Runs
from labels.errors import FaceError

__all__ = [
    "CODE128_MODULES",
    "CODE128_QUIET",
    "QR_6M",
    "QR_8Q",
    "QR_QUIET",
    "QrForm",
    "code128_runs",
    "qr_runs",
    "text_qr_runs",
]

QR_QUIET: Final = 4  # modules, ISO/IEC 18004 6.3.8
CODE128_MODULES: Final = 156  # start B, 2 letters, C, 4 pairs, B, digit, 2 letters, check, stop
CODE128_QUIET: Final = 10  # modules each side, ISO/IEC 15417 4.4.1
_DARK: Final = re.compile("1+")
_LEVELS: Final = {"M": constants.ERROR_CORRECT_M, "Q": constants.ERROR_CORRECT_Q}


@dataclass(frozen=True, slots=True)
class QrForm:
    """What is fixed of a layout's QR code.

    Attributes:
        version: ISO/IEC 18004 table 1.
        level: of error correction; never L, which a wrinkle defeats.
        mask: ISO/IEC 18004 7.8.2; the lowest mean penalty of the eight over random labels, but for `QR_8Q`, whose
            mask was fixed before that was measured again.
    """

    version: int
    level: Literal["M", "Q"]
    mask: int

    @property
    def modules(self) -> int:
        """Modules a side."""
        return 17 + 4 * self.version


QR_8Q: Final = QrForm(8, "Q", 7)
"""49 modules: where there is room."""
QR_6M: Final = QrForm(6, "M", 2)
"""41 modules: the smallest that takes 224 digits at level M."""


def qr_runs(digits: str, form: QrForm = QR_8Q) -> Runs:
    """Return the rows of the QR code of 224 digits: one numeric segment."""
    symbol = QRCode(
        version=form.version, error_correction=_LEVELS[form.level], border=0, mask_pattern=form.mask
    )
    symbol.add_data(util.QRData(digits, mode=util.MODE_NUMBER), optimize=0)
    symbol.make(fit=False)
    return tuple(_runs(row) for row in symbol.modules)


def text_qr_runs(text: str) -> Runs:
    """Return the rows of the QR code of *text*: the smallest version that takes it at level Q."""
    symbol = QRCode(error_correction=constants.ERROR_CORRECT_Q, border=0)
    symbol.add_data(text)
    symbol.make(fit=True)
    return tuple(_runs(row) for row in symbol.modules)


def code128_runs(number: str) -> Runs:
    """Return the one row of bars of a 13-character item number, switching to set C for its digits.

    Raises:
        FaceError: the symbol is not 156 modules long, so *number* is not of the S10 form.
    """
    bars: str = Code128(number).build()[0]
    if len(bars) != CODE128_MODULES:
        raise FaceError(f"bars of {len(bars)} modules for {number!r}, not {CODE128_MODULES}")
    return (_runs(char == "1" for char in bars),)


def _runs(cells: Iterable[bool | None]) -> tuple[tuple[int, int], ...]:
    line = "".join("1" if cell else "0" for cell in cells)
    return tuple((run.start(), run.end() - run.start()) for run in _DARK.finditer(line))
