"""Paper slips: both parts of each bear the one number, for people and for scanners."""

from __future__ import annotations

import pypdfium2 as pdfium
import zxingcpp

from kt1.slips import group_slip, slip_number
from labels.slip import SLIPS_A_PAGE, Slip, slips_pdf


def test_each_part_of_each_slip_is_read_and_is_in_vietnamese() -> None:
    """Two slips a page, two parts each: the number stands on all of them twice."""
    numbers = [slip_number(n) for n in (1, 2, 3)]
    made = pdfium.PdfDocument(
        slips_pdf(Slip(one, group_slip(one), "Bưu cục KT1 Trung tâm") for one in numbers)
    )
    found = [symbol.text for page in made for symbol in zxingcpp.read_barcodes(page.render(scale=4).to_pil())]
    text = made[0].get_textpage().get_text_bounded()

    assert sorted(numbers * 2) == sorted(found)
    assert -(-len(numbers) // SLIPS_A_PAGE) == len(made)
    assert text.count(group_slip(numbers[0])) == 2
    assert "Người nhận (họ tên, đơn vị)" in text
    assert "Bưu cục KT1 Trung tâm" in text
