"""How a face is placed in a layout. The layouts themselves are data, in `labels.layouts`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from labels import codes, fonts
from labels.codes import QrForm
from labels.drawing import Box, Cells, Drawing, Shape, Text, Weight
from labels.errors import FaceError
from labels.face import Face, StockFace
from labels.fit import ASCENT, LEADING, fit_text

__all__ = ["Bars", "Field", "Layout", "Qr", "Slot", "compose", "line"]


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
class Slot:
    """Where one word of a face goes; where the face has none, nothing is drawn.

    Attributes:
        word: its name in `Face.words`.
        box: black, behind a text in white.
        is_name: fitted into several lines from the top of the field, not into one in the middle.
    """

    word: str
    field: Field
    box: Box | None = None
    is_name: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Qr:
    """The QR code: its form, its top left module (the quiet zone is around it) and the width of a module."""

    form: QrForm
    x_mm: float
    y_mm: float
    module_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """The Code 128: its first bar (the quiet zones are beside it), the width of a module, the height of the bars."""

    x_mm: float
    y_mm: float
    module_mm: float
    height_mm: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One size of label and where everything stands on it.

    Attributes:
        name: by which settings and commands know it.
        kind: whose label it is.
        rules: lines that every label has.
        blank: lines and frames only on labels printed in advance, to write and to stamp in.
    """

    name: str
    kind: Literal["item", "bag"]
    width_mm: float
    height_mm: float
    qr: Qr
    bars: Bars
    rules: tuple[Box, ...]
    slots: tuple[Slot, ...]
    blank: tuple[Box, ...]


def compose(face: Face, layout: Layout) -> Drawing:
    """Place *face* in *layout*. Pure: the same face gives the same drawing.

    Raises:
        FaceError: an item's face in a bag's layout, or the other way round.
    """
    if face.is_bag != (layout.kind == "bag"):
        raise FaceError(
            f"layout {layout.name} is of {'items' if face.is_bag else 'bags'}, {face.number} is not",
            hint="choose a layout of the right kind",
        )
    return Drawing(width_mm=layout.width_mm, height_mm=layout.height_mm, shapes=tuple(_shapes(face, layout)))


def _shapes(face: Face, layout: Layout) -> Iterator[Shape]:
    yield from layout.rules
    if isinstance(face, StockFace):
        yield from layout.blank
    words = face.words
    for slot in layout.slots:
        text = words.get(slot.word, "")
        if not text:
            continue
        if slot.box:
            yield slot.box
        if slot.is_name:
            yield from _paragraph(text, slot.field)
        else:
            yield line(text, slot.field)
    yield _qr(face.digits, layout.qr)
    yield _bars(face.number, layout.bars)


def _qr(digits: str, qr: Qr) -> Cells:
    return Cells(
        x_mm=qr.x_mm,
        y_mm=qr.y_mm,
        cell_width_mm=qr.module_mm,
        cell_height_mm=qr.module_mm,
        columns=qr.form.modules,
        rows=codes.qr_runs(digits, qr.form),
    )


def _bars(number: str, bars: Bars) -> Cells:
    return Cells(
        x_mm=bars.x_mm,
        y_mm=bars.y_mm,
        cell_width_mm=bars.module_mm,
        cell_height_mm=bars.height_mm,
        columns=codes.CODE128_MODULES,
        rows=codes.code128_runs(number),
    )


def line(text: str, field: Field) -> Text:
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
    for row, words in enumerate(fitted.lines):
        yield Text(
            x_mm=field.x_mm,
            baseline_mm=field.y_mm + fitted.size_mm * (ASCENT + row * LEADING),
            size_mm=fitted.size_mm,
            weight=field.weight,
            text=words,
        )
