"""The layouts, as data: every dimension in millimetres from the top left corner.

Everything lies on a grid of 0.125 mm, one dot of a 203 dpi printer, so that edges there are sharp. Cameras decide the
sizes: read at 25 cm are modules of 0.75 mm and more, and bars of 0.375 mm and more, 10 mm high.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from labels.codes import QR_6M, QR_8Q
from labels.drawing import Box, Weight
from labels.errors import FaceError
from labels.layout import Bars, Field, Layout, Qr, Slot

__all__ = ["BAG_100X150", "LABEL_100X50", "LABEL_100X70", "LAYOUTS", "layout_named"]

_LINE_MM: Final = 0.25
_SMALLEST_MM: Final = 2.0  # of the em: 5.7 points, still read at arm's length


def _rule(x_mm: float, y_mm: float, width_mm: float, height_mm: float = _LINE_MM) -> Box:
    return Box(x_mm=x_mm, y_mm=y_mm, width_mm=width_mm, height_mm=height_mm)


def _frame(box: Box) -> tuple[Box, ...]:
    """Return the four sides of a box, inside it."""
    right_mm, bottom_mm = box.x_mm + box.width_mm - _LINE_MM, box.y_mm + box.height_mm - _LINE_MM
    return (
        _rule(box.x_mm, box.y_mm, box.width_mm),
        _rule(box.x_mm, bottom_mm, box.width_mm),
        _rule(box.x_mm, box.y_mm + _LINE_MM, _LINE_MM, box.height_mm - 2 * _LINE_MM),
        _rule(right_mm, box.y_mm + _LINE_MM, _LINE_MM, box.height_mm - 2 * _LINE_MM),
    )


def _field(  # noqa: PLR0913 -- a box and two sizes
    x_mm: float, y_mm: float, width_mm: float, height_mm: float, weight: Weight, largest_mm: float,
    smallest_mm: float = _SMALLEST_MM, *, inverse: bool = False, centred: bool = False,
) -> Field:  # fmt: skip
    return Field(
        x_mm=x_mm,
        y_mm=y_mm,
        width_mm=width_mm,
        height_mm=height_mm,
        weight=weight,
        largest_mm=largest_mm,
        smallest_mm=smallest_mm,
        inverse=inverse,
        centred=centred,
    )


def _white(word: str, box: Box, field: Field) -> Slot:
    return Slot(word=word, field=field, box=box)


_R, _S, _X = Weight.REGULAR, Weight.SEMIBOLD, Weight.EXTRABOLD

_MARK_70: Final = Box(x_mm=81.5, y_mm=4.5, width_mm=14.5, height_mm=14.5)
_URGENCY_70: Final = Box(x_mm=68, y_mm=52.5, width_mm=28, height_mm=15.5)
LABEL_100X70: Final = Layout(
    name="100x70",
    kind="item",
    width_mm=100,
    height_mm=70,
    qr=Qr(form=QR_8Q, x_mm=4.5, y_mm=4.5, module_mm=0.875),  # 7 dots at 203 dpi
    bars=Bars(x_mm=4.5, y_mm=52.5, module_mm=0.375, height_mm=10.25),  # 3 dots
    rules=(_rule(54, 21.5, 42, 0.375),),
    slots=(
        Slot(word="service", field=_field(54, 4.5, 24, 14.5, _X, 14.5, 8)),
        _white("mark", _MARK_70, _field(81.5, 4.5, 14.5, 14.5, _X, 14.5, 8, inverse=True, centred=True)),
        Slot(word="sender_caption", field=_field(54, 23.25, 42, 3, _R, 2.5, 2.5)),
        Slot(word="sender", field=_field(54, 26.25, 42, 8.25, _R, 3.5), is_name=True),
        Slot(word="recipient_caption", field=_field(54, 34.75, 42, 3, _R, 2.5, 2.5)),
        Slot(word="recipient", field=_field(54, 38, 42, 13, _S, 5), is_name=True),
        _white("urgency", _URGENCY_70, _field(69.5, 52.5, 25, 15.5, _X, 6, inverse=True, centred=True)),
        _white("urgency_timed", _URGENCY_70, _field(69.5, 53.75, 25, 6, _X, 4.5, inverse=True, centred=True)),
        Slot(word="due", field=_field(69.5, 60, 25, 7, _X, 5, inverse=True, centred=True)),
        Slot(word="number", field=_field(4.5, 64.25, 58.5, 3.75, _S, 5, 3, centred=True)),
    ),
    blank=(
        *_frame(_MARK_70),
        *_frame(_URGENCY_70),
        _rule(54, 33.5, 42),
        _rule(54, 43.5, 42),
        _rule(54, 50, 42),
    ),
)

_MARK_50: Final = Box(x_mm=85.5, y_mm=3.75, width_mm=10.5, height_mm=10.5)
_URGENCY_50: Final = Box(x_mm=57.5, y_mm=3.75, width_mm=26.5, height_mm=10.5)
LABEL_100X50: Final = Layout(
    name="100x50",
    kind="item",
    width_mm=100,
    height_mm=50,
    qr=Qr(form=QR_6M, x_mm=4, y_mm=3.75, module_mm=0.75),  # 6 dots at 203 dpi
    bars=Bars(x_mm=4.5, y_mm=37.5, module_mm=0.375, height_mm=10.25),
    rules=(_rule(39, 15.75, 57),),
    slots=(
        Slot(word="service", field=_field(39, 3.75, 17, 10.5, _X, 10.5, 6)),
        _white("mark", _MARK_50, _field(85.5, 3.75, 10.5, 10.5, _X, 11, 6, inverse=True, centred=True)),
        _white("urgency", _URGENCY_50, _field(58.5, 3.75, 24.5, 10.5, _X, 6, inverse=True, centred=True)),
        _white(
            "urgency_timed",
            _URGENCY_50,
            _field(58.5, 4.375, 24.5, 4.25, _X, 3.75, inverse=True, centred=True),
        ),
        Slot(word="due", field=_field(58.5, 9, 24.5, 4.5, _X, 3.75, inverse=True, centred=True)),
        Slot(word="sender_caption", field=_field(39, 16.75, 57, 2.5, _R, 2.25, 2.25)),
        Slot(word="sender", field=_field(39, 19, 57, 6.75, _R, 3.25), is_name=True),
        Slot(word="recipient_caption", field=_field(39, 26, 57, 2.5, _R, 2.25, 2.25)),
        Slot(word="recipient", field=_field(39, 28.25, 57, 8.5, _S, 4.25), is_name=True),
        Slot(word="number", field=_field(67.5, 38, 28.5, 9.5, _S, 5, 2.5, centred=True)),
    ),
    blank=(*_frame(_MARK_50), *_frame(_URGENCY_50), _rule(39, 25.25, 57), _rule(39, 36.5, 57)),
)

_BAG_BOX: Final = Box(x_mm=54, y_mm=5, width_mm=41, height_mm=16)
BAG_100X150: Final = Layout(
    name="bag",
    kind="bag",
    width_mm=100,
    height_mm=150,
    qr=Qr(form=QR_8Q, x_mm=6, y_mm=60, module_mm=1.125),  # 9 dots at 203 dpi: read from a step away
    bars=Bars(x_mm=11, y_mm=120, module_mm=0.5, height_mm=14),
    rules=(_rule(5, 23, 90, 0.375),),
    slots=(
        Slot(word="service", field=_field(5, 5, 40, 16, _X, 16, 10)),
        _white("bag", _BAG_BOX, _field(56, 7.5, 37, 13.5, _X, 13, 8, inverse=True, centred=True)),
        Slot(word="origin_caption", field=_field(5, 24.5, 90, 3, _R, 2.75, 2.75)),
        Slot(word="origin", field=_field(5, 28, 90, 8, _R, 5), is_name=True),
        Slot(word="destination_caption", field=_field(5, 36.75, 90, 3, _R, 2.75, 2.75)),
        Slot(word="destination", field=_field(5, 40, 90, 15, _S, 7.5, 2.5), is_name=True),
        Slot(word="count_caption", field=_field(67, 60, 28, 4, _R, 3.5, 2)),
        Slot(word="count", field=_field(67, 66, 28, 20, _X, 18, 6)),
        Slot(word="number", field=_field(5, 136, 90, 10, _S, 12, 6, centred=True)),
    ),
    blank=(_rule(5, 35.75, 90), _rule(5, 47, 90), _rule(5, 54.5, 90), *_frame(_rule(67, 66, 28, 20))),
)

LAYOUTS: Final[Mapping[str, Layout]] = MappingProxyType(
    {layout.name: layout for layout in (LABEL_100X70, LABEL_100X50, BAG_100X150)}
)


def layout_named(name: str, *, is_bag: bool = False) -> Layout:
    """Return the layout of that name; of "" the usual one of an item or a bag.

    Raises:
        FaceError: no such layout.
    """
    if not name:
        return BAG_100X150 if is_bag else LABEL_100X70
    if name not in LAYOUTS:
        raise FaceError(f"layout {name!r} is none of {', '.join(LAYOUTS)}", hint="choose one of these")
    return LAYOUTS[name]
