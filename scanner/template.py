"""What is known of our QR codes before a picture is seen: ISO/IEC 18004 for the two forms that our labels have.

Version, level and mask of a label are fixed, and so are its mode, its length of 224 digits and its padding. So the
place of every bit is known, and the value of many. `labels.codes` prints what this describes; a test compares them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

__all__ = ["FORMS", "Form", "Template", "patterns_of", "template_of"]

DIGITS: Final = 224
_HEAD: Final = "0001" + f"{DIGITS:010b}"  # numeric mode and the count of versions 1 to 9
_GROUPS_BITS: Final = DIGITS // 3 * 10 + 7  # 74 groups of three digits, and two digits
_PADS: Final = (0xEC, 0x11)
# A label of version and suite 0x11 is 024... or 025... of 222 digits: nine of the first group's ten bits.
_FIRST_GROUP: Final = "000001100"


@dataclass(frozen=True, slots=True)
class Form:
    """A form of QR code that labels have.

    Attributes:
        version, mask: as in ISO/IEC 18004.
        level: the two bits of the level of error correction (M 0, Q 3).
        parity: parity codewords a block.
        blocks: data codewords of each block.
    """

    version: int
    level: int
    mask: int
    parity: int
    blocks: tuple[int, ...]

    @property
    def modules(self) -> int:
        """Modules a side."""
        return 17 + 4 * self.version


FORMS: Final = (
    Form(version=8, level=3, mask=7, parity=22, blocks=(18, 18, 18, 18, 19, 19)),
    Form(version=6, level=0, mask=2, parity=16, blocks=(27, 27, 27, 27)),
)


@dataclass(frozen=True, slots=True)
class Template:
    """A form, laid out.

    Attributes:
        form: which.
        known: n x n; 1 dark and -1 light where every label is the same, 0 where labels differ.
        cells: codewords x 8 x 2; row and column of each bit, blocks one after the other, highest bit first.
        flips: codewords x 8; whether the mask inverts the bit.
        fixed: codewords x 8; the bit where it is known beforehand, otherwise -1.
        starts: index of each block's first codeword, and the end of the last.
    """

    form: Form
    known: NDArray[np.int8]
    cells: NDArray[np.intp]
    flips: NDArray[np.bool_]
    fixed: NDArray[np.int8]
    starts: tuple[int, ...]


@cache
def template_of(form: Form) -> Template:
    """Lay a form out."""
    known, taken = _function_patterns(form)
    order = _interleaved(form)
    path = _path(taken)
    rows, columns = path[len(order) * 8 :].T  # remainder bits, zero before the mask
    known[rows, columns] = np.where(_mask(form.mask, rows, columns), 1, -1)
    path = path[: len(order) * 8].reshape(-1, 8, 2)
    cells = np.empty_like(path)
    cells[order] = path
    rows, columns = cells[..., 0], cells[..., 1]
    flips = _mask(form.mask, rows, columns)
    fixed = _fixed(form)
    sure = fixed >= 0
    known[rows[sure], columns[sure]] = np.where((fixed[sure] == 1) ^ flips[sure], 1, -1)
    lengths = [data + form.parity for data in form.blocks]
    starts = (0, *(int(end) for end in np.cumsum(lengths)))
    return Template(form, known, cells, flips, fixed, starts)


def _interleaved(form: Form) -> NDArray[np.intp]:
    """Return, for each codeword in the order of the symbol, its place with the blocks one after the other."""
    starts = np.cumsum([0, *(data + form.parity for data in form.blocks)])
    order: list[int] = []
    for index in range(max(form.blocks)):
        order += [int(starts[block]) + index for block, data in enumerate(form.blocks) if index < data]
    for index in range(form.parity):
        order += [int(starts[block]) + data + index for block, data in enumerate(form.blocks)]
    return np.array(order, np.intp)


def _fixed(form: Form) -> NDArray[np.int8]:
    """Return the bits that every label has, -1 for the others; blocks one after the other."""
    bits = np.full(sum(form.blocks) * 8, -1, np.int8)
    head = _HEAD + _FIRST_GROUP
    bits[: len(head)] = [int(bit) for bit in head]
    end = len(_HEAD) + _GROUPS_BITS
    padded = -(-(end + 4) // 8)  # the terminator is four zeros
    bits[end : padded * 8] = 0
    pads = [_PADS[index % 2] for index in range(sum(form.blocks) - padded)]
    bits[padded * 8 :] = np.unpackbits(np.array(pads, np.uint8))
    laid, first = [], 0
    for data in form.blocks:
        laid += [bits[first * 8 : (first + data) * 8], np.full(form.parity * 8, -1, np.int8)]
        first += data
    return np.concatenate(laid).reshape(-1, 8)


def _mask(mask: int, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Return where the mask inverts, ISO/IEC 18004 7.8.2; only the masks of our forms."""
    if mask == 2:
        return np.asarray(columns % 3 == 0, np.bool_)
    return np.asarray(((rows + columns) % 2 + rows * columns % 3) % 2 == 0, np.bool_)


