import io
import re
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pypdfium2 as pdfium
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pyzbar import pyzbar

from labels import FORMATS, LAYOUTS, MEDIA_TYPES, SHEETS, FaceError, codes, fonts, render, roll, sheet
from labels.face import Face
from tests.labels.press import VIEWS, Dots, faces, in_layouts, make_bag, make_face, press, rasterise_pdf

FORBIDDEN = ("tuyệt mật", "tối mật", "mật", "nội dung", "trích yếu")


def zxing_texts(dots: Dots) -> set[tuple[str, str]]:
    """Format and text of every symbol, by zxing-cpp."""
    formats = zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode, zxingcpp.BarcodeFormat.Code128])
    return {(symbol.format.name, symbol.text) for symbol in zxingcpp.read_barcodes(dots, formats=formats)}


def zbar_texts(dots: Dots) -> set[tuple[str, str]]:
    """The same by ZBar."""
    symbols = [pyzbar.ZBarSymbol.QRCODE, pyzbar.ZBarSymbol.CODE128]
    names = {"QRCODE": "QRCode", "CODE128": "Code128"}
    return {(names[symbol.type], symbol.data.decode()) for symbol in pyzbar.decode(dots, symbols=symbols)}


def expected(face: Face) -> set[tuple[str, str]]:
    """What a label must read as."""
    return {("QRCode", face.digits), ("Code128", face.number)}


def pdf_lines(data: bytes) -> list[str]:
    """The text of the first page as PDFium copies it."""
    document = pdfium.PdfDocument(data)
    page = document[0]
    words = page.get_textpage()
    text: str = words.get_text_range()
    words.close()
    page.close()
    document.close()
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("name", in_layouts())
@pytest.mark.parametrize("view", VIEWS)
def test_every_format_is_read_back_by_two_decoders(view: str, name: str) -> None:
    """A label that one reader reads may still be a bad label; both symbols, both readers, no third symbol."""
    face, layout = in_layouts()[name]
    dots = press(face, view, layout)
    assert zxing_texts(dots) == expected(face)
    assert zbar_texts(dots) == expected(face)


@settings(max_examples=40, deadline=None)
@given(serial=st.integers(0, 10**8 - 1), secrecy=st.integers(0, 3))
def test_any_number_is_read_back(serial: int, secrecy: int) -> None:
    """Digits decide the pattern; no pattern may be unreadable."""
    face = make_face(serial, secrecy=secrecy)
    dots = press(face, "png-203")
    assert zxing_texts(dots) == expected(face)
    assert zbar_texts(dots) == expected(face)


