"""The test page of a printer: rulers, Vietnamese letters, and both codes in growing sizes, each of which says its size.

What a test code holds can never be a label, nor a misread one: it is a digit longer, and no item has the service
indicator ZZ.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from custody.label import DIGITS
from custody.s10 import make_number
from labels import codes, fonts
from labels.codes import CODE128_MODULES, CODE128_QUIET, QR_8Q, QR_QUIET, QrForm
from labels.drawing import Box, Cells, Drawing, Shape, Text, Weight
from labels.errors import FaceError
from labels.layouts import LAYOUTS
from labels.pdf import write_pdf
from labels.svg import write_svg
from labels.zpl import write_zpl

__all__ = [
    "BAR_SIZES_MM",
    "QR_SIZES_MM",
    "TRIAL_PAPERS",
    "trial_digits",
    "trial_drawings",
    "trial_number",
    "trial_page",
]

QR_SIZES_MM: Final = (0.375, 0.5, 0.625, 0.75, 0.875, 1.0, 1.125)
BAR_SIZES_MM: Final = (0.25, 0.375, 0.5)
TRIAL_PAPERS: Final = ("a4", *LAYOUTS)
_SERVICE: Final = "ZZ"
_FILL: Final = "31415926535897932384626433832795028841971693993751"
_BAR_HEIGHT_MM: Final = 10.25
_EDGE_MM: Final = 1.0
_CAPTION_MM: Final = 3.0
_THIN_MM: Final = 0.125
_LETTERS: Final = ("ẮẲẴẶẤẨẪẬẾỂỄỆỐỔỖỘỚỞỠỢỨỬỮỰĐ", "ắẳẵặấẩẫậếểễệốổỗộớởỡợứửữựđ", "Hỏa tốc · Hẹn giờ · A B C")


def trial_digits(module_mm: float) -> str:
    """Return the 225 digits of a test QR code: 9, four digits of the module in micrometres, and any others."""
    return f"9{round(module_mm * 1000):04d}{_FILL * 5}"[: DIGITS + 1]


def trial_number(module_mm: float) -> str:
    """Return the 13 characters of a test Code 128: ZZ, and the module in micrometres as a serial."""
    return make_number(round(module_mm * 1000), _SERVICE)


def trial_page(paper: str, fmt: str, *, dpi: int = 203) -> bytes:
    """Return the test page for *paper*: "a4", or a layout's name for labels of that size.

    Args:
        paper: one of `TRIAL_PAPERS`.
        fmt: "pdf" or "zpl", or "svg" for A4; a ruler and one label for each size of code.
        dpi: of the printer, for zpl.

    Raises:
        FaceError: paper or format of another kind.
    """
    drawings = trial_drawings(paper)
    if fmt == "pdf":
        return write_pdf(drawings, title=f"Trạm {paper}")
    if fmt == "zpl" and paper != "a4":
        return b"".join(write_zpl(drawing, dpi) for drawing in drawings)
    if fmt == "svg" and len(drawings) == 1:
        return write_svg(drawings[0])
    raise FaceError(f"format {fmt!r} for a test on {paper} is none of pdf, zpl for labels, svg for a4")


def trial_drawings(paper: str) -> list[Drawing]:
    """Return the drawings of a test.

    Raises:
        FaceError: no such paper.
    """
    if paper == "a4":
        return [Drawing(width_mm=210, height_mm=297, shapes=tuple(_a4()))]
    if paper not in LAYOUTS:
        raise FaceError(f"paper {paper!r} is none of {', '.join(TRIAL_PAPERS)}", hint="choose one of these")
    layout = LAYOUTS[paper]
    size = (layout.width_mm, layout.height_mm)
    shapes = [tuple(_rulers_of(*size)), *(tuple(each) for each in _stairs(*size, layout.qr.form))]
    return [Drawing(width_mm=size[0], height_mm=size[1], shapes=each) for each in shapes]


def _a4() -> Iterator[Shape]:
    yield _text(20, 18, 7, "Trạm: trang in thử", Weight.EXTRABOLD)
    yield _text(
        20, 24, 3.2, "Đặt thước lên hai vạch: phải đúng 100 mm. In ở tỷ lệ 100 %, không co giãn theo trang."
    )
    yield from _ruler(20, 32, 100, is_upright=False)
    yield from _ruler(195, 32, 100, is_upright=True)
    yield from (_text(130, 31 + n * 4.5, 3.2, words) for n, words in enumerate(_LETTERS))
    yield from _row(((20, 1.0), (77, 0.875), (130, 0.75)), 50)
    yield from _row(((20, 0.625), (58, 0.5), (90, 0.375)), 112)
    for n, module_mm in enumerate(BAR_SIZES_MM):
        top_mm = 162 + n * 26
        yield _text(20, top_mm, _CAPTION_MM, _size_words(module_mm))
        yield _bars(module_mm, 25, top_mm + 2)


def _row(places: tuple[tuple[float, float], ...], top_mm: float) -> Iterator[Shape]:
    for left_mm, module_mm in places:
        yield _text(left_mm, top_mm, _CAPTION_MM, _size_words(module_mm))
        yield _qr(module_mm, QR_8Q, left_mm, top_mm + 1.5 + QR_QUIET * module_mm)


def _rulers_of(width_mm: float, height_mm: float) -> Iterator[Shape]:
    """Draw a label with a ruler along two edges and the letters between."""
    yield _text(14, 20, 5, f"{width_mm:g} × {height_mm:g} mm", Weight.EXTRABOLD)
    yield from (_text(14, 26 + n * 5, 3.4, words) for n, words in enumerate(_LETTERS))
    yield from _ruler(6, 5, 90, is_upright=False)
    yield from _ruler(4, 5, height_mm // 10 * 10 - 10, is_upright=True)
    for inset_mm in (0.5, 1.0, 1.5, 2.0):  # what of these is missing shows how far the print lies off
        yield from _corner(inset_mm, width_mm - inset_mm, height_mm - inset_mm)


def _corner(inset_mm: float, right_mm: float, bottom_mm: float) -> Iterator[Box]:
    length_mm = 8 - inset_mm
    yield Box(x_mm=right_mm - length_mm, y_mm=bottom_mm - _THIN_MM, width_mm=length_mm, height_mm=_THIN_MM)
    yield Box(x_mm=right_mm - _THIN_MM, y_mm=bottom_mm - length_mm, width_mm=_THIN_MM, height_mm=length_mm)


def _stairs(width_mm: float, height_mm: float, form: QrForm) -> Iterator[Iterator[Shape]]:
    """Yield a label for each size of QR code that finds room above the bars."""
    room_mm = height_mm - _BAR_HEIGHT_MM - 2 * _EDGE_MM
    for module_mm in QR_SIZES_MM:
        if (form.modules + 2 * QR_QUIET) * module_mm <= room_mm:
            yield _step(module_mm, form, width_mm, height_mm)


def _step(module_mm: float, form: QrForm, width_mm: float, height_mm: float) -> Iterator[Shape]:
    bar_mm = BAR_SIZES_MM[0] if module_mm < 0.625 else BAR_SIZES_MM[1] if module_mm < 1 else BAR_SIZES_MM[2]
    quiet_mm = QR_QUIET * module_mm
    words_mm = (form.modules + 2 * QR_QUIET) * module_mm + 2 * _EDGE_MM
    yield _qr(module_mm, form, _EDGE_MM + quiet_mm, _EDGE_MM + quiet_mm)
    bars_mm = (CODE128_MODULES + 2 * CODE128_QUIET) * bar_mm
    yield _bars(
        bar_mm, (width_mm - bars_mm) / 2 + CODE128_QUIET * bar_mm, height_mm - _EDGE_MM - _BAR_HEIGHT_MM
    )
    for n, words in enumerate(("QR", _size_words(module_mm), "Code 128", _size_words(bar_mm))):
        yield _text(words_mm, 8 + n * 6, 4.2, words, Weight.REGULAR if n % 2 == 0 else Weight.EXTRABOLD)


def _size_words(module_mm: float) -> str:
    return f"{module_mm:g} mm".replace(".", ",")


def _qr(module_mm: float, form: QrForm, x_mm: float, y_mm: float) -> Cells:
    rows = codes.qr_runs(trial_digits(module_mm), form)
    return Cells(
        x_mm=x_mm, y_mm=y_mm, cell_width_mm=module_mm, cell_height_mm=module_mm, columns=len(rows), rows=rows
    )


def _bars(module_mm: float, x_mm: float, y_mm: float) -> Cells:
    return Cells(
        x_mm=x_mm,
        y_mm=y_mm,
        cell_width_mm=module_mm,
        cell_height_mm=_BAR_HEIGHT_MM,
        columns=CODE128_MODULES,
        rows=codes.code128_runs(trial_number(module_mm)),
    )


def _ruler(x_mm: float, y_mm: float, length_mm: float, *, is_upright: bool) -> Iterator[Shape]:
    """Draw a ruler rightwards or downwards from a point, a tick a millimetre; the outer edges are its length."""
    for mm in range(int(length_mm) + 1):
        tick_mm = 5.0 if mm % 10 == 0 else 3.5 if mm % 5 == 0 else 2.0
        at_mm = mm - (_THIN_MM if mm == length_mm else 0 if mm == 0 else _THIN_MM / 2)
        if is_upright:
            yield Box(x_mm=x_mm - tick_mm / 2, y_mm=y_mm + at_mm, width_mm=tick_mm, height_mm=_THIN_MM)
        else:
            yield Box(x_mm=x_mm + at_mm, y_mm=y_mm, width_mm=_THIN_MM, height_mm=tick_mm)
        if mm % 10 == 0 and mm:
            left_mm, base_mm = (x_mm + 3, y_mm + mm + 0.9) if is_upright else (x_mm + mm - 1.4, y_mm + 8)
            yield _text(left_mm, base_mm, 2.4, str(mm))


def _text(
    x_mm: float, baseline_mm: float, size_mm: float, text: str, weight: Weight = Weight.REGULAR
) -> Text:
    shown = fonts.printable(text, weight)
    return Text(x_mm=x_mm, baseline_mm=baseline_mm, size_mm=size_mm, weight=weight, text=shown)
