import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labels import FaceError, codes, fonts
from labels.drawing import Box, Cells, Drawing, Shape, Text, Weight
from labels.fit import ASCENT, LEADING, fit_text
from labels.layout import Layout, compose
from labels.layouts import LABEL_100X50, LABEL_100X70, LAYOUTS
from labels.pages import SHEETS, Sheet
from labels.trial import TRIAL_PAPERS, trial_drawings
from tests.labels.press import LONG, in_layouts, make_bag, make_face, make_stock

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


@pytest.mark.parametrize("name", in_layouts())
def test_nothing_overlaps(name: str) -> None:
    """A name over the QR code makes an envelope that must be typed in."""
    face, layout = in_layouts()[name]
    check(compose(face, LAYOUTS[layout]))


@pytest.mark.parametrize("layout", [LABEL_100X70, LABEL_100X50], ids=lambda layout: layout.name)
@settings(max_examples=60, deadline=None)
@given(sender=NAMES, recipient=NAMES, secrecy=st.integers(0, 3), urgency=st.integers(0, 2))
def test_no_name_makes_it_overlap(
    layout: Layout, sender: str, recipient: str, secrecy: int, urgency: int
) -> None:
    """Agency names are long, and come from elsewhere."""
    face = make_face(
        sender=sender[:300],
        recipient=recipient[:300],
        secrecy=secrecy,
        urgency=urgency,
        due_ms=1_795_161_600_000,
    )
    check(compose(face, layout))


@settings(max_examples=40, deadline=None)
@given(origin=NAMES, destination=NAMES, count=st.integers(1, 9_999))
def test_no_office_makes_a_bag_overlap(origin: str, destination: str, count: int) -> None:
    """Names of offices too."""
    face = make_bag(origin=origin[:300], destination=destination[:300], count=count)
    check(compose(face, LAYOUTS["bag"]))


def test_a_bag_lists_nothing() -> None:
    """Whoever sees a bag learns how many are in it, from where and to where, and not which."""
    texts = [
        shape.text for shape in compose(make_bag(count=12), LAYOUTS["bag"]).shapes if isinstance(shape, Text)
    ]
    assert texts.count("12") == 1
    assert [text for text in texts if "ZK" in text] == []
    assert len(texts) == 9


def test_a_layout_takes_only_its_kind() -> None:
    """An item's label as large as a bag's would be taken for one."""
    with pytest.raises(FaceError, match="of bags"):
        compose(make_face(), LAYOUTS["bag"])
    with pytest.raises(FaceError, match="of items"):
        compose(make_bag(), LABEL_100X70)


@pytest.mark.parametrize("layout", [LABEL_100X70, LABEL_100X50], ids=lambda layout: layout.name)
def test_stock_has_room_to_write_and_frames_where_the_marks_go(layout: Layout) -> None:
    """What is stamped by hand stands where the printed mark would: a sorter looks at one corner."""
    boxes = [shape for shape in compose(make_stock(), layout).shapes if isinstance(shape, Box)]
    for slot in layout.slots:
        if slot.box:
            corner = (slot.box.x_mm, slot.box.y_mm)
            assert corner in {(box.x_mm, box.y_mm) for box in boxes}
            assert slot.box not in boxes
    assert len(boxes) == len(layout.rules) + len(layout.blank)


@pytest.mark.parametrize("sheet", SHEETS.values(), ids=lambda sheet: sheet.name)
def test_every_label_of_a_sheet_is_on_the_paper_and_beside_the_others(sheet: Sheet) -> None:
    """A label half on the next one is two lost."""
    layout = LAYOUTS[sheet.layout]
    places = []
    for place in range(sheet.places):
        left, top = sheet.corner(place)
        places.append((left, top, left + layout.width_mm, top + layout.height_mm))
    for index, rect in enumerate(places):
        assert rect[0] >= 2
        assert rect[1] >= 2
        assert rect[2] <= sheet.width_mm - 2
        assert rect[3] <= sheet.height_mm - 2
        assert not any(meets(rect, other) for other in places[index + 1 :])