def _path(taken: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Return rows and columns in which bits are laid: pairs of columns from the right, up and down in turn."""
    side = len(taken)
    cells: list[tuple[int, int]] = []
    rows: range = range(side - 1, -1, -1)
    for right in (*range(side - 1, 6, -2), 5, 3, 1):
        cells += [(row, column) for row in rows for column in (right, right - 1) if not taken[row, column]]
        rows = rows[::-1]
    return np.array(cells, np.intp)


@cache
def patterns_of(version: int) -> NDArray[np.int8]:
    """Return finder, timing and alignment patterns of a version: 1 dark, -1 light, 0 what may be either."""
    side = 17 + 4 * version
    known = np.zeros((side, side), np.int8)
    line = np.where(np.arange(side) % 2 == 0, 1, -1)
    known[6, :], known[:, 6] = line, line
    centres = _alignment(version)
    for row in centres:
        for column in centres:
            if (row, column) not in {(6, 6), (6, side - 7), (side - 7, 6)}:
                known[row - 2 : row + 3, column - 2 : column + 3] = _rings(5)
    known[:8, :8] = _rings(9)[1:, 1:]
    known[:8, -8:] = _rings(9)[1:, :-1]
    known[-8:, :8] = _rings(9)[:-1, 1:]
    return known


def _alignment(version: int) -> list[int]:
    """Return the centres of the alignment patterns, in both directions; ISO/IEC 18004 annex E."""
    if version == 1:
        return []
    count = version // 7 + 2
    step = 26 if version == 32 else (4 * version + 2 * count + 1) // (2 * count - 2) * 2
    last = 10 + 4 * version
    return [6, *(last - step * index for index in range(count - 2, -1, -1))]


def _function_patterns(form: Form) -> tuple[NDArray[np.int8], NDArray[np.bool_]]:
    """Return what a form's data goes around, format and version included; and where that lies."""
    known = patterns_of(form.version).copy()
    _format(known, form)
    if form.version >= 7:
        _version(known, form)
    return known, known != 0


def _rings(side: int) -> NDArray[np.int8]:
    """Return squares in one another: 9 is a finder pattern with its separator, 5 an alignment pattern."""
    steps = np.abs(np.arange(side) - side // 2)
    distance = np.maximum(steps[:, None], steps[None, :])
    return np.where(np.isin(distance, (2, 4) if side == 9 else (1,)), -1, 1).astype(np.int8)


def _format(known: NDArray[np.int8], form: Form) -> None:
    """Put in the format information, ISO/IEC 18004 7.9, highest bit first, both copies."""
    value = form.level << 3 | form.mask
    bits = (value << 10 | _remainder(value << 10, 0x537)) ^ 0x5412
    signs = [1 if bits >> shift & 1 else -1 for shift in range(14, -1, -1)]
    around = [(8, column) for column in (0, 1, 2, 3, 4, 5, 7, 8)] + [
        (row, 8) for row in (7, 5, 4, 3, 2, 1, 0)
    ]
    side = len(known)
    apart = [(side - 1 - step, 8) for step in range(7)] + [(8, side - 8 + step) for step in range(8)]
    for sign, one, other in zip(signs, around, apart, strict=True):
        known[one] = known[other] = sign
    known[side - 8, 8] = 1


def _version(known: NDArray[np.int8], form: Form) -> None:
    """Put in the version information, ISO/IEC 18004 7.10, lowest bit first, both copies."""
    bits = form.version << 12 | _remainder(form.version << 12, 0x1F25)
    side = len(known)
    for index in range(18):
        row, column = index // 3, side - 11 + index % 3
        known[row, column] = known[column, row] = 1 if bits >> index & 1 else -1


def _remainder(value: int, divisor: int) -> int:
    while value.bit_length() >= divisor.bit_length():
        value ^= divisor << (value.bit_length() - divisor.bit_length())
    return value
