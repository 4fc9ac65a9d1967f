import io

import numpy as np
import pytest
from PIL import Image

from custody.errors import FormatError
from custody.label import parse_digits
from labels import FaceError
from labels.raster import write_png
from labels.trial import BAR_SIZES_MM, QR_SIZES_MM, trial_digits, trial_drawings, trial_number, trial_page
from tests.labels.press import Dots, rasterise_pdf
from tests.labels.test_render import zbar_texts, zxing_texts

ON_A4 = {("QRCode", trial_digits(size)) for size in QR_SIZES_MM if size <= 1} | {
    ("Code128", trial_number(size)) for size in BAR_SIZES_MM
}


@pytest.mark.parametrize("module_mm", QR_SIZES_MM)
def test_a_test_code_is_no_label_and_says_its_size(module_mm: float) -> None:
    """Whoever scans a test page at work is told that it is nothing, and never that it is forged."""
    digits = trial_digits(module_mm)
    assert (len(digits), digits[:5]) == (225, f"9{round(module_mm * 1000):04d}")
    with pytest.raises(FormatError):
        parse_digits(digits)


def test_every_step_of_the_a4_page_is_read_where_it_is_sharp() -> None:
    """On paper the small ones fail first; in the file none may."""
    (page,) = rasterise_pdf(trial_page("a4", "pdf"), 600)
    assert zxing_texts(page) == ON_A4


@pytest.mark.parametrize("paper,codes", [("100x70", 12), ("100x50", 8), ("bag", 14)])
def test_labels_of_a_size_carry_both_codes_each(paper: str, codes: int) -> None:
    """One label a step: module of the QR code and of the bars, and first the ruler."""
    first, *steps = [dots(each) for each in trial_drawings(paper)]
    assert zxing_texts(first) == set()
    found = [zxing_texts(step) for step in steps]
    assert found == [zbar_texts(step) for step in steps]
    assert [len(each) for each in found] == [2] * (codes // 2)


def dots(drawing: object) -> Dots:
    """As a printer of 203 dpi prints it."""
    return np.asarray(Image.open(io.BytesIO(write_png(drawing, 203))).convert("L"), np.uint8)  # type: ignore[arg-type]


def test_a_wrong_paper_or_format_is_refused() -> None:
    """A page of labels in A4's ZPL would be nothing at all."""
    with pytest.raises(FaceError, match="60x40"):
        trial_page("60x40", "pdf")
    with pytest.raises(FaceError, match="a4"):
        trial_page("a4", "zpl")