@pytest.mark.parametrize("paper", TRIAL_PAPERS)
def test_the_test_page_has_no_code_over_another(paper: str) -> None:
    """Quiet zones are kept there too, or the test fails of the page and not of the printer."""
    for drawing in trial_drawings(paper):
        symbols = [shape for shape in drawing.shapes if isinstance(shape, Cells)]
        for index, symbol in enumerate(symbols):
            left, top, right, bottom = extent(symbol)
            assert left >= 0.5
            assert top >= 0.5
            assert right <= drawing.width_mm - 0.5
            assert bottom <= drawing.height_mm - 0.5
            assert not any(meets(extent(symbol), extent(other)) for other in symbols[index + 1 :])
            assert not any(
                meets(extent(symbol), extent(other))
                for other in drawing.shapes
                if not isinstance(other, Cells)
            )


@pytest.mark.parametrize("paper,length_mm", [("a4", 100), ("100x70", 90), ("100x50", 90), ("bag", 90)])
def test_the_ruler_is_as_long_as_it_says(paper: str, length_mm: int) -> None:
    """From the outer edge of the first tick to that of the last."""
    ticks = [
        shape
        for shape in trial_drawings(paper)[0].shapes
        if isinstance(shape, Box) and shape.width_mm == 0.125 and shape.height_mm in {2.0, 3.5, 5.0}
    ]
    assert len(ticks) == length_mm + 1
    first, last = min(tick.x_mm for tick in ticks), max(tick.x_mm + tick.width_mm for tick in ticks)
    assert last - first == pytest.approx(length_mm)


@settings(max_examples=60, deadline=None)
@given(name=st.text(min_size=1, max_size=300).filter(lambda text: text.strip()))
def test_any_characters_can_be_set(name: str) -> None:
    """Emoji, controls and right-to-left marks give "?" or nothing, never an exception or a wide line."""
    fitted = fit_text(name, Weight.REGULAR, width_mm=42, height_mm=8, largest_mm=3.5, smallest_mm=2.25)
    for line in fitted.lines:
        assert fonts.width_em(Weight.REGULAR, line) * fitted.size_mm <= 42 + 1e-6
    rows = len(fitted.lines)
    assert fitted.size_mm * (ASCENT + (rows - 1) * LEADING) <= 8


@pytest.mark.parametrize("layout", [LABEL_100X70, LABEL_100X50], ids=lambda layout: layout.name)
def test_marks_have_their_fixed_places(layout: Layout) -> None:
    """A sorter looks at one corner; an absent mark leaves it white."""
    boxes = {slot.word: slot.box for slot in layout.slots if slot.box}
    with_all = compose(make_face(secrecy=1, urgency=1), layout).shapes
    with_none = compose(make_face(), layout).shapes
    for word in ("mark", "urgency"):
        assert boxes[word] in with_all
        assert boxes[word] not in with_none
    mark = next(shape for shape in with_all if isinstance(shape, Text) and shape.text == "A")
    assert mark.size_mm * fonts.CAP_HEIGHT >= 7.5


@pytest.mark.parametrize(
    "layout,least_mm", [("100x70", 0.875), ("100x50", 0.75), ("bag", 1.0)], ids=["100x70", "100x50", "bag"]
)
def test_symbols_are_as_large_as_cameras_need(layout: str, least_mm: float) -> None:
    """Measured: below 0.75 mm a module phones fail at 25 cm; bars under 10 mm high are missed by hand."""
    face = make_bag() if layout == "bag" else make_face()
    qr, bars = (shape for shape in compose(face, LAYOUTS[layout]).shapes if isinstance(shape, Cells))
    assert qr.cell_width_mm == qr.cell_height_mm >= least_mm
    assert bars.cell_width_mm >= 0.375
    assert bars.cell_height_mm >= 10


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=lambda layout: layout.name)
def test_modules_are_whole_dots_at_203_dpi(layout: Layout) -> None:
    """8 dots a millimetre: there a symbol is exactly as large as the layout says."""
    for module_mm in (layout.qr.module_mm, layout.bars.module_mm):
        assert (module_mm * 8).is_integer()


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