@pytest.mark.parametrize(
    "layout,dpi,qr_dots,bar_dots",
    [("100x70", 203, 7, 3), ("100x70", 300, 10, 4), ("100x50", 203, 6, 3), ("100x50", 300, 8, 4)],
)
def test_symbols_are_made_of_whole_equal_dots(layout: str, dpi: int, qr_dots: int, bar_dots: int) -> None:
    """Modules of 7 dots here and 8 there cost the reader its grid."""
    face, where = make_face(), LAYOUTS[layout]
    dots = press(face, f"png-{dpi}", layout)
    assert set(np.unique(dots)) == {0, 255}
    modules = where.qr.form.modules
    want = np.full((modules, modules), 255, np.uint8)
    for row, runs in enumerate(codes.qr_runs(face.digits, where.qr.form)):
        for start, length in runs:
            want[row, start : start + length] = 0
    per_mm = dots.shape[1] / where.width_mm
    above_bars, beside_qr = round((where.bars.y_mm - 1) * per_mm), round(38 * per_mm)
    top, left = np.argwhere(dots[:above_bars, :beside_qr] == 0).min(axis=0)
    got = dots[top : top + modules * qr_dots, left : left + modules * qr_dots]
    assert np.array_equal(got, np.kron(want, np.ones((qr_dots, qr_dots), np.uint8)))
    line = dots[round((where.bars.y_mm + 5) * per_mm), : dots.shape[1] * 2 // 3]
    changes = np.flatnonzero(np.diff(line))
    widths = np.diff(changes)
    assert (widths % bar_dots == 0).all()
    assert changes[-1] - changes[0] == 156 * bar_dots


@pytest.mark.parametrize("name", faces())
def test_pdf_text_is_the_face_and_nothing_else(name: str) -> None:
    """What can be copied from the PDF is what an outer cover may show, in right Vietnamese."""
    face = faces()[name]
    text = " ".join(pdf_lines(render(face, "pdf")))
    number = f"{face.number[:2]} {face.number[2:6]} {face.number[6:10]} {face.number[10]} {face.number[11:]}"
    rest = text
    for part in (
        "KT1",
        number,
        "Nơi gửi",
        "Nơi nhận",
        face.sender,
        face.recipient,
        face.urgency,
        face.due,
        face.mark,
    ):
        assert part in rest
        rest = rest.replace(part, "", 1)
    assert not rest.strip()


@pytest.mark.parametrize("name", faces())
def test_no_word_of_the_grades_is_on_a_label(name: str) -> None:
    """Decree 26/2020: the outer cover of a Tuyệt mật document does not show the words."""
    face = faces()[name]
    names = f"{face.sender} {face.recipient}".casefold()
    for fmt in ("pdf", "svg"):
        data = render(face, fmt)
        text = (
            " ".join(pdf_lines(data))
            if fmt == "pdf"
            else " ".join(re.findall(r'aria-label="([^"]*)"', data.decode()))
        )
        for word in FORBIDDEN:
            assert text.casefold().count(word) <= names.count(word)


def test_pdf_embeds_its_typeface_and_is_vector() -> None:
    """A printer without the typeface would put other letters; a picture would blur the modules."""
    data = render(make_face(secrecy=1), "pdf")
    assert b"/FontFile2" in data
    assert b"Helvetica" not in data
    assert b"/Subtype /Image" not in data
    assert not re.search(rb"/BaseFont /(?![A-Z]{6}\+)", data)


@pytest.mark.parametrize("layout,height_mm", [("100x70", 70), ("100x50", 50), ("bag", 150)])
def test_pdf_page_is_the_label(layout: str, height_mm: float) -> None:
    """A driver scales a page that is not the label's size, and dots are lost."""
    face = make_bag() if layout == "bag" else make_face()
    document = pdfium.PdfDocument(render(face, "pdf", layout=layout))
    width, height = document[0].get_size()
    document.close()
    assert (width, height) == pytest.approx((100 / 25.4 * 72, height_mm / 25.4 * 72), abs=0.01)


def test_png_says_its_true_size() -> None:
    """Printed at 96 dpi the label would be twice as large."""
    image = Image.open(io.BytesIO(render(make_face(), "png", dpi=203)))
    assert image.size == (800, 560)
    assert image.mode == "1"
    assert image.info["dpi"] == pytest.approx((203.2, 203.2), abs=0.01)


def test_svg_stands_alone() -> None:
    """No typeface, link or script from outside: it opens the same on a machine without network."""
    text = render(make_face(), "svg").decode()
    assert 'width="100mm" height="70mm"' in text
    assert "<text" not in text
    assert "<script" not in text
    assert re.findall(r'(?:href|src)="([^#][^"]*)"', text) == []


def test_zpl_is_one_ascii_label() -> None:
    """A stray caret or a byte above 127 would be a command or a wrong letter."""
    data = render(make_face(sender="^XZ ~JA <&>"), "zpl", dpi=203)
    assert data.count(b"^XA") == data.count(b"^XZ") == 1
    assert data.isascii()
    assert b"~" not in data


def test_hostile_names_stay_text() -> None:
    """Agency names come from people; markup in them is shown, not obeyed."""
    face = make_face(sender='<script>"&', recipient="]]> ( ) \\ %s")
    assert b"<script>" not in render(face, "svg")
    assert "]]> ( ) \\ %s" in " ".join(pdf_lines(render(face, "pdf")))
    for view in VIEWS:
        assert zxing_texts(press(face, view)) == expected(face)


def test_same_face_gives_the_same_bytes() -> None:
    """A reprint is the same label; no clock or chance in it."""
    face = make_face(secrecy=2, urgency=1)
    for fmt in FORMATS:
        assert render(face, fmt) == render(face, fmt)
        assert fmt in MEDIA_TYPES


def test_sheet_has_a_page_for_each_label() -> None:
    """A roll of labels is one document."""
    many = [make_face(serial, secrecy=serial % 4) for serial in range(12)]
    pages = rasterise_pdf(sheet(many), 203)
    assert [zxing_texts(page) for page in pages] == [expected(face) for face in many]


@pytest.mark.parametrize("name", SHEETS)
def test_a_sheet_is_filled_row_by_row(name: str) -> None:
    """An office without a label printer cuts a sheet; the label after the last place is on the second page."""
    paper = SHEETS[name]
    make = make_bag if paper.layout == "bag" else make_face
    many: list[Face] = [make(serial) for serial in range(paper.places + 1)]
    pages = rasterise_pdf(sheet(many, page=name), 300)
    assert [zxing_texts(page) for page in pages] == [
        set().union(*(expected(face) for face in many[:-1])),
        expected(many[-1]),
    ]


def test_places_that_are_used_stay_white() -> None:
    """Three labels of a sticky sheet are gone: the fourth place is the first that is printed on."""
    face = make_face()
    paper = SHEETS["a4-105x74"]
    (page,) = rasterise_pdf(sheet([face], page=paper.name, start=4, shift_x_mm=1.5, shift_y_mm=-1), 203)
    left, top = paper.corner(3)
    dark = np.argwhere(page < 128) / 8
    assert dark[:, 0].min() >= top - 1
    assert dark[:, 1].min() == pytest.approx(left + 1.5 + 4.5, abs=0.2)
    assert zxing_texts(page) == expected(face)
    two = rasterise_pdf(sheet([face, make_face(7)], page=paper.name, start=paper.places), 203)
    assert [zxing_texts(each) for each in two] == [expected(face), expected(make_face(7))]


def test_a_roll_is_one_stream_for_the_printer() -> None:
    """Three labels of ZPL one after the other, and the same three as pages."""
    many = [make_face(serial) for serial in range(3)]
    assert roll(many, "zpl", layout="100x50").count(b"^XA") == 3
    assert len(rasterise_pdf(roll(many, "pdf", layout="100x50"), 72)) == 3


def test_what_labels_are_not_made_in_is_refused() -> None:
    """A wrong format must not fall through to another writer."""
    face = make_face()
    with pytest.raises(FaceError, match="gif"):
        render(face, "gif")
    with pytest.raises(FaceError, match="72 dpi"):
        render(face, "png", dpi=72)
    with pytest.raises(FaceError, match="no label"):
        sheet([])
    with pytest.raises(FaceError, match="letter"):
        sheet([face], page="letter")
    with pytest.raises(FaceError, match="60x40"):
        render(face, "png", layout="60x40")
    with pytest.raises(FaceError, match="place 9"):
        sheet([face], page="a4", start=9)
    with pytest.raises(FaceError, match="shift"):
        sheet([face], page="a4", shift_x_mm=30)
    with pytest.raises(FaceError, match="do not lie"):
        sheet([face], page="a4", layout="100x50")
    with pytest.raises(FaceError, match="one label"):
        roll([face, face], "png")


def test_many_threads_print_the_same() -> None:
    """The service prints from a pool of threads, and typefaces are unpacked when first used."""
    face = make_face(secrecy=1, urgency=1)
    for cached in (fonts._font, fonts._glyph_names, fonts._advance_em, fonts.outline):
        cached.cache_clear()
    with ThreadPoolExecutor(8) as pool:
        for fmt in FORMATS:
            assert len(set(pool.map(lambda _, fmt=fmt: render(face, fmt), range(16)))) == 1
