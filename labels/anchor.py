"""The paper anchor: a sheet of A5 for the ledger, with a checkpoint for people and for scanners, stamped and signed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from labels import fonts
from labels.codes import text_qr_runs
from labels.drawing import Box, Cells, Drawing, Shape, Text, Weight
from labels.pdf import write_pdf
from labels.svg import write_svg

__all__ = ["anchor_sheet"]

_WIDTH_MM, _HEIGHT_MM = 210.0, 148.0
_LEFT_MM, _RIGHT_MM = 15.0, 195.0
_QR_MM: Final = 46.0
_A_ROW: Final = 5  # groups of four characters
_PLACES: Final = ("Đóng dấu cơ quan", "Người thứ nhất (ký, họ tên)", "Người thứ hai (ký, họ tên)")


def anchor_sheet(*, origin: str, size: int, time: str, groups: Sequence[str], text: str, fmt: str) -> bytes:
    """Return the sheet.

    Args:
        origin: the log's name.
        size: entries in the log.
        time: signed time of the checkpoint, as people write it.
        groups: from `custody.paper.paper_groups`.
        text: from `custody.paper.paper_text`, for the QR code.
        fmt: "svg" or "pdf".
    """
    drawing = Drawing(
        width_mm=_WIDTH_MM,
        height_mm=_HEIGHT_MM,
        shapes=tuple(_shapes(origin, f"{size:,}".replace(",", "."), time, groups, text)),
    )
    return write_svg(drawing) if fmt == "svg" else write_pdf([drawing], title=f"Trạm {origin} {size}")


def _shapes(origin: str, size: str, time: str, groups: Sequence[str], text: str) -> Iterator[Shape]:
    yield _text(_LEFT_MM, 22, 7.0, "Trạng thái nhật ký niêm phong", Weight.EXTRABOLD)
    yield _text(_LEFT_MM, 29, 3.6, "Lưu vào sổ. Đối chiếu lại: tram anchor check", Weight.REGULAR)
    rows = (("Nhật ký", origin, 40.0), ("Số mục", size, 52.0), ("Thời điểm ký", time, 64.0))
    for caption, value, top_mm in rows:
        yield _text(_LEFT_MM, top_mm, 3.2, caption, Weight.REGULAR)
        yield _text(_LEFT_MM, top_mm + 5.5, _fitting(value, 5.0, 118), value, Weight.SEMIBOLD)
    yield _text(_LEFT_MM, 78, 3.2, "Mã gốc (52 ký tự và 4 ký tự kiểm tra)", Weight.REGULAR)
    for at in range(0, len(groups), _A_ROW):
        for column, group in enumerate(groups[at : at + _A_ROW]):
            yield _text(_LEFT_MM + column * 23, 85 + at / _A_ROW * 7.5, 5.6, group, Weight.SEMIBOLD)
    yield _qr(text)
    for n, caption in enumerate(_PLACES):
        left_mm = _LEFT_MM + n * 62
        yield Box(x_mm=left_mm, y_mm=132, width_mm=54, height_mm=0.25)
        yield _text(left_mm, 137, 3.2, caption, Weight.REGULAR)


def _text(x_mm: float, baseline_mm: float, size_mm: float, text: str, weight: Weight) -> Text:
    shown = fonts.printable(text, weight)
    return Text(x_mm=x_mm, baseline_mm=baseline_mm, size_mm=size_mm, weight=weight, text=shown)


def _fitting(text: str, size_mm: float, width_mm: float) -> float:
    wide = fonts.width_em(Weight.SEMIBOLD, fonts.printable(text, Weight.SEMIBOLD)) * size_mm
    return size_mm if wide <= width_mm else size_mm * width_mm / wide


def _qr(text: str) -> Cells:
    rows = text_qr_runs(text)
    cell_mm = _QR_MM / len(rows)
    return Cells(
        x_mm=_RIGHT_MM - _QR_MM,
        y_mm=36,
        cell_width_mm=cell_mm,
        cell_height_mm=cell_mm,
        columns=len(rows),
        rows=rows,
    )
