"""Labels printed in advance, printers of the house and the test page, in a real browser."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
from playwright.sync_api import Page, Playwright, expect

from labels.trial import trial_page
from tests.e2e.people import someone
from tests.e2e.picture import rasterise, write_video
from tests.e2e.site import Site
from tests.labels.press import parse_zpl
from tests.labels.test_printers import Zebra
from tests.labels.test_render import zxing_texts


def _stock(page: Page, site: Site) -> str:
    """Take a number in advance; return it."""
    page.goto(f"{site.url}/labels/stock")
    page.fill("#count", "1")
    page.click("form[action='/labels/stock'] button")
    page.wait_for_url(re.compile(r"#ZK\d{9}VN$"))
    return page.url.partition("#")[2]


def _fill(page: Page) -> None:
    for text in ("so tai chinh", "van phong tinh uy", "Nguyễn Thị Văn Thư"):
        page.keyboard.type(text)
        page.keyboard.press("Enter")
    for choice in ("1", "c", "1"):
        page.keyboard.press(choice)
    page.fill("#seal", "VN007001")
    page.fill("#mass_g", "90")
    for name in ("declared_sealed", "declared_content", "declared_stamped"):
        page.locator(f"input[name={name}]").check()


def test_a_label_printed_in_advance_is_bound_by_its_first_scan(playwright: Playwright, site: Site) -> None:
    """The reader types its digits into the form; nothing is printed, and the same label cannot be used again."""
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        page = clerk.page
        number = _stock(page, site)
        page.goto(f"{site.url}/counter")
        expect(page.locator("#sender")).to_be_focused()
        _fill(page)
        page.click("details.stock summary")
        page.locator("#stock").focus()
        page.keyboard.type(number, delay=2)
        page.keyboard.press("Enter")
        page.keyboard.press("Control+Enter")
        expect(page.locator("#label-result")).to_contain_text("Nhãn đã có sẵn")
        assert page.locator("#label-result button", has_text="In nhãn").count() == 0
        assert clerk.verdict(number) in {
            "INTACT",
            "NOTED",
        }  # noted where the clock is outside the office's hours

        page.goto(f"{site.url}/counter")
        expect(page.locator("#sender")).to_be_focused()
        _fill(page)
        page.click("details.stock summary")
        page.fill("#stock", number)
        page.keyboard.press("Control+Enter")
        expect(page.locator("[data-error=stock]")).to_contain_text("bưu gửi khác")


def test_a_label_printed_in_advance_is_read_by_the_camera_at_the_counter(
    playwright: Playwright, site: Site, tmp_path: Path
) -> None:
    """The clerk holds it before the camera: its digits stand in the field, and the camera goes off."""
    video = tmp_path / "label.mjpeg"
    with someone(playwright, site, "giaodich1", phone=False) as clerk:
        number = _stock(clerk.page, site)
        answer = clerk.page.request.post(
            f"{site.url}/labels/stock/{number}/print", form={"paper": "100x70", "start": "1"}
        )
        assert answer.ok, answer.text()
        write_video(video, rasterise(answer.body()))
    with someone(playwright, site, "giaodich1", phone=False, video=video) as clerk:
        page = clerk.page
        page.goto(f"{site.url}/counter")
        expect(page.locator("#sender")).to_be_focused()
        page.click("details.stock summary")
        page.click("details.stock button")
        expect(page.locator("#stock")).to_have_value(re.compile(r"^\d{224}$"))
        expect(page.locator("dialog")).to_have_count(0)
        expect(page.locator("#stock")).to_be_focused()


def test_a_label_goes_to_the_chosen_printer(playwright: Playwright, site: Site) -> None:
    """The choice appears where the administrator named a printer, and a printer that is off is said in words."""
    zebra = Zebra()
    file = site.data / "printers.toml"
    file.write_text(
        f'[[printer]]\nname = "quay-1"\ntitle = "Máy quầy 1"\nkind = "tcp"\nhost = "127.0.0.1"\nport = {zebra.port}\n',
        encoding="utf-8",
    )
    try:
        with someone(playwright, site, "giaodich1", phone=False) as clerk:
            number = clerk.accept(seal="VN007002")
            page = clerk.page
            page.select_option("#printer", "quay-1")
            how = page.locator("#label-result .field p[role=status]")
            expect(how).to_have_text("Máy in sẵn sàng.")
            page.click("#label-result .action.primary")
            expect(page.locator("#label-result > p.hint[role=status]")).not_to_be_empty()
            zebra.stop()
            page.click("#label-result .action.primary")
            expect(page.locator("#label-result .error")).to_contain_text("Máy quầy 1")
            expect(how).to_contain_text("Máy quầy 1")
    finally:
        zebra.stop()
        file.unlink()
    assert ("Code128", number) in zxing_texts(parse_zpl(zebra.got))


def test_a_picture_of_the_test_page_is_judged(playwright: Playwright, site: Site, tmp_path: Path) -> None:
    """Which size is read is said for each, and what labels need is marked."""
    picture = tmp_path / "page.jpg"
    cv2.imwrite(str(picture), cv2.resize(rasterise(trial_page("a4", "pdf"), dpi=150), None, fx=0.5, fy=0.5))
    with someone(playwright, site, "giaodich1") as clerk:
        page = clerk.page
        page.goto(f"{site.url}/labels/test")
        page.set_input_files("#picture", str(picture))
        rows = page.locator("#readback-result tbody tr")
        expect(rows).to_have_count(10)
        read = page.locator("#readback-result tr.good")
        assert 1 <= read.count() < 10
        expect(read.first).to_contain_text("đọc được")
