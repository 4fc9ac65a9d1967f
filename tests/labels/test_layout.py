import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import codes, fonts
from labels.drawing import Box, Cells, Drawing, Shape, Text, Weight
from labels.fit import ASCENT, LEADING, fit_text
from labels.layout import LABEL_100X70, compose
from tests.labels.press import LONG, faces, make_face

Rect = tuple[float, float, float, float]  # left, top, right, bottom in millimetres

WORDS = (
    "Ủy ban nhân dân xã phường Thượng Nguyễn Nghiệp trường Đường SỞ PHÒNG Quản-lý (số 12), Bệnhviệnđakhoatỉnh"
)
NAMES = st.lists(st.sampled_from(WORDS.split()), min_size=1, max_size=45).map(" ".join)


def extent(shape: Shape) -> Rect:
    """The room a shape needs, quiet zones and tall marks included."""
    if isinstance(shape, Text):
        width = fonts.width_em(shape.weight, shape.text) * shape.size_mm
        return (
            shape.x_mm,
            shape.baseline_mm - (fonts.CAP_HEIGHT + 0.2) * shape.size_mm,
            shape.x_mm + width,
            shape.baseline_mm + 0.25 * shape.size_mm,
        )
    if isinstance(shape, Box):
        return shape.x_mm, shape.y_mm, shape.x_mm + shape.width_mm, shape.y_mm + shape.height_mm
    beside = codes.CODE128_QUIET if len(shape.rows) == 1 else codes.QR_QUIET
    above = 0 if len(shape.rows) == 1 else codes.QR_QUIET
    return (
        shape.x_mm - beside * shape.cell_width_mm,
        shape.y_mm - above * shape.cell_height_mm,
        shape.x_mm + (shape.columns + beside) * shape.cell_width_mm,
        shape.y_mm + (len(shape.rows) + above) * shape.cell_height_mm,
    )


def meets(one: Rect, other: Rect) -> bool:
    """Tell whether two rectangles share some room."""
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def check(drawing: Drawing) -> None:
    """Nothing leaves the label, nothing touches a symbol's quiet zone, no two texts touch."""
    for index, shape in enumerate(drawing.shapes):
        left, top, right, bottom = extent(shape)
        assert left >= 0.5
        assert top >= 0.5
        assert right <= drawing.width_mm - 0.5
        assert bottom <= drawing.height_mm - 0.5
        for other in drawing.shapes[index + 1 :]:
            inside = isinstance(shape, Box) and isinstance(other, Text) and other.inverse
            assert inside or not meets(extent(shape), extent(other)), (shape, other)


@pytest.mark.parametrize("name", faces())
def test_nothing_overlaps(name: str) -> None:
    """A name over the QR code makes an envelope that must be typed in."""
    check(compose(faces()[name]))


@settings(max_examples=60, deadline=None)
@given(sender=NAMES, recipient=NAMES, secrecy=st.integers(0, 3), urgency=st.integers(0, 2))
def test_no_name_makes_it_overlap(sender: str, recipient: str, secrecy: int, urgency: int) -> None:
    """Agency names are long, and come from elsewhere."""
    drawing = compose(
        make_face(
            sender=sender[:300],
            recipient=recipient[:300],
            secrecy=secrecy,
            urgency=urgency,
            due_ms=1_795_161_600_000,
        )
    )
    check(drawing)


@settings(max_examples=60, deadline=None)
@given(name=st.text(min_size=1, max_size=300).filter(lambda text: text.strip()))
def test_any_characters_can_be_set(name: str) -> None:
    """Emoji, controls and right-to-left marks give "?" or nothing, never an exception or a wide line."""
    fitted = fit_text(name, Weight.REGULAR, width_mm=42, height_mm=8, largest_mm=3.5, smallest_mm=2.25)
    for line in fitted.lines:
        assert fonts.width_em(Weight.REGULAR, line) * fitted.size_mm <= 42 + 1e-6
    rows = len(fitted.lines)
    assert fitted.size_mm * (ASCENT + (rows - 1) * LEADING) <= 8


def test_marks_have_their_fixed_places() -> None:
    """A sorter looks at one corner; an absent mark leaves it white."""
    layout = LABEL_100X70
    with_all = compose(make_face(secrecy=1, urgency=1)).shapes
    with_none = compose(make_face()).shapes
    assert layout.mark_box in with_all
    assert layout.urgency_box in with_all
    assert layout.mark_box not in with_none
    assert layout.urgency_box not in with_none
    mark = next(shape for shape in with_all if isinstance(shape, Text) and shape.text == "A")
    assert mark.size_mm * fonts.CAP_HEIGHT >= 10


def test_symbols_are_as_large_as_cameras_need() -> None:
    """Measured: below 0.75 mm a module phones fail at 25 cm; bars under 10 mm high are missed by hand."""
    qr, bars = (shape for shape in compose(make_face()).shapes if isinstance(shape, Cells))
    assert qr.cell_width_mm == qr.cell_height_mm == 0.875
    assert bars.cell_width_mm == 0.375
    assert bars.cell_height_mm >= 10


def test_long_names_keep_every_word_while_they_can() -> None:
    """Shrinking comes before cutting, and cutting says so."""
    room = {"width_mm": 42.0, "height_mm": 13.0, "largest_mm": 5.0, "smallest_mm": 2.25}
    whole = fit_text("Ủy ban nhân dân xã Sơn Thủy, tỉnh Tuyên Quang", Weight.SEMIBOLD, **room)
    assert (" ".join(whole.lines), whole.cut) == ("Ủy ban nhân dân xã Sơn Thủy, tỉnh Tuyên Quang", False)
    paused = fit_text("Công an xã Sơn Thủy, tỉnh Tuyên Quang", Weight.SEMIBOLD, **room)
    assert paused.lines == ("Công an xã Sơn Thủy,", "tỉnh Tuyên Quang")
    cut = fit_text(LONG * 3, Weight.SEMIBOLD, **room)
    assert cut.cut
    assert cut.lines[-1].endswith("…")


def test_a_word_wider_than_the_field_is_broken() -> None:
    """Nobody names an agency so, until a field is filled by a cat."""
    fitted = fit_text("x" * 90, Weight.REGULAR, width_mm=20, height_mm=20, largest_mm=4, smallest_mm=2)
    assert "".join(fitted.lines) == "x" * 90
