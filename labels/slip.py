"""Paper slips on A4: two to a page, each in two parts of one number, for pen and ink.

The giver keeps the left part, the taker the right one; both sign both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from labels import fonts
from labels.codes import text_qr_runs
from labels.drawing import Box, Cells, Drawing, Shape, Text, Weight
from labels.pdf import write_pdf

__all__ = ["SLIPS_A_PAGE", "Slip", "slips_pdf"]

SLIPS_A_PAGE: Final = 2
_WIDTH_MM, _HEIGHT_MM = 210.0, 297.0
_SLIP_MM: Final = _HEIGHT_MM / SLIPS_A_PAGE
_PART_MM: Final = _WIDTH_MM / 2
_MARGIN_MM: Final = 8.0
_LINE_MM: Final = 0.2
_QR_MM: Final = 20.0
_DASH_MM: Final = 3.0
_KEEPERS: Final = ("Liên 1: người giao giữ", "Liên 2: người nhận giữ")
_ROWS: Final = (
    "Số hiệu bưu gửi",
    "Người giao (họ tên, đơn vị)",
    "Người nhận (họ tên, đơn vị)",
    "Giờ, ngày, nơi giao nhận",
    "Số niêm phong (người nhận đọc)",
)
_STATES: Final = ("nguyên vẹn", "hư hại", "bị bóc")
_SIGNED: Final = ("Người giao ký", "Người nhận ký")


@dataclass(frozen=True, slots=True)
class Slip:
    """One slip.

    Attributes:
        number: as the QR code holds it.
        shown: as people read it.
        office: name of the post office whose slip it is.
    """

    number: str
    shown: str
    office: str


def slips_pdf(slips: Iterable[Slip]) -> bytes:
    """Return the pages, A4, vector."""
    every = list(slips)
    pages = [
        Drawing(width_mm=_WIDTH_MM, height_mm=_HEIGHT_MM, shapes=tuple(_page(every[at : at + SLIPS_A_PAGE])))
        for at in range(0, len(every), SLIPS_A_PAGE)
    ]
    return write_pdf(pages, title="Trạm: phiếu giao nhận viết tay")


def _page(slips: Sequence[Slip]) -> Iterator[Shape]:
    for place, slip in enumerate(slips):
        top_mm = place * _SLIP_MM
        if place:
            yield from _cut(0, top_mm, _WIDTH_MM, is_across=True)
        yield from _cut(_PART_MM, top_mm, _SLIP_MM, is_across=False)
        for part, keeper in enumerate(_KEEPERS):
            yield from _part(slip, keeper, part * _PART_MM + _MARGIN_MM, top_mm + _MARGIN_MM)


def _part(slip: Slip, keeper: str, left_mm: float, top_mm: float) -> Iterator[Shape]:
    inner_mm = _PART_MM - 2 * _MARGIN_MM
    yield _text(left_mm, top_mm + 4, 4.4, "Phiếu giao nhận KT1", Weight.EXTRABOLD)
    yield _text(left_mm, top_mm + 9, 3.0, "Viết tay khi máy không dùng được", Weight.REGULAR)
    yield _text(left_mm, top_mm + 15.5, 4.8, slip.shown, Weight.SEMIBOLD)
    yield _text(left_mm, top_mm + 20, 2.9, slip.office, Weight.REGULAR)
    yield _qr(slip.number, left_mm + inner_mm - _QR_MM, top_mm)
    for n, caption in enumerate(_ROWS):
        base_mm = top_mm + 37 + n * 13.5
        yield _text(left_mm, base_mm - 9.2, 2.7, caption, Weight.REGULAR)
        yield Box(x_mm=left_mm, y_mm=base_mm, width_mm=inner_mm, height_mm=_LINE_MM)
    yield from _states(left_mm, top_mm + 96.5)
    for n, caption in enumerate(_SIGNED):
        x_mm = left_mm + n * (inner_mm / 2 + 1)
        yield Box(x_mm=x_mm, y_mm=top_mm + 121, width_mm=inner_mm / 2 - 1, height_mm=_LINE_MM)
        yield _text(x_mm, top_mm + 125, 2.7, caption, Weight.REGULAR)
    yield _text(left_mm, top_mm + 131, 2.9, keeper, Weight.SEMIBOLD)


def _states(left_mm: float, base_mm: float) -> Iterator[Shape]:
    """Three boxes to tick: how the seal looks."""
    yield _text(left_mm, base_mm, 2.7, "Niêm phong:", Weight.REGULAR)
    for n, state in enumerate(_STATES):
        x_mm = left_mm + 19 + n * 24
        yield from _square(x_mm, base_mm - 3.4, 4.0)
        yield _text(x_mm + 5.2, base_mm, 2.7, state, Weight.REGULAR)


def _square(x_mm: float, y_mm: float, side_mm: float) -> Iterator[Shape]:
    for dy in (0.0, side_mm):
        yield Box(x_mm=x_mm, y_mm=y_mm + dy, width_mm=side_mm + _LINE_MM, height_mm=_LINE_MM)
    for dx in (0.0, side_mm):
        yield Box(x_mm=x_mm + dx, y_mm=y_mm, width_mm=_LINE_MM, height_mm=side_mm)


def _cut(x_mm: float, y_mm: float, length_mm: float, *, is_across: bool) -> Iterator[Shape]:
    """A dashed line to cut along."""
    for n in range(int(length_mm / (2 * _DASH_MM))):
        at_mm = (2 * n + 0.5) * _DASH_MM
        if is_across:
            yield Box(x_mm=x_mm + at_mm, y_mm=y_mm, width_mm=_DASH_MM, height_mm=_LINE_MM)
        else:
            yield Box(x_mm=x_mm, y_mm=y_mm + at_mm, width_mm=_LINE_MM, height_mm=_DASH_MM)


def _text(x_mm: float, baseline_mm: float, size_mm: float, text: str, weight: Weight) -> Text:
    shown = fonts.printable(text, weight)
    return Text(x_mm=x_mm, baseline_mm=baseline_mm, size_mm=size_mm, weight=weight, text=shown)


def _qr(text: str, x_mm: float, y_mm: float) -> Cells:
    rows = text_qr_runs(text)
    cell_mm = _QR_MM / len(rows)
    return Cells(
        x_mm=x_mm, y_mm=y_mm, cell_width_mm=cell_mm, cell_height_mm=cell_mm, columns=len(rows), rows=rows
    )
