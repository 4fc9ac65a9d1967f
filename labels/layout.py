"""Where everything stands on a label: dimensions as data, one function that places a face in them.

Everything lies on a grid of 0.125 mm, one dot of a 203 dpi printer, so that edges there are sharp.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from custody.s10 import group_number
from labels import codes, fonts
from labels.drawing import Box, Cells, Drawing, Shape, Text, Weight
from labels.face import LabelFace
from labels.fit import ASCENT, LEADING, fit_text

__all__ = ["LABEL_100X70", "Field", "Layout", "compose"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A place for text: its box, and the sizes of the em between which it is fitted."""

    x_mm: float
    y_mm: float
    width_mm: float
    height_mm: float
    weight: Weight
    largest_mm: float
    smallest_mm: float
    inverse: bool = False
    centred: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One label size.

    Attributes:
        qr_x_mm, qr_y_mm: top left module; the quiet zone is around it.
        bars_x_mm, bars_y_mm: the first bar; the quiet zones are beside it.
        mark_box, urgency_box: black, with the mark or the urgency in white; absent where there is none.
    """

    width_mm: float
    height_mm: float
    qr_x_mm: float
    qr_y_mm: float
    qr_module_mm: float
    bars_x_mm: float
    bars_y_mm: float
    bars_module_mm: float
    bars_height_mm: float
    rules: tuple[Box, ...]
    service: Field
    mark_box: Box
    mark: Field
    sender_caption: Field
    sender: Field
    recipient_caption: Field
    recipient: Field
    number: Field
    urgency_box: Box
    urgency: Field
    urgency_over_due: Field
    due: Field


def _caption(y_mm: float) -> Field:
    return Field(
        x_mm=54, y_mm=y_mm, width_mm=42, height_mm=3, weight=Weight.REGULAR, largest_mm=2.5, smallest_mm=2.5
    )


def _name(y_mm: float, height_mm: float, weight: Weight, largest_mm: float) -> Field:
    return Field(
        x_mm=54,
        y_mm=y_mm,
        width_mm=42,
        height_mm=height_mm,
        weight=weight,
        largest_mm=largest_mm,
        smallest_mm=2,
    )


def _urgency(y_mm: float, height_mm: float, largest_mm: float) -> Field:
    return Field(
        x_mm=69.5,
        y_mm=y_mm,
        width_mm=25,
        height_mm=height_mm,
        weight=Weight.EXTRABOLD,
        largest_mm=largest_mm,
        smallest_mm=2,
        inverse=True,
        centred=True,
    )


LABEL_100X70: Final = Layout(
    width_mm=100,
    height_mm=70,
    qr_x_mm=4.5,
    qr_y_mm=4.5,
    qr_module_mm=0.875,  # 7 dots at 203 dpi; cameras read everyday pictures of it at 25 cm
    bars_x_mm=4.5,
    bars_y_mm=52.5,
    bars_module_mm=0.375,  # 3 dots at 203 dpi
    bars_height_mm=10.25,
    rules=(Box(x_mm=54, y_mm=21.5, width_mm=42, height_mm=0.375),),
    service=Field(
        x_mm=54,
        y_mm=4.5,
        width_mm=24,
        height_mm=14.5,
        weight=Weight.EXTRABOLD,
        largest_mm=14.5,
        smallest_mm=8,
    ),
    mark_box=Box(x_mm=81.5, y_mm=4.5, width_mm=14.5, height_mm=14.5),
    mark=Field(
        x_mm=81.5,
        y_mm=4.5,
        width_mm=14.5,
        height_mm=14.5,
        weight=Weight.EXTRABOLD,
        largest_mm=14.5,
        smallest_mm=8,
        inverse=True,
        centred=True,
    ),
    sender_caption=_caption(23.25),
    sender=_name(26.25, 8.25, Weight.REGULAR, 3.5),
    recipient_caption=_caption(34.75),
    recipient=_name(38, 13, Weight.SEMIBOLD, 5),
    number=Field(
        x_mm=4.5,
        y_mm=64.25,
        width_mm=58.5,
        height_mm=3.75,
        weight=Weight.SEMIBOLD,
        largest_mm=5,
        smallest_mm=3,
        centred=True,
    ),
    urgency_box=Box(x_mm=68, y_mm=52.5, width_mm=28, height_mm=15.5),
    urgency=_urgency(52.5, 15.5, 6),
    urgency_over_due=_urgency(53.75, 6, 4.5),
    due=_urgency(60, 7, 5),
)


def compose(face: LabelFace, layout: Layout = LABEL_100X70) -> Drawing:
    """Place *face* in *layout*. Pure: the same face gives the same drawing."""
    return Drawing(width_mm=layout.width_mm, height_mm=layout.height_mm, shapes=tuple(_shapes(face, layout)))


def _shapes(face: LabelFace, layout: Layout) -> Iterator[Shape]:
    yield from layout.rules
    yield _line("KT1", layout.service)
    if face.mark:
        yield layout.mark_box
        yield _line(face.mark, layout.mark)
    yield _line("Nơi gửi", layout.sender_caption)
    yield from _paragraph(face.sender, layout.sender)
    yield _line("Nơi nhận", layout.recipient_caption)
    yield from _paragraph(face.recipient, layout.recipient)
    if face.urgency:
        yield layout.urgency_box
        yield _line(face.urgency, layout.urgency_over_due if face.due else layout.urgency)
    if face.due:
        yield _line(face.due, layout.due)
    yield _qr(face.digits, layout)
    yield _bars(face.number, layout)
    yield _line(group_number(face.number), layout.number)


def _qr(digits: str, layout: Layout) -> Cells:
    return Cells(
        x_mm=layout.qr_x_mm,
        y_mm=layout.qr_y_mm,
        cell_width_mm=layout.qr_module_mm,
        cell_height_mm=layout.qr_module_mm,
        columns=codes.QR_MODULES,
        rows=codes.qr_runs(digits),
    )


def _bars(number: str, layout: Layout) -> Cells:
    return Cells(
        x_mm=layout.bars_x_mm,
        y_mm=layout.bars_y_mm,
        cell_width_mm=layout.bars_module_mm,
        cell_height_mm=layout.bars_height_mm,
        columns=codes.CODE128_MODULES,
        rows=codes.code128_runs(number),
    )


def _line(text: str, field: Field) -> Text:
    """Place one short line: as wide as fits, its capitals in the middle of the field."""
    room = field.width_mm / fonts.width_em(field.weight, text)
    size_mm = max(field.smallest_mm, min(field.largest_mm, room))
    spare_mm = field.width_mm - fonts.width_em(field.weight, text) * size_mm
    return Text(
        x_mm=field.x_mm + (spare_mm / 2 if field.centred else 0.0),
        baseline_mm=field.y_mm + (field.height_mm + fonts.CAP_HEIGHT * size_mm) / 2,
        size_mm=size_mm,
        weight=field.weight,
        text=text,
        inverse=field.inverse,
    )


def _paragraph(text: str, field: Field) -> Iterator[Text]:
    """Place a name from the top of its field downwards."""
    fitted = fit_text(
        text,
        field.weight,
        width_mm=field.width_mm,
        height_mm=field.height_mm,
        largest_mm=field.largest_mm,
        smallest_mm=field.smallest_mm,
    )
    for row, line in enumerate(fitted.lines):
        yield Text(
            x_mm=field.x_mm,
            baseline_mm=field.y_mm + fitted.size_mm * (ASCENT + row * LEADING),
            size_mm=fitted.size_mm,
            weight=field.weight,
            text=line,
        )
